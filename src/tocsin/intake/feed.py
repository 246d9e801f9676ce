"""What a feed is, what reading one gives, and the list of readers."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from tocsin.errors import Fault

__all__ = [
    "READERS",
    "Event",
    "Feed",
    "Forecast",
    "Options",
    "Reader",
    "Reading",
    "SeriesValues",
    "known_after",
    "reader",
]

_STAMP = re.compile(r"^(\d{8}T\d{6})Z")
_SOURCES = ("path", "url", "topic", "token_from", "push")


class Options(BaseModel):
    """The settings of one reader; each reader declares its own subclass."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    def problems(self) -> list[tuple[str, str, str, str]]:
        """Return what is wrong beyond the schema: (dotted key, value, problem, remedy)."""
        return []

    def observes(self) -> bool:
        """Whether files read so hold observations, and not only what a model computed."""
        return True


class Feed(BaseModel):
    """A source of observations as ``feeds.toml`` describes it.

    Exactly one of ``path``, ``url``, ``topic``, ``push`` and ``token_from`` says where its files
    come from.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$", max_length=60)
    reader: str = Field(min_length=1, description="the kind of file: hourly-station-csv")
    path: str = Field(
        "", description="the file, or a folder where files are dropped, seen from the region folder"
    )
    url: str = Field("", pattern=r"^(https?://.*)?$", description="where it is asked for")
    topic: str = Field(
        "", pattern=r"^(mqtts?://[^/]+/.+)?$", description="mqtt://broker/topic to listen to"
    )
    token_from: str = Field(
        "", description="the environment variable with the token of who pushes observations"
    )
    push: bool = Field(
        False, description="gateways push observations, each with a token of tocsin feeds token"
    )
    delay_min: int = Field(ge=0, le=1440, description="minutes from a value's label to its arrival")
    every_min: int = Field(60, ge=1, le=1440, description="minutes between two questions")
    stale_after_min: int | None = Field(
        None, ge=1, description="minutes without an answer after which the feed is called stale"
    )
    headers_from: Mapping[str, str] = Field(
        default_factory=dict, description="header = environment variable: secrets stay out of files"
    )
    max_mb: float = Field(8.0, gt=0, le=1000, description="more than this is not read")
    run_every_h: int = Field(6, ge=1, le=24, description="hours between two runs of a forecast")
    keep: int = Field(48, ge=1, le=10_000, description="how many answers that were read are kept")
    source: str = Field(min_length=1, description="who measured, and where the file comes from")
    licence: str = Field(min_length=1)
    options: dict[str, Any] = Field(default_factory=dict, description="the reader's own settings")
    folder: Path = Field(Path(), exclude=True, description="set by tocsin.region, not by hand")

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        given = [name for name in _SOURCES if getattr(self, name)]
        if len(given) != 1:
            raise ValueError(
                f"The feed has {' and '.join(given) or 'no source'}. "
                f"Give exactly one of {', '.join(_SOURCES)}."
            )
        return self

    @property
    def file(self) -> Path:
        """The file to read."""
        return self.folder / self.path

    @property
    def is_live(self) -> bool:
        """Whether its files come by themselves, rather than being one file of the region."""
        return not self.path or self.path.endswith("/")

    @property
    def is_pushed(self) -> bool:
        """Whether others bring its files, rather than we asking for them."""
        return self.push or bool(self.token_from)

    @property
    def stale_after(self) -> timedelta:
        """How long no answer is no cause for alarm: three questions, where nothing is said."""
        minutes = self.stale_after_min or 3 * self.every_min + self.delay_min
        return timedelta(minutes=minutes)

    @property
    def fetched_at(self) -> datetime | None:
        """When the file came, if it is an answer that :mod:`tocsin.intake.payloads` keeps."""
        stamp = _STAMP.match(self.path)
        return stamp and datetime.strptime(f"{stamp[1]}+0000", "%Y%m%dT%H%M%S%z").astimezone(UTC)

    def of(self, payload: Path) -> Feed:
        """Return this feed with one of its answers as the file to read."""
        fresh = dict.fromkeys(_SOURCES, "")
        return self.model_copy(
            update={**fresh, "push": False, "path": payload.name, "folder": payload.parent}
        )


@dataclass(frozen=True, slots=True)
class SeriesValues:
    """One quantity at one station, in time order, each time once.

    ``times`` (UTC) label the start of the hour, or are the moment of measuring where a feed gives
    more than one value an hour; ``unit`` is the quantity's canonical unit;
    ``flags`` hold what only the reader can see, :mod:`tocsin.intake.quality` adds the rest.
    """

    station: str
    quantity: str
    unit: str
    times: NDArray[np.datetime64]
    values: NDArray[np.float64]
    flags: NDArray[np.uint16]


@dataclass(frozen=True, slots=True)
class Forecast:
    """One series of a forecast; the newest ``run`` of a model stands for the older ones."""

    model: str
    series: SeriesValues
    run: np.datetime64 | None = None
    """When the model began, None where the source does not say."""
    member: int | None = None
    """Of an ensemble; None for a single forecast."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened somewhere: an earthquake, a hotspot seen from space."""

    kind: str
    id: str
    at: np.datetime64
    lat: float
    lon: float
    size: float
    unit: str
    updated: np.datetime64 | None = None
    """When the source last changed it; the newest row of an id stands."""
    facts: Mapping[str, float | str] = field(default_factory=lambda: MappingProxyType({}))
    is_deleted: bool = False
    """The source took it back."""


