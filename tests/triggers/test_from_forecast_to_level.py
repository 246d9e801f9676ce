"""The whole way by hand: people in areas, members of a forecast, harm, probability, level."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from shapely.geometry import box

from tocsin.exposure import Curve, Hazard, Places, Points, Source, event_sum, exposed
from tocsin.triggers.forecasts import Run, newest
from tocsin.triggers.matrix import Matrix
from tocsin.triggers.rules import Level

AREAS = {"A": box(0, 0, 2, 2), "B": box(2, 0, 4, 2), "abroad": box(9, 9, 10, 10)}
TOWNS = Points(
    "people", "person", Places([1, 1.5, 3], [1, 1, 1]), Source("The test", date(2026, 1, 1)),
    counts=[4000, 1000, 2000], complete_in=box(0, 0, 4, 2),
)  # fmt: skip
HELP = Curve(
    hazard="heat", unit="degC", harm="people in need of help", source="made up for the test",
    intensity=(30, 40), damage=(0, 0.1),
)  # fmt: skip
MATRIX = Matrix.model_validate(
    {
        "impact_of": "people in need of help",
        "source": "made up for the test",
        "likelihood": [{"name": {"en": "possible"}, "at_least": 0.25}],
        "impact": [
            {"name": {"en": "minor"}, "at_least": 100},
            {"name": {"en": "severe"}, "at_least": 500},
        ],
        "levels": [["yellow", "orange"]],
    }
)


def test_from_a_forecast_to_a_level() -> None:
    issued, hour = np.datetime64("2026-07-01T00", "s"), np.datetime64("2026-07-02T12", "s")
    members = np.array([[[40, 35, 50]], [[35, 40, 50]], [[30, 30, 50]], [[20, 32, 50]]], float)
    run = Run(issued, issued, np.array([hour]), members, 4)
    best = newest([run], np.array([hour]), np.full((1, 3), np.nan), at=issued)

    people = [amounts[0].value for amounts in exposed([TOWNS], AREAS).values()]
    assert people == [5000, 2000, None]
    found = event_sum(Hazard.of_members(best.values[:, 0], "degC"), np.array(people, float), HELP)

    # shares in need: 0.1 at 40, 0.05 at 35, 0.02 at 32
    assert found.at_event == pytest.approx([500 + 100, 250 + 200, 0, 40])
    assert found.expected == pytest.approx((600 + 450 + 0 + 40) / 4)
    assert found.at_least(100) == 0.5
    assert found.left_out == 1  # nobody knows how many live abroad
    assert MATRIX.level_of(found.at_event) == Level.ORANGE  # 500 or more in one of four
    assert MATRIX.level_of(found.at_event[1:]) == Level.YELLOW
