"""Many events over many points: impact of each event, expected impact at each point.

    impact(event) = sum over points of value x ratio(intensity(event, point))
    expected(point) = sum over events of frequency x value x ratio(intensity(event, point))

The same sums as CLIMADA's ``ImpactCalc`` (Aznar-Siguan and Bresch 2019, Geosci. Model Dev. 12,
3085-3097), without the matrices in between. With yearly frequencies the expected impact is a year's
mean; with the members of an ensemble as events and 1 / members as frequency it is the forecast's.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tocsin.errors import ShapeError, UnitError
from tocsin.units import convert, same_dimension

from ._event_kernels import sum_curve, sum_sigmoid
from .vulnerability import Sigmoid, Vulnerability

if TYPE_CHECKING:
    from scipy.sparse import csr_array

__all__ = ["Hazard", "Impacts", "event_sum"]

PARTS = 4  # of the events; fixed, so that sums do not depend on the number of processors
BUCKETS = 512  # of a curve's range, to find the knot without a search
WORTH_THREADS = 200_000  # entries: below, starting threads costs more than they save


@dataclass(frozen=True, slots=True)
class Hazard:
    """Intensities of events at points, sparse: what is not stored is intensity 0, not unknown.

    ``frequency`` (event,) is how often in the time that is asked about, a year as a rule, or the
    probability of the event; ``unit`` is that of the intensity. ``fraction`` is the share of each
    place that is hit, stored for the same entries; all of it if not given. With it, what is not
    stored is not hit at all, whatever a curve says of intensity 0.
    """

    intensity: csr_array
    frequency: NDArray[np.float64]
    unit: str
    fraction: csr_array | None = None

    def __post_init__(self) -> None:
        events = self.intensity.shape[0]
        if self.intensity.format != "csr":
            raise ShapeError(f"Hazard() got a {self.intensity.format} matrix; call .tocsr() first.")
        if self.frequency.shape != (events,):
            raise ShapeError(
                f"Hazard() got {self.frequency.shape} frequencies for {events} events; one each."
            )
        if not (self.frequency >= 0).all():  # also false for NaN
            worst = self.frequency[~(self.frequency >= 0)][0]
            raise ShapeError(f"Hazard() got the frequency {worst}; give numbers of 0 or more.")

        if self.fraction is not None and not (
            self.fraction.shape == self.intensity.shape
            and np.array_equal(self.fraction.indptr, self.intensity.indptr)
            and np.array_equal(self.fraction.indices, self.intensity.indices)
        ):
            raise ShapeError(
                "Hazard() got a fraction stored for other entries than the intensity; sort both "
                "(sort_indices) and store zeros where one has them."
            )

    @classmethod
    def of_members(cls, intensity: ArrayLike, unit: str) -> Hazard:
        """Return the members of an ensemble (member, point) as equally probable events.

        Raises
        ------
        ShapeError
            Another shape, or no member.
        """
        from scipy.sparse import csr_array

        dense = np.asarray(intensity, np.float64)
        if dense.ndim != 2 or not len(dense):
            raise ShapeError(f"of_members() got {dense.shape}; expected (member, point).")
        return cls(csr_array(dense), np.full(len(dense), 1 / len(dense)), unit)


@dataclass(frozen=True, slots=True)
class Impacts:
    """What :func:`event_sum` found, in the unit of the values.

    ``at_event`` (event,) is NaN where an intensity at a point of value is NaN: not known.
    ``expected_at`` (point,) is NaN where the value, its place or an intensity is not known;
    ``expected`` sums the others. ``left_out`` counts points whose value or place is not known: they
    are in no sum.
    """

    at_event: NDArray[np.float64]
    expected_at: NDArray[np.float64]
    expected: float
    left_out: int
    frequency: NDArray[np.float64]

    def at_least(self, limit: float) -> float:
        """Return how often (of members: how probable) impacts of ``limit`` or more are.

        NaN if an event's impact is not known: it could be one of them.
        """
        if np.isnan(self.at_event[self.frequency > 0]).any():
            return float("nan")
        return float(self.frequency[self.at_event >= limit].sum())


def event_sum(
    hazard: Hazard,
    values: ArrayLike,
    curves: Vulnerability | Mapping[int, Vulnerability],
    *,
    curve_of: ArrayLike | None = None,
    place_of: ArrayLike | None = None,
    threads: int | None = None,
) -> Impacts:
    """Sum events over exposed points.

    Parameters
    ----------
    hazard : Hazard (event, place)
    values : array-like (point,)
        What is exposed; NaN where it is not known.
    curves : Curve, Sigmoid, or mapping of number to one
        In the hazard's unit.
    curve_of : array-like of int (point,), optional
        The number of each point's curve; not needed if there is one curve.
    place_of : array-like of int (point,), optional
        The column of the hazard in which each point lies, -1 where the hazard says nothing; the
        point's own number if not given.
    threads : int, optional
        All processors where there is enough to do, if not given. The numbers do not depend on it.

    Raises
    ------
    ShapeError
        Lengths do not fit, or a column or curve does not exist.
    UnitError
        A curve is in another unit than the hazard.
    """
    value = np.ascontiguousarray(values, np.float64)
    found = dict(curves) if isinstance(curves, Mapping) else {0: curves}
    place, which = _pointers(hazard, value, found, curve_of, place_of)
    at_event = np.zeros(hazard.intensity.shape[0])
    expected_at = np.zeros(value.size)
    known = np.isfinite(value) & (place >= 0)
    for number in found:
        asked = (which == number) & known
        if not asked.any():
            continue
        places = hazard.intensity.shape[1]
        summed = np.bincount(place[asked], value[asked], places)
        used = np.bincount(place[asked], minlength=places) > 0
        events, per_value = _sum(hazard, found[number], summed, used, threads)
        at_event += events
        expected_at[asked] = value[asked] * per_value[place[asked]]
    expected = float(expected_at[known].sum())
    expected_at[~known] = np.nan
    return Impacts(at_event, expected_at, expected, int((~known).sum()), hazard.frequency)


def _pointers(
    hazard: Hazard, value: Any, curves: Mapping[int, Vulnerability], curve_of: Any, place_of: Any
) -> tuple[Any, Any]:
    """Return each point's column and the number of its curve, checked."""
    for curve in curves.values():
        if not _same_unit(curve.unit, hazard.unit):
            raise UnitError(
                f"The curve for {curve.hazard} is in {curve.unit}, the hazard in {hazard.unit}; "
                "convert the intensities: tocsin.units.convert."
            )
    places = hazard.intensity.shape[1]
    place = np.arange(value.size) if place_of is None else np.asarray(place_of, np.int64)
    if value.ndim != 1 or place.shape != value.shape or (place_of is None and value.size != places):
        raise ShapeError(
            f"event_sum() got {value.shape} values for {places} places of the hazard; give one "
            "each, or place_of with the column of each value."
        )
    if place.size and not (place.min() >= -1 and place.max() < places):
        raise ShapeError(f"place_of goes from {place.min()} to {place.max()}, of {places} columns.")
    if curve_of is None and len(curves) > 1:
        raise ShapeError(f"There are {len(curves)} curves; say which is each point's: curve_of.")
    which = np.full(value.size, next(iter(curves), 0)) if curve_of is None else np.asarray(curve_of)
    unknown = sorted(set(np.unique(which).tolist()) - set(curves))
    if which.shape != value.shape or unknown:
        raise ShapeError(
            f"curve_of is {which.shape} for {value.shape} values and names the curves {unknown} "
            f"that there are not; there are {sorted(curves)}."
        )
    return place, which


