"""EARS bounds against values computed outside this library, and worked edges."""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.indicators.outbreak import ears

NAN = np.nan


@pytest.mark.parametrize("method", ["C1", "C2"])
def test_bounds_and_alarms(table, method):
    rows = table("ears_c123.csv")
    got = ears(rows["count"], method=method)
    np.testing.assert_allclose(got.upper, rows[f"{method}_upper"], atol=5.01e-7)
    alarms = rows[f"{method}_alarm"].astype(float)
    known = ~np.isnan(rows[f"{method}_upper"])
    assert got.alarm[known].tolist() == alarms[known].tolist()
    assert np.isnan(got.alarm[~known]).all()


def test_c3_differs_from_the_package_by_count_instead_of_mean(table):
    """The package's code adds today's count where its manual, and we, add the baseline's mean.

    Its alarm therefore says nothing about today; the rest of the bound is the same.
    """
    rows = table("ears_c123.csv")
    counts, theirs = rows["count"].astype(float), rows["C3_upper"]
    ours = ears(counts, method="C3").upper
    compared = 0
    for now in range(11, 20):
        mean = counts[now - 9 : now - 2].mean()
        if ours[now] > 0.0 and theirs[now] > 0.0:
            assert ours[now] - mean == pytest.approx(theirs[now] - counts[now], abs=1e-6)
            compared += 1
    assert compared == 5
    assert np.isnan(ours[:11]).all()


def test_a_quiet_week_has_its_mean_as_bound():
    for method in ("C1", "C2", "C3"):
        got = ears([2.0] * 12 + [3.0], method=method)
        assert got.upper[-1] == 2.0
        assert got.alarm[-1] == 1.0


def test_c3_after_a_jump_from_a_flat_baseline():
    got = ears([3.0] * 11 + [9.0, 3.0, 3.0], method="C3")
    assert got.upper[11:].tolist() == [3.0, 3.0, 3.0]
    assert got.alarm[11:].tolist() == [1.0, 0.0, 0.0]


@pytest.mark.parametrize(("method", "blind"), [("C1", 7), ("C2", 9), ("C3", 11)])
def test_a_missing_count_blinds_its_baseline(method, blind):
    counts = np.tile([1.0, 2.0, 4.0], 15)
    counts[15] = NAN
    got = ears(counts, method=method)
    assert np.isnan(got.alarm[15])
    blinded = np.flatnonzero(np.isnan(got.upper[14:])) + 14
    assert blinded.max() == 15 + blind
    assert np.isfinite(got.upper[16 + blind :]).all()


def test_a_negative_count_is_no_count():
    assert np.isnan(ears([1.0] * 9 + [-1.0]).alarm[-1])


def test_an_unknown_method_is_refused():
    with pytest.raises(ValueError, match="method is 'C4'; give C1, C2 or C3"):
        ears([1.0], method="C4")
