"""Keeping readings without a database: each value once, corrections with what stood before.

The same promises as the watch's store makes, in memory: for ``tocsin feeds try``, for tests, and as
the plain statement of what "no value lost and none double" means.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tocsin.errors import Fault
from tocsin.intake.feed import Event, Reading, SeriesValues
from tocsin.intake.jumps import OWN, hold_jumps
from tocsin.intake.quality import flag_reading

__all__ = ["Keeper", "Kept"]

_LOOK_BACK = 168
"""Values of the past that new ones are held against: a week of hours."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What one reading added."""

    new: int = 0
    same: int = 0
    corrected: int = 0
    faults: tuple[Fault, ...] = ()


@dataclass
class Keeper:
    """Values by (station, quantity) and time; events by their id."""

    values: dict[tuple[str, str], dict[int, tuple[float, int]]] = field(default_factory=dict)
    before: list[tuple[str, str, int, float]] = field(default_factory=list)
    """Values that were corrected, as they stood."""
    events: dict[tuple[str, str], Event] = field(default_factory=dict)

    def keep(self, reading: Reading) -> Kept:
        """Add what is new, replace what is corrected, pass over what is there."""
        new = same = corrected = 0
        fresh = [self._only_new(one) for one in reading.series]
        flags = flag_reading(fresh)
        faults = hold_jumps(fresh, flags, self._past)
        for one, bits in zip(fresh, flags, strict=True):
            there = self.values.setdefault((one.station, one.quantity), {})
            for time, value, bit in zip(
                one.times.astype(np.int64).tolist(), one.values.tolist(), bits.tolist(), strict=True
            ):
                if time in there:
                    self.before.append((one.station, one.quantity, time, there[time][0]))
                    corrected += 1
                else:
                    new += 1
                there[time] = (value, bit)
        same = sum(one.times.size for one in reading.series) - new - corrected
        for event in reading.events:
            key = (event.kind, event.id)
            known = self.events.get(key)
            if known is None:
                new += 1
            elif event == known:
                same += 1
            else:
                corrected += 1
            self.events[key] = event
        return Kept(new, same, corrected, tuple(faults))

    def _only_new(self, one: SeriesValues) -> SeriesValues:
        """Return the part of a series that is not there yet or says something else now."""
        there = self.values.get((one.station, one.quantity), {})
        rows = [
            n
            for n, (time, value) in enumerate(
                zip(one.times.astype(np.int64).tolist(), one.values.tolist(), strict=True)
            )
            if time not in there or not _alike(there[time][0], value)
        ]
        return SeriesValues(
            one.station, one.quantity, one.unit, one.times[rows], one.values[rows], one.flags[rows]
        )

    def _past(self, station: str, quantity: str) -> NDArray[np.float64]:
        there = self.values.get((station, quantity), {})
        good = [value for _, (value, bits) in sorted(there.items()) if not bits & ~int(OWN)]
        return np.array(good[-_LOOK_BACK:], np.float64)


def _alike(before: float, after: float) -> bool:
    """Whether a value is the one that is there; "no value" after a value says nothing new."""
    return after == before or np.isnan(after)
