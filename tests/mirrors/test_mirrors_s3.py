"""The S3 mirror: never half for a reader, whatever happens on the way."""

from __future__ import annotations

import gzip
import json
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
from mirrors_faults import faulty, said
from mirrors_house import FIRST, NEWS, SECOND, binding, options, plan, publish, tree, version
from mirrors_way import assert_on_the_way
from places_s3 import KEY_ID, SECRET, Bucket, server

from pappus.errors import ForeignError, MirrorError
from pappus.layout import MARKDOWN
from pappus.mirrors import MirrorState, S3Options, make_plan, rank
from pappus.model import artifact, digest

pytestmark = pytest.mark.usefixtures("hasty")
LONG = "many words, " * 200


@pytest.fixture
def hasty(monkeypatch):
    """Tries again at once."""
    monkeypatch.setattr("pappus.mirrors.s3_bucket._BACKOFF", 0.001)
    monkeypatch.setattr("pappus.mirrors.s3_versions._BACKOFF", 0.001)


@pytest.fixture
def place(tmp_path):
    return Bucket(tmp_path, server())


@pytest.fixture
def through(place):
    """Makes mirrors that go through a proxy, which is given what to spoil."""
    with faulty(server()) as proxy:
        proxy.mirror = lambda **fields: place.mirror(endpoint=proxy.url, **fields)
        yield proxy


def put(mirror, artifacts, number, base=None, deletions=(), *, forget=False):
    """Publish artifacts of any media type, with mirror.json."""
    everything = [*artifacts, artifact("mirror.json", binding(number).dump(), "application/json")]
    bodies = {made.entry.path: made.body for made in everything}
    step = make_plan(
        "markdown",
        version(number),
        version(base) if base else None,
        puts=[made.entry for made in everything],
        deletions=deletions,
        forget=forget,
    )
    return mirror.apply(step, lambda entry: bodies[entry.path])


EVERYTHING = [
    artifact("README.md", LONG.encode(), "text/markdown"),
    artifact("indexes/news.md", b"short", "text/markdown"),
    artifact("pages/a/2026/11/05/x.html", LONG.encode(), "text/html; charset=utf-8"),
    artifact("feeds/news.xml", LONG.encode(), "application/atom+xml"),
    artifact("media/2026/11/05/a.png", b"\x89PNG" + LONG.encode(), "image/png"),
    artifact("qr/home.png", b"\x89PNG", "image/png"),
    artifact("metadata/7.snapshot.json", LONG.encode(), "application/json"),
    artifact("metadata/timestamp.json", LONG.encode(), "application/json"),
]


def test_objects_say_what_they_are_and_how_long_they_keep(place):
    put(place.mirror(max_age=60), EVERYTHING, 1)
    told = {key: (found["ContentType"], found["CacheControl"]) for key, found in place.objects().items()}
    year = "public, max-age=31536000, immutable"
    assert told == {
        "README.md": ("text/markdown; charset=utf-8", "public, max-age=60"),
        "indexes/news.md": ("text/markdown; charset=utf-8", "public, max-age=60"),
        "pages/a/2026/11/05/x.html": ("text/html; charset=utf-8", "public, max-age=60"),
        "feeds/news.xml": ("application/atom+xml", "public, max-age=60"),
        "media/2026/11/05/a.png": ("image/png", year),
        "qr/home.png": ("image/png", "public, max-age=60"),
        "metadata/7.snapshot.json": ("application/json", year),
        "metadata/timestamp.json": ("application/json", "no-cache"),
        "mirror.json": ("application/json", "no-cache"),
    }


@pytest.mark.parametrize(("encoding", "undo"), [("gzip", gzip.decompress)])
def test_text_is_packed_where_that_is_asked_for_and_nothing_else_is(place, encoding, undo):
    put(place.mirror(encoding=encoding), EVERYTHING, 1)
    stored = place.objects()
    packed = {key for key, found in stored.items() if found.get("ContentEncoding") == encoding}
    assert packed == {"README.md", "pages/a/2026/11/05/x.html", "feeds/news.xml"}
    for made in EVERYTHING:
        body = stored[made.entry.path]["Body"]
        assert (undo(body) if made.entry.path in packed else body) == made.body
    assert place.mirror(encoding=encoding).state().shown == binding(1)


