"""Rule 3: which addresses are dialled, in whatever form they are written."""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address

import pytest
from fetch_wire import WORLD

from pappus import urls
from pappus.errors import RefusedError
from pappus.fetch import FetchPolicy, guard

# One address, at least, of every special block of IPv4.
SPECIAL4 = (
    "0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.127.255.254 127.0.0.1 127.1.2.3 169.254.169.254 172.16.0.1 "
    "172.31.255.255 192.0.0.8 192.0.0.170 192.0.2.1 192.31.196.1 192.52.193.1 192.88.99.1 192.168.1.1 192.175.48.1 "
    "198.18.0.1 198.19.255.255 198.51.100.7 203.0.113.9 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255"
).split()
SPECIAL6 = (
    ":: ::1 ::7f00:1 ::ffff:7f00:1 ::ffff:808:808 64:ff9b::7f00:1 64:ff9b::a00:1 64:ff9b:1::1 100::1 100:0:0:1::1 2001::1 "
    "2001:0:4136:e378:8000:63bf:3fff:fdd2 2001:2::1 2001:3::1 2001:4:112::1 2001:10::1 2001:20::1 2001:30::1 2001:db8::1 "
    "2002:7f00:1::1 2002:808:808::1 2620:4f:8000::1 3fff::1 5f00::1 fc00::1 fd12:3456::1 fe80::1 fe80::1%1 fec0::1 "
    "ff02::1 ff0e::1 4000::1 8000::1 2a00:1450::5efe:7f00:1 2a00:1450::200:5efe:a00:1 1::1"
).split()
# The neighbours of the blocks, which are ordinary addresses.
PUBLIC = (
    "1.0.0.1 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.1 169.253.255.255 "
    "169.255.0.0 172.15.255.255 172.32.0.0 191.255.255.255 192.0.1.0 192.0.3.0 192.167.255.255 192.169.0.0 198.17.255.255 "
    "198.20.0.0 203.0.112.255 203.0.114.0 223.255.255.255 2001:200::1 2001:4860:4860::8888 2001:db7::1 2001:db9::1 "
    "2003::1 2606:4700::1111 2a00:1450::1 2a00:1450::5efe:808:808 3ffe::1 64:ff9b::808:808"
).split()


