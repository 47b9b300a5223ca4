"""Our subset of HTML: nothing else gets through, nothing is added, and limits stand before a tree is built."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from pappus import markup, urls
from pappus.errors import MarkupError

MEDIA = "media:" + "0" * 64


def remains(html, images="remote"):
    return markup.clean(html, images=images)


def offences(html, images="remote"):
    """Return what a browser would find in cleaned markup that is not of our subset: a second opinion, by another parser."""
    found = []
    tree = LexborHTMLParser(f"<body>{html}</body>")
    for node in tree.css("body *"):
        if node.tag not in markup.ELEMENTS:
            found.append(node.tag)
        for name, value in node.attributes.items():
            if name not in markup.ATTRIBUTES.get(node.tag, ()):
                found.append(f"{node.tag} {name}")
            if name == "href" and urls.parse(value or "") != value:
                found.append(f"href {value!r}")
            if name == "src" and (
                urls.parse_http(value or "") != value if images == "remote" else not (value or "").startswith("media:")
            ):
                found.append(f"src {value!r}")
    return found


HOSTILE = [
    "<script>alert(1)</script>",
    "<ScRiPt src=//x.example></sCrIpT>",
    "<<script>script>alert(1)<</script>/script>",
    "<svg/onload=alert(1)>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<img src=x onerror=alert(1)>",
    '<img src="https://x.example/a.png" srcset="https://y.example/b.png 2x" style="a" class="c" id="i">',
    "<a href=javascript:alert(1)>x</a>",
    "<a href='java&#10;script:alert(1)'>x</a>",
    "<a href='&#1;javascript:alert(1)'>x</a>",
    "<a href=data:text/html,x>x</a>",
    "<a href='https://x.example/' target=_blank rel=opener onclick=x ping=https://y.example/>x</a>",
    "<a href='https://user:pass@x.example/'>x</a>",
    "<iframe src=https://x.example></iframe>",
    "<iframe srcdoc='<script>x</script>'></iframe>",
    "<object data=x></object><embed src=x><applet code=x></applet>",
    "<form action=https://x.example><input name=p><button>go</button></form>",
    "<meta http-equiv=refresh content='0;url=//x.example'>",
    "<base href=//x.example>",
    "<link rel=stylesheet href=//x.example>",
    "<style>@import '//x.example'</style>",
    "<p style='background:url(//x.example)'>x</p>",
    "<video src=x poster=y><source src=z></video>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<xmp><img src=x onerror=alert(1)></xmp>",
    "<textarea><img src=x onerror=alert(1)></textarea>",
    "<plaintext><b>x",
    "<template><script>x</script></template>",
    "<details open ontoggle=alert(1)>x</details>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<img src=data:image/svg+xml,x>",
    "<img src='//x.example/a.png'>",
    "<img src=file:///etc/passwd>",
    "<td background=//x.example>x</td>",
    "<p lang='\"><script>'>x</p>",
    "<ol start='javascript:1'><li value='x'>x</ol>",
    "<time datetime='<script>'>x</time>",
    "<p title=x>x</p><br lang=en><hr title=y>",
    "<p><![CDATA[<script>x</script>]]></p>",
    "<?php echo 1 ?><p>x",
    "<p \x00onclick=x>\x00<scr\x00ipt>x</scr\x00ipt>",
    "<a href='https://x.example/\u202egpj'>x</a>",
]


@pytest.mark.parametrize("images", ["remote", "stored"])
@pytest.mark.parametrize(
    "html", HOSTILE, ids=lambda html: html[:32].encode("ascii", "backslashreplace").decode().replace("\x00", "0")
)
def test_hostile_markup_leaves_nothing_hostile(html, images):
    cleaned = remains(f"<p>before</p>{html}", images)
    assert cleaned.startswith("<p>before</p>")
    assert offences(cleaned, images) == []
    assert remains(cleaned, images) == cleaned


fragments = st.lists(
    st.sampled_from(
        [
            "<p>",
            "</p>",
            "<b>",
            "</b>",
            "<table>",
            "<tr>",
            "<td>",
            "</table>",
            "<svg>",
            "</svg>",
            "<math>",
            "<style>",
            "</style>",
            "<!--",
            "-->",
            "<a href='",
            "javascript:",
            "https://x.example/",
            "'>",
            "</a>",
            '<img src="',
            '" onerror="x">',
            "<script>",
            "</script>",
            "<li>",
            "<ul>",
            "<noscript>",
            "<h2>",
            "</h2>",
            "<select>",
            "<template>",
            "<form>",
            "&lt;",
            "&#x3c;",
            "&",
            "<",
            ">",
            '"',
            "'",
            "\x00",
            "\u202e",
            "x",
            " ",
            "<mglyph>",
            "<mtext>",
            "<title>",
            "</title>",
            "<a>",
            "<dl>",
            "<dt>",
            "<pre>\n",
            "<ruby>",
            "<rt>",
            "<figure>",
            MEDIA,
        ]
    ),
    max_size=25,
).map("".join)


@given(fragments | st.text(max_size=80), st.sampled_from(["remote", "stored"]))
def test_cleaning_is_at_rest_and_adds_nothing(html, images):
    try:
        cleaned = remains(html, images)
    except MarkupError:  # it does not come to rest: refused as well
        return
    assert remains(cleaned, images) == cleaned
    assert offences(cleaned, images) == []


@given(fragments)
def test_what_is_clean_keeps_its_links_images_and_text(html):
    try:
        cleaned = remains(html)
    except MarkupError:
        return
    tree = LexborHTMLParser(f"<body>{cleaned}</body>")
    hrefs = {node.attributes["href"] for node in tree.css("a[href]")}
    assert set(markup.link_targets(cleaned)) == hrefs
    assert set(markup.image_sources(cleaned)) == {node.attributes["src"] for node in tree.css("img[src]")}
    seen = "".join((tree.body.text() or "").split())
    assert "".join(markup.text(cleaned).split()) == seen


def test_markup_of_our_subset_stays_as_it_is():
    body = (
        '<h2 lang="fa" dir="rtl">خبر</h2><p>A <strong>b</strong> <a href="https://x.example/?a=1&amp;b=2" title="t">c</a><br>d</p>'
        '<figure><img src="https://x.example/a.png" alt="5 &gt; 3"><figcaption>e</figcaption></figure>'
        '<ol start="3" reversed=""><li value="7">f</li></ol><table><tbody><tr><td colspan="2">g</td></tr></tbody></table>'
        '<time datetime="2026-11-05T12:00:00Z">h</time><ruby>新<rt>xin</rt></ruby>'
    )
    assert remains(body) == body


def test_stored_images_are_ours_alone():
    html = f'<img src="{MEDIA}"><img src="https://x.example/a.png"><img src="media:../../x"><img src="{MEDIA}0">'
    assert markup.image_sources(remains(html, "stored")) == (MEDIA,)
    assert markup.image_sources(remains(html)) == ("https://x.example/a.png",)


def test_text_without_what_is_not_seen():
    hidden = "a\x00b\x1bc\x85d\u202ee\u2066f\ufffeg\U000e0041h\ud800i"
    assert markup.plain(hidden) == markup.visible(hidden) == "abcdefghi"
    assert markup.plain("  a \r\n b\u00a0c\u2028d ") == "a b c d"
    assert markup.visible("a\r\nb\rc\td") == "a\nb\nc\td"
    assert markup.plain("می\u200cشود \u200eابجد 新\u3000闻") == "می\u200cشود \u200eابجد 新\u3000闻"


def test_blocks_are_set_apart_in_text():
    assert markup.text("<p>a</p><p>b<br>c &amp; d</p><ul><li>e</li></ul><p>f<b>g</b></p>") == "a b c & d e fg"


# Limits: what is beyond them is refused, what is just within is not.


@pytest.mark.parametrize(
    ("html", "words"),
    [
        pytest.param("<b>" * 513, "nested 513 deep", id="depth"),
        pytest.param("<p>" * 200_001, "more than 200,000 tags", id="tags"),
        pytest.param(
            "<p " + " ".join(f"a{n}=1" for n in range(257)) + ">", "more than 256 attributes", id="attributes"
        ),
        pytest.param("<p " + "a " * 257 + ">", "more than 256 attributes", id="attributes-without-values"),
        pytest.param("<p " + "a='x' " * 257 + ">", "more than 256 attributes", id="attributes-in-quotes"),
        pytest.param("<b>" * 600 + "</b>" * 600, "nested 600 deep", id="depth-that-is-closed"),
        pytest.param("<p>" * 100 + "<div><span>" * 300, "deep", id="depth-of-others"),
    ],
)
def test_costly_markup_is_refused(html, words):
    for function in (markup.check, remains):
        with pytest.raises(MarkupError, match=words):
            function(html)


@pytest.mark.parametrize(
    "html",
    [
        pytest.param("<b>" * 512, id="depth"),
        pytest.param("<br>" * 200_000, id="tags"),
        pytest.param("<p " + " ".join(f"a{n}=1" for n in range(256)) + ">", id="attributes"),
        pytest.param("<p>" * 5_000, id="open-paragraphs"),
        pytest.param("a < b " * 300_000, id="no-tags"),
        pytest.param("<b></b>" * 5_000, id="side-by-side"),
    ],
)
def test_markup_within_the_limits_is_not(html):
    markup.check(html)


# Scripts taken out before tags are counted


@pytest.mark.parametrize(
    ("source", "kept"),
    [
        ("a<script>b</script>c", "ac"),
        ("a<SCRIPT src='x'>if (a<b) <b></ScRiPt >c", "ac"),
        ("a<style>b</style>c<!-- d -->e", "ace"),
        ("a<!-->b<!--->c<!-- x --!>d", "abcd"),
        ("a<script>b<!-- </script>c", "ac"),
        ("a<script>never closed", "a"),
        ("a<!-- never closed", "a"),
        ("a<script never closed", "a"),
        ("a<script>b</script never closed", "a"),
        ("<scripty>a</scripty><style-guide>b", "<scripty>a</scripty><style-guide>b"),
        (
            "a<scr\u0131pt>b<\u017ftyle>",
            "a<scr\u0131pt>b<\u017ftyle>",
        ),  # letters that only look like it when case is folded
        ("nothing", "nothing"),
    ],
)
def test_scripts_styles_and_comments_are_taken_out(source, kept):
    assert markup.unscripted(source) == (kept, ())


def test_linked_data_is_kept_apart():
    source = '<script type="application/ld+json">{"a": "<b>"}</script>x<script TYPE=APPLICATION/LD+JSON>2</script><script>3</script>'
    assert markup.unscripted(source) == ("x", ('{"a": "<b>"}', "2"))


@given(fragments)
def test_nothing_that_begins_a_script_is_left(html):
    kept, _ = markup.unscripted(html)
    assert "<!--" not in kept
    assert LexborHTMLParser(f"<body>{kept}</body>").css("body script") == []


@pytest.mark.parametrize(
    "piece", ["<script", "</script", "<script>", "<!--", "<style></style", "<!--->", "<script>x</script "]
)
def test_taking_out_is_linear(piece):
    """A megabyte of it; what is quadratic would take minutes here, and the run would be stopped."""
    markup.unscripted("<script>" + piece * (1_000_000 // len(piece)))
    markup.unscripted(piece * (1_000_000 // len(piece)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The tide came", "The tide came"),
        ("The tide came in", "The tide came…"),
        ("The tide, came early", "The tide…"),
        ("a " + "tide" * 9, "a tidetidetid…"),
        ("潮水提前到来" * 3, "潮水提前到来潮水提前到来潮…"),
    ],
    ids=["fits", "at a word", "without a comma", "inside a word", "ideographs"],
)
def test_text_past_its_length_is_cut_at_a_word_where_it_has_them(text, expected):
    assert markup.plain(text, 14) == expected


@given(st.text(max_size=60), st.integers(1, 40))
def test_text_is_never_longer_than_it_may_be(text, most):
    assert len(markup.plain(text, most)) <= most


def test_names_are_plain_each_once_none_empty_and_twenty_at_most():
    assert markup.plains(["A  B", "", "A B", " ", "C" * 9], 5) == ("A B", "CCCC…")
    assert len(markup.plains(map(str, range(99)), 5)) == 20
