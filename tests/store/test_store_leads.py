"""Leads, channels, robots.txt and the reports of runs."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace
from store_samples import LATER, NOON, SITE

from pappus.model import Fetched, Lead, Validators
from pappus.store import ChannelState, Event, Settled, runs

LEAD = Lead(
    url=SITE + "ferry", title="Ferry «ما»", guid="7", published=NOON, updated=LATER, authors=("A", "B"), tags=("sea",), language="fa",
    summary="<b>s</b>", content="<p>c</p>",
)  # fmt: skip


def failed(**fields):
    settings = {"state": "failed", "fingerprint": "f", "reason": "no", "attempts": 1, "next_try": LATER} | fields
    return Settled(**settings)


def test_what_became_of_a_lead_is_remembered(store):
    assert store.leads.settled("news", LEAD.url) is None
    store.leads.settle("news", LEAD.url, failed(), again=LEAD)
    assert store.leads.settled("news", LEAD.url) == failed()
    store.leads.settle("news", LEAD.url, Settled(state="stored", fingerprint="g"))
    assert store.leads.settled("news", LEAD.url) == Settled(state="stored", fingerprint="g")
    assert store.leads.settled("city", LEAD.url) is None
    assert store.leads.counts() == {"stored": 1}


def test_a_failed_lead_comes_back_whole_when_its_time_has_come(store):
    page = Fetched(url=LEAD.url, final_url=LEAD.url, body=b"x" * 100)
    store.leads.settle("news", LEAD.url, failed(), again=replace(LEAD, page=page))
    assert store.leads.due("news", NOON) == []
    assert store.leads.due("city", LATER) == []
    assert store.leads.due("news", LATER) == [LEAD]


def test_a_lead_that_is_not_tried_again_is_not_kept(store):
    store.leads.settle("news", LEAD.url, failed(next_try=None), again=LEAD)
    assert store.leads.due("news", LATER + timedelta(days=999)) == []
    assert store.database.one("SELECT announced FROM lead") == (None,)


def test_half_characters_in_an_announcement_do_no_harm(store):
    lead = replace(LEAD, title="\ud800 broken", tags=("\udfff",))
    store.leads.settle("news", lead.url, failed(), again=lead)
    assert store.leads.due("news", LATER) == [lead]


def test_a_channel_remembers_what_it_answered(store):
    state = ChannelState(validators=Validators(etag='"1"', last_modified="Mon"), body_digest="d", setting="s")
    assert store.leads.channel("news") is None
    store.leads.looked("news", state, NOON)
    store.leads.looked("news", replace(state, body_digest="e"), LATER)
    assert store.leads.channel("news") == replace(state, body_digest="e")
    assert store.leads.channels() == [("news", LATER)]


def test_robots_are_remembered_by_origin(store):
    assert store.leads.robots("https://a.example") is None
    store.leads.remember_robots("https://a.example", "User-agent: *", NOON)
    store.leads.remember_robots("https://a.example", "", LATER)
    assert store.leads.robots("https://a.example") == ("", LATER)


def test_a_report_is_kept_with_its_events_in_order(store):
    number = store.runs.start("run", NOON)
    assert store.runs.newest(1)[0].ended is None
    events = [Event(kind="new", place="news", subject=f"s{n}", reason="r") for n in range(12)]
    store.runs.finish(number, events, {"new": 12}, LATER)
    (run,) = store.runs.newest(5)
    assert (run.id, run.verb, run.started, run.ended, run.summary) == (number, "run", NOON, LATER, {"new": 12})
    assert run.events == tuple(events)


def test_old_reports_are_forgotten_even_those_of_killed_runs(store, monkeypatch):
    monkeypatch.setattr(runs, "_KEPT", 3)
    store.runs.start("killed", NOON)
    for _ in range(5):
        number = store.runs.start("run", NOON)
        store.runs.finish(number, [Event(kind="new", place="p", subject="s")], {}, LATER)
    assert [run.id for run in store.runs.newest(100)] == [6, 5, 4]
    assert store.database.one("SELECT count(*) FROM event") == (3,)
