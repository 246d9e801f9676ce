"""The Chinese warning signals of 2007: each threshold can be met, to the digit, by an indicator.

Signals are rules, not indicators; this holds the catalogue to all that the signals speak of. What
no measurement can decide (a forecaster's "possible") is listed, so that nothing is left out unseen.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path

import numpy as np
import pytest

from tocsin.indicators.catalogue import CATALOGUE

TABLE = Path(__file__).parent / "cma_warning_signals_2007.csv"
ROWS = list(
    csv.DictReader(
        line for line in TABLE.read_text(encoding="utf-8").splitlines() if line[0] != "#"
    )
)
FORCE_MS = [0, 0.3, 1.6, 3.4, 5.5, 8.0, 10.8, 13.9, 17.2, 20.8, 24.5, 28.5, 32.7, 37.0, 41.5]
MEASURED = {
    "mean_wind_bft": "wind_force_cn", "wind_bft": "wind_force_cn", "gust_bft": "gust_force_cn",
    "rain_mm": "rain_{}h", "snow_mm": "snowfall_{}h", "tmin_drop_C": "temperature_drop_{}h",
    "visibility_m": "visibility", "tmin": "frost_24h", "ground_tmin": "ground_frost_24h",
}  # fmt: skip
AS_MEASURED = {"tmax": "daily maximum of air_temperature", "road_T": "road surface temperature"}
JUDGED = {"drought", "lightning", "hail"}  # wholly or in part a forecaster's or surveyor's word
CLAUSE = re.compile(r"(\w+)(>=|<=|<)(-?\d+)")
CLAUSES = [(row, *found) for row in ROWS for found in CLAUSE.findall(row["criterion"])
           if row["hazard"] not in JUDGED]  # fmt: skip


def reached(name, window_h, value):
    """Return what the indicator says at the last hour of weather that just meets ``value``."""
    entry = CATALOGUE[MEASURED[name].format(window_h)]
    (argument,) = entry.inputs
    if "force" in entry.id:
        series = np.array([FORCE_MS[value]])
    elif name in ("rain_mm", "snow_mm"):
        series = np.full(window_h, value / window_h)
    elif name == "tmin_drop_C":
        series = np.concatenate([[10.0 + value], np.full(window_h, 10.0)])
    elif name == "visibility_m":
        series = np.array([value / 1000])
    else:
        series = np.concatenate([np.full(23, value + 5.0), [value]])
    return entry, float(np.asarray(entry.compute(**{argument: series}))[-1])


@pytest.mark.parametrize(
    ("row", "name", "sign", "number"), [clause for clause in CLAUSES if clause[1] in MEASURED]
)
def test_a_threshold_that_is_met_is_seen_as_met(row, name, sign, number):
    entry, got = reached(name, int(row["window_h"]), int(number))
    wanted = int(number) / 1000 if name == "visibility_m" else float(number)
    assert got == pytest.approx(wanted, abs=1e-9), entry.id
    assert sign.startswith(">" if entry.direction == "high" else "<")


def test_nothing_of_the_order_is_left_out():
    """44 signals; every one has a clause here or is a matter of judgement."""
    assert len(ROWS) == 44
    with_clause = {(row["hazard"], row["level"]) for row, *_ in CLAUSES}
    without = {row["hazard"] for row in ROWS if (row["hazard"], row["level"]) not in with_clause}
    assert without == JUDGED
    names = {name for _, name, *_ in CLAUSES}
    assert names == MEASURED.keys() | AS_MEASURED.keys()


def test_force_fourteen_is_within_the_scale():
    """The red typhoon signal asks for gusts of force 14, which the Beaufort scale does not have."""
    assert CATALOGUE["gust_force_cn"].compute(wind_speed=41.5) == 14.0
    assert CATALOGUE["gust_beaufort"].compute(wind_speed=41.5) == 12.0
