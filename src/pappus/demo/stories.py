"""The newspaper's articles, read from ``articles/<section>/<slug>[.<stage>].md``.

A file is a header of ``key: value`` lines, an empty line, and blocks with empty lines between them. A block is a paragraph
(with inline HTML), a heading (``## `` or ``### ``), pictures (``![alt](file "caption | credit")``, several lines for a
gallery), or HTML, when it begins with ``<``. ``{site}`` stands for the newspaper's own address.

Stages say when a file is the one that counts: ``corrected`` and ``withdrawn`` replace the article of the same slug, ``added``
appears late, ``broken`` is announced but its page comes without its text.
"""

from __future__ import annotations

import re
import tomllib
from datetime import datetime
from functools import cache
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote

from msgspec import Struct

from pappus.demo import pictures

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Stage = Literal["", "broken", "corrected", "withdrawn", "added"]
_FOLDER = files("pappus.demo")
_PICTURE = re.compile(r'!\[([^\]]*)\]\(([\w.-]+) "([^"|]*?)(?: \| ([^"]*))?"\)')


class Photo(Struct, frozen=True, kw_only=True):
    """A picture with its words. ``file`` is a name in :mod:`pappus.demo.pictures`."""

    file: str
    alt: str
    caption: str
    credit: str

    @property
    def path(self) -> str:
        """Where the newspaper serves it."""
        return f"/images/{self.file}"


class Story(Struct, frozen=True, kw_only=True):
    """One article as its file has it."""

    section: str
    slug: str
    stage: Stage
    title: str
    subtitle: str
    summary: str
    authors: tuple[str, ...]
    tags: tuple[str, ...]
    published: datetime
    updated: datetime | None
    lead: Photo | None
    blocks: tuple[str, ...]

    @property
    def path(self) -> str:
        """Where the newspaper serves it, percent-encoded."""
        return quote(f"/{self.section}/{self.slug}.html")

    @property
    def modified(self) -> datetime:
        """When its text last changed."""
        return self.updated or self.published


@cache
def words() -> Mapping[str, Mapping[str, str]]:
    """Return what pages say around articles, by section, in the order of the navigation."""
    return tomllib.loads((_FOLDER / "words.toml").read_text("utf-8"))


@cache
def _all() -> tuple[Story, ...]:
    found = [_read(section, file.name, file.read_text("utf-8")) for section in words()
             for file in (_FOLDER / "articles" / section).iterdir() if file.name.endswith(".md")]  # fmt: skip
    return tuple(sorted(found, key=lambda story: (-story.published.timestamp(), story.path, story.stage)))


def stories(reached: frozenset[Stage]) -> tuple[Story, ...]:
    """Return the articles as they stand when these stages have been reached, newest first, each once."""
    standing = {story.path: story for story in _all() if story.stage in {"", "broken"}}
    later = {story.path: story for story in _all() if story.stage in reached}
    chosen = {**standing, **later}
    return tuple(sorted(chosen.values(), key=lambda story: (-story.published.timestamp(), story.path)))


def _read(section: str, name: str, text: str) -> Story:
    slug, _, stage = name.removesuffix(".md").partition(".")
    head, _, body = text.partition("\n\n")
    fields = dict(line.split(": ", 1) for line in head.splitlines())
    lead = next(_photos(fields["lead"]), None) if "lead" in fields else None
    return Story(
        section=section,
        slug=slug,
        stage=stage,  # type: ignore[arg-type]  # file names are ours, and a test looks at them
        title=fields["title"],
        subtitle=fields.get("subtitle", ""),
        summary=fields["summary"],
        authors=tuple(fields["authors"].split(", ")),
        tags=tuple(fields["tags"].split(", ")),
        published=datetime.fromisoformat(fields["published"]),
        updated=datetime.fromisoformat(fields["updated"]) if "updated" in fields else None,
        lead=lead,
        blocks=tuple(block.strip("\n") for block in re.split(r"\n{2,}", body) if block.strip()),
    )


def _photos(block: str) -> Iterator[Photo]:
    for alt, file, caption, credit in _PICTURE.findall(block):
        yield Photo(file=file, alt=alt, caption=caption, credit=credit)


def body(story: Story, site: str, *, feed: bool) -> str:
    """Return an article's text as HTML.

    Args:
        story: whose text.
        site: the newspaper's own address, without a slash at its end.
        feed: plain images with absolute addresses, as feeds carry them, in place of the page's responsive ones.
    """
    label = words()[story.section]["photo"]
    html = "\n".join(_block(block, label, feed=feed) for block in story.blocks)
    if feed:
        html = re.sub(r'(src|href)="/(?!/)', r'\1="{site}/', html)
    return html.replace("{site}", site)


def _block(block: str, label: str, *, feed: bool) -> str:
    if block.startswith("<"):
        return block
    if match := re.match(r"(#{2,3}) (.+)", block):
        level = len(match[1])
        return f"<h{level}>{match[2]}</h{level}>"
    shown = [figure(photo, label, feed=feed) for photo in _photos(block)]
    if len(shown) > 1 and not feed:
        return f'<div class="gallery" data-slides="{len(shown)}">\n' + "\n".join(shown) + "\n</div>"
    return "\n".join(shown) or f"<p>{block}</p>"


def figure(photo: Photo, label: str, *, feed: bool = False, lead: bool = False) -> str:
    """Return a picture with its caption and credit; ``label`` is the word before the credit."""
    alt, source = escape(photo.alt), photo.path
    width, height = pictures.size(photo.file)
    extra = f' width="{width}" height="{height}"'
    if not feed:
        extra += ' fetchpriority="high"' if lead else ' loading="lazy" decoding="async"'
        if photo.file in pictures.PHOTOGRAPHS:
            small = f"/images/{pictures.small_name(photo.file)}"
            extra += f' srcset="{small} {pictures.SMALL}w, {source} {width}w" sizes="(max-width: 720px) 100vw, 720px"'
    credit = f' <span class="credit">{label} {escape(photo.credit)}</span>' if photo.credit else ""
    return (
        f'<figure class="{"lead" if lead else "photo"}"><img src="{source}"{extra} alt="{alt}">'
        f"<figcaption>{escape(photo.caption)}{credit}</figcaption></figure>"
    )
