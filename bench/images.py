"""What readers load for photographs, and what that costs: ``python -m bench.images FOLDER`` of photographs as publishers have them.

Nothing is fetched or stored: each is encoded as ``gather`` would, then varied, and asked for as browsers of three ages do.
"""

from __future__ import annotations

import time
from pathlib import Path
from statistics import mean, median

import click
from msgspec import Struct
from rich.console import Console
from rich.table import Table

from pappus.errors import MediaError
from pappus.media.pixels import Encoded, encode
from pappus.media.variants import Varied, vary

_SCREENS = {
    "360 px": 328,
    "360 px, twofold": 656,
    "1280 px": 576,
    "1280 px, twofold": 1152,
}  # pixels that an image has there
_BROWSERS = {
    "AVIF": ("image/avif", "image/webp", "image/jpeg"),
    "WebP": ("image/webp", "image/jpeg"),
    "JPEG": ("image/jpeg",),
}


class Photograph(Struct, frozen=True):
    """A photograph as it is stored, and what was made of it."""

    stored: Encoded
    varied: Varied
    seconds: float  # of CPU

    def loaded(self, browser: str, wanted: int) -> int:
        """Return the bytes that a browser loads: of the newest format that it knows, the narrowest that fills the screen."""
        for media_type in _BROWSERS[browser]:
            forms = [one for one in (*self.varied.variants, self.stored) if one.media_type == media_type]
            if forms:
                wide = [one for one in forms if one.width >= wanted] or [max(forms, key=lambda one: one.width)]
                return len(min(wide, key=lambda one: one.width).data)
        return len(self.stored.data)

    @property
    def more(self) -> int:
        """The bytes of all variants."""
        return sum(len(one.data) for one in self.varied.variants)


def _photograph(data: bytes) -> Photograph | None:
    try:
        stored = encode(data)
    except MediaError:
        return None
    began = time.process_time()
    varied = vary(stored.data)
    return Photograph(stored, varied, time.process_time() - began)


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
def main(folder: Path) -> None:
    """Measure the photographs in FOLDER."""
    tried = (_photograph(path.read_bytes()) for path in sorted(folder.iterdir()))
    taken = [one for one in tried if one is not None]
    if not taken:
        raise click.UsageError(f"{folder} has no images")
    table = Table(
        title=f"Mean bytes of {len(taken)} photographs; stored: {mean(len(one.stored.data) for one in taken):,.0f}"
    )
    for name in ("screen", *_BROWSERS):
        table.add_column(name, justify="right")
    for screen, wanted in _SCREENS.items():
        table.add_row(screen, *(f"{mean(one.loaded(browser, wanted) for one in taken):,.0f}" for browser in _BROWSERS))
    console = Console()
    console.print(table)
    console.print(f"All variants of one: {mean(one.more for one in taken):,.0f} bytes")
    seconds = [one.seconds for one in taken]
    console.print(f"CPU for one: {median(seconds):.2f} s (median), {max(seconds):.2f} s (most)")


if __name__ == "__main__":
    main()
