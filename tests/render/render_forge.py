"""A forge, as far as Markdown is concerned: cmark-gfm with footnotes, then the published allow-list."""

from __future__ import annotations

import cmarkgfm
import nh3
from cmarkgfm.cmark import Options

# The allow-list of html-pipeline's SanitizationFilter (github.com/gjtorikian/html-pipeline,
# lib/html_pipeline/sanitization_filter.rb), which GitHub published; elements and attributes sorted.
ELEMENTS = set(
    """a abbr b bdo blockquote br caption cite code dd del details dfn div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i img
    ins kbd li mark ol p pre q rp rt ruby s samp small span strike strong sub summary sup table tbody td tfoot th thead time tr tt
    ul var wbr""".split()
)
EVERYWHERE = set(
    """abbr accept accept-charset accesskey action align alt aria-describedby aria-hidden aria-label aria-labelledby axis border
    cellpadding cellspacing char charoff charset checked clear color cols colspan compact coords datetime dir disabled enctype for
    frame headers height hreflang hspace id ismap itemprop label lang maxlength media method multiple name nohref noshade nowrap
    open progress prompt readonly rel rev role rows rowspan rules scope selected shape size span start summary tabindex title type
    usemap valign value width""".split()
)
ATTRIBUTES = {element: set(EVERYWHERE) for element in ELEMENTS}
ATTRIBUTES["a"] |= {"href"}
ATTRIBUTES["img"] |= {"src", "longdesc"}

# What the renderer of footnotes itself adds, which the forge's own pipeline knows.
_FOOTNOTES = {"section": {"class", "data-footnotes"}}
_FOOTNOTE_LINKS = {"class", "data-footnote-ref", "data-footnote-backref", "data-footnote-backref-idx"}


def html(markdown: str) -> str:
    """Return what cmark-gfm makes of Markdown, raw HTML let through."""
    return cmarkgfm.github_flavored_markdown_to_html(
        markdown, options=Options.CMARK_OPT_FOOTNOTES | Options.CMARK_OPT_UNSAFE
    )


def kept(rendered: str) -> str:
    """Return rendered HTML after the forge's allow-list."""
    return _cleaned(rendered, ELEMENTS, ATTRIBUTES)


def whole(rendered: str) -> str:
    """Return the same with every element and attribute that we or anybody could write let through."""
    everything = ELEMENTS | set("bdi u center font iframe object style script form input video audio svg".split())
    attributes = {*EVERYWHERE, "href", "src", "class", "style", "onclick", "reversed"}
    return _cleaned(rendered, everything, dict.fromkeys(everything, attributes))


def _cleaned(rendered: str, elements: set[str], attributes: dict[str, set[str]]) -> str:
    attributes = {**attributes, **_FOOTNOTES}
    attributes["a"] = attributes["a"] | _FOOTNOTE_LINKS
    attributes["sup"] = attributes["sup"] | {"class"}
    return nh3.clean(
        rendered,
        tags=elements | {"section"},
        attributes=attributes,
        link_rel=None,
        clean_content_tags=set(),
        url_schemes={"http", "https", "mailto"},
        strip_comments=False,
    )
