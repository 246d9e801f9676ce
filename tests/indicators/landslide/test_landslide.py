"""Landslide thresholds and the LHASA tree, worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.indicators.landslide import (
    antecedent_rain_index,
    landslide_nowcast,
    landslide_rain_ratio,
)

NAN = np.nan


@pytest.mark.parametrize(
    ("threshold", "a", "b"), [("caine_1980", 14.82, 0.39), ("aleotti_2004", 19.0, 0.5)]
)
def test_steady_rain_at_the_threshold_of_a_day(threshold, a, b):
    """24 h at a 24^-b mm/h is 1 at hour 24, and no shorter duration reaches it."""
    ratio = landslide_rain_ratio(np.full(24, a * 24**-b), threshold=threshold)
    assert ratio[-1] == pytest.approx(1.0)
    assert (np.diff(ratio) >= 0).all()
    assert ratio[0] == pytest.approx(24**-b)


def test_one_missing_hour_blinds_the_short_durations_only():
    rain = np.full(12, 10.0)
    rain[-1] = NAN
    ratio = landslide_rain_ratio(rain)
    assert ratio[-1] == pytest.approx(110.0 / (14.82 * 12 ** (1 - 0.39)))
    assert np.isnan(landslide_rain_ratio([NAN])).all()


def test_an_unknown_threshold_is_refused():
    with pytest.raises(ValueError, match="threshold is 'guzzetti_2008'; give one of caine_1980"):
        landslide_rain_ratio([1.0], threshold="guzzetti_2008")


def test_the_weekly_index_by_hand():
    weights = 1 / np.arange(1, 8) ** 2
    rain = np.array([70.0, 0, 0, 0, 0, 0, 10.0, 0.0])
    index = antecedent_rain_index(rain)
    assert np.isnan(index[:6]).all()
    assert index[6] == pytest.approx((10 + 70 / 49) / weights.sum())
    assert index[7] == pytest.approx(10 / 4 / weights.sum())


@pytest.mark.parametrize("broken", [NAN, -1.0])
def test_a_missing_day_blinds_the_week(broken):
    assert np.isnan(antecedent_rain_index([1, 1, 1, broken, 1, 1, 1])).all()


@pytest.mark.parametrize(
    ("index", "local", "susceptibility", "level"),
    [
        (10, 20, 5, 0), (20, 20, 5, 0), (21, 20, 1, 0), (21, 20, 2, 0), (21, 20, 3, 1),
        (21, 20, 4, 1), (21, 20, 5, 2), (21, 20, 0, NAN), (21, 20, 6, NAN), (-1, 20, 3, NAN),
        (NAN, 20, 3, NAN), (21, NAN, 3, NAN),
    ],
)  # fmt: skip
def test_the_tree(index, local, susceptibility, level):
    got = landslide_nowcast(float(index), float(local), float(susceptibility))
    np.testing.assert_equal(got, level)
