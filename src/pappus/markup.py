"""The subset of HTML that an article's body may be, and its sanitiser.

Rules kept here: limits before a tree is built (5), sanitise last and to a fixpoint (6), text without control,
bidirectional-override and tag characters. The allow-list is closed: renderers know every element that they can meet.
"""

from __future__ import annotations

import html
import re
from collections import defaultdict
from itertools import islice
from typing import TYPE_CHECKING, Final, Literal

import nh3

from pappus import urls
from pappus.errors import MarkupError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

BLOCKS: Final = frozenset(
    "p h2 h3 h4 h5 h6 ul ol li dl dt dd blockquote pre figure figcaption table caption thead tbody tfoot tr th td hr".split()
)
INLINES: Final = frozenset(
    "a abbr b bdi br cite code del em i img ins kbd mark q rp rt ruby s samp small strong sub sup time u var".split()
)
ELEMENTS: Final = BLOCKS | INLINES

MAX_DEPTH: Final = 512
MAX_ATTRIBUTES: Final = 256  # of one tag
MAX_NODES: Final = 200_000
MAX_ESCAPING: Final = 2 * 10**10  # bytes that are gone through to escape all texts
MAX_TITLE: Final = 300  # characters of the plain-text fields of a lead or a draft, here and below
MAX_SUBTITLE: Final = 400
MAX_SUMMARY: Final = 1_000
MAX_NAME: Final = 100  # of one author
MAX_TAG: Final = 60
MAX_LICENCE: Final = 300
MAX_NAMES: Final = 20  # authors; tags likewise
_ROUNDS = 8  # of cleaning until nothing changes; two are the rule, more means an attack

_DIRECTED = frozenset(
    {
        "p",
        "li",
        "ul",
        "ol",
        "blockquote",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "td",
        "th",
        "figcaption",
        "bdi",
        "table",
    }
)
ATTRIBUTES: Final[dict[str, set[str]]] = {
    "a": {"href", "title", "hreflang"},
    "abbr": {"title"},
    "img": {"src", "alt"},
    "ol": {"start", "reversed"},
    "li": {"value"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "time": {"datetime"},
}
for _element in ELEMENTS - {"img", "br", "hr"}:
    ATTRIBUTES.setdefault(_element, set()).add("lang")
    if _element in _DIRECTED:
        ATTRIBUTES[_element].add("dir")

_MEDIA = re.compile(r"media:[0-9a-f]{64}\Z")
VALUES: Final = {
    "dir": re.compile(r"(?:ltr|rtl|auto)\Z"),
    "lang": re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,4}\Z"),
    "hreflang": re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,4}\Z"),
    "start": re.compile(r"-?[0-9]{1,6}\Z"),
    "value": re.compile(r"-?[0-9]{1,6}\Z"),
    "reversed": re.compile(r"(?:reversed)?\Z"),
    "colspan": re.compile(r"[0-9]{1,3}\Z"),
    "rowspan": re.compile(r"[0-9]{1,3}\Z"),
    "scope": re.compile(r"(?:row|col|rowgroup|colgroup)\Z"),
    "datetime": re.compile(r"[0-9TtZz:+.\- ]{4,40}\Z"),
}

# NUL, C0 but tab and line feed, DEL, C1; LRE..RLO, LRI..PDI; interlinear marks; non-characters; tag characters.
# Left in: zero-width joiners (Persian, Indic scripts), LRM, RLM, ALM (harmless, and typed on purpose).
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f\ud800-\udfff]"
)

_SPACES = "\t\n\f\v\u00a0\u2028\u2029"

# Elements that a parser closes by itself, or that cannot have content: they do not add to depth.
_SHALLOW = frozenset(
    "area base br col colgroup dd dt embed hr img input li link meta option optgroup p param rp rt source tbody td tfoot th thead"
    " tr track wbr".split()
)
_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/<>]*)([^<>]*)")
_ATTRIBUTE = re.compile(r"[^\s=/\"']+(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s\"']+))?")


def plain(text: str, most: int | None = None) -> str:
    """Return text without characters that are not seen, its white space (but ideographic) folded to single spaces.

    Args:
        text: any.
        most: characters; a longer text is cut, between two words where it has them, and ends in an ellipsis.
    """
    if not text.isprintable():
        text = _UNSEEN.sub("", text.replace("\r", "\n"))
        for space in _SPACES:
            text = text.replace(space, " ")
    while "  " in text:
        text = text.replace("  ", " ")
    text = text.strip()
    return text if most is None or len(text) <= most else _cut(text, most)


def _cut(text: str, most: int) -> str:
    words = text[:most].rpartition(" ")[0]
    kept = words if len(words) > most // 2 else text[: most - 1]
    return kept.rstrip(" ,;:.–—-") + "…"


