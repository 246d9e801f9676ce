"""What a feed is, what reading one gives, and the list of readers."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from tocsin.errors import Fault

__all__ = ["READERS", "Feed", "Options", "Reader", "Reading", "SeriesValues", "reader"]


class Options(BaseModel):
    """The settings of one reader; each reader declares its own subclass."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    def problems(self) -> list[tuple[str, str, str, str]]:
        """Return what is wrong beyond the schema: (dotted key, value, problem, remedy)."""
        return []


class Feed(BaseModel):
    """A source of observations as ``feeds.toml`` describes it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$", max_length=60)
    reader: str = Field(min_length=1, description="the kind of file: hourly-station-csv")
    path: str = Field(min_length=1, description="the file, seen from the region folder")
    delay_min: int = Field(ge=0, le=1440, description="minutes from a value's label to its arrival")
    source: str = Field(min_length=1, description="who measured, and where the file comes from")
    licence: str = Field(min_length=1)
    options: dict[str, Any] = Field(default_factory=dict, description="the reader's own settings")
    folder: Path = Field(Path(), exclude=True, description="set by tocsin.region, not by hand")

    @property
    def file(self) -> Path:
        """The file to read."""
        return self.folder / self.path


@dataclass(frozen=True, slots=True)
class SeriesValues:
    """One quantity at one station, in time order, each time once.

    ``times`` (UTC) label the start of the hour; ``unit`` is the quantity's canonical unit;
    ``flags`` hold what only the reader can see, :mod:`tocsin.intake.quality` adds the rest.
    """

    station: str
    quantity: str
    unit: str
    times: NDArray[np.datetime64]
    values: NDArray[np.float64]
    flags: NDArray[np.uint16]


@dataclass(frozen=True, slots=True)
class Reading:
    """All that one reading of a feed gave. ``rows_used`` gave at least one value to a series."""

    series: list[SeriesValues] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    rows_read: int = 0
    rows_used: int = 0


Read = Callable[[Feed, Any, Collection[str]], Reading]


@dataclass(frozen=True, slots=True)
class Reader:
    """A kind of file: its settings and the function that reads it."""

    id: str
    options: type[Options]
    read: Read


READERS: dict[str, Reader] = {}
"""Every reader by its id. The modules of ``tocsin.intake.readers`` enter themselves."""

_F = TypeVar("_F", bound=Read)


def reader(name: str, options: type[Options]) -> Callable[[_F], _F]:
    """Enter the decorated function into :data:`READERS` as the reader called ``name``."""

    def enter(function: _F) -> _F:
        if name in READERS:
            raise ValueError(f"two readers are called {name}: give the new one another name")
        READERS[name] = Reader(name, options, function)
        return function

    return enter
