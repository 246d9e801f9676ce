"""The event sum over a sparse matrix, one pass, no matrix in between."""

from __future__ import annotations

from typing import Any

import numpy as np

from tocsin.indicators.kernels import kernel

__all__ = ["sum_curve", "sum_sigmoid"]

# Both run over events [first, last) and add, for each entry, what it does beyond the ratio at
# intensity 0: to its event by the value at the point, to its point by the event's frequency.
# starts, points, intensity: the rows of a CSR matrix; points unsigned, so that numba does not look
# for negative ones. shares: of each entry's surface that is hit, empty for all of it. value is 0
# where a point is not ``used``: there a NaN is nobody's.


@kernel
def sum_curve(
    first: int, last: int, starts: Any, points: Any, intensity: Any, shares: Any, frequency: Any,
    value: Any, used: Any, x: Any, pieces: Any, hint: Any, at_event: Any, per_value: Any,
) -> None:  # fmt: skip
    """Add the entries of a curve with the knots ``x``.

    ``pieces`` (knot + 1, 3) holds the parabola between two knots, in the distance from the lower
    one; the last but one is what holds above all knots, the last what holds below. ``hint`` is the
    knot below each bucket of the range.
    """
    end = x.size - 1
    low, high = x[0], x[end]
    width = hint.size / (high - low) if high > low else 0.0
    for event in range(first, last):
        total, often = 0.0, frequency[event]
        for k in range(starts[event], starts[event + 1]):
            point, v = points[k], float(intensity[k])
            if v >= high:
                ratio = pieces[end, 0]
            elif v >= low:
                n = hint[min(np.uint64((v - low) * width), np.uint64(hint.size - 1))]
                while x[n + np.uint64(1)] <= v:  # ends: v is below the last knot
                    n += np.uint64(1)
                d = v - x[n]
                ratio = pieces[n, 0] + d * (pieces[n, 1] + d * pieces[n, 2])
            elif v < low:
                ratio = pieces[end + 1, 0]
            elif used[point]:
                ratio = np.nan
            else:
                continue
            if shares.size:
                ratio *= shares[k]
            total += ratio * value[point]
            per_value[point] += ratio * often
        at_event[event] += total


@kernel
def sum_sigmoid(
    first: int, last: int, starts: Any, points: Any, intensity: Any, shares: Any, frequency: Any,
    value: Any, used: Any, threshold: float, span: float, scale: float, at_event: Any,
    per_value: Any,
) -> None:  # fmt: skip
    """Add the entries of Emanuel's sigmoid, which is 0 at intensity 0."""
    for event in range(first, last):
        total, often = 0.0, frequency[event]
        for k in range(starts[event], starts[event + 1]):
            point, v = points[k], float(intensity[k])
            if v <= threshold or (v != v and not used[point]):
                continue
            part = (v - threshold) / span
            ratio = scale * (1.0 - 1.0 / (1.0 + part * part * part))
            if shares.size:
                ratio *= shares[k]
            total += ratio * value[point]
            per_value[point] += ratio * often
        at_event[event] += total
