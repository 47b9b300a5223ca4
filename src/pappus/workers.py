"""Limited processes for hostile input (rule 5 of intake): memory, time, and a crash costs one task only.

:class:`Workers` is a ``concurrent.futures.Executor``, so the rooms do not know that it is one of these.
"""

from __future__ import annotations

import multiprocessing
import resource
import signal
import sys
from concurrent.futures import BrokenExecutor, Executor, Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from pebble import ProcessExpired, ProcessPool

from pappus.errors import ExtractError, WorkerError

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
T = TypeVar("T")

MEMORY = 2 * 2**30  # bytes of address space a worker may take
SECONDS = 20.0  # a task may take, by the wall
_TASKS = 500  # after which a worker is replaced, so that what leaks stays small


class Workers(Executor):
    """Runs functions in processes with limits.

    The processes start with the first task. Functions and arguments are pickled: module-level functions and
    plain values. A task that crashes its process, takes too long or too much memory fails with
    ``WorkerError``, which says that its input is to blame; the others go on. What was only stopped, by ``shutdown``
    or because the pool broke, fails with ``ExtractError`` and may be tried again.

    Args:
        count: processes.
        seconds: wall-clock limit of one task.
        memory: bytes of address space of one process.
    """

    def __init__(self, count: int, *, seconds: float = SECONDS, memory: int = MEMORY) -> None:
        self._count = count
        self._seconds = seconds
        self._memory = memory
        self._pool: ProcessPool | None = None
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
            self._pool = ProcessPool(
                max_workers=self._count,
                max_tasks=_TASKS,
                initializer=_limit,
                initargs=(self._memory,),
                context=_context(),
            )
        inner = self._pool.schedule(_run, args=(fn, args, kwargs), timeout=self._seconds)
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
                outer.set_exception(WorkerError(name, f"took longer than {self._seconds:g} s and was stopped"))
            case BrokenExecutor():
                outer.set_exception(stopped)
            case ProcessExpired():
                outer.set_exception(WorkerError(name, f"the worker crashed (exit code {error.exitcode})"))
            case MemoryError():
                outer.set_exception(WorkerError(name, f"needed more than {self._memory >> 20} MiB of memory"))
            case _:
                outer.set_exception(error)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the processes, as ``Executor.shutdown`` does; ``cancel_futures`` also stops what is running."""
        self._closed = True
        if self._pool is None:
            return
        if cancel_futures:
            self._pool.stop()  # type: ignore[no-untyped-call]  # pebble's own gap
        else:
            self._pool.close()  # type: ignore[no-untyped-call]  # as above
        if wait or cancel_futures:
            self._pool.join()
        if cancel_futures:  # pebble leaves these for ever pending
            for future in list(self._open):
                future.set_exception(ExtractError("workers", "the work was stopped before it was done"))


def _context() -> multiprocessing.context.ForkServerContext:
    """Return how processes start: forked from a server that has no file and no thread of ours.

    What of Pappus is loaded here, the server imports once, so that a process starts in milliseconds.
    """
    context = multiprocessing.get_context("forkserver")
    package = __name__.partition(".")[0]
    context.set_forkserver_preload([name for name in sys.modules if name.partition(".")[0] == package])
    return context


def _limit(memory: int) -> None:
    """Limit this process before its first task."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # ^C is for the parent, which then ends us


def _run(function: Callable[..., T], args: tuple[object, ...], kwargs: dict[str, object]) -> T:
    try:
        return function(*args, **kwargs)
    except MemoryError:
        raise MemoryError from None  # without its traceback, whose frames hold what was too large
