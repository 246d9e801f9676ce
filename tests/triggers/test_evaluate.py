"""The path from observations to an area's level, on small grids worked out by hand."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import numpy as np
import pytest

from tocsin.errors import ShapeError
from tocsin.indicators.catalogue import CATALOGUE
from tocsin.triggers.evaluate import (
    Calendar,
    Grid,
    evaluate,
    indicator_values,
)
from tocsin.triggers.evidence import evidence, wanted_levels
from tocsin.triggers.rows import _near_noon
from tocsin.triggers.rules import Level
from tocsin.triggers.taking import area_values

from .make import column, make_rule

NEW_YORK = ZoneInfo("America/New_York")
UNITS = {
    "air_temperature": "degC",
    "relative_humidity": "%",
    "wind_speed": "m s-1",
    "lwe_thickness_of_precipitation_amount": "mm",
}


def hours(first, n):
    return np.datetime64(first, "s") + np.arange(n) * np.timedelta64(1, "h")


def grid(first="2013-07-18T00", n=48, **values):
    filled = {name: np.broadcast_to(array, (n, 1)).copy() for name, array in values.items()}
    return Grid(hours(first, n), ("JFK",), (40.64,), filled, UNITS)


def test_the_calendar_is_the_regions_own_and_noon_is_standard_time():
    # 2013-07-18 04:00 UTC is midnight by the clock in New York and 23:00 standard time.
    calendar = Calendar.of(hours("2013-07-18T03", 2), NEW_YORK)
    assert calendar.day.tolist() == [17, 18]
    assert calendar.month.tolist() == [7, 7]
    assert calendar.standard_hour.tolist() == [22, 23]
    assert Calendar.of(hours("2013-01-01T17", 1), NEW_YORK).standard_hour.tolist() == [12]


def test_a_missing_hour_in_the_axis_is_refused():
    times = np.delete(hours("2013-07-18", 4), 1)
    with pytest.raises(ShapeError, match="every hour once"):
        Grid(times, ("JFK",), (40.6,), {}, {})


def test_an_area_takes_its_nearest_station_that_has_a_value():
    at_stations = np.array([[1.0, 2.0], [np.nan, 3.0], [np.nan, np.nan]])
    values, stations = area_values(at_stations, [[0, 1], [1], []])
    np.testing.assert_array_equal(values[:, 0], [1, 3, np.nan])
    assert stations[:, 0].tolist() == [0, 1, -1]
    np.testing.assert_array_equal(values[:, 1], [2, 3, np.nan])
    assert stations[:, 2].tolist() == [-1, -1, -1]


def test_a_quantity_nobody_measures_gives_no_value_and_no_error():
    found = indicator_values(["heat_index"], grid(air_temperature=30.0), _calendar())
    assert np.isnan(found["heat_index"]).all()


def test_units_of_the_store_are_converted_to_the_functions_own():
    """Wind is kept in m/s and wind chill takes km/h: -10 degC at 10 m/s (36 km/h) is -20.3 degC."""
    found = indicator_values(
        ["wind_chill"], grid(air_temperature=-10.0, wind_speed=10.0), _calendar()
    )
    np.testing.assert_allclose(found["wind_chill"], -20.3, atol=0.05)


def test_fire_codes_stand_from_noon_to_noon():
    weather = {
        "air_temperature": 17.0,
        "relative_humidity": 42.0,
        "wind_speed": 25 / 3.6,
        "lwe_thickness_of_precipitation_amount": 0.0,
    }
    # 13 April 1985 of the cffdrs table (tests/indicators/fire): FFMC 87.65.
    days = grid("1985-04-13T12", 72, **weather)
    calendar = Calendar.of(days.times, NEW_YORK)
    ffmc = indicator_values(["ffmc"], days, calendar)["ffmc"][:, 0]
    noons = np.flatnonzero(calendar.standard_hour == 12)
    assert np.isnan(ffmc[: noons[0]]).all()
    # The first noon has rain of too few hours before it, so the codes begin at the second.
    assert np.isnan(ffmc[noons[0]])
    assert len(set(ffmc[noons[1] : noons[2]])) == 1
    assert ffmc[noons[1]] == pytest.approx(87.65, abs=0.005)


def test_a_missing_noon_is_bridged_from_before_and_never_from_later():
    noons = np.array([3])
    assert _near_noon(column(1, 2, None, None, 9), noons)[0, 0] == 2
    assert np.isnan(_near_noon(column(1, None, None, None, 9), noons)[0, 0])


def test_a_threshold_met_after_conversion_counts_as_met():
    """35 degC is 94.99999999999999 degF in floating point; a rule at 95 degF must see it."""
    rule = make_rule(unit="degF", levels={"blue": 95}, season=None)
    found = evaluate(rule, {"heat_index": column(35.0, 34.9)}, {"kings": [0]}, _calendar(2))
    assert found.levels[:, 0].tolist() == [1, 0]


def test_a_rule_looks_only_at_its_areas():
    rule = make_rule(areas=("bronx",))
    found = evaluate(rule, {"heat_index": column(36.0)}, {"kings": [0], "bronx": [0]}, _calendar(1))
    assert found.areas == ("bronx",)


def test_evidence_names_value_threshold_station_and_when_it_began():
    rule = make_rule(persistence_h=2, max_gap_h=3)
    values = column(29, 36, 37, 36, None)
    found = evaluate(rule, {rule.indicator: values}, {"kings": [0]}, _calendar(5))
    assert wanted_levels(found, 4) == {"kings": Level.YELLOW}
    why = evidence(found, 4, "kings")
    assert (why.value, why.threshold, why.station) == (36, 35, 0)
    assert (why.observed, why.crossed, why.peak, why.peak_hour) == (3, 2, 37, 2)
    assert (why.latest, why.latest_hour) == (36, 3)


def test_a_held_level_keeps_the_value_that_earned_it():
    found = evaluate(
        make_rule(hold_h=3), {"heat_index": column(36, 20, 21)}, {"kings": [0]}, _calendar(3)
    )
    why = evidence(found, 2, "kings")
    assert (why.value, why.observed, why.latest, why.latest_hour) == (36, 0, 21, 2)


def _calendar(n=48):
    return Calendar.of(hours("2013-07-18T00", n), NEW_YORK)


def test_an_hour_is_judged_by_the_edition_of_its_local_day():
    """HJ 633-2026 came into force on 1 March 2026; its table differs."""
    hours = np.datetime64("2026-02-28T14", "h") + np.arange(4)  # midnight in China is 16:00 UTC
    entry = CATALOGUE["cn_iaqi_pm25_24h"]
    (name,) = entry.inputs.values()
    grid = Grid(hours, ("A",), (40.0,), {name: np.full((4, 1), 40.0)}, {name: "ug/m3"})
    calendar = Calendar.of(hours, ZoneInfo("Asia/Shanghai"))
    found = indicator_values([entry.id], grid, calendar)[entry.id][:, 0]
    old, new = (
        entry.compute(**{next(iter(entry.inputs)): 40.0}, on=day)
        for day in ("2026-02-28", "2026-03-01")
    )
    assert old != new
    assert found.tolist() == [old, old, new, new]
    long_ago = Calendar.of(hours - np.timedelta64(40 * 365 * 24, "h"), ZoneInfo("UTC"))
    assert not np.isnan(indicator_values([entry.id], grid, long_ago)[entry.id]).any()
