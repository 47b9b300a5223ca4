"""robots.txt, as RFC 9309 has it."""

from __future__ import annotations

import asyncio
import gzip

import pytest
from fetch_wire import LOOPBACK, PUBLIC, Names, redirect, reply

from pappus.errors import FetchError, RefusedError
from pappus.fetch import FetchPolicy
from pappus.fetch.robots import MAX_CRAWL_DELAY, ROBOTS_BYTES, product_token, read_rules

POLITE = FetchPolicy(local=True, delay=0.0)
DISALLOW = reply(b"User-agent: *\nDisallow: /closed/\n")


async def test_a_disallowed_address_is_not_asked_for_and_an_allowed_one_is(serve, client):
    server = await serve({"/robots.txt": DISALLOW, "/open": reply(b"news"), "/closed/a": reply(b"no")})
    assert (await client.get(server.url("/open"), policy=POLITE)).body == b"news"
    with pytest.raises(RefusedError, match="respect_robots") as raised:
        await client.get(server.url("/closed/a"), policy=POLITE)
    assert not raised.value.retry
    assert server.paths == ["/robots.txt", "/open"]


async def test_without_respect_for_robots_the_file_is_not_asked_for(serve, client):
    server = await serve({"/robots.txt": DISALLOW, "/closed/a": reply(b"news")})
    policy = FetchPolicy(local=True, robots=False, delay=0.0)
    assert (await client.get(server.url("/closed/a"), policy=policy)).body == b"news"
    assert server.paths == ["/closed/a"]


async def test_many_askers_at_once_share_one_request_even_if_one_gives_up(serve, make):
    async def slow(request, writer):
        await asyncio.sleep(0.05)
        writer.write(reply(b""))

    server = await serve({"/robots.txt": slow, "/open": reply(b"news")})
    client = await make(per_host=10)
    gets = [asyncio.create_task(client.get(server.url("/open"), policy=POLITE)) for _ in range(20)]
    await asyncio.sleep(0.01)
    gets[0].cancel()
    await asyncio.gather(*gets, return_exceptions=True)
    assert sum(not task.cancelled() and task.result().body == b"news" for task in gets) == 19
    assert server.paths.count("/robots.txt") == 1


async def test_the_file_is_kept_for_a_day_also_between_runs(serve, make, clock):
    server = await serve({"/robots.txt": DISALLOW, "/open": reply(b"news")})
    for hours, asked in ((0, 1), (23, 1), (2, 2)):
        clock.forward(hours=hours)
        client = await make()
        await client.get(server.url("/open"), policy=POLITE)
        await client.get(server.url("/open"), policy=POLITE)
        assert server.paths.count("/robots.txt") == asked


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 451])
async def test_a_site_without_the_file_allows_everything(serve, client, status):
    server = await serve({"/robots.txt": reply(b"", status), "/open": reply(b"news")})
    assert (await client.get(server.url("/open"), policy=POLITE)).body == b"news"


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_site_whose_file_cannot_be_had_is_left_alone_for_now(serve, make, clock, memory, naps, status):
    client = await make(delay=0.0)
    server = await serve({"/robots.txt": reply(b"", status), "/open": reply(b"news")})
    for _ in range(3):
        with pytest.raises(RefusedError, match=f"for now: the server answered {status}") as raised:
            await client.get(server.url("/open"), policy=POLITE)
        assert raised.value.retry
        assert server.url("/open") in str(raised.value)
    assert server.paths == ["/robots.txt"] * 3  # one try and two more; the failure is remembered for some minutes
    assert len(naps) == 2
    assert memory.kept == {}
    server.routes["/robots.txt"] = reply(b"")
    clock.forward(minutes=6)
    assert (await client.get(server.url("/open"), policy=POLITE)).body == b"news"


async def test_an_old_copy_serves_while_the_file_cannot_be_had(serve, client, clock, memory):
    server = await serve({"/robots.txt": reply(b"", 503), "/open": reply(b"news")})
    memory.remember_robots(server.url("").rstrip("/"), "User-agent: *\nDisallow: /closed/", clock())
    clock.forward(days=30)
    assert (await client.get(server.url("/open"), policy=POLITE)).body == b"news"
    with pytest.raises(RefusedError, match="disallows"):
        await client.get(server.url("/closed/b"), policy=POLITE)


async def test_only_the_first_500_kibibytes_count(serve, client):
    text = b"User-agent: *\nDisallow: /closed/\n" + b"#" * ROBOTS_BYTES + b"\nDisallow: /open\n"
    for answer in (reply(text), reply(gzip.compress(text), 200, "Content-Encoding: gzip")):
        server = await serve({"/robots.txt": answer, "/open": reply(b"news")})
        assert (await client.get(server.url("/open"), policy=POLITE)).body == b"news"
        with pytest.raises(RefusedError):
            await client.get(server.url("/closed/"), policy=POLITE)


