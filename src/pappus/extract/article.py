"""Makes a draft: of a page, or of what a feed carries."""

from __future__ import annotations

from typing import Any

from lxml import etree, html
from msgspec.structs import replace

from pappus import markup, urls
from pappus.errors import ExtractError
from pappus.extract import body as bodies
from pappus.extract import former_figures as figures
from pappus.extract import former_metadata as metadata
from pappus.extract.former_page import parse, tree
from pappus.extract.language import direction, language
from pappus.extract.rules import NO_RULES, Rules
from pappus.model import Draft, Fetched, Lead, Picture


def article(fetched: Fetched, rules: Rules = NO_RULES, *, lead: Lead | None = None) -> Draft:
    """Return the article of a page as a draft; what the page does not say is taken from its lead.

    Args:
        fetched: the page.
        rules: CSS selectors of the site, where the guess is wrong.
        lead: what the channel announced.

    Raises:
        ExtractError: not an article's page, or no text can be found in it.
        MarkupError: markup past our limits.
    """
    page = parse(fetched, rules)
    known = metadata.said(page)
    title = metadata.title(known) or (lead.title if lead else "")
    body = _found(page.body if page.body is not None else page.root, page.base, title, chosen=page.body is not None)
    if body is None:
        raise ExtractError(page.url, "no article text can be found in it", "give a rule for this site's body")
    cleaned = markup.clean(body.markup, images="remote")
    text = markup.text(cleaned)
    tag = language((*metadata.languages(known), lead.language if lead else ""), text)
    subtitle = metadata.subtitle(known, title)
    picture = _lead_picture(known, body)
    draft = Draft(
        url=metadata.canonical(page),
        title=title,
        body=cleaned,
        subtitle="" if subtitle in text else subtitle,
        authors=metadata.authors(known),
        published=metadata.published(known),
        updated=metadata.updated(known),
        language=tag,
        direction=direction(tag, text),
        lead=picture,
        summary=metadata.summary(known),
        tags=metadata.tags(known),
        licence=metadata.licence(known),
    )
    return _tidied(_completed(draft, lead) if lead else draft)


def from_content(lead: Lead) -> Draft:
    """Return the content that a channel carries itself as a draft.

    Raises:
        ExtractError: it carries none.
        MarkupError: markup past our limits.
    """
    content = markup.visible(lead.content or lead.summary)
    if not content.strip():
        raise ExtractError(lead.url, "the channel carries no content for it", "set the channel to fetch pages")
    content, _ = markup.unscripted(content)
    markup.check(content)
    root = tree(f"<html><body>{content}</body></html>", lead.url)
    base = next(
        (url for one in root.iter("base") if (url := urls.parse_http(one.get("href") or "", lead.url))),
        lead.url,
    )
    body = _found(root, base, lead.title, chosen=True) or bodies.Body(markup="")
    cleaned = markup.clean(body.markup, images="remote")
    text = markup.text(cleaned)
    tag = language((lead.language,), text)
    draft = Draft(
        url=urls.canonical(lead.url),
        title=lead.title,
        body=cleaned,
        language=tag,
        direction=direction(tag, text),
    )
    return _tidied(_completed(draft, lead))


def _found(root: html.HtmlElement, base: str, title: str, *, chosen: bool) -> bodies.Body | None:
    """Return the body in a tree: all of it where it was ``chosen`` already.

    Raises:
        ExtractError: from whatever the library stumbles over; it guesses at markup that nobody foresaw.
    """
    try:
        return bodies.whole(root, base, title) if chosen else bodies.chosen(root, base, title)
    except (
        etree.LxmlError,
        RecursionError,
        ArithmeticError,
        AssertionError,
        AttributeError,
        LookupError,
        TypeError,
        ValueError,
    ) as error:
        raise ExtractError(base, f"its text cannot be chosen: {type(error).__name__}: {error}"[:200]) from error


def _completed(draft: Draft, lead: Lead) -> Draft:
    """Fill what a draft lacks from its announcement."""
    said: dict[str, Any] = {
        "title": lead.title,
        "authors": lead.authors,
        "published": lead.published,
        "updated": lead.updated,
        "tags": lead.tags,
        "summary": _summary(lead),
    }
    return replace(draft, **{name: value for name, value in said.items() if value and not getattr(draft, name)})


def _summary(lead: Lead) -> str:
    if not lead.summary or lead.summary == lead.content:
        return ""
    text = markup.text(markup.clean(lead.summary, images="remote"))
    return text if len(text) <= markup.MAX_SUMMARY else ""  # a longer one is the article


def _tidied(draft: Draft) -> Draft:
    """Return a draft whose plain-text fields are plain and bounded, and whose update lies after its publication."""
    updated = draft.updated
    if updated and draft.published and updated <= draft.published:
        updated = None
    return replace(
        draft,
        title=markup.plain(draft.title, markup.MAX_TITLE),
        subtitle=markup.plain(draft.subtitle, markup.MAX_SUBTITLE),
        authors=markup.plains(draft.authors, markup.MAX_NAME),
        lead=figures.tidied(draft.lead) if draft.lead else None,
        summary=markup.plain(draft.summary, markup.MAX_SUMMARY),
        tags=markup.plains(draft.tags, markup.MAX_TAG),
        licence=_whole_licence(draft.licence),
        updated=updated,
    )


def _whole_licence(licence: str) -> str:
    """Return a licence within its length; half an address would be none."""
    if urls.parse_http(licence) and len(licence) > markup.MAX_LICENCE:
        return ""
    return markup.plain(licence, markup.MAX_LICENCE)


def _lead_picture(known: metadata.Said, body: bodies.Body) -> Picture | None:
    """Return the picture to stand above the text: what the page is shared with, with the words it has on the page.

    None where the text already shows it. Without one to share, the picture that stands just before the text.
    """
    for shared in metadata.images(known):
        if figures.trifling(shared.src):
            continue
        if any(figures.same_image(shared.src, one.src) for one in body.pictures):
            return None
        on_page = next((one for one in body.everywhere if figures.same_image(shared.src, one.src)), None)
        if on_page is not None:
            return replace(
                on_page,
                caption=on_page.caption or shared.caption,
                credit=on_page.credit or shared.credit,
                alt=on_page.alt or shared.alt,
            )
        before = next((one for one in body.before if one.caption), None)  # the same picture, cut for sharing
        return before if before is not None else shared
    return next((one for one in reversed(body.before) if one.caption), None)
