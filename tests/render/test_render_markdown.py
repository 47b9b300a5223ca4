from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import render_forge
from msgspec import structs
from render_samples import BRIDGE, ENGLISH, GOLDEN, HELD, HOSTILE, LEAD, NOTICES, OPTIONS, PERSIAN, WITHDRAWN
from selectolax.lexbor import LexborHTMLParser

from pappus.errors import BuildError
from pappus.model import Notice
from pappus.render import EDITIONS, links
from pappus.render.inputs import ChannelInfo, EditionOptions, SourceInfo
from pappus.render.links import of_markdown
from pappus.render.markdown import Markdown
from pappus.render.paths import MARKDOWN, media_path

FIXTURES = Path(__file__).parent.parent / "fixtures" / "render"


def page(article, **changes) -> str:
    options = structs.replace(OPTIONS, **changes)
    return Markdown(options).pages(article, HELD)[0].body.decode()


def tree(markdown: str) -> LexborHTMLParser:
    return LexborHTMLParser(render_forge.html(markdown))


@pytest.mark.parametrize("name", GOLDEN)
def test_a_page_is_byte_for_byte_the_golden_one(name):
    rendered = page(GOLDEN[name])
    path = FIXTURES / f"{name}.md"
    if os.environ.get("PAPPUS_WRITE_GOLDEN"):
        path.write_text(rendered, encoding="utf-8")
    assert rendered == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", GOLDEN)
def test_the_forge_takes_nothing_away_from_a_page(name):
    rendered = render_forge.html(page(GOLDEN[name]))
    assert render_forge.kept(rendered) == render_forge.whole(rendered)


_IMAGE = f'<img src="media:{LEAD.digest}" alt="">'


@pytest.mark.parametrize(
    "body",
    [
        f"<pre>a {_IMAGE}</pre>",
        f"<pre><code>{_IMAGE}</code></pre>",
        f"<dl><dd><pre>{_IMAGE}</pre></dd></dl>",
        "<blockquote>" * 45 + f"<p>{_IMAGE}</p>" + "</blockquote>" * 45,
        "<p>" + "<em><b>" * 45 + _IMAGE + "</b></em>" * 45,
        "<dl><dd>" * 45 + _IMAGE + "</dd></dl>" * 45,
    ],
    ids=["code", "code alone", "code in html", "too deep", "too deep in a line", "too deep in html"],
)
def test_an_image_is_shown_where_its_surroundings_cannot_be(body):
    """What nothing leads to stops a build."""
    article = structs.replace(ENGLISH, lead=None, body=body, media=(LEAD,))
    shown, image = Markdown(OPTIONS).pages(article, {})
    assert image.entry.path in (links(shown) or ())


def test_the_check_against_the_forge_can_fail():
    rendered = render_forge.html("<u>gone</u>")
    assert render_forge.kept(rendered) != render_forge.whole(rendered)


@pytest.mark.parametrize("name", GOLDEN)
def test_no_html_block_of_a_page_holds_a_blank_line(name):
    for block in page(GOLDEN[name]).split("\n\n"):
        for element in ("table", "figure", "dl", "ol"):
            assert block.count(f"<{element}") == block.count(f"</{element}>")


def test_the_nine_elements_stand_in_their_order():
    rendered = page(ENGLISH, counter="https://count.example/{source}/{id}.gif")
    marks = [
        "### Night ferry",
        "\n---\n",
        "[Home](../../../../../README.md) · [Harbour]",
        "By Ana Reef",
        "<figcaption>The ferry at dusk. (Photo: T. Quay)",
        "- [Open letter",
        "- [Film",
        "From Sunday",
        "To share this article",
        "[Night ferry \\[again\\] costs $5 & more: \\*what changes\\* #](ferry-timetable.md)",
        "[![QR code with the address of this page](../../../../../qr/pages/gazette/2026/11/03/ferry-timetable.png)](ferry-timetable.md)",
        "`https://gazette.example/2026/11/ferry-timetable?x=1`",
        "\n---\n\nRead next: [Harbour]",
        '<img src="https://count.example/gazette/ferry-timetable.gif" width="0" height="0" alt="">',
    ]
    places, last = [], 0
    for mark in marks:
        last = rendered.index(mark, last)
        places.append(last)
    assert rendered.startswith(marks[0])
    assert places == sorted(places)


def test_notices_stand_also_without_a_lead_image_the_fixed_ones_first():
    article = structs.replace(ENGLISH, lead=None, notices=NOTICES[::-1])
    rendered = page(article)
    assert rendered.index("Open letter") < rendered.index("The tide mill")