async def test_the_file_is_asked_for_under_the_same_guard(serve, make):
    inside = await serve({"/robots.txt": reply(b"")})
    server = await serve({"/robots.txt": redirect(inside.url("/robots.txt")), "/open": reply(b"news")}, host=PUBLIC)
    client = await make(resolver=Names([PUBLIC], [LOOPBACK]))
    for url in (server.url("/open", host="paper.test"), inside.url("/", host="other.test")):
        with pytest.raises(RefusedError, match="loopback") as raised:
            await client.get(url, policy=FetchPolicy(delay=0.0))
        assert not raised.value.retry
    assert inside.connections == 0


async def test_the_target_of_a_redirect_must_be_allowed_by_its_own_site(serve, client):
    other = await serve({"/robots.txt": DISALLOW, "/closed/a": reply(b"no")})
    server = await serve({"/open": redirect(other.url("/closed/a"))})
    with pytest.raises(RefusedError, match="disallows"):
        await client.get(server.url("/open"), policy=POLITE)
    assert other.paths == ["/robots.txt"]


async def test_a_crawl_delay_raises_the_delay_and_is_capped(serve, make, naps):
    for text, low, high in (("5", 4, 5), ("99999", MAX_CRAWL_DELAY - 1, MAX_CRAWL_DELAY), ("nan", 0, 0), ("x", 0, 0)):
        server = await serve({"/robots.txt": reply(f"User-agent: *\nCrawl-delay: {text}".encode()), "/": reply(b"")})
        client = await make(delay=0.0)
        naps.clear()
        for _ in range(2):
            await client.get(server.url(), policy=POLITE)
        assert low <= sum(naps) <= high


@pytest.mark.parametrize(
    ("agent", "token"),
    [
        ("pappus/1.0 (mirrors news)", "pappus"), ("Harbour-Mirror/2", "harbour-mirror"), ("reader", "reader"),
        ("Mozilla/5.0 (compatible; HarbourBot/1.0; +mailto:desk@paper.test)", "harbourbot"), ("Mozilla/5.0", "mozilla"),
        ("7", "pappus"),
    ],
    ids=["default", "capitals", "bare", "compatible", "Mozilla alone", "nothing usable"],
)  # fmt: skip
def test_the_product_token_comes_from_the_user_agent(agent, token):
    assert product_token(agent) == token


GROUPS = """
# a comment
User-agent: otherbot
User-agent: Pappus/2.0   # us, with a version
Disallow: /for-us

user agent : *
Disallow: /for-all
"""


@pytest.mark.parametrize(
    ("text", "path", "allowed"),
    [
        (GROUPS, "/for-us", False), (GROUPS, "/for-all", True),
        ("User-agent: pappusbot\nDisallow: /", "/", True), ("User-agent: pap\nDisallow: /", "/", True),
        ("User-agent: *\nDisallow: /", "/", False), ("User-agent: *\nDisallow:", "/", True),
        ("Disallow: /", "/", True), ("User-agent: x\nDisallow: /\nUser-agent: y\nDisallow: /y", "/", True),
        ("User-agent: *\nDisallow: /a\nAllow: /a/b", "/a/b/c", True), ("User-agent: *\nDisallow: /*.pdf$", "/x.pdf", False),
        ("User-agent: *\nDisallow: /*.pdf$", "/x.pdf?y", True), ("<html>Disallow everything</html>", "/", True),
        ("\ufeffUser-agent: *\nDisallow: /".encode().decode("utf-8-sig"), "/", False),
        ("User-agent: *\r\nDisallow: /\u65b0\u805e\r\n", "/%E6%96%B0%E8%81%9E", False),
    ],
)  # fmt: skip
def test_groups_and_rules_are_read_as_the_rfc_says(text, path, allowed):
    assert read_rules(text, "pappus").allows(f"https://paper.test{path}") is allowed


def test_a_file_of_agents_and_rules_costs_time_in_proportion_to_its_length():
    """Rules are kept once a group, and groups of others are one: 2,000 agents with 8,000 rules would be 16 million."""
    text = "".join(f"User-agent: bot{n}\n" for n in range(2000)) + "".join(f"Disallow: /{n}\n" for n in range(20_000))
    parsed = read_rules(text, "pappus").parsed
    assert sum(len(group._rules) for group in parsed._user_agents.values()) <= 10_000


async def test_a_host_that_does_not_exist_is_an_error_of_the_fetch_family(make):
    class Nobody(Names):
        async def resolve(self, host, port=0, family=0):
            raise OSError(-2, "Name or service not known")

    client = await make(resolver=Nobody([]))
    with pytest.raises(FetchError, match="cannot be resolved"):
        await client.get("http://paper.test/", policy=FetchPolicy())