def escaped(text: str) -> str:
    """Return text as it stands between tags; the signs are written as the sanitiser does, so that it has nothing to change."""
    return text.replace("&", "&amp;").replace("\u00a0", "&nbsp;").replace("<", "&lt;").replace(">", "&gt;")


def quoted(text: str) -> str:
    """Return text as it stands in an attribute's value, between double quotes."""
    return escaped(text).replace('"', "&quot;")


def plains(texts: Iterable[str], most: int) -> tuple[str, ...]:
    """Return names or tags as :func:`plain` texts: each once, none empty, the first 20."""
    each = (plain(text, most) for text in texts)
    return tuple(islice(dict.fromkeys(text for text in each if text), MAX_NAMES))


def visible(text: str) -> str:
    """Return text without characters that are not seen, its white space as it is, line ends as LF."""
    if text.isprintable():  # in which all of those are not, nor any white space but a space
        return text
    return _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def check(source: str) -> None:
    """Refuse markup that would be costly to parse.

    A linear look at the tags, on the safe side: it may count more than a parser would build, never a lot less.

    Raises:
        MarkupError: more than 200,000 tags, 256 attributes in one, or nested deeper than 512.
    """
    if "<" not in source:
        return
    depth = deepest = 0
    for nodes, tag in enumerate(_TAG.finditer(source), 1):
        closing, name, rest = tag.groups()
        if name.lower() in _SHALLOW:
            pass
        elif closing:
            depth = max(0, depth - 1)
        elif not rest.endswith("/"):
            depth += 1
            deepest = max(deepest, depth)
        if len(rest) > 2 * MAX_ATTRIBUTES and sum(1 for _ in _ATTRIBUTE.finditer(rest)) > MAX_ATTRIBUTES:
            raise MarkupError(f"<{name[:20]}>", f"a tag with more than {MAX_ATTRIBUTES} attributes")
        if nodes > MAX_NODES:
            raise MarkupError("markup", f"more than {MAX_NODES:,} tags")
    if deepest > MAX_DEPTH:
        raise MarkupError("markup", f"elements nested {deepest:,} deep; {MAX_DEPTH} is the limit")


_RAW = re.compile(r"<!--|<(script|style)(?=[\s/>])", re.IGNORECASE | re.ASCII)
_CLOSING = {
    "": re.compile("--!?>"),
    "script": re.compile(r"</script(?=[\s/>])", re.IGNORECASE | re.ASCII),
    "style": re.compile(r"</style(?=[\s/>])", re.IGNORECASE | re.ASCII),
}


def unscripted(source: str) -> tuple[str, tuple[str, ...]]:
    """Return a page without its scripts, styles and comments, and the JSON-LD that stood in its scripts.

    Scripts are full of ``<`` that are no tags, so they have to go before :func:`check` counts; parse what is returned,
    never the source, so that what was checked is what is parsed. Linear; where the regular expression and a browser
    disagree on what is a script, text is lost, and nothing else.
    """
    kept: list[str] = []
    data: list[str] = []
    position = 0
    while found := _RAW.search(source, position):
        kept.append(source[position : found.start()])
        name = (found[1] or "").lower()
        # A comment may end with the hyphens that it began with.
        begin = source.find(">", found.end()) + 1 if name else found.end() - 2
        end = _CLOSING[name].search(source, begin) if begin else None
        position = source.find(">", end.end() - 1) + 1 if end else 0
        if end is None or not position:  # the rest is inside it, for a browser too
            position = len(source)
            break
        if "ld+json" in source[found.start() : begin].lower():
            data.append(source[begin : end.start()])
    kept.append(source[position:])
    return "".join(kept), tuple(data)


def clean(source: str, *, images: Literal["remote", "stored"]) -> str:
    """Return ``source`` as markup of our subset: sanitised to a fixpoint, nothing added.

    Args:
        source: any HTML fragment, however hostile; addresses in it absolute (relative ones are dropped).
        images: which images may stand: "remote" http(s) ones (a draft's), or "stored" ``media:<digest>`` ones only.

    Raises:
        MarkupError: past the limits, or no fixpoint is reached.
    """
    check(source)
    if _escaping(source) > MAX_ESCAPING:
        raise MarkupError("markup", "a long text full of signs that have to be escaped")
    return settle(source, _REMOTE if images == "remote" else _STORED)


def _escaping(source: str) -> int:
    """Return how many bytes are gone through to escape the texts between tags.

    The serializer looks through the rest of a text at each sign ``&``, and at each that begins as a no-break space does (U+0080 to U+00BF).
    """
    data = source.encode("utf-8", "surrogatepass")
    most = _signs(data) * len(data)
    return most if most <= MAX_ESCAPING else sum(_signs(text) * len(text) for text in data.split(b"<"))


