"""Whatever the text: a forge shows exactly it, and nothing in it comes to life."""

from __future__ import annotations

import html
import re

import pytest
import render_forge
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec import structs
from render_samples import ENGLISH, HELD, OPTIONS
from selectolax.lexbor import LexborHTMLParser

from pappus.markup import clean, plain
from pappus.render.elements import Context
from pappus.render.links import of_markdown
from pappus.render.markdown import Markdown
from pappus.render.markdown.body import Body
from pappus.render.markdown.text import alternative, code, escape, html_text

HELD_LINK = "../held.md"
AWKWARD = st.sampled_from(
    [*"\\`*_{}[]()<>#+-.!|~$&:;@^=\"'/?0123456789aZ 字“。é\u00a0\u3000\u200f", "  ", "\n", "\t", "www.", "http://", "a@b.example", ":x:",
     "](x)", "![", "[^1]", "&amp;", "&#35;", "<b>", "<!--", "**", "__", "~~", "```", "1. ", "- ", "> ", "# ", "|-|", "---", "===",
     "[ ] ", "[x]: y", "$$", "javascript:", "mailto:", "عربی", "word", "字字", "🙂"]
)  # fmt: skip
TEXT = st.one_of(
    st.lists(AWKWARD, max_size=14).map("".join),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn", "Co"]), max_size=30),
)
INLINE = "b em i s del code sub sup mark q kbd small u time bdi abbr ruby".split()
BLOCK = "p h2 h3 ul ol li blockquote pre figure figcaption table tr td th dl dt dd".split()


