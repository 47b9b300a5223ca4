"""The contract that every source reader keeps, whatever it is given."""

import gzip
import io
import json
import tracemalloc
import zlib

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from pappus.errors import SourceError
from pappus.sources import MAX_LEADS, ReadOptions
from pappus.sources.readers import READERS

BASE = "https://harbour.example/news/"
OPTIONS = ReadOptions(url=BASE)


def feed(urls: list[str]) -> bytes:
    items = "".join(f"<item><title>T</title><link>{url}</link></item>" for url in urls)
    return f'<rss version="2.0"><channel><title>Harbour</title>{items}</channel></rss>'.encode()


def index(urls: list[str]) -> bytes:
    return "".join(f'<p><a href="{url}">T</a></p>' for url in urls).encode()


def listing(urls: list[str]) -> bytes:
    return ("url,title\n" + "".join(f"{url},T\n" for url in urls)).encode()


def record(url: str, body: bytes = b"<p>T</p>", headers: str = "Content-Type: text/html", status: int = 200) -> bytes:
    block = f"HTTP/1.1 {status} OK\r\n{headers}\r\n\r\n".encode() + body
    return (
        (
            "WARC/1.1\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:8c62c461-4650-41e5-aa92-1164ea3a4ebb>\r\n"
            f"WARC-Date: 2026-01-02T03:04:05Z\r\nWARC-Target-URI: {url}\r\n"
            f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(block)}\r\n\r\n"
        ).encode()
        + block
        + b"\r\n\r\n"
    )


def warc(urls: list[str]) -> bytes:
    return b"".join(record(url) for url in urls)


MAKERS = {"feed": feed, "index": index, "list": listing, "warc": warc}
every_reader = pytest.mark.parametrize("name", sorted(READERS))


def leads(name: str, data: bytes, options: ReadOptions = OPTIONS):
    return list(READERS[name](io.BytesIO(data), options))


@every_reader
def test_every_reader_has_a_maker_here(name):
    assert name in MAKERS


@every_reader
def test_leads_come_with_absolute_addresses_in_the_order_of_the_channel(name):
    urls = [f"{BASE}{number}" for number in (3, 1, 2, 30, 10)]
    assert [lead.url for lead in leads(name, MAKERS[name](urls))] == urls


@every_reader
@pytest.mark.parametrize(
    "bad", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "http://u:p@a.example/"]
)
def test_an_address_that_is_not_http_is_passed_over(name, bad):
    assert [lead.url for lead in leads(name, MAKERS[name]([f"{BASE}a", bad, f"{BASE}b"]))] == [f"{BASE}a", f"{BASE}b"]


limited_readers = pytest.mark.parametrize("name", ["feed", "index"])


@limited_readers
def test_no_more_than_the_limit_of_leads_is_read(name):
    found = leads(name, MAKERS[name]([f"{BASE}{number}" for number in range(MAX_LEADS + 7)]))
    assert len(found) == MAX_LEADS
    assert found[-1].url == f"{BASE}{MAX_LEADS - 1}"


@pytest.mark.parametrize("name", ["list", "warc"])
def test_what_is_streamed_is_read_to_its_end(name):
    found = leads(name, MAKERS[name]([f"{BASE}{number}" for number in range(MAX_LEADS + 7)]))
    assert [lead.url for lead in found] == [f"{BASE}{number}" for number in range(MAX_LEADS + 7)]


@pytest.mark.parametrize("name", ["feed", "index", "list"])
def test_a_title_without_end_is_cut(name):
    made = (
        MAKERS[name]([f"{BASE}1"])
        .replace(b">T<", b">" + b"tide " * 9_000 + b"<")
        .replace(b",T", b"," + b"tide " * 9_000)
    )
    (lead,) = leads(name, made)
    assert 290 < len(lead.title) <= 300
    assert lead.title.endswith("tide…")


@limited_readers
def test_more_bytes_than_the_limit_are_refused(name):
    with pytest.raises(SourceError, match="larger than 10 MiB"):
        leads(name, MAKERS[name]([f"{BASE}a"]) + b" " * (10 << 20))


@every_reader
@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" \n",
        b"\0" * 4096,
        bytes(range(256)) * 64,
        b"<" * 50_000,
        b"<a " * 5_000,
        b"\x1f\x8b" + b"x" * 999,
        b"{" * 100_000,
    ],
    ids=["empty", "blank", "NULs", "all bytes", "angle brackets", "open tags", "false gzip", "deep JSON"],
)
def test_hostile_bytes_are_refused_in_one_line(name, data):
    with pytest.raises(SourceError) as caught:
        leads(name, data)
    assert "\n" not in str(caught.value)
    assert caught.value.subject == BASE


