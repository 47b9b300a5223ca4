"""Addresses: only those that may be linked to, in one form for each article."""

from __future__ import annotations

from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pappus import urls
from pappus.model import is_name


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        (" https://A.Example:443/a/../b c ", "https://a.example/b%20c"),
        ("http://a.example", "http://a.example/"),
        ("https://bücher.example/ä?q=ü#ß", "https://xn--bcher-kva.example/%C3%A4?q=%C3%BC#%C3%9F"),
        ("mailto:desk@a.example", "mailto:desk@a.example"),
        ("HTTPS://a.example\\b", "https://a.example/b"),
        ("ht\ntps://a.example/\tx", "https://a.example/x"),
    ],
)
def test_an_address_is_read_as_a_browser_reads_it(text, parsed):
    assert urls.parse(text) == parsed


@pytest.mark.parametrize(
    ("url", "valid"),
    [
        ("https://a.example/", "https://a.example/"),
        ("https://a.example/a|b[c]?d[]=`{^}`", "https://a.example/a%7Cb%5Bc%5D?d%5B%5D=%60%7B%5E%7D%60"),
        ("http://[::1]:8080/100%/%2f?50%", "http://[::1]:8080/100%25/%2f?50%25"),
        ("https://a.example/?a#b#c?d", "https://a.example/?a#b%23c?d"),
        ("mailto:desk@a.example?subject={a b}", "mailto:desk@a.example?subject=%7Ba%20b%7D"),
        ("", ""),
    ],
)
def test_an_address_stands_in_documents_as_the_grammar_has_it(url, valid):
    assert urls.valid(url) == urls.valid(valid) == valid


@given(st.text())
def test_an_address_in_a_document_leads_where_the_stored_one_does(text):
    url = urls.parse(f"https://a.example/{text}")
    if url is not None:
        assert unquote(urls.parse(urls.valid(url))) == unquote(url)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "javascript:alert(1)",
        "java\nscript:alert(1)",
        "\x01javascript:alert(1)",
        "JaVaScRiPt:1",
        "vbscript:x",
        "data:text/html,x",
        "file:///etc/passwd",
        "blob:https://a.example/x",
        "ftp://a.example/",
        "//a.example/",
        "/a",
        "a",
        "?x",
        "#x",
        "https://",
        "https:///",
        "https://user@a.example/",
        "https://user:pass@a.example/",
        "https://:@a.example:99999/",
        "http://[::1",
        "https://a.example/\ud800",
        "https://a.example/" + "a" * 2048,
        "tel:1",
        "intent://x",
        "about:blank",
        "ws://a.example/",
        "https://a b.example/",
    ],
    ids=lambda text: repr(text)[:30],
)
def test_other_addresses_are_none(text):
    assert urls.parse(text) is None


def test_a_relative_address_is_resolved_against_its_base():
    assert urls.parse("../b?x#y", "https://a.example/c/d/e") == "https://a.example/c/b?x#y"
    assert urls.parse("//b.example/", "https://a.example/") == "https://b.example/"
    assert urls.parse("javascript:1", "https://a.example/") is None
    assert urls.parse("/b", "no base") is None


def test_where_a_page_is_wanted_mail_is_none():
    assert urls.parse_http("mailto:desk@a.example") is None
    assert urls.parse_http("http://a.example/") == "http://a.example/"


def test_what_grows_past_the_limit_when_escaped_is_none():
    assert urls.parse("https://a.example/" + "新" * 300) is None
    assert urls.parse("https://a.example/" + "新" * 200) is not None


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("https://a.example/x#top", "https://a.example/x"),
        ("https://a.example/x?", "https://a.example/x"),
        ("https://a.example/x?#top", "https://a.example/x"),
        ("https://a.example/x?utm_source=feed&id=7&UTM_Medium=x&fbclid=y", "https://a.example/x?id=7"),
        ("https://a.example/x?utm_source=feed", "https://a.example/x"),
        ("https://a.example/x?b=2&&a=1&", "https://a.example/x?b=2&a=1"),
        ("https://a.example/x?q=what?", "https://a.example/x?q=what?"),
        ("https://a.example/x??", "https://a.example/x??"),
        ("https://a.example/x?utm=1", "https://a.example/x?utm=1"),
        ("https://a.example/X/?Id=A%2fb", "https://a.example/X/?Id=A%2fb"),
        ("http://a.example", "http://a.example/"),
    ],
)
def test_an_article_is_known_by_one_form_of_its_address(url, canonical):
    assert urls.canonical(url) == canonical


