"""The error tree. One line for the person: subject, reason, what to do.

::

    PappusError
    ├── ConfigError          pappus.toml cannot be used (exit code 2)
    ├── FetchError           a URL could not be had
    │   ├── RefusedError     we will not ask: scheme, address, robots.txt
    │   ├── LimitError       too large, too slow, too many redirects
    │   └── StatusError      the server answered, but not with what we asked for
    ├── SourceError          a channel's announcement cannot be read
    ├── ExtractError         a page cannot be turned into a draft
    │   └── QualityError     a draft that must not be published
    ├── WorkerError          this input did it: a worker crashed, met a bug, took too long or too much memory
    ├── MarkupError          markup beyond our limits
    ├── MediaError           an image that cannot be decoded within our limits
    ├── StoreError           the store cannot be opened or is in use
    ├── BuildError           an edition that fails its own checks
    ├── TrustError           keys that cannot be used, or metadata that are not as signed
    └── MirrorError          a mirror that could not be read or written
        ├── ForeignError     it holds what is not ours
        └── QuotaError       it would go past a limit of its host

Anything else that is raised is a bug and shows a traceback.
"""

from __future__ import annotations


class PappusError(Exception):
    """Root of all errors that are not bugs.

    Args:
        subject: what it is about: a URL, a file and line, a mirror's name.
        reason: what went wrong, in one clause, quoting the offending value.
        advice: what the operator can do, or "".
    """

    def __init__(self, subject: str, reason: str, advice: str = "") -> None:
        super().__init__(subject, reason, advice)
        self.subject = subject
        self.reason = reason
        self.advice = advice

    @property
    def why(self) -> str:
        """The reason, and what can be done."""
        return f"{self.reason} ({self.advice})" if self.advice else self.reason

    def __str__(self) -> str:
        return " ".join(f"{self.subject}: {self.why}".split())  # one line, whatever was quoted


class ConfigError(PappusError):
    """The configuration cannot be used."""


class FetchError(PappusError):
    """A URL could not be had.

    Args:
        retry: whether another try may succeed; ``retry_after`` says when the server wants it, in seconds.
    """

    def __init__(
        self,
        subject: str,
        reason: str,
        advice: str = "",
        *,
        retry: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(subject, reason, advice)
        self.retry = retry
        self.retry_after = retry_after


class RefusedError(FetchError):
    """We do not ask for this URL: its scheme, its address, or robots.txt."""


class LimitError(FetchError):
    """The answer went past a limit: bytes, seconds, redirects, inflation."""


class StatusError(FetchError):
    """The server answered with another status than 200 or 304."""

    def __init__(self, subject: str, status: int, *, retry: bool = False, retry_after: float | None = None) -> None:
        super().__init__(subject, f"the server answered {status}", retry=retry, retry_after=retry_after)
        self.status = status


class SourceError(PappusError):
    """A channel's announcement cannot be read."""


class ExtractError(PappusError):
    """A page cannot be turned into a draft."""


class QualityError(ExtractError):
    """A draft that must not be published: empty, too short, broken."""


class WorkerError(PappusError):
    """This input did it: a worker crashed on it, met a bug, or took too long or too much memory. It is put aside."""


class MarkupError(PappusError):
    """Markup beyond our limits of depth, nodes or attributes."""


class MediaError(PappusError):
    """An image that cannot be decoded within our limits."""


class StoreError(PappusError):
    """The store cannot be opened, or another process is writing to it."""


class BuildError(PappusError):
    """An edition that fails its own checks: dead links, unreachable artifacts, unusable names."""


class TrustError(PappusError):
    """Keys that are missing, locked, or do not fit; or metadata that are not as signed."""


class MirrorError(PappusError):
    """A mirror that could not be read or written.

    Args:
        retry: whether another try, a little later, may succeed.
    """

    def __init__(self, subject: str, reason: str, advice: str = "", *, retry: bool = False) -> None:
        super().__init__(subject, reason, advice)
        self.retry = retry


class ForeignError(MirrorError):
    """A place that holds what is not ours; it is left alone unless the operator gives it up."""


class QuotaError(MirrorError):
    """What would be put there goes past a limit of the mirror's host."""
