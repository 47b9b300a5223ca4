"""The quality gate: what fails it is not published, is tried again, and is reported."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pappus import markup
from pappus.errors import QualityError
from pappus.extract.language import words

if TYPE_CHECKING:
    from pappus.model import Draft

MIN_WORDS = 25  # of a body; as language.words counts
MIN_WORDS_SHOWN = 8  # of a body that shows something: images, a video, a table
_BRIEF = 150  # words up to which a body is looked at for the phrases of a wall

_LINKED = 0.7  # share of the text that is links, from which it is a list of other articles
_ANCHORS = re.compile(r"<a\b[^>]*>(.*?)</a>", re.DOTALL)
_HEADED = 0.6  # share that is headings, likewise
_HEADINGS = re.compile(r"<h[2-6]\b[^>]*>(.*?)</h[2-6]>", re.DOTALL)
_SHOWS = re.compile(r"<(?:img|table)\b|▶")

# What stands on a page instead of the article; phrases of the usual walls, lower case, sorted.
_WALLS = re.compile(
    r"access (?:to this page )?(?:has been |is |was )?denied"
    r"|are you (?:a )?(?:human|robot)"
    r"|captcha"
    r"|checking (?:if the site|your browser)"
    r"|enable (?:javascript|cookies|js)"
    r"|javascript (?:is )?(?:disabled|required)"
    r"|just a moment"
    r"|pardon our interruption"
    r"|(?:page|article) (?:was |is |could )?not (?:be )?found"
    r"|please (?:turn|switch) on javascript"
    r"|request (?:was |has been )?blocked"
    r"|requires? javascript"
    r"|security check"
    r"|unusual traffic"
    r"|verif(?:y|ying) (?:that )?you(?:'re| are) (?:a )?(?:human|not a)"
    r"|включите javascript|доступ (?:запрещ[её]н|ограничен)"
    r"|请(?:启用|开启)\s*javascript|請(?:啟用|開啟)\s*javascript|访问被拒绝|安全验证|页面不存在"
)
_ERROR_TITLE = re.compile(
    r"(?:error\s*)?(?:40[0-9]|410|429|50[0-9])\b"
    r"|(?:access denied|attention required|forbidden|just a moment|not found|page not found|robot check)\b"
)


def check(draft: Draft) -> None:
    """Refuse a draft that must not be published.

    Raises:
        QualityError: no title, an empty or too short body, mostly links, or a wall in the article's place.
    """
    reason = _reason(draft)
    if reason:
        raise QualityError(draft.url, reason, "it is tried again later")


def _reason(draft: Draft) -> str:
    text = markup.text(draft.body)
    length = words(text)
    if not draft.title.strip(" -–—._"):
        return "it has no title"
    if length == 0:
        return f"its body is empty: {text[:20]!r}"
    wall = _wall(draft.title, text) if length < _BRIEF else ""
    return wall or _shortness(draft, text, length) or _lopsidedness(draft.body, text)


def _wall(title: str, text: str) -> str:
    if _ERROR_TITLE.match(title.lower()):
        return f"an error page: {title[:60]!r}"
    found = _WALLS.search(f"{title} {text}".lower())
    return f"a wall in the article's place: {found[0]!r}" if found else ""


def _shortness(draft: Draft, text: str, length: int) -> str:
    shows = draft.lead is not None or _SHOWS.search(draft.body)
    if length >= (MIN_WORDS_SHOWN if shows else MIN_WORDS):
        return ""
    return f"its body is too short, about {length} words: {text[:40]!r}"


def _lopsidedness(body: str, text: str) -> str:
    linked, headed = (sum(len(markup.text(one)) for one in part.findall(body)) for part in (_ANCHORS, _HEADINGS))
    if linked > _LINKED * len(text) and "▶" not in body:
        return f"its body is mostly links, {linked:,} of {len(text):,} characters"
    if headed > _HEADED * len(text):
        return f"its body is mostly headings, {headed:,} of {len(text):,} characters"
    return ""
