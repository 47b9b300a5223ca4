"""What is written, in a real browser: it reads as the page does, nothing of it runs, and it stays what it is when parsed again."""

import shutil

import pytest
from playwright.sync_api import sync_playwright

from pappus import markup
from pappus.extraction import blocks, page
from pappus.extraction.compose import compose
from pappus.extraction.figures import Figures

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [pytest.mark.chromium, pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")]

# Each opens another way in: foreign content, raw text, tables that push things out, attributes that close.
HOSTILE = (
    "<img src=https://a.example onerror=hit()>",
    "<svg><script>hit()</script></svg>",
    "<svg><style><img src=https://a.example onerror=hit()></style></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=https://a.example onerror=hit()&gt;'>",
    "<form><math><mtext></form><form><mglyph><style></math><img src=https://a.example onerror=hit()>",
    "<noscript><p title='</noscript><img src=https://a.example onerror=hit()>'></noscript>",
    "<p title='<img src=https://a.example onerror=hit()>'>a</p><abbr title='\"><img src=https://a.example onerror=hit()>'>b</abbr>",
    "<a href='javascript:hit()'>a</a><a href='https://a.example/\"onmouseover=hit()'>b</a>",
    "<table><tr><td><svg><desc><table><img src=https://a.example onerror=hit()></table></desc></svg></table>",
    "<pre>&lt;img src=https://a.example onerror=hit()&gt;</pre><listing>\n\n<plaintext><img src=https://a.example onerror=hit()>",
    "<select><template><img src=https://a.example onerror=hit()></template></select><xmp><img src=https://a.example onerror=hit()></xmp>",
    "<figure><img src=x alt='\"><img src=https://a.example onerror=hit()>' srcset='y\" onerror=hit() 2x'>",
    "<figcaption>&lt;script>hit()</figcaption>",
    "<iframe title='\"><script>hit()</script>' allowfullscreen src='https://a.example/\"><script>hit()</script>'></iframe>",
    "<p lang='\"onload=hit()' dir='\"><script>hit()</script>'>a</p><ol start='\"onload=hit()'><li>b</ol>",
    "<ruby><rt><svg><foreignObject><img src=https://a.example onerror=hit()></foreignObject></svg></rt></ruby>",
    "<details open ontoggle=hit()>a</details><video poster='javascript:hit()' src='data:text/html,<script>hit()</script>'></video>",
)
SPACED = """<body><p>One <b> two </b> three<i> four</i>.<p>
  five
  <span>six</span>
  <span>seven</span><span>eight</span> <br> nine<br>
<div>ten<p>eleven</p> twelve <ins><p>thirteen</p></ins></div>
<p>a&nbsp; b<wbr>c <a href=/>d </a> e<img src=x width=1>f <span style="display:none">g</span>h
<ul><li> i <li><p>j</p> k</ul><blockquote> l <footer>m</footer></blockquote>
<p><code>n  o</code>\t<sub>p</sub> <sup> q</sup></p><pre>r
  s <b>t</b></pre>
<div><em>u<div>v</div>w</em> x</div><p>הוא <bdi>y</bdi> אמר</p>"""


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


def cleaned(source, images="stored"):
    read = page.parse(source, "https://www.harbour.example/a")
    reading = blocks.read(read.document)
    for block in reading.blocks:
        block.kept = True
    return markup.clean(markup.clean(compose(reading, Figures(reading, read.base), ""), images="remote"), images=images)


def show(view, source):
    """Show markup; returns what ran, and what was asked for."""
    ran, asked = [], []
    view.on("console", lambda message: ran.append(message.text))
    view.on("request", lambda request: asked.append(request.url))
    view.route("**/*", lambda route: route.abort())
    view.set_content(f"<!doctype html><script>hit = () => console.log('hit')</script><body>{source}", wait_until="load")
    view.wait_for_timeout(50)
    return [text for text in ran if text == "hit"], asked


@pytest.mark.parametrize("composed", [True, False], ids=["composed", "sanitised"])
def test_nothing_runs_nothing_is_asked_for_and_nothing_changes_when_parsed_again(browser, composed):
    found = "".join(cleaned(source) if composed else markup.clean(source, images="stored") for source in HOSTILE)
    view = browser.new_page()
    assert show(view, found) == ([], [])
    first = view.evaluate("document.body.innerHTML")
    assert view.evaluate("document.body.innerHTML = document.body.innerHTML") == first
    assert view.evaluate(f"document.body.querySelector('*:not({', '.join(sorted(markup.ELEMENTS))})')") is None
    view.close()


def test_the_same_would_run_if_it_were_not_sanitised(browser):
    view = browser.new_page()
    ran, asked = show(view, "".join(HOSTILE[:3]))
    assert ran
    assert asked
    view.close()


def test_text_reads_as_the_page_does(browser):
    view = browser.new_page(java_script_enabled=False)
    lines = []
    for source in (SPACED, cleaned(SPACED)):
        view.set_content(source)
        shown = view.evaluate("document.body.innerText")
        lines.append([line.strip(" ") for line in shown.split("\n") if line.strip(" ")])
    assert lines[0] == lines[1]
    assert len(lines[0]) == 20
    view.close()