pieces = st.lists(
    st.sampled_from(["/", "a", "?", "#", "&", "=", "utm_source", "ä", "%41", "..", ";", "\\", " ", "@", ":", "新"]),
    max_size=12,
).map("".join)


@given(pieces)
def test_canonical_is_at_rest(rest):
    url = urls.parse_http("https://a.example/" + rest)
    if url is not None:
        once = urls.canonical(url)
        assert urls.canonical(once) == once
        assert "#" not in once


@given(st.text(max_size=60) | pieces.map("https://a.example/{}".format))
def test_parse_is_at_rest_and_never_fails(text):
    once = urls.parse(text)
    if once is not None:
        assert urls.parse(once) == once
        assert once.startswith(("http://", "https://", "mailto:"))
        assert once.isascii()
        assert not set(once) & set(' "<>\n\t') or once.startswith("mailto:")


@pytest.mark.parametrize(
    ("url", "guid", "name"),
    [
        ("https://a.example/2026/11/ferry-runs.html", "", "ferry-runs"),
        ("https://a.example/ferry_runs/", "", "ferry-runs"),
        ("https://a.example/story.php", "4711", "4711"),
        ("https://a.example/ferry", "https://a.example/?p=12", "ferry"),
        ("https://a.example/FERRY", "", "ferry"),
    ],
)
def test_an_article_has_its_sources_own_id(url, guid, name):
    assert urls.identifier(url, guid) == name


@pytest.mark.parametrize(
    "url",
    [
        "https://a.example/",
        "https://a.example/index.html",
        "https://a.example/con",
        "https://a.example/%2e%2e%2f",
        "https://a.example/新闻",
        "https://a.example/a%00b",
        "https://a.example/" + "x" * 81,
        "https://a.example/2026/11/05/",
        "https://a.example/.git",
        "https://a.example/-",
    ],
)
def test_where_there_is_none_that_is_usable_one_is_made(url):
    name = urls.identifier(url)
    assert name.startswith("a-")
    assert is_name(name)
    assert urls.identifier(url + "?other") != name


@given(pieces, st.text(max_size=90))
def test_an_id_is_always_a_name(rest, guid):
    url = urls.parse_http("https://a.example/" + rest)
    if url is not None:
        assert is_name(urls.identifier(urls.canonical(url), guid))


@given(st.text("abc-0", min_size=1, max_size=80).filter(is_name), st.text(max_size=20))
def test_a_distinct_name_is_a_name(name, url):
    assert is_name(urls.distinct(name, url))
    assert urls.distinct(name, url) != urls.distinct(name, url + "x")


def test_sites_are_the_same_with_their_subdomains():
    assert urls.same_site("https://www.a.example/x", "http://a.example:8080/")
    assert urls.same_site("https://a.example/", "https://news.a.example/")
    assert urls.same_site("https://a.example./", "https://news.a.example/")
    assert not urls.same_site("https://a.example/", "https://ba.example/")
    assert not urls.same_site("no address", "no address")


@pytest.mark.parametrize(
    ("target", "start", "link"),
    [
        ("README.md", "README.md", "README.md"),
        ("README.md", "pages/g/2026/11/05/a.md", "../../../../../README.md"),
        ("pages/g/2026/11/05/b.md", "pages/g/2026/11/05/a.md", "b.md"),
        ("indexes/新闻.md", "README.md", "indexes/新闻.md"),
    ],
)
def test_links_inside_an_edition_are_relative(target, start, link):
    assert urls.relative(target, start) == link


def test_paths_are_quoted_to_the_last_bracket():
    assert urls.path_quote("indexes/a (b) [c]/新.md") == "indexes/a%20%28b%29%20%5Bc%5D/%E6%96%B0.md"


def test_hosts_and_origins():
    assert urls.host("https://A.Example:8443/x") == "a.example"
    assert urls.host("nothing") == ""
    assert urls.origin("https://A.Example:443/x") == "https://a.example"
    assert urls.origin("http://a.example:8080/x") == "http://a.example:8080"
