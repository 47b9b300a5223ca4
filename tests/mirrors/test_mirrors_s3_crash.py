"""The S3 mirror when it is killed, when the server is, and while people read."""

from __future__ import annotations

import hashlib
import random
import re
import threading
import time
import urllib.error
import urllib.request
from urllib.parse import quote, urljoin

import pytest
from mirrors_house import FIRST, SECOND, binding, plan, publish, tree, until_let_go, version
from mirrors_publisher import publishers, server_process
from mirrors_way import assert_on_the_way
from places_s3 import Bucket, server

from pappus.errors import MirrorError


def edition(random_number):
    """Return an edition of about twenty files, of which some are in every other one too, with the same bytes or others."""
    choose = random.Random(random_number)
    days = {f"pages/gazette/2026/11/{day:02}/{choose.choice('ab')}.md": str(choose.random()) for day in range(1, 8)}
    media = {f"media/2026/11/01/{choose.randrange(9)}.png": "pixels" for _ in range(4)}
    changing = {"README.md": f"home {random_number}", "indexes/news.md": f"news {choose.randrange(3)}"}
    signed = {
        "metadata/timestamp.json": f"{random_number}",
        f"metadata/{random_number}.snapshot.json": f"{random_number}",
    }
    return days | media | changing | signed


def finish(place, number, files, had, had_number):
    """Publish as the pipeline does: again where a place finds that it needs the whole."""
    for _ in range(2):
        mirror = place.mirror()
        base = mirror.state().base
        assert base is None or base.version == version(had_number)
        try:
            return publish(mirror, number, files, had if base else None, had_number if base else None)
        except MirrorError as error:
            assert error.retry  # noqa: PT017
    pytest.fail("it never ended")


def tags(files, number):
    """Return the tags that a whole edition has in a bucket, by path."""
    return {path: hashlib.md5(body).hexdigest() for path, body in tree(files, number).items()}


def tags_at(place):
    """Return those that are there: one request, not one a file."""
    until_let_go(place.address)
    found = place.client.list_objects_v2(Bucket=place.bucket)["Contents"]
    return {item["Key"]: item["ETag"].strip('"') for item in found}


@pytest.mark.slow
def test_who_is_killed_anywhere_leaves_what_can_be_read_and_the_next_publish_ends_in_the_target(tmp_path):
    choose = random.Random(20261123)
    kills, astray = 0, 0
    with server_process() as (_, address), publishers() as start:
        place = Bucket(tmp_path, address)
        files, number = edition(0), 1
        before = tags(files, number)
        publish(place.mirror(), number, files)
        for turn in range(40):
            killed = edition(100 + turn)
            step = plan(number + 1, tree(killed, number + 1), version(number), tree(files, number))
            read = choose.randint(1, len(step.puts))
            process = start(read, place.fields, str(tmp_path), number + 1, killed, files, number)
            process.join(choose.uniform(0, 0.02))  # as long as a few requests take
            process.kill()
            process.join()
            wanted, seen = tags(killed, number + 1), tags_at(place)
            if seen.get("mirror.json") == wanted["mirror.json"]:
                assert {path: body for path, body in seen.items() if path != ".pappus"} == wanted
                files, number, before = killed, number + 1, wanted
            else:
                assert_on_the_way(seen, before, wanted)
                kills += ".pappus" in seen
                astray += seen.keys() - {".pappus"} != before.keys()
            after = killed if turn % 2 else edition(200 + turn)  # what is published next is mostly not what was killed
            finish(place, number + 2, after, files, number)
            files, number, before = after, number + 2, tags(after, number + 2)
            assert tags_at(place) == before
    assert kills > 10
    assert astray > 5


