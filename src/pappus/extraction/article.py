"""Makes a draft: of a page, of what a feed carries, of one part of an article. Only here is the order of the room known."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from pappus import markup, urls
from pappus.errors import ExtractError, MarkupError
from pappus.extraction import blocks, embedded, metadata, page, parts, pictures, walls, wholes
from pappus.extraction.choice import choose
from pappus.extraction.company import accompany
from pappus.extraction.compose import compose
from pappus.extraction.ending import end
from pappus.extraction.figures import Figures
from pappus.extraction.language import direction, language
from pappus.extraction.lead import lead as lead_picture
from pappus.extraction.lists import keep_lists
from pappus.extraction.metadata.evidence import SEEN
from pappus.extraction.repeats import leave_out
from pappus.extraction.rules import NO_RULES, Rules
from pappus.extraction.rules.apply import Selection, change, rewrite, select
from pappus.extraction.rules.overrule import overrule
from pappus.model import NO_TRACES, Draft, Fetched, Lead, Traces

if TYPE_CHECKING:
    from collections.abc import Collection

    from pappus.extraction.blocks import Reading
    from pappus.extraction.page import Page
    from pappus.model import Mark

_SHELL: Final = 400  # letters of kept text; a page with fewer may carry its article as data for scripts
_SURELY: Final = 0.5  # confidence under which a page with more may, too
_NOTHING: Final = 0.25  # confidence under which there is no article
_TOP: Final = 4  # blocks of text among which a subtitle stands
_HELD: Final = 2**22  # characters of a page's parts that it does not show
_MORE: Final = 1.5  # times the text that the page shows, which its data must have
_TAGGED: Final = 20  # times the length of a summary that its markup may have
_ANNOUNCED: Final = "lead"  # the origin of what a channel announced


def article(fetched: Fetched, rules: Rules = NO_RULES, *, lead: Lead | None = None) -> Draft:
    """Return the article of a page as a draft; what the page does not say is taken from its lead.

    Args:
        fetched: the page.
        rules: of its site.
        lead: what the channel announced.

    Raises:
        ExtractError: not an article's page, no text can be found in it, or markup past our limits.
    """
    return _draft(_parsed(fetched, rules), rules, lead)[0]


def part(
    fetched: Fetched,
    rules: Rules = NO_RULES,
    *,
    lead: Lead | None = None,
    first: str = "",
    number: int = 1,
    repeats: Collection[Mark] | None = None,
) -> parts.Part:
    """Return what one page has of an article, and where it leads to the rest.

    Args:
        fetched: the page.
        rules: of its site.
        lead: what the channel announced.
        first: address of the article's first page, where this is a later one.
        number: of this page.
        repeats: marks of what repeats over the source's pages; None: nothing is to be known of these.
    """
    found = parts.Links()
    try:
        seen = _parsed(fetched, rules)
        found = parts.links(seen, rules, first=first, number=number)  # before rules change the page
        draft, traces = _draft(seen, rules, lead, repeats)
        return parts.Part(draft=draft, links=found, traces=traces)
    except ExtractError as error:
        return parts.Part(draft=None, links=found, error=error)


def from_content(lead: Lead) -> Draft:
    """Return the content that a channel carries itself as a draft.

    Raises:
        ExtractError: it carries none, or markup past our limits.
    """
    content = lead.content or lead.summary
    if not content.strip():
        raise ExtractError(lead.url, "the channel carries no content for it", "set the channel to fetch pages")
    seen = _page(content, lead.url)
    reading = _read(seen)
    _keep_all(reading)
    body = _body(reading, Figures(reading, seen.base), lead.title, lead.url)
    text = markup.text(body)
    tag = language((lead.language,), text)
    draft = Draft(
        url=urls.canonical(lead.url), title=lead.title, body=body, language=tag, direction=direction(tag, text)
    )
    return _tidied(_completed(draft, lead))


def _parsed(fetched: Fetched, rules: Rules) -> Page:
    return _page(rewrite(page.decoded(fetched), rules), fetched.final_url)


def _page(source: str, url: str) -> Page:
    """Return markup as a tree.

    Raises:
        ExtractError: markup past our limits.
    """
    try:
        return page.parse(source, url)
    except MarkupError as error:
        raise ExtractError(url, error.reason) from error


def _read(seen: Page) -> Reading:
    """Return a page's blocks.

    Raises:
        ExtractError: too many of them.
    """
    try:
        return blocks.read(seen.document)
    except MarkupError as error:
        raise ExtractError(seen.url, error.reason) from error


def _draft(
    seen: Page, rules: Rules, lead: Lead | None, repeats: Collection[Mark] | None = None
) -> tuple[Draft, Traces]:
    selection = select(seen.document, rules) if rules != NO_RULES else Selection()
    known = _known(seen, selection)
    change(seen.document, rules)
    title = known.title.value or (lead.title if lead else "")
    reading = _read(seen)
    score = _chosen(reading, known)
    figures = Figures(reading, seen.base)
    accompany(reading, figures)
    findings = (*selection.findings, *overrule(reading, selection, rules, confidence=score))
    if selection.bodies:
        score = max(score, _mean(reading))
    elif _is_shell(reading, score):
        reading, score = _carried(seen, reading, score)
        if _is_shell(reading, score):
            reading, score = _unshown(seen, known, reading, score)
        figures = Figures(reading, seen.base)
    subtitle = known.subtitle.value
    _set_apart(reading, subtitle)
    shared = [one.value for one in known.images if one.origin != SEEN]
    traces, house = NO_TRACES, frozenset[str]()
    if repeats is not None and not rules.whole:  # an operator who wants all of an element gets it
        traces, house = leave_out(reading, figures, shared, repeats)
    picture = lead_picture(reading, figures, shared, house) if rules.lead else None
    body = _body(reading, figures, title, seen.url)
    text = markup.text(body)
    wall = _wall(seen, reading) if len(text) < _SHELL or score < _SURELY else ""
    if not body or score < _NOTHING:
        reason = f"a wall in the article's place: {wall!r}" if wall else "no article text can be found in it"
        raise ExtractError(seen.url, reason, "give a rule for this site's body")
    tag = language((*known.languages.value, lead.language if lead else ""), text)
    draft = Draft(
        url=known.url.value,
        title=title,
        body=body,
        subtitle="" if subtitle in text else subtitle,
        authors=known.authors.value,
        published=known.published.value,
        updated=known.updated.value,
        language=tag,
        direction=direction(tag, text),
        lead=picture,
        summary=known.summary.value,
        section=known.section.value,
        tags=known.tags.value,
        site=known.site.value,
        licence=known.licence.value,
        partial=known.partial.value,
        wall=wall,
        score=score,
        origins=known.origins,
        findings=findings,
    )
    return _tidied(_completed(draft, lead) if lead else draft), traces


def _known(seen: Page, selection: Selection) -> metadata.Metadata:
    """Return what a page says about its article: first what the operator's own rules select, last what a collection's do."""
    title, authors, date = selection.title, selection.authors, selection.date
    own = metadata.Ruled(
        title if "title" in selection.own else "",
        authors if "author" in selection.own else (),
        date if "date" in selection.own else "",
    )
    known = metadata.read(seen.document, seen.url, seen.base, own)
    filled = metadata.Ruled(
        own.title if known.title.value else title,
        own.authors if known.authors.value else authors,
        own.date if known.published.value else date,
    )
    return known if filled == own else metadata.read(seen.document, seen.url, seen.base, filled)


def _chosen(reading: Reading, known: metadata.Metadata) -> float:
    """Keep the blocks of text that are the article; return how sure that is."""
    score = choose(reading, known.name, known.body, known.summary.value, known.authors.value)
    wholes.complete(reading)
    keep_lists(reading, known.url.value)
    end(reading, (*known.tags.value, *known.authors.value))
    return score


def _wall(seen: Page, reading: Reading) -> str:
    """Return the phrase by which a page tells why it has no article, "" if it does not: to readers, or to those without scripts."""
    shown = (block.text for block in reading.blocks if block.kind == "text" and not block.frame.hidden)
    return walls.wall((*shown, *(markup.plain(one.text[:_SHELL]) for one in seen.document.find_all("noscript"))))


def _mean(reading: Reading) -> float:
    """Return the mean of the scores of the kept letters."""
    kept = [block for block in reading.blocks if block.kept and block.kind == "text"]
    letters = sum(block.letters for block in kept)
    return sum(block.score * block.letters for block in kept) / letters if letters else 0.0


def _set_apart(reading: Reading, subtitle: str) -> None:
    """Let go of the block that shows the subtitle above the text."""
    top = islice((block for block in reading.blocks if block.kept and block.kind == "text"), _TOP)
    shown = next((block for block in top if subtitle and markup.plain(block.text) == subtitle), None)
    if shown is not None:
        shown.kept = False


def _is_shell(reading: Reading, score: float) -> bool:
    """Whether so little text is found, or so unsurely, that the page may carry its article as data for its scripts."""
    return score < _SURELY or _letters(reading) < _SHELL


def _carried(seen: Page, reading: Reading, score: float) -> tuple[Reading, float]:
    """Return the article that a page carries as data, and how sure that is, where that has more than what it shows."""
    other = _other(embedded.body(seen.document), seen.url)
    if other is None:
        return reading, score
    _keep_all(other)
    return (other, max(score, _SURELY)) if _letters(other) > _MORE * _letters(reading) else (reading, score)


def _unshown(seen: Page, known: metadata.Metadata, reading: Reading, score: float) -> tuple[Reading, float]:
    """Return the article that a page has for browsers without scripts, or for scripts to show, where that is more than it shows."""
    held: list[str] = []
    left = _HELD
    for one in seen.document.select("noscript, template"):
        held.append(one.inner_html)
        left -= len(held[-1])
        if left <= 0:  # those within one another are read each by itself
            break
    other = _other("".join(held), seen.url)
    if other is None:
        return reading, score
    sure = _chosen(other, known)
    accompany(other, Figures(other, seen.base))
    more = _letters(other) > _MORE * _letters(reading) and _letters(other) >= _SHELL and sure >= _SURELY
    return (other, sure) if more else (reading, score)


def _other(source: str, url: str) -> Reading | None:
    """Return the blocks of markup that a page holds; None where it is empty or past our limits, for what the page shows is still there."""
    try:
        return blocks.read(page.parse(source, url).document) if source else None
    except MarkupError:
        return None


def _letters(reading: Reading) -> int:
    return sum(block.letters for block in reading.blocks if block.kept)


def _keep_all(reading: Reading) -> None:
    for block in reading.blocks:
        block.kept = not block.frame.hidden


def _body(reading: Reading, figures: Figures, title: str, url: str) -> str:
    """Return the kept blocks as markup of our subset.

    Raises:
        ExtractError: markup past our limits.
    """
    try:
        return markup.clean(compose(reading, figures, title), images="remote")
    except MarkupError as error:
        raise ExtractError(url, error.reason) from error


def _completed(draft: Draft, lead: Lead) -> Draft:
    """Fill what a draft lacks from its announcement, whose date weighs more than one that merely stands somewhere on the page."""
    said: dict[str, Any] = {
        "title": lead.title,
        "authors": lead.authors,
        "published": lead.published,
        "updated": lead.updated,
        "tags": lead.tags,
        "summary": _summary(lead),
    }
    weak = {"published"} if draft.origins.get("published") == SEEN else set()
    filled = {name: value for name, value in said.items() if value and (name in weak or not getattr(draft, name))}
    return replace(draft, **filled, origins={**draft.origins, **dict.fromkeys(filled, _ANNOUNCED)})


def _summary(lead: Lead) -> str:
    if not lead.summary or lead.summary == lead.content or len(lead.summary) > _TAGGED * markup.MAX_SUMMARY:
        return ""
    try:
        text = markup.text(markup.clean(lead.summary, images="remote"))
    except MarkupError:  # past our limits; the article may well be fine
        return ""
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
        lead=pictures.tidied(draft.lead) if draft.lead else None,
        summary=markup.plain(draft.summary, markup.MAX_SUMMARY),
        section=markup.plain(draft.section, markup.MAX_TAG),
        tags=markup.plains(draft.tags, markup.MAX_TAG),
        site=markup.plain(draft.site, markup.MAX_NAME),
        licence=_whole_licence(draft.licence),
        updated=updated,
    )


def _whole_licence(licence: str) -> str:
    """Return a licence within its length; half an address would be none."""
    if urls.parse_http(licence) and len(licence) > markup.MAX_LICENCE:
        return ""
    return markup.plain(licence, markup.MAX_LICENCE)