def test_only_the_intended_links_are_live():
    external = {
        href
        for node in tree(page(HOSTILE)).css("a")
        if not (href := node.attributes["href"] or "").startswith(("#", "../", "hostile.md"))
    }
    assert external == {"https://elsewhere.example/", "https://n.example/%29%28%3C%3E"}  # a sibling and a notice


def test_original_address_is_shown_but_not_live():
    shown = tree(page(ENGLISH))
    assert ENGLISH.url in [node.text() for node in shown.css("code")]
    assert ENGLISH.url not in [node.attributes["href"] for node in shown.css("a")]


@pytest.mark.parametrize(
    ("external", "expected"),
    [
        pytest.param("footnote", "the port’s plan[^1].", id="footnote"),
        pytest.param("live", "the [port’s plan](https://port.example/plan_%282026%29?a=1&copy=2).", id="live"),
        pytest.param("text", "the port’s plan.", id="text"),
    ],
)
def test_a_link_elsewhere_becomes_what_the_operator_chose(external, expected):
    assert expected in page(ENGLISH, external_links=external)


@pytest.mark.parametrize("external", ["footnote", "live", "text"])
def test_a_link_to_a_held_article_is_relative_whatever_the_others_become(external):
    assert "[our report on the bridge](../../../../../pages/gazette/2026/10/28/swing-bridge.md)" in page(
        ENGLISH, external_links=external
    )


def test_the_suffix_stands_on_every_link_inside_the_edition_when_asked_for():
    inside = [
        node.attributes["href"]
        for node in tree(page(ENGLISH, link_suffix=True)).css("a")
        if not (node.attributes["href"] or "").startswith(("#", "http"))
    ]
    assert inside
    assert all(href.endswith("?ferry-timetable") for href in inside)
    assert "?ferry-timetable" not in page(ENGLISH)


def test_an_image_that_is_missing_leaves_its_words():
    rendered = page(ENGLISH)
    assert "Image: The old pier\n\nThe pier in 1950." in rendered
    assert "0" * 64 not in rendered


def test_a_page_comes_with_the_media_that_it_shows_and_links_to_them():
    rendered, *media = Markdown(OPTIONS).pages(ENGLISH, HELD)
    paths = {file.entry.path for file in media}
    assert paths == {media_path(medium, ENGLISH.published) for medium in ENGLISH.media}
    assert all(file.body is None for file in media)
    assert paths <= of_markdown(rendered.body.decode(), rendered.entry.path)


def test_a_withdrawn_article_leaves_a_notice_without_title_body_or_media():
    (only,) = Markdown(OPTIONS).pages(structs.replace(WITHDRAWN, media=(LEAD,)), {})
    text = only.body.decode()
    assert only.entry.path == "pages/gazette/2026/11/01/mistaken.md"
    assert "at the request of the publisher" in text
    assert "Withdrawn November 2, 2026" in text
    assert "must not be said" not in text
    assert "Secret" not in text


def test_a_revision_is_dated_on_the_page():
    assert "۱۷ آبان ۱۴۰۵ (نسخهٔ ۲)" in page(PERSIAN)


def test_a_page_says_its_language_and_direction():
    div = tree(page(PERSIAN)).css_first("div")
    assert (div.attributes["dir"], div.attributes["lang"]) == ("rtl", "fa-IR")


def test_a_language_without_catalogue_takes_the_words_of_the_edition():
    assert "[Inicio]" in page(structs.replace(ENGLISH, language="de"), language="es")


def test_a_page_depends_on_nothing_but_its_article_and_the_chrome():
    other = structs.replace(OPTIONS, title="Another", notices=(Notice(text="x", url="https://x.example/"),))
    assert Markdown(other).chrome == Markdown(OPTIONS).chrome
    assert Markdown(other).frame != Markdown(OPTIONS).frame
    assert page(ENGLISH, title="Another", notices=()) == page(ENGLISH)


@pytest.mark.parametrize(
    "change",
    [
        {"language": "es"},
        {"external_links": "live"},
        {"counter": "https://c.example/"},
        {"siblings": ()},
        {"link_suffix": True},
        {"sources": ()},
    ],
    ids=lambda change: next(iter(change)),
)
def test_chrome_changes_with_what_pages_show(change):
    assert Markdown(structs.replace(OPTIONS, **change)).chrome != Markdown(OPTIONS).chrome


