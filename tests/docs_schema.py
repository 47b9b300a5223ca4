"""The JSON Schema of ``pappus.toml``, for editors, as ``docs/`` has it; ``python tests/docs_schema.py`` writes it there."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec

from pappus.config.tables import File

FILE = Path(__file__).parent.parent / "docs/pappus.schema.json"


def schema() -> str:
    """Return the schema that follows from the tables: keys, types, words, bounds, defaults."""
    return json.dumps(msgspec.json.schema(File), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(schema(), encoding="utf-8")
