"""FiveFilters' site-config files: what Full-Text RSS, wallabag and others know of two thousand sites.

One directive a line, ``name: value`` or ``name(argument): value``; ``#`` begins a comment. Names and meanings are those of
https://help.fivefilters.org/full-text-rss/site-patterns.html and, where that is silent, of Instapaper's format before it, as
https://github.com/fivefilters/ftr-site-config/issues/249 tells. A directive that asks for what we do not do on purpose is passed over with
the reason; a line that cannot be understood is passed over too. Both are told with file and line.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from pappus.extraction.rules import Pick, Rules, Trial
from pappus.extraction.rules.picks import mistake

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MAX_CHARS: Final = 200_000  # of a file; the longest known one has about 15,000
_LINE = re.compile(r"\s*([A-Za-z_]+)\s*(?:\((.*?)\))?\s*:(.*)", re.DOTALL)
_TAG = re.compile(r"[a-z][a-z0-9]*\Z")
_ATTRIBUTE = re.compile(r"[A-Za-z_][\w.:-]*\Z")
_TRUE = frozenset({"1", "on", "true", "yes"})

# By directive, the list of ours that its XPath goes to.
_PICKS: Final[Mapping[str, str]] = {
    "author": "author",
    "body": "body",
    "date": "date",
    "dissolve": "dissolve",
    "native_ad_clue": "sponsored",
    "next_page_link": "next_page",
    "single_page_link": "single_page",
    "strip": "strip",
    "strip_attr": "strip_attributes",
    "title": "title",
}
# Directives that change nothing here, and why.
_IDLE: Final[Mapping[str, str]] = {
    "autodetect_next_page": "next pages are always looked for",
    "convert_double_br_tags": "line breaks are kept as they are",
    "footnotes": "footnotes are kept",
    "parser": "there is one parser",
    "prune": "how much of a body is kept depends on how sure the generic way is",
    "skip_json_ld": "the rules' own title, author and date come before JSON-LD",
    "strip_comments": "comments are never kept",
    "tidy": "there is one parser",
}
_DECLINED: Final[Mapping[str, str]] = {
    "http_header": "requests carry no header of a rule's, no cookie and no referrer",
    "login_extra_fields": "nobody is logged in",
    "login_password_field": "nobody is logged in",
    "login_uri": "nobody is logged in",
    "login_username_field": "nobody is logged in",
    "move_into": "elements stay where they are",
    "not_logged_in_xpath": "nobody is logged in",
    "post_strip_attr": "what is left of attributes is decided by the sanitiser",
    "requires_login": "nobody is logged in",
    "single_page_link_in_feed": "links in feeds are not followed",
    "skip_id_or_class": "what is stripped by its id or class is decided by strip_id_or_class",
}


class Remark(Struct, frozen=True):
    """A line that is passed over."""

    place: str  # file and line
    reason: str
    known: bool = False  # a directive of the format that asks for what we do not do


class _Draft(Struct):
    """Rules while their lines are read."""

    lists: dict[str, list[object]] = field(default_factory=dict)
    truths: dict[str, bool] = field(default_factory=dict)
    finds: list[str] = field(default_factory=list)
    replacements: list[str] = field(default_factory=list)
    trials: list[Trial] = field(default_factory=list)
    conditional: str = ""  # list whose last pick an ``if_page_contains`` is about

    def add(self, name: str, value: object) -> None:
        self.lists.setdefault(name, []).append(value)


class _RefusalError(Exception):
    """A line that cannot be used: the reason."""


def read(text: str, name: str) -> tuple[Rules, tuple[Remark, ...]]:
    """Return the rules in a file, and what of it is passed over.

    Args:
        text: of the file.
        name: of the file, to be told with each remark.
    """
    draft, remarks = _Draft(), []
    for number, line in enumerate(text[:MAX_CHARS].removeprefix("\ufeff").splitlines(), 1):
        said = line.strip()
        if said and not said.startswith("#"):
            place = f"{name}, line {number}"
            try:
                _take(draft, said)
            except _RefusalError as refusal:
                remarks.append(
                    Remark(place, str(refusal), known=said.partition(":")[0].partition("(")[0].lower() in _DECLINED)
                )
    if len(draft.finds) == len(draft.replacements):
        draft.lists["replace"] = list(zip(draft.finds, draft.replacements, strict=True))
    else:
        reason = f"{len(draft.finds)} find_string and {len(draft.replacements)} replace_string: they go in pairs"
        remarks.append(Remark(name, reason))
    lists = {key: tuple(values) for key, values in draft.lists.items()}
    return Rules(**lists, **draft.truths, trials=tuple(draft.trials)), tuple(remarks)  # type: ignore[arg-type]  # by name


def _take(draft: _Draft, line: str) -> None:
    """Take over one directive.

    Raises:
        _RefusalError: it cannot be used.
    """
    found = _LINE.fullmatch(line)
    if found is None:
        raise _RefusalError(f"{line[:60]!r} is no directive")
    name, argument, value = found[1].lower(), found[2], found[3].strip()
    if name in _IDLE:
        return
    if name in _DECLINED:
        raise _RefusalError(f"{name}: {_DECLINED[name]}")
    if not value and name not in {"find_string", "replace_string"}:
        raise _RefusalError(f"{name} has no value")
    if name in _PICKS and argument is None:
        draft.add(_PICKS[name], _pick(value))
        draft.conditional = _PICKS[name] if name.endswith("_page_link") else ""
    elif name in _OTHERS:
        _OTHERS[name](draft, argument, value)
    else:
        raise _RefusalError(f"{name!r} is not known")


def _pick(expression: str) -> Pick:
    pick = Pick(expression, "xpath")
    if wrong := mistake(pick):
        raise _RefusalError(f"{expression[:120]!r} cannot be used: {wrong}")
    return pick


def _strip_named(draft: _Draft, _: str | None, value: str) -> None:
    if part := re.sub("[\"']", "", value).strip():
        draft.add("strip_named", part)


def _strip_images(draft: _Draft, _: str | None, value: str) -> None:
    if part := re.sub("[\"']", "", value).strip():
        draft.add("strip_images", part)


def _find(draft: _Draft, _: str | None, value: str) -> None:
    if not value:
        raise _RefusalError("find_string has no value")
    draft.finds.append(value)


def _replace(draft: _Draft, argument: str | None, value: str) -> None:
    if argument == "":
        raise _RefusalError("replace_string() names nothing to replace")
    if argument is not None:
        draft.finds.append(argument)
    draft.replacements.append(value)


def _wrap(draft: _Draft, argument: str | None, value: str) -> None:
    if not _TAG.match(argument or ""):
        raise _RefusalError(f"wrap_in({argument or ''}) names no element")
    draft.add("wrap", (argument, _pick(value)))


def _condition(draft: _Draft, _: str | None, value: str) -> None:
    """Make the link before it hold only on pages on which something matches."""
    links = draft.lists.get(draft.conditional)
    last = links[-1] if links else None
    if not isinstance(last, Pick):
        raise _RefusalError("if_page_contains does not follow a link")
    _pick(value)
    draft.lists[draft.conditional][-1] = Pick(last.expression, "xpath", only_if=value)


def _trial(draft: _Draft, _: str | None, value: str) -> None:
    draft.trials.append(Trial(url=value))


def _contains(draft: _Draft, _: str | None, value: str) -> None:
    if not draft.trials:
        raise _RefusalError("test_contains does not follow a test_url")
    last = draft.trials.pop()
    draft.trials.append(Trial(url=last.url, contains=(*last.contains, value)))


def _lazy(draft: _Draft, _: str | None, value: str) -> None:
    if not _ATTRIBUTE.match(value):
        raise _RefusalError(f"{value[:60]!r} is no attribute")
    draft.add("lazy", value.lower())


def _truth(name: str, *, opposite: bool = False) -> Callable[[_Draft, str | None, str], None]:
    def take(draft: _Draft, _: str | None, value: str) -> None:
        draft.truths[name] = (value.lower() in _TRUE) != opposite

    return take


_OTHERS: Final[Mapping[str, Callable[[_Draft, str | None, str], None]]] = {
    "autodetect_on_failure": _truth("only", opposite=True),
    "find_string": _find,
    "if_page_contains": _condition,
    "insert_detected_image": _truth("lead"),
    "replace_string": _replace,
    "src_lazy_load_attr": _lazy,
    "strip_id_or_class": _strip_named,
    "strip_image_src": _strip_images,
    "test_contains": _contains,
    "test_url": _trial,
    "wrap_in": _wrap,
}
