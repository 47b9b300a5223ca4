"""Limited processes for hostile input (rule 5 of intake): memory, time, and a crash costs one task only.

:class:`Workers` is a ``concurrent.futures.Executor``, so the rooms do not know that it is one of these.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import resource
import signal
from concurrent.futures import BrokenExecutor, Executor, Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from multiprocessing import forkserver
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from pebble import ProcessExpired, ProcessPool

from pappus.errors import ExtractError, PappusError, WorkerError

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
T = TypeVar("T")

_log = logging.getLogger("pappus")

MEMORY = 2 * 2**30  # bytes of address space a worker may take
SECONDS = 20.0  # of CPU that a task may take
_PATIENCE = 10  # times as long it may take by the wall, where others keep the machine busy
_MOST = 8  # processes, unless more are asked for; each may take that memory
_GRACE = 5.0  # seconds after which a task that has passed its time ends itself: whoever should end it was killed
_REASON = 200  # characters
_PASSED = frozenset({"HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PATH", "PYTHONPATH", "TMPDIR", "TZ"})
# variables that workers get: others hold keys and tokens, and workers meet what strangers wrote
_TASKS = 500  # after which a worker is replaced, so that what leaks stays small


class _Pool(ProcessPool):
    """A pool whose processes end before the locks that they share: one that was still starting would not find these, and print why."""

    def _stop_pool(self) -> None:
        if self._pool_manager_loop is not None:
            self._pool_manager_loop.join()  # it starts processes
        self._pool_manager.worker_manager.force_stop_workers()  # type: ignore[no-untyped-call]  # pebble's own gap
        super()._stop_pool()  # type: ignore[no-untyped-call]  # as above


class Workers(Executor):
    """Runs functions in processes with limits.

    The processes start with the first task. Functions and arguments are pickled: module-level functions and
    plain values.

    A task fails with ``WorkerError`` where its input did it: it crashed the process, took too long or too much memory, or
    met a bug, ours or a library's; the others go on. The bug's traceback is logged for whoever listens to
    ``pappus`` at ``DEBUG``. Errors of ours arrive as they were raised. What was only stopped, by ``shutdown``
    or because the pool broke, fails with ``ExtractError`` and may be tried again.

    Args:
        count: processes; None for one a processor that we may use, at most 8.
        seconds: of CPU that one task may take; by the wall it may take ten times as long.
        memory: bytes of address space of one process.
        niceness: by how much the processes let others go first, from 0 to 19.
        preload: modules that are imported once, in the server that the processes are forked from, so that each of
            these starts in milliseconds.
    """

    def __init__(
        self,
        count: int | None = None,
        *,
        seconds: float = SECONDS,
        memory: int = MEMORY,
        niceness: int = 0,
        preload: tuple[str, ...] = (),
    ) -> None:
        self._count = count or min(_MOST, _processors())
        self._preload = preload
        self._seconds = seconds
        self._memory = memory
        self._niceness = niceness
        self._pool: _Pool | None = None
        self._closed = False
        self._open: set[Future[Any]] = set()  # handed out and not settled

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Schedule a call, as ``Executor.submit`` does.

        Raises:
            RuntimeError: after ``shutdown``.
        """
        if self._closed:
            raise RuntimeError("these workers have been shut down")
        if self._pool is None:
            self._pool = _Pool(
                max_workers=self._count,
                max_tasks=_TASKS,
                initializer=_limit,
                initargs=(self._memory, self._niceness),
                context=_context(self._preload),
            )
        wall = self._seconds * _PATIENCE
        inner = self._pool.schedule(_run, args=(self._seconds, wall + _GRACE, fn, args, kwargs), timeout=wall)
        outer: Future[T] = Future()
        outer.set_running_or_notify_cancel()
        self._open.add(outer)
        outer.add_done_callback(self._open.discard)
        inner.add_done_callback(lambda done: self._settle(done, outer, getattr(fn, "__qualname__", repr(fn))))
        return outer

    def _settle(self, inner: Future[T], outer: Future[T], name: str) -> None:
        """Hand a result on; what the process did instead of giving one becomes an error of ours."""
        stopped = ExtractError(name, "the work was stopped before it was done")
        error: BaseException | None = stopped if inner.cancelled() else inner.exception()
        match error:
            case None:
                outer.set_result(inner.result())
            case FutureTimeoutError():
                outer.set_exception(WorkerError(name, f"hung for {self._seconds * _PATIENCE:g} s and was stopped"))
            case BrokenExecutor():
                outer.set_exception(stopped)
            case ProcessExpired(exitcode=code) if code == -signal.SIGPROF:
                outer.set_exception(WorkerError(name, f"took more than {self._seconds:g} s of CPU and was stopped"))
            case ProcessExpired():
                outer.set_exception(WorkerError(name, f"the worker crashed (exit code {error.exitcode})"))
            case MemoryError():
                outer.set_exception(WorkerError(name, f"needed more than {self._memory >> 20} MiB of memory"))
            case PappusError():
                outer.set_exception(error)
            case _:
                _log.debug("%s failed on its input", name, exc_info=error)
                outer.set_exception(WorkerError(name, _one_line(error)))

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the processes, as ``Executor.shutdown`` does; ``cancel_futures`` also stops what is running."""
        self._closed = True
        if self._pool is None:
            return
        if cancel_futures:
            self._pool.stop()  # type: ignore[no-untyped-call]  # as above
        else:
            self._pool.close()  # type: ignore[no-untyped-call]  # as above
        if wait or cancel_futures:
            self._pool.join()
        if cancel_futures:  # pebble leaves these for ever pending
            for future in list(self._open):
                future.set_exception(ExtractError("workers", "the work was stopped before it was done"))


def _processors() -> int:
    """Return how many processors this process may use, which in a container are fewer than there are."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _one_line(error: BaseException) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:_REASON]


def _context(preload: tuple[str, ...]) -> multiprocessing.context.ForkServerContext:
    """Return how processes start: forked from a server that has no file, no thread and no secret of ours."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(preload))
    ours = dict(os.environ)
    for name in ours.keys() - _PASSED:
        del os.environ[name]
    try:
        forkserver.ensure_running()
    finally:
        os.environ.update(ours)
    return context


def _limit(memory: int, niceness: int) -> None:
    """Limit this process before its first task."""
    os.nice(niceness)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # ^C is for the parent, which then ends us


def _run(cpu: float, wall: float, function: Callable[..., T], args: tuple[object, ...], kwargs: dict[str, object]) -> T:
    signal.setitimer(signal.ITIMER_PROF, cpu)  # the signals of both end the process, whatever that is doing
    signal.setitimer(signal.ITIMER_REAL, wall)
    try:
        return function(*args, **kwargs)
    except MemoryError:
        raise MemoryError from None  # without its traceback, whose frames hold what was too large
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.setitimer(signal.ITIMER_PROF, 0)
