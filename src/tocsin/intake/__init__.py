"""Readers of outside feeds and files: the library's only I/O.

``read`` gives series with CF names, canonical units and UTC times, together with every fault of the
file. A fault costs one value or one row, never the file, unless nothing at all can be read.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Protocol

import numpy as np
from pydantic import ValidationError

from tocsin.errors import Fault, IntakeError
from tocsin.intake import readers as _readers
from tocsin.intake.feed import (
    READERS,
    Event,
    Feed,
    Forecast,
    Options,
    Reader,
    Reading,
    SeriesValues,
    known_after,
)
from tocsin.intake.nearest import nearest_stations
from tocsin.intake.quality import Flag
from tocsin.intake.quantities import QUANTITIES, Quantity

__all__ = [
    "QUANTITIES",
    "READERS",
    "Event",
    "Feed",
    "Forecast",
    "Quantity",
    "Reading",
    "SeriesValues",
    "known_after",
    "nearest_stations",
    "read",
]

_readers.load_all()


class _HasId(Protocol):
    @property
    def id(self) -> str: ...


_CLOCK_SLACK = np.timedelta64(600, "s")
"""How far a station's clock may be ahead of ours before its values are doubted (our choice)."""


def read(feed: Feed, stations: Iterable[_HasId], *, now: datetime | None = None) -> Reading:
    """Read the feed's file.

    Parameters
    ----------
    feed : Feed
        As ``tocsin.region.load_region`` gives it.
    stations : iterable
        The stations of the region (anything with an ``id``); rows of others are reported.
    now : datetime, optional
        When the file came; of an answer of a live feed its name says it. Values of later times are
        flagged, since the station's clock or the feed's must be wrong.

    Returns
    -------
    Reading
        Series sorted by station and quantity, and the faults in the order of the file.

    Raises
    ------
    IntakeError
        If a setting is wrong, the file is missing, or nothing can be read from it.
    """
    if feed.reader not in READERS:
        fault = Fault(
            "feeds.toml", 0, f"feed[{feed.id}].reader", feed.reader, "There is no such reader.",
            f"Use one of {', '.join(sorted(READERS))}.",
        )  # fmt: skip
        raise IntakeError([fault])
    if feed.is_live:
        fault = Fault(
            "feeds.toml", 0, f"feed[{feed.id}]", "",
            "This feed is live and has no file of its own.",
            "Look at what it gives with tocsin feeds try; tocsin run reads its answers.",
        )  # fmt: skip
        raise IntakeError([fault])
    if not feed.file.is_file():
        fault = Fault(
            feed.path, 0, "file", "", "The file is not there.",
            "Put it there, or run the region's prepare script.",
        )  # fmt: skip
        raise IntakeError([fault])
    reader = READERS[feed.reader]
    found = reader.read(feed, _options(feed, reader), frozenset(one.id for one in stations))
    came = now or feed.fetched_at
    if came is not None:
        last = np.datetime64(came.astimezone(UTC).replace(tzinfo=None), "s") + _CLOCK_SLACK
        for one in found.series:
            if one.times.size and one.times[-1] > last:
                _flag_future(feed, one, came, last, found.faults)
    return found


def _flag_future(
    feed: Feed, one: SeriesValues, came: datetime, last: np.datetime64, faults: list[Fault]
) -> None:
    """Flag values of times after ``last``, and tell of them once a series."""
    late = one.times > last
    one.flags[late] |= np.uint16(Flag.FUTURE)
    faults.append(
        Fault(
            feed.path, 0, f"{one.station}.{one.quantity}", f"{one.times[late][0]}Z",
            f"{int(late.sum())} values are of times after {came:%Y-%m-%dT%H:%M}Z, when they came.",
            "Set the clock of the station, or the zone in the feed's settings; they are flagged.",
        )
    )  # fmt: skip


def _options(feed: Feed, reader: Reader) -> Options:
    """Return the feed's settings as its reader wants them; refuse wrong ones, all at once."""
    at = f"feed[{feed.id}].options"
    remedy = "Run tocsin check on the region: it tells the line and how it is written."
    try:
        options = reader.options.model_validate(feed.options)
    except ValidationError as error:
        places = [".".join([at, *map(str, one["loc"])]) for one in error.errors()]
        raise IntakeError(
            [
                Fault("feeds.toml", 0, place, "", "The setting is missing or wrong.", remedy)
                for place in places
            ]
        ) from error
    if wrong := options.problems():
        raise IntakeError([Fault("feeds.toml", 0, f"{at}.{key}", *rest) for key, *rest in wrong])
    return options
