"""Workers are an Executor whose tasks cannot take more time, memory or lives than they are given."""

import concurrent.futures
import os
import time

import pytest

from pappus.errors import ExtractError, QualityError, WorkerError
from pappus.workers import Workers


def double(number):
    return 2 * number


def die():
    os._exit(7)


def greedy():
    return len(bytearray(4 << 30))


def refuse():
    raise QualityError("https://harbour.example/a", "too short", "later")


@pytest.fixture(scope="module")
def workers():
    with Workers(1, seconds=1.5) as pool:
        yield pool


def test_results_come_back_in_order_and_errors_of_ours_arrive_whole(workers):
    assert list(workers.map(double, range(5))) == [0, 2, 4, 6, 8]
    with pytest.raises(QualityError, match="too short"):
        workers.submit(refuse).result()


@pytest.mark.parametrize(
    ("task", "arguments", "reason"),
    [(die, (), "crashed"), (time.sleep, (60,), "took longer than 1.5 s"), (greedy, (), "MiB of memory")],
    ids=["crash", "time", "memory"],
)
def test_a_task_past_its_limits_fails_alone(workers, task, arguments, reason):
    bad, good = workers.submit(task, *arguments), workers.submit(double, 21)
    with pytest.raises(WorkerError, match=reason):
        bad.result()
    assert good.result() == 42


def test_nothing_is_taken_after_shutdown_and_an_unused_pool_starts_no_process():
    pool = Workers(1)
    pool.shutdown()
    with pytest.raises(RuntimeError, match="shut down"):
        pool.submit(double, 1)


def test_cancelling_stops_what_is_running():
    pool = Workers(1)
    slow = pool.submit(time.sleep, 60)
    pool.shutdown(cancel_futures=True)
    assert isinstance(slow.exception(timeout=10), ExtractError | concurrent.futures.CancelledError)
