"""Landslide curves and tree: what was found is used as it was found, the rest is not used."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import numpy as np
import pytest

from tocsin.indicators.catalogue import CATALOGUE
from tocsin.indicators.landslide import (
    antecedent_rain_index,
    landslide_nowcast,
    landslide_rain_ratio,
)
from tocsin.indicators.landslide.intensity_duration import DURATIONS_H, THRESHOLDS

HERE = Path(__file__).parent


def read(name):
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


def key(name):
    author, year, *_ = name.lower().split()
    return f"{author}_{year}"


CURVES = {key(row["name"]): row for row in read("landslide_id_thresholds.csv")}


@pytest.mark.parametrize("name", sorted(THRESHOLDS))
def test_rain_on_the_curve_is_one_at_every_duration(name):
    """Steady rain of a D^-b mm/h for D hours, after a dry spell."""
    a, b = float(CURVES[name]["a"]), float(CURVES[name]["b"])
    for duration in DURATIONS_H:
        rain = np.concatenate([np.zeros(72), np.full(duration, a * duration**-b)])
        assert landslide_rain_ratio(rain, threshold=name)[-1] == pytest.approx(1.0)


def test_what_is_known_from_memory_only_is_not_used():
    remembered = {name for name, row in CURVES.items() if row["status"] == "MEMORY ONLY"}
    assert len(remembered) == 3
    assert THRESHOLDS.keys() == CURVES.keys() - remembered
    assert not any(f"landslide_{name}" in CATALOGUE for name in remembered)


def test_a_range_that_is_remembered_is_said_to_the_user():
    assert "range from memory" in CURVES["caine_1980"]["status"]
    assert "NOT VERIFIED" in CATALOGUE["landslide_caine_1980"].caution["en"]


TREE = {row["step"]: row["rule"] for row in read("lhasa_v1_decision_tree.csv")}


def test_the_weights_of_the_rain_index():
    assert "w = 1/(8-k)^2" in TREE["ARI7"]
    weights = np.array([1 / (8 - k) ** 2 for k in range(1, 8)])
    for day in range(7):
        rain = np.zeros(7)
        rain[day] = 10.0
        expected = 10.0 * weights[day] / weights.sum()
        assert antecedent_rain_index(rain)[-1] == pytest.approx(expected)


def test_the_steps_of_the_tree():
    moderate, high = (
        int(re.search(r"susceptibility class > (\d)", TREE[step]).group(1))
        for step in ("moderate (1)", "high (2)")
    )
    for susceptibility in range(1, 6):
        wet = landslide_nowcast(21.0, 20.0, float(susceptibility))
        assert wet == (susceptibility > moderate) + (susceptibility > high)
        assert landslide_nowcast(20.0, 20.0, float(susceptibility)) == 0
