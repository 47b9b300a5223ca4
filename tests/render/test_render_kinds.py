"""Each kind of page that the site has: what stands on it, how it looks to browsers old and new, and what an operator may change."""

from __future__ import annotations

import gzip
import re
from datetime import timedelta
from functools import cache

import pytest
from msgspec import structs
from render_samples import CHINESE, ENGLISH, LEAD, OPTIONS, PERSIAN, edition, moment
from selectolax.lexbor import LexborHTMLParser
from test_render_indexes import MemoryShelf

from pappus.errors import BuildError
from pappus.layout import NOT_FOUND, label_key
from pappus.model import Annex, Division, Headline, Label
from pappus.render import EditionOptions, Touched, links
from pappus.render.paths import SITE, media_path
from pappus.render.site import Site, templates
from pappus.render.site.reading import minutes

ANA = Label("author", label_key("Ana Reef"), "Ana Reef")
FERRIES = Label("tag", label_key("ferries"), "ferries")
OLDER = (
    Headline(source="gazette", ident="storm", title="The <storm>", published=moment(11, 2)),
    Headline(source="gazette", ident="fog", title="مه", published=moment(11, 1), language="fa", direction="rtl"),
)
DAYS = [
    Headline(
        source=source,
        ident=f"{source}-{number}",
        title=f"Story {number} & more",
        published=moment(11, 20) - timedelta(days=number),
        summary="word " * 100,
        picture=LEAD if number == 0 else None,
    )
    for number in range(12)
    for source in ("gazette", "herald")
]
SHELF = MemoryShelf({"harbour": DAYS}, {("author", ANA.key): "Ana Reef", ("tag", FERRIES.key): "ferries"})


def page(article, *, labels=(), older=(), **changes) -> LexborHTMLParser:
    (made, *_) = edition(structs.replace(OPTIONS, **changes)).pages(article, {}, older, labels)
    return LexborHTMLParser(made.body.decode())


def site(touched: Touched | None = None, **changes):
    options = structs.replace(OPTIONS, **changes)
    return everything(options) if touched is None else indexes(options, touched)


@cache
def everything(options: EditionOptions):
    return indexes(options, Touched(everything=True))


def indexes(options: EditionOptions, touched: Touched):
    made = edition(options).indexes(touched, SHELF)
    return {one.entry.path: one for one in made if one.entry.media_type == "text/html"}


def shown(path: str, **changes) -> LexborHTMLParser:
    return LexborHTMLParser(site(**changes)[path].body.decode())


def texts(tree: LexborHTMLParser, selector: str) -> list[str]:
    return [" ".join(node.text().split()) for node in tree.css(selector)]


# Articles


def test_an_article_leads_on_to_what_comes_next_and_to_its_channel():
    tree = page(ENGLISH, older=OLDER)
    assert texts(tree, ".next li") == ["The <storm>", "مه"]
    assert [node.attributes["href"] for node in tree.css(".next a")] == [
        "../02/storm.html", "../01/fog.html", "../../../../../indexes/harbour.html",
    ]  # fmt: skip
    assert tree.css_first(".next bdi[lang=fa]") is not None


def test_authors_and_topics_are_links_where_there_is_more_of_them():
    tree = page(ENGLISH, labels=(ANA, FERRIES))
    found = {
        node.text(): node.attributes["href"]
        for node in tree.css("article a")
        if node.attributes["href"].count("../") == 5
    }
    assert found == {
        "Ana Reef": f"../../../../../authors/{ANA.key[:2]}/{ANA.key}.html",
        "ferries": f"../../../../../tags/{FERRIES.key[:2]}/{FERRIES.key}.html",
    }
    assert "مریم ساحلی" in tree.css_first(".by").text()


def test_dates_are_for_people_and_for_programs():
    tree = page(PERSIAN)
    assert [(node.attributes["datetime"], node.text()) for node in tree.css("article time")] == [
        ("2026-11-06T08:30:00Z", "۱۵ آبان ۱۴۰۵"),
        ("2026-11-08T08:30:00Z", "۱۷ آبان ۱۴۰۵"),
    ]


def test_a_revision_is_shown_by_itself():
    assert texts(page(PERSIAN), ".revised") == ["بازنگری متن: ۱۷ آبان ۱۴۰۵ (نسخهٔ ۲)"]
    assert texts(page(ENGLISH), ".revised") == []


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param("", 1, id="nothing"),
        pytest.param("<p>" + "word " * 900 + "</p>", 4, id="words"),
        pytest.param("<p>" + "港口" * 450 + "</p>", 3, id="Chinese"),
        pytest.param("<p>" + "ဆိပ်ကမ်း" * 500 + "</p>", 4, id="Burmese"),
        pytest.param('<p title="' + "x " * 9_000 + '">one</p>', 1, id="attributes"),
        pytest.param("<p>" + "word " * 400 + "港口" * 300 + "</p>", 4, id="both"),
    ],
)
def test_how_long_a_text_takes_to_read_is_told_by_words_or_by_characters(body, expected):
    assert minutes(body) == expected


