"""An image with its variants, so that a browser takes the smallest that does: the newest format it knows, as wide as it has room for.

Its place is kept by its size, and shows its mean colour until it comes. All are lazy: what a reader hides is never loaded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from pappus.markup import quoted
from pappus.render.paths import media_path, variant_path

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from pappus.model import Digest, Media

TEXT_SIZES: Final = (
    "(min-width:40rem) 36rem,calc(100vw - 2rem)"  # how wide the column of text is: ``main`` in style.css
)
SMALL: Final = 40_000  # bytes that a picture in a list may have, in the format that every browser knows
SAID: Final = " "  # in words, beside a title that says it: not "", of which text browsers show the name of the file
_NEWER: Final = ("image/avif", "image/webp")  # the newest first


class Album(Struct, frozen=True):
    """Writes the images of an article down, for one page."""

    published: datetime  # of the article: they lie under its day
    link: Callable[[str], str]  # a path of the edition -> the link to that file
    variants: bool  # whether they are offered

    def picture(self, medium: Media, alt: str, sizes: str = TEXT_SIZES) -> str:
        """Return an image with all its variants.

        Args:
            medium: the image.
            alt: it in words; plain text.
            sizes: how wide it is shown, as ``sizes`` in HTML.
        """
        offered = self._offered(medium)
        return self._written(offered, _ladder(offered), alt, sizes)

    def small(self, medium: Media) -> str:
        """Return an image for a list, beside a title that says what it shows; "" where no form of it is small enough (yet)."""
        offered = self._offered(medium)
        narrowest = _ladder(offered)[0]
        return self._written(offered, [narrowest], SAID, "") if narrowest.size <= SMALL else ""

    def _offered(self, medium: Media) -> Media:
        return medium if self.variants else replace(medium, tint=None, variants=())

    def _written(self, medium: Media, ladder: Sequence[Media], alt: str, sizes: str) -> str:
        """Return an image in the widths of a ladder, in all formats."""
        links = {one.digest: self._link(one, medium) for one in (medium, *medium.variants)}
        shown = ladder[-1]
        sources = ""
        for media_type in _NEWER:  # a format may have widths in which the oldest gained nothing
            forms = [one for one in medium.variants if one.media_type == media_type and one.width <= shown.width]
            if forms and media_type != medium.media_type:
                sources += f'<source type="{media_type}" {_offer(forms if sizes else forms[:1], links, sizes)}>'
        offer = f" {_offer(ladder, links, sizes)}" if len(ladder) > 1 else ""
        image = (
            f'<img src="{links[shown.digest]}"{offer} alt="{quoted(alt)}"{_tint(medium)}'
            f' width="{shown.width}" height="{shown.height}" loading="lazy" decoding="async">'
        )
        return f"<picture>{sources}{image}</picture>" if sources else image

    def _link(self, form: Media, medium: Media) -> str:
        own = form.digest == medium.digest
        return self.link(media_path(form, self.published) if own else variant_path(form, medium, self.published))


def _ladder(medium: Media) -> list[Media]:
    """Return the forms of an image in its own format, which every browser knows, the narrowest first."""
    return [*(one for one in medium.variants if one.media_type == medium.media_type), medium]


def _offer(forms: Sequence[Media], links: Mapping[Digest, str], sizes: str) -> str:
    if len(forms) == 1:
        return f'srcset="{links[forms[0].digest]}"'
    offered = ", ".join(f"{links[one.digest]} {one.width}w" for one in forms)
    return f'srcset="{offered}" sizes="{sizes}"'


def _tint(medium: Media) -> str:
    """Return the classes whose rules in the style sheet make up the mean colour, for no element may have a style of its own."""
    if medium.tint is None:
        return ""
    return f' class="r{medium.tint >> 4} g{medium.tint >> 2 & 3} b{medium.tint & 3}"'
