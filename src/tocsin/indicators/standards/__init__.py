"""Breakpoints and limits that the law sets: dated tables with their provenance, never constants.

Each table is a CSV file here whose first lines say ``# standard``, ``# valid_from``, ``# source``
and ``# grade`` (how far it is confirmed). Ask for the table in force on a day.
"""

from __future__ import annotations

import csv
import datetime as dt
import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

__all__ = ["Standard", "editions_of", "rows_by_edition", "standard_on"]


@dataclass(frozen=True, slots=True)
class Standard:
    """One edition of a standard: where it comes from, how far it is confirmed, and its rows."""

    name: str
    valid_from: dt.date
    source: str
    grade: str
    rows: tuple[Mapping[str, str], ...]


@functools.cache
def _editions(family: str) -> tuple[Standard, ...]:
    """Return all editions of a family, the newest first."""
    editions = []
    for file in resources.files(__package__).iterdir():
        if file.name.startswith(f"{family}_") and file.name.endswith(".csv"):
            lines = file.read_text(encoding="utf-8").splitlines()
            head = dict(line[2:].split(": ", 1) for line in lines if line.startswith("# "))
            rows = tuple(csv.DictReader(line for line in lines if not line.startswith("# ")))
            first = dt.date.fromisoformat(head["valid_from"])
            editions.append(Standard(head["standard"], first, head["source"], head["grade"], rows))
    return tuple(sorted(editions, key=lambda edition: edition.valid_from, reverse=True))


def editions_of(family: str) -> tuple[Standard, ...]:
    """Return every edition of a family that is here, the newest first; empty if none is known."""
    return _editions(family)


def standard_on(family: str, day: dt.date | str | None = None) -> Standard:
    """Return the edition in force on a day, the newest if no day is given.

    Parameters
    ----------
    family : {"aqi_us", "aqi_cn", "gb3838", "gb15618", "gbt20480", "lyt1172"}
        Which standard.
    day : date or ISO text, optional
        The day of the measurement.

    Raises
    ------
    LookupError
        No edition is known, or none was in force on that day.
    """
    editions = _editions(family)
    if not editions:
        raise LookupError(f"{family!r} is not a standard that is known here.")
    if day is None:
        return editions[0]
    at = day if isinstance(day, dt.date) else dt.date.fromisoformat(str(day)[:10])
    for edition in editions:
        if edition.valid_from <= at:
            return edition
    raise LookupError(
        f"No edition of {family!r} is known for {at}; the oldest here is from "
        f"{editions[-1].valid_from}. Choose one by its day: on={editions[-1].valid_from}."
    )


def rows_by_edition(family: str, times: Any) -> Iterator[tuple[dt.date, Any]]:
    """Yield for each edition that was in force at some of the times a day of it, and which rows.

    Parameters
    ----------
    times : array of datetime64
        One a row, in any order; a row without a time goes with the newest edition.

    Raises
    ------
    LookupError
        No edition is known, or none was in force at one of the times.
    """
    import numpy as np  # the rest of this module does without

    days = np.asarray(times, dtype="datetime64[D]")
    left = np.ones(days.shape, dtype=bool)
    for edition in _editions(family):
        rows = left & ~(days < np.datetime64(edition.valid_from))
        if rows.any():
            yield edition.valid_from, rows
        left &= ~rows
    if left.any():
        standard_on(family, days[left].min().item())  # says what is missing
