"""Mozilla's Readability and Defuddle, each in a process of Node.js."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, cast

from msgspec import Struct

from bench.extraction.peers import Output, line, lines
from bench.extraction.texts import shown

if TYPE_CHECKING:
    from bench.extraction.sets import Page

_FOLDER: Final = Path(__file__).resolve().parents[1] / "npm"


class Script(Struct, kw_only=True):
    """An extractor in another process, which is started when it is first asked."""

    name: str
    package: str
    keeps: bool = True
    _process: subprocess.Popen[str] | None = None

    @property
    def version(self) -> str:
        """Of the installed package."""
        said = json.loads((_FOLDER / "node_modules" / self.package / "package.json").read_text(encoding="utf-8"))
        return str(said["version"])

    def read(self, page: Page) -> Output:
        """Return all that it says.

        Raises:
            RuntimeError: it failed.
        """
        said = self._ask(page)["said"] or {}
        html = said.get("html") or ""
        return Output(
            text=shown(html),
            html=html,
            title=line(said.get("title")),
            authors=lines(said.get("authors")),
            published=line(said.get("published")),
            image=line(said.get("image")),
        )

    def time(self, page: Page) -> float:
        """Return the CPU milliseconds of its call, as measured there.

        Raises:
            RuntimeError: it failed.
        """
        return float(self._ask(page)["ms"])

    def _ask(self, page: Page) -> dict[str, Any]:
        if self._process is None:
            command = ("node", _FOLDER / "extract.mjs", self.name.removesuffix("-js"))
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8"
            )
        into, out = cast("IO[str]", self._process.stdin), cast("IO[str]", self._process.stdout)
        try:
            into.write(json.dumps({"html": page.html, "url": page.url}) + "\n")
            into.flush()
            line = out.readline()
        except BaseException:  # also out of time: what it answers later would be taken for another page's
            self.close()
            raise
        if not line:
            self.close()
            raise RuntimeError("it ended without an answer")
        answer: dict[str, Any] = json.loads(line)
        if "failure" in answer:
            raise RuntimeError(answer["failure"])
        return answer

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


if not (shutil.which("node") and (_FOLDER / "node_modules").is_dir()):
    raise ImportError("no Node.js, or its packages are not installed")

PEERS = {
    "readability-js": Script(name="readability-js", package="@mozilla/readability"),
    "defuddle-js": Script(name="defuddle-js", package="defuddle"),
}
