"""Learns the weights of the extractor's model from the saved pages of ``bench/extraction/sets.py``, and says what they are worth.

``python -m bench.train`` measures: with each fourth of the pages left out in turn, and with each whole set left out. With
``--write`` it then learns from all pages and writes ``src/pappus/extraction/weights.json``. It needs what
``bench/requirements-extraction.txt`` names; the extractor itself needs nothing of it.
"""

from __future__ import annotations

import argparse
import json
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import lightgbm
import numpy as np
from msgspec import Struct
from rich.console import Console
from rich.table import Table

from bench.extraction import sets
from bench.extraction.labels import label
from bench.extraction.metrics import match, shingles, tokens, total
from pappus.extraction import blocks, metadata, page
from pappus.extraction.choice import keep
from pappus.extraction.classifier import BITS, VALUES, WORD
from pappus.extraction.features import Row, Told, fold, measure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pappus.extraction.blocks import Block, Reading

WEIGHTS: Final = Path(__file__).resolve().parents[1] / "src" / "pappus" / "extraction" / "weights.json"
FOLDS: Final = 4
ROUNDS: Final = 60
SETTINGS: Final = {
    "objective": "binary",
    "num_leaves": WORD,
    "learning_rate": 0.12,
    "min_data_in_leaf": 150,
    "feature_fraction": 0.3,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "lambda_l2": 10,
    "max_bin": 64,
    "num_threads": 1,
    "deterministic": True,
    "seed": 1,
    "verbose": -1,
}
# Sets differ in size and in what they are: news in many languages weighs more; Readability's gold is its own output.
SHARES: Final = {"fundus": 2.5, "magic": 2.5, "readability": 0.7, "wcxb": 1.0}
_LONGEST: Final = 150  # tokens that a block counts for at most
_FIGURES: Final = frozenset({"figure", "figcaption"})
_NAMES: Final = [name for names in VALUES.values() for name in names] + [
    f"{part} {name}" for part, names in BITS.items() for name in names
]


class Sample(Struct, frozen=True, eq=False):
    """A page, read and labelled. The arrays have a row for each block that the model is asked about."""

    set: str
    id: str
    gold: str
    reading: Reading
    texts: list[Block]
    asked: list[int]  # which of the texts these are
    values: Any  # of the features
    labels: Any  # whether the block is the article's
    weights: Any
    apart: list[bool]  # for each text, whether it is a caption or the title, which are no running text

    @property
    def fold(self) -> int:
        """Which part of its set it belongs to."""
        return zlib.crc32(f"{self.set}{self.id}".encode()) % FOLDS


def sample(saved: sets.Page) -> Sample:
    """Return a saved page as a sample."""
    seen = page.parse(saved.html, saved.url or "https://site.example/article")
    known = metadata.read(seen.document, seen.url, seen.base)
    reading = blocks.read(seen.document)
    rows = measure(reading, Told(known.name, known.body, known.summary.value, known.authors.value))
    texts = [block for block in reading.blocks if block.kind == "text"]
    asked = [place for place, row in enumerate(rows) if row is not None]
    said = [tokens(block.text) for block in texts]
    labels = label(said, tokens(saved.text))
    apart = [_is_apart(block, fold(known.name)) for block in texts]
    share = SHARES[saved.set] / (100 + len(tokens(saved.text)) / 2)
    weights = [
        0.0
        if apart[place] and not (labels[place] and texts[place].frame.tag == "h1")
        else share * (1.5 + min(len(said[place]), _LONGEST))
        for place in asked
    ]
    return Sample(
        set=saved.set,
        id=saved.id,
        gold=saved.text,
        reading=reading,
        texts=texts,
        asked=asked,
        values=np.array([_flat(row) for row in rows if row is not None], dtype=np.int16).reshape(
            len(asked), len(_NAMES)
        ),
        labels=np.array([labels[place] for place in asked], dtype=np.int8),
        weights=np.array(weights),
        apart=apart,
    )


def _flat(row: Row) -> list[int]:
    said = {"near": row.near, "far": row.far, "zone": row.zone}
    bits = [said[part] >> index & 1 for part, names in BITS.items() for index in range(len(names))]
    return [*row.block, *row.group, *row.kind, *bits]


def _is_apart(block: Block, title: str) -> bool:
    frame = block.frame
    is_caption = frame.tag in _FIGURES or (frame.parent is not None and frame.parent.tag in _FIGURES)
    return is_caption or frame.tag == "h1" or (len(block.text) > 8 and fold(block.text) in title)


def learn(samples: Iterable[Sample]) -> Any:
    """Return a model of these pages."""
    known = [one for one in samples if one.asked]
    weights = np.concatenate([one.weights for one in known])
    data = lightgbm.Dataset(
        np.concatenate([one.values for one in known]),
        np.concatenate([one.labels for one in known]),
        weight=weights * len(weights) / weights.sum(),
        feature_name=[name.replace(" ", "_") for name in _NAMES],
    )
    return lightgbm.train(SETTINGS, data, ROUNDS)


def choose(model: Any, one: Sample) -> str:
    """Return the text that a model keeps of a page."""
    for block in one.texts:
        block.score = 0.0
    if one.asked:
        for place, score in zip(one.asked, model.predict(one.values), strict=True):
            one.texts[place].score = float(score)
    keep(one.reading, one.texts)
    return "\n".join(block.text for block, apart in zip(one.texts, one.apart, strict=True) if block.kept and not apart)


def tree(node: dict[str, Any]) -> float | list[Any]:
    """Return a tree as ``weights.json`` has it."""
    if "leaf_value" in node:
        return round(float(node["leaf_value"]), 4)
    return [
        _NAMES[node["split_feature"]],
        int(node["threshold"]),
        tree(node["left_child"]),
        tree(node["right_child"]),
    ]


def write(model: Any) -> None:
    """Write a model's trees, one a line."""
    trees = [tree(one["tree_structure"]) for one in model.dump_model()["tree_info"]]
    lines = ",\n".join(json.dumps(one, separators=(",", ":")) for one in trees)
    WEIGHTS.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


def _measured(samples: list[Sample], part: Callable[[Sample], str | int]) -> dict[str, str]:
    """Return precision, recall and F1 on each set, each part of the pages left to a model of the others."""
    found: dict[str, list[Any]] = {}
    for left in sorted({part(one) for one in samples}, key=str):
        model = learn(one for one in samples if part(one) != left)
        for one in samples:
            if part(one) == left:
                found.setdefault(one.set, []).append(match(shingles(one.gold), shingles(choose(model, one))))
    totals = {name: total(matches) for name, matches in found.items()}
    return {name: f"{one.f1:.4f} ({one.precision:.4f}, {one.recall:.4f})" for name, one in totals.items()}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.train", description=__doc__)
    parser.add_argument("--write", action="store_true", help="learn from all pages, and write the weights")
    given = parser.parse_args()
    samples = [sample(saved) for name in sets.SETS for saved in sets.load(name)]
    table = Table(title="F1 (precision, recall) of the running text")
    table.add_column("left out")
    for name in sets.SETS:
        table.add_column(name)
    for title, part in (("a fourth of all", lambda one: one.fold), ("the set", lambda one: one.set)):
        measured = _measured(samples, part)
        table.add_row(title, *(measured[name] for name in sets.SETS))
    Console(width=160).print(table)
    if given.write:
        write(learn(samples))


if __name__ == "__main__":
    main()
