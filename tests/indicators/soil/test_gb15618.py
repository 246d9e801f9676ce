"""Farmland soil against screening and control values."""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.indicators.soil import soil_risk


@pytest.mark.parametrize(
    ("metal", "land", "ph", "content", "risk"),
    [
        ("Cd", "other", 5.5, 0.3, 0), ("Cd", "other", 5.5, 0.31, 1), ("Cd", "other", 5.5, 1.51, 2),
        ("Cd", "paddy", 5.6, 0.4, 0), ("Cd", "paddy", 7.6, 0.81, 1), ("Cd", "paddy", 7.6, 4.1, 2),
        ("Cu", "orchard", 6.0, 150.0, 0), ("Cu", "paddy", 6.0, 51.0, 1),
        ("Zn", "paddy", 7.0, 9e9, 1),
        ("As", "other", 7.5, 30.1, 1), ("Hg", "paddy", 6.5, 2.6, 2),
        ("Cd", "other", -0.1, 0.1, np.nan), ("Cd", "other", 14.1, 0.1, np.nan),
        ("Cd", "other", np.nan, 0.1, np.nan), ("Cd", "other", 7.0, -0.1, np.nan),
        ("Zn", "other", 7.0, np.inf, np.nan),
    ],
)  # fmt: skip
def test_by_hand(metal, land, ph, content, risk):
    np.testing.assert_equal(soil_risk(content, ph, metal=metal, land=land), risk)


def test_unknown_metal_and_land_are_refused():
    with pytest.raises(LookupError, match="metal is 'Au'; give one of As, Cd"):
        soil_risk(1.0, 7.0, metal="Au")
    with pytest.raises(LookupError, match="land is 'forest'; give one of paddy"):
        soil_risk(1.0, 7.0, metal="Cd", land="forest")
