"""Brings a draft's images home: each is fetched once, encoded, kept, and the draft made to point at what was kept."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from msgspec import Struct
from msgspec.structs import replace
from selectolax.lexbor import LexborHTMLParser, LexborNode

from pappus import markup, urls
from pappus.errors import MediaError, PappusError
from pappus.media.pixels import Encoded
from pappus.model import NO_VALIDATORS, Draft, Get, Media, Picture, Validators

MAX_IMAGES: Final = 60  # of one article
_AT_ONCE = 4  # images of one article that are asked for together

Encode = Callable[[bytes], Awaitable[Encoded]]
Keep = Callable[[str, Encoded, Validators], Media]
Known = Callable[[str], tuple[Media, Validators] | None]


class _Supply(Struct, frozen=True, kw_only=True):
    """Where images come from and go to."""

    get: Get
    encode: Encode
    turn: asyncio.Semaphore


async def localise(
    draft: Draft, get: Get, encode: Encode, keep: Keep, known: Known
) -> tuple[Draft, tuple[Media, ...], tuple[str, ...]]:
    """Return a draft whose images are ``media:<digest>``, those media in order, and why others could not be had.

    An image that is stored already is asked for again with its validators, for another picture may have come to its
    address: yesterday's chart is not today's. What cannot be had any more stays as it was; what never could be had
    leaves its caption and its alternative text. The lead image is not shown twice: it goes from
    the body where it is the first thing there, and is no lead where the body shows it later.

    Args:
        draft: as extracted.
        get: asks for an image.
        encode: :func:`pappus.media.pixels.encode`, wherever it runs.
        keep: stores an encoded image under the address that it came from.
        known: what is stored of an address already.

    Raises:
        StoreError: from ``keep`` and ``known``.
    """
    wanted = _wanted(draft)
    supply = _Supply(get=get, encode=encode, turn=asyncio.Semaphore(_AT_ONCE))
    asked = {url: known(url) for url in wanted[:MAX_IMAGES]}
    answers = await asyncio.gather(*(_answer(url, held, supply) for url, held in asked.items()))
    media: dict[str, Media] = {}
    reasons: list[str] = []
    for url, answer in zip(asked, answers, strict=True):
        match answer:
            case Media():
                media[url] = answer
            case str():
                reasons.append(answer)
            case (encoded, validators):
                media[url] = keep(url, encoded, validators)
    if over := len(wanted) - len(asked):
        reasons.append(f"{draft.url}: {over} images past the limit of {MAX_IMAGES} were left out")
    placed = _placed(draft, media)
    return placed, _shown(placed, media), tuple(reasons)


def _wanted(draft: Draft) -> list[str]:
    """Return the addresses of a draft's images, lead first, each once."""
    sources = [draft.lead.src] if draft.lead else []
    return list(dict.fromkeys([*sources, *markup.image_sources(draft.body)]))


async def _answer(
    url: str, held: tuple[Media, Validators] | None, supply: _Supply
) -> Media | tuple[Encoded, Validators] | str:
    """Return an image as it is stored, or anew with its validators, or in one line why it cannot be had."""
    try:
        if urls.parse_http(url) is None:
            raise MediaError(url[:80], "not an http address")
        async with supply.turn:
            fetched = await supply.get(url, validators=held[1] if held else NO_VALIDATORS, kind="image")
            if held and fetched.not_modified:
                return held[0]
            return await supply.encode(fetched.body), fetched.validators
    except PappusError as error:
        if held:
            return held[0]
        return str(error) if error.subject == url else f"{url[:200]}: {error}"


def _placed(draft: Draft, media: Mapping[str, Media]) -> Draft:
    """Return the draft with every image stored or gone."""
    tree = LexborHTMLParser(f"<body>{draft.body}</body>")
    for image in tree.css("img"):
        found = media.get(image.attributes.get("src") or "")
        if found is None:
            _give_up(image)
        else:
            image.attrs["src"] = f"media:{found.digest}"
    lead, before = _lead(draft.lead, media)
    if lead is not None:
        lead = _once(tree, lead)
    body = tree.body.inner_html if tree.body else ""
    return replace(draft, lead=lead, body=markup.clean(before + (body or ""), images="stored"))


def _lead(lead: Picture | None, media: Mapping[str, Media]) -> tuple[Picture | None, str]:
    """Return the stored lead image; if it cannot be had, the words that it leaves at the head of the body."""
    if lead is None:
        return None, ""
    if found := media.get(lead.src):
        return replace(lead, src=f"media:{found.digest}"), ""
    words = [text for text in (lead.caption, lead.credit) if text]
    if not words:
        return None, ""
    tree = LexborHTMLParser("<body><figure><figcaption></figcaption></figure></body>")
    for caption in tree.css("figcaption"):
        caption.insert_child(" ".join(words))
    return None, (tree.body.inner_html if tree.body else "") or ""


def _give_up(image: LexborNode) -> None:
    """Replace an image by its alternative text, and take away what stands empty without it."""
    alt = markup.plain(image.attributes.get("alt") or "")
    figure = _around(image, "figure")
    parent = image.parent
    caption = markup.plain((figure.text() if figure else parent.text() if parent else "") or "")
    if alt and alt not in caption:
        image.replace_with(alt)
        return
    image.decompose()
    while parent is not None and parent.tag in {"a", "p", "figure", "li"} and not _holds_something(parent):
        empty, parent = parent, parent.parent
        empty.decompose()


def _around(node: LexborNode, tag: str) -> LexborNode | None:
    parent = node.parent
    while parent is not None and parent.tag != tag:
        parent = parent.parent
    return parent


def _holds_something(node: LexborNode) -> bool:
    return bool((node.text() or "").strip()) or node.css_first("img") is not None


def _once(tree: LexborHTMLParser, lead: Picture) -> Picture | None:
    """Return the lead if the body does not show it too, having taken it from the body's head."""
    same = [image for image in tree.css("img") if image.attributes.get("src") == lead.src]
    if not same:
        return lead
    block = same[0]
    while block.parent is not None and block.parent.tag != "body":
        block = block.parent
    if len(same) > 1 or not _is_first(block) or len(block.css("img")) > 1:
        return None
    caption = block.css_first("figcaption")
    words = markup.plain(caption.text() or "") if caption else ""
    alt = markup.plain(same[0].attributes.get("alt") or "")
    in_text = block.tag != "figure" and bool((block.text() or "").strip())
    (same[0] if in_text else block).decompose()
    return replace(lead, alt=lead.alt or alt, caption=lead.caption or words)


def _is_first(block: LexborNode) -> bool:
    before = block.prev
    while before is not None and not (before.text() or "").strip() and before.css_first("img") is None:
        before = before.prev
    return before is None


def _shown(draft: Draft, media: Mapping[str, Media]) -> tuple[Media, ...]:
    """Return what a draft refers to, in order of appearance, each once."""
    by_source = {f"media:{one.digest}": one for one in media.values()}
    return tuple(by_source[source] for source in _wanted(draft) if source in by_source)
