"""Rule 2: what a request says about us, and through whom it goes."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import struct

import pytest
from fetch_wire import LOCAL, LOOPBACK, PUBLIC, WORLD, Names, redirect, reply

from pappus.errors import FetchError, RefusedError
from pappus.fetch import FetchOptions


async def test_a_request_says_who_asks_and_nothing_else(serve, make):
    server = await serve(
        {
            "/": reply(b"", 302, "Location: /next", "Set-Cookie: reader=7; Path=/", "Refresh: 0"),
            "/next": reply(b"news", 200, "Set-Cookie: reader=8"),
        }
    )
    client = await make(user_agent="harbour-mirror/2 (desk@paper.test)")
    await client.get(server.url(), policy=LOCAL)
    await client.get(server.url("/next"), policy=LOCAL)
    assert len(server.requests) == 3
    for request in server.requests:
        assert sorted(request.names) == ["Accept", "Accept-Encoding", "Host", "User-Agent"]
        assert request.headers["user-agent"] == "harbour-mirror/2 (desk@paper.test)"
        assert request.headers["accept-encoding"] == "gzip"
        assert request.method == "GET"


def test_the_default_user_agent_names_the_program():
    assert FetchOptions().user_agent.startswith("pappus/")


@pytest.mark.parametrize("agent", ["", "  ", "a\r\nCookie: b", "gazet\u00e9"])
def test_a_user_agent_that_would_break_a_header_is_refused(agent):
    with pytest.raises(ValueError, match="user agent"):
        FetchOptions(user_agent=agent)


@pytest.mark.parametrize(
    "proxy",
    [
        "proxy.test:3128",
        "ftp://proxy.test",
        "socks4://proxy.test",
        "http:///",
        "socks5://a b",
        "http://proxy.test:99999",
    ],
)
def test_a_proxy_that_cannot_be_used_is_refused_without_being_quoted(proxy):
    with pytest.raises(ValueError, match="proxy") as raised:
        FetchOptions(proxy=proxy)
    assert proxy not in str(raised.value)


def test_the_proxys_password_is_not_in_the_options_text():
    assert "secret" not in repr(FetchOptions(proxy="http://user:secret@proxy.test:3128"))


@pytest.mark.parametrize("policy", [LOCAL, WORLD], ids=["local", "world"])
async def test_proxies_and_passwords_of_the_environment_are_not_used(serve, make, monkeypatch, tmp_path, policy):
    host = LOOPBACK if policy.local else PUBLIC
    (tmp_path / "netrc").write_text("default login user password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "https_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    server = await serve({"/": reply(b"news")}, host=host)
    client = await make(resolver=Names([PUBLIC]))
    url = server.url(host="" if policy.local else "paper.test")
    assert (await client.get(url, policy=policy)).body == b"news"
    assert "authorization" not in server.requests[0].headers


class Socks:
    """A small SOCKS5 server (RFC 1928, 1929) that leads everything to one port here and notes what it was asked for."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.wanted: list[tuple[int, str, int]] = []  # kind of address, address, port
        self.users: list[bytes] = []

    async def talk(self, reader, writer):
        _, count = await reader.readexactly(2)
        methods = await reader.readexactly(count)
        writer.write(b"\x05\x02" if b"\x02"[0] in methods else b"\x05\x00")
        if 2 in methods:
            await reader.readexactly(1)
            for _ in range(2):
                self.users.append(await reader.readexactly((await reader.readexactly(1))[0]))
            writer.write(b"\x01\x00")
        _, _, _, kind = await reader.readexactly(4)
        size = {1: 4, 4: 16}.get(kind) or (await reader.readexactly(1))[0]
        address = await reader.readexactly(size)
        (port,) = struct.unpack(">H", await reader.readexactly(2))
        self.wanted.append((kind, address.decode("latin-1"), port))
        writer.write(b"\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x00")
        far_reader, far_writer = await asyncio.open_connection(LOOPBACK, self.target)
        await asyncio.gather(pump(reader, far_writer), pump(far_reader, writer))