@pytest.mark.parametrize("encoding", ["none", "gzip"])
def test_the_whole_is_not_sent_again_where_it_lies_already(through, encoding):
    put(through.mirror(encoding=encoding), EVERYTHING, 1)
    through.seen.clear()
    put(through.mirror(encoding=encoding), EVERYTHING, 2)
    assert [seen.path for seen in through.seen if seen.method == "PUT"] == [".pappus", "mirror.json"]


def test_the_whole_mends_what_was_damaged_and_takes_away_what_is_not_of_it(place):
    wanted = publish(place.mirror(), 1, FIRST)
    place.put("README.md", b"altered")
    place.put("pages/gazette/2026/11/05/added.md", b"added")
    place.client.delete_object(Bucket=place.bucket, Key=NEWS)
    publish(place.mirror(), 1, FIRST)
    assert place.look() == wanted


def test_names_of_every_kind_come_through(place):
    names = [
        "indexes/新闻 и новости.md",
        "indexes/100% + a&b=c;d,e@f!g$h'(1).md",
        "indexes/a#b~[c]{d}^`e.md",
        "indexes/%25.md",
    ]
    files = {"README.md": "home"} | dict.fromkeys(names, "text")
    assert publish(place.mirror(), 1, files) == place.look()
    assert publish(place.mirror(), 2, {"README.md": "home"}, files, 1) == place.look()


def test_each_rank_is_there_before_the_next_then_deletions_then_mirror_json(through):
    publish(through.mirror(), 1, FIRST)
    through.seen.clear()
    publish(through.mirror(), 2, SECOND | {"metadata/timestamp.json": "{}", "metadata/2.snapshot.json": "{}"}, FIRST, 1)
    changes = [seen for seen in through.seen if seen.method != "GET"]
    steps = [
        -1
        if seen.path == ".pappus"
        else 6.5
        if seen.method == "POST"
        else 7
        if seen.path == "mirror.json"
        else rank(seen.path, MARKDOWN)
        for seen in changes
    ]
    steps[-1] = 8  # the journal goes last
    rest = sorted(zip(steps, changes, strict=True), key=lambda pair: pair[0])
    assert [step for step, _ in rest] == steps
    for (one, before), (other, after) in pairwise(rest):
        assert one == other or before.ended <= after.began, (before, after)


def test_a_rank_is_put_in_parallel_sixteen_at_a_time_and_no_more(place, through):
    together = threading.Barrier(16)

    def held(seen):
        if seen.path.startswith("media/"):
            together.wait(60)  # for all others
            time.sleep(0.03)  # for one too many, if there is one

    through.fault = held
    publish(through.mirror(), 1, {f"media/{number}.png": str(number) for number in range(64)})
    media = [seen for seen in through.seen if seen.path.startswith("media/")]
    assert len(media) == 64
    assert max(sum(other.began <= seen.began < other.ended for other in media) for seen in media) == 16


def test_nothing_is_ever_said_of_access_rights(through):
    publish(through.mirror(), 1, FIRST)
    publish(through.mirror(), 2, SECOND, FIRST, 1)
    assert not [
        seen for seen in through.seen if "acl" in seen.query or any("acl" in name.lower() for name in seen.headers)
    ]
    assert {seen.headers["user-agent"] for seen in through.seen} == {"Pappus"}