@every_reader
@given(data=st.binary(max_size=400), cut=st.floats(0, 1), seed=st.integers(0, 2**16))
def test_damaged_channels_give_leads_or_a_source_error_and_nothing_else(name, data, cut, seed):
    whole = bytearray(MAKERS[name]([f"{BASE}{number}" for number in range(4)]))
    position = seed % len(whole)
    whole[position : position + len(data) // 4] = data
    for hostile in (data, bytes(whole), bytes(whole[: int(cut * len(whole))])):
        try:
            found = leads(name, hostile)
        except SourceError:
            continue
        assert all(lead.url.startswith(("http://", "https://")) for lead in found)


# --- index pages ---


def teasers(page: str, **selectors: str):
    return [(lead.url, lead.title) for lead in leads("index", page.encode(), ReadOptions(url=BASE, **selectors))]


def test_an_index_page_gives_each_address_once_with_the_first_words_that_link_to_it():
    page = '<a href="a"><img src="x.png"></a><a href="/news/a">The  tide</a><a href="a#comments">Comments</a>'
    assert teasers(page) == [(f"{BASE}a", "The tide")]


def test_an_index_page_by_default_stays_on_its_site_and_a_selector_decides_otherwise():
    page = '<a href="https://elsewhere.example/1">E</a><a class=t href="https://www.harbour.example/2">H</a>'
    assert teasers(page) == [("https://www.harbour.example/2", "H")]
    assert teasers(page, link="a")[0] == ("https://elsewhere.example/1", "E")


def test_an_index_page_looks_for_titles_beside_the_link_and_within_the_teaser():
    page = "".join(f'<article><h2>T{n}</h2><div><a class="more" href="{n}">more</a></div></article>' for n in (1, 2))
    assert teasers(page, link="a.more", title="h2", within="article") == [(f"{BASE}1", "T1"), (f"{BASE}2", "T2")]
    assert teasers(page, link="a.more", title="h2") == [(f"{BASE}1", "T1"), (f"{BASE}2", "T2")]


def test_an_index_page_has_its_links_resolved_against_its_base_element():
    assert teasers('<base href="https://harbour.example/old/"><a href="1">T</a>') == [
        ("https://harbour.example/old/1", "T")
    ]


@pytest.mark.parametrize("option", ["link", "title", "within"])
def test_a_bad_selector_is_named(option):
    with pytest.raises(SourceError, match=r"'p >>\[' is not a CSS selector"):
        teasers('<p><a href="1">T</a></p>', **{option: "p >>["})


def test_an_index_page_nested_without_end_is_refused():
    with pytest.raises(SourceError, match="nested"):
        teasers("<div>" * 5_000)


# --- lists ---


@pytest.mark.parametrize(
    "text",
    [
        "https://a.example/1,One\nhttps://a.example/2,Two\n",
        "url,title\nhttps://a.example/1,One\nhttps://a.example/2,Two",
        "\ufeffTitle;URL\r\nOne;https://a.example/1\r\nTwo;https://a.example/2\r\n",
        "https://a.example/1\tOne\nnot an address\tX\n\nhttps://a.example/2\tTwo\n",
        '"https://a.example/1","One"\n"https://a.example/2","Two"\n',
    ],
    ids=["plain", "header", "BOM, semicolons, CRLF, swapped", "tabs, bad line", "quoted"],
)
def test_lists_are_read_in_their_usual_forms(text):
    found = [(lead.url, lead.title) for lead in leads("list", text.encode())]
    assert found == [("https://a.example/1", "One"), ("https://a.example/2", "Two")]


def test_a_list_of_bare_addresses_keeps_commas_of_its_titles_when_they_are_quoted():
    assert leads("list", b'https://a.example/1,"Tide, wind and rain"')[0].title == "Tide, wind and rain"


def test_a_list_without_any_address_says_what_is_expected():
    with pytest.raises(SourceError, match="one article a line"):
        leads("list", b"one\ntwo\n")


def test_a_list_is_read_in_pieces_none_of_which_cuts_a_line():
    title = "Ebbe und Flut in der Küstenstadt, "
    text = "".join(f'{BASE}{number},"{title * 3}{number}"\n' for number in range(20_000))  # 3 MB
    found = leads("list", text.encode())
    assert [lead.title for lead in found] == [f"{title * 3}{number}" for number in range(20_000)]


def test_a_list_in_utf_16_is_read_and_refused_where_it_is_too_long():
    text = f"url,title\n{BASE}1,ਅੱਜ\n"
    assert [lead.title for lead in leads("list", text.encode("utf-16"))] == ["ਅੱਜ"]
    with pytest.raises(SourceError, match="save it as UTF-8"):
        leads("list", (text * 200_000).encode("utf-16"))


# --- archives ---


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_an_archive_gives_its_pages_with_their_bytes(pack):
    data = pack(record(f"{BASE}1", "<p>潮</p>".encode(), "Content-Type: text/html; charset=UTF-8"))
    (lead,) = leads("warc", data)
    assert (lead.page.body.decode(), lead.page.media_type, lead.page.charset) == ("<p>潮</p>", "text/html", "utf-8")
    assert lead.page.final_url == lead.url == f"{BASE}1"


@pytest.mark.parametrize(
    "made",
    [
        record(f"{BASE}x", status=404),
        record(f"{BASE}x", headers="Content-Type: image/png"),
        record(f"{BASE}x", headers="Content-Type: text/html\r\nContent-Encoding: unheard"),
        record(f"{BASE}x", b"\x1f\x8bdamaged", "Content-Type: text/html\r\nContent-Encoding: gzip"),
        record(f"{BASE}x", gzip.compress(bytes(8 << 20)), "Content-Type: text/html\r\nContent-Encoding: gzip"),
        record(f"{BASE}x", bytes(11 << 20)),
        record(f"{BASE}x").replace(b"HTTP/1.1 200 OK", b"no status line!"),
    ],
    ids=["404", "image", "unknown encoding", "damaged gzip", "bomb", "too large", "no HTTP"],
)
def test_an_archive_passes_over_what_is_not_a_page_and_goes_on(made):
    found = leads("warc", record(f"{BASE}1") + made + record(f"{BASE}2"))
    assert [lead.url for lead in found] == [f"{BASE}1", f"{BASE}2"]


def encoded(encoding: str) -> bytes:
    page = b"<p>tide</p>" * 500
    return {
        "gzip": gzip.compress(page),
        "deflate": zlib.compress(page),
        "br": brotli.compress(page),
        "zstd": zstandard.compress(page),
        "identity": page,
    }[encoding]


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "identity"])
def test_an_archive_has_content_encodings_undone(encoding):
    data = record(f"{BASE}1", encoded(encoding), f"Content-Type: text/html\r\nContent-Encoding: {encoding}")
    assert leads("warc", data)[0].page.body == b"<p>tide</p>" * 500


