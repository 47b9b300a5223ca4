"""Which runs of a page are its article.

trafilatura says where the article is: the runs that it chose are looked up in the page. It errs in both ways, so what is
known for furniture goes, and what stands among the chosen and reads like it stays: trafilatura lets go of paragraphs
with links, markup that it does not know, attributions, cells and headings.
"""

from __future__ import annotations

from bisect import bisect
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING, Final

from pappus.extract import former_figures as figures
from pappus.extract import furniture
from pappus.extract.runs import STRUCTURE, Event, folded, text_of

if TYPE_CHECKING:
    from lxml import html

_SHORT = 16  # characters; a shorter run must be chosen as a whole, for it may stand inside any text
_ENOUGH = 0.85  # share of the chosen text that must be found again
_MOST = 0.9  # share of the chosen text that the article's element holds
_MUCH = 1 / 3  # share of the chosen text that makes a kind of element the article's own
_TEASER = 0.95  # share of a chosen paragraph in links, from which it offers another article
_LED_AWAY = 0.5  # likewise of one that was not chosen
_REST = 0.2  # share of the text that may come after the heading of what is no article
_TAIL = 8  # runs at the end that may ask readers to subscribe
_REFRAIN = 3  # times that a page says the same before it is taken for furniture
_WORDS = 4  # characters; shorter ones part sections, as stars do
_NEAR = 2  # runs around a medium that decide whether it belongs to the article
STOPS: Final = '.!?…。！？」』”’")）؟।۔'  # ends of sentences
_HEADINGS: Final = frozenset("h2 h3 h4 h5 h6".split())
_PROSE: Final = _HEADINGS | frozenset("p li td th caption dt dd pre blockquote cite footer center".split())
_WHOLES: Final = ("ul", "ol", "dl", "table", "blockquote")


def choose(events: list[Event], library: html.HtmlElement) -> bool:
    """Mark the events that are the article, by what trafilatura chose.

    Returns:
        Whether its choice could be found in the page; if not, the marks mean nothing.
    """
    wanted = folded("".join(library.itertext()))
    runs = [event for event in events if event.kind == "run"]
    if _keep(runs, library, wanted) < _ENOUGH * len(wanted):
        return False
    _refuse(runs)
    _adopt(runs)
    _drop_refrains(runs)
    _end(runs)
    _keep_media([event for event in events if event.kind in {"run", "media"}])
    return True


def _keep(runs: list[Event], library: html.HtmlElement, wanted: str) -> int:
    """Mark the runs whose text was chosen; return how many characters of it were found.

    A text is kept as often as it was chosen; where a page has it more often, as in a teaser, it is kept where most of
    the other chosen text is.
    """
    exact = {folded("".join(one.itertext())) for one in library.iter() if isinstance(one.tag, str)}
    exact |= {folded(one.text or "") for one in library.iter()} | {folded(one.tail or "") for one in library.iter()}
    matching = [run for run in runs if run.key in exact or (len(run.key) >= _SHORT and run.key in wanted)]
    container = _container(matching)
    kept: Counter[str] = Counter()
    chosen = cache(wanted.count)
    for inside in (True, False):
        for run in matching:  # to find a text once is enough for its first run
            if _is_inside(run.element, container) is inside and (not kept[run.key] or kept[run.key] < chosen(run.key)):
                run.kept = inside or len(run.key) >= _SHORT
                kept[run.key] += run.kept
    unsure = (run for run in runs if not run.kept and len(run.key) < _SHORT and _is_inside(run.element, container))
    return sum(len(run.key) for run in matching if run.kept) + sum(len(run.key) for run in unsure if run.key in wanted)


def _weights(runs: list[Event]) -> Counter[html.HtmlElement]:
    """Return how many characters of these runs stand in each element."""
    weights: Counter[html.HtmlElement] = Counter()
    for run in runs:
        for one in (run.element, *run.element.iterancestors()):
            weights[one] += len(run.key)
    return weights


def _container(runs: list[Event]) -> html.HtmlElement | None:
    """Return the smallest element that holds most of the text of these runs."""
    enough = _MOST * sum(len(run.key) for run in runs)
    heavy = [one for one, weight in _weights(runs).items() if weight >= enough]
    return max(heavy, key=lambda one: sum(1 for _ in one.iterancestors()), default=None)


def _is_inside(element: html.HtmlElement, container: html.HtmlElement | None) -> bool:
    return container is None or element is container or any(one is container for one in element.iterancestors())


def _article_kinds(kept: list[Event]) -> set[furniture.Kind]:
    """Return the kinds of elements that are the article's own, whatever their classes say."""
    weights: Counter[furniture.Kind] = Counter()
    for run in kept:
        for kind in {furniture.kind(one) for one in (run.element, *run.element.iterancestors())}:
            weights[kind] += len(run.key)
    return {kind for kind, weight in weights.items() if weight >= _MUCH * sum(len(run.key) for run in kept)}


