r"""Text as Markdown that shows exactly that text, and as HTML inside Markdown. Escaped only where it must be.

The grammar is CommonMark 0.31 with GFM's extensions (tables, strikethrough, autolinks, footnotes) and what forges do besides:
math between dollars, ``:emoji:``, ``@mentions``. A backslash does not stop the last three, nor autolinks of e-mail addresses
(they are looked for in the text after escapes are undone), so what could come to life stands in a code span.
"""

from __future__ import annotations

import html
import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from pappus.model import Direction

Match = re.Match[str]

# Addresses, e-mail and mentions, emoji: a superset of what GFM and forges turn into links and pictures. Hostile text must not make
# it slow: a scheme has an end, a local part starts where nothing of one stands before it, an emoji is read once.
_ALIVE = (
    re.compile(  # spelled out in ASCII: without regard to case, a class would also take "ı", "ſ" and the Kelvin sign
        r"""(?P<web>(?:(?:[A-Za-z][A-Za-z0-9+.-]{0,40})?://|[Ww]{3}\.)[!#-;=?-_a-~]*)
      | (?P<mail>(?:(?<![A-Za-z0-9.+_-])[A-Za-z0-9.+_-]++)?@[._-]*+[A-Za-z0-9][A-Za-z0-9._-]*+)
      | (?P<emoji>:(?:100|1234|-1|(?=[0-9_-]*[A-Za-z+])[A-Za-z0-9_+-]++):)""",
        re.VERBOSE,
    )
)

_BRACKETS_MATTER = re.compile(r"\A\s*\[|\][(\[:]|\]\s*\Z|\[[\^\[]")
_SPECIAL = re.compile(r"[\\`*_~<&!$|\[\]]")
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{0,40});")
_PUNCTUATION = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")

# What a line may start with to become something else than a paragraph: headings, items, rules, underlines, table rows.
_CLOSING = re.compile(r"(?<![^ ])#+\Z")
_BACKSLASHED = r"\\\g<0>"
_START = re.compile(r"\A(?:#{1,6}(?=\s|\Z)|[-+*](?=\s|\Z)|-(?=[-:|])|_(?=\s)|[=>|]|:(?=-))")
_START_NUMBER = re.compile(r"\A([0-9]{1,9})([.)](?=\s|\Z))")


def escape(
    text: str, *, start: bool = False, before: str = " ", after: str = " ", link: bool = False, cell: bool = False
) -> str:
    r"""Return ``text`` as inline Markdown.

    Args:
        text: a run of text on one line, its white space folded.
        start: whether it starts a line of a block.
        before: the character of Markdown that stands before it, " " at the start of a block.
        after: the character of Markdown that stands after it, " " at the end of a block.
        link: whether it stands between the brackets of a link or an image.
        cell: whether it stands in a cell of a table.
    """
    if not _may_live(text):
        return _escape_run(text, before, after, start=start, link=link, cell=cell)
    pieces: list[str] = []
    last = 0
    left = before
    for begin, end in _alive(text):
        if begin > last:
            run = text[last:begin]
            pieces.append(_escape_run(run, left, "`", start=start and not last, link=link, cell=cell))
        pieces.append(code(text[begin:end], cell=cell))
        last, left = end, "`"
    if last < len(text):
        pieces.append(_escape_run(text[last:], left, after, start=start and not last, link=link, cell=cell))
    return "".join(pieces)


def code(text: str, *, cell: bool = False) -> str:
    """Return ``text`` as a code span, whatever backticks it has."""
    fence = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    if len(fence) > 1 or (text.startswith(" ") and text.endswith(" ") and text.strip()):
        text = f" {text} "
    span = f"{fence}{text}{fence}"
    return span.replace("|", "\\|") if cell else span


def alternative(text: str, *, cell: bool = False) -> str:
    """Return ``text`` as the alternative text of an image, where tags would be shown and dollars start nothing."""
    escaped = escape(text, link=True, cell=cell, before="[", after="]")
    return escaped.replace("<span>$</span>", "$")


def heading(level: int, line: str) -> str:
    """Return a line of Markdown as a heading; hashes at its end would be taken for a closing sequence."""
    return f"{'#' * level} {_CLOSING.sub(_BACKSLASHED, line)}"