def test_the_environment_is_not_asked(place, through, monkeypatch):
    with faulty(server()) as wrong:
        for name in (
            "AWS_ENDPOINT_URL",
            "AWS_ENDPOINT_URL_S3",
            "AWS_ENDPOINT",
            "HTTP_PROXY",
            "http_proxy",
            "ALL_PROXY",
            "all_proxy",
        ):
            monkeypatch.setenv(name, wrong.url)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "SOMEBODY")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "else")
        monkeypatch.setenv("AWS_SESSION_TOKEN", "token")
        monkeypatch.setenv("AWS_SKIP_SIGNATURE", "true")
        monkeypatch.setenv("AWS_VIRTUAL_HOSTED_STYLE_REQUEST", "true")
        put(through.mirror(), EVERYTHING, 1, forget=True)
        assert not wrong.seen
    assert place.look().keys() == {made.entry.path for made in EVERYTHING} | {"mirror.json"}
    assert all(
        f"Credential={KEY_ID}/" in seen.headers.get("Authorization", seen.headers.get("authorization", ""))
        for seen in through.seen
    )
    assert not [seen for seen in through.seen if "x-amz-security-token" in seen.headers]


# Two publishers


def test_of_two_publishers_the_one_who_comes_second_is_told(place):
    publish(place.mirror(), 1, FIRST)
    ours, theirs = place.mirror(), place.mirror()
    assert ours.state() == theirs.state()
    wanted = publish(theirs, 2, SECOND, FIRST, 1)
    with pytest.raises(MirrorError, match="another publisher") as error:
        publish(ours, 3, FIRST, FIRST, 1)
    assert error.value.retry
    assert place.look() == wanted


def test_of_two_first_publishers_one_is_told(place):
    ours, theirs = place.mirror(), place.mirror()
    assert ours.state() == theirs.state() == MirrorState()
    wanted = publish(theirs, 1, FIRST)
    with pytest.raises(MirrorError, match="another publisher"):
        publish(ours, 1, SECOND)
    assert place.look() == wanted


@pytest.mark.parametrize("at", ["README.md", "mirror.json"])
def test_a_publisher_who_comes_in_the_middle_is_noticed_and_the_next_publish_puts_it_right(place, at):
    before = publish(place.mirror(), 1, FIRST)
    wanted = tree(SECOND, 2)

    def they():
        theirs = place.mirror()
        assert theirs.state().base == binding(1)
        with pytest.raises(MirrorError, match="publish again"):  # it knows nothing of what we change
            publish(theirs, 3, FIRST | {"README.md": "3"}, FIRST, 1)
        assert theirs.state().base is None
        publish(theirs, 3, FIRST | {"README.md": "3"})

    def meanwhile(entry):
        if entry.path == at:
            with ThreadPoolExecutor() as other:
                other.submit(they).result()
        return wanted[entry.path]

    with pytest.raises(MirrorError, match="another publisher"):
        place.mirror().apply(plan(2, wanted, version(1), before), meanwhile)
    mirror = place.mirror()
    assert mirror.state() == MirrorState(shown=binding(3), base=None)
    assert publish(mirror, 4, SECOND) == place.look()


def test_a_plan_that_starts_from_what_is_not_there_is_refused(place):
    wanted = publish(place.mirror(), 1, FIRST)
    with pytest.raises(MirrorError, match="does not hold version 5 any more"):
        publish(place.mirror(), 6, SECOND, FIRST, 5)
    assert place.look() == wanted


# The journal


def journal(place, former, coming, paths=()):
    place.put(".pappus", json.dumps({"former": former, "coming": coming, "paths": paths}).encode())


def test_a_journal_that_was_only_not_taken_away_is_taken_away_by_the_next_look(place):
    wanted = publish(place.mirror(), 1, FIRST)
    journal(place, "", digest(wanted["mirror.json"]))
    assert place.mirror().state(mend=False) == MirrorState(shown=binding(1), base=binding(1))
    assert ".pappus" in place.look()
    assert place.mirror().state() == MirrorState(shown=binding(1), base=binding(1))
    assert place.look() == wanted


@pytest.mark.parametrize(
    "data", [b"", b"\xff", b"[]", b"7", b'{"paths": 7, "former": "", "coming": ""}', b"[" * 100_000]
)
def test_a_journal_that_cannot_be_read_means_that_anything_may_have_changed(place, data):
    publish(place.mirror(), 1, FIRST)
    place.put(".pappus", data)
    place.put("pages/x.md", b"astray")
    mirror = place.mirror()
    assert mirror.state() == MirrorState(shown=binding(1), base=None)
    assert publish(mirror, 2, SECOND) == place.look()


