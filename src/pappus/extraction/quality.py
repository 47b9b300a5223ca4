"""The quality gate: what fails it is not published, is tried again, and is reported."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pappus import markup
from pappus.errors import QualityError
from pappus.extraction.language import letters
from pappus.extraction.walls import FAILURE, WALLS

if TYPE_CHECKING:
    from pappus.model import Draft

MIN_LETTERS = 120  # of a body's own text, as language.letters counts: two sentences, forty ideographs
MIN_LETTERS_SHOWN = 40  # of a body that shows something: images, a video, a table
MIN_SCORE = 0.4  # of a draft's body; below it four of five were wrong on a thousand pages, above it one of twenty
MAX_BODY = 1_000_000  # characters of markup: a book, which would be a page that no cheap phone opens
_BRIEF = 800  # letters up to which a body is looked at for the phrases of a wall
_LOOKED_AT = 4_000  # characters; a longer body is neither
_BRIEFEST = 250  # likewise for those of a failure

_LINKED = 0.7  # share of the text that is links, from which it is a list of other articles
_ANCHORS = re.compile(r"<a\b[^>]*>(.*?)</a>", re.DOTALL)
_HEADED = 0.6  # share that is headings, likewise
_HEADINGS = re.compile(r"<h[2-6]\b[^>]*>(.*?)</h[2-6]>", re.DOTALL)
_SHOWS = re.compile(r"<(?:img|table)\b|▶")

_BLOCK = re.compile(r"</?(?:p|li|h[2-6]|td|th|dt|dd|figcaption)\b[^>]*>")

# The words of bylines and share bars, lower case, sorted; some stand in texts too, and cost a real one nothing.
_CHROME = re.compile(
    r"\b(?:by|comments?|copy link|e-?mail|facebook|follow|linkedin|min(?:utes)? read|pinterest|print|published|reddit|related|save|share"
    r"|tags?|telegram|tweet|twitter|updated|weibo|whatsapp|поделиться|опубликовано|автор|اشتراک[‌ ]?گذاری|نویسنده)\b"
    r"|分享|发表|發表|发布|發布|作者|标签|標籤|收藏|评论|評論|微信|微博|シェア|공유"
)
_ERROR_TITLE = re.compile(
    r"(?:error\s*)?(?:40[0-9]|410|429|50[0-9])\b"
    r"|(?:access denied|attention required|forbidden|just a moment|not found|page not found|robot check)\b"
)


def check(draft: Draft) -> None:
    """Refuse a draft that must not be published.

    Raises:
        QualityError: no title; a body that is empty, too short, too long, says what its title and names do, is mostly links, or is
            likely not the article's; a wall in the article's place.
    """
    reason = _reason(draft)
    if reason:
        raise QualityError(draft.url, reason)


def _reason(draft: Draft) -> str:
    if len(draft.body) > MAX_BODY:
        return f"its body is too long, {len(draft.body):,} characters of markup; {MAX_BODY:,} is the limit"
    text = markup.text(draft.body)
    if not draft.title.strip(" -–—._"):
        return "it has no title"
    if not any(map(str.isalnum, text)):
        return f"its body is empty: {text[:20]!r}"
    wall = _wall(draft.title, text)
    return wall or _told(draft, _shortness(draft, text) or _lopsidedness(draft.body, text) or _doubt(draft))


def _told(draft: Draft, reason: str) -> str:
    """Return why a draft is refused: its page says it best, if it does."""
    return f"a wall in the article's place: {draft.wall!r}" if reason and draft.wall else reason


def _doubt(draft: Draft) -> str:
    if draft.score >= MIN_SCORE:
        return ""
    return (
        f"it is not sure enough that its text is an article's: {draft.score:.2f} of 1; give a rule for this site's body"
    )


def _wall(title: str, text: str) -> str:
    length = letters(text[:_LOOKED_AT])
    if length >= _BRIEF:
        return ""
    if _ERROR_TITLE.match(title.lower()):
        return f"an error page: {title[:60]!r}"
    found = WALLS.search(f"{title} {text}".lower()) or (length < _BRIEFEST and FAILURE.search(text.lower()))
    return f"a wall in the article's place: {found[0]!r}" if found else ""


def _shortness(draft: Draft, text: str) -> str:
    if len(text) > _LOOKED_AT:
        return ""
    own = letters(_own(draft))
    if own >= (MIN_LETTERS_SHOWN if _SHOWS.search(draft.body) else MIN_LETTERS):
        return ""
    return f"its body is too short, {own} letters that are not its title, names, tags or share buttons: {text[:40]!r}"


def _own(draft: Draft) -> str:
    """Return what a body says that is said nowhere else: without title, names and tags, and the words of share bars."""
    tags = {tag.casefold() for tag in draft.tags}  # as a block only: a text may well have the words in it
    blocks = (markup.text(block).casefold() for block in _BLOCK.split(draft.body))
    own = "\n".join(block for block in blocks if block not in tags)
    for words in (draft.title, draft.subtitle, *draft.authors):
        own = own.replace(words.casefold(), " ", 1) if words else own
    return _CHROME.sub(" ", own)


def _lopsidedness(body: str, text: str) -> str:
    linked, headed = (sum(len(markup.text(one)) for one in part.findall(body)) for part in (_ANCHORS, _HEADINGS))
    if linked > _LINKED * len(text) and "▶" not in body:
        return f"its body is mostly links, {linked:,} of {len(text):,} characters"
    if headed > _HEADED * len(text):
        return f"its body is mostly headings, {headed:,} of {len(text):,} characters"
    return ""
