"""Rule 3 on the wire: what is checked is what is dialled. 127.0.0.2 stands for the public internet."""

from __future__ import annotations

import asyncio
import ssl
import subprocess

import aiohttp
import pytest
from fetch_wire import LOCAL, LOOPBACK, PUBLIC, WORLD, Names, redirect, reply

from pappus.errors import FetchError, RefusedError
from pappus.fetch import FetchOptions, FetchPolicy, guard
from pappus.fetch.sessions import Sessions


@pytest.fixture
async def inside(serve):
    """A server on loopback that nobody may reach."""
    return await serve({"/": reply(b"secret")})


async def test_a_public_server_is_reached(serve, make):
    server = await serve({"/": reply(b"news")}, host=PUBLIC)
    client = await make(resolver=Names([PUBLIC]))
    assert (await client.get(server.url(host="paper.test"), policy=WORLD)).body == b"news"


@pytest.mark.parametrize("policy", [WORLD, LOCAL, FetchPolicy()], ids=["world", "local", "robots"])
async def test_a_name_that_resolves_to_loopback_is_not_dialled_even_for_a_local_source(inside, make, policy):
    client = await make(resolver=Names([LOOPBACK]))
    with pytest.raises(RefusedError, match="loopback"):
        await client.get(inside.url(host="paper.test"), policy=policy)
    assert inside.connections == 0


async def test_every_record_of_a_name_is_checked(inside, make):
    client = await make(resolver=Names([PUBLIC, "::ffff:127.0.0.1", LOOPBACK, "10.0.0.1"]), retries=0)
    with pytest.raises(FetchError):  # nobody listens at the public address on this port
        await client.get(inside.url(host="paper.test"), policy=WORLD)
    assert inside.connections == 0


async def test_a_good_record_serves_although_others_are_refused(serve, make):
    server = await serve({"/": reply(b"news")}, host=PUBLIC)
    client = await make(resolver=Names(["10.0.0.1", "fe80::1", PUBLIC, LOOPBACK]))
    assert (await client.get(server.url(host="paper.test"), policy=WORLD)).body == b"news"


async def test_a_name_that_answers_public_first_and_loopback_then_gets_nowhere(serve, inside, make):
    names = Names([PUBLIC], [LOOPBACK])
    server = await serve({"/": redirect(inside.url(host="paper.test"))}, host=PUBLIC)
    client = await make(resolver=names)
    with pytest.raises(RefusedError, match="loopback"):
        await client.get(server.url(host="paper.test"), policy=WORLD)
    assert names.asked == ["paper.test", "paper.test"]
    assert (len(server.requests), inside.connections) == (1, 0)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "[::ffff:7f00:1]", "0", "inside.test"])
async def test_a_redirect_to_loopback_is_refused(serve, inside, make, host):
    server = await serve({"/": redirect(inside.url(host=host))}, host=PUBLIC)
    client = await make(resolver=Names([PUBLIC], [LOOPBACK]))
    with pytest.raises(RefusedError):
        await client.get(server.url(host="paper.test"), policy=WORLD)
    assert (len(server.requests), inside.connections) == (1, 0)


@pytest.mark.parametrize(
    "target",
    [
        "file:///etc/hostname",
        "ftp://paper.test/",
        "http://user:secret@paper.test/",
        "data:,news",
        "http://",
        "http://a\x7fb/",
    ],
)
async def test_a_redirect_to_what_is_not_plain_http_is_refused(serve, make, target):
    server = await serve({"/": redirect(target)}, host=PUBLIC)
    client = await make(resolver=Names([PUBLIC]))
    with pytest.raises(RefusedError, match="redirected to"):
        await client.get(server.url(host="paper.test"), policy=WORLD)


async def test_a_local_source_reaches_this_machine_and_the_next_source_does_not(inside, client):
    assert (await client.get(inside.url(), policy=LOCAL)).body == b"secret"
    assert (await client.get(inside.url(host="localhost"), policy=LOCAL)).body == b"secret"
    with pytest.raises(RefusedError, match="local = true"):
        await client.get(inside.url(), policy=WORLD)
    assert len(inside.requests) == 2


async def test_an_open_connection_of_a_local_source_is_not_lent_to_another(serve, make):
    async def keep(request, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnews")
        await writer.drain()
        await asyncio.sleep(5)

    server = await serve({"/": keep})
    client = await make(resolver=Names([LOOPBACK]))
    await client.get(server.url(host="localhost"), policy=LOCAL)
    with pytest.raises(RefusedError):
        await client.get(server.url(host="localhost"), policy=WORLD)


async def test_localhost_that_resolves_elsewhere_is_not_dialled(serve, make):
    server = await serve({"/": reply(b"news")}, host=PUBLIC)
    client = await make(resolver=Names(["10.0.0.1"]))
    with pytest.raises(RefusedError, match="not a loopback"):
        await client.get(server.url(host="localhost"), policy=LOCAL)


async def ask_without_looking_at_the_url(url, refuse):
    sessions = Sessions(FetchOptions(), None, refuse)
    await sessions.open()
    try:
        async with sessions.request(url, {}) as response:
            return await response.read()
    finally:
        await sessions.close()


async def test_the_connector_asks_the_guard_for_literal_addresses_too(inside):
    """0.0.0.0 leads to loopback where there is no guard."""
    url = inside.url(host="0.0.0.0")
    with pytest.raises(aiohttp.ClientConnectorError) as raised:
        await ask_without_looking_at_the_url(url, guard.special)
    assert isinstance(raised.value.os_error, guard.AddressError)
    assert inside.connections == 0
    assert await ask_without_looking_at_the_url(url, lambda _: "") == b"secret"


@pytest.fixture(scope="session")
def self_signed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    command = (
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=paper.test".split()
    )
    try:
        subprocess.run([*command, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("needs the openssl program")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


async def test_a_certificate_that_nobody_vouches_for_is_refused_and_the_name_asked_for_is_the_urls(self_signed, make):
    names = []
    self_signed.sni_callback = lambda _connection, name, _context: names.append(name)

    async def talk(reader, writer):
        writer.write(reply(b"news"))
        writer.close()

    listening = await asyncio.start_server(talk, PUBLIC, 0, ssl=self_signed)
    port = listening.sockets[0].getsockname()[1]
    client = await make(resolver=Names([PUBLIC]))
    with pytest.raises(FetchError, match=r"TLS.*self-signed") as raised:
        await client.get(f"https://paper.test:{port}/", policy=WORLD)
    listening.close()
    assert not raised.value.retry
    assert names == ["paper.test"]
    assert client.requests == 1
