"""Several conditions, and thresholds that differ by area and by season."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import numpy as np
import pytest
from pydantic import ValidationError

from tests.triggers.make import WORDS, column, make_rule
from tocsin.triggers.backtest import exceedances
from tocsin.triggers.evaluate import Calendar, evaluate
from tocsin.triggers.evidence import evidence
from tocsin.triggers.levels import Reached, join
from tocsin.triggers.rules import Level

GALE = {
    "indicator": "wind_beaufort", "unit": "Bft", "levels": {"blue": 6, "yellow": 8, "red": 10},
    "hysteresis": 0,
}  # fmt: skip
GUST = {
    "indicator": "gust_beaufort", "unit": "Bft", "levels": {"blue": 7, "yellow": 9, "red": 11},
    "hysteresis": 0,
}  # fmt: skip
HEAT = {"id": "gale", "hazard": "wind"}


def calendar(hours: int, first: str = "2013-07-01T00") -> Calendar:
    return Calendar.of(np.datetime64(first, "h") + np.arange(hours), ZoneInfo("UTC"))


def found(join_by: str, wind, gust) -> list[int]:
    rule = make_rule(**HEAT, **GALE, also=[GUST], join=join_by, max_gap_h=0)
    values = {"wind_beaufort": column(*wind), "gust_beaufort": column(*gust)}
    return evaluate(rule, values, {"kings": [0]}, calendar(len(wind))).levels[:, 0].tolist()


def test_any_takes_the_highest_of_the_conditions() -> None:
    # As the Chinese gale signals read: mean wind from force 6 or gusts from force 7 are blue.
    assert found("any", [6, 5, 8, 5, 5], [5, 7, 7, 11, 6]) == [1, 1, 2, 4, 0]


def test_all_takes_the_lowest_of_the_conditions() -> None:
    assert found("all", [6, 5, 8, 10], [7, 9, 7, 11]) == [1, 0, 1, 4]


def test_what_is_not_known_raises_nothing_and_hides_nothing() -> None:
    assert found("any", [None, None, 6], [7, None, None]) == [1, 0, 1]
    assert found("all", [None, 6, 5], [7, None, None]) == [0, 0, 0]


@pytest.mark.parametrize(
    ("how", "blue", "yellow"),
    [("any", [(0, 0), (2, 3)], [(2, 3)]), ("all", [(2, 2)], [(2, 2)])],
)
def test_what_is_measured_is_judged_by_all_conditions_too(how, blue, yellow) -> None:
    """Whether a warning was right is asked of the rule as a whole, not of its first condition."""
    rule = make_rule(**HEAT, **GALE, also=[GUST], join=how, max_gap_h=0, persistence_h=9)
    values = {"wind_beaufort": column(6, 5, 8, 5, 5), "gust_beaufort": column(5, 6, 9, 11, 6)}
    hours = calendar(5)
    seen = evaluate(rule, values, {"kings": [0]}, hours)
    times = np.datetime64("2013-07-01T00", "h") + np.arange(5)

    def spells(level: Level) -> list[tuple[int, int]]:
        found = exceedances(seen, times, level, join_h=1)
        return [(one.first.hour, one.last.hour) for one in found]

    assert spells(Level.BLUE) == blue
    assert spells(Level.YELLOW) == yellow


def test_a_known_none_settles_all() -> None:
    nothing = Reached(np.zeros((1, 1), np.int8), np.zeros((1, 1), np.int8), np.ones((1, 1), bool))
    unknown = Reached(nothing.level, nothing.held, np.zeros((1, 1), bool))
    assert join([nothing, unknown], "all").known.all()
    assert not join([unknown, unknown], "all").known.any()


def test_an_area_has_thresholds_of_its_own() -> None:
    rule = make_rule(levels_by_area={"bronx": {"yellow": 32, "red": 36}})
    values = {"heat_index": np.array([[33.0], [36.0]])}
    near = {"kings": [0], "bronx": [0]}
    made = evaluate(rule, values, near, calendar(2))
    assert made.levels.tolist() == [[1, 2], [2, 4]]
    assert evidence(made, 0, "kings").threshold == 30
    assert evidence(made, 0, "bronx").threshold == 32
    assert evidence(made, 1, "bronx").threshold == 36


def test_a_season_has_thresholds_of_its_own_and_an_area_goes_first() -> None:
    early = {"first": "05-01", "last": "06-15", "levels": {"blue": 27}}
    rule = make_rule(levels_by_season=[early], levels_by_area={"bronx": {"blue": 26}})
    hot = {"heat_index": np.full((2, 1), 28.0)}
    near = {"kings": [0], "bronx": [0]}
    assert evaluate(rule, hot, near, calendar(2, "2013-06-15T22")).levels.tolist() == [[1, 1]] * 2
    assert evaluate(rule, hot, near, calendar(2, "2013-07-15T22")).levels.tolist() == [[0, 1]] * 2


def test_the_condition_that_reached_the_level_is_quoted() -> None:
    rule = make_rule(**HEAT, **GALE, also=[GUST], join="any")
    values = {"wind_beaufort": column(4, 5, 6), "gust_beaufort": column(5, 9, 6)}
    made = evaluate(rule, values, {"kings": [0]}, calendar(3))
    why = evidence(made, 1, "kings")
    assert (why.level, why.indicator, why.value, why.threshold) == (2, "gust_beaufort", 9, 9)
    why = evidence(made, 2, "kings")
    assert (why.level, why.indicator, why.value, why.threshold) == (1, "wind_beaufort", 6, 6)


def test_joined_by_any_each_condition_has_levels_of_its_own() -> None:
    # Rainstorm by the Chinese signals: 50 mm in 12, 6, 3 h is blue, yellow, orange; 100 in 3 red.
    rule = make_rule(
        id="rainstorm", hazard="rain", indicator="rain_12h", unit="mm", levels={"blue": 50},
        also=[
            {"indicator": "rain_6h", "unit": "mm", "levels": {"yellow": 50}},
            {"indicator": "rain_3h", "unit": "mm", "levels": {"orange": 50, "red": 100}},
        ],
        join="any", text=dict.fromkeys(("blue", "yellow", "orange", "red"), WORDS), hold_h=0,
    )  # fmt: skip
    assert rule.level_words == ("blue", "yellow", "orange", "red")
    values = {
        "rain_12h": column(20, 55, 60, 120),
        "rain_6h": column(20, 30, 52, 110),
        "rain_3h": column(20, 30, 40, 100),
    }
    assert evaluate(rule, values, {"k": [0]}, calendar(4)).levels[:, 0].tolist() == [0, 1, 2, 4]


def test_a_joined_condition_may_ask_the_same_of_two_levels() -> None:
    cold = {"indicator": "frost_24h", "unit": "degC", "when": "at-or-below",
            "levels": {"blue": 4, "yellow": 0, "red": 0}}  # fmt: skip
    assert make_rule(**HEAT, **GALE, also=[cold], join="all").also is not None
    with pytest.raises(ValidationError, match="not in order"):
        make_rule(**{**HEAT, **GALE, "levels": {"blue": 6, "yellow": 6, "red": 7}})


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"also": [GUST]}, "also and join go together"),
        ({"join": "all"}, "also and join go together"),
        (
            {"also": [{**GUST, "levels": {"blue": 7}}], "join": "all"},
            "joined by all, every condition needs a threshold for each level",
        ),
        ({"levels_by_area": {"bronx": {"orange": 9}}}, "has orange, which levels does not have"),
        ({"levels_by_area": {"bronx": {"yellow": 5}}}, "of levels_by_area.bronx are not in order"),
        (
            {"levels_by_season": [{"first": "05-01", "last": "06-01", "levels": {"red": 7}}]},
            "of levels_by_season from 05-01 are not in order",
        ),
    ],
)
def test_a_wrong_condition_is_refused(changed, said) -> None:
    with pytest.raises(ValidationError, match=said):
        make_rule(**HEAT, **{**GALE, **changed})
