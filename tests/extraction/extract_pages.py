"""Pages of an invented newspaper, and what is made of them."""

from pappus.extraction import NO_RULES
from pappus.extraction.article import article
from pappus.model import Fetched

URL = "https://www.harbour.example/news/2026/tide.html?utm_source=feed"
FILLER = (
    "The harbour master said on Monday that the new breakwater had held through the night. "
    "Fishermen counted eleven boats with damage, and none had been lost."
)
PARAGRAPHS = "".join(f"<p>{FILLER} That was report number {number}.</p>" for number in ("one", "two", "three", "four"))

PAGE = """<!DOCTYPE html><html lang="{lang}"><head><meta charset="utf-8"><title>{title} | Harbour Gazette</title>
<meta property="og:site_name" content="Harbour Gazette">{head}</head>
<body><header><nav><a href="/">Home</a> <a href="/sea">Sea</a></nav></header>
<main><article><h1>{title}</h1>{body}</article></main>
<aside><h3>Most read</h3><ul><li><a href="/1"><img src="/t1.jpg" width="400">
Another story that people read a lot</a></li></ul></aside>
<footer><p>© Harbour Gazette. All rights reserved. Imprint and privacy.</p></footer></body></html>"""


def page(body, *, head="", title="The tide came in early", lang="en", charset="utf-8"):
    text = PAGE.format(body=body, head=head, title=title, lang=lang)
    return Fetched(url=URL, final_url=URL, body=text.encode(charset), media_type="text/html", charset=charset)


def draft(body, rules=NO_RULES, lead=None, **parts):
    return article(page(body, **parts), rules, lead=lead)


def body(inner, **parts):
    return draft(PARAGRAPHS + inner + PARAGRAPHS.replace("report", "account"), **parts).body


FIGURE = """<figure><picture><source srcset="/i/boat-800.webp 800w, /i/boat-1600.webp 1600w"><img src="data:image/gif;base64,R0lGOD"
 data-src="/i/boat-400.jpg" alt="A boat"></picture><figcaption>Eleven boats were damaged in the night.
 <span class="credit">Photo: A. Reporter</span></figcaption></figure>"""