def markup(elements: list[str]) -> st.SearchStrategy[str]:
    """Return markup of nested elements with awkward text in all places."""
    leaves = TEXT.map(html.escape) | st.sampled_from(["<br>", "<hr>"])

    def around(children: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        inner = st.lists(children, max_size=4).map("".join)
        wrapped = st.tuples(st.sampled_from(elements), inner).map(
            lambda pair: f"<{pair[0]}>{pair[1]}</{pair[0].split()[0]}>"
        )
        link = st.tuples(st.sampled_from(["https://held.example/", "https://e.example/)](x)"]), inner)
        return wrapped | link.map(lambda pair: f'<a href="{pair[0]}">{pair[1]}</a>')

    return st.recursive(leaves, around, max_leaves=12)


def context(external: str = "footnote") -> Context:
    return Context(
        page=lambda href: HELD_LINK if "held" in href else None,
        image=lambda src: None,
        missing=lambda alt: alt,
        external=external,
        direction="ltr",
    )


def shown(markdown: str) -> LexborHTMLParser:
    """Return what a forge makes of Markdown, footnotes and their marks taken away."""
    tree = LexborHTMLParser(render_forge.kept(render_forge.html(markdown)))
    for node in tree.css("section.footnotes, sup.footnote-ref"):
        node.decompose()
    return tree


def words_of(tree: LexborHTMLParser) -> str:
    """Return all text without white space, of which blocks may have more and empty ones less."""
    return re.sub(r"\s+", "", tree.body.text() if tree.body else "")


def folded(text: str) -> str:
    return re.sub(r"[ \t\n\f\r]+", " ", text).strip(" ")


def alive(tree: LexborHTMLParser) -> list[str]:
    return [node.html or "" for node in tree.css("a, img, input, script, iframe")]


CONTEXTS = {
    "paragraph": ("{}", "p", {"start": True}),
    "heading": ("### {}", "h3", {}),
    "item": ("- {}", "li", {"start": True}),
    "cell": ("| a |\n| --- |\n| {} |", "td", {"cell": True}),
    "bold": ("x **{}** y", "strong", {"before": "*", "after": "*"}),
    "link": ("[{}](x.md)", "a", {"link": True, "before": "[", "after": "]"}),
    "notice": ("[{}](x.md)", "a", {"start": True, "link": True, "before": "[", "after": "]"}),
}


@pytest.mark.parametrize("name", CONTEXTS)
@given(text=TEXT)
@example(text="a\\")
@example(text="1. a")
@example(text="# a #")
@example(text="[^1](x)")
@example(text="^[x]: y")
@example(text="_www.@_")
def test_text_is_shown_as_it_is_in_every_place(name, text):
    place, element, options = CONTEXTS[name]
    text = plain(text).strip("\u00a0\u3000")
    line = escape(text, **options)
    if name == "heading":
        line = re.sub(r"(?<![^ ])#+\Z", r"\\\g<0>", line)
    if not text or (name == "bold" and not (text[0].isalnum() and text[-1].isalnum())):
        return  # what is beside punctuation is written with tags, which the next tests show
    tree = shown(place.format(line))
    assert folded(tree.css(element)[0].text()) == folded(text)
    assert len(alive(tree)) == (element == "a")


@given(text=TEXT)
def test_alternative_text_is_kept_as_it_is(text):
    text = plain(text)
    tree = shown(f"![{alternative(text)}](x.png)")
    assert folded(tree.css_first("img").attributes["alt"] or "") == folded(text)


@given(text=TEXT)
def test_text_in_html_is_shown_as_it_is(text):
    tree = shown(f"<figure><figcaption>{html_text(plain(text))}</figcaption></figure>")
    assert folded(tree.css_first("figcaption").text()) == folded(plain(text))
    assert not alive(tree)


@given(text=TEXT)
def test_code_is_shown_as_it_is(text):
    text = folded(text)
    if text:
        assert folded(shown(f"a {code(text)} b").css_first("code").text()) == text


@pytest.mark.parametrize("text", ["^[x]: y", "^]: y", "^1", "$x", "!", "<"])
def test_a_link_s_text_is_no_mark_of_something_else(text):
    body = Body(context("text")).markdown(f'<p><a href="https://held.example/">{html.escape(text)}</a></p>')
    (link,) = shown(body).css("a")
    assert (link.text(), link.attributes["href"]) == (text, HELD_LINK)


@pytest.mark.parametrize("elements", [INLINE, INLINE + BLOCK + ["ol reversed"]], ids=["lines", "blocks"])
@given(data=st.data())
def test_the_text_of_a_body_survives_and_only_held_links_are_live(elements, data):
    source = clean(data.draw(markup(elements)), images="stored")
    body = Body(context("text")).markdown(source)
    expected, tree = LexborHTMLParser(source), shown(body)
    assert words_of(tree) == words_of(expected), body
    assert {node.attributes["href"] for node in tree.css("a")} <= {HELD_LINK}
    assert not tree.css("img, input, script")
    assert of_markdown(body, "pages/x.md") == {"held.md" for _ in tree.css("a")}


@given(data=st.data())
def test_a_forge_takes_nothing_from_any_body_and_every_address_is_kept(data):
    source = clean(data.draw(markup(INLINE + BLOCK)), images="stored")
    body = Body(context()).markdown(source)
    rendered = render_forge.html(body)
    assert render_forge.kept(rendered) == render_forge.whole(rendered)
    for node in LexborHTMLParser(source).css("a[href*='e.example']"):
        if node.text().strip() and "pre" not in parents(node) and node.css_first("pre, dl, table") is None:
            assert "https://e.example/)](x)" in LexborHTMLParser(rendered).body.text()


def parents(node) -> list[str]:
    found = []
    while (node := node.parent) is not None:
        found.append(node.tag)
    return found


@given(title=TEXT, caption=TEXT, author=TEXT)
def test_a_page_shows_its_plain_texts_and_nothing_of_them_is_live(title, caption, author):
    lead = structs.replace(ENGLISH.lead, caption=caption, credit="")
    article = structs.replace(ENGLISH, title=title, lead=lead, authors=(author,), body="", notices=())
    text = Markdown(OPTIONS).pages(article, HELD)[0].body.decode()
    tree = shown(text)
    assert folded(tree.css_first("h3").text()) == folded(plain(title) or article.ident)
    live = {node.attributes["href"] for node in tree.css("a")}
    assert all(
        href.startswith("../../") or href in {"ferry-timetable.md", "https://elsewhere.example/"} for href in live
    )
    assert len(tree.css("img")) == 2


@pytest.mark.parametrize(
    ("source", "markdown"),
    [
        pytest.param("<p>字<b>“引”</b>字</p>", "字<strong>“引”</strong>字", id="quotes in bold in Chinese"),
        pytest.param("<p>字<b>粗</b>字</p>", "字**粗**字", id="bold in Chinese"),
        pytest.param("<p>a <b>b </b>c</p>", "a **b** c", id="white space goes outside"),
        pytest.param("<p>a<b> b </b>c</p>", "a **b** c", id="white space at both sides goes outside"),
        pytest.param("<p>a<b> <br> b</b></p>", "a\\\n**b**", id="breaks go outside"),
        pytest.param("<p>a<b><i>b</i></b></p>", "a**<em>b</em></strong>".replace("**", "<strong>"), id="emphasis in emphasis"),
        pytest.param("<p>one\n  two</p>", "one two", id="a paragraph is one line"),
        pytest.param("<p>第一\u3000第二</p>", "第一\u3000第二", id="ideographic space"),
        pytest.param("<p>می\u200cرود</p>", "می\u200cرود", id="zero-width non-joiner"),
        pytest.param(
            "<p>AT&amp;T [sic] 5 * 3 a_b 50 % C# x - y (z) it's $5</p>",
            "AT&T [sic] 5 * 3 a_b 50 % C# x - y (z) it's $5",
            id="nothing escaped in vain",
        ),
        pytest.param("<ol start='0'><li>a</li></ol>", "0. a", id="start"),
        pytest.param("<ol reversed><li>a</li><li>b</li></ol>", '<ol>\n<li value="2">a</li>\n<li value="1">b</li>\n</ol>', id="reversed"),
        pytest.param("<ul><li><ul><li>a</li></ul></li></ul>", "- - a", id="a list alone in an item"),
        pytest.param("<ul><li>a<pre>x\n\ny</pre></li></ul>", "- a\n\n  ```\n  x\n\n  y\n  ```", id="code in an item"),
        pytest.param("<p><a href='https://held.example/'><br></a></p>", "", id="a link without text"),
        pytest.param("<p><a href='https://e.example/'>e.example</a></p>", "e.example", id="a link that says its address"),
        pytest.param("<p><a href='mailto:a@e.example'>us</a></p>", "us[^1]\n\n[^1]: `a@e.example`", id="mail"),
    ],
)  # fmt: skip
def test_markup_becomes_this_markdown(source, markdown):
    assert Body(context()).markdown(clean(source, images="stored")) == markdown


def test_nesting_is_bounded_and_loses_no_text():
    source = clean("<blockquote>" * 500 + "deep" + "</blockquote>" * 500, images="stored")
    body = Body(context()).markdown(source)
    assert "deep" in body
    assert len(body) < 20_000
