"""What a git forge shows of a mirror: cmark-gfm with footnotes, then the published allow-list, in a plain dress.

The demo makes a preview of it, for nobody has a forge at hand; the tests of the Markdown edition hold its pages against it.
"""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING, Final

import cmarkgfm
import nh3
from cmarkgfm.cmark import Options

if TYPE_CHECKING:
    from pathlib import Path

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
    options = Options.CMARK_OPT_FOOTNOTES | Options.CMARK_OPT_UNSAFE
    return str(cmarkgfm.github_flavored_markdown_to_html(markdown, options=options))


def kept(rendered: str) -> str:
    """Return rendered HTML after the forge's allow-list."""
    return cleaned(rendered, ELEMENTS, ATTRIBUTES)


def cleaned(rendered: str, elements: set[str], attributes: dict[str, set[str]]) -> str:
    """Return rendered HTML with these elements and attributes only, and those of footnotes."""
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


_DRESS: Final = """
:root { color-scheme: light dark }
body { max-width: 46rem; margin: 0 auto; padding: 1rem; font: 1rem/1.6 system-ui, sans-serif; overflow-wrap: anywhere }
img { max-width: 100%; height: auto }
h1, h2 { border-bottom: 1px solid #8884; padding-bottom: .3em }
blockquote { margin-inline: 0; padding-inline-start: 1em; border-inline-start: .25em solid #8886 }
table { border-collapse: collapse; display: block; overflow-x: auto }
td, th { border: 1px solid #8886; padding: .4em .8em }
code { background: #8882; padding: .1em .3em; border-radius: .3em }
pre { overflow-x: auto }
hr { border: 0; border-top: 1px solid #8886 }
"""
_PAGE: Final = """<!doctype html>
<html><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src 'self' file:; style-src 'unsafe-inline'">
<meta name="referrer" content="no-referrer"><title>{title}</title><style>{dress}</style></head>
<body dir="auto">
{body}
</body></html>
"""
_LINK: Final = re.compile(r'(<a\b[^>]*\bhref="(?![a-z]+:)[^"]*?)\.md((?:[?#][^"]*)?")')
_TITLE: Final = re.compile(r"<h[1-6][^>]*>(.*?)</h[1-6]>", re.DOTALL)


def preview(mirror: Path, target: Path) -> Path:
    """Write what a forge would show of a mirror's tree as HTML files. Returns the one to open.

    Args:
        mirror: a tree of the Markdown edition.
        target: a folder, made anew.
    """
    shutil.rmtree(target, ignore_errors=True)
    for path in sorted(file for file in mirror.rglob("*") if file.is_file()):
        copy = target / path.relative_to(mirror)
        copy.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix != ".md":
            shutil.copyfile(path, copy)
            continue
        body = _LINK.sub(r"\1.html\2", kept(html(path.read_text(encoding="utf-8"))))
        found = _TITLE.search(body)
        title = re.sub(r"<[^>]*>", "", found[1]) if found else path.stem  # escaped, as it stood
        page = _PAGE.format(title=title, dress=_DRESS, body=body)
        copy.with_suffix(".html").write_text(page, encoding="utf-8")
    return target / "README.html"
