"""The title, without the site's name, and the line below it."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple

from turbohtml import Element

from pappus.extraction.metadata.evidence import SEEN, Evidence, Found, bare, inner, likeness, seen

if TYPE_CHECKING:
    from collections.abc import Iterator

_SEPARATOR = re.compile(r"(\s+(?:[|·•»«›/~‹]|[-–—―]{1,2}|::|\|\||:)\s+|\s*[|｜丨_]\s*|\s*[-–—―]{2}\s*|\s*：\s*)")
_BAR = re.compile(r"(\s+\|\s+)")
# What a source's word counts; the page's name and its twin for another network are mostly copies of the announcement and count little then.
_WEIGHTS: Final = {"h1": 2.1, "open-graph": 1.8, "json-ld": 1.5, "name": 1.0, "twitter": 0.8, "meta": 0.4}
_STRANGE: Final = 0.7  # of a heading that has nothing in common with what the page calls itself
_BARS: Final = frozenset("|｜丨»›·•")  # between a section and a title; other signs may stand within one
_SIGNS: Final = frozenset(":|/–—-·•")
_COPY: Final = 0.1
_COPIES: Final = frozenset({"meta", "name", "twitter"})
_ALIKE: Final = 0.35  # share of three-letter pieces that make a heading one of the page's title
_ORIGINS: Final = {"h1": SEEN, "name": SEEN, "twitter": "meta"}
_DAY = re.compile(r"\s*(?:\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{4}[./-]\d{1,2}[./-]\d{1,2})\s*")
_PART: Final = 0.3  # of the length of what the page is announced as, from which a heading may be its title: a shorter one names a section
_LONGEST: Final = 400  # characters
_SURE: Final = 8  # letters of a part that is taken for the title because another source has just that
_BELOW = re.compile(
    r"(?<![a-z])(?:sub[-_]?(?:title|head(?:line|ing)?)|stand[-_]?first|dec?k|strapline|alternativeheadline|entradilla"
    r"|chap[oô]|bajada|lead[-_]?(?:text|in)|untertitel|teaser[-_]?text)(?![a-z])",
    re.IGNORECASE,
)


class _Said(NamedTuple):
    source: str
    text: str
    weight: float
    parted: bool = False  # a heading of several elements


def title(known: Evidence) -> Found[str]:
    """Return the title that most of the page's sources agree on, as the weightiest of them write it."""
    shared, headline = known.meta("og:title"), next(iter(known.data("headline")), "")
    for _, text in known.heads:
        sure = text == shared or (text == headline and shared.startswith(text))  # the site's name comes after it
        whole = sure and _without_site(text, known.site_names, known.label) == text
        if text and whole and not _is_site(text, known.site_names, known.label):
            return Found(text, "open-graph" if text == shared else "json-ld")
    votes: dict[str, float] = {}
    said: dict[str, _Said] = {}
    for one in _agreed(_given(known)):
        key = bare(one.text)
        is_copy = one.source in _COPIES and key in said and said[key].source == "open-graph"
        votes[key] = votes.get(key, 0.0) + (_COPY if is_copy else one.weight)
        said.setdefault(key, one)  # headings come last, for their parts may stick together
    if not votes:
        return Found("", "")
    best = said[max(votes, key=votes.__getitem__)]
    return Found(_as_shown(known, _guessed(best.text, _BAR)), _ORIGINS.get(best.source, best.source))


def _as_shown(known: Evidence, title: str) -> str:
    """Return a title with the marks that its heading has: data often have plainer ones."""
    letters = _letters(title)
    return next((text for element, text in known.heads if not inner(element) and _letters(text) == letters), title)


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))


def _given(known: Evidence) -> list[_Said]:
    """Return the titles that a page gives, without the site's name, the weightiest source first."""
    names, label = known.site_names, known.label
    given = [
        ("open-graph", known.meta("og:title")),
        *(("json-ld", text) for text in known.data("headline", "name")[:1]),
        ("twitter", known.meta("twitter:title")),
        ("name", known.name),
        ("meta", known.meta("dc.title", "dcterms.title", "title", "sailthru.title", "parsely-title")),
    ]
    said = [
        _Said(source, _without_site(text, names, label), _WEIGHTS[source])
        for source, text in given
        if len(text) <= _LONGEST
    ]
    for element, text in known.heads:
        parted = bool(inner(element))
        said.append(_Said("h1", _without_site(text, names, label), _WEIGHTS["h1"], parted))
    return [one for one in said if bare(one.text) and not _is_site(one.text, names, label)]


