"""The Solar Hijri calendar, which Persian readers live by. Pure.

Leap years are those of the 33-year cycle. From 1964 to 2093 it agrees with the calendar as it is kept in Iran; beyond that, a spring may
begin a day off.
"""

from __future__ import annotations

from datetime import date
from typing import Final

_CYCLE: Final = 33 * 365 + 8  # days of 33 years


def solar_hijri(day: date) -> tuple[int, int, int]:
    """Return year, month and day of a day."""
    days = day.toordinal() - _EPOCH
    year = 33 * days // _CYCLE + 1  # or one beside it
    year += (days >= _days_before(year + 1)) - (days < _days_before(year))
    rest = days - _days_before(year)
    months, rest = divmod(rest, 31) if rest < 186 else divmod(rest - 6, 30)  # six of 31 days, then 30
    return year, months + 1, rest + 1


def _days_before(year: int) -> int:
    """Return the days from the beginning of the first year to that of another."""
    return 365 * (year - 1) + (8 * (year - 1) + 29) // 33


_EPOCH: Final = date(2021, 3, 21).toordinal() - _days_before(1400)
