"""What one expression of a site rule selects on a page: a CSS selector or an XPath 1.0 expression.

XPath as people write it is mended where only one thing can be meant: three slashes for two, ``contains(@class='x')`` for
``contains(@class, 'x')``, and a row right under its table, where the HTML standard puts a ``tbody`` between the two.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from turbohtml import Document, Element, Text, XPath, XPathString, parse

if TYPE_CHECKING:
    from pappus.extraction.rules import Pick

_KEPT = 4096  # compiled expressions: those of some hundred sites
_ROW = re.compile(r"(\btable(?:\[[^\]]*\])?)/tr\b")
_SLASHES = re.compile(r"/{3,}")
_EQUATED = re.compile(r"""\b(contains|starts-with)\(\s*([^,()'"=]+?)\s*=\s*("[^"]*"|'[^']*')\s*\)""")
_QUOTED = re.compile(r"""("[^"]*"|'[^']*')""")
_CALLED = re.compile(r"(?<![:\w-])([a-z][\w-]*)\s*\(")
_STEP = re.compile(r"//([a-z][a-z0-9]*|\*)")
_VALUE = r"""(["'])([^"'\\]+)\2"""
_WORD = r"""(["']) ([^\s"'\\]+) \2"""
_SPACED = r"concat\((?:' '|\" \"),normalize-space\(@([\w-]+)\),(?:' '|\" \")\),"
# The shapes that three of four strips have, of which CSS says the same and finds it several times as fast: by its operator.
_TESTS: Final = {
    "": re.compile(r"\[@([\w-]+)\]"),
    "=": re.compile(rf"\[@([\w-]+)={_VALUE}\]"),
    "*=": re.compile(rf"\[contains\(@([\w-]+),{_VALUE}\)\]"),
    "^=": re.compile(rf"\[starts-with\(@([\w-]+),{_VALUE}\)\]"),
    "~=": re.compile(rf"\[contains\({_SPACED}{_WORD}\)\]"),
}
_NO_FUNCTIONS = frozenset({"and", "comment", "div", "mod", "node", "or", "processing-instruction", "text"})
_EMPTY: Final = parse("")


def find(pick: Pick, document: Document) -> list[Element | str]:
    """Return what a pick selects: elements, values of attributes, texts, or the one string that it makes.

    They are in document order; of XPath with alternatives, what each of these selects, one after the other.

    Raises:
        ValueError: the expression is wrong, or fails on this page; so do those below.
    """
    if pick.language == "css":
        return list(document.select(pick.expression))
    if pick.only_if and not _evaluated(pick.only_if, document):
        return []
    return _evaluated(pick.expression, document)


def elements(pick: Pick, document: Document) -> list[Element]:
    """Return the elements that a pick selects."""
    return [one for one in find(pick, document) if isinstance(one, Element)]


def attributes(pick: Pick, document: Document) -> list[tuple[Element, str]]:
    """Return the attributes that a pick selects: element and name."""
    strings = [one for one in find(pick, document) if isinstance(one, XPathString)]
    return [(one.getparent(), one.attrname) for one in strings if one.attrname is not None]


def texts(found: list[Element | str]) -> list[Text]:
    """Return the text nodes among what a pick found."""
    strings = [one for one in found if isinstance(one, XPathString) and not one.is_attribute]
    wanted = {(one.getparent(), str(one)): None for one in strings}
    return [node for parent, said in wanted for node in parent.children if isinstance(node, Text) and node.data == said]


def mistake(pick: Pick) -> str:
    """Return why an expression cannot be used, "" where it can."""
    try:
        for expression in (pick.expression, pick.only_if) if pick.language == "xpath" else ():
            strangers = {name for name in _CALLED.findall(_QUOTED.sub("", expression)) if _is_unknown(name)}
            if strangers:
                return f"{min(strangers)!r} is no function of XPath"
            compiled(expression or "/")(_EMPTY)
        find(pick, _EMPTY)
    except (TypeError, ValueError) as error:  # what the library raises for a wrong selector, and for a wrong XPath
        return str(error).removeprefix("xpath: ")
    return ""


@lru_cache(maxsize=_KEPT)
def compiled(expression: str) -> XPath:
    """Return an XPath expression, mended, ready for use.

    Raises:
        ValueError: it is none.
    """
    mended = _EQUATED.sub(r"\1(\2, \3)", _ROW.sub(r"\1/tbody/tr", expression))
    parts = _QUOTED.split(mended)
    parts[::2] = [_SLASHES.sub("//", part) for part in parts[::2]]
    return XPath("".join(parts), smart_strings=True)


@lru_cache(maxsize=_KEPT)
def selector(expression: str) -> str:
    """Return the CSS selector that says the same as an XPath expression of one step, "" where none does."""
    parts = _QUOTED.split(expression)
    parts[::2] = ["".join(part.split()) for part in parts[::2]]
    rest = "".join(parts)
    step = _STEP.match(rest)
    if step is None:
        return ""
    css, rest = step[1], rest[step.end() :]
    while rest:
        operator, found = next(((sign, test) for sign, one in _TESTS.items() if (test := one.match(rest))), ("", None))
        if found is None:
            return ""
        css += f'[{found[1]}{operator}"{found[3]}"]' if operator else f"[{found[1]}]"
        rest = rest[found.end() :]
    return css


@lru_cache(maxsize=_KEPT)
def _is_unknown(function: str) -> bool:
    if function in _NO_FUNCTIONS:
        return False
    try:
        XPath(f"{function}()")(_EMPTY)
    except (TypeError, ValueError) as error:
        return "unknown function" in str(error)
    return False


def _evaluated(expression: str, document: Document) -> list[Element | str]:
    found: list[Element | str] = []
    for alternative in alternatives(expression):
        value = compiled(alternative)(document)
        if isinstance(value, str):
            found.append(value)
        elif isinstance(value, list):  # a number or a truth is nothing that stands on a page
            found += [one for one in value if isinstance(one, Element | str)]
    return [one for one in found if isinstance(one, Element) or one.strip()]


@lru_cache(maxsize=_KEPT)
def alternatives(expression: str) -> tuple[str, ...]:
    """Return the parts of an expression between its outermost bars.

    The library puts what several parts find into the order of the page, in time that grows with the square of it.
    """
    parts, depth = [""], 0
    for piece in _QUOTED.split(expression):
        if piece[:1] in {"'", '"'}:
            parts[-1] += piece
            continue
        for sign in piece:
            depth += (sign in "([") - (sign in ")]")
            if sign == "|" and depth == 0:
                parts.append("")
            else:
                parts[-1] += sign
    return tuple(part.strip() for part in parts)