def test_the_same_version_over_damage_is_not_taken_for_finished(place):
    """A whole publish of the version that is there already, killed in the middle, has to be gone on with."""
    wanted = publish(place.mirror(), 1, FIRST)
    same = digest(wanted["mirror.json"])
    journal(place, same, same, None)
    assert place.mirror().state() == MirrorState(shown=binding(1), base=None)


@pytest.mark.parametrize("data", [b"", b"[]", b'{"pappus": 99}'])
def test_a_mirror_json_that_is_not_ours_is_foreign(place, data):
    place.put("mirror.json", data)
    with pytest.raises(ForeignError, match="not ours"):
        place.mirror().state()


def test_names_that_no_edition_has_are_told(place):
    publish(place.mirror(), 1, FIRST)
    place.put("/a//b", b"mine")
    with pytest.raises(ForeignError, match="not ours"):
        publish(place.mirror(), 2, SECOND)
    assert ".pappus" in place.look()


# Forgetting


@pytest.fixture
def versioned(place):
    place.client.put_bucket_versioning(Bucket=place.bucket, VersioningConfiguration={"Status": "Enabled"})
    return place


def versions(place):
    found = place.client.list_object_versions(Bucket=place.bucket)
    return [(item["Key"], item["IsLatest"]) for item in (*found.get("Versions", ()), *found.get("DeleteMarkers", ()))]


def test_a_bucket_that_keeps_versions_loses_them_where_something_is_to_be_forgotten(versioned, monkeypatch):
    monkeypatch.setattr("pappus.mirrors.s3_versions._BATCH", 3)  # of both requests: several pages, several batches
    publish(versioned.mirror(), 1, FIRST)
    publish(versioned.mirror(), 2, SECOND, FIRST, 1)
    assert len(versions(versioned)) > len(versioned.look())
    last = [artifact("README.md", b"only this", "text/markdown")]
    gone = [path for path in versioned.look() if path not in {"README.md", "mirror.json"}]
    put(versioned.mirror(), last, 3, 2, gone, forget=True)
    assert sorted(versions(versioned)) == [("README.md", True), ("mirror.json", True)]


@pytest.mark.parametrize("encoding", ["none", "gzip"])
def test_former_versions_are_read_back_until_they_are_forgotten(versioned, monkeypatch, encoding):
    monkeypatch.setattr("pappus.mirrors.s3_versions._BATCH", 2)  # several pages
    texts = [f"{word} " * 500 for word in ("first", "second", "third")]
    for text in texts:
        put(versioned.mirror(encoding=encoding), [artifact("README.md", text.encode(), "text/markdown")], 1)
    versioned.put("README.md.txt", b"mine")
    versioned.client.delete_object(Bucket=versioned.bucket, Key="README.md")
    held = versioned.mirror().held(["README.md", "none.md"])
    assert held.at == {"README.md": {digest(text.encode()) for text in texts}, "none.md": set()}
    assert held.how == "its objects and all their versions"
    put(versioned.mirror(), [artifact("README.md", b"only this", "text/markdown")], 2, forget=True)
    assert versioned.mirror().held(["README.md"]).at == {"README.md": {digest(b"only this")}}


def test_a_service_that_does_not_tell_of_versions_is_looked_at_without_them_and_it_is_said(through, place):
    through.fault = lambda seen: said(501, "NotImplemented") if "versions" in seen.query else None
    put(through.mirror(), EVERYTHING, 1)
    held = through.mirror().held([EVERYTHING[0].entry.path])
    assert held.at == {EVERYTHING[0].entry.path: {EVERYTHING[0].entry.digest}}
    assert held.how == "its objects"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"no gzip", id="not packed"),
        pytest.param(gzip.compress(b"text")[:-4], id="cut off"),
        pytest.param(gzip.compress(b"text") + b"more", id="longer"),
    ],
)
def test_what_is_packed_as_we_would_not_pack_it_is_seen_to_be_there(place, body):
    place.client.put_object(Bucket=place.bucket, Key="README.md", Body=body, ContentEncoding="gzip")
    assert place.mirror().held(["README.md"]).at == {"README.md": {""}}


