"""The site edition: golden pages, valid HTML, and nothing in it that was not meant to be."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import subprocess
import sys
from datetime import timedelta
from functools import cache
from pathlib import Path

import html5lib
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs
from render_samples import (
    BRIDGE,
    CHART,
    ENGLISH,
    GOLDEN,
    HELD,
    HOSTILE,
    LEAD,
    NOTICES,
    OPTIONS,
    PERSIAN,
    WITHDRAWN,
    edition,
    medium,
)
from selectolax.lexbor import LexborHTMLParser
from test_render_indexes import SHELF
from test_render_properties import BLOCK, INLINE, markup

from pappus.errors import BuildError
from pappus.markup import ELEMENTS, clean, visible
from pappus.model import Notice
from pappus.render import LANGUAGES, EditionOptions, MirrorInfo, Moved, Touched, links
from pappus.render.links import of_html
from pappus.render.paths import SITE, media_path, variant_path
from pappus.render.site import Site, templates
from pappus.render.site.picture import Album

FIXTURES = Path(__file__).parent.parent / "fixtures" / "render"
TEXTS = templates.sources()
STYLE = TEXTS[templates.THEME] + TEXTS[templates.STYLE]
FIRST = TEXTS[templates.FIRST]
FRAME = set(
    "html head meta title link style script body main article header section nav footer div h1 details summary button span"
    " svg g path rect circle".split()
)
EVERYTHING = {
    "mirrors": (MirrorInfo(address="https://b.example/", home="https://b.example/x"),),
    "moved": (Moved(address="https://a.example/", to="https://b.example/"),),
    "signed": True,
}


def page(article, **changes) -> str:
    return edition(structs.replace(OPTIONS, **changes)).pages(article, HELD)[0].body.decode()


def test_a_page_is_the_same_whatever_was_written_before_it():
    later = [structs.replace(one, published=one.published + timedelta(days=1)) for one in GOLDEN.values()]
    elsewhere = [structs.replace(one, channel="other") for one in GOLDEN.values()]
    for changes in ({}, {"link_suffix": True}):
        options = structs.replace(OPTIONS, **changes)
        every = [*GOLDEN.values(), *later, *elsewhere]
        alone = [Site(options).pages(one, HELD)[0].body for one in every]
        one_after_another = Site(options)
        assert [one_after_another.pages(one, HELD)[0].body for one in every + every] == alone + alone


def indexes(**changes) -> dict[str, str]:
    return {**_indexes(structs.replace(OPTIONS, **changes))}


@cache
def _indexes(options: EditionOptions) -> dict[str, str]:
    built = edition(options).indexes(Touched(everything=True), SHELF)
    return {one.entry.path: one.body.decode() for one in built if one.entry.media_type == "text/html"}


def tree(text: str) -> LexborHTMLParser:
    return LexborHTMLParser(text)


def body(markup_: str, **changes) -> LexborHTMLParser:
    """Return what the page makes of a body."""
    return tree(page(structs.replace(ENGLISH, body=markup_), **changes)).css_first(".text")


@pytest.mark.parametrize("name", GOLDEN)
def test_a_page_is_byte_for_byte_the_golden_one_but_for_its_style(name):
    rendered = page(GOLDEN[name])
    assert rendered.count(STYLE) == 1
    rendered = re.sub("'sha256-[^']*'", "'sha256-…'", rendered.replace(STYLE, "…").replace(FIRST, "…"))
    path = FIXTURES / f"{name}.html"
    if os.environ.get("PAPPUS_WRITE_GOLDEN"):
        path.write_text(rendered, encoding="utf-8")
    assert rendered == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_is_valid_html(language):
    texts = [page(article, language=language) for article in GOLDEN.values()]
    for text in (*texts, *indexes(language=language, **EVERYTHING).values()):
        html5lib.HTMLParser(strict=True).parse(text)


def test_the_check_of_validity_can_fail():
    with pytest.raises(html5lib.html5parser.ParseError):
        html5lib.HTMLParser(strict=True).parse(page(ENGLISH).replace("</article>", ""))


def test_the_nine_elements_stand_in_their_order():
    text = page(ENGLISH, counter="https://count.example/{source}/{id}.gif")
    elements = [
        '<nav aria-label="Navigation">',
        '<h1 itemprop="headline">Night ferry',
        '<figure class="first"><img',
        '<ul class="notices">',
        '<div class="text" itemprop="articleBody">',
        '<section class="share" aria-label="Share">',
        "Original address",
        "<h2>Read next</h2>",
        '<img src="https://count.example/gazette/ferry-timetable.gif"',
    ]
    found = [text.find(element) for element in elements]
    assert -1 not in found
    assert found == sorted(found)


def test_nothing_counts_and_nothing_runs_unless_it_is_switched_on():
    form = set("form label input select option button".split())
    for path, text in {"a": page(HOSTILE), "b": page(ENGLISH), **indexes()}.items():
        assert "count.example" not in text
        assert {str(node.tag) for node in tree(text).css("*")} <= ELEMENTS | FRAME | (
            form if path == SITE.search else set()
        )
        assert not [
            name for node in tree(text).css("*") for name in node.attributes if name.startswith("on") or name == "style"
        ]


def test_the_policy_lets_in_the_pages_own_style_and_script_and_the_editions_files_alone():
    style, script = (base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in (STYLE, FIRST))
    policy = (
        f"default-src 'none'; img-src 'self'; style-src 'sha256-{style}'; script-src 'self' 'sha256-{script}';"
        " worker-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'"
    )
    every = indexes()
    assert f"img-src data:; style-src 'sha256-{style}'" in every.pop("404.html")
    for path, text in {"a": page(ENGLISH), "b": page(WITHDRAWN), **every}.items():
        more = "; manifest-src 'self'" if path == "index.html" else ""
        assert f'<meta http-equiv="Content-Security-Policy" content="{policy}{more}">' in text
        assert text.index("Content-Security-Policy") < text.index("<style>")
        assert '<meta name="referrer" content="no-referrer">' in text
    counted = page(ENGLISH, counter="https://count.example:81/a;b'c/{id}?x=1")
    assert "img-src 'self' https://count.example:81; style-src" in counted


def test_the_style_is_small_and_asks_for_nothing():
    assert len(STYLE.encode()) < 8704
    assert not re.search(r"url\(|@import|@font-face", STYLE)


@pytest.mark.parametrize(
    ("external", "expected"),
    [
        ("footnote", 'port’s plan<sup id="r1"><a href="#n1">1</a></sup>.'),
        ("live", '<a href="https://port.example/plan_(2026)?a=1&amp;copy=2">port’s plan</a>.'),
        ("text", "port’s plan."),
    ],
)
def test_links_elsewhere_are_what_the_operator_wants(external, expected):
    text = page(ENGLISH, external_links=external)
    assert expected in text
    assert ("https://port.example/plan_(2026)?a=1&amp;copy=2</code></li>" in text) == (external == "footnote")


def test_notes_and_their_references_lead_to_one_another():
    page_ = tree(page(ENGLISH))
    names = {node.attributes["id"] for node in page_.css("[id]")}
    fragments = {node.attributes["href"][1:] for node in page_.css('a[href^="#"]')}
    assert fragments == names == {"main", "n1", "n2", "r1", "r2"}


def test_a_link_to_an_article_that_is_held_leads_to_its_page():
    assert f'<a href="../../10/28/{BRIDGE.ident}.html">our report on the bridge</a>' in page(ENGLISH)
    assert f'<a href="../../10/28/{BRIDGE.ident}.html?ferry-timetable">' in page(ENGLISH, link_suffix=True)


def test_a_page_comes_with_the_media_that_it_shows_and_links_to_them():
    rendered, *files = Site(OPTIONS).pages(ENGLISH, HELD)
    paths = {media_path(LEAD, ENGLISH.published), media_path(CHART, ENGLISH.published)}
    assert {artifact.entry.path for artifact in files} == paths
    own = rendered.entry.path
    ways = {own, SITE.page(BRIDGE), SITE.home, SITE.guide, SITE.about, SITE.hot, SITE.channel("harbour")}
    assert links(rendered) == paths | ways | {SITE.qr(own), "icon.png", "site.js", SITE.search}


def test_images_say_how_large_they_are_and_all_wait_until_they_are_seen():
    lead, chart, qr = tree(page(ENGLISH)).css("img")
    for image in (lead, chart):
        assert (image.attributes["width"], image.attributes["height"]) == ("1200", "800")
    assert {(one.attributes["loading"], one.attributes["decoding"]) for one in (lead, chart, qr)} == {("lazy", "async")}
    assert qr.attributes["alt"] == "QR code with the address of this page"


FORMS = {
    (kind, width): structs.replace(medium(f"{kind}{width}", f"image/{kind}"), width=width, size=width * 10)
    for kind, width in (("jpeg", 400), ("jpeg", 800), ("avif", 400), ("avif", 1200))
}
PHOTO = structs.replace(medium("photo", "image/jpeg"), tint=0b011110, size=90_000, variants=tuple(FORMS.values()))


def offered(node) -> list[tuple[str, str]]:
    """Return the paths that an element offers, and for which width."""
    candidates = (one.split() for one in node.attributes["srcset"].split(", "))
    return [(path.rpartition("../")[2], "".join(width)) for path, *width in candidates]


def form_path(kind: str, width: int) -> str:
    return variant_path(FORMS[kind, width], PHOTO, ENGLISH.published)


def test_an_image_is_offered_in_its_variants_the_newest_format_first():
    own = structs.replace(
        ENGLISH, lead=None, body=f'<p><img src="media:{PHOTO.digest}" alt="A &quot;quay&quot;"></p>', media=(PHOTO,)
    )
    (picture,) = tree(page(own)).css("picture")
    source, image = picture.iter()
    assert (source.attributes["type"], source.attributes["sizes"]) == ("image/avif", image.attributes["sizes"])
    assert offered(source) == [(form_path("avif", 400), "400w"), (form_path("avif", 1200), "1200w")]
    assert [width for _, width in offered(image)] == ["400w", "800w", "1200w"]
    assert image.attributes["src"].endswith(f"{media_path(PHOTO, ENGLISH.published)}")
    assert (image.attributes["alt"], image.attributes["class"]) == ('A "quay"', "r1 g3 b2")
    (plain,) = tree(page(own, variants=False)).css(".text img")
    assert not {"srcset", "class"} & set(plain.attributes)
    files = {artifact.entry.path for artifact in Site(OPTIONS).pages(own, {})[1:]}
    assert files == {media_path(PHOTO, own.published), *(form_path(*form) for form in FORMS)}
    assert files < links(Site(OPTIONS).pages(own, {})[0])


def test_an_image_is_offered_in_a_width_in_which_its_own_format_gained_nothing():
    """What nothing leads to stops a build, and a picture may be made so that its copy in a smaller width is no smaller in bytes."""
    sparse = structs.replace(PHOTO, size=30_000, variants=(FORMS["avif", 400], FORMS["avif", 1200]))
    own = structs.replace(ENGLISH, lead=None, body=f'<p><img src="media:{sparse.digest}" alt=""></p>', media=(sparse,))
    source, _ = tree(page(own)).css("picture > *")
    assert offered(source) == [(form_path("avif", 400), "400w"), (form_path("avif", 1200), "1200w")]
    small = Album(ENGLISH.published, lambda path: path, variants=True).small(sparse)
    assert offered(LexborHTMLParser(small).css_first("source")) == [(form_path("avif", 400), "")]


def test_lists_show_small_images_or_none():
    album = Album(ENGLISH.published, lambda path: path, variants=True)
    source, image = LexborHTMLParser(album.small(PHOTO)).css("source, img")
    assert offered(source) == [(form_path("avif", 400), "")]
    assert image.attributes["src"] == form_path("jpeg", 400)
    assert image.attributes["width"] == "400"
    assert album.small(structs.replace(PHOTO, variants=())) == ""
    assert structs.replace(album, variants=False).small(PHOTO) == ""


def test_images_that_are_not_there_leave_their_words():
    assert "Image: The old pier" in page(ENGLISH)
    assert "Image: [^1]: x" in tree(page(HOSTILE)).text()


def test_a_withdrawn_page_keeps_its_address_and_says_nothing_of_what_it_was():
    rendered, *media = Site(OPTIONS).pages(structs.replace(WITHDRAWN, lead=ENGLISH.lead, media=(LEAD,)), HELD)
    text = rendered.body.decode()
    assert rendered.entry.path == "pages/gazette/2026/11/01/mistaken.html"
    assert "at the request of the publisher" in text
    assert not media
    for secret in ("must not be said", "Secret", WITHDRAWN.url, "media/"):
        assert secret not in text


def test_a_page_says_its_language_and_direction_and_words_in_another_say_theirs():
    assert '<html lang="fa-IR" dir="rtl">' in page(PERSIAN)
    hebrew = page(structs.replace(PERSIAN, language="he"))
    assert '<html lang="he" dir="rtl">' in hebrew
    assert '<header class="top" lang="en" dir="ltr">' in hebrew
    assert '<footer lang="en" dir="ltr">' in hebrew
    unknown = page(structs.replace(ENGLISH, language=""))
    assert '<html dir="ltr">' in unknown
    assert '<header class="top" lang="en" dir="ltr">' in unknown


def test_titles_in_lists_are_set_apart_and_say_their_language():
    assert '<bdi lang="fa">کشتی شبانه 2</bdi>' in _listed("fa")
    assert "<bdi>کشتی شبانه 2</bdi>" in _listed("en")


def _listed(language: str) -> str:
    class Archive:
        def __getattr__(self, name):
            one = structs.replace(BRIDGE, title="کشتی شبانه 2", language=language)
            return lambda *_: [one] if name in {"latest", "hot", "recommended"} else []

    home, *_ = Site(OPTIONS).indexes(Touched(), Archive())
    return home.body.decode()


@given(markup(INLINE + BLOCK))
def test_the_text_of_a_body_survives_and_only_held_links_are_live(source):
    cleaned = clean(source, images="stored")
    shown = body(cleaned, external_links="text")
    assert _folded(shown.text()) == _folded(LexborHTMLParser(f"<body>{cleaned}").body.text())
    assert {node.attributes.get("href") for node in shown.css("a")} <= {"../../10/28/swing-bridge.html"}
    assert {str(node.tag) for node in shown.css("*")} <= ELEMENTS | {"div"}


def _folded(text: str) -> str:
    return " ".join(visible(text).split())


@given(st.text(max_size=40))
def test_a_title_is_shown_as_it_is(title):
    article = structs.replace(ENGLISH, title=title)
    shown = tree(edition().pages(article, {})[0].body.decode("utf-8", "surrogatepass"))
    assert shown.css_first("h1").text().strip() == shown.css_first("title").text().strip()
    assert len(shown.css("h1 *")) == 0


def test_deep_markup_does_not_end_the_program():
    deep = "<ul><li>" * 120 + "x" + "</li></ul>" * 120
    assert "x" in body(deep).text()


def test_notices_that_lead_nowhere_are_text():
    notices = (Notice(text="bad <b>", url="javascript:alert(1)"), NOTICES[0])
    rendered = tree(page(structs.replace(ENGLISH, notices=notices)))
    assert [node.text() for node in rendered.css(".notices li")] == ["bad <b>", "Open letter: keep the night ferry"]
    assert len(rendered.css(".notices a")) == 1


def test_the_guide_says_what_is_true_of_a_site():
    assert "plain text" not in indexes()["guide.html"]
    assert "Save page" in indexes()["guide.html"]


def test_the_list_of_mirrors_names_those_that_stand_and_those_that_moved():
    listed = indexes(**EVERYTHING)
    assert '<a href="https://b.example/x"><bdi>https://b.example/x</bdi></a>' in listed["mirrors.html"]
    assert "<bdi>https://a.example/</bdi> has moved to <a" in listed["mirrors.html"]
    assert "pappus verify" in listed["mirrors.html"]
    assert '<a href="mirrors.html"><bdi>Addresses that have moved</bdi></a>' in listed["index.html"]
    assert "mirrors.html" not in indexes()


def test_an_edition_changes_its_chrome_when_a_template_does(monkeypatch):
    before = Site(OPTIONS)
    changed = {**templates.sources(), "page.html": templates.sources()["page.html"] + " "}
    monkeypatch.setattr(templates, "sources", lambda: changed)
    templates.fingerprint.cache_clear()
    after = Site(OPTIONS)
    templates.fingerprint.cache_clear()
    assert (before.chrome == after.chrome, before.frame == after.frame) == (False, False)


def test_an_edition_without_words_is_refused():
    with pytest.raises(BuildError, match="no words in language 'tlh'"):
        Site(EditionOptions(title="x", language="tlh"))


def test_templates_are_not_read_by_those_who_render_nothing():
    script = (
        "import sys\nfrom pappus.render import EDITIONS, EditionOptions\n"
        "EDITIONS['site'](EditionOptions(title='x'))\nprint('jinja2' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, check=True).stdout == b"False\n"


def test_links_are_read_from_elements_alone(  # what a text says of elements is text
) -> None:
    text = (
        '<p>&lt;a href="said.html"&gt; href="said.html"</p><a class="x" href="../a%20b.html?x#y">a</a><article data-href="no.html">'
        '<img src="i.png" srcset="s.webp 400w, m.webp 800w" alt="&gt; src=&quot;no.png&quot; href=" width="9">'
        '<a hidden href="b&amp;c.html"></a>'
        '<script defer src="s.js"></script><link rel="icon" href="icon.png"><a href="https://elsewhere.example/x.html">'
    )
    found = of_html(text, "pages/one/p.html")
    own = ("i.png", "s.webp", "m.webp", "b&c.html", "s.js", "icon.png")
    assert found == {"pages/a b.html", *(f"pages/one/{name}" for name in own)}


@pytest.mark.parametrize(
    "text", ['<a x="' * 100_000, "<a " + "href " * 100_000, '<img srcset="' + ", " * 100_000, "<a" * 200_000]
)
def test_what_is_no_markup_of_ours_is_read_in_one_go(text) -> None:
    assert of_html(text, "p.html") == set()