def _same_unit(one: str, other: str) -> bool:
    """Return whether two spellings mean one unit: m/s and m s-1, not m/s and km/h."""
    if one == other:
        return True
    return same_dimension(one, other) and convert([0.0, 1.0], one, other).tolist() == [0.0, 1.0]


def _sum(hazard: Hazard, curve: Vulnerability, value: Any, used: Any, threads: int | None) -> Any:
    """Return impacts of events (event,) and expected impact a unit of value (place,)."""
    matrix, often = hazard.intensity, np.ascontiguousarray(hazard.frequency, np.float64)
    at_event = np.zeros(matrix.shape[0])
    base = float(curve.ratio(0.0)) if hazard.fraction is None else 0.0
    shares = np.empty(0) if hazard.fraction is None else hazard.fraction.data
    loop, numbers = _prepared(curve, base)
    borders = np.searchsorted(matrix.indptr, np.linspace(0, matrix.nnz, PARTS + 1)[1:-1])
    cuts = [0, *np.maximum.accumulate(borders).tolist(), matrix.shape[0]]
    parts = np.zeros((PARTS, matrix.shape[1]))
    points = matrix.indices.view(np.uint32 if matrix.indices.itemsize == 4 else np.uint64)

    def run(part: int) -> None:
        loop(
            cuts[part], cuts[part + 1], matrix.indptr, points, matrix.data, shares, often,
            value, used, *numbers, at_event, parts[part],
        )  # fmt: skip

    wanted = threads or (os.cpu_count() or 1 if matrix.nnz >= WORTH_THREADS else 1)
    if wanted == 1:
        for part in range(PARTS):
            run(part)
    else:
        with ThreadPoolExecutor(min(wanted, PARTS)) as pool:
            list(pool.map(run, range(PARTS)))
    # What intensity 0 does everywhere; the loop has added only what goes beyond it.
    return at_event + base * value.sum(), parts.sum(axis=0) + base * often.sum()


def _prepared(curve: Vulnerability, base: float) -> tuple[Any, tuple[Any, ...]]:
    """Return the loop of a curve and its numbers."""
    if isinstance(curve, Sigmoid):
        return sum_sigmoid, (curve.threshold, curve.half - curve.threshold, curve.scale)
    x, damage = np.array(curve.intensity), np.array(curve.damage)
    affected = np.ones(x.size) if curve.affected is None else np.array(curve.affected)
    steps = np.diff(x)
    with np.errstate(divide="ignore", invalid="ignore"):
        rise, more = np.where(steps > 0, np.diff([damage, affected], axis=1) / steps, 0.0)
    # Two straight lines multiplied: a parabola between each two knots, a constant beyond the ends.
    pieces = np.zeros((x.size + 1, 3))
    pieces[:-1, 0], pieces[-1, 0] = damage * affected - base, damage[0] * affected[0] - base
    pieces[:-2, 1] = rise * affected[:-1] + more * damage[:-1]
    pieces[:-2, 2] = rise * more
    bucket = (x[-1] - x[0]) / BUCKETS
    # A little early, against rounding: the loop walks on over a knot in its bucket, never back.
    left = x[0] + bucket * (np.arange(BUCKETS) - 1e-6)
    hint = np.clip(np.searchsorted(x, left, side="right") - 1, 0, max(x.size - 2, 0))
    return sum_curve, (x, pieces, hint.astype(np.uint64))