@pytest.mark.parametrize(
    "body", [b"5\r\n<p>ti\r\n6;x=y\r\nde</p>\r\n0\r\n\r\n", b"<p>tide</p>"], ids=["kept", "dropped"]
)
def test_an_archive_has_chunks_undone_whether_the_archiver_kept_them_or_not(body):
    data = record(f"{BASE}1", body, "Content-Type: text/html\r\nTransfer-Encoding: chunked")
    assert leads("warc", data)[0].page.body == b"<p>tide</p>"


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_a_cut_archive_gives_what_is_readable_and_then_an_error(pack):
    data = pack(record(f"{BASE}1")) + pack(record(f"{BASE}2", json.dumps(list(range(9_000))).encode()))
    reader = READERS["warc"](io.BytesIO(data[:-2_000]), OPTIONS)
    assert next(reader).url == f"{BASE}1"
    with pytest.raises(SourceError, match=r"cut off|damaged"):
        next(reader)


@pytest.mark.parametrize(
    ("pack", "kept"),
    [
        (bytes, b"WARC-Type"),
        (bytes, b"Content-Length"),
        (bytes, b"HTTP/1.1 200"),
        (bytes, b"text/"),
        (gzip.compress, b"WARC-Date"),
    ],
    ids=["first line", "header", "status line", "HTTP header", "gzip"],
)
def test_an_archive_cut_inside_a_records_header_gives_what_is_readable_and_then_an_error(pack, kept):
    second = record(f"{BASE}2")
    data = pack(record(f"{BASE}1")) + pack(second[: second.index(kept) + len(kept)])
    reader = READERS["warc"](io.BytesIO(data), OPTIONS)
    assert next(reader).url == f"{BASE}1"
    with pytest.raises(SourceError, match=r"cut off inside the (?:header of record 2|record of)"):
        next(reader)


class Endless(io.RawIOBase):
    """An archive of ``count`` records that is never whole in memory."""

    def __init__(self, part: bytes, count: int) -> None:
        self.parts = (part for _ in range(count))
        self.rest = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        self.rest = self.rest or next(self.parts, b"")
        given, self.rest = self.rest[:size], self.rest[size:]
        return given


def test_an_archive_larger_than_memory_is_read_in_little_of_it():
    part = gzip.compress(record(f"{BASE}1", b"<p>tide</p>" * 20_000))  # 220 KB each, 88 MB in all
    tracemalloc.start()
    count = sum(1 for _ in READERS["warc"](Endless(part, 400), OPTIONS))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 400
    assert peak < 8 << 20
