"""Style sheet and scripts in browsers of 2018, which drop a declaration, a rule or a whole script in which something is new to them."""

from __future__ import annotations

import re
from typing import NamedTuple

import pytest

from pappus.render.site.templates import STYLE, THEME, sources

# As Chromium 70 has them, by its own tables (developer.chrome.com, chromestatus.com); a property that it lacks stands in NICETIES.
PROPERTIES = frozenset(
    """
    align-items background border border-bottom border-collapse border-color border-inline-start border-radius border-top
    box-shadow box-sizing break-after break-inside clip color cursor display fill flex flex-wrap float font font-family
    font-size font-style font-variant-numeric font-weight grid-column-gap grid-template-columns height justify-content
    line-break line-height list-style list-style-type margin margin-bottom margin-inline-end margin-inline-start margin-top
    max-height max-width min-height min-width object-fit orphans outline outline-offset overflow overflow-wrap overflow-x
    padding padding-bottom padding-inline-end padding-inline-start padding-top position stroke stroke-linecap stroke-width
    text-align text-decoration unicode-bidi vertical-align -webkit-text-emphasis -webkit-text-size-adjust white-space widows
    width
    """.split()
)
NICETIES = frozenset(  # a page without them reads as well
    """
    aspect-ratio color-scheme text-decoration-thickness text-emphasis text-emphasis-position text-underline-offset text-wrap
    """.split()
)
FUNCTIONS = frozenset({"calc", "minmax", "rect", "repeat", "rgb", "var"})
LATER = re.compile(r"([a-z-]+)\(|\b(anywhere|revert|[0-9.]+[dsl]v[hw])\b")  # functions and words of values
PSEUDO = frozenset({"first-child", "focus", "hover", "lang", "last-child", "not", "root"})
QUERY = re.compile(
    r"@media ?(?:\((?:min-width:[0-9.]+em|prefers-color-scheme:dark)\)|print)"
)  # light where the second is unknown


class Rule(NamedTuple):
    """A rule, within its query."""

    media: str
    selector: str
    declarations: list[tuple[str, str]]


def rules(text: str, media: str = "") -> list[Rule]:
    """Return the rules of a style sheet that has no comments and no strings with braces."""
    found: list[Rule] = []
    for query, inside, selector, body in re.findall(r"(@[^{]+)\{((?:[^{}]+\{[^{}]*\})*)\}|([^{}@]+)\{([^{}]*)\}", text):
        if query:
            found += rules(inside, query.strip())
        else:
            pairs = (one.partition(":") for one in body.split(";") if one.strip())
            found.append(Rule(media, selector.strip(), [(name.strip(), value) for name, _, value in pairs]))
    return found


def unreadable(text: str) -> list[str]:
    """Return what an old browser would lose that a reader would miss."""
    lost: list[str] = []
    for media, selector, declarations in rules(text):
        lost += [media] if media and not QUERY.fullmatch(media) else []
        pseudo = re.findall(r":([a-z-]+)", selector)
        if selector != ":focus:not(:focus-visible)":  # which only takes away what all see there
            lost += [f"{selector}: {name}" for name in pseudo if name not in PSEUDO]
            lost += [selector for _ in re.findall(r":not\([^()]*[, >+~]|&", selector)]
        said: set[str] = set()
        for name, value in declarations:
            later = {word or f"{function}()" for function, word in LATER.findall(value) if function not in FUNCTIONS}
            if not name.startswith("--") and name not in NICETIES:
                if name not in PROPERTIES:
                    lost.append(f"{selector}: {name}")
                elif later and name not in said:
                    lost.append(f"{selector}: {name}: {', '.join(sorted(later))} without a fallback before it")
            elif later and name.startswith("--"):
                lost.append(f"{selector}: {name}: {', '.join(sorted(later))}")  # variables have no fallback
            if not later:
                said.add(name)
    return lost


@pytest.mark.parametrize("name", [STYLE, THEME])
def test_an_old_browser_loses_nothing_that_a_reader_would_miss(name):
    text = sources()[name]
    assert sum(len(rule.declarations) for rule in rules(text)) == len(re.findall(r"[a-z-]+:[^;{}]+(?=[;}])", text))
    assert unreadable(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "a:is(b,c){color:red}",
        "a,b:where(c){color:red}",
        "a:focus-visible{color:red}",
        "a:not(b,c){color:red}",
        "a:has(b){color:red}",
        "a{inset:0}",
        "a{gap:1rem}",
        "a{margin-inline:0}",
        "a{width:clamp(1rem,2vw,3rem)}",
        "a{width:clamp(1rem,2vw,3rem);width:2rem}",
        "a{width:min(1rem,2vw)}",
        "a{color:color-mix(in srgb,red,blue)}",
        "a{height:100dvh}",
        "a{--x:min(1px,2px)}",
        "@layer x{a{color:red}}",
        "@container (width>40em){a{color:red}}",
        "@media(width>40em){a{color:red}}",
        "@media(hover:hover){a{color:red}}",
        "@media(min-width:40em){a{inset:0}}",
    ],
)
def test_what_an_old_browser_would_lose_is_found(text):
    assert unreadable(text)


def test_what_has_a_fallback_is_no_loss():
    assert (
        unreadable(
            "a{width:2rem;width:clamp(1rem,2vw,3rem);text-wrap:balance}@media(min-width:40em){a:hover{color:red}}"
        )
        == []
    )


@pytest.mark.parametrize("name", [name for name in sources() if name.endswith(".js")])
def test_the_scripts_hold_nothing_that_old_browsers_lack(name):
    syntax = ("?.", "??", "||=", "&&=", "#private")
    calls = (
        ".at(",
        "allSettled",
        "fromEntries",
        "globalThis",
        "matchAll",
        "replaceAll",
        "replaceChildren",
        "structuredClone",
    )
    assert [sign for sign in (*syntax, *calls) if sign in sources()[name]] == []
