"""A folder."""

from __future__ import annotations

import shutil
from contextlib import contextmanager

from mirrors_house import in_folder
from mirrors_places import Place

from pappus.mirrors import DirectoryOptions


class _Folder(Place):
    def look(self):
        return in_folder(self.folder / "tree")

    def occupy(self):
        (self.folder / "tree").mkdir()
        (self.folder / "tree" / "thesis.txt").write_text("mine")

    def leave(self, path, data):
        file = self.folder / "tree" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)

    def empty(self):
        shutil.rmtree(self.folder / "tree")


@contextmanager
def directory(folder):
    """Give a folder that is not there yet."""
    yield _Folder("directory", folder, DirectoryOptions, path=folder / "tree")


PLACES = {"directory": directory}
