"""Templates of ours are compiled once, as long as nothing changes that compiling them depends on; the operator's never are kept."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from jinja2 import Environment, TemplateNotFound

from pappus.model import Digest
from pappus.render.site import compiled
from pappus.render.site.fragment_cache import FragmentCache
from pappus.render.site.templates import fingerprint, sources

if TYPE_CHECKING:
    from pathlib import Path
    from types import CodeType
    from typing import Any


class _Counted(Environment):
    """Says how often it compiled."""

    times = 0

    def compile(self, *given: Any, **named: Any) -> CodeType:
        self.times += 1
        return super().compile(*given, **named)


@pytest.fixture(autouse=True)
def _kept_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", False)


def _compiled(texts: dict[str, str]) -> int:
    environment = _Counted(loader=compiled.Loader(texts), extensions=[FragmentCache])
    environment.get_template("guide.html")
    return environment.times


def test_a_template_is_compiled_once() -> None:
    assert [_compiled(dict(sources())) for _ in range(2)] == [1, 0]


def test_a_template_is_compiled_again_by_other_code(monkeypatch: pytest.MonkeyPatch) -> None:
    _compiled(dict(sources()))
    monkeypatch.setattr(compiled, "fingerprint", lambda: Digest(fingerprint()[::-1]))
    assert [_compiled(dict(sources())) for _ in range(2)] == [1, 0]


def test_a_template_of_the_operator_is_not_kept(tmp_path: Path) -> None:
    assert [_compiled({**sources(), "guide.html": "{{ index }}"}) for _ in range(2)] == [1, 1]
    assert not list(tmp_path.rglob("guide*"))


def test_a_folder_that_cannot_be_written_keeps_nobody_from_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path / "file"))
    assert [_compiled(dict(sources())) for _ in range(2)] == [1, 1]


def test_a_name_that_no_template_has_is_not_found() -> None:
    with pytest.raises(TemplateNotFound):
        compiled.Loader(dict(sources())).load(Environment(autoescape=True), "none.html")
