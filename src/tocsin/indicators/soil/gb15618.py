"""Risk of polluted farmland by one metal.

Source: GB 15618-2018, Soil environmental quality, risk control standard for soil contamination of
agricultural land. Checked against: hand-worked values in tests/indicators/soil/test_gb15618.py
"""

from __future__ import annotations

import datetime as dt
import functools
import math
from typing import Any

import numpy as np

from tocsin.indicators.kernels import elementwise
from tocsin.indicators.standards import standard_on
from tocsin.units import quantities

__all__ = ["soil_risk"]

PH_LIMITS = np.array([5.5, 6.5, 7.5])
COLUMNS = ("pH_to_5.5", "pH_to_6.5", "pH_to_7.5", "pH_above_7.5")
LANDS = ("paddy", "orchard", "other")


@functools.cache
def _limits(metal: str, land: str, day: str | None) -> tuple[Any, Any]:
    """Return screening and control values by pH; control is infinite where there is none."""
    if land not in LANDS:
        raise LookupError(f"soil_risk(): land is {land!r}; give one of {', '.join(LANDS)}.")
    edition = standard_on("gb15618", day)
    found = {(row["value"], row["land"]): row for row in edition.rows if row["metal"] == metal}
    for kind in (land, "other", "any"):
        if ("screening", kind) in found:
            screening = [float(found["screening", kind][name]) for name in COLUMNS]
            control = [math.inf] * 4
            if ("control", "any") in found:
                control = [float(found["control", "any"][name]) for name in COLUMNS]
            return np.array(screening), np.array(control)
    known = ", ".join(sorted({row["metal"] for row in edition.rows}))
    raise LookupError(f"soil_risk(): metal is {metal!r}; give one of {known}.")


@quantities(content="mg/kg", ph="1", returns="1")
def soil_risk(
    content: Any, ph: Any, *, metal: str, land: str = "other", on: dt.date | str | None = None
) -> Any:
    """Compare a metal's content with the screening and control values at the soil's pH.

    Parameters
    ----------
    content : array-like, any shape [mg/kg]
        Total content of the metal (or metalloid) in dry soil.
    ph : array-like, broadcastable [1]
        Of the soil.
    metal : str
        ``Cd``, ``Hg``, ``As``, ``Pb``, ``Cr``, ``Cu``, ``Ni`` or ``Zn``.
    land : {"paddy", "orchard", "other"}
        Where the table has no row for a use, that of other land holds.
    on : date, optional
        Day of the sample; the newest edition if not given.

    Returns
    -------
    same kind as the inputs [1]
        0 at or below the screening value (low risk), 1 above it, 2 above the control value. Cu, Ni
        and Zn have no control value. NaN where an input is NaN, the content negative or infinite,
        or the pH outside 0 to 14.

    Raises
    ------
    UnitError
        An input is labelled with no unit, or with one of another dimension.
    LookupError
        The metal or the land is not in the table, or no edition was in force on that day.
    """
    screening, control = _limits(metal, land, None if on is None else str(on))

    def risks(values: Any, acidity: Any) -> Any:
        given = np.asarray(values, dtype=np.float64)
        column = np.searchsorted(PH_LIMITS, acidity, side="left")
        risk = (given > screening[column]).astype(np.float64) + (given > control[column])
        known = (given >= 0.0) & np.isfinite(given) & (acidity >= 0.0) & (acidity <= 14.0)
        return np.where(known, risk, np.nan)

    return elementwise(risks, content, ph)
