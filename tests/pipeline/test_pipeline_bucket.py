"""A bucket is verified like any other copy, in a real server of S3."""

from __future__ import annotations

import gzip
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

for _room in ("mirrors", "trust"):
    sys.path.insert(0, str(Path(__file__).parent.parent / _room))

from places_s3 import KEY_ID, SECRET, Bucket, server
from verify_house import FIRST, Newsroom, found, look

from pappus.errors import MirrorError
from pappus.pipeline.bucket import BucketPlace

if TYPE_CHECKING:
    from collections.abc import Callable

Tree = dict[str, bytes]
_KEYS = {"AWS_ACCESS_KEY_ID": KEY_ID, "AWS_SECRET_ACCESS_KEY": SECRET}


@pytest.fixture(scope="module")
def honest() -> Tree:
    """A signed copy."""
    return dict(Newsroom().publish(FIRST))


@pytest.fixture
def put(tmp_path: Path) -> Callable[[Tree, str], tuple[Bucket, BucketPlace]]:
    """Put a tree into a bucket of its own."""

    def make(tree: Tree, prefix: str) -> tuple[Bucket, BucketPlace]:
        bucket: Any = Bucket(tmp_path, server(), prefix)
        for path, data in tree.items():
            bucket.put(path, data)
        return bucket, BucketPlace(f"s3://{bucket.bucket}/{prefix}", _KEYS | {"AWS_ENDPOINT_URL": server()})

    return make


@pytest.mark.parametrize("prefix", ["", "news/de"])
def test_a_whole_copy_in_a_bucket_is_whole(put: Any, honest: Tree, prefix: str) -> None:
    _, place = put(honest, prefix)
    verdict = look(place)
    assert (verdict.findings, verdict.release > 0) == ((), True)


def test_what_is_wrong_in_a_bucket_is_named(put: Any, honest: Tree) -> None:
    page = next(path for path in honest if path.startswith("pages/"))
    tree = honest | {page: honest[page] + b"!", "extra.md": b"buy this"}
    del tree["README.md"]
    _, place = put(tree, "")
    assert found(look(place)) == {("altered", page), ("added", "extra.md"), ("missing", "README.md")}


def test_what_is_stored_packed_is_verified_unpacked(put: Any, honest: Tree) -> None:
    bucket, place = put(honest, "")
    bucket.client.put_object(
        Bucket=bucket.bucket, Key="README.md", Body=gzip.compress(honest["README.md"]), ContentEncoding="gzip"
    )
    assert look(place).findings == ()
    bucket.client.put_object(
        Bucket=bucket.bucket, Key="README.md", Body=gzip.compress(b"0" * 10_000_000), ContentEncoding="gzip"
    )
    assert found(look(place)) == {("altered", "README.md")}


def test_a_bucket_that_is_not_there_is_unreadable() -> None:
    verdict = look(BucketPlace("s3://no-such-bucket-at-all", _KEYS | {"AWS_ENDPOINT_URL": server()}))
    assert {finding.kind for finding in verdict.findings} <= {"unreadable", "unsigned"}
    assert verdict.findings
    assert SECRET not in str(verdict)


@pytest.mark.parametrize("name", ["s3://", "s3:///x", "s3://a b"])
def test_an_address_that_names_no_bucket_is_refused(name: str) -> None:
    with pytest.raises(MirrorError, match="no address of a bucket"):
        BucketPlace(name, {})
