# --- choosing ---


def _keep(events: list[Event], library: html.HtmlElement, wanted: str) -> int:
    """Mark the runs whose text was chosen; return how many characters of it were found.

    A text is kept as often as it was chosen; where a page has it more often, as in a teaser, it is kept where most of
    the other chosen text is.
    """
    exact = {_folded("".join(one.itertext())) for one in library.iter() if isinstance(one.tag, str)}
    exact |= {_folded(one.text or "") for one in library.iter()} | {_folded(one.tail or "") for one in library.iter()}
    matching = [
        event
        for event in events
        if event.kind == "run" and (event.key in exact or (len(event.key) >= _SHORT and event.key in wanted))
    ]
    container = _container(matching)
    kept = Counter[str]()
    for inside in (True, False):
        for event in matching:
            if _is_inside(event.element, container) is inside and kept[event.key] < wanted.count(event.key):
                event.kept = inside or len(event.key) >= _SHORT
                kept[event.key] += event.kept
    return sum(len(event.key) for event in matching if event.kept)


def _container(matching: list[Event]) -> html.HtmlElement | None:
    """Return the smallest element that holds nine tenths of the matching text."""
    weights = _weights(matching)
    total = sum(len(event.key) for event in matching)
    heavy = [one for one, weight in weights.items() if weight >= 0.9 * total]
    return max(heavy, key=lambda one: sum(1 for _ in one.iterancestors()), default=None)


def _weights(runs: list[Event]) -> dict[html.HtmlElement, int]:
    """Return how many characters of these runs stand in each element."""
    weights: dict[html.HtmlElement, int] = {}
    for event in runs:
        for one in (event.element, *event.element.iterancestors()):
            weights[one] = weights.get(one, 0) + len(event.key)
    return weights


def _is_inside(element: html.HtmlElement, container: html.HtmlElement | None) -> bool:
    return container is None or element is container or any(one is container for one in element.iterancestors())


def _refuse(events: list[Event]) -> None:
    kept = [event for event in events if event.kind == "run" and event.kept]
    weights = _weights(kept)
    total = sum(len(event.key) for event in kept)
    light = {one for one, weight in weights.items() if weight < 0.2 * total}
    for event in kept:
        if furniture.is_furniture(event.element, weights.keys() - light):
            event.kept = False
            LOG.append((event.key, "REFUSED " + (event.element.get("class") or event.element.getparent().get("class") or ''), event.element.tag))


def _adopt(events: list[Event]) -> None:
    """Keep what was not chosen but stands among it and reads like it: the library drops much that has links or markup."""
    runs = [event for event in events if event.kind == "run"]
    kept = [index for index, event in enumerate(runs) if event.kept]
    if not kept:
        return
    holders = {one for index in kept for one in runs[index].element.iterancestors()}
    kin = {runs[index].element.getparent() for index in kept} | {_outermost(runs[index].element) for index in kept}
    container = _container([runs[index] for index in kept])
    for index, event in enumerate(runs):
        element = event.element
        outer = _outermost(element)
        part = outer in kin and outer is not element
        among = kept[0] < index < kept[-1] and element.tag in _PROSE and (part or outer.getparent() in kin)
        alike = index > kept[-1] and element.tag == "p" and element.getparent() in kin and event.key[-1] in _STOPS
        quoted = element.tag in {"footer", "cite", "p"} and outer in kin and outer.tag == "blockquote"
        if event.kept or not (among or alike or quoted): continue
        event.kept = (_is_inside(element, container)
            and not furniture.is_furniture(element, holders)
            and (outer.tag == "table" or not furniture.leads_away(outer)))
        if event.kept:
            LOG.append((event.key, "among" if among else "alike" if alike else "quoted", element.tag))


_STOPS = ".!?…。！？」』”’\")）؟।۔"
def _outermost(element: html.HtmlElement) -> html.HtmlElement:
    """Return the list, table or quotation that an element is a part of, or the element itself."""
    for one in element.iterancestors("ul", "ol", "dl", "table", "blockquote"):
        element = one
    return element


REJ = []
LOG = []
_PROSE: Final = frozenset("p h2 h3 h4 h5 h6 li td th caption dt dd pre blockquote cite footer".split())


def _drop_refrains(events: list[Event]) -> None:
    """Let go of what a page says again and again between paragraphs: "advertisement", "article content"."""
    plain = [event for event in events if event.kept and event.element.tag not in _STRUCTURE]
    counts = Counter(event.key for event in plain)
    for event in plain:
        event.kept = counts[event.key] < _REFRAIN or len(event.key) < 4


def _keep_media(events: list[Event]) -> None:
    """Mark the media that stand between kept runs, and are no picture of a link to something else."""
    flow = [event for event in events if event.kind in {"run", "media"}]
    runs = [index for index, event in enumerate(flow) if event.kind == "run" and event.kept]
    if not runs:
        return
    for index in range(runs[0], runs[-1] + 3):
        if index >= len(flow) or flow[index].kind != "media":
            continue
        before = [event for event in flow[:index] if event.kind == "run"][-_NEAR:]
        after = [event for event in flow[index:] if event.kind == "run"][:_NEAR]
        near = sum(event.kept for event in (*before, *after))
        flow[index].kept = near >= _NEAR and any(event.kept for event in before) and not _is_teaser(flow[index])


def _is_teaser(event: Event) -> bool:
    """Whether a medium is part of a link to another page, and not to a larger image."""
    for one in (event.element, *event.element.iterancestors("a")):
        target = (one.get("href") or "").partition("?")[0].lower()
        if one.tag == "a" and target and not target.startswith("#"):
            return not target.endswith((".jpg", ".jpeg", ".png", ".webp", ".gif", ".avif"))
    return False


