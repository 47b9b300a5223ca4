"""The places that the contract suite runs over, each with the real thing behind it.

A kind of mirror has a module ``places_<kind>.py`` with a dict ``PLACES`` of names to context managers, each of which takes an empty
folder and yields a :class:`Place`. A name begins with its kind: ``git``, ``git-http``.
"""

from __future__ import annotations

import importlib
from pathlib import Path

from mirrors_house import clock, options

from pappus.mirrors import MIRRORS


class Place:
    """A mirror's place, and a look at it past the adapter.

    Args:
        kind: of mirror.
        folder: the test's own.
        make: the class of options.
        fields: of those options, beside name, workspace and timeout.
    """

    atomic = True  # whether a publish changes it in one step

    def __init__(self, kind, folder, make, **fields):
        self.kind, self.folder, self.make, self.fields = kind, folder, make, fields

    def mirror(self, **fields):
        return MIRRORS[self.kind](options(self.folder, self.make, **(self.fields | fields)), clock)

    def look(self):
        """Return what readers find, bytes by path."""
        raise NotImplementedError

    def occupy(self):
        """Have somebody else's only file lie there: thesis.txt, with "mine" in it."""
        raise NotImplementedError

    def leave(self, path, data):
        """Have the place keep a file that no publish of ours would leave there: at this path, or where a kill might leave it."""
        raise NotImplementedError

    def empty(self):
        """Take everything away from under the adapter."""
        raise NotImplementedError


def places():
    """Return all places, by name."""
    found = {}
    for module in sorted(Path(__file__).parent.glob("places_*.py")):
        found |= importlib.import_module(module.stem).PLACES
    return found
