"""Mirrors that are looked at after a withdrawal for good, those as well whose files lie elsewhere: what was left there is found out."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pipeline_house import Moment, Paper, many, newsroom, run, toml

sys.path.insert(0, str(Path(__file__).parent.parent / "mirrors"))

from places_ipfs import Cars
from places_rclone import Reached
from places_s3 import KEY_ID, SECRET, Bucket, server

from pappus.mirrors import IpfsOptions
from pappus.pipeline.withdraw import Request, withdraw
from pappus.store import open_store

if TYPE_CHECKING:
    from mirrors_places import Place

    from pappus.pipeline import Report

PAGE = "pages/paper/2026/11/22/boat-0.md"


def reasons(report: Report) -> dict[str, str]:
    """Return what a report says of mirrors, by name."""
    return {e.place: e.reason for e in report.events if e.kind in {"proven", "failed"}}


@pytest.mark.rclone
def test_every_place_is_read_back_and_what_was_left_there_is_found_out(
    paper: Paper, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAPPUS_TEST_KEY_ID", KEY_ID)
    monkeypatch.setenv("PAPPUS_TEST_SECRET", SECRET)
    bucket = Bucket(tmp_path, server())
    bucket.client.put_bucket_versioning(Bucket=bucket.bucket, VersioningConfiguration={"Status": "Enabled"})
    places: dict[str, Place] = {
        "bucket": bucket,
        "disk": Reached(tmp_path, tmp_path / "disk", remote=str(tmp_path / "disk")),
        "cars": Cars("ipfs", tmp_path, IpfsOptions, path=tmp_path / "cars"),
    }
    keys = {
        "bucket": f'kind = "s3"\nbucket = "{bucket.bucket}"\nendpoint = "{bucket.address}"\nencoding = "gzip"\n'
        'key_id_env = "PAPPUS_TEST_KEY_ID"\nsecret_env = "PAPPUS_TEST_SECRET"',
        "disk": f'kind = "rclone"\nremote = "{tmp_path}/disk"',
        "cars": f'kind = "ipfs"\npath = "{tmp_path}/cars"',
    }
    text = toml(paper.url, {"news": "/news.xml"}).partition("[[mirrors]]")[0]
    for name, lines in keys.items():
        text += f'[[mirrors]]\nname = "{name}"\naddress = "https://{name}.example/"\n{lines}\n'
    room = newsroom(tmp_path / "newsroom", text, clock := Moment())
    paper.stories(many(3))
    paper.feed("/news.xml", many(3))
    assert run(room).clean
    secret = places["disk"].look()[PAGE]
    clock.pass_by(hours=1)

    report, file = withdraw(room, PAGE, Request(reason="By order of the harbour court"))
    assert report.clean, report.events
    assert reasons(report) == {
        "bucket": "withdrawn, as seen in its objects and all their versions",
        "disk": "withdrawn, as seen in its files and in what lies aside",
        "cars": "withdrawn, as seen in the blocks of its CAR files",
    }
    assert json.loads(file.read_bytes())["closed"]

    file.write_text(json.dumps(json.loads(file.read_bytes()) | {"mirrors": [], "closed": ""}))
    with open_store(room.state) as store:
        store.database.execute("UPDATE withdrawal SET proven = 0")
    notice = bucket.client.get_object(Bucket=bucket.bucket, Key=PAGE)
    for place in places.values():
        place.leave(PAGE, secret)
    again = {"Body": notice["Body"].read(), "ContentEncoding": notice.get("ContentEncoding", "")}
    bucket.client.put_object(
        Bucket=bucket.bucket, Key=PAGE, **again
    )  # it stands there as it should, but was something else between
    monkeypatch.setattr(
        "pappus.mirrors.ipfs.Ipfs._sweep", lambda *_: None
    )  # what the look before it does away with is seen as well
    report = run(room)
    assert reasons(report) == {
        "bucket": f"withdrawn, but not there: {PAGE} can still be had as it was before; the next run does it",
        "disk": "withdrawn, but not there: it keeps what was withdrawn under another name; the next run does it",
        "cars": "withdrawn, but not there: it keeps what was withdrawn under another name; the next run does it",
    }
    assert not json.loads(file.read_bytes())["closed"]
