"""Several values in one hour become the hour's: one function for live watch, replay and backtest.

A gust of an hour is its strongest, rain that came in parts adds up, and of a temperature the last
reading stands. Which of these holds is written in the table of quantities
(:attr:`tocsin.intake.quantities.Quantity.in_an_hour`). Values that are doubted are not handed in:
a sum or a strongest one is then of the good parts alone, which is the least that it was.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tocsin.intake.quantities import QUANTITIES

__all__ = ["RAIN", "stand_on_hours", "tells_whole_hour"]

RAIN = "lwe_thickness_of_precipitation_amount"


def stand_on_hours(
    quantity: str,
    grid: NDArray[np.float64],
    hours: NDArray[np.int64],
    columns: NDArray[np.int64],
    values: NDArray[np.float64],
) -> None:
    """Enter good values into the hours of a grid, in place.

    Parameters
    ----------
    quantity : str
        CF standard name; of one that is not known the last value stands.
    grid : array of float, shape (hour, column)
        NaN where there is nothing yet; what is there already counts as an earlier value.
    hours, columns : array of int, shape (n,)
        The cell of each value, inside the grid.
    values : array of float, shape (n,)
        Finite, and in order of time within a cell.
    """
    known = QUANTITIES.get(quantity)
    how = known.in_an_hour if known else "last"
    cells = (hours, columns)
    if how == "largest":
        np.fmax.at(grid, cells, values)
    elif how == "smallest":
        np.fmin.at(grid, cells, values)
    elif how == "sum":
        first = np.isnan(grid[cells])
        grid[hours[first], columns[first]] = 0.0
        np.add.at(grid, cells, values)
    else:  # of several assignments to one cell the last one stands
        grid[cells] = values


def tells_whole_hour(minute: int) -> bool:
    """Whether an airport's report of this minute is a routine one, which tells the hour's rain.

    Routine reports are made in the last quarter of the hour or on its turn. A special in between
    tells what fell since, and the next routine report tells it once more: that must not add up.
    """
    return minute >= 45 or minute <= 5
