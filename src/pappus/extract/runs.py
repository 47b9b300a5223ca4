"""A page as a sequence of runs of text and of media, in the order in which they are read."""

from __future__ import annotations
EventKind = Literal["open", "close", "run", "media"]


@dataclass(slots=True)
class Event:
    """One step through a page: a structural element begins or ends, a run of text, or pictures and videos."""

    kind: EventKind
    element: html.HtmlElement
    parts: list[str | html.HtmlElement] = field(
        default_factory=list
    )  # of a run: text, and inline elements without tails
    key: str = ""  # of a run: its text without white space
    pictures: list[Picture] = field(default_factory=list)
    markup: str = ""  # of other media
    kept: bool = False


# --- reading a page as runs ---


def _walk(element: html.HtmlElement, base: str) -> Iterator[Event]:
    """Yield the events of an element's content, in document order."""
    run: list[str | html.HtmlElement] = [element.text or ""]
    for child in element:
        if not isinstance(child.tag, str) or _hidden(child):
            pass
        elif _is_inline(child):
            run.append(child)
        else:
            yield from _run(element, run)
            run = []
            yield from _block(child, base)
        run.append(child.tail or "")
    yield from _run(element, run)


def _run(element: html.HtmlElement, parts: list[str | html.HtmlElement]) -> Iterator[Event]:
    key = _folded("".join(part if isinstance(part, str) else _text(part) for part in parts))
    if key:
        yield Event("run", element, parts=parts, key=key)


def _text(element: html.HtmlElement) -> str:
    """Return the text that an inline element shows."""
    if element.tag in _OPAQUE or _hidden(element):
        return ""
    inner = "".join(_text(child) + (child.tail or "") for child in element if isinstance(child.tag, str))
    return (element.text or "") + inner


def _hidden(element: html.HtmlElement) -> bool:
    if element.tag in _OPAQUE:
        return True
    style = element.get("style")
    return element.get("hidden") is not None or (style is not None and "display:none" in _folded(style).lower())


def _is_inline(element: html.HtmlElement) -> bool:
    """Whether an element is inline with everything in it; an image makes it a block."""
    return (
        element.tag in _INLINE
        and element.tag != "img"
        and all(_is_inline(child) for child in element if isinstance(child.tag, str) and child.tag not in _OPAQUE)
    )


def _block(element: html.HtmlElement, base: str) -> Iterator[Event]:
    tag = element.tag
    if (pictures := _pictures(element, base)) is not None:
        if pictures:
            yield Event("media", element, pictures=pictures)
    elif tag in {"iframe", "video"}:
        if shown := figures.video(element, base):
            yield Event("media", element, markup=shown)
    elif tag == "pre":
        if key := _folded(element.text_content()):
            yield Event("run", element, parts=[element.text_content()], key=key)
    elif tag in _STRUCTURE:
        yield Event("open", element)
        yield from _walk(element, base)
        yield Event("close", element)
    else:
        yield from _walk(element, base)


def _pictures(element: html.HtmlElement, base: str) -> list[Picture] | None:
    """Return the pictures of a figure or an image, as far as they are worth showing; None if it is neither."""
    if figures.holds_pictures(element):
        return figures.pictures(element, base)
    if element.tag in {"img", "amp-img"}:
        picture = figures.alone(element, base)
        return [picture] if picture is not None else []
    return None


