"""The quality gate: what fails it is not published, is tried again, and is reported."""

from __future__ import annotations

import re

from pappus import markup
from pappus.errors import QualityError
from pappus.extract.language import words
from pappus.model import Draft

MIN_WORDS = 25  # of a body; as language.words counts
MIN_WORDS_SHOWN = 8  # of a body that shows something: images, a video, a table
_BRIEF = 150  # words up to which a body is looked at for the phrases of a wall

_LINKED = 0.7  # share of the text that is links, from which it is a list of other articles
_ANCHORS = re.compile(r"<a\b[^>]*>(.*?)</a>", re.DOTALL)
_SHOWS = re.compile(r"<(?:img|table)\b|▶")

# What stands on a page instead of the article; phrases of the usual walls, lower case, sorted.
_WALLS = re.compile(
    r"access (?:to this page )?(?:has been |is |was )?denied|are you (?:a )?(?:human|robot)|captcha|checking (?:if the site|your browser)"
    r"|enable (?:javascript|cookies|js)|javascript (?:is )?(?:disabled|required)|just a moment|pardon our interruption"
    r"|(?:page|article) (?:was |is |could )?not (?:be )?found|please (?:turn|switch) on javascript|request (?:was |has been )?blocked"
    r"|requires? javascript|security check|unusual traffic|verif(?:y|ying) (?:that )?you(?:'re| are) (?:a )?(?:human|not a)"
    r"|включите javascript|доступ (?:запрещ[её]н|ограничен)|请(?:启用|开启)\s*javascript|請(?:啟用|開啟)\s*javascript|访问被拒绝|安全验证|页面不存在"
)
_ERROR_TITLE = re.compile(
    r"(?:error\s*)?(?:40[0-9]|410|429|50[0-9])\b|(?:access denied|attention required|forbidden|just a moment|not found|page not found|robot check)\b"
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
    shows = bool(_SHOWS.search(draft.body)) or draft.lead is not None
    if not draft.title.strip(" -–—._"):
        return "it has no title"
    if _ERROR_TITLE.match(draft.title.lower()) and length < _BRIEF:
        return f"an error page: {draft.title[:60]!r}"
    if length == 0:
        return f"its body is empty: {text[:20]!r}"
    if length < _BRIEF and (wall := _WALLS.search(f"{draft.title} {text}".lower())):
        return f"a wall in the article's place: {wall[0]!r}"
    if length < (MIN_WORDS_SHOWN if shows else MIN_WORDS):
        return f"its body is too short, about {length} words: {text[:40]!r}"
    linked = sum(len(markup.text(inner)) for inner in _ANCHORS.findall(draft.body))
    if linked > _LINKED * len(text) and "▶" not in draft.body:
        return f"its body is mostly links, {linked:,} of {len(text):,} characters"
    return ""
