"""Runs that replace each other, probabilities with missing members, skill by lead: by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tocsin.errors import ShapeError
from tocsin.triggers.forecasts import Run, exceedance, newest
from tocsin.triggers.skill import skill_by_lead

NAN = np.nan


def at(hour: int) -> np.datetime64:
    return np.datetime64("2026-07-01T00", "s") + np.timedelta64(hour, "h")


def hours(first: int, last: int) -> Any:
    return np.array([at(hour) for hour in range(first, last + 1)])


def run(issued: int, first: int, members: list[list[float]], *, of: int = 0, late: int = 1) -> Run:
    """A run at one place: a row for each member, hour by hour."""
    values = np.array(members, float)[:, :, None]
    times = hours(first, first + values.shape[1] - 1)
    return Run(at(issued), at(issued + late), times, values, of or len(values))


OLD = run(0, 1, [[10, 11, 12, 13], [20, 21, 22, 23]])
NEW = run(2, 3, [[30, 31], [40, 41]])


def test_the_newest_run_replaces_the_older_and_observations_replace_both() -> None:
    observed = np.array([[5.0], [NAN], [NAN], [NAN], [NAN]])
    found = newest([NEW, OLD], hours(1, 5), observed, at=at(3))
    assert found.values[0, :, 0].tolist()[:4] == [5, 11, 30, 31]
    assert found.values[1, :, 0].tolist()[:4] == [5, 21, 40, 41]
    assert np.isnan(found.values[:, 4]).all()
    assert found.observed[:, 0].tolist() == [True, False, False, False, False]
    assert found.issued[1:4, 0].tolist() == [at(0), at(2), at(2)]
    assert np.isnat(found.issued[[0, 4], 0]).all()
    assert found.share[:, 0].tolist() == [1, 1, 1, 1, 0]
    assert found.probability(20)[:4, 0].tolist() == [0, 0.5, 1, 1]
    assert np.isnan(found.probability(20)[4, 0])


def test_a_run_that_has_not_arrived_is_not_known() -> None:
    found = newest([OLD, NEW], hours(3, 4), np.full((2, 1), NAN), at=at(2))
    assert found.values[:, :, 0].tolist() == [[12, 13], [22, 23]]


def test_half_a_run_does_not_blank_out_a_whole_one() -> None:
    coming = run(2, 3, [[30, NAN], [NAN, NAN]], of=4)
    found = newest([OLD, coming], hours(3, 4), np.full((2, 1), NAN), at=at(9))
    assert found.values[:, 0, 0].tolist() == [12, 22]
    taken = newest([OLD, coming], hours(3, 4), np.full((2, 1), NAN), at=at(9), minimum_share=0.25)
    assert taken.values[0, 0, 0] == 30
    assert np.isnan(taken.values[1, 0, 0])  # members of two runs are not mixed
    assert taken.share[:, 0].tolist() == [0.25, 1]
    assert taken.values[:, 1, 0].tolist() == [13, 23]


def test_a_smaller_run_leaves_no_members_of_the_larger_behind() -> None:
    single = run(2, 3, [[30, 31]])
    found = newest([OLD, single], hours(3, 4), np.full((2, 1), NAN), at=at(9))
    assert found.values[0, :, 0].tolist() == [30, 31]
    assert np.isnan(found.values[1]).all()
    assert found.probability(31).tolist() == [[0], [1]]


def test_without_runs_observations_alone() -> None:
    found = newest([], hours(1, 2), np.array([[1.0], [NAN]]), at=at(9))
    assert found.values[0, 0, 0] == 1
    assert np.isnan(found.values[0, 1, 0])


def test_the_probability_is_the_share_of_the_members_there_are() -> None:
    members = [[10, 30, NAN], [20, NAN, NAN], [30, NAN, NAN], [40, NAN, 50]]
    assert exceedance(members, 30)[0] == 0.5
    assert exceedance(members, 20, when="at-or-below")[0] == 0.5
    assert np.isnan(exceedance(members, 30)[1:]).all()
    assert exceedance(members, 30, minimum_share=0.25)[1] == 1
    assert np.isnan(exceedance(members, 30, members=9)[0])
    assert np.isnan(exceedance(members, 30, minimum_share=0)).tolist() == [False, False, False]


def test_thresholds_may_differ_by_place() -> None:
    values = np.array([[[1.0, 1.0]], [[3.0, 3.0]]])  # (member, time, place)
    assert exceedance(values, [2, 4]).tolist() == [[0.5, 0]]


def test_skill_by_lead_by_hand() -> None:
    # Hours 1 to 4 observed: reached, not, reached, unknown.
    observed = np.array([[30.0], [10.0], [30.0], [NAN]])
    runs = [
        run(0, 1, [[30, 10, 30, 30], [30, 10, 10, 30]]),  # leads 1 to 4: p 1, 0, 1/2, (1)
        run(1, 2, [[30, 10], [NAN, NAN]], of=2),  # leads 1, 2: p 1, 0
    ]
    near, far = skill_by_lead(runs, hours(1, 4), observed, 25, edges_h=(0, 2, 5))
    # lead 1: (p 1, happened), (p 1, not): Brier 1/2, rate 1/2
    assert (near.cases, near.unknown, near.brier, near.happened) == (2, 0, 0.5, 0.5)
    assert near.skill == pytest.approx(1 - 0.5 / 0.25)
    # leads 2 to 4: (0, not), (1/2, happened), (1, unknown), (0, happened)
    assert (far.cases, far.unknown) == (3, 1)
    assert far.brier == pytest.approx((0 + 0.25 + 1) / 3)
    assert far.happened == pytest.approx(2 / 3)
    assert far.skill == pytest.approx(1 - (1.25 / 3) / (2 / 9))
    assert far.reliability.count.tolist()[0] == 2
    assert far.reliability.happened.tolist()[0] == 0.5


def test_too_few_members_are_stated_as_unknown() -> None:
    runs = [run(0, 1, [[30, 30]], of=3)]
    (row,) = skill_by_lead(runs, hours(1, 2), np.array([[30.0], [10.0]]), 25, edges_h=(0, 9))
    assert (row.cases, row.unknown) == (0, 2)
    assert np.isnan([row.brier, row.skill, row.happened]).all()


def test_no_skill_can_be_said_of_what_always_or_never_happens() -> None:
    (row,) = skill_by_lead([OLD], hours(1, 4), np.full((4, 1), 1.0), 25, edges_h=(0, 9))
    assert (row.cases, row.brier) == (4, 0)
    assert np.isnan(row.skill)
    (none,) = skill_by_lead([], hours(1, 4), np.full((4, 1), 1.0), 25, edges_h=(0, 9))
    assert none.cases == 0


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: run(2, 3, [[1]], of=1, late=-3), "before it was begun; one of the clocks"),
        (lambda: Run(at(0), at(0), hours(1, 2), np.zeros((1, 3, 1)), 1), "for 2 times"),
        (lambda: Run(at(0), at(0), hours(1, 2)[::-1], np.zeros((1, 2, 1)), 1), "do not rise"),
        (lambda: Run(at(0), at(0), hours(1, 1), np.zeros((2, 1, 1)), 1), "2 members; it says"),
        (
            lambda: newest([OLD], hours(1, 2), np.zeros((2, 3)), at=at(9)),
            "has 1 places, observed 3",
        ),
        (lambda: newest([], hours(1, 2), np.zeros((3, 1)), at=at(9)), "for 2 times"),
    ],
)
def test_what_does_not_fit_is_refused(make: Any, told: str) -> None:
    with pytest.raises(ShapeError, match=told):
        make()


def test_ranges_of_leads_rise() -> None:
    with pytest.raises(ValueError, match="two or more hours, rising"):
        skill_by_lead([], hours(1, 2), np.zeros((2, 1)), 1, edges_h=(6, 6))
