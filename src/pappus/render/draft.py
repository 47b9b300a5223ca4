"""A draft by itself, before it is an article of an edition: for people who look at one page, and for other programs."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from pappus import markup
from pappus.render.elements import Context
from pappus.render.markdown.body import Body
from pappus.render.markdown.text import escape as escaped
from pappus.render.markdown.text import heading

if TYPE_CHECKING:
    from pappus.model import Draft, Picture


def html(draft: Draft) -> str:
    """Return a draft as one ``<article>``: title, subtitle, lead and body."""
    said = f' lang="{escape(draft.language)}"' if draft.language else ""
    subtitle = f"<p><em>{escape(draft.subtitle, quote=False)}</em></p>" if draft.subtitle else ""
    lead = _figure(draft.lead) if draft.lead else ""
    title = f"<h1>{escape(draft.title, quote=False)}</h1>"
    return f'<article{said} dir="{draft.direction}">{title}{subtitle}{lead}{draft.body}</article>'


def markdown(draft: Draft) -> str:
    """Return a draft as Markdown."""
    context = Context(
        page=lambda _: None,
        image=lambda source: source,
        missing=lambda words: words,
        external="live",
        direction=draft.direction,
    )
    subtitle = f"*{escaped(draft.subtitle)}*" if draft.subtitle else ""
    body = (_figure(draft.lead) if draft.lead else "") + draft.body
    parts = (heading(1, escaped(draft.title)), subtitle, Body(context).markdown(body))
    return "\n\n".join(part for part in parts if part)


def text(draft: Draft) -> str:
    """Return a draft as plain text, an empty line between paragraphs."""
    return "\n\n".join(part for part in (draft.title, draft.subtitle, *markup.paragraphs(draft.body)) if part)


def _figure(picture: Picture) -> str:
    words = " ".join(part for part in (picture.caption, picture.credit) if part)
    caption = f"<figcaption>{escape(words, quote=False)}</figcaption>" if words else ""
    return f'<figure><img src="{escape(picture.src)}" alt="{escape(picture.alt)}">{caption}</figure>'