def test_a_table_can_be_moved_by_keys():
    frame = page(ENGLISH).css_first("div.wide")
    assert {**frame.attributes} == {"class": "wide", "tabindex": "0", "role": "region", "aria-label": "Table"}


# Lists


def test_a_day_has_its_articles_by_source_and_leads_to_the_days_beside_it():
    tree = shown("days/2026/2026-11-19.html")
    assert texts(tree, "h1") == ["November 19, 2026"]
    assert texts(tree, "main h2") == ["Port Avel Gazette", "herald"]
    assert texts(tree, ".titles li") == ["Story 1 & more"] * 2
    assert texts(tree, "main .row li") == ["Earlier: November 18, 2026", "Later: November 20, 2026"]


@pytest.mark.parametrize(("known", "written"), [(False, (18, 19, 20)), (True, (19,))], ids=["new", "known"])
def test_a_touched_day_is_written_with_those_beside_it_where_it_is_new_and_no_other(known, written, monkeypatch):
    monkeypatch.setattr(SHELF, "former", lambda path: "a page" if known and path.endswith("11-19.html") else "")
    touched = Touched(days=frozenset({"2026-11-19"}))
    assert {path for path in site(touched) if path.startswith("days/")} == {
        f"days/2026/2026-11-{day}.html" for day in written
    }


def test_lists_lead_to_the_days_of_their_titles():
    assert SITE.day("2026-11-20") in links(site()["indexes/harbour.html"])
    assert SITE.day("2026-11-20") in links(site()["indexes/harbour/2026-11.html"])


def test_an_author_has_a_page_of_the_newest_articles_which_says_that_there_are_more():
    path = SITE.label("author", ANA.key)
    assert texts(shown(path), "h1") == ["Articles by Ana Reef"]
    assert len(shown(path).css(".card")) == len(DAYS)
    assert texts(shown(path, index_size=10), ".card h2") == [one.title for one in DAYS[:10]]
    assert texts(shown(path, index_size=10), "main > .hint") == ["The newest 10 are shown."]


def test_only_touched_authors_and_topics_are_written_and_none_that_has_gone():
    gone = SITE.label("tag", label_key("gone"))
    touched = Touched(lists=frozenset({SITE.label("tag", FERRIES.key), gone}))
    assert {path for path in site(touched) if path.startswith(("tags/", "authors/"))} == {
        SITE.label("tag", FERRIES.key)
    }


def test_the_front_shows_pictures_and_summaries_and_each_channel():
    tree = shown("index.html")
    image = tree.css_first(".picks img")
    assert image.attributes["src"] == media_path(LEAD, DAYS[0].published)
    assert (image.attributes["width"], image.attributes["height"]) == (str(LEAD.width), str(LEAD.height))
    assert tree.css_first(".picks .card p").text().endswith("word…")
    assert texts(tree, ".columns h2") == ["Harbour"]
    assert len(tree.css(".columns .card")) == 4


@pytest.mark.parametrize(("chosen", "below"), [(0, 5), (3, 6)])
def test_the_front_says_once_that_articles_are_the_latest(chosen, below, monkeypatch):
    monkeypatch.setattr(SHELF, "recommended", lambda: DAYS[:chosen])
    tree = LexborHTMLParser(indexes(OPTIONS, Touched(everything=True))["index.html"].body.decode())
    assert texts(tree, "main h2").count("Latest articles") == 1
    assert len(tree.css_first(".fresh").css("li")) == below


def test_a_title_runs_as_its_article_does_whatever_letter_it_begins_with():
    fog = structs.replace(OLDER[1], title="BBC: مه")
    assert page(ENGLISH, older=(fog,)).css_first(".next bdi").attributes == {"lang": "fa", "dir": "rtl"}
    assert page(PERSIAN, older=(fog,)).css_first(".next bdi").attributes == {"dir": "rtl"}
    assert page(PERSIAN).css_first(".share bdi").attributes == {"dir": "rtl"}


def test_an_article_without_a_title_is_called_by_its_name():
    tree = page(structs.replace(ENGLISH, title=""))
    assert texts(tree, "title, h1, .share bdi") == [ENGLISH.ident] * 3


def test_a_channel_with_nothing_in_it_offers_nothing_to_keep():
    made = {
        one.entry.path: one.body.decode()
        for one in edition(OPTIONS).indexes(Touched(everything=True), MemoryShelf({"harbour": DAYS}))
        if one.entry.path.startswith("indexes/")
    }
    assert "data-keep" in made["indexes/harbour.html"]
    assert "No articles yet." in made["indexes/港口.html"]
    assert "data-keep" not in made["indexes/港口.html"]


def test_a_credit_stands_in_the_brackets_of_its_script():
    lead = structs.replace(ENGLISH.lead, caption="渡轮。", credit="林文")
    chinese = structs.replace(CHINESE, lead=lead, media=ENGLISH.media)
    assert texts(page(chinese), ".first figcaption") == ["渡轮。（图片：林文）"]
    assert texts(page(ENGLISH), ".first figcaption") == ["The ferry at dusk. (Photo: T. Quay)"]


