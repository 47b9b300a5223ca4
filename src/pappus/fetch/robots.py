"""robots.txt (RFC 9309): asked for once a day and origin, remembered, obeyed.

What the answer means: 4xx, everything is allowed; 5xx, 429 or no answer, nothing for now, unless an older copy is
remembered; anything past 500 KiB is not read. The file is hostile input: before it is parsed it is reduced to the groups
that could concern us, because the parser's cost is agents times rules (500 KiB of both took it 90 s).
"""

from __future__ import annotations

import asyncio
import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from protego import Protego

from pappus import urls
from pappus.errors import FetchError, RefusedError
from pappus.fetch.faults import short

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from pappus.fetch.options import RobotsMemory

ROBOTS_BYTES: Final = 500 * 1024  # RFC 9309, section 2.5
MAX_CRAWL_DELAY: Final = 30.0  # seconds; some files ask for hours
_FRESH: Final = timedelta(hours=24)  # RFC 9309, section 2.4
_FAILED_FOR: Final = timedelta(minutes=5)  # how long we remember that it could not be had
_ORIGINS: Final = 256  # parsed files kept at a time
_LINES: Final = 10_000  # of a file, that are looked at; each costs time for every URL
_LINE_LENGTH: Final = 2048  # characters; no URL that we ask for is longer
_AGENT = re.compile(r"\s*user[-\s]*agent(?:\s*:\s*|\s+)([^#]*)", re.IGNORECASE)
_TOKEN = re.compile(r"[A-Za-z_-]+")
_ADVICE = "set respect_robots = false only if the publisher permits it"


def product_token(user_agent: str) -> str:
    """Return the name under which robots.txt files may address this user agent, in lower case.

    The first product; of one that begins with ``Mozilla/5.0 (compatible; Name/1.0)`` the name in the comment.
    """
    names = [found.group().lower() for found in _TOKEN.finditer(re.sub(r"compatible;", "", user_agent, count=1))]
    if len(names) > 1 and names[0] == "mozilla":
        return names[1]
    return names[0] if names else "pappus"


class Rules(Struct, frozen=True):
    """What a robots.txt says to us."""

    parsed: Protego
    agent: str

    def allows(self, url: str) -> bool:
        """Whether ``url`` may be asked for."""
        return self.parsed.can_fetch(url, self.agent)

    @property
    def delay(self) -> float:
        """Seconds between requests that it asks for, at most 30."""
        return min(self.parsed.crawl_delay(self.agent) or 0.0, MAX_CRAWL_DELAY)


def read_rules(text: str, agent: str) -> Rules:
    """Return the rules in a robots.txt for ``agent``, in time linear in its length."""
    lines: list[str] = []
    for line in text.splitlines()[:_LINES]:
        if len(line) > _LINE_LENGTH:
            continue
        named = _AGENT.match(line)
        lines.append(f"User-agent: {_ours(named.group(1), agent)}" if named else line)
    return Rules(Protego.parse("\n".join(lines)), agent)


def _ours(name: str, agent: str) -> str:
    if name.strip() == "*":
        return "*"
    token = _TOKEN.match(name.strip())
    return agent if token and token.group().lower() == agent else "-other-"


class _Known(Struct, frozen=True):
    """What we know of an origin, until when: its rules, or why we have none."""

    until: datetime
    rules: Rules | None
    failure: FetchError | None = None


class Robots:
    """The robots.txt files of a run.

    Args:
        agent: our product token.
        memory: where the texts are kept between runs.
        clock: the time, in UTC.
        ask: fetches the robots.txt of an origin, "" where there is none; raises FetchError.
    """

    def __init__(
        self,
        agent: str,
        memory: RobotsMemory,
        clock: Callable[[], datetime],
        ask: Callable[[str], Awaitable[str]],
    ) -> None:
        self._agent = agent
        self._memory = memory
        self._clock = clock
        self._ask = ask
        self._known: dict[str, _Known] = {}  # the latest at the end
        self._pending: dict[str, asyncio.Task[_Known]] = {}

    async def permit(self, url: str) -> float:
        """Return the seconds between requests that the robots.txt for ``url`` asks for, 0 where it does not.

        Askers at the same time share one request.

        Raises:
            RefusedError: it disallows the URL, or it cannot be had, so that nothing may be asked for now.
        """
        origin = urls.origin(url)
        known = self._known.get(origin)
        if known is None or known.until <= self._clock():
            known = await self._shared(origin)
        if known.rules is None:
            reason = f"robots.txt cannot be had, so we do not ask for now: {known.failure and known.failure.reason}"
            raise RefusedError(short(url), reason, retry=not isinstance(known.failure, RefusedError))
        if not known.rules.allows(url):
            raise RefusedError(short(url), f"robots.txt disallows it for {self._agent!r}", _ADVICE)
        return known.rules.delay

    async def close(self) -> None:
        """Stop the requests that nobody waits for any more."""
        tasks = tuple(self._pending.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _shared(self, origin: str) -> _Known:
        task = self._pending.get(origin)
        if task is None:
            task = self._pending[origin] = asyncio.create_task(self._look_up(origin))
            task.add_done_callback(lambda _: self._pending.pop(origin, None))
        return await asyncio.shield(task)  # one asker that gives up does not take it from the others

    async def _look_up(self, origin: str) -> _Known:
        now = self._clock()
        remembered = self._memory.robots(origin)
        if remembered is not None and now < remembered[1] + _FRESH:
            text, at = remembered
            known = _Known(at + _FRESH, read_rules(text, self._agent))
        else:
            known = await self._asked(origin, remembered[0] if remembered else None)
        self._known.pop(origin, None)
        self._known[origin] = known
        while len(self._known) > _ORIGINS:
            del self._known[next(iter(self._known))]
        return known

    async def _asked(self, origin: str, stale: str | None) -> _Known:
        try:
            text = await self._ask(origin)
        except FetchError as error:
            until = self._clock() + _FAILED_FOR
            # RFC 9309, section 2.4: an old copy may serve while the file is unreachable.
            return _Known(until, None if stale is None else read_rules(stale, self._agent), error)
        now = self._clock()
        self._memory.remember_robots(origin, text, now)
        return _Known(now + _FRESH, read_rules(text, self._agent))


class ForOneRun:
    """Keeps robots.txt files as long as this lasts."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, datetime]] = {}

    def robots(self, origin: str) -> tuple[str, datetime] | None:
        """Return what was kept for an origin in this run."""
        return self._known.get(origin)

    def remember_robots(self, origin: str, text: str, at: datetime) -> None:
        """Keep it until the run ends."""
        self._known[origin] = (text, at)
