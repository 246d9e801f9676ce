"""Between numpy's times, Python's and the database's. All of them are UTC."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

__all__ = ["FAR", "as_utc", "column_values", "from_utc"]

FAR = datetime(9000, 1, 1, tzinfo=UTC)
"""The end of a period that has none."""


def as_utc(time: np.datetime64) -> datetime:
    """Return one numpy time as an aware datetime."""
    naive: datetime = time.astype("datetime64[s]").astype(object)
    return naive.replace(tzinfo=UTC)


def from_utc(time: datetime) -> np.datetime64:
    """Return an aware datetime as numpy's, to the second."""
    return np.datetime64(time.astimezone(UTC).replace(tzinfo=None), "s")


def column_values(times: NDArray[np.datetime64]) -> Sequence[Any]:
    """Return times as the database's own column wants them, for raw inserts."""
    if connection.vendor == "sqlite":
        # Django keeps UTC without an offset there, with a space between day and hour.
        return [text.replace("T", " ") for text in np.datetime_as_string(times, unit="s").tolist()]
    return [as_utc(time) for time in times]
