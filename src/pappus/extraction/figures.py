"""What an article shows besides text, as markup: pictures and players, each with its words under it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from pappus import markup
from pappus.extraction import captions, pictures, players
from pappus.extraction.blocks import COMPONENTS
from pappus.extraction.inline import Writer, draws_formula
from pappus.model import Picture

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from turbohtml import Element, Node

    from pappus.extraction.blocks import Block, Reading


MOST: Final = 1_000  # figures of an article; a page with more is none


class Figure(Struct):
    """A picture or a player, in its place on the page."""

    block: Block
    image: Picture | None  # of a player: its poster
    player: players.Player | None
    words: captions.Words

    @property
    def address(self) -> str:
        """What it shows, by which it is known again."""
        played = self.player.address if self.player is not None else ""
        return played or (self.image.src if self.image is not None else "")

    @property
    def key(self) -> str:
        """By what it is known when the page shows it again, perhaps in another size."""
        name = self.address.partition("?")[0].rpartition("/")[2]
        return name if self.player is None and pictures.numbers(name) else self.address

    @property
    def said(self) -> list[Block]:
        """Its words, credits last."""
        return [*self.words.captions, *self.words.credits]

    @property
    def picture(self) -> Picture | None:
        """Its image with plain words."""
        if self.image is None:
            return None
        caption = " ".join(one.text for one in self.words.captions)
        credit = " ".join(one.text for one in self.words.credits)
        signed = next((name for one in self.words.captions if (name := markup.plain(captions.signature(one)))), "")
        if not credit and signed and caption.endswith(signed):
            caption, credit = caption.removesuffix(signed).rstrip(" |-–—/"), signed
        return replace(
            self.image,
            caption=markup.plain(caption, pictures.CAPTION_LENGTH),
            credit=markup.plain(credit, pictures.CREDIT_LENGTH),
        )


class Figures:
    """The figures of a page, each made when it is asked for, and once.

    Args:
        reading: the page.
        base: of relative addresses.
    """

    def __init__(self, reading: Reading, base: str) -> None:
        self._blocks = reading.blocks
        self.base = base
        self._images: dict[int, Picture | None] = {}
        self._figures: dict[int, Figure | None] = {}

    def of(self, block: Block) -> Figure | None:
        """Return what a block of media shows; None if that is nothing."""
        if block.order not in self._figures:
            self._figures[block.order] = self._made(block)
        return self._figures[block.order]

    def _made(self, block: Block) -> Figure | None:
        played = (
            players.player(block.element, self.base) if block.element and block.element.tag in players.PLAYERS else None
        )
        picture = Picture(src=played.poster) if played is not None and played.poster else self.picture(block)
        if played is None and picture is None:
            return None
        words = captions.words(block, self._blocks, picture.alt if picture is not None else "", self._address)
        return Figure(block, picture, played, words)

    def instead(self, block: Block) -> str:
        """Return what is read in place of an image that cannot be shown; "" for a decoration, and where its caption says it."""
        said = (pictures.words_for(one) for one in _images(block) if not draws_formula(one))
        if alt := next((words for words in said if words), ""):
            caption = captions.words(block, self._blocks, alt, self._address).text
            return "" if alt in caption else alt
        return ""

    def picture(self, block: Block) -> Picture | None:
        """Return the picture that a block shows, without words."""
        if block.order not in self._images:
            found = next(
                (one for each in _images(block) if (one := pictures.picture(each, self.base)) is not None), None
            )
            self._images[block.order] = None if found is not None and self._is_spare(block) else found
        return self._images[block.order]

    def showing(self, address: str) -> Iterator[Block]:
        """Yield the blocks, down to the last kept one, that show the picture of an address, perhaps in another size."""
        last = next((one.order for one in reversed(self._blocks) if one.kept), len(self._blocks))
        media = [one for one in self._blocks[: last + 1] if one.kind == "media"][:MOST]
        shown = [(one, image.src) for one in media if (image := self.picture(one)) is not None]
        fitting = [one for one, url in shown if pictures.same_image(url, address)]
        if fitting:
            yield from fitting
            return
        each = {url: pictures.numbers(url) for _, url in shown}
        times = Counter(number for found in each.values() for number in found)
        telling = {number for number in pictures.numbers(address) if times[number] == 1}
        yield from (one for one, url in shown if telling & each[url])

    def written(self, figure: Figure) -> str:
        """Return a figure as markup: the image with its words, then the link to what is played."""
        lines = [_line(one.parts, self.base) for one in figure.said]
        element = figure.block.element
        if element is not None and element.tag == "picture" and element.text.strip():  # with words in it, by mistake
            lines.insert(0, _line(element, self.base))
        words = " ".join(dict.fromkeys(line for line in lines if line))
        found = ""
        if figure.image is not None:
            image = f'<img src="{markup.quoted(figure.image.src)}" alt="{markup.quoted(figure.image.alt)}">'
            found = f"<figure>{image}{f'<figcaption>{words}</figcaption>' if words else ''}</figure>"
        if figure.player is not None and figure.player.address:
            found += (
                f'<p><a href="{markup.quoted(figure.player.address)}">▶ {markup.escaped(figure.player.title)}</a></p>'
            )
            if figure.image is None and words:
                found += f"<p>{words}</p>"
        return found

    def _address(self, block: Block) -> str | None:
        image = self.picture(block)
        return None if image is None else image.src

    def _is_spare(self, block: Block) -> bool:
        """Whether an image only stands in for the one before it, for readers without scripts."""
        if block.element is None or block.element.tag != "noscript" or block.order == 0:
            return False
        before = self._blocks[block.order - 1]
        return before.kind == "media" and before.frame is block.frame and self.picture(before) is not None


def _images(block: Block) -> Iterable[Element]:
    element = block.element
    if element is None:
        return ()
    is_image = element.tag in pictures.IMAGES or element.tag.endswith(COMPONENTS)
    return (element,) if is_image else element.iter_elements(pictures.IMAGES)


def _line(nodes: Iterable[Node], base: str) -> str:
    writer = Writer(base)
    writer.write(nodes)
    return writer.line()
