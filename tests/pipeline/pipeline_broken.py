"""Renderers that are wrong, so that a build has something to refuse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from pappus.model import artifact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from pappus.model import Article, Artifact, Headline, Label
    from pappus.pipeline import Newsroom
    from pappus.render import Archive, Edition, Touched


class Broken(Struct, frozen=True):
    """A renderer that is right but for what ``spoil`` does to an artifact of its; None takes it away."""

    right: Edition
    spoil: Callable[[Artifact], Artifact | None]

    @property
    def chrome(self) -> str:
        return self.right.chrome + "broken"

    @property
    def frame(self) -> str:
        return self.right.frame

    @property
    def varies(self) -> bool:
        return self.right.varies

    @property
    def searchable(self) -> bool:
        return self.right.searchable

    def pages(self, article: Article, held: Mapping[str, Headline], *beside: Sequence[Any]) -> Sequence[Artifact]:
        return [made for one in self.right.pages(article, held, *beside) if (made := self.spoil(one)) is not None]

    def lists(self, labels: Sequence[Label]) -> frozenset[str]:
        return self.right.lists(labels)

    def indexes(self, touched: Touched, archive: Archive) -> Iterator[Artifact]:
        return (made for one in self.right.indexes(touched, archive) if (made := self.spoil(one)) is not None)


def with_(path_ends: str, change: Callable[[bytes], bytes | None]) -> Callable[[Artifact], Artifact | None]:
    def spoil(one: Artifact) -> Artifact | None:
        if not one.entry.path.endswith(path_ends):
            return one
        body = change(one.body or b"")
        return None if body is None else artifact(one.entry.path, body, one.entry.media_type)

    return spoil


def broken(right: Newsroom, spoil: Callable[[Artifact], Artifact | None]) -> Newsroom:
    return replace(
        right, editions=tuple(replace(part, renderer=Broken(part.renderer, spoil)) for part in right.editions)
    )
