"""A feed that changes its unit overnight: found by the values, held for review.

A feed that was set up for degF and one morning sends degC gives values that are possible, only
wrong, and a region's warnings with them. The test asks of each series: did the middle of the new
values move away from the middle of the past ones by far more than they scatter, does reading them
in another unit of the same kind bring them back, and is the very first new value, read so, where
the last old one was? Weather moves by degrees; a unit moves all at once. Where most series of a
feed say the same, those that jumped are held.

The watch asks in this order: ``suspects`` of all series at once, ``moved`` of each suspect with a
week of its past, ``agreed`` of the feed.

All numbers here are our own choice. ``tests/intake/test_jumps.py`` says what they do to a year of
real weather: how many honest values are held, and how many changed units are found. Sums such as
rain are not judged: they are zero most of the time, and in a storm the middle leaps.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin.intake.quality import Flag
from tocsin.intake.quantities import QUANTITIES
from tocsin.units import convert

__all__ = [
    "LEAST_AFTER",
    "LEAST_BEFORE",
    "OWN",
    "Jump",
    "agreed",
    "moved",
    "reread",
    "suspects",
    "unit_jump",
]

_FLOAT = NDArray[np.float64]

OWN = Flag.STEP | Flag.RANGE | Flag.INCONSISTENT
"""Flags that a changed unit itself causes: such values are judged all the same."""
LEAST_BEFORE, LEAST_AFTER = 24, 3
"""Values that a judgement needs: a day of the past, and the last three. Of a feed that brings one
value an hour the first two are therefore kept unheld."""
FAR = 4.0
"""Robust standard deviations that the middle must have moved by."""
NEAR = 2.0
"""Robust standard deviations within which the other unit must bring it back."""
STEP = 1.0
"""Robust standard deviations between the last old and the first new value, read so."""
MOST = 0.5
"""Share of a feed's judged series of one quantity that must have jumped alike."""

UNITS: dict[str, tuple[str, ...]] = {
    "degC": ("degC", "degF", "K"),
    "m s-1": ("m s-1", "km/h", "knot", "mph"),
    "hPa": ("hPa", "Pa", "inHg", "kPa"),
    "km": ("km", "m", "mile"),
    "m": ("m", "foot", "cm"),
    "m3 s-1": ("m3 s-1", "ft3/s"),
    "%": ("%", "1"),
    "cm": ("cm", "m", "inch"),
    "ug m-3": ("ug m-3", "mg m-3"),
    "ppb": ("ppb", "ppm"),
}
"""Canonical unit -> units in which the same quantity is sent."""
LEAPING = {"m s-1", "km"}
"""Canonical units of what leaps by itself: a squall looks like m/s become km/h, fog like km become
miles. One station alone is never judged by them."""
FLOOR = {"degC": 1.0, "m s-1": 0.5, "hPa": 2.0, "km": 0.5, "%": 5.0, "m": 0.05}
"""The least scatter that is believed: a quiet week is no proof."""


@dataclass(frozen=True, slots=True)
class Jump:
    """Values that look as if ``sent`` had been read as ``taken``."""

    taken: str
    sent: str
    before: float
    after: float