def _signs(data: bytes) -> int:
    return data.count(b"&") + data.count(b"\xc2")


def settle(source: str, cleaner: nh3.Cleaner) -> str:
    """Return ``source`` cleaned until nothing changes.

    Raises:
        MarkupError: no fixpoint is reached.
    """
    last = visible(source)
    for _ in range(_ROUNDS):
        cleaned = cleaner.clean(last)
        if cleaned == last:
            return cleaned
        last = visible(cleaned)
    raise MarkupError("markup", "does not come to rest when sanitised")


def _attribute_filter(images: Literal["remote", "stored"]) -> nh3.Cleaner:
    def keep(element: str, attribute: str, value: str) -> str | None:
        if attribute == "href":
            return urls.parse(value)
        if element == "img" and attribute == "src":
            if images == "stored":
                return value if _MEDIA.match(value) else None
            return urls.parse_http(value)
        pattern = VALUES.get(attribute)
        return value if pattern is None or pattern.match(value) else None

    return sanitiser(set(ELEMENTS), ATTRIBUTES, keep)


def sanitiser(
    elements: set[str], attributes: dict[str, set[str]], keep: Callable[[str, str, str], str | None]
) -> nh3.Cleaner:
    """Return what takes away all that is not in a closed list.

    Args:
        elements: that may stand.
        attributes: that each of them may have.
        keep: given element, attribute and value, returns the value that may stand, None for none.
    """
    return nh3.Cleaner(
        tags=elements,
        clean_content_tags={
            "script",
            "style",
            "template",
            "noscript",
            "iframe",
            "object",
            "svg",
            "math",
            "title",
            "textarea",
            "select",
            "xmp",
            "noembed",
            "noframes",
            "plaintext",
        },
        attributes=attributes | {"*": set()},  # else nh3 lets lang and title stand anywhere
        attribute_filter=keep,
        url_schemes={"http", "https", "mailto", "media"},
        link_rel=None,
        strip_comments=True,
    )


_REMOTE = _attribute_filter("remote")
_STORED = _attribute_filter("stored")

_LINKED = {"href": r"(?:https?://|mailto:)[^\"<>]*", "src": _MEDIA.pattern.removesuffix(r"\Z")}


def tags(elements: Iterable[str]) -> str:
    """Return the expression of a start tag of these elements as it stands in cleaned markup with stored images, but for the ``<``."""
    alike: defaultdict[frozenset[str], list[str]] = defaultdict(list)
    for element in sorted(elements):
        alike[frozenset(ATTRIBUTES.get(element, ()))].append(element)
    return "|".join(f"(?:{'|'.join(some)}){_attributes(names)}>" for names, some in alike.items())


def _attributes(names: Iterable[str]) -> str:
    each = "|".join(f'{name}="{_value(name)}"' for name in sorted(names))
    return f"(?: (?:{each}))*+" if each else ""


def _value(attribute: str) -> str:
    pattern = VALUES.get(attribute)
    return _LINKED.get(attribute) or (pattern.pattern.removesuffix(r"\Z") if pattern else '[^"<>]*')


_ANY_TAG = re.compile(r"<[^>]*>")
_BREAK = re.compile(r"</?(?:p|h[2-6]|li|blockquote|pre|figure|figcaption|tr|td|th|dt|dd|br|hr)\b[^>]*>")


def text(markup: str) -> str:
    """Return the text of cleaned markup, blocks set apart by a space."""
    return plain(html.unescape(_ANY_TAG.sub("", _BREAK.sub(" ", markup))))


def paragraphs(markup: str) -> tuple[str, ...]:
    """Return the text of cleaned markup, block by block."""
    texts = (plain(html.unescape(_ANY_TAG.sub("", block))) for block in _BREAK.split(markup))
    return tuple(text for text in texts if text)


def image_sources(markup: str) -> tuple[str, ...]:
    """Return the ``src`` of every image in cleaned markup, in order, each once."""
    return tuple(dict.fromkeys(html.unescape(found) for found in _IMAGE_SOURCE.findall(markup)))


def link_targets(markup: str) -> tuple[str, ...]:
    """Return the ``href`` of every link in cleaned markup, in order, each once."""
    return tuple(dict.fromkeys(html.unescape(found) for found in _LINK_TARGET.findall(markup)))


_LINK_TARGET = re.compile(r'<a\b[^>]*?\bhref="([^"]*)"')
_IMAGE_SOURCE = re.compile(r'<img\b[^>]*?\bsrc="([^"]*)"')