def _agreed(given: list[_Said]) -> list[_Said]:
    """Return titles cut to what another source has, where they hold more; of headings those that others know, else the likeliest."""
    known = {bare(said.text) for said in given}
    agreed = [said._replace(text=_cut(said.text, known)) for said in given if said.source != "h1"]
    announced = {bare(said.text): said for said in agreed}
    alone: list[tuple[float, _Said]] = []
    heads = 0
    for said in given:
        if said.source != "h1":
            continue
        key = bare(said.text)
        same = next((one for one in announced if one == key or _ends(said, announced[one].text)), None)
        if same is not None:
            agreed.append(said if same == key else said._replace(text=announced[same].text))
            heads += 1
        else:
            shares = [likeness(key, one) for one in announced if len(key) >= _PART * len(one)]
            alone.append((max(shares, default=0.0 if announced else 1.0), said))
    if alone and not heads:
        share, said = max(alone, key=lambda one: one[0])
        alike = share >= _ALIKE and len(bare(said.text)) >= _SURE
        agreed.append(said if alike or not announced else said._replace(weight=_STRANGE))
    if len(agreed) == 1 and agreed[0].source == "name":
        return [agreed[0]._replace(text=_guessed(agreed[0].text, _SEPARATOR))]
    return agreed


def _guessed(text: str, separator: re.Pattern[str]) -> str:
    """Return a title without a short last part: behind a bar, or in a page's name, that is nearly always the site's name or a section's."""
    parts = separator.split(text)
    rest = "".join(parts[:-2])
    return rest if len(parts) > 1 and len(parts[-1].split()) <= 4 and len(bare(rest)) >= 2 * _SURE else text


def _ends(heading: _Said, title: str) -> bool:
    """Whether a heading is a title with a few words before it, which its elements or a sign set apart."""
    long, short = bare(heading.text), bare(title)
    if len(short) < _SURE or not long.endswith(short) or len(short) <= 0.4 * len(long):
        return False
    return heading.parted or heading.text[: -len(title)].rstrip()[-1:] in _SIGNS


def _cut(text: str, known: set[str]) -> str:
    """Return the part of a title that another source has as the whole: "Boat lost" of "Boat lost - Sport"."""
    parts = _SEPARATOR.split(text)
    if len(parts) == 1:
        return text
    for end in range(len(parts) - 2, 0, -2):
        head = "".join(parts[:end])
        if len(bare(head)) >= _SURE and bare(head) in known:
            return head
    for start in range(2, len(parts), 2):
        tail = "".join(parts[start:])
        if len(bare(tail)) >= _SURE and bare(tail) in known and parts[start - 1].strip() in _BARS:
            return tail
    return text


def _without_site(text: str, names: frozenset[str], label: str) -> str:
    """Take the site's name off a title's end or head, where it says who it is, or where the host's name does."""
    parts = _SEPARATOR.split(text)
    while len(parts) > 1 and (_is_site(parts[-1], names, label) or _DAY.fullmatch(parts[-1])):
        del parts[-2:]
    while len(parts) > 1 and _is_site(parts[0], names, label):
        del parts[:2]
    return "".join(parts).strip()


def _is_site(part: str, names: frozenset[str], label: str) -> bool:
    key = bare(part)
    if not key or key in names:
        return True
    short = key.removeprefix("the")
    return len(label) > 2 and (short in label or label in key) and len(key) < 2.5 * len(label) and len(short) > 1


def subtitle(known: Evidence, heading: str) -> Found[str]:
    """Return the line below the title where the page says which it is; never the title again."""
    above = bare(heading)
    for text, origin in _below(known):
        key = bare(text)
        if key and len(text) <= _LONGEST and key not in above and above not in key:
            return Found(text, origin)
    return Found("", "")


def _below(known: Evidence) -> Iterator[tuple[str, str]]:
    for text in known.data("alternativeHeadline", "alternateName"):
        yield text, "json-ld"
    for element in _after(known.head):
        if _BELOW.search(f"{element.attr('class') or ''} {element.attr('itemprop') or ''}"):
            yield seen(element, 2000), SEEN


def _after(head: Element | None) -> Iterator[Element]:
    """Yield the elements after a heading, and after what only wraps it."""
    for element in (head, head.parent) if head is not None else ():
        if element is not None:
            yield from (one for one in islice(element.next_siblings, 8) if isinstance(one, Element))