def unit_jump(quantity: str, before: _FLOAT, after: _FLOAT) -> Jump | None:
    """Return the change of unit that explains how values moved, None where none does.

    Parameters
    ----------
    quantity : str
        CF standard name.
    before, after : array of float
        Past and new values in the canonical unit, in order of time; NaN is passed over.

    Raises
    ------
    KeyError
        No such quantity.
    """
    unit = QUANTITIES[quantity].unit
    before, after = before[np.isfinite(before)], after[np.isfinite(after)]
    sums = QUANTITIES[quantity].cell_method == "sum"  # mostly zero: their middle says nothing
    if sums or unit not in UNITS or before.size < LEAST_BEFORE or after.size < LEAST_AFTER:
        return None
    middle = float(np.median(before))
    scatter = 1.4826 * float(np.median(np.abs(before - middle)))
    scatter = max(scatter, FLOOR.get(unit, 0.05 * abs(middle)), 1e-9)
    now = float(np.median(after))
    if abs(now - middle) < FAR * scatter:
        return None
    best: tuple[float, Jump] | None = None
    for taken in UNITS[unit]:
        for sent in UNITS[unit]:
            if taken == sent:
                continue
            meant = reread(after, unit, taken, sent)
            off = abs(float(np.median(meant)) - middle)
            apart = abs(float(meant[0]) - float(before[-1]))
            if off > NEAR * scatter or apart > STEP * scatter:
                continue
            if best is None or off < best[0]:
                best = (off, Jump(taken, sent, middle, now))
    return best[1] if best else None


def moved(quantity: str, past: _FLOAT, good: _FLOAT) -> tuple[Jump, int] | None:
    """Return the change of unit that new values of a series tell of, and how many it began before.

    Parameters
    ----------
    quantity : str
        CF standard name.
    past, good : array of float
        What was kept before and the new good values, in the canonical unit, in order of time.

    Returns
    -------
    (Jump, int) or None
        Values that come one by one are judged together with those that came just before: the number
        says how many of the past ones had moved already. None where nothing jumped, and where there
        are fewer values than :data:`LEAST_BEFORE` and :data:`LEAST_AFTER`.
    """
    lent = max(LEAST_AFTER - good.size, 0)
    if not good.size or past.size - lent < LEAST_BEFORE:
        return None
    after = np.concatenate((past[past.size - lent :], good))
    before = past[: past.size - lent]
    jump = unit_jump(quantity, before, after)
    return None if jump is None or _is_back(before, after, good) else (jump, lent)


def suspects(quantity: str, before: _FLOAT, first: _FLOAT, middle: _FLOAT) -> NDArray[np.bool_]:
    """Return which of many series :func:`moved` has to look at: none that it would name is missed.

    A jump needs that, read in the other unit, the middle of the new values comes nearer by twice
    the scatter and the first one lands within one scatter of the last old one; so the first lands
    within half of what the other unit moves the middle by, however large the scatter.

    Parameters
    ----------
    quantity : str
        CF standard name.
    before, first, middle : array of float, shape (n,)
        The last old value, the first new one and the middle of the new ones.
    """
    unit = QUANTITIES[quantity].unit
    found = np.zeros(before.shape, np.bool_)
    if QUANTITIES[quantity].cell_method == "sum" or unit not in UNITS:
        return found
    for taken in UNITS[unit]:
        for sent in UNITS[unit]:
            if taken != sent:
                off = np.abs(reread(middle, unit, taken, sent) - middle)
                apart = np.abs(reread(first, unit, taken, sent) - before)
                # A hair of slack: what rounding adds must not hide a jump.
                found |= (apart <= 0.5001 * off) & (off >= 1.9999 * FLOOR.get(unit, 0.0))
    return found


def reread(values: _FLOAT, unit: str, taken: str, sent: str) -> _FLOAT:
    """Return values, any shape, kept in ``unit``, as they are if ``sent`` was taken for ``taken``.

    Raises
    ------
    UnitError
        The three are not units of one kind.
    """
    return np.asarray(convert(convert(values, unit, taken), sent, unit), np.float64)


def agreed(quantity: str, jumped: int, judged: int) -> bool:
    """Whether so many of a feed's judged series of one quantity make a change of its unit."""
    alone = judged == 1 and QUANTITIES[quantity].unit in LEAPING
    return not alone and jumped >= max(1, MOST * judged)


def _is_back(before: _FLOAT, after: _FLOAT, new: _FLOAT) -> bool:
    """Whether the new values themselves are again nearer to the past than to the jump."""
    there, then, now = np.median(new), np.median(before), np.median(after)
    return bool(abs(there - then) < abs(there - now))
