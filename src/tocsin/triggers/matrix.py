"""Impact-based levels: how likely times how bad, by a matrix that is data.

The idea is that of the WMO Guidelines on Multi-hazard Impact-based Forecast and Warning Services
(WMO-No. 1150, 2015; Part II, 2021): a warning's level follows from the likelihood and the severity
of impacts. Which cell has which level is each service's own decision: there is no matrix here, a
region gives its own, with its source.
"""

from __future__ import annotations

import itertools
from typing import Annotated, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

from tocsin.errors import ShapeError
from tocsin.triggers.level import Level, Text

__all__ = ["ROUNDING", "Class", "Matrix"]

WORDS = {level.word: level for level in Level}
ROUNDING = 1e-9
"""Three members of ten are a probability of 0.3, whatever their sum has lost."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Class(_Strict):
    """A row or a column: its name and the number from which on it holds."""

    name: Text
    at_least: float = Field(gt=0)


class Matrix(_Strict):
    """Levels by likelihood (rows, rising) and impact (columns, rising).

    What is less likely than the first row, or has less impact than the first column, has no level.
    """

    impact_of: str = Field(min_length=1, description="what the impact counts: people, value lost")
    source: str = Field(min_length=1, description="who decided this matrix, when")
    likelihood: Annotated[tuple[Class, ...], Field(min_length=1)]
    impact: Annotated[tuple[Class, ...], Field(min_length=1)]
    levels: tuple[tuple[str, ...], ...] = Field(description="a row for each likelihood: 'yellow'")

    @model_validator(mode="after")
    def _sound(self) -> Self:
        for name, classes in (("likelihood", self.likelihood), ("impact", self.impact)):
            limits = [one.at_least for one in classes]
            if any(b <= a for a, b in itertools.pairwise(limits)):
                raise ValueError(
                    f"{name}: the classes begin at {limits}; each above the one before."
                )
        if self.likelihood[-1].at_least > 1:
            raise ValueError(
                f"likelihood: {self.likelihood[-1].at_least:g} is more than certain; write shares, "
                "0.6 for 60 %."
            )
        rows, columns = len(self.likelihood), len(self.impact)
        if len(self.levels) != rows or any(len(row) != columns for row in self.levels):
            raise ValueError(
                f"levels: {[len(row) for row in self.levels]} cells in {len(self.levels)} rows; "
                f"expected {rows} rows of {columns}."
            )
        for row in self.levels:
            for word in row:
                if word not in WORDS:
                    raise ValueError(f"levels: {word!r} is no level; write {', '.join(WORDS)}.")
        self._rises()
        return self

    def _rises(self) -> None:
        """Refuse a matrix that can never warn, or in which more risk means a lower level."""
        table = self._table[1:, 1:]
        if not table.any():
            raise ValueError("levels: no cell has a level; such a matrix never warns.")
        for axis, name in enumerate(("likelihood", "impact")):
            falls = np.argwhere(np.diff(table, axis=axis) < 0)
            if falls.size:
                row, column = falls[0].tolist()
                raise ValueError(
                    f"levels: with more {name} the level falls after row {row + 1}, column "
                    f"{column + 1} ({self.levels[row][column]})."
                )

    @property
    def _table(self) -> NDArray[np.int8]:
        """The levels, with a row and a column of none for what is below the first class."""
        table = np.zeros((len(self.likelihood) + 1, len(self.impact) + 1), np.int8)
        table[1:, 1:] = [[WORDS[word] for word in row] for row in self.levels]
        return table

    def levels_at(
        self, likelihood: ArrayLike, impact: ArrayLike
    ) -> tuple[NDArray[np.int8], NDArray[np.bool_]]:
        """Return the level (any shape) of each pair, and where it is known.

        Parameters
        ----------
        likelihood : array-like
            Probability, 0 to 1, that an impact as large as ``impact`` or larger happens.
        impact : array-like, broadcastable
            In the unit of the matrix.

        Raises
        ------
        ValueError
            A probability lies outside 0 to 1.
        """
        p, size = np.broadcast_arrays(
            np.asarray(likelihood, np.float64), np.asarray(impact, np.float64)
        )
        if ((p < -ROUNDING) | (p > 1 + ROUNDING)).any():
            worst = p[(p < -ROUNDING) | (p > 1 + ROUNDING)][0]
            raise ValueError(f"likelihood {worst:g} lies outside 0 to 1; give a share, not percent")
        known = ~(np.isnan(p) | np.isnan(size))
        rows = _class_of(p, self.likelihood, ROUNDING)
        columns = _class_of(size, self.impact, 0.0)
        return np.where(known, self._table[rows, columns], np.int8(0)), known

    def likelihood_of(self, probability: float) -> int | None:
        """Return the number of the row a probability is in, from 0; None below the first."""
        row = int(_class_of(np.array(probability), self.likelihood, ROUNDING))
        return row - 1 if row else None

    def level(self, likelihood: float, impact: float) -> Level | None:
        """Return the level of one pair; None where either is NaN: it is not known."""
        levels, known = self.levels_at(likelihood, impact)
        return Level(int(levels)) if known else None

    def level_of(self, impacts: ArrayLike, weights: ArrayLike | None = None) -> Level | None:
        """Return the level of a forecast whose members have these impacts.

        For each class of impact the probability of reaching it is looked up; the highest level
        counts. So a small chance of a disaster warns even where the mean impact is slight.

        Parameters
        ----------
        impacts : array-like (member,)
        weights : array-like (member,), optional
            Probabilities of the members; equal ones if not given. They may sum to less than 1, the
            rest being no impact.

        Raises
        ------
        ShapeError
            Not one row of members, or other weights than members.
        """
        size = np.asarray(impacts, np.float64)
        share = np.full(size.shape, 1 / max(size.size, 1))
        share = share if weights is None else np.asarray(weights, np.float64)
        if size.ndim != 1 or share.shape != size.shape:
            raise ShapeError(
                f"level_of() got impacts {size.shape} and weights {share.shape}; expected as many"
            )
        if not size.size or np.isnan(size).any():
            return None
        limits = np.array([one.at_least for one in self.impact])
        reached = (size[None, :] >= limits[:, None]) @ share
        levels, _ = self.levels_at(reached, limits)
        return Level(int(levels.max()))


def _class_of(
    values: NDArray[np.float64], classes: tuple[Class, ...], slack: float
) -> NDArray[np.int64]:
    """Return the number of the class each value is in, from 1; 0 below the first; any for NaN."""
    limits = np.array([one.at_least for one in classes])
    return np.minimum(np.searchsorted(limits, values + slack, side="right"), len(classes))
