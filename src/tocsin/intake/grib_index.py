"""What a GRIB file holds and where, by the index beside it; and which messages a feed wants.

ECMWF open data (``.index`` in place of ``.grib2``): a JSON object a line with ``param``,
``levtype``, ``step``, ``date``, ``time``, ``number`` (ensemble members) and where the message
stands: ``_offset``, ``_length`` in bytes (https://confluence.ecmwf.int/x/8aX9Kw, "index files").
NCEP and all that wgrib2 writes (``.idx`` after the name): ``n:offset:d=YYYYMMDDHH:VAR:level:fcst:``
a line; a message ends where the next one begins, and fields of one message share its offset
(https://www.cpc.ncep.noaa.gov/products/wesley/wgrib2/short_inventory.html).
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tocsin.errors import FetchError

__all__ = ["Message", "Stretch", "parse", "quantities", "select", "stretches"]

_RAIN = "lwe_thickness_of_precipitation_amount"
_WIND = ("wind_speed", "wind_from_direction")
ECMWF = {
    "air_temperature": ("2t",), "dew_point_temperature": ("2d",),
    "air_pressure_at_mean_sea_level": ("msl",), "surface_air_pressure": ("sp",),
    "wind_speed_of_gust": ("10fg",), _RAIN: ("tp",), **dict.fromkeys(_WIND, ("10u", "10v")),
}  # fmt: skip
"""Quantity -> ``param`` on the surface."""
WGRIB2 = {
    "air_temperature": ("TMP:2 m above ground",),
    "dew_point_temperature": ("DPT:2 m above ground",),
    "relative_humidity": ("RH:2 m above ground",),
    "air_pressure_at_mean_sea_level": ("PRMSL:mean sea level",),
    "surface_air_pressure": ("PRES:surface",),  # codespell:ignore pres
    "wind_speed_of_gust": ("GUST:surface",),
    "visibility_in_air": ("VIS:surface",), _RAIN: ("APCP:surface",),
    **dict.fromkeys(_WIND, ("UGRD:10 m above ground", "VGRD:10 m above ground")),
}  # fmt: skip
"""Quantity -> variable and level."""
GAP = 64 * 1024
"""So much between two messages is fetched along: another request would cost both sides more."""
_STEP = re.compile(r"(?:(\d+)-)?(\d+) (hour|day) ")


@dataclass(frozen=True, slots=True)
class Message:
    """A message of the file: what it holds, and its bytes."""

    name: str
    run: datetime
    step_h: int
    first: int
    size: int | None
    """None for the last one of a wgrib2 index: it goes to the end of the file."""
    member: int | None = None


@dataclass(frozen=True, slots=True)
class Stretch:
    """Messages that are fetched together: from byte ``first`` to ``last`` (None: the end)."""

    first: int
    last: int | None
    messages: tuple[Message, ...]


def quantities(kind: str) -> tuple[str, ...]:
    """Return what can be asked for by name in an index of this kind."""
    return tuple(_table(kind))


def parse(text: str, kind: str) -> list[Message]:
    """Return all messages in the order of the file.

    Raises
    ------
    FetchError
        A line is not as the format has it: the index is of no use, as is what follows from it.
    """
    lines = [(n, line) for n, line in enumerate(text.splitlines(), 1) if line.strip()]
    if not lines:
        raise FetchError("The index is empty.")
    try:
        if kind == "ecmwf":
            return [_ecmwf(line) for _, line in lines]
        return list(_wgrib2([line for _, line in lines]))
    except (ValueError, KeyError, TypeError, IndexError) as error:
        shown = lines[0][1][:60]
        raise FetchError(
            f"The index is none of the kind {kind} ({type(error).__name__}: {error}); it begins "
            f"{shown!r}."
        ) from None


def select(
    found: Iterable[Message], kind: str, wanted: Sequence[str], numbers: Collection[int] | None
) -> list[Message]:
    """Return the messages that ``wanted`` quantities need, each once; of ``numbers`` where given.

    The control forecast has no number in ECMWF's index and is number 0 here, as in its messages.
    """
    names = {name for quantity in wanted for name in _table(kind)[quantity]}
    chosen = {
        (one.first, one.size): one
        for one in found
        if one.name in names and (numbers is None or (one.member or 0) in numbers)
    }
    return sorted(chosen.values(), key=lambda one: one.first)


def stretches(messages: Sequence[Message]) -> list[Stretch]:
    """Join messages that stand together, or nearly, so that few requests bring them."""
    joined: list[Stretch] = []
    for one in messages:
        last = None if one.size is None else one.first + one.size - 1
        before = joined[-1] if joined else None
        if before and before.last is not None and one.first - before.last - 1 <= GAP:
            end = None if last is None else max(last, before.last)
            joined[-1] = Stretch(before.first, end, (*before.messages, one))
        else:
            joined.append(Stretch(one.first, last, (one,)))
    return joined


def _table(kind: str) -> dict[str, tuple[str, ...]]:
    return ECMWF if kind == "ecmwf" else WGRIB2


def _ecmwf(line: str) -> Message:
    found = json.loads(line)
    run = datetime.strptime(f"{found['date']}{found['time']:0>4}+0000", "%Y%m%d%H%M%z")
    number = found.get("number")
    first, size = int(found["_offset"]), int(found["_length"])
    if first < 0 or size <= 0:
        raise ValueError(f"_offset {first}, _length {size}")
    return Message(
        f"{'' if found['levtype'] == 'sfc' else found['levtype'] + ' '}{found['param']}",
        run.astimezone(UTC), int(str(found["step"]).rpartition("-")[2]), first, size,
        None if number is None else int(number),
    )  # fmt: skip


def _wgrib2(lines: Sequence[str]) -> Iterable[Message]:
    rows = [line.split(":") for line in lines]
    begins = [int(row[1]) for row in rows]
    ends = sorted(set(begins))
    following = dict(zip(ends, [*ends[1:], None], strict=True))
    for row, first in zip(rows, begins, strict=True):
        if not row[2].startswith("d="):
            raise ValueError(f"no date in {':'.join(row)[:60]!r}")
        run = datetime.strptime(f"{row[2][2:]}+0000", "%Y%m%d%H%z").astimezone(UTC)
        after = following[first]
        yield Message(
            f"{row[3]}:{row[4]}",
            run,
            _hours(row[5]),
            first,
            None if after is None else after - first,
        )


def _hours(forecast: str) -> int:
    """Return the step of ``3 hour fcst``, ``0-6 hour acc fcst``, ``0-1 day acc fcst``, ``anl``."""
    found = _STEP.match(forecast)
    if not found:
        return 0
    step = timedelta(**{f"{found[3]}s": int(found[2])})
    return int(step / timedelta(hours=1))