def test_the_same_article_gives_the_same_bytes_in_any_zone_locale_and_hash_seed():
    code = (
        "import hashlib, render_samples as s; from pappus.render.markdown import Markdown; m = Markdown(s.OPTIONS);"
        "print(m.chrome, m.frame, [m.pages(a, s.HELD)[0].entry.digest for a in s.GOLDEN.values()])"
    )
    outputs = set()
    for seed, zone, locale in (("0", "UTC", "C"), ("7", "Asia/Tehran", "fa_IR.UTF-8"), ("9", "America/Lima", "de_DE")):
        environment = {
            **os.environ,
            "PYTHONHASHSEED": seed,
            "TZ": zone,
            "LC_ALL": locale,
            "PYTHONPATH": str(Path(__file__).parent),
        }
        run = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, env=environment)
        outputs.add(run.stdout)
    assert len(outputs) == 1


def test_a_channel_that_the_newsroom_has_no_more_is_not_linked_to():
    rendered = page(structs.replace(ENGLISH, channel="closed"))
    assert "closed" not in rendered
    assert "\n---\n\n[Home]" in rendered.partition("Topics:")[2]


@pytest.mark.parametrize(
    "names", [["hot"], ["Recommended"], ["a", "A"]], ids=["hot list", "recommended list", "twice when case is folded"]
)
def test_a_channel_name_that_is_taken_is_refused(names):
    channels = tuple(ChannelInfo(name=name, title=name) for name in names)
    source = SourceInfo(name="s", title="S", homepage="", licence="", channels=channels)
    with pytest.raises(BuildError, match="taken"):
        Markdown(EditionOptions(title="t", sources=(source,)))


def test_a_language_without_words_is_refused():
    with pytest.raises(BuildError, match="'tlh'"):
        Markdown(EditionOptions(title="t", language="tlh"))


def test_the_edition_is_known_by_its_name():
    assert EDITIONS["markdown"] is Markdown


def test_paths_follow_from_source_day_and_id():
    assert MARKDOWN.page(BRIDGE) == "pages/gazette/2026/10/28/swing-bridge.md"
    assert MARKDOWN.qr(MARKDOWN.page(BRIDGE)) == "qr/pages/gazette/2026/10/28/swing-bridge.png"
    assert MARKDOWN.qr("README.md") == "qr/home.png"
    assert re.fullmatch(r"media/2026/10/28/[0-9a-f]{64}\.webp", media_path(LEAD, BRIDGE.published))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("[a](../b.md?x#y)", {"b.md"}, id="suffix and fragment go"),
        pytest.param("[![q](../qr/a.png)](p.md)", {"qr/a.png", "p/p.md"}, id="image in a link"),
        pytest.param("[a](../%E6%B8%AF.md)", {"港.md"}, id="quoted"),
        pytest.param('<figure><img src="a.png" alt="x"></figure> <a href="b.md">', {"p/a.png", "p/b.md"}, id="html"),
        pytest.param('<img alt="x src=" src="a.png"><a title=" href=" href="b.md">', {"p/a.png", "p/b.md"}, id="said"),
        pytest.param(
            "[a](https://e.example/) [b](mailto:a@e.example) [c](#d) <a href='//e.example'>", set(), id="external"
        ),
        pytest.param("[a](../../../other/README.md)", set(), id="a sibling"),
        pytest.param("`[a](b.md)` ``x`[c](d.md)``", set(), id="code"),
        pytest.param("- > ```\n  > [a](b.md)\n  > ```\n[c](d.md)", {"p/d.md"}, id="fenced code"),
        pytest.param(r"[a\](b.md) \`[c](d.md)\` ", {"p/d.md"}, id="escaped"),
        pytest.param("[a](<b.md>)", {"p/b.md"}, id="angled"),
    ],
)
def test_links_are_read_from_the_text_alone(text, found):
    assert of_markdown(text, "p/x.md") == found


def test_a_span_of_code_ends_at_a_run_of_as_many_backticks_and_a_block_at_a_fence_as_long():
    assert of_markdown("```` x\n[a](b.md)\n```\n[c](d.md)\n`````\n[e](f.md)", "x.md") == {"f.md"}
    assert of_markdown("`a`` [c](d.md) ` [e](f.md)", "x.md") == {"f.md"}
    assert of_markdown("```x [a](b.md)\n~~~ [c](d.md)", "x.md") == {"b.md", "d.md"}
    assert of_markdown("~~~x\n[a](b.md)\n```\n[c](d.md)\n~~~", "x.md") == set()


@pytest.mark.slow
def test_hostile_text_is_rendered_in_time_that_grows_with_its_length():
    """Before every pattern was linear this took minutes; a limit of processor time does not depend on what else runs."""
    seconds = 40
    run = subprocess.run(
        [sys.executable, str(Path(__file__).parent / "render_hostile.py"), str(seconds)],
        capture_output=True,
        check=False,
    )
    assert (run.returncode, run.stderr) == (0, b"")
