"""River stage against the stages of its gauge, and how fast it rises.

Source: categories as the US National Weather Service names them (action, minor, moderate, major);
the stages themselves belong to each gauge. Checked against: hand-worked values in
tests/indicators/flood/test_stage.py
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tocsin.errors import ShapeError
from tocsin.indicators.axis import check_steps
from tocsin.indicators.kernels import along_time, elementwise, kernel, per_element, rows
from tocsin.units import quantities

__all__ = ["flood_category", "stage_rise"]


@per_element(5)
def _category(stage: float, action: float, minor: float, moderate: float, major: float) -> float:
    if not (action <= minor <= moderate <= major and abs(stage) < math.inf):
        return math.nan
    if stage >= major:
        return 4.0
    if stage >= moderate:
        return 3.0
    if stage >= minor:
        return 2.0
    return 1.0 if stage >= action else 0.0


@quantities(stage="m", action="m", minor="m", moderate="m", major="m", returns="1")
def flood_category(stage: Any, *, action: Any, minor: Any, moderate: Any, major: Any) -> Any:
    """Put a stage into its gauge's category.

    Parameters
    ----------
    stage : array-like, any shape [m]
        Above the gauge's datum.
    action, minor, moderate, major : number or array, broadcastable [m]
        The gauge's stages, above the same datum, none lower than the one before.

    Returns
    -------
    same kind as ``stage`` [1]
        0 below action, 1 action, 2 minor, 3 moderate, 4 major; at a stage the higher category. NaN
        where an input is NaN, the stage infinite, or the gauge's stages are out of order.

    Raises
    ------
    UnitError
        An input is labelled with no unit, or with one that is no length.
    """
    return elementwise(_category, stage, action, minor, moderate, major)


@kernel
def _rises(stage: Any, hours: int, out: Any) -> None:
    for place in range(stage.shape[0]):
        for row in range(stage.shape[1]):
            if row < hours:
                out[place, row] = math.nan
            else:
                out[place, row] = (stage[place, row] - stage[place, row - hours]) / hours


@quantities(stage="m", returns="m/h")
def stage_rise(stage: Any, *, hours: int = 3) -> Any:
    """Mean rate of rise over the last hours.

    Parameters
    ----------
    stage : array-like, time first (or a dimension ``time``) [m]
        On an unbroken hourly axis.
    hours : int
        Over how many, at least 1.

    Returns
    -------
    same kind and shape as the input [m/h]
        Negative where it falls. NaN where either end is missing, and for the first ``hours`` rows.

    Raises
    ------
    UnitError
        The input is labelled with no unit, or with one that is no length.
    ShapeError
        ``hours`` is below 1.
    """
    if hours < 1:
        raise ShapeError(f"stage_rise(): hours is {hours}; give at least 1.")
    check_steps("stage_rise", stage, "hour")

    def rises(values: Any) -> Any:
        out = np.empty_like(rows(values))
        _rises(rows(values), hours, out)
        return out.reshape(values.shape)

    return along_time(rises, [stage])
