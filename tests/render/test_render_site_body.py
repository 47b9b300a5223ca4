"""Whatever is stored as a body, the site shows nothing of it but what is in a closed list; the sanitiser would change nothing of that."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec import structs
from render_samples import CHART, ENGLISH, HELD, LEAD, OPTIONS
from selectolax.lexbor import LexborHTMLParser
from test_render_properties import BLOCK, INLINE, markup

from pappus import urls
from pappus.markup import ATTRIBUTES, ELEMENTS, VALUES, clean, sanitiser, settle
from pappus.render.page import show
from pappus.render.paths import SITE
from pappus.render.site.body import Body
from pappus.render.site.picture import TEXT_SIZES

FILE = r"(?:\.\./)*media/[0-9]{4}/[0-9]{2}/[0-9]{2}/(?:[0-9a-f]{2}/)?[0-9a-f]{64}(?:-[0-9]{1,5})?\.[a-z]{3,4}"
ADDED = {
    "img": {"srcset", "sizes", "class", "width", "height", "loading", "decoding"},
    "source": {"type", "srcset", "sizes"},
    "sup": {"id"},
    "div": {"class", "tabindex", "role", "aria-label"},
    "picture": set(),
}
ADDED_VALUES = {
    "src": re.compile(FILE),
    "srcset": re.compile(rf"{FILE}(?: [0-9]{{1,5}}w(?:, {FILE} [0-9]{{1,5}}w)*)?"),
    "id": re.compile(r"r[0-9]{1,6}"),
    "class": re.compile(r"wide|r[0-3] g[0-3] b[0-3]"),
    "type": re.compile(r"image/(?:avif|webp)"),
    "sizes": re.compile(re.escape(TEXT_SIZES)),
    "tabindex": re.compile("0"),
    "role": re.compile("region"),
    "aria-label": re.compile(r"[^<>&\"]{1,40}"),
    "width": re.compile(r"[0-9]{1,6}"),
    "height": re.compile(r"[0-9]{1,6}"),
    "loading": re.compile("lazy"),
    "decoding": re.compile("async"),
}
INSIDE = re.compile(r"#n[0-9]{1,6}|(?:\.\./)*[a-z0-9][a-z0-9/.-]*\.html")
WAYS = ("footnote", "live", "text")
VARIED = structs.replace(
    CHART,
    tint=27,
    variants=tuple(
        structs.replace(CHART, digest=letter * 64, media_type=f"image/{kind}", width=width)
        for letter, kind, width in (("a", "avif", 400), ("b", "avif", 800), ("c", "webp", 400), ("d", "png", 400))
    ),
)
ARTICLE = structs.replace(ENGLISH, media=(LEAD, VARIED))
IMAGE = f'<img src="media:{CHART.digest}" alt="a &quot;b&quot; \'c\' &amp;">'
TABLE = f'<table><caption>c</caption><tbody><tr><td colspan="2"><a href="https://e.example/?a&amp;b">x</a>{IMAGE}</td></tr></tbody></table>'


def keep(element: str, attribute: str, value: str) -> str | None:
    if attribute == "href":
        return value if INSIDE.fullmatch(value) else urls.valid(urls.parse(value) or "") or None
    pattern = ADDED_VALUES.get(attribute)
    if pattern is not None and (element in ADDED and attribute in ADDED[element] | {"src"}):
        return value if pattern.fullmatch(value) else None
    stored = VALUES.get(attribute)
    return value if stored is None or stored.match(value) else None


ALLOWED = {name: ATTRIBUTES.get(name, set()) | ADDED.get(name, set()) for name in {*ELEMENTS, *ADDED}}
SANITISER = sanitiser(set(ALLOWED), ALLOWED, keep)


def shown(body: str, external="footnote") -> str:
    page = show(structs.replace(ARTICLE, body=body), HELD, OPTIONS, SITE)
    return str(Body(page, lambda path: urls.relative(path, page.path), external).html(body))


def strange(text: str) -> list[str]:
    """Return what of a text a browser would not take for text, for what we add, or for what stored markup may be."""
    found = []
    for node in LexborHTMLParser(f"<body>{text}").body.css("*"):
        if node.tag == "body" and not node.attributes:
            continue
        for name, value in node.attributes.items():
            if name not in ALLOWED.get(str(node.tag), set()) or keep(str(node.tag), name, value or "") != value:
                found.append(f"{node.tag} {name}={value}")
        if node.tag not in ALLOWED and node.tag not in {"html", "head", "tbody", "colgroup"}:
            found.append(str(node.tag))
    return found


def test_the_check_can_fail():
    assert strange("<p onclick=x>") == ["p onclick=x"]
    assert strange("<script>") == ["script"]
    assert strange('<a href="javascript:x">') == ["a href=javascript:x"]
    assert settle("<p><b>x", SANITISER) == "<p><b>x</b></p>"


ANY_TAG = re.compile("<[^>]*>")
BODIES = markup(INLINE + BLOCK) | st.lists(markup(BLOCK) | st.sampled_from([IMAGE, TABLE, "<a>", "</a>"])).map("".join)


@pytest.mark.parametrize("external", WAYS)
@example(
    source="<a href='https://e.example/'>a<table><tr><td><a href='https://held.example/'>b</a></td></tr></table></a>"
)
@example(source=f"<p dir=rtl lang=fa>a\u00a0b{IMAGE}</p>{TABLE}<ol start=3 reversed><li value=2>x</ol>")
@example(source="<h2><a href='https://held.example/'>a<h2>b</h2>c</a></h2>")
@given(source=BODIES)
def test_the_sanitiser_would_take_nothing_away_and_add_nothing(source, external):
    written = shown(clean(source, images="stored"), external)
    settled = settle(written, SANITISER)
    assert ANY_TAG.sub("", settled) == ANY_TAG.sub("", written)
    # Where a link is left out, a heading that stood in it within another may end that one.
    assert sorted(ANY_TAG.findall(settled)) == sorted(ANY_TAG.findall(written))


PIECES = st.sampled_from(
    [*"<>/=\"'& \n\x00a", "<a", "<a ", "<img", "<table", "<p", "</a>", "</table>", "</p>", "</div>", "<!--", "-->", "<![CDATA[", "<script>",
     "<svg>", "<math>", "<style>", "<textarea>", "<title>", "<plaintext>", " href=", " src=", " onerror=", ' title="', ' lang="',
     '<a href="https://e.example/">', '<a href="javascript:x">', '<a href="https://e.example/" onclick="x">', '<p onclick="x">',
     '<p title="x">', f'<img src="media:{CHART.digest}" alt="x">', f'<img src="media:{CHART.digest}" onerror="x">', '<img src="https://e.example/x.png">',
     "<table>", '<td colspan="9">', '<td colspan="x">', '<p lang="en\n">', "<p/>", "<P>", "<br>", "<br/>", "</br>", "<hr >", "<b>", "</b>",
     "javascript:x"]
)  # fmt: skip


@pytest.mark.parametrize("external", WAYS)
@given(source=st.lists(PIECES, max_size=16).map("".join) | st.text())
def test_nothing_else_comes_out_of_what_no_sanitiser_wrote(source, external):
    written = shown(source, external)
    assert not strange(written)
    assert written.count("<div") == written.count("</div>")
    assert len(re.findall("<a[ >]", written)) == written.count("</a>")


def test_links_inside_a_table_inside_a_link_stay_where_they_are():
    cell = '<table><tbody><tr><td><a href="https://e.example/b">b</a></td></tr></tbody></table>'
    written = shown(f'<a href="https://e.example/a">a{cell}</a>')
    assert [node.text() for node in LexborHTMLParser(written).css("sup")] == ["1", "2"]
    assert shown(f'<a href="https://e.example/a">a{cell}</a>', "live").count("<a href=") == 2
