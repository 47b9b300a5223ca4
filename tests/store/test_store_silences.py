"""How long a mirror that does not answer is left alone."""

from __future__ import annotations

from datetime import timedelta

from store_samples import NOON


def _wait(store, now=NOON):
    until = store.silences.until("forge", now)
    return until - now if until else None


def test_a_mirror_is_left_alone_from_the_second_failure_on_and_longer_with_each(store):
    waits = []
    for _ in range(9):
        store.silences.failed("forge", NOON, 1.0)
        waits.append(_wait(store))
    minutes = [wait / timedelta(minutes=1) if wait else 0 for wait in waits]
    assert minutes == [0, 5, 10, 20, 40, 80, 120, 120, 120]
    assert store.silences.until("forge", NOON + timedelta(hours=2)) is None
    assert store.silences.until("other", NOON) is None


def test_a_mirror_that_answers_begins_anew(store):
    for _ in range(3):
        store.silences.failed("forge", NOON, 1.0)
    store.silences.answered("forge")
    assert _wait(store) is None
    store.silences.failed("forge", NOON, 1.0)
    assert _wait(store) is None


def test_waits_differ_so_that_many_do_not_come_back_at_once(store):
    for name, share in (("forge", 0.8), ("other", 1.2)):
        for _ in range(2):
            store.silences.failed(name, NOON, share)
    assert store.silences.until("forge", NOON) < store.silences.until("other", NOON)


def test_a_clock_that_went_back_keeps_no_mirror_waiting(store):
    for _ in range(9):
        store.silences.failed("forge", NOON, 1.0)
    assert _wait(store, NOON - timedelta(days=300)) is None
