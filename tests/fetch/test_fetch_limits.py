"""Rule 1: a limit on everything that a server can send, and on the time that it may take."""

from __future__ import annotations

import asyncio
import gzip
import random
import subprocess
import sys
import zlib
from pathlib import Path

import brotli
import pytest
from fetch_wire import LOCAL, redirect, reply

from pappus.errors import FetchError, LimitError
from pappus.fetch.body import Body
from pappus.fetch.deadline import Deadline

MIB = 1024 * 1024
NOISE = random.Random(5).randbytes(MIB)


def bomb(mebibytes: int) -> bytes:
    """Return gzip data of that many MiB of zeros, made fast: one deflate block, again and again."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(bytes(MIB)) + packer.flush(zlib.Z_FULL_FLUSH)
    return b"\x1f\x8b\x08\x00\0\0\0\0\x02\xff" + block * mebibytes


def packed(data: bytes, coding: str = "gzip") -> bytes:
    return reply(data, 200, f"Content-Encoding: {coding}")


async def endless(request, writer):
    writer.write(reply(length=False))
    for _ in range(2000):  # 125 MiB, more than anybody should read
        writer.write(bytes(65536))
        await writer.drain()


async def drip(request, writer):
    writer.write(reply(length=False))
    for _ in range(600):
        writer.write(b".")
        await writer.drain()
        await asyncio.sleep(0.05)


async def drip_header(request, writer):
    writer.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    for _ in range(600):
        writer.write(b".")
        await writer.drain()
        await asyncio.sleep(0.05)


async def silence(request, writer):
    await asyncio.sleep(30)


async def flood_of_fields(request, writer):
    writer.write(b"HTTP/1.1 200 OK\r\n")
    for number in range(20_000):
        writer.write(b"X-%d: %s\r\n" % (number, b"v" * 100))
        await writer.drain()


async def endless_field(request, writer):
    writer.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
    for _ in range(2000):
        writer.write(b"v" * 65536)
        await writer.drain()


async def endless_preliminaries(request, writer):
    for _ in range(200_000):
        writer.write(b"HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n" * 100)
        await writer.drain()


WRONG = {
    "endless body": (endless, LimitError, "larger than"),
    "announced as too large": (b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n", LimitError, "announced"),
    "gzip bomb": (packed(bomb(1000)), LimitError, "larger than"),
    "gzip bomb within the limit": (packed(gzip.compress(bytes(2 * MIB))), LimitError, "inflate to"),
    "deflate bomb": (packed(zlib.compress(bytes(20 * MIB)), "deflate"), LimitError, "larger than"),
    "bomb of many members": (packed(gzip.compress(b"") * 5000), LimitError, "gzip members"),
    "compressed twice": (packed(gzip.compress(gzip.compress(b"news")), "gzip, gzip"), LimitError, "compressed 2 times"),
    "compressed twice, in two fields": (
        reply(b"", 200, "Content-Encoding: gzip", "Content-Encoding: deflate"), LimitError, "compressed 2 times",
    ),
    "two gzip members": (packed(gzip.compress(b"ne") + gzip.compress(b"ws")), LimitError, "several gzip members"),
    "an encoding that we did not ask for": (packed(b"news", "zstd"), FetchError, "'zstd'"),
    "gzip in name only": (packed(b"news"), FetchError, "broken gzip"),
    "gzip cut short": (packed(gzip.compress(NOISE)[:5000]), FetchError, "end too early"),
    "a body cut short": (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nnews", FetchError, "connection failed"),
    "many fields": (flood_of_fields, LimitError, "header"),
    "an endless field": (endless_field, LimitError, "header"),
    "64 KiB of fields in all": (reply(b"", 200, *(f"X-{n}: {'v' * 1000}" for n in range(70))), LimitError, "of header"),
    "not HTTP": (b"SSH-2.0-OpenSSH_9.6\r\n\r\n", FetchError, "not HTTP"),
    "nothing at all": (b"", FetchError, "connection failed"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
async def test_a_hostile_answer_is_an_error_of_one_line(serve, make, case):
    answer, kind, words = WRONG[case]
    server = await serve({"/": answer})
    client = await make(retries=0)
    with pytest.raises(kind, match=words) as raised:
        await client.get(server.url(), policy=LOCAL)
    assert server.url() in str(raised.value)
    assert len(str(raised.value)) < 400


@pytest.mark.parametrize(
    "answer", [drip, drip_header, silence, endless_preliminaries], ids=lambda answer: answer.__name__
)
async def test_a_server_that_is_slow_in_any_way_runs_into_the_deadline(serve, make, answer):
    server = await serve({"/": answer})
    client = await make(timeout=0.3)
    async with asyncio.timeout(20):
        with pytest.raises(LimitError, match=r"longer than 0\.3 s"):
            await client.get(server.url(), policy=LOCAL)
    assert client.requests == 1  # not tried again


async def test_the_deadline_is_one_for_all_redirects(serve, make):
    async def slow(request, writer):
        await asyncio.sleep(0.25)
        writer.write(redirect(request.target + "a"))

    server = await serve({"/": slow, "/a": slow, "/aa": slow, "/aaa": slow, "/aaaa": reply(b"news")})
    client = await make(timeout=0.6)
    with pytest.raises(LimitError, match="longer than"):
        await client.get(server.url(), policy=LOCAL)


@pytest.mark.parametrize(
    ("coding", "data"),
    [
        ("identity", b"news"), ("", b"news"), ("gzip", gzip.compress(b"news")), ("X-GZIP", gzip.compress(b"news")),
        ("deflate", zlib.compress(b"news")), ("deflate", zlib.compress(b"news")[2:-4]), ("br", brotli.compress(b"news")),
        ("gzip", gzip.compress(b"news") + bytes(50)),
    ],
    ids=["identity", "none", "gzip", "x-gzip", "deflate", "bare deflate", "br", "padding"],
)  # fmt: skip
async def test_every_honest_encoding_is_undone(serve, client, coding, data):
    server = await serve({"/": packed(data, coding) if coding else reply(data)})
    assert (await client.get(server.url(), policy=LOCAL)).body == b"news"


@pytest.mark.parametrize(
    "coding",
    ["none", "UTF-8", "aws-chunked", "identity, identity", "gzip, identity", "identity, gzip", "gzip,", ", gzip"],
)
async def test_what_browsers_know_no_encoding_of_is_taken_as_it_comes(serve, client, coding):
    data = gzip.compress(b"news")
    server = await serve({"/": packed(data, coding)})
    fetched = await client.get(server.url(), policy=LOCAL)
    assert (fetched.body, fetched.encoding) == (data, "")


@pytest.mark.parametrize("data", [b"news", NOISE, bytes(MIB)], ids=["short", "noise", "dense"])
async def test_brotli_is_undone_for_who_asks_for_it(serve, client, data):
    server = await serve({"/": packed(brotli.compress(data), "br")})
    fetched = await client.beginning(server.url(), 2 * MIB, LOCAL, "br, gzip")
    assert (fetched.body, fetched.encoding) == (data, "br")
    assert server.requests[0].headers["accept-encoding"] == "br, gzip"
    assert (await client.beginning(server.url(), 100, LOCAL, "br")).body == data[:100]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (brotli.compress(bytes(20 * MIB)), "larger than"),
        (brotli.compress(NOISE)[:5000], "end too early"),
        (b"\xffnews", "broken br"),
    ],
    ids=["bomb", "cut short", "in name only"],
)
async def test_brotli_is_read_with_the_same_limits(data, words):
    body = Body("br", 10 * MIB, "https://a.example/")
    with pytest.raises(FetchError, match=words):  # noqa: PT012  # wherever it stands
        for start in range(0, len(data), 1000):
            for _ in body.feed(data[start : start + 1000]):
                assert body.size <= 11 * MIB
        body.finish()


async def test_a_body_that_comes_byte_by_byte_in_chunks_is_put_together(serve, client):
    async def chunked(request, writer):
        writer.write(reply(b"", 200, "Transfer-Encoding: chunked", "Content-Encoding: gzip", length=False))
        for byte in gzip.compress(NOISE[:2000]):
            writer.write(b"1\r\n%c\r\n" % byte)
            await writer.drain()
        writer.write(b"0\r\n\r\n")

    server = await serve({"/": chunked})
    assert (await client.get(server.url(), policy=LOCAL)).body == NOISE[:2000]


async def test_a_small_page_may_compress_as_well_as_it_likes(serve, client):
    server = await serve({"/": packed(gzip.compress(bytes(MIB)))})
    assert len((await client.get(server.url(), policy=LOCAL)).body) == MIB


async def test_a_large_page_that_compresses_as_pages_do_is_taken(serve, client):
    page = NOISE + bytes(3 * MIB)
    server = await serve({"/": packed(gzip.compress(page))})
    assert (await client.get(server.url(), policy=LOCAL)).body == page


async def test_pages_and_images_have_limits_of_their_own_to_the_byte(serve, make):
    server = await serve(
        {"/10": reply(bytes(10)), "/11": reply(bytes(11)), "/20": reply(bytes(20)), "/21": reply(bytes(21))}
    )
    client = await make(page_bytes=10, image_bytes=20)
    assert len((await client.get(server.url("/10"), policy=LOCAL)).body) == 10
    assert len((await client.get(server.url("/20"), policy=LOCAL, kind="image")).body) == 20
    for path, kind in (("/11", "page"), ("/21", "image")):
        with pytest.raises(LimitError):
            await client.get(server.url(path), policy=LOCAL, kind=kind)


def late_tail(seconds):
    async def answer(request, writer):
        writer.write(reply(bytes(2 * MIB), length=False))
        await writer.drain()
        await asyncio.sleep(seconds)
        writer.write(b"tail")

    return answer


async def test_waiting_for_others_large_bodies_does_not_count_as_the_servers_time(serve, make):
    server = await serve({"/first": late_tail(1.5), "/then": late_tail(3.5)})
    client = await make(timeout=3.0, per_host=8)
    first = [asyncio.create_task(client.get(server.url("/first"), policy=LOCAL)) for _ in range(3)]
    await asyncio.sleep(0.1)
    fetched = await asyncio.gather(*first, client.get(server.url("/then"), policy=LOCAL))
    assert [one.body[-4:] for one in fetched] == [b"tail"] * 4


async def test_the_deadline_stands_still_while_paused_and_goes_on_afterwards():
    deadline = Deadline("http://paper.test/", 0.05)
    went_on = False

    async def wait_and_work():
        nonlocal went_on
        async with deadline.running():
            await deadline.paused(asyncio.sleep(0.2))
            went_on = True
            await asyncio.sleep(5)

    with pytest.raises(LimitError):
        await wait_and_work()
    assert went_on


async def test_five_redirects_are_followed_and_not_a_sixth(serve, client):
    server = await serve({f"/{n}": redirect(f"/{n - 1}") for n in range(1, 7)} | {"/0": reply(b"news")})
    fetched = await client.get(server.url("/5"), policy=LOCAL)
    assert (fetched.body, fetched.url, fetched.final_url) == (b"news", server.url("/5"), server.url("/0"))
    with pytest.raises(LimitError, match="more than 5 redirects"):
        await client.get(server.url("/6"), policy=LOCAL)


@pytest.mark.parametrize("start", ["/self", "/ping"])
async def test_a_redirect_loop_is_seen_at_once(serve, client, start):
    server = await serve(
        {"/self": redirect("/self#again"), "/ping": redirect("/pong"), "/pong": redirect("/ping", 301)}
    )
    with pytest.raises(LimitError, match="in a circle"):
        await client.get(server.url(start), policy=LOCAL)
    assert len(server.requests) <= 2


async def test_many_endless_bodies_and_bombs_at_once_stay_under_150_megabytes(serve):
    server = await serve({"/small": reply(b"news"), "/endless": endless, "/bomb": packed(bomb(2000))})
    program = Path(__file__).parent / "fetch_peak.py"
    process = await asyncio.create_subprocess_exec(sys.executable, str(program), server.url(), stdout=subprocess.PIPE)
    output, _ = await process.communicate()
    failed, growth = map(int, output.split())
    assert failed == 48
    assert growth < 150 * 1000 * 1000
