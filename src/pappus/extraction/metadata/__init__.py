"""What a page says about its article, field by field, each with where it came from.

:func:`read` takes a page's tree. Data that pages carry for machines come first (JSON-LD, Open Graph, meta elements, microdata, RDFa); what
readers see is looked at where these are poor. Nothing is fetched, no clock is asked, and every list and text is bounded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct
from msgspec.structs import asdict

from pappus.extraction.metadata import authors, dates, images, licence, site, terms
from pappus.extraction.metadata import title as titles
from pappus.extraction.metadata.evidence import RULES, SEEN, Evidence, Found

if TYPE_CHECKING:
    from datetime import datetime

    from turbohtml import Document

    from pappus.model import Picture

__all__ = ["Found", "Metadata", "Ruled", "read"]


class Ruled(NamedTuple):
    """What a site's rules select on a page, as it stands there."""

    title: str = ""
    authors: tuple[str, ...] = ()
    date: str = ""


NOT_RULED = Ruled()


class Metadata(Struct, frozen=True, kw_only=True):
    """All that a page says about its article. Texts are plain; "" or () or None where it says nothing."""

    url: Found[str]  # canonical
    title: Found[str]
    subtitle: Found[str]
    authors: Found[tuple[str, ...]]
    published: Found[datetime | None]  # aware, in the page's own zone
    updated: Found[datetime | None]
    languages: Found[tuple[str, ...]]  # as declared, the weightiest first; see language.py for what is true
    section: Found[str]
    tags: Found[tuple[str, ...]]
    images: tuple[Found[Picture], ...]  # that stand for the article, the weightiest first
    site: Found[str]
    licence: Found[str]
    partial: Found[bool]
    summary: Found[str]
    name: str  # what its <title> says
    body: str  # the article's text as its data have it

    @property
    def origins(self) -> dict[str, str]:
        """Where each field that the page gives came from, by its name."""
        given = asdict(self)
        found = given | {"lead": self.images[0] if self.images else None}
        return {name: value.origin for name, value in found.items() if isinstance(value, Found) and value.origin}


def read(document: Document, url: str, base: str | None = None, ruled: Ruled = NOT_RULED) -> Metadata:
    """Return what a page says about its article.

    Args:
        document: the page's tree.
        url: its final address.
        base: what its relative addresses are resolved against, if that is another.
        ruled: what rules select, which weighs more than all else.
    """
    known = Evidence(document, url, base or url)
    declared = _languages(known)
    language = _language(declared.value)
    heading = Found(ruled.title, RULES) if ruled.title else titles.title(known)
    published, updated = dates.read(known, language, ruled.date)
    return Metadata(
        url=site.canonical(known),
        title=heading,
        subtitle=titles.subtitle(known, heading.value),
        authors=authors.authors(known, ruled.authors),
        published=published,
        updated=updated,
        languages=declared,
        section=terms.section(known),
        tags=terms.tags(known),
        images=images.images(known),
        site=site.site(known),
        licence=licence.licence(known),
        partial=licence.partial(known),
        summary=_summary(known),
        name=known.name,
        body=next((text for node in known.nodes if isinstance(text := node.get("articleBody"), str)), ""),
    )


def _languages(known: Evidence) -> Found[tuple[str, ...]]:
    root = known.document.root
    given = [
        *(one.attr("lang") or "" for one in known.document.find_all("article", limit=1)),
        (root.attr("lang") or root.attr("xml:lang") or "") if root is not None else "",
        *known.data("inLanguage", of=("alternateName", "name")),
        known.meta("og:locale"),
        *(known.meta(name) for name in ("content-language", "language", "dc.language", "dcterms.language")),
    ]
    texts = tuple(dict.fromkeys(text.strip() for text in given if text.strip()))
    return Found(texts, SEEN if texts else "")


def _language(declared: tuple[str, ...]) -> str:
    """Return the language to read dates in, with a region where the page gives one."""
    tags = [text.replace("_", "-") for text in declared]
    first = tags[0] if tags else ""
    primary = first.partition("-")[0].lower()
    return next(
        (f"{primary}-{text.partition('-')[2].upper()}" for text in tags if text.lower().startswith(primary + "-")),
        primary,
    )


def _summary(known: Evidence) -> Found[str]:
    for name, origin in (
        ("og:description", "open-graph"),
        ("description", "meta"),
        ("twitter:description", "meta"),
        ("dc.description", "meta"),
    ):
        if text := known.meta(name):
            return Found(text, origin)
    text = next(iter(known.data("description")), "")
    return Found(text, "json-ld" if text else "")
