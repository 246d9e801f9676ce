"""Month and year of a report that tells its day of the month and its time alone."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

__all__ = ["AHEAD", "moment_near"]

AHEAD = timedelta(days=2)
"""So far after the answer a moment is taken for that of a clock that is ahead; a file of a whole
month of reports is older than that."""


def moment_near(day: int, hour: int, minute: int, came: datetime) -> datetime | None:
    """Return the moment nearest to ``came`` with this day and time; None where there is none.

    Of moments after ``came`` only those within :data:`AHEAD` are taken: such a report is of a clock
    that is ahead, and whoever keeps values refuses it as one. Taken for one of the month before it
    would pass for an old value.
    """
    first = came.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    found = []
    for _ in range(4):  # the month after, this one, and two before: one of them has a 31st
        start = (first + timedelta(days=31)).replace(day=1)
        with suppress(ValueError):
            found.append(start.replace(day=day, hour=hour, minute=minute))
        first = (first - timedelta(days=1)).replace(day=1)
    near = [one for one in found if one <= came + AHEAD]
    return min(near, key=lambda one: abs(one - came), default=None)