async def pump(reader, writer):
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


@pytest.fixture
async def socks(serve):
    paper = await serve(
        {"/": reply(b"news"), "/away": redirect("http://127.0.0.1:1/"), "/on": redirect("http://other.test/")}
    )
    server = Socks(paper.port)
    listening = await asyncio.start_server(server.talk, LOOPBACK, 0)
    server.address = f"127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    yield server
    listening.close()


async def test_a_socks_proxy_gets_the_name_and_resolves_it_itself(socks, make):
    names = Names([PUBLIC])
    client = await make(proxy=f"socks5://{socks.address}", resolver=names)
    assert (await client.get("http://paper.test/", policy=WORLD)).body == b"news"
    assert socks.wanted == [(3, "paper.test", 80)]  # 3: a domain name
    assert names.asked == []


async def test_a_socks_proxy_gets_user_and_password(socks, make):
    client = await make(proxy=f"socks5://user:secret@{socks.address}")
    await client.get("http://paper.test/", policy=WORLD)
    assert socks.users == [b"user", b"secret"]


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://10.1/",
        "http://[::1]/",
        "http://localhost/",
        "http://printer.local/",
        "http://paper.test/away",
    ],
)
async def test_local_addresses_and_names_are_not_asked_of_a_proxy(socks, make, url):
    client = await make(proxy=f"socks5://{socks.address}")
    with pytest.raises(RefusedError):
        await client.get(url, policy=WORLD)
    assert all(host == "paper.test" for _, host, _ in socks.wanted)


async def test_redirects_go_through_the_proxy_too(socks, make):
    client = await make(proxy=f"socks5://{socks.address}")
    await client.get("http://paper.test/on", policy=WORLD)
    assert [host for _, host, _ in socks.wanted] == ["paper.test", "other.test"]


async def test_a_source_on_this_machine_is_asked_directly(socks, serve, make):
    paper = await serve({"/": reply(b"local news")})
    client = await make(proxy=f"socks5://{socks.address}")
    assert (await client.get(paper.url(), policy=LOCAL)).body == b"local news"
    assert socks.wanted == []


async def test_an_http_proxy_gets_the_whole_url_and_resolves_the_name_itself(serve, make):
    proxy = await serve({"http://paper.test/feed?n=1": reply(b"news")})
    names = Names([PUBLIC])
    client = await make(proxy=f"http://user:secret@127.0.0.1:{proxy.port}", resolver=names)
    assert (await client.get("http://paper.test/feed?n=1", policy=WORLD)).body == b"news"
    assert names.asked == []
    [request] = proxy.requests
    assert request.headers["host"] == "paper.test"
    assert request.headers["proxy-authorization"] == "Basic " + base64.b64encode(b"user:secret").decode()


async def test_an_http_proxy_is_asked_to_connect_for_https(serve, make):
    proxy = await serve({"paper.test:443": reply(b"", 403)})
    client = await make(proxy=proxy.url(), retries=0)
    with pytest.raises(FetchError, match="the proxy answered 403"):
        await client.get("https://paper.test/", policy=WORLD)
    assert [(request.method, request.target) for request in proxy.requests] == [("CONNECT", "paper.test:443")]


@pytest.mark.parametrize("scheme", ["http", "socks5"])
async def test_a_proxy_that_is_away_is_an_error_that_does_not_name_it_and_never_a_direct_request(serve, make, scheme):
    paper = await serve({"/": reply(b"news")}, host=PUBLIC)
    client = await make(proxy=f"{scheme}://user:secret@127.0.0.1:9", resolver=Names([PUBLIC]), retries=0)
    with pytest.raises(FetchError, match="proxy cannot be reached") as raised:
        await client.get(paper.url(host="paper.test"), policy=WORLD)
    assert "secret" not in str(raised.value)
    assert paper.connections == 0
