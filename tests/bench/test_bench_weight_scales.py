"""The benchmark of weights counts as browsers load."""

from __future__ import annotations

import random
import shutil
import threading
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import brotli
import pytest
from bench.weight.pages import demo, read
from bench.weight.scales import arrived, before_text, requests, share, weigh
from playwright.sync_api import sync_playwright

from pappus.mirrors.packing import pack

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PAGE = b"""<!doctype html><html><head><meta charset="utf-8"><link rel="icon" href="data:,">
<link rel="stylesheet" href="/sheet.css">
<link rel="stylesheet" href="/print.css" media="print">
<link rel="alternate stylesheet" title="other" href="/alternate.css">
<link rel="stylesheet" href="/disabled.css" disabled>
<link rel="preload" as="script" href="/preload.js">
<noscript><link rel="stylesheet" href="/noscript.css"></noscript>
<template><link rel="stylesheet" href="/template.css"></template>
<style>@import url("/import.css"); p { color: red }</style>
<script src="/plain.js"></script>
<script src="/defer.js" defer></script>
<script src="/async.js" async></script>
<script src="/module.js" type="module"></script>
<script src="/nomodule.js" nomodule></script>
<script src="/data.js" type="application/json"></script>
<script>document.title = "ours"</script>
</head><body><p>Words.</p></body></html>"""
BLOCKING = {"/sheet.css", "/import.css", "/plain.js"}
OTHERS = {"/print.css", "/alternate.css", "/preload.js", "/defer.js", "/async.js", "/module.js"}
WORDS = " ".join(f"{word} " * (word % 5) for word in random.Random(1).sample(range(10_000), 2_000)).encode()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response_only(200)
        kind = {"css": "text/css", "js": "text/javascript"}.get(self.path.rpartition(".")[2], "text/html")
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(PAGE if self.path == "/" else b"")

    def log_message(self, *_):
        pass


def test_what_a_page_asks_for_is_told_with_what_blocks():
    said = {one.href: one.blocks for one in requests(PAGE)}
    assert said == dict.fromkeys(BLOCKING, True) | dict.fromkeys(OTHERS, False)


@pytest.mark.chromium
@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
def test_chromium_asks_for_the_same_and_waits_for_the_same():
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with sync_playwright() as play:
            browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            page = browser.new_page()
            page.goto(f"http://127.0.0.1:{server.server_address[1]}/", wait_until="networkidle")
            found = page.evaluate(
                "performance.getEntriesByType('resource').map(e => [new URL(e.name).pathname, e.renderBlockingStatus])"
            )
            browser.close()
    finally:
        server.shutdown()
        server.server_close()
    assert {path for path, status in found if status == "blocking"} == BLOCKING
    assert {path for path, status in found if status != "blocking"} - BLOCKING == OTHERS


@pytest.mark.parametrize("ending", [".gz", ".br"])
@pytest.mark.parametrize("wanted", [1, 40, 5_000, len(WORDS)])
def test_no_byte_less_than_was_counted_is_enough(ending, wanted):
    packed = pack(ending, WORDS)
    count = arrived(ending, packed, wanted)
    assert len(_unpacked(ending, packed[:count])) >= wanted > len(_unpacked(ending, packed[: count - 1]))


def _unpacked(ending, packed):
    return zlib.decompressobj(wbits=31).decompress(packed) if ending == ".gz" else brotli.Decompressor().process(packed)


def test_more_than_there_is_never_arrives():
    with pytest.raises(ValueError, match="are wanted"):
        arrived(".gz", pack(".gz", WORDS), len(WORDS) + 1)


def test_text_begins_with_its_first_letter():
    start = b'<style>p{}</style><h1>Title</h1><div class="text" itemprop="articleBody" lang="fa">\n<p><em>'
    page = start + b"First</em> words " + WORDS + b"</p></div>"
    head = before_text(page)
    assert head.raw == len(start) + 1
    assert head.gzip < weigh(page).gzip


def test_a_page_without_text_is_refused():
    with pytest.raises(ValueError, match="no text"):
        before_text(b"<h1>Withdrawn</h1>")


def test_what_packing_makes_larger_goes_as_it_is():
    assert weigh(b"a").gzip == weigh(b"a").brotli == 1


@pytest.mark.parametrize(
    ("count", "part", "rank"),
    [(1, 0.5, 1), (1, 0.95, 1), (2, 0.5, 1), (3, 0.5, 2), (20, 0.95, 19), (100, 0.95, 95), (1_000, 0.95, 950)],
)
def test_a_share_is_one_of_the_values(count, part, rank):
    values = list(range(1, count + 1))
    random.Random(2).shuffle(values)
    assert share(values, part) == rank


def test_articles_come_oldest_first_and_each_has_a_date():
    reads = read(demo())
    dates = [one.draft.published for one in reads]
    assert len(reads) == 34
    assert dates == sorted(dates)