def test_versions_under_another_prefix_are_left(versioned, tmp_path):
    versioned.put("elsewhere.txt", b"1")
    versioned.put("elsewhere.txt", b"2")
    mirror = versioned.mirror(prefix="news")
    publish(mirror, 1, FIRST)
    put(versioned.mirror(prefix="news"), [], 2, 1, forget=True)
    assert [key for key, _ in versions(versioned)].count("elsewhere.txt") == 2


def test_a_service_that_does_not_tell_of_versions_and_keeps_none_forgets_by_deleting(through, place):
    through.fault = lambda seen: said(501, "NotImplemented") if "versions" in seen.query else None
    put(through.mirror(), EVERYTHING, 1, forget=True)
    assert place.mirror().state().shown == binding(1)


def test_a_service_that_keeps_versions_and_does_not_tell_of_them_is_told_of(through, versioned):
    through.fault = lambda seen: said(403, "AccessDenied") if "versions" in seen.query else None
    with pytest.raises(MirrorError, match="former versions") as error:
        put(through.mirror(), EVERYTHING, 1, forget=True)
    assert "lifecycle rule" in str(error.value)
    assert versioned.mirror().state() == MirrorState()  # it does not say that it forgot


def test_versions_that_a_service_holds_on_to_are_told_of(through, versioned):
    publish(versioned.mirror(), 1, FIRST)
    kept = b"<DeleteResult><Error><Key>README.md</Key><Code>AccessDenied</Code></Error></DeleteResult>"
    held = (200, [("Content-Length", str(len(kept)))], kept)
    through.fault = lambda seen: held if seen.query == "delete=" else None
    with pytest.raises(MirrorError, match="keeps 1 former versions"):
        put(through.mirror(), EVERYTHING, 2, forget=True)


# Faults


FAULTS = {
    "unavailable": (said(503, "SlowDown"), "503 SlowDown", True),
    "too-many": (said(429, "TooManyRequests"), "429 TooManyRequests", True),
    "cut": ("cut", "breaks off", True),
    "hang": ("hang", r"was not done after 1 s|does not answer in time", True),
    "denied": (said(403, "AccessDenied"), "403 AccessDenied.*keys", False),
    "wrong-secret": (
        said(403, "SignatureDoesNotMatch", f"<StringToSign>{SECRET}</StringToSign>"),
        "403 SignatureDoesNotMatch",
        False,
    ),
    "no-bucket": (said(404, "NoSuchBucket"), "there is no bucket", False),
    "moved": (said(301, "PermanentRedirect"), "elsewhere .*region", False),
    "strange": ((418, [("Content-Length", "6")], b"teapot"), "418", False),
}


SPOILT = [("PUT", fault) for fault in FAULTS] + [
    (method, fault) for method in ("GET", "POST") for fault in ("cut", "denied", "unavailable")
]


@pytest.mark.parametrize(("method", "fault"), SPOILT)
def test_a_fault_is_told_in_one_line_and_the_next_publish_ends_in_the_target(
    place, through, fault, method, monkeypatch
):
    monkeypatch.setattr("pappus.mirrors.s3_bucket._RETRIES", 1)
    spoil, words, retry = FAULTS[fault]
    before = publish(place.mirror(), 1, FIRST)
    through.fault = lambda seen: spoil if seen.method == method and seen.path != "indexes/news.md" else None
    mirror = through.mirror(timeout=0.7 if fault == "hang" else 30.0)
    with pytest.raises(MirrorError) as error:
        publish(mirror, 2, SECOND, FIRST, 1)
    text = str(error.value)
    assert text.startswith("forge: ")
    assert re.search(words, text), text
    assert SECRET not in text + repr(error.value) + repr(error.value.__cause__)
    assert "\n" not in text
    assert len(text) < 300
    assert error.value.retry == retry
    assert_on_the_way(place.look(), before, tree(SECOND, 2))
    through.fault = lambda _: None
    mirror = through.mirror()
    assert mirror.state().base == binding(1)
    assert publish(mirror, 2, SECOND, FIRST, 1) == place.look()