def test_a_picture_that_an_annex_holds_is_not_shown_in_lists():
    held = Division(
        main="https://a.example/",
        annexes=(Annex(address="https://b.example/", first="2026-10", last="2026-11"),),
        here="https://a.example/",
    )
    assert shown("index.html", divisions=(held,)).css_first(".card img") is None
    elsewhen = structs.replace(held, annexes=(structs.replace(held.annexes[0], first="2026-08", last="2026-09"),))
    assert shown("index.html", divisions=(elsewhen,)).css_first(".card img") is not None
    assert Site(structs.replace(OPTIONS, divisions=(held,))).frame != Site(OPTIONS).frame


# About itself


def test_the_page_about_the_mirror_tells_what_it_rests_on():
    tree = shown("about.html", signed=True, fingerprint="0123456789abcdef" * 4)
    assert tree.css_first(".print").text().startswith("0123 4567 89ab cdef 0123")
    assert "https://gazette.example/" in tree.body.text()
    assert "CC BY 4.0" in tree.body.text()
    assert "This mirror is not signed" in shown("about.html").body.text()
    assert len(tree.css(".steps svg")) == 3


def test_a_page_that_is_shown_at_any_depth_has_no_relative_link():
    made = site()[NOT_FOUND]
    assert links(made) == set()
    assert "“pages”" in made.body.decode()


# The look


def declared(*, dark: bool) -> dict[str, str]:
    theme = templates.sources()[templates.THEME]
    light = dict(re.findall(r"--([a-z]+):(#[0-9a-f]{6})", theme.partition("@media")[0]))
    return light | dict(re.findall(r"--([a-z]+):(#[0-9a-f]{6})", theme.partition(":root.dark")[2])) if dark else light


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["paper", "tint"])
@pytest.mark.parametrize("text", ["ink", "soft", "link", "mark"])
def test_text_stands_out_from_its_ground(text, ground, dark):
    colours = declared(dark=dark)
    lighter, darker = sorted((luminance(colours[text]), luminance(colours[ground])), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5


def test_dark_is_the_same_whether_the_device_or_the_reader_asks_for_it():
    theme = templates.sources()[templates.THEME]
    asked, chosen = theme.partition(":root:not(.light){")[2], theme.partition("color-scheme:dark;")[2]
    assert asked.partition("}")[0] == chosen.partition("}")[0] != ""


def test_the_style_holds_to_what_browsers_of_2018_know():
    style = templates.sources()[templates.STYLE]
    newer = r":is\(|:where\(|:has\(|[{;](inset|padding-inline|margin-inline|border-block|gap):|[:(,]m(in|ax)\(|@layer|@container"
    assert not re.search(newer, style)
    for name, value in re.findall(r"([a-z-]+):clamp\((.*?)\)[;}]", style):
        assert re.search(rf"{name}:[\d.]+rem;{name}:clamp", style), value
    assert style.index("overflow-wrap:break-word") < style.index("overflow-wrap:anywhere")


def test_what_comes_before_the_text_is_small():
    text = Site(OPTIONS).pages(ENGLISH, {}, OLDER, (ANA, FERRIES))[0].body
    head = text[: text.index(b'<div class="text"')]
    assert len(gzip.compress(head)) < 14 * 1024


# What an operator changes


def test_a_theme_takes_the_place_of_ours():
    tree = page(ENGLISH, theme=":root{--paper:#abcdef}")
    style = tree.css_first("style").text()
    assert style.startswith(":root{--paper:#abcdef}")
    assert style.endswith(templates.sources()[templates.STYLE])
    assert Site(structs.replace(OPTIONS, theme="x")).chrome != Site(OPTIONS).chrome


def test_a_template_takes_the_place_of_ours():
    ours = dict(templates.sources())["page.html"].replace("<article itemscope", "<article data-ours itemscope")
    tree = page(ENGLISH, templates=(("page.html", ours),))
    assert tree.css_first("article[data-ours]") is not None
    changed = structs.replace(OPTIONS, templates=(("page.html", ours),))
    assert (Site(changed).chrome, Site(changed).frame) != (Site(OPTIONS).chrome, Site(OPTIONS).frame)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("<p>\n{% if %}", "template page.html: line 2:", id="no Jinja"),
        pytest.param("{{ nothing }}", "template page.html: line 1: 'nothing' is undefined", id="unknown name"),
        pytest.param(
            '{% extends "none.html" %}',
            "template page.html: line 1: there is no template none.html",
            id="unknown template",
        ),
        pytest.param(
            "\n{{ 1 / 0 }}", "template page.html: line 2: ZeroDivisionError: division by zero", id="no number"
        ),
        pytest.param("\n\n{{ say('x') }}", "template page.html: line 3: KeyError: 'x'", id="no such text"),
        pytest.param("{{ say() }}", "template page.html: line 1: TypeError:", id="nothing said"),
        pytest.param('{% include "page.html" %}', "template page.html: line 1: RecursionError:", id="endless"),
    ],
)
def test_a_template_that_is_wrong_says_where(text, told):
    with pytest.raises(BuildError, match=re.escape(told)):
        page(ENGLISH, templates=(("page.html", text),))