@pytest.mark.parametrize("address", [*SPECIAL4, *SPECIAL6])
def test_a_special_address_is_not_dialled(address):
    assert guard.special(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_an_ordinary_address_is_dialled(address):
    assert guard.special(address) == ""


@pytest.mark.parametrize("text", ["", "localhost", "127.1", "0x7f000001", "2130706433", "1.2.3.4.5", "８.8.8.8"])
def test_what_is_not_an_address_is_not_dialled_as_it_would_be_resolved_again(text):
    assert guard.special(text)


def _full_width(address: str) -> str:
    return "".join(chr(ord(sign) + 0xFEE0) if sign.isdigit() else sign for sign in address)


def _forms(address: str) -> dict[str, str]:
    number = int(IPv4Address(address))
    a, b, c, d = address.split(".")
    tail = (int(c) << 8) + int(d)
    high, low = number >> 16, number & 0xFFFF
    return {
        "dotted": address,
        "final dot": f"{address}.",
        "decimal": str(number),
        "hex": hex(number),
        "upper hex": f"0X{number:X}",
        "octal": f"0{number:o}",
        "octal parts": ".".join(f"0{int(part):o}" for part in (a, b, c, d)),
        "hex parts": ".".join(hex(int(part)) for part in (a, b, c, d)),
        "padded parts": ".".join(f"000{int(part):o}" for part in (a, b, c, d)),
        "mixed parts": f"{a}.{int(b):#x}.0{int(c):o}.{d}",
        "three parts": f"{a}.{b}.{tail}",
        "two parts": f"{a}.{(int(b) << 16) + tail}",
        "percent-encoded": "".join(f"%{ord(sign):02x}" for sign in address),
        "full width": _full_width(address),
        "ideographic stops": address.replace(".", "\u3002"),
        "mapped": f"[::ffff:{address}]",
        "mapped, hex": f"[::ffff:{high:x}:{low:x}]",
        "mapped, in full": f"[0:0:0:0:0:ffff:{high:04x}:{low:04x}]",
        "compatible": f"[::{address}]",
        "NAT64": f"[64:ff9b::{address}]",
        "6to4": f"[2002:{high:x}:{low:x}::1]",
        "Teredo": f"[{IPv6Address((0x20010000 << 96) + (number ^ 0xFFFFFFFF))}]",
        "ISATAP": f"[2a00:1450::5efe:{high:x}:{low:x}]",
    }


REFUSED = "0.0.0.0 10.1.2.3 100.64.3.3 127.0.0.1 169.254.169.254 172.16.9.9 192.168.0.1 198.18.7.7 224.0.0.1".split()
FORMS = [pytest.param(host, id=f"{address} {form}") for address in REFUSED for form, host in _forms(address).items()]


@pytest.mark.parametrize("host", FORMS)
async def test_no_way_of_writing_it_gets_an_address_past_the_guard(client, host):
    with pytest.raises(RefusedError):
        await client.get(f"http://{host}/", policy=WORLD)
    assert client.requests == 0


def test_there_are_two_hundred_forms():
    assert len(FORMS) > 200


@pytest.mark.parametrize(
    "form", ["decimal", "hex", "octal parts", "two parts", "percent-encoded", "full width", "NAT64", "ISATAP"]
)
def test_the_same_forms_of_a_public_address_pass(form):
    url = urls.parse_http(f"http://{_forms('9.9.9.9')[form]}/")
    assert guard.refuse_host(urls.host(url)) == ""


LOCAL_NAMES = (
    "localhost LOCALHOST localhost. a.localhost localhost.localdomain printer.local metadata.google.internal metadata "
    "router router.lan box.home.arpa"
).split()


@pytest.mark.parametrize("host", LOCAL_NAMES)
async def test_a_name_for_local_use_is_refused_before_it_is_resolved(client, host):
    with pytest.raises(RefusedError, match="local use"):
        await client.get(f"http://{host}/", policy=WORLD)
    assert client.requests == 0


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/hostname", "data:text/html,hello", "ftp://paper.test/", "gopher://paper.test/", "javascript:alert(1)",
        "mailto:desk@paper.test", "//paper.test/", "/feed", "", "http://", "http://user@paper.test/",
        "http://user:secret@paper.test/", "http://a b.test/", "http://paper.test:99999/", "http://paper.test/" + "a" * 2050,
        "http://1.2.3.4.5/", "http://[::1", "http://[fe80::1%25eth0]/", "http://ex%00ample.test/",
    ],
)  # fmt: skip
async def test_what_is_not_plain_http_is_refused(client, url):
    with pytest.raises(RefusedError) as raised:
        await client.get(url, policy=FetchPolicy(local=True, robots=False))
    assert "\n" not in str(raised.value)
    assert len(str(raised.value)) < 400
    assert client.requests == 0


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.8.7", "2130706433", "[::1]", "localhost", "LocalHost."])
def test_a_local_source_may_name_this_machine(host):
    assert guard.is_loopback(urls.host(urls.parse_http(f"http://{host}/")))


@pytest.mark.parametrize(
    "host", ["10.0.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "[::ffff:127.0.0.1]", "[fe80::1]", "router.lan"]
)
async def test_a_local_source_may_name_nothing_but_this_machine(client, host):
    with pytest.raises(RefusedError):
        await client.get(f"http://{host}/", policy=FetchPolicy(local=True, robots=False))
    assert client.requests == 0


def test_the_socket_is_made_for_the_very_address_that_was_checked():
    make = guard.guarded_socket(guard.special)
    info = (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("8.8.8.8", 80))
    with make(info) as made:
        assert made.family == socket.AF_INET
    with pytest.raises(guard.AddressError):
        make((*info[:4], ("10.0.0.1", 80)))