def _refuse(runs: list[Event]) -> None:
    """Let go of chosen runs that the page itself says are furniture, and of paragraphs that are a link and nothing else."""
    kept = [run for run in runs if run.kept]
    own = _article_kinds(kept)
    for run in kept:
        teaser = run.element.tag == "p" and furniture.linked(run.element) >= _TEASER
        run.kept = not teaser and not furniture.is_furniture(run.element, own)


def _adopt(runs: list[Event]) -> None:
    """Keep runs that were not chosen but stand among the chosen, in the same element, list, table or quotation."""
    places = [place for place, run in enumerate(runs) if run.kept]
    if not places:
        return
    kept = [run for run in runs if run.kept]
    own, container = _article_kinds(kept), _container(kept)
    linked = cache(furniture.linked)  # a list of many items is measured once
    homes: set[html.HtmlElement | None] = {run.element.getparent() for run in kept} | {
        _whole(run.element) for run in kept
    }
    for place, run in enumerate(runs[places[0] :], places[0]):
        whole = _whole(run.element)
        at_home = whole in homes or whole.getparent() in homes
        if not run.kept and at_home and (_is_prose(run, homes) if place < places[-1] else _goes_on(run, whole)):
            run.kept = (
                _is_inside(run.element, container)
                and not furniture.is_furniture(run.element, own)
                and (whole.tag == "table" or linked(whole) < _LED_AWAY)
            )


def _whole(element: html.HtmlElement) -> html.HtmlElement:
    """Return the list, table or quotation that an element is a part of, or the element itself."""
    for one in element.iterancestors(*_WHOLES):
        element = one
    return element


def _is_prose(run: Event, homes: set[html.HtmlElement | None]) -> bool:
    """Whether a run is a paragraph or the like, or stands loose among them."""
    return run.element.tag in _PROSE or (run.element in homes and run.key[-1] in STOPS)


def _goes_on(run: Event, whole: html.HtmlElement) -> bool:
    """Whether a run after the last chosen one is a paragraph, or who said the quotation that it is in."""
    return whole.tag == "blockquote" or (run.element.tag == "p" and run.key[-1] in STOPS)


def _drop_refrains(runs: list[Event]) -> None:
    """Let go of what a template puts between paragraphs again and again: "advertisement", "article content".

    Songs have refrains, and people in interviews say the same twice; so only links go, and what stands in elements whose
    class nothing else of the text has. A heading may return, as "pros" and "cons" do, unless a refrain is all that it heads.
    """
    kept = [run for run in runs if run.kept]
    counts = Counter(run.key for run in kept if run.element.tag not in STRUCTURE and run.key[-1] not in ":：")
    others = [run for run in kept if counts[run.key] < _REFRAIN]
    said_once = {furniture.kind(one) for run in others for one in (run.element, *run.element.iterancestors())}
    goes = False
    for run in reversed(kept):
        if counts[run.key] < _REFRAIN:
            goes = False
        elif not _is_heading(run):
            is_words = len(run.key) >= _WORDS
            goes = furniture.is_slot(text_of(run)) or (is_words and _is_slot(run.element, said_once))
        run.kept = not goes


def _is_heading(run: Event) -> bool:
    return run.element.tag in _HEADINGS


def _is_slot(element: html.HtmlElement, said_once: set[furniture.Kind]) -> bool:
    """Whether what an element says again and again is its template's word, not its author's; a credit is neither."""
    around = [one for one in (element, *element.iterancestors()) if furniture.kind(one) not in said_once]
    named = any(one.get("class") or one.get("role") for one in around)
    return (named and not any(figures.says_credit(one) for one in around)) or furniture.linked(element) >= _LED_AWAY


def _end(runs: list[Event]) -> None:
    """End the article where its author is presented or others are offered, and without a call to subscribe."""
    kept = [run for run in runs if run.kept]
    left = _REST * sum(len(run.key) for run in kept)
    end = len(kept)
    for place in range(len(kept) - 1, -1, -1):
        left -= len(kept[place].key)
        if left < 0:
            break
        if furniture.ends_article(text_of(kept[place])):
            end = place
    for place, run in enumerate(kept):
        run.kept = place < end and not (place >= end - _TAIL and furniture.is_pitch(text_of(run)))


def _keep_media(flow: list[Event]) -> None:
    """Mark the media that stand between kept runs, and are no picture of a link to something else."""
    runs = [place for place, event in enumerate(flow) if event.kind == "run"]
    for place, event in enumerate(flow):
        if event.kind == "media":
            here = bisect(runs, place)
            before, after = (
                [flow[near].kept for near in part]
                for part in (runs[max(0, here - _NEAR) : here], runs[here : here + _NEAR])
            )
            enough = sum(before) + sum(after) >= _NEAR and (any(before) or bool(event.markup))
            event.kept = enough and not figures.leads_away(event.element)  # a picture above all text is the lead
