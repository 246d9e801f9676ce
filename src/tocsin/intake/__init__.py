"""Readers of outside feeds and files: the library's only I/O.

``read`` gives series with CF names, canonical units and UTC times, together with every fault of the
file. A fault costs one value or one row, never the file, unless nothing at all can be read.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from pydantic import ValidationError

from tocsin.errors import Fault, IntakeError
from tocsin.intake import readers as _readers
from tocsin.intake.feed import READERS, Feed, Options, Reader, Reading, SeriesValues
from tocsin.intake.nearest import nearest_stations
from tocsin.intake.quantities import QUANTITIES, Quantity

__all__ = [
    "QUANTITIES",
    "READERS",
    "Feed",
    "Quantity",
    "Reading",
    "SeriesValues",
    "nearest_stations",
    "read",
]

_readers.load_all()


class _HasId(Protocol):
    @property
    def id(self) -> str: ...


def read(feed: Feed, stations: Iterable[_HasId]) -> Reading:
    """Read the feed's file.

    Parameters
    ----------
    feed : Feed
        As ``tocsin.region.load_region`` gives it.
    stations : iterable
        The stations of the region (anything with an ``id``); rows of others are reported.

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
    if not feed.file.is_file():
        fault = Fault(
            feed.path, 0, "file", "", "The file is not there.",
            "Put it there, or run the region's prepare script.",
        )  # fmt: skip
        raise IntakeError([fault])
    reader = READERS[feed.reader]
    return reader.read(feed, _options(feed, reader), frozenset(one.id for one in stations))


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
