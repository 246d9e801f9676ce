"""Was it right: counts of hits and misses, the scores made of them, and how sure they are.

Definitions and names follow the WMO's Joint Working Group on Forecast Verification Research
(WWRP/WGNE), *Forecast Verification: Issues, Methods and FAQ*, "Methods for dichotomous forecasts"
and "Methods for probabilistic forecasts", and Wilks (2011), *Statistical Methods in the
Atmospheric Sciences*, 3rd ed., ch. 8. A score whose denominator is zero is NaN: it is not known.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tocsin.errors import ShapeError

__all__ = ["Interval", "Reliability", "Table", "bootstrap", "brier", "reliability", "table_of"]

NAN = float("nan")


def _ratio(above: float, below: float) -> float:
    return above / below if below else NAN


@dataclass(frozen=True, slots=True)
class Table:
    """The two-by-two table. ``correct_negatives`` is None where quiet is not countable.

    Warnings against events have no natural count of the times when nothing was warned and nothing
    happened; hours against hours have. The scores that need it are NaN without it.
    """

    hits: float
    misses: float
    false_alarms: float
    correct_negatives: float | None = None

    @property
    def pod(self) -> float:
        """Probability of detection (hit rate): warned events / events. 0 to 1, best 1."""
        return _ratio(self.hits, self.hits + self.misses)

    @property
    def far(self) -> float:
        """False alarm ratio: warnings without an event / warnings. 0 to 1, best 0."""
        return _ratio(self.false_alarms, self.hits + self.false_alarms)

    @property
    def csi(self) -> float:
        """Critical success index (threat score): hits / all but quiet. 0 to 1, best 1."""
        return _ratio(self.hits, self.hits + self.misses + self.false_alarms)

    @property
    def bias(self) -> float:
        """Frequency bias: warnings / events. Best 1; above it, warned more often than needed."""
        return _ratio(self.hits + self.false_alarms, self.hits + self.misses)

    @property
    def pofd(self) -> float:
        """Probability of false detection: false alarms / quiet. 0 to 1, best 0."""
        if self.correct_negatives is None:
            return NAN
        return _ratio(self.false_alarms, self.false_alarms + self.correct_negatives)

    @property
    def pss(self) -> float:
        """Peirce (Hanssen and Kuipers) skill score: POD - POFD. -1 to 1, no skill 0."""
        return self.pod - self.pofd

    @property
    def hss(self) -> float:
        """Heidke skill score: right answers beyond those by chance. No skill 0, best 1."""
        if self.correct_negatives is None:
            return NAN
        a, b, c, d = self.hits, self.false_alarms, self.misses, self.correct_negatives
        return _ratio(2 * (a * d - b * c), (a + c) * (c + d) + (a + b) * (b + d))

    @property
    def ets(self) -> float:
        """Equitable threat (Gilbert skill) score: CSI without the hits by chance."""
        if self.correct_negatives is None:
            return NAN
        whole = self.hits + self.misses + self.false_alarms + self.correct_negatives
        chance = _ratio((self.hits + self.misses) * (self.hits + self.false_alarms), whole)
        return _ratio(self.hits - chance, self.hits + self.misses + self.false_alarms - chance)

    def __add__(self, other: Table) -> Table:
        """Return both tables counted as one."""
        quiet = (
            None
            if self.correct_negatives is None or other.correct_negatives is None
            else self.correct_negatives + other.correct_negatives
        )
        return Table(
            self.hits + other.hits,
            self.misses + other.misses,
            self.false_alarms + other.false_alarms,
            quiet,
        )


def table_of(warned: ArrayLike, happened: ArrayLike, known: ArrayLike | None = None) -> Table:
    """Count two boolean arrays of one shape, cell by cell; cells not ``known`` are left out.

    For hours against hours, where quiet can be counted.

    Raises
    ------
    ShapeError
        The shapes differ.
    """
    warned, happened = np.asarray(warned, np.bool_), np.asarray(happened, np.bool_)
    known = np.ones(warned.shape, np.bool_) if known is None else np.asarray(known, np.bool_)
    if not warned.shape == happened.shape == known.shape:
        raise ShapeError(
            f"table_of() got warned {warned.shape}, happened {happened.shape}, known "
            f"{known.shape}; expected one shape"
        )
    return Table(
        hits=int((warned & happened & known).sum()),
        misses=int((~warned & happened & known).sum()),
        false_alarms=int((warned & ~happened & known).sum()),
        correct_negatives=int((~warned & ~happened & known).sum()),
    )


@dataclass(frozen=True, slots=True)
class Interval:
    """A score with its bootstrap interval; NaN ends where too few draws gave a number."""

    value: float
    low: float
    high: float


def bootstrap(
    blocks: Sequence[Table],
    score: Callable[[Table], float],
    *,
    draws: int = 1000,
    confidence: float = 0.95,
    seed: int = 1,
) -> Interval:
    """Return a score over all blocks with a percentile interval, drawing whole blocks anew.

    Hours of one storm are not independent, so a block should be an episode or a day, not an hour
    (Wilks 2011, section 5.3.5). The same seed gives the same interval. With fewer than two blocks,
    or where fewer than half of the draws give a number, the ends are NaN.

    Raises
    ------
    ValueError
        ``confidence`` is no share between 0 and 1.
    """
    if not 0 < confidence < 1:
        raise ValueError(f"confidence {confidence}: write a share between 0 and 1, 0.95")
    whole = sum(blocks, Table(0, 0, 0, 0)) if blocks else Table(0, 0, 0)
    value = score(whole)
    if len(blocks) < 2:
        return Interval(value, NAN, NAN)
    counts = np.array(
        [
            [b.hits, b.misses, b.false_alarms, NAN if (q := b.correct_negatives) is None else q]
            for b in blocks
        ]
    )
    rng = np.random.default_rng(seed)
    picks = rng.multinomial(len(blocks), np.full(len(blocks), 1 / len(blocks)), size=draws)
    sums = picks @ counts
    scores = np.array(
        [score(Table(h, m, f, None if np.isnan(q) else q)) for h, m, f, q in sums.tolist()]
    )
    scores = scores[~np.isnan(scores)]
    if scores.size < draws / 2:
        return Interval(value, NAN, NAN)
    tail = (1 - confidence) / 2
    low, high = np.quantile(scores, [tail, 1 - tail])
    return Interval(value, float(low), float(high))


@dataclass(frozen=True, slots=True)
class Reliability:
    """Forecast probabilities in bins: mean forecast, how often it happened, and how many.

    Arrays (bin,); NaN in an empty bin. ``edges`` has one more.
    """

    edges: NDArray[np.float64]
    forecast: NDArray[np.float64]
    happened: NDArray[np.float64]
    count: NDArray[np.int64]


def _probabilities(
    probability: ArrayLike, happened: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    p, o = np.asarray(probability, np.float64).ravel(), np.asarray(happened).ravel()
    if p.shape != o.shape:
        raise ShapeError(f"got {p.size} probabilities and {o.size} outcomes; expected as many")
    if ((p < 0) | (p > 1)).any():
        worst = p[(p < 0) | (p > 1)][0]
        raise ValueError(f"probability {worst:g} lies outside 0 to 1; give a share, not percent")
    known = ~np.isnan(p)
    return p[known], o[known].astype(np.float64)


def reliability(probability: ArrayLike, happened: ArrayLike, bins: int = 10) -> Reliability:
    """Return the points of a reliability diagram: whether 3 of 10 forecasts of 30 % came true.

    ``probability`` (case,) 0 to 1, NaN left out, and ``happened`` (case,) 0 or 1; the upper edge
    belongs to the bin above, 1 to the last.

    Raises
    ------
    ShapeError
        Not one outcome for each probability.
    ValueError
        A probability outside 0 to 1.
    """
    p, o = _probabilities(probability, happened)
    edges = np.linspace(0, 1, bins + 1)
    which = np.minimum(np.searchsorted(edges, p, side="right") - 1, bins - 1)
    count = np.bincount(which, minlength=bins)
    with np.errstate(invalid="ignore"):
        forecast = np.bincount(which, p, bins) / count
        frequency = np.bincount(which, o, bins) / count
    return Reliability(edges, forecast, frequency, count)


def brier(probability: ArrayLike, happened: ArrayLike) -> float:
    """Return the Brier score, the mean squared error of probabilities: best 0, NaN without any.

    Parameters and errors are those of :func:`reliability`.
    """
    p, o = _probabilities(probability, happened)
    return float(np.mean((p - o) ** 2)) if p.size else NAN
