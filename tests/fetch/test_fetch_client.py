"""What comes back, when it is tried again, and how politely."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from email.utils import format_datetime

import pytest
from fetch_wire import LOCAL, Names, redirect, reply

from pappus.errors import FetchError, LimitError, RefusedError, StatusError
from pappus.fetch import FetchOptions, FetchPolicy
from pappus.fetch.client import MAX_RETRY_AFTER, Client
from pappus.fetch.gate import Gate
from pappus.model import NO_VALIDATORS, Validators

SEEN = Validators(etag='W/"7"', last_modified="Fri, 17 May 2024 06:00:00 GMT")


async def test_a_page_comes_back_with_type_charset_and_validators(serve, client):
    fields = ('Content-Type: Text/HTML; Charset="GB2312"', f"ETag: {SEEN.etag}", f"Last-Modified: {SEEN.last_modified}")
    server = await serve({"/news": reply(b"<p>news", 200, *fields)})
    fetched = await client.get(server.url("/news#today"), policy=LOCAL)
    assert (fetched.url, fetched.final_url) == (server.url("/news#today"), server.url("/news"))
    assert (fetched.status, fetched.body, fetched.not_modified) == (200, b"<p>news", False)
    assert (fetched.media_type, fetched.charset, fetched.validators) == ("text/html", "gb2312", SEEN)


@pytest.mark.parametrize(
    ("field", "media_type", "charset"),
    [
        ("Content-Type: application/rss+xml", "application/rss+xml", ""), ("X-None: 1", "", ""), ("Content-Type:", "", ""),
        ("Content-Type: text/html;charset=utf-8;x=y", "text/html", "utf-8"), ("Content-Type: ;charset='big5'", "", "big5"),
        ("Content-Type: nonsense; charset=", "", ""), ("Content-Type: text/<b>; charset=<i>", "", ""),
        ("Content-Type: " + "a" * 500 + "/b", "", ""),
    ],
    ids=["feed", "absent", "empty", "parameters", "charset only", "no value", "markup", "long"],
)  # fmt: skip
async def test_odd_content_types_are_taken_as_far_as_they_make_sense(serve, client, field, media_type, charset):
    server = await serve({"/": reply(b"", 200, field)})
    fetched = await client.get(server.url(), policy=LOCAL)
    assert (fetched.media_type, fetched.charset) == (media_type, charset)


async def test_what_has_not_changed_costs_one_conditional_request(serve, client):
    server = await serve({"/": reply(b"", 304, length=False)})
    fetched = await client.get(server.url(), validators=SEEN, policy=LOCAL)
    assert fetched.not_modified
    assert fetched.validators == SEEN
    [request] = server.requests
    assert request.headers["if-none-match"] == SEEN.etag
    assert request.headers["if-modified-since"] == SEEN.last_modified


async def test_validators_follow_redirects(serve, client):
    server = await serve({"/old": redirect("/new", 301), "/new": reply(b"", 304, 'ETag: "8"')})
    fetched = await client.get(server.url("/old"), validators=SEEN, policy=LOCAL)
    assert fetched.validators == Validators(etag='"8"')
    assert fetched.final_url == server.url("/new")


async def test_nothing_changed_is_an_error_where_we_did_not_ask(serve, client):
    server = await serve({"/": reply(b"", 304)})
    with pytest.raises(StatusError, match="304"):
        await client.get(server.url(), policy=LOCAL)


@pytest.mark.parametrize(
    "bad", ['"a\r\nCookie: b"', '"' + "e" * 600, '"\u00e9"', "\x00"], ids=["line break", "long", "accent", "NUL"]
)
async def test_validators_that_would_break_a_header_are_not_sent(serve, client, bad):
    server = await serve({"/": reply(b"news")})
    fetched = await client.get(server.url(), validators=Validators(etag=bad, last_modified=bad), policy=LOCAL)
    assert fetched.body == b"news"
    assert not {"if-none-match", "if-modified-since", "cookie"} & set(server.requests[0].headers)


async def test_validators_that_would_break_a_header_are_not_kept(serve, client):
    server = await serve({"/": reply(b"", 200, "ETag: \xe9", "Last-Modified: " + "m" * 600)})
    assert (await client.get(server.url(), policy=LOCAL)).validators == NO_VALIDATORS


@pytest.mark.parametrize("status", [204, 206, 300, 302, 400, 401, 403, 404, 410, 451, 501])
async def test_another_status_is_an_error_and_not_tried_again(serve, client, status):
    server = await serve({"/": reply(b"", status)})
    with pytest.raises(StatusError, match=f"answered {status}") as raised:
        await client.get(server.url(), policy=LOCAL)
    assert (raised.value.status, raised.value.retry, len(server.requests)) == (status, False, 1)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
async def test_a_passing_trouble_is_tried_again_with_growing_pauses(serve, client, naps, status):
    server = await serve({"/": reply(b"", status)})
    with pytest.raises(StatusError) as raised:
        await client.get(server.url(), policy=LOCAL)
    assert raised.value.retry
    assert len(server.requests) == client.requests == 3
    first, second = naps
    assert 0.5 <= first <= 1.5
    assert 1.0 <= second <= 3.0


async def test_pauses_differ_so_that_clients_do_not_come_back_together(serve, make, naps):
    server = await serve({"/": reply(b"", 500)})
    client = await make(retries=1)
    for _ in range(5):
        with pytest.raises(StatusError):
            await client.get(server.url(), policy=LOCAL)
    assert len(set(naps)) == 5


@pytest.mark.parametrize(
    "trouble",
    [b"", reply(b"", 503), b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nne"],
    ids=["hang-up", "503", "cut short"],
)
async def test_after_a_trouble_has_passed_the_page_is_had(serve, client, trouble):
    async def recover(request, writer):
        writer.write(trouble if len(server.requests) < 3 else reply(b"news"))

    server = await serve({})
    server.routes["/"] = recover
    assert (await client.get(server.url(), policy=LOCAL)).body == b"news"


async def test_a_server_that_is_away_is_tried_again_and_named(serve, client, naps):
    server = await serve()
    dead = server.url().replace(str(server.port), "9")
    with pytest.raises(FetchError, match="connection failed") as raised:
        await client.get(dead, policy=LOCAL)
    assert raised.value.retry
    assert (client.requests, len(naps)) == (3, 2)


@pytest.mark.parametrize(
    ("field", "wait"),
    [("7", 7.0), ("0", 0.0), ("60", MAX_RETRY_AFTER), ("date", 40.0), ("a while", 0.0), ("-5", 0.0), ("9" * 50, 0.0)],
    ids=["seconds", "now", "at the cap", "date", "words", "negative", "absurd"],
)
async def test_retry_after_is_honoured_up_to_a_minute(serve, make, naps, clock, field, wait):
    value = format_datetime(clock() + timedelta(seconds=40), usegmt=True) if field == "date" else field
    server = await serve({"/": reply(b"", 503, f"Retry-After: {value}")})
    client = await make(retries=1)
    with pytest.raises(StatusError):
        await client.get(server.url(), policy=LOCAL)
    assert len(server.requests) == 2
    assert naps[0] == wait if wait > 1.5 else 0.5 <= naps[0] <= 1.5


async def test_a_longer_retry_after_is_left_to_the_caller(serve, client, naps, clock):
    date = format_datetime(clock() + timedelta(hours=2), usegmt=True)
    server = await serve({"/": reply(b"", 429, "Retry-After: 3600"), "/date": reply(b"", 503, f"Retry-After: {date}")})
    for path, seconds in (("/", 3600.0), ("/date", 7200.0)):
        with pytest.raises(StatusError) as raised:
            await client.get(server.url(path), policy=LOCAL)
        assert (raised.value.retry, raised.value.retry_after) == (True, seconds)
    assert (len(server.requests), naps) == (2, [])


async def test_requests_to_a_host_start_apart_and_hosts_do_not_wait_for_each_other(serve, make, naps):
    server = await serve({"/": reply(b"news")})
    client = await make(delay=1000.0)
    policy = FetchPolicy(local=True, robots=False)
    await client.get(server.url(), policy=policy)
    await client.get(server.url(host="localhost"), policy=policy)
    assert naps == []
    await client.get(server.url(), policy=policy)
    assert 900 < naps[0] <= 1000


async def test_the_delay_of_a_source_goes_before_that_of_the_newsroom(serve, make, naps):
    server = await serve({"/": reply(b"news")})
    client = await make(delay=1000.0)
    for _ in range(3):
        await client.get(server.url(), policy=LOCAL)
    assert naps == []


@pytest.mark.parametrize(("concurrency", "per_host", "most"), [(32, 2, 2), (3, 32, 3)], ids=["one host", "in all"])
async def test_so_many_requests_run_at_once_and_no_more(serve, make, concurrency, per_host, most):
    running = peak = 0

    async def count(request, writer):
        nonlocal running, peak
        running += 1
        peak = max(peak, running)
        await asyncio.sleep(0.01)
        running -= 1
        writer.write(reply(b"news"))

    server = await serve({"/": count})
    client = await make(concurrency=concurrency, per_host=per_host)
    await asyncio.gather(*(client.get(server.url(), policy=LOCAL) for _ in range(12)))
    assert peak == most


async def test_a_slow_host_takes_no_turn_from_the_others():
    released = asyncio.Event()
    gate = Gate(1, 1, lambda _: released.wait())

    async def visit(host):
        async with gate.turn(host, 1000.0):
            return host

    await visit("slow")
    waiting = [asyncio.create_task(visit("slow")) for _ in range(5)]
    await asyncio.sleep(0)
    async with asyncio.timeout(5):
        assert [await visit(host) for host in ("one", "two", "three")] == ["one", "two", "three"]
    released.set()
    await asyncio.gather(*waiting)


async def test_hosts_are_forgotten_when_they_no_longer_matter():
    gate = Gate(2, 1, asyncio.sleep)
    for number in range(5000):
        async with gate.turn(f"host{number}", 0.0):
            pass
    assert len(gate._hosts) <= 1024


async def test_a_failed_request_gives_its_turn_back(serve, make):
    server = await serve({"/bad": reply(b"", 404), "/": reply(b"news")})
    client = await make(concurrency=1, per_host=1)
    for _ in range(3):
        with pytest.raises(StatusError):
            await client.get(server.url("/bad"), policy=LOCAL)
    assert (await client.get(server.url(), policy=LOCAL)).body == b"news"


async def test_a_getter_asks_on_behalf_of_one_source(serve, client):
    server = await serve({"/": reply(b"news"), "/304": reply(b"", 304)})
    get = client.getter(LOCAL)
    assert (await get(server.url(), kind="image")).body == b"news"
    assert (await get(server.url("/304"), validators=SEEN)).not_modified
    with pytest.raises(RefusedError):
        await client.getter(FetchPolicy(robots=False))(server.url())


async def test_a_long_address_is_shortened_in_errors(serve, client):
    server = await serve()
    with pytest.raises(StatusError) as raised:
        await client.get(server.url("/" + "a" * 1500), policy=LOCAL)
    assert len(str(raised.value)) < 250


async def test_an_address_goes_over_the_wire_as_it_is(serve, client):
    path = "/a%2Fb/%7Ec;p=1?q=a+b%20c&x=%E6%96%B0&y=[1]"
    server = await serve({path: reply(b"news")})
    assert (await client.get(server.url(path), policy=LOCAL)).body == b"news"


async def test_one_bad_host_among_many_is_one_error(serve, make):
    server = await serve({"/": reply(b"news")})
    client = await make(resolver=Names(["10.0.0.1"]))
    urls = [server.url(), "http://paper.test/", server.url("/none"), "gopher://x/", server.url()]
    results = await asyncio.gather(*(client.get(url, policy=LOCAL) for url in urls), return_exceptions=True)
    assert [type(result).__name__ for result in results] == [
        "Fetched",
        "RefusedError",
        "StatusError",
        "RefusedError",
        "Fetched",
    ]


async def test_a_client_outside_its_context_is_a_bug(memory, clock):
    with pytest.raises(RuntimeError):
        await Client(FetchOptions(), memory, clock=clock).get("http://paper.test/", policy=LOCAL)


async def test_limits_are_errors_of_the_fetch_family(serve, make):
    server = await serve({"/": reply(b"news")})
    client = await make(page_bytes=1)
    with pytest.raises(FetchError) as raised:
        await client.get(server.url(), policy=LOCAL)
    assert isinstance(raised.value, LimitError)
    assert not raised.value.retry