def test_faults_that_pass_are_not_noticed(place, through):
    met = set()

    def once(seen):
        if seen.method in {"PUT", "POST"} and seen.path not in met:
            met.add(seen.path)
            return [said(503, "SlowDown"), "cut", said(500, "InternalError")][len(met) % 3]
        return None

    through.fault = once
    mirror = through.mirror()
    assert publish(mirror, 1, FIRST) == place.look()
    assert len(met) > 10


def test_an_answer_that_is_lost_does_not_make_us_a_stranger_to_ourselves(place, through):
    """The write was done, the answer lost, and the second try is refused because of the first."""
    met = set()

    def once(seen):
        if (
            seen.method == "PUT"
            and seen.path in {"mirror.json", ".pappus"}
            and (seen.path, len(met))
            and seen.path not in met
        ):
            met.add(seen.path)
            return "lose"
        return None

    through.fault = once
    assert publish(through.mirror(), 1, FIRST) == place.look()
    met.clear()
    assert publish(through.mirror(), 2, SECOND, FIRST, 1) == place.look()
    assert met == {"mirror.json", ".pappus"}


def test_an_answer_without_an_end_is_given_up(place, through, monkeypatch):
    publish(place.mirror(), 1, FIRST)
    monkeypatch.setattr("pappus.mirrors.s3_bucket._RETRIES", 1)
    through.fault = lambda seen: "truncate" if seen.path == "mirror.json" else None
    with pytest.raises(MirrorError, match="breaks off"):
        through.mirror(timeout=2).state()


def test_a_mirror_json_that_is_too_large_is_not_read(place):
    place.put("mirror.json", b" " * 70_000)
    with pytest.raises(MirrorError, match="larger than 64 KiB"):
        place.mirror().state()


def test_a_service_without_conditional_writes_is_named_and_can_be_used(place, through):
    through.fault = lambda seen: (
        said(501, "NotImplemented") if {"if-match", "if-none-match"} & {n.lower() for n in seen.headers} else None
    )
    with pytest.raises(MirrorError, match="conditional = false"):
        publish(through.mirror(), 1, FIRST)
    assert publish(through.mirror(conditional=False), 1, FIRST) == place.look()
    assert publish(through.mirror(conditional=False), 2, SECOND, FIRST, 1) == place.look()


@pytest.mark.parametrize("fields", [{"key_id": None}, {"secret": None}, {"secret": ""}])
def test_keys_that_are_missing_are_told(place, fields):
    with pytest.raises(MirrorError, match="keys are missing"):
        place.mirror(**fields).state()


@pytest.mark.parametrize(
    "endpoint", ["https://", "nothing", "ftp://127.0.0.1", "http://127.0.0.1:1", "https://127.0.0.1:1", "http://\x00"]
)
def test_an_endpoint_that_leads_nowhere_is_told(place, endpoint, monkeypatch):
    monkeypatch.setattr("pappus.mirrors.s3_bucket._RETRIES", 0)
    with pytest.raises(MirrorError) as error:
        place.mirror(endpoint=endpoint).state()
    assert len(str(error.value).splitlines()) == 1


@pytest.mark.parametrize("bucket", ["", "a", "../x", "a/b", "a b", "a?b", "a\nb"])
def test_a_name_that_no_bucket_can_have_is_told(place, bucket):
    with pytest.raises(MirrorError, match="there can be no bucket") as error:
        place.mirror(bucket=bucket).state()
    assert len(str(error.value).splitlines()) == 1


def test_a_bucket_that_is_not_there_is_told(place):
    for mirror in (place.mirror(bucket="elsewhere"), place.mirror(bucket="elsewhere", prefix="x")):
        with pytest.raises(MirrorError, match="there is no bucket 'elsewhere'"):
            mirror.state()


def test_the_secret_is_not_in_what_options_show(place):
    shown = repr(options(place.folder, S3Options, **place.fields))
    assert SECRET not in shown
    assert KEY_ID not in shown