def fenced(text: str) -> str:
    """Return ``text`` as a fenced block of code, whatever backticks it has."""
    fence = "`" * max(3, max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    return f"{fence}\n{text}\n{fence}"


def html_text(text: str) -> str:
    """Return ``text`` for the inside of HTML in Markdown."""
    if not _may_live(text):
        return _html_run(text)
    pieces: list[str] = []
    last = 0
    for begin, end in _alive(text):
        pieces += (_html_run(text[last:begin]), html_code(text[begin:end]))
        last = end
    return "".join((*pieces, _html_run(text[last:])))


def html_code(text: str) -> str:
    """Return ``text`` as code for the inside of HTML in Markdown."""
    return f"<code>{_html_run(text)}</code>"


def attribute(name: str, value: str) -> str:
    """Return an attribute with a space before it, fit for HTML anywhere in Markdown, a cell of a table too."""
    value = (
        html.escape(value).replace("|", "&#124;").replace("`", "&#96;").replace("\\", "&#92;").replace("](", "]&#40;")
    )
    return f' {name}="{value}"'


def destination(url: str) -> str:
    """Return an address, as serialised by :mod:`pappus.urls`, for the parentheses of a link."""
    url = re.sub(r"[()\\<>`|\s]", lambda found: f"%{ord(found[0]):02X}", url)
    return _ENTITY.sub(lambda found: "&amp;" + found[0][1:], url)


def direction_of(text: str) -> Direction | None:
    """Return the direction of the first character that has one, as Unicode's rule P2 does; None if there is none."""
    for character in text:
        kind = unicodedata.bidirectional(character)
        if kind == "L":
            return "ltr"
        if kind in {"R", "AL"}:
            return "rtl"
    return None


def isolate(markdown: str, text: str, around: Direction) -> str:
    """Return ``markdown``, which shows ``text``, set apart where it runs against the direction around it."""
    own = direction_of(text)
    return markdown if own in {None, around} else f'<span dir="{own}">{markdown}</span>'


def flanks(before: str, first: str, last: str, after: str) -> bool:
    """Whether delimiters of emphasis around ``first … last`` open and close under every version of CommonMark.

    They do not where punctuation is at the inner side and a letter at the outer, as is common in Chinese: ``字**“字”**字``.
    """
    opens = not _is_punctuation(first) or before.isspace() or _is_sure_punctuation(before)
    closes = not _is_punctuation(last) or after.isspace() or _is_sure_punctuation(after)
    return opens and closes and not first.isspace() and not last.isspace()


def _may_live(text: str) -> bool:
    """Whether it is worth to look closer; most text has none of these."""
    return ":" in text or "@" in text or "www." in text.lower()


def _alive(text: str) -> list[tuple[int, int]]:
    """Return where text could come to life, neighbouring places joined."""
    places: list[tuple[int, int]] = []
    for found in _ALIVE.finditer(text):
        begin, end = found.start(), found.start() + len(_trim(found))
        if places and places[-1][1] == begin:
            begin, _ = places.pop()
        places.append((begin, end))
    return places


def _trim(found: Match) -> str:
    """Return what to show as code: without the punctuation of the sentence around it."""
    alive = found[0]
    if found["web"]:
        alive = alive.rstrip(".,;:!?'*_~]")
        if alive.endswith(")") and "(" not in alive:
            alive = alive.rstrip(".,;:!?'*_~])")
    elif found["mail"]:
        alive = alive.rstrip("._-")
    return alive


def _escape_run(text: str, before: str, after: str, *, start: bool, link: bool, cell: bool) -> str:
    if _SPECIAL.search(text):
        brackets = link or bool(_BRACKETS_MATTER.search(text))
        text = _SPECIAL.sub(_escaper(before, after, brackets, cell), text)
    if start:
        text = _START_NUMBER.sub(r"\1\\\2", _START.sub(_BACKSLASHED, text))
    if (before, text[:1]) in {("]", "("), ("[", "^")}:
        text = "\\" + text  # a footnote's reference and parentheses would be a link, and a link's text a reference
    return text


def _escaper(before: str, after: str, brackets: bool, cell: bool) -> Callable[[Match], str]:
    """Return what replaces one special character, given the characters at both sides of the run."""

    def replace(found: Match) -> str:
        special, text = found[0], found.string
        left = text[found.start() - 1] if found.start() else before
        right = text[found.end()] if found.end() < len(text) else after
        at_end = found.end() == len(text)
        match special:
            case "\\":
                needed = right in _PUNCTUATION or at_end
            case "*" | "~":
                needed = not (left == " " == right) or at_end or not found.start()
            case "_":
                needed = not (left.isalnum() and right.isalnum()) or at_end or not found.start()
            case "<":
                needed = _starts_tag(right) or (at_end and after != " ")
            case "&":
                needed = bool(_ENTITY.match(text, found.start()))
            case "!":
                needed = right == "["
            case "|":
                needed = cell
            case "$":
                return f"<span>{special}</span>" if _ends_math(left, right) else special
            case _:
                needed = brackets or special == "`"
        return f"\\{special}" if needed else special

    return replace


def _starts_tag(character: str) -> bool:
    """Whether a ``<`` before it would start a tag, a comment, a declaration or an autolink."""
    return character.isascii() and (character.isalpha() or character in "/!?")


def _ends_math(left: str, right: str) -> bool:
    """Whether a dollar could close a formula: no space before it, no digit behind; or is the second of two."""
    return left == "$" or (not left.isspace() and not right.isdigit())


def _html_run(text: str) -> str:
    text = html.escape(text, quote=False)
    if _SPECIAL.search(text):
        text = text.replace("`", "&#96;").replace("\\", "&#92;").replace("](", "]&#40;")
        if "$" in text:
            text = _DOLLAR.sub("<span>$</span>", text)
    return text


_DOLLAR = re.compile(r"(?<=\$)\$|(?<=\S)\$(?!\d)")


def _is_punctuation(character: str) -> bool:
    return unicodedata.category(character)[0] not in "LNM"


def _is_sure_punctuation(character: str) -> bool:
    return character in _PUNCTUATION or unicodedata.category(character)[0] == "P"