def test_a_server_that_stops_in_the_middle_is_told_of(tmp_path, monkeypatch):
    monkeypatch.setattr("pappus.mirrors.s3_bucket._RETRIES", 1)
    with server_process() as (process, address):
        place = Bucket(tmp_path, address)
        before = publish(place.mirror(), 1, FIRST)
        wanted = tree(SECOND, 2)

        def stopping(entry):
            if entry.path == "README.md":
                process.kill()
                process.wait()
            return wanted[entry.path]

        with pytest.raises(MirrorError, match=r"cannot be reached|breaks off") as error:
            place.mirror().apply(plan(2, wanted, version(1), before), stopping)
    assert error.value.retry
    assert str(error.value).startswith("forge: ")
    assert len(str(error.value).splitlines()) == 1


# Who reads meanwhile

LINK = re.compile(r"\]\(([^)]+)\)")


def growing(number):
    """Return the edition of a version: an article comes with each, and those that nothing leads to any more stay for three versions."""
    articles = range(max(0, number - 9), number + 1)
    led_to = [article for article in articles if article > number - 6]
    pages = {
        f"pages/gazette/2026/11/23/{article}.md": f"[home](../../../../../README.md) ![seal](../../../../../media/2026/{article}.png)"
        for article in articles
    }
    media = {f"media/2026/{article}.png": f"seal {article}" for article in articles}
    index = " ".join(f"[{article}](../pages/gazette/2026/11/23/{article}.md)" for article in led_to)
    home = f"[news](indexes/news-{number % 2}.md) [all](indexes/all.md)"
    return (
        media
        | pages
        | {
            f"indexes/news-{number % 2}.md": index,
            f"indexes/news-{(number + 1) % 2}.md": index,
            "indexes/all.md": index,
            "README.md": home,
        }
    )


class Reader(threading.Thread):
    """Follows every link from home, again and again."""

    def __init__(self, place):
        super().__init__()
        self.root = f"{place.address}/{place.bucket}/"
        self.published, self.missing, self.walks, self.over = 1, [], [], threading.Event()

    def run(self):
        while not self.over.is_set():
            self.walk(self.published)

    def walk(self, began):
        ahead, met = [self.root + "README.md"], set()
        while ahead:
            url = ahead.pop()
            if url in met:
                continue
            met.add(url)
            try:
                with urllib.request.urlopen(url, timeout=10) as answer:
                    text = answer.read().decode()
            except urllib.error.HTTPError as error:
                if self.published - began < 2:  # else he took longer over it than what goes is kept
                    self.missing.append((url, error.code, began))
                return
            ahead += [urljoin(url, quote(link)) for link in LINK.findall(text)]
        self.walks.append((self.published - began, len(met)))


def test_who_follows_links_during_a_publish_never_meets_a_missing_page(tmp_path):
    place = Bucket(tmp_path, server())
    publish(place.mirror(), 1, growing(1))
    readers = [Reader(place) for _ in range(2)]
    for each in readers:
        each.start()
    try:
        for number in range(2, 14):
            publish(place.mirror(), number, growing(number), growing(number - 1), number - 1)
            for each in readers:
                each.published = number
            time.sleep(0.02)
    finally:
        for each in readers:
            each.over.set()
            each.join(20)
    walks = [walk for each in readers for walk in each.walks]
    assert [each.missing for each in readers] == [[], []]
    assert sum(during > 0 for during, _ in walks) > 3  # a publish ended while he read
    assert max(met for _, met in walks) > 10


def test_readers_see_every_step_of_a_publish_whole(tmp_path):
    """Not by chance but at every read of ours: what stands there then is on the way."""
    place = Bucket(tmp_path, server())
    before = publish(place.mirror(), 1, FIRST)
    wanted = tree(SECOND, 2)
    looks = []

    def looking(entry):
        looks.append(place.look())
        return wanted[entry.path]

    place.mirror().apply(plan(2, wanted, version(1), before), looking)
    for seen in looks:
        assert_on_the_way(seen, before, wanted)
    assert looks[0].keys() - {".pappus"} == before.keys()
    assert place.mirror().state().shown == binding(2)
