"""Death at a chosen moment: a test tries each, until one comes too late."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

DISK = tuple((os, name) for name in ("link", "unlink", "fsync", "rename", "replace", "mkdir", "rmdir"))


class Killed(BaseException):
    """What no code of ours catches."""


@contextmanager
def mortal(step: int, *calls: tuple[object, str]) -> Iterator[None]:
    """Die at the ``step``-th of these calls, from 0; each is a function by its owner and its name."""
    left = [step]

    def dying(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **keywords: Any) -> Any:
            if left[0] == 0:
                raise Killed
            left[0] -= 1
            return function(*arguments, **keywords)

        return call

    with pytest.MonkeyPatch.context() as patch:
        for owner, name in calls:
            patch.setattr(owner, name, dying(getattr(owner, name)))
        yield
