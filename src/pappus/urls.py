"""Addresses: parsed as a browser does, refused unless http, https or mailto, and made canonical.

Every link that leaves Pappus has gone through :func:`parse`; every article is known by its :func:`canonical` URL.
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from urllib.parse import quote, unquote

import ada_url

from pappus.model import is_name

MAX_LENGTH = 2048  # characters; longer addresses are refused

# Query parameters that say where a reader came from and never what the page is.
# Sources: the filter lists of ClearURLs, AdGuard ("URL Tracking Protection") and miniflux's urlcleaner; sorted.
_TRACKING = frozenset({
    "_ga", "_gl", "_hsenc", "_hsmi", "_openstat", "at_campaign", "at_medium", "cmpid", "dclid", "fbclid", "ga_campaign",
    "ga_content", "ga_medium", "ga_source", "ga_term", "gbraid", "gclid", "gclsrc", "hsctatracking", "igshid", "itm_campaign",
    "itm_content", "itm_medium", "itm_source", "mc_cid", "mc_eid", "mkt_tok", "ml_subscriber", "ml_subscriber_hash",
    "mtm_campaign", "mtm_content", "mtm_keyword", "mtm_medium", "mtm_source", "ns_campaign", "ns_mchannel", "ns_source",
    "oly_anon_id", "oly_enc_id", "pk_campaign", "pk_content", "pk_keyword", "pk_medium", "pk_source", "rb_clickid",
    "s_cid", "spm", "twclid", "utm_campaign", "utm_content", "utm_id", "utm_medium", "utm_name", "utm_source", "utm_term",
    "vero_conv", "vero_id", "wbraid", "wickedid", "xtor", "yclid",
})  # fmt: skip


def parse(text: str, base: str | None = None) -> str | None:
    """Return ``text`` as an absolute, serialised URL, or None if it is not one that may be linked to.

    Args:
        text: what stood in the attribute or feed; surrounding white space is ignored.
        base: the absolute URL that a relative one is resolved against.
    """
    text = text.strip()
    if not text or len(text) > MAX_LENGTH:
        return None
    try:
        href = ada_url.join_url(base, text) if base else ada_url.normalize_url(text)
    except ValueError:
        return None
    if len(href) > MAX_LENGTH:
        return None
    if href.startswith(("http://", "https://")):  # serialised, so that there is a host, and a slash after it
        return href if "@" not in href.split("/", 3)[2] else None
    return href if href.startswith("mailto:") else None


_UNFIT = re.compile(r"[^\w!$%&'()*+,./:;=?@~-]|%(?![0-9A-Fa-f]{2})", re.ASCII)


def valid(url: str) -> str:
    """Return an absolute, serialised URL as documents may have it: percent-encoded where browsers let more pass than the grammar does.

    It leads where the other does; an article is known by the other. Source: the URL Standard, "URL code points".
    """
    start = url.find("/", len("https://")) if url.startswith("http") else len("mailto:")
    rest, hash_, fragment = url[start:].partition("#")
    return url[:start] + _UNFIT.sub(_encoded, rest) + hash_ + _UNFIT.sub(_encoded, fragment)


def _encoded(found: re.Match[str]) -> str:
    return quote(found[0], safe="")


def parse_http(text: str, base: str | None = None) -> str | None:
    """Return ``text`` as :func:`parse` does, but only if it is http or https."""
    url = parse(text, base)
    return url if url is not None and url.startswith("http") else None


def canonical(url: str) -> str:
    """Return the form of an http(s) URL under which its article is stored once.

    The fragment and tracking parameters go; an empty query goes; everything else stays as it is, as does what is no URL.
    """
    try:
        parsed = ada_url.URL(url)
    except ValueError:
        return url
    parsed.hash = ""
    query = str(parsed.search)[1:].split("&")
    kept = [part for part in query if part and part.partition("=")[0].lower() not in _TRACKING]
    parsed.search = "?" + "&".join(kept) if kept else ""
    return str(parsed.href)


def host(url: str) -> str:
    """Return the host of an absolute URL, lower case, without port; "" if there is none."""
    try:
        return str(ada_url.URL(url).hostname)
    except ValueError:
        return ""


def origin(url: str) -> str:
    """Return ``scheme://host:port`` of an absolute http(s) URL."""
    return str(ada_url.URL(url).origin)


def is_home(url: str) -> bool:
    """Whether an absolute URL is that of a site's first page."""
    parsed = ada_url.URL(url)
    return parsed.pathname in {"", "/"} and not parsed.search


def same_site(one: str, other: str) -> bool:
    """Whether one host is the other, or a subdomain of it; ``www.`` does not count, nor does a dot at the end."""
    a, b = (host(url).removeprefix("www.").removesuffix(".") for url in (one, other))
    return bool(a) and bool(b) and (a == b or a.endswith("." + b) or b.endswith("." + a))


_ENDING = re.compile(r"\.(?:s?html?|php|aspx?|jsp|md)$")
_UNQUOTED = re.compile("[A-Za-z0-9/._~-]*")
_GENERIC = frozenset({"article", "detail", "default", "home", "index", "news", "page", "show", "story", "view"})


def identifier(url: str, guid: str = "") -> str:
    """Return the source's own id of an article where it has a usable one, else one made of its URL.

    Never empty, a valid name (:func:`pappus.model.is_name`). Two URLs may give the same id; :func:`distinct` tells them apart.

    Args:
        url: the article's canonical URL.
        guid: what the feed calls it.
    """
    for candidate in (guid, next((part for part in reversed(ada_url.URL(url).pathname.split("/")) if part), "")):
        name = _ENDING.sub("", unquote(candidate).lower()).replace("_", "-").strip("-")
        if is_name(name) and name not in _GENERIC and len(name) > 2:
            return name
    return distinct("a", url)


def distinct(name: str, url: str) -> str:
    """Return ``name`` with a short digest of ``url`` behind it, still at most 80 bytes."""
    return f"{name[:60]}-{hashlib.sha256(url.encode()).hexdigest()[:12]}"


def path_quote(path: str) -> str:
    """Return a path of an edition as it stands in a link: UTF-8, percent-encoded, also brackets and parentheses."""
    return path if _UNQUOTED.fullmatch(path) else quote(path, safe="/-._~")  # most need none, and looking costs a fifth


def relative(target: str, start: str) -> str:
    """Return the link that leads from the artifact at path ``start`` to the one at ``target``, not yet quoted."""
    folder, slash, name = target.rpartition("/")
    return _between(start.rpartition("/")[0], folder + slash) + name


@lru_cache(4096)  # a page has many links, and they lead to few folders
def _between(here: str, there: str) -> str:
    """Return the way from a folder to another, which has a slash at its end as the way has, both "" for the outermost."""
    own, other = here.split("/") if here else [], there.split("/")
    shared = 0
    while shared < min(len(own), len(other) - 1) and own[shared] == other[shared]:
        shared += 1
    return "/".join([*[".."] * (len(own) - shared), *other[shared:]])
