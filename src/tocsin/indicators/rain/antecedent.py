"""Antecedent precipitation index: how wet the ground already is.

Source: Kohler and Linsley (1951), Predicting the runoff from storm rainfall, Weather Bureau
Research Paper 34. Checked against: hand-worked series in tests/indicators/rain/test_antecedent.py
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tocsin.indicators.axis import check_steps
from tocsin.indicators.kernels import along_time, kernel, rows
from tocsin.units import quantities

__all__ = ["antecedent_precipitation_index"]


@kernel
def _recession(rain: Any, k: float, state: Any, out: Any) -> None:
    for place in range(rain.shape[0]):
        for day in range(rain.shape[1]):
            amount = rain[place, day]
            state[place] *= k  # the ground dries on a missing day, too
            if 0.0 <= amount < math.inf:
                state[place] += amount
                out[place, day] = state[place]
            else:
                out[place, day] = math.nan


@quantities(rain="mm", initial="mm")
def antecedent_precipitation_index(
    rain: Any, *, recession: float = 0.85, initial: Any = 0.0
) -> tuple[Any, Any]:
    """Rain of the days before, each day worth less than the one after it.

    Parameters
    ----------
    rain : array-like, time first (or a dimension ``time``) [mm]
        One row a day.
    recession : float
        What a day leaves of the index, between 0 and 1; 0.85 to 0.98 in the literature.
    initial : number or array of the shape of the places [mm]
        The index of the day before.

    Returns
    -------
    index : same kind and shape as the input [mm]
        NaN on a day whose rain is missing or negative; the state recedes on that day and takes the
        rain as none, so the days after it are lower bounds.
    state : [mm]
        After the last day; give it as ``initial`` to go on from there.

    Raises
    ------
    UnitError
        An input is labelled with no unit, or with one that is no length.
    ValueError
        ``recession`` is not between 0 and 1.
    """
    if not 0.0 < recession < 1.0:
        raise ValueError(
            f"antecedent_precipitation_index(): recession is {recession}; give 0 < recession < 1."
        )
    check_steps("antecedent_precipitation_index", rain, "day")

    def indices(amounts: Any, start: Any) -> tuple[Any, Any]:
        out = np.empty_like(rows(amounts))
        state = np.array(np.ravel(start))
        _recession(rows(amounts), recession, state, out)
        return out.reshape(amounts.shape), state.reshape(amounts.shape[:-1])

    values, state = along_time(indices, [rain], places=[initial], outputs=[True, False])
    if hasattr(values, "attrs"):
        values.attrs["units"] = "mm"
    return values, state
