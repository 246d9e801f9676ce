"""Class of surface water by one item.

Source: GB 3838-2002, Environmental quality standards for surface water, table 1.
Checked against: hand-worked values in tests/indicators/water/test_gb3838.py
"""

from __future__ import annotations

import datetime as dt
import functools
from typing import Any

import numpy as np

from tocsin.indicators.kernels import elementwise
from tocsin.indicators.standards import standard_on
from tocsin.units import expect_unit, is_labelled

__all__ = ["water_class"]

CLASSES = ("I", "II", "III", "IV", "V")
MORE_IS_BETTER = ("DO",)


@functools.cache
def _limits(item: str, day: str | None) -> tuple[str, Any]:
    edition = standard_on("gb3838", day)
    for row in edition.rows:
        if row["item"] == item:
            return row["unit"], np.array([float(row[name]) for name in CLASSES])
    known = ", ".join(row["item"] for row in edition.rows)
    raise LookupError(f"water_class(): item is {item!r}; give one of {known}.")


def water_class(concentration: Any, *, item: str, on: dt.date | str | None = None) -> Any:
    """Class 1 to 5 by one item, 6 where worse than class V; water is as good as its worst item.

    Parameters
    ----------
    concentration : array-like, any shape [mg/L, for coliforms 1/L]
        Of the item; a result below the detection limit may be given as 0.
    item : str
        As the table names it: ``DO``, ``CODMn``, ``COD``, ``BOD5``, ``NH3-N``, ``TP_river``, ...
    on : date, optional
        Day of the sample; the newest edition if not given.

    Returns
    -------
    same kind as the input [1]
        1, 2, ... 6 as floats; at a limit the better class. NaN where the input is NaN, negative or
        infinite.

    Raises
    ------
    UnitError
        The input is labelled with no unit, or with one of another dimension than the table's.
    LookupError
        The item is not in the table, or no edition was in force on that day.
    """
    unit, limits = _limits(item, None if on is None else str(on))
    sign = -1.0 if item in MORE_IS_BETTER else 1.0

    def classes(values: Any) -> Any:
        given = np.asarray(values, dtype=np.float64)
        found = np.searchsorted(sign * limits, sign * given, side="left") + 1.0
        return np.where((given >= 0.0) & np.isfinite(given), found, np.nan)

    result = elementwise(classes, expect_unit("water_class", "concentration", concentration, unit))
    if is_labelled(result):
        result.attrs["units"] = "1"
    return result
