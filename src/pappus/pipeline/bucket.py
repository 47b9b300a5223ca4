"""A bucket as a place that can be read: with the keys of the environment, or as anybody may read it who has none."""

from __future__ import annotations

import re
import zlib
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from pappus.errors import MirrorError
from pappus.pipeline.places import BUCKET, Found, LongError, MissingError, Still

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from obstore.store import S3Config

_ADDRESS = re.compile(re.escape(BUCKET) + r"([A-Za-z0-9][A-Za-z0-9._-]{1,254})(?:/(.*))?")
_OVERHEAD: Final = 1024  # bytes by which a packed file may be larger
_SECONDS: Final = timedelta(seconds=60)  # for one request with all its tries


class BucketPlace(Still):
    """``s3://BUCKET`` or ``s3://BUCKET/PREFIX``.

    Args:
        name: its address.
        environment: may hold ``AWS_ACCESS_KEY_ID`` and ``AWS_SECRET_ACCESS_KEY``, ``AWS_REGION``, and ``AWS_ENDPOINT_URL`` of a service
            other than Amazon's.

    Raises:
        MirrorError: it is no such address.
    """

    def __init__(self, name: str, environment: Mapping[str, str]) -> None:
        found = _ADDRESS.fullmatch(name)
        if found is None:
            raise MirrorError(repr(name), "is no address of a bucket", "s3://BUCKET or s3://BUCKET/PREFIX")
        self.name = name
        endpoint = environment.get("AWS_ENDPOINT_URL", "")
        key_id, secret = environment.get("AWS_ACCESS_KEY_ID", ""), environment.get("AWS_SECRET_ACCESS_KEY", "")
        config: S3Config = {"region": environment.get("AWS_REGION", "us-east-1")}
        if endpoint:
            config["endpoint"] = endpoint
        if key_id and secret:
            config["access_key_id"], config["secret_access_key"] = key_id, secret
        else:
            config["skip_signature"] = True
        try:
            self._store = S3Store(
                found[1],
                prefix=(found[2] or "").strip("/") or None,
                config=config,
                client_options={"allow_http": endpoint.startswith("http://"), "timeout": _SECONDS},
                retry_config={"max_retries": 2, "retry_timeout": _SECONDS},
            )
        except BaseError as error:
            raise MirrorError(name, "cannot be read", "is AWS_ENDPOINT_URL right?") from error

    def read(self, path: str, limit: int) -> bytes:
        """Read an object; what is stored packed is unpacked."""
        try:
            found = obstore.get(self._store, path)
            packed = found.attributes.get("Content-Encoding") == "gzip"
            if found.meta["size"] > limit + packed * _OVERHEAD:
                raise LongError(path, f"is longer than {limit:,} bytes")
            data = bytes(found.bytes())
        except FileNotFoundError as error:
            raise MissingError(path, "is not there") from error
        except BaseError as error:
            raise self._silent(path) from error
        return _unpacked(path, data, limit) if packed else data

    def names(self) -> Iterator[Found]:
        """List the objects."""
        try:
            for chunk in obstore.list(self._store):
                for one in chunk:
                    yield Found(one["path"], one["size"])
        except (BaseError, FileNotFoundError) as error:
            raise self._silent(self.name) from error

    def _silent(self, subject: str) -> MirrorError:
        """Return what to tell, without a service's own words."""
        return MirrorError(subject, "the bucket does not give it", "are bucket, AWS_ENDPOINT_URL and keys right?")


def _unpacked(path: str, data: bytes, limit: int) -> bytes:
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        unpacked = unpacker.decompress(data, limit + 1)
    except zlib.error as error:
        raise MirrorError(path, "is said to be packed with gzip, and is not") from error
    if len(unpacked) > limit:
        raise LongError(path, f"is longer than {limit:,} bytes")
    if not unpacker.eof or unpacker.unused_data:
        raise LongError(path, "is not packed as a whole, or more than that follows: others would read something else")
    return unpacked
