"""Buckets, in moto's server: one in a thread of the tests for all of them."""

from __future__ import annotations

import atexit
import logging
from contextlib import contextmanager
from functools import cache
from itertools import count

import boto3
from mirrors_house import until_let_go
from mirrors_places import Place
from moto.server import ThreadedMotoServer

from pappus.mirrors import S3Options

KEY_ID, SECRET = "CANARYKEYID", "canary-91c2-secret"
_NUMBERS = count(1)
_EVERYBODY_READS = """{"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::%s/*"}
]}"""


@cache
def server():
    """Start the server. Returns its address."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    made = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    made.start()
    atexit.register(made.stop)
    host, port = made.get_host_and_port()
    return f"http://{host}:{port}"


@cache
def client(address):
    """Return a client that is not ours."""
    return boto3.client(
        "s3", endpoint_url=address, region_name="us-east-1", aws_access_key_id="other", aws_secret_access_key="other"
    )


class Bucket(Place):
    """A bucket, or what begins with a prefix in one."""

    atomic = False

    def __init__(self, folder, address, prefix="", **fields):
        self.address, self.bucket, self.prefix = address, f"news-{next(_NUMBERS)}", prefix
        self.client = client(address)
        self.client.create_bucket(Bucket=self.bucket)
        self.client.put_bucket_policy(Bucket=self.bucket, Policy=_EVERYBODY_READS % self.bucket)
        super().__init__(
            "s3", folder, S3Options, endpoint=address, bucket=self.bucket, prefix=prefix, key_id=KEY_ID, secret=SECRET, **fields
        )  # fmt: skip

    def objects(self, prefix=""):
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
        keys = [found["Key"] for page in pages for found in page.get("Contents", ())]
        return {key: self._object(key) for key in keys}

    def _object(self, key):
        answer = self.client.get_object(Bucket=self.bucket, Key=key)
        return answer | {"Body": answer["Body"].read()}

    def look(self):
        until_let_go(self.address)
        lead = f"{self.prefix}/" if self.prefix else ""
        return {key.removeprefix(lead): found["Body"] for key, found in self.objects(lead).items()}

    def put(self, path, data):
        self.client.put_object(Bucket=self.bucket, Key=f"{self.prefix}/{path}" if self.prefix else path, Body=data)

    def leave(self, path, data):
        self.put(path, data)

    def occupy(self):
        self.put("thesis.txt", b"mine")

    def empty(self):
        for key in self.objects(f"{self.prefix}/" if self.prefix else ""):
            self.client.delete_object(Bucket=self.bucket, Key=key)


@contextmanager
def whole(folder):
    """Give an empty bucket."""
    yield Bucket(folder, server())


@contextmanager
def part(folder):
    """Give a prefix in a bucket that holds other things beside it."""
    place = Bucket(folder, server(), "news/de")
    for key in ("news/de.txt", "news/den/README.md", "thesis.txt"):
        place.client.put_object(Bucket=place.bucket, Key=key, Body=b"mine")
    yield place
    assert {key for key in place.objects() if not key.startswith("news/de/")} == {
        "news/de.txt",
        "news/den/README.md",
        "thesis.txt",
    }


PLACES = {"s3": whole, "s3-prefix": part}
