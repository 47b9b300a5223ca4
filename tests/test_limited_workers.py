"""Workers are an Executor whose tasks cannot take more time, memory or lives than they are given."""

import concurrent.futures
import logging
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pappus.errors import ExtractError, QualityError, WorkerError
from pappus.workers import Workers


def double(number):
    return 2 * number


def die():
    os._exit(7)


def spin():
    while True:
        pass


def greedy():
    return len(bytearray(4 << 30))


def refuse():
    raise QualityError("https://harbour.example/a", "too short", "later")


def stumble(error):
    raise error


@pytest.fixture(scope="module")
def workers():
    with Workers(1, seconds=0.5) as pool:
        yield pool


def test_results_come_back_in_order_and_errors_of_ours_arrive_whole(workers):
    assert list(workers.map(double, range(5))) == [0, 2, 4, 6, 8]
    with pytest.raises(QualityError, match="too short"):
        workers.submit(refuse).result()


@pytest.mark.parametrize(
    ("task", "reason"),
    [(die, "crashed"), (spin, "took more than 0.5 s of CPU"), (greedy, "MiB of memory")],
    ids=["crash", "time", "memory"],
)
def test_a_task_past_its_limits_fails_alone(workers, task, reason):
    bad, good = workers.submit(task), workers.submit(double, 21)
    with pytest.raises(WorkerError, match=reason):
        bad.result()
    assert good.result() == 42


def test_a_task_that_hangs_is_stopped_and_one_that_only_waits_for_its_turn_is_not():
    with Workers(1, seconds=0.2) as pool:
        waiting, hanging = pool.submit(time.sleep, 1.0), pool.submit(time.sleep, 3600)
        assert waiting.result() is None
        with pytest.raises(WorkerError, match="hung for 2 s"):
            hanging.result()


@pytest.mark.parametrize(
    ("bug", "reason"),
    [
        (KeyError("og:image"), "KeyError: 'og:image'"),
        (RecursionError("too deep"), "RecursionError: too deep"),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad"), "UnicodeDecodeError: 'utf-8' codec"),
        (ValueError("two\nlines " + "x" * 999), "ValueError: two lines x"),
    ],
    ids=["key", "recursion", "characters", "long"],
)
def test_a_bug_that_an_input_meets_fails_that_input_in_one_line_and_is_logged(workers, caplog, bug, reason):
    caplog.set_level(logging.DEBUG, "pappus")
    bad, good = workers.submit(stumble, bug), workers.submit(double, 21)
    with pytest.raises(WorkerError) as caught:
        bad.result()
    assert caught.value.subject == "stumble"
    assert caught.value.reason.startswith(reason)
    assert "\n" not in caught.value.reason
    assert len(caught.value.reason) <= 200
    assert good.result() == 42
    assert "raise error" in caplog.text


def test_a_bug_is_not_printed_unless_asked_for(workers, capfd):
    assert isinstance(workers.submit(stumble, KeyError("x")).exception(), WorkerError)
    assert capfd.readouterr().err == ""


PRELOADED = """
import pappus.extraction
from pappus.workers import Workers
with Workers(1, preload=("pappus.markup",)) as pool:
    print(pool.submit(eval, "sorted({'pappus.urls', 'pappus.markup', 'pappus.extraction'} & {*__import__('sys').modules})").result())
"""


def test_a_worker_has_loaded_what_it_is_told_to_and_nothing_that_only_the_parent_has():
    done = subprocess.run([sys.executable, "-c", PRELOADED], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['pappus.markup', 'pappus.urls']"  # which markup needs


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


@pytest.mark.parametrize("stopped", [False, True])
def test_workers_that_are_still_starting_when_all_is_done_say_nothing(stopped):
    script = (
        "from pappus.workers import Workers\n"
        "if __name__ == '__main__':\n"
        "    pool = Workers(8)\n"
        "    pool.submit(abs, -1).result()\n"
        f"    pool.shutdown(cancel_futures={stopped})\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert done.stderr == ""


def test_workers_do_not_get_the_secrets_of_the_environment(tmp_path):
    script = (
        "import os\nfrom pappus.workers import Workers\n"
        "if __name__ == '__main__':\n"
        "    with Workers(1) as pool:\n"
        "        print(pool.submit(eval, \"sorted({'PAPPUS_KEY_TARGETS', 'FORGE_TOKEN'} & {*__import__('os').environ})\").result())\n"
        "    print(os.environ['FORGE_TOKEN'])\n"
    )
    (tmp_path / "secrets.py").write_text(script)
    done = subprocess.run(
        [sys.executable, str(tmp_path / "secrets.py")],
        env=os.environ | {"PAPPUS_KEY_TARGETS": "canary", "FORGE_TOKEN": "canary"},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.splitlines() == ["[]", "canary"]


@pytest.mark.slow
def test_a_task_that_hangs_ends_though_who_waited_for_it_was_killed():
    script = (
        "import os, time\nfrom pappus.workers import Workers\n"
        "if __name__ == '__main__':\n"
        "    workers = Workers(1, seconds=0.1)\n"
        "    number = workers.submit(os.getpid).result()\n"
        "    workers.submit(time.sleep, 3600)\n"
        "    time.sleep(0.5)\n"
        "    print(number, flush=True)\n"
        "    os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, check=False)
    worker = int(done.stdout)
    while alive(worker):  # for ever, where it does not end
        time.sleep(0.1)


def alive(number):
    """Whether a process is at work; one that has ended may wait for ever for somebody who asks how."""
    try:
        state = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"
