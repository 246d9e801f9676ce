"""Breakpoints and limits that the law sets: dated tables with their provenance, never constants.

Each table is a CSV file here whose first lines say ``# standard``, ``# valid_from``, ``# source``
and ``# grade`` (how far it is confirmed). Ask for the table in force on a day.
"""

from __future__ import annotations

import csv
import datetime as dt
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

__all__ = ["Standard", "standard_on"]


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


def standard_on(family: str, day: dt.date | str | None = None) -> Standard:
    """Return the edition in force on a day, the newest if no day is given.

    Parameters
    ----------
    family : {"aqi_us", "aqi_cn", "gb3838", "gb15618"}
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
        f"{editions[-1].valid_from}."
    )
