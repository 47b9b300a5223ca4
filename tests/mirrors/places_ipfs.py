"""A folder of CAR files, read by somebody else's decoder."""

from __future__ import annotations

import asyncio
import re
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path

from ipfs_car_decoder import FileByteStream, write_car_filesystem_to_path
from mirrors_house import in_folder
from mirrors_places import Place

from pappus.mirrors import IpfsOptions
from pappus.mirrors.car import CarWriter
from pappus.mirrors.dag import file_blocks


def joined(folder, target):
    """Write all CAR files of a folder into one: the header of the last, and the blocks of all."""
    parts = []
    for path in sorted(folder.glob("*.car")):
        data = path.read_bytes()
        assert data[0] < 0x80  # the length of the header, which is short
        header, blocks = data[: 1 + data[0]], data[1 + data[0] :]
        parts.append(blocks)
    target.write_bytes(header + b"".join(parts))


def root_of(folder):
    """Return what the DNSLink record leads to."""
    record = folder / "dnslink.txt"
    (found,) = re.findall(r'^_dnslink\.\S+ 300 IN TXT "dnslink=/ipfs/(\w+)"$', record.read_text(), re.MULTILINE)
    return found


async def _decoded(root, car, target):
    async with FileByteStream(car) as stream:
        await write_car_filesystem_to_path(root, stream, target)


def in_cars(folder):
    """Return what a reader finds who follows the record."""
    if not (folder / "dnslink.txt").exists():
        return in_folder(folder)
    with tempfile.TemporaryDirectory() as scratch:
        car, target = Path(scratch, "all.car"), Path(scratch, "tree")
        joined(folder, car)
        target.mkdir()
        root = root_of(folder)
        asyncio.run(_decoded(root, car, target))
        return in_folder(target / root)


class Cars(Place):
    def look(self):
        return in_cars(self.folder / "cars")

    def occupy(self):
        (self.folder / "cars").mkdir()
        (self.folder / "cars" / "thesis.txt").write_text("mine")

    def leave(self, path, data):
        link, blocks = file_blocks(data)
        with CarWriter(self.folder / "cars" / "pappus-000099.car") as car:
            for block in blocks:
                car.add(block)
            car.finish(link.cid)

    def empty(self):
        shutil.rmtree(self.folder / "cars")


@contextmanager
def cars(folder):
    """Give a folder that is not there yet."""
    yield Cars("ipfs", folder, IpfsOptions, path=folder / "cars")


PLACES = {"ipfs": cars}
