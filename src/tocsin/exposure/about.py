"""How an estimated number is said to people: to two significant digits, and never to nothing.

The rule, stated once for sentences, messages and pages:

* a number below 100 is said as a whole number;
* a larger one is rounded to its two leading digits, half away from zero: 41,499 is about 41,000;
* of a number that is known in part only, the known part is a lower bound, "at least", and rounded
  down, so that the sentence stays true;
* a number above 0 and below 1 is said as 1: somebody is concerned.

Counts of things (12 schools) are not rounded. The table beside a sentence has the whole number.
"""

from __future__ import annotations

import math

__all__ = ["DIGITS", "about"]

DIGITS = 2


def about(value: float, *, down: bool = False) -> int:
    """Return a number as it is said; ``down`` for a lower bound.

    >>> about(41_499), about(41_500), about(1_155_000), about(99.4), about(0.2)
    (41000, 42000, 1200000, 99, 1)
    >>> about(41_999, down=True), about(0.0)
    (41000, 0)

    Raises
    ------
    ValueError
        NaN, or less than 0.
    """
    if not (value >= 0 and math.isfinite(value)):
        raise ValueError(f"{value} is no number of anything; say that it is unknown instead.")
    if 0 < value < 1:
        return 1
    step: int = 10 ** max(len(str(int(value))) - DIGITS, 0)
    steps = value / step
    return int(math.floor(steps + 1e-9) if down else math.floor(steps + 0.5)) * step