@dataclass(frozen=True, slots=True)
class Reading:
    """All that one reading of a feed gave. ``rows_used`` gave at least one value to a series.

    ``series`` hold what was observed; what a model computed is in ``forecasts`` and never there.
    """

    series: list[SeriesValues] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    rows_read: int = 0
    rows_used: int = 0
    events: list[Event] = field(default_factory=list)
    forecasts: list[Forecast] = field(default_factory=list)
    minor: list[Event] = field(default_factory=list)
    """Events that the settings leave out: of use only where one is known, as its revision."""
    complete_since: np.datetime64 | None = None
    """Every event since then is among ``events`` and ``minor``; None where that is not certain."""


Read = Callable[[Feed, Any, Collection[str]], Reading]


@dataclass(frozen=True, slots=True)
class Reader:
    """A kind of file: its settings and the function that reads it."""

    id: str
    options: type[Options]
    read: Read
    kind: str = "text"
    """What its files are, by which broken ones are known: a key of ``payloads.EXTENSIONS``."""
    gives_events: bool = False
    """Events and no series: hours without one are no silence."""


READERS: dict[str, Reader] = {}
"""Every reader by its id. The modules of ``tocsin.intake.readers`` enter themselves."""


def known_after(feeds: Iterable[Feed]) -> timedelta:
    """Return how long after its label an hour is known: as long as the slowest feed takes.

    Feeds of forecasts alone do not count: nobody waits for a run to know what was measured.
    """
    return timedelta(minutes=max((f.delay_min for f in feeds if _observes(f)), default=0))


def _observes(feed: Feed) -> bool:
    reader = READERS.get(feed.reader)
    try:
        return reader is None or reader.options.model_validate(feed.options).observes()
    except ValidationError:
        return True  # reading it tells what is wrong


_F = TypeVar("_F", bound=Read)


def reader(
    name: str, options: type[Options], kind: str = "text", *, gives_events: bool = False
) -> Callable[[_F], _F]:
    """Enter the decorated function into :data:`READERS` as the reader called ``name``.

    Raises
    ------
    ValueError
        There is such a reader already.
    """

    def enter(function: _F) -> _F:
        if name in READERS:
            raise ValueError(f"two readers are called {name}: give the new one another name")
        READERS[name] = Reader(name, options, function, kind, gives_events)
        return function

    return enter
