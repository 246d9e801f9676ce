"""The event sum against sums by hand and against the formula written out with dense matrices."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from tocsin.errors import ShapeError, UnitError
from tocsin.exposure import Curve, Hazard, Impacts, Sigmoid, event_sum

TOLD: dict[str, Any] = {
    "hazard": "flood",
    "unit": "m",
    "harm": "value lost",
    "source": "the test",
}
DEPTH = Curve(intensity=(0, 1, 3), damage=(0, 0.2, 1), affected=(1, 1, 0.5), **TOLD)
WIND = Sigmoid(threshold=1, half=2, **TOLD)
NOWHERE_ZERO = Curve(intensity=(0, 2), damage=(0.1, 0.5), **TOLD)


def hazard(rows: list[list[float]], frequency: list[float]) -> Hazard:
    return Hazard(csr_array(np.array(rows)), np.array(frequency), "m")


def test_two_floods_over_three_houses_by_hand() -> None:
    floods = hazard([[1, 0, 0.5], [3, 1, 0]], [0.1, 0.01])
    found = event_sum(floods, [100, 200, 1000], DEPTH)
    # ratios: 1 m 0.2; 0.5 m 0.1; 3 m 1 x 0.5
    assert found.at_event == pytest.approx([100 * 0.2 + 1000 * 0.1, 100 * 0.5 + 200 * 0.2])
    assert found.expected_at == pytest.approx([100 * (0.02 + 0.005), 200 * 0.002, 1000 * 0.01])
    assert found.expected == pytest.approx(0.1 * 120 + 0.01 * 90)
    assert found.at_least(100) == pytest.approx(0.1)
    assert found.at_least(90) == pytest.approx(0.11)
    assert found.at_least(500) == 0


def test_the_members_of_a_forecast_give_expected_impact_and_its_probability() -> None:
    members = Hazard.of_members([[0, 1], [1, 3], [1, 0], [0, 0]], "m")
    found = event_sum(members, [10, 1000], DEPTH)
    assert found.at_event == pytest.approx([200, 502, 2, 0])
    assert found.expected == pytest.approx((200 + 502 + 2) / 4)
    assert found.at_least(100) == 0.5


def test_an_unknown_value_is_in_no_sum_and_is_not_zero() -> None:
    found = event_sum(hazard([[1, 1]], [1]), [np.nan, 100], DEPTH)
    assert found.at_event.tolist() == pytest.approx([20])
    assert np.isnan(found.expected_at[0])
    assert (found.expected, found.left_out) == (pytest.approx(20), 1)


def test_an_unknown_intensity_makes_its_event_unknown_but_not_where_nothing_is() -> None:
    found = event_sum(hazard([[np.nan, 1], [1, 1]], [1, 1]), [50, 100], DEPTH)
    assert np.isnan(found.at_event[0])
    assert found.at_event[1] == pytest.approx(30)
    assert np.isnan(found.at_least(1))
    for curve in (DEPTH, WIND):
        kept = event_sum(hazard([[np.nan, 2]], [1]), [np.nan, 100], curve)
        assert np.isfinite(kept.at_event[0])


def test_several_points_in_one_place_and_one_where_the_hazard_says_nothing() -> None:
    found = event_sum(hazard([[1, 3]], [1]), [10, 20, 30, 40], DEPTH, place_of=[1, 1, 0, -1])
    assert found.at_event == pytest.approx([15 + 6])
    assert found.expected_at[:3] == pytest.approx([5, 10, 6])
    assert np.isnan(found.expected_at[3])
    assert found.left_out == 1


def dense(
    rows: Any, often: Any, value: Any, curves: list[Any], which: Any
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """The two formulas as they stand in the docstring, every cell of the matrix computed."""
    impact = np.zeros(rows.shape)
    for number, curve in enumerate(curves):
        impact[:, which == number] = (curve.ratio(rows) * value)[:, which == number]
    return impact.sum(axis=1), often @ impact


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 40), st.integers(1, 30), st.floats(0, 1))
def test_the_numbers_are_those_of_the_formula(
    seed: int, events: int, points: int, filled: float
) -> None:
    rng = np.random.default_rng(seed)
    rows = np.where(rng.random((events, points)) < filled, rng.choice([0.5, 1, 2, 3, 7], 1), 0.0)
    rows *= rng.random((events, points)).round(1)  # now and then exactly on a knot
    often, value = rng.random(events), rng.lognormal(3, 2, points)
    which, curves = rng.integers(0, 3, points), [DEPTH, WIND, NOWHERE_ZERO]
    found = event_sum(
        Hazard(csr_array(rows), often, "m"), value, dict(enumerate(curves)), curve_of=which
    )
    at_event, expected_at = dense(rows, often, value, curves, which)
    np.testing.assert_allclose(found.at_event, at_event, rtol=1e-11, atol=1e-9)
    np.testing.assert_allclose(found.expected_at, expected_at, rtol=1e-11, atol=1e-9)


def test_only_the_share_that_is_hit_is_harmed() -> None:
    depth, hit = csr_array(np.array([[1.0, 0, 3]])), csr_array(np.array([[0.5, 0, 0.1]]))
    found = event_sum(Hazard(depth, np.ones(1), "m", hit), [100, 100, 1000], DEPTH)
    assert found.expected_at == pytest.approx([10, 0, 50])
    # What is not stored is not hit, although this curve begins above zero: 0.3 x 0.5, 0.5 x 0.1.
    found = event_sum(Hazard(depth, np.ones(1), "m", hit), [100, 100, 1000], NOWHERE_ZERO)
    assert found.expected_at == pytest.approx([15, 0, 50])
    with pytest.raises(ShapeError, match="stored for other entries"):
        Hazard(depth, np.ones(1), "m", csr_array(np.array([[0.5, 0.5, 0.1]])))


@pytest.mark.validation
@pytest.mark.parametrize("which", ["whole", "fraction"])
def test_the_numbers_are_climadas(which: str) -> None:
    """Three curves, one above zero at intensity 0; several points in one place."""
    told = json.loads((Path(__file__).parent / "climada_6_1.json").read_text())
    curves = {
        int(number): Curve(intensity=x, damage=damage, affected=affected, **TOLD)
        for number, (x, damage, affected) in told["curves"].items()
    }
    depth, hit = csr_array(np.array(told["intensity"])), csr_array(np.array(told["fraction"]))
    flood = Hazard(depth, np.array(told["frequency"]), "m", hit if which == "fraction" else None)
    found = event_sum(
        flood, told["value"], curves, curve_of=told["curve_of"], place_of=told["place_of"]
    )
    theirs = told["results"][which]
    assert found.at_event == pytest.approx(theirs["at_event"], rel=1e-12)
    assert found.expected_at == pytest.approx(theirs["eai_exp"], rel=1e-12)
    assert found.expected == pytest.approx(theirs["aai_agg"], rel=1e-12)


def test_steps_and_knots_far_apart_are_found_as_numpy_finds_them() -> None:
    curve = Curve(intensity=(0, 1e-9, 1e-9, 5, 5, 1000), damage=(0, 0, 0.1, 0.2, 0.6, 1), **TOLD)
    depth = np.concatenate([[0, 1e-9, 5, np.nextafter(5, 0), 1000], np.linspace(0, 1001, 999)])
    found = event_sum(Hazard(csr_array(depth[:, None]), np.ones(depth.size), "m"), [1.0], curve)
    np.testing.assert_allclose(found.at_event, curve.ratio(depth), rtol=1e-12)


def test_the_answer_does_not_depend_on_threads_or_precision_of_storage() -> None:
    rng = np.random.default_rng(2)
    rows = csr_array(rng.random((50, 300)) * (rng.random((50, 300)) < 0.3))
    often, value = rng.random(50), rng.random(300)

    def run(threads: int, matrix: Any) -> Impacts:
        return event_sum(Hazard(matrix, often, "m"), value, DEPTH, threads=threads)

    one, two = run(1, rows), run(2, rows)
    assert one.at_event.tolist() == two.at_event.tolist()
    assert one.expected_at.tolist() == two.expected_at.tolist()
    single = run(1, rows.astype(np.float32))
    np.testing.assert_allclose(single.at_event, one.at_event, rtol=1e-6)


def test_no_events_no_impact() -> None:
    found = event_sum(Hazard(csr_array((0, 3)), np.zeros(0), "m"), [1, 2, 3], DEPTH)
    assert (found.at_event.size, found.expected, found.at_least(1)) == (0, 0, 0)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"values": [1, 2, 3]}, "values for 2 places"),
        ({"place_of": [0, 2]}, "from 0 to 2, of 2 columns"),
        ({"curves": {1: DEPTH, 2: WIND}}, "2 curves; say which"),
        ({"curve_of": [0, 7]}, r"curves \[7\] that there are not"),
    ],
)
def test_what_does_not_fit_is_refused(change: dict[str, Any], told: str) -> None:
    given_: dict[str, Any] = {"values": [1, 2], "curves": DEPTH, **change}
    with pytest.raises(ShapeError, match=told):
        event_sum(hazard([[1, 1]], [1]), **given_)


def test_another_unit_is_refused() -> None:
    wrong = Sigmoid(**{**TOLD, "unit": "ft"}, threshold=1, half=2)
    with pytest.raises(UnitError, match="in ft, the hazard in m; convert"):
        event_sum(hazard([[1]], [1]), [1], wrong)


def test_another_spelling_of_the_unit_is_not_another_unit() -> None:
    gust = Sigmoid(**{**TOLD, "unit": "m/s"}, threshold=1, half=2)
    wind = Hazard(csr_array(np.array([[2.0]])), np.ones(1), "m s-1")
    assert event_sum(wind, [10], gust).at_event == pytest.approx([5])
    with pytest.raises(UnitError, match="in m/s, the hazard in degC"):
        event_sum(Hazard(wind.intensity, wind.frequency, "degC"), [10], gust)


@pytest.mark.parametrize("often", [[1, 2], [-1.0], [np.nan]])
def test_frequencies_that_are_none_are_refused(often: list[float]) -> None:
    with pytest.raises(ShapeError, match="frequenc"):
        hazard([[1]], often)
