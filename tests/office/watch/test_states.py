"""States of recursive indicators: bit by bit what one run over the whole record says."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from tests.office import factories
from tocsin.office.places.models import Station
from tocsin.office.watch import states as states_module
from tocsin.office.watch.grid import observed_grid
from tocsin.office.watch.models import IndicatorState, Series
from tocsin.office.watch.states import States, bring_up, forget
from tocsin.office.watch.table import Table, insert_rows, write_rows
from tocsin.office.watch.window import judge_hour
from tocsin.triggers.evaluate import Calendar, evaluate, indicator_values

from .test_window import rule

BEGIN = datetime(2026, 2, 26, 5, tzinfo=UTC)
ZONE = ZoneInfo("America/New_York")
HOUR = timedelta(hours=1)
DAYS = 26
CODES = ("AAA", "BBB", "CCC")
NEAR = {"west": ["AAA", "BBB"], "east": ["BBB"], "south": ["CCC"]}
QUANTITIES = {
    "air_temperature": "degC",
    "relative_humidity": "percent",
    "wind_speed": "m s-1",
    "lwe_thickness_of_precipitation_amount": "mm",
}
FUNCTIONS = {
    "tocsin.indicators.fire.fwi:fwi",
    "tocsin.indicators.fire.hourly_ffmc:hourly_ffmc",
    "tocsin.indicators.fire.winter:fire_season",
}
RULES = (
    rule("codes", "fwi", "1", {"yellow": 4, "orange": 9}, hysteresis=2, hold_h=24),
    rule("moisture", "hourly_ffmc", "1", {"yellow": 84, "red": 88}, hold_h=6),
    rule("dry", "dc", "1", {"blue": 60}, hold_h=48),
    rule("season", "fire_season", "1", {"blue": 1}),
    rule("plain", "heat_index", "degC", {"yellow": 30}),
)
RECURSIVE = ("fwi", "dmc", "dc", "dsr", "hourly_ffmc", "fire_season")


class Weather:
    """Weather of all stations and hours in memory, put into the store as it comes."""

    def __init__(self, rng: np.random.Generator) -> None:
        factories.make_region()
        self.rng = rng
        self.stations = [
            Station.objects.create(code=code, names={}, lat=40.6 + i, lon=-74.0, source="made")
            for i, code in enumerate(CODES)
        ]
        self.series = {
            (station.code, quantity): Series.objects.create(
                station=station, quantity=quantity, kind=Series.OBSERVED, unit=unit
            )
            for station in self.stations
            for quantity, unit in QUANTITIES.items()
        }

    def values(self, hour: int) -> dict[str, float]:
        warm = 8 + 14 * np.sin(hour / 24 / 26 * np.pi) - 5 * np.cos(hour / 24 * 2 * np.pi)
        rng = self.rng
        return {
            "air_temperature": warm + rng.normal(0, 2),
            "relative_humidity": float(np.clip(50 + rng.normal(0, 12), 5, 99)),
            "wind_speed": abs(rng.normal(4, 2)),
            "lwe_thickness_of_precipitation_amount": rng.exponential(3) * (rng.random() < 0.04),
        }

    def put(self, hour: int, *codes: str, write: bool = False) -> None:
        """Store an hour of some stations, new or in place of what is there."""
        rows = [
            (self.series[code, name].pk, value)
            for code in codes
            for name, value in self.values(hour).items()
        ]
        time = np.datetime64(BEGIN.replace(tzinfo=None), "s") + np.timedelta64(hour, "h")
        table = Table(
            np.array([key for key, _ in rows]),
            np.full(len(rows), time),
            np.array([value for _, value in rows]),
            np.zeros(len(rows), np.uint16),
        )
        (write_rows if write else insert_rows)(table)

    def since(self, hour: int, code: str) -> dict[int, np.datetime64]:
        """Return what a cycle would say of a value of ``hour`` that came or changed."""
        key = next(one.pk for one in self.stations if one.code == code)
        return {key: np.datetime64((BEGIN + hour * HOUR).replace(tzinfo=None), "s")}


def full_run(hour: int) -> tuple[dict[str, np.ndarray], dict[str, dict[str, int]]]:
    """Return the newest values and levels of one run over the whole record."""
    grid = observed_grid(BEGIN, BEGIN + hour * HOUR)
    calendar = Calendar.of(grid.times, ZONE)
    names = sorted({name for one in RULES for name in one.indicators} | set(RECURSIVE))
    values = indicator_values(names, grid, calendar)
    order = {area: [grid.stations.index(code) for code in codes] for area, codes in NEAR.items()}
    levels = {}
    for one in RULES:
        said = evaluate(one, values, order, calendar)
        levels[one.id] = dict(zip(said.areas, said.levels[-1].tolist(), strict=True))
    return {name: values[name] for name in RECURSIVE}, levels


def hold_against_full_run(hour: int, states: States) -> int:
    """Hold values since the last states, and levels, against a full run; return how many rows."""
    whole, levels = full_run(hour)
    at = BEGIN + hour * HOUR
    found = judge_hour(RULES, NEAR, at, ZONE, states=states)
    mine = {
        name: {
            area: int(level)
            for part in parts
            for area, level in zip(
                part.evaluation.areas, part.evaluation.levels[-1].tolist(), strict=True
            )
        }
        for name, parts in found.items()
    }
    assert mine == levels
    begin = states.begin(FUNCTIONS, at)
    if begin is None:
        return 0
    grid = observed_grid(begin, at)
    given = states.resumed(FUNCTIONS, begin, grid.stations)
    values = indicator_values(RECURSIVE, grid, Calendar.of(grid.times, ZONE), resumed=given)
    for name in RECURSIVE:
        np.testing.assert_array_equal(values[name][-1], whole[name][-1], err_msg=name)
    return grid.times.size


@pytest.mark.slow
@pytest.mark.timeout(900)  # hundreds of full runs; on PostgreSQL each asks a server
@pytest.mark.django_db
@pytest.mark.parametrize("seed", [1, 2])
def test_with_late_and_corrected_values_they_are_those_of_a_full_run(seed: int) -> None:
    """Gaps, values that come days late, corrections weeks back; now and then a cycle is killed."""
    rng = np.random.default_rng(seed)
    weather = Weather(rng)
    kept_back: list[tuple[int, str]] = []
    left: dict[int, np.datetime64] = {}
    resumed = killed = 0
    for hour in range(DAYS * 24):
        missing = [code for code in CODES if rng.random() < 0.03]
        kept_back += [(hour, code) for code in missing]
        weather.put(hour, *(code for code in CODES if code not in missing))
        if hour % 24 not in (3, 7, 16) or rng.random() < 0.6:
            continue
        since = dict(left)
        for _ in range(int(rng.integers(0, 3))):
            if kept_back and rng.random() < 0.8:
                late, code = kept_back.pop(int(rng.integers(len(kept_back))))
                weather.put(late, code)
                told = weather.since(late, code)
            else:
                back = int(rng.integers(0, hour + 1)) if rng.random() < 0.3 else max(0, hour - 30)
                code = str(rng.choice(CODES))
                weather.put(back, code, write=True)
                told = weather.since(back, code)
            for key, time in told.items():
                since[key] = min(since.get(key, time), time)
        if rng.random() < 0.2:  # killed before it looked: the next cycle finds what it left
            left, killed = since, killed + 1
            continue
        forget(since)
        states = bring_up(FUNCTIONS, BEGIN + hour * HOUR, ZONE)
        if rng.random() < 0.2:  # killed after: the next one forgets the same again
            left, killed = since, killed + 1
        else:
            left = {}
        resumed += hold_against_full_run(hour, states) > 0
    assert resumed > 5
    assert killed > 2


@pytest.mark.django_db
def test_states_are_kept_more_thinly_the_older_they_are() -> None:
    first = datetime(2016, 3, 1, 7, tzinfo=UTC)
    for day in range(0, 900, 7):
        newest = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=day)
        marks = states_module._kept(first, newest)
        assert marks[-1] == newest
        assert marks[0] > first
        assert len(marks) <= 9 + 3 * 8
        # What is kept tomorrow was kept today, or is new.
        after = states_module._kept(first, newest + timedelta(days=1))
        assert set(after) <= {*marks, newest + timedelta(days=1)}
        # What is looked for has a state not much older than itself.
        for early, late in itertools.pairwise(marks):
            assert late - early <= max(timedelta(days=1), 9 * (newest - late))


@pytest.mark.django_db
def test_a_state_that_rests_on_something_else_is_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """A station moves, the program is another version: nothing of the old states is used."""
    weather = Weather(np.random.default_rng(3))
    for hour in range(24 * 5):
        weather.put(hour, *CODES)
    at = BEGIN + 119 * HOUR
    bring_up(FUNCTIONS, at, ZONE)
    before = dict(IndicatorState.objects.values_list("pk", "rests_on"))
    bring_up(FUNCTIONS, at, ZONE)
    assert before == dict(IndicatorState.objects.values_list("pk", "rests_on"))
    Station.objects.filter(code="AAA").update(lat=-33.0)  # other tables of day length
    hold_against_full_run(119, bring_up(FUNCTIONS, at, ZONE))
    after = dict(IndicatorState.objects.values_list("pk", "rests_on"))
    fwi = IndicatorState.objects.filter(function__endswith="fwi", station__code="AAA")
    assert len(before.keys() - after.keys()) == fwi.count() > 0
    monkeypatch.setattr(states_module, "__version__", "9.9")
    bring_up(FUNCTIONS, at, ZONE)
    assert not set(after) & set(IndicatorState.objects.values_list("pk", flat=True))


@pytest.mark.django_db
def test_a_value_of_a_new_hour_forgets_nothing() -> None:
    weather = Weather(np.random.default_rng(4))
    for hour in range(24 * 3):
        weather.put(hour, "AAA")
    bring_up(FUNCTIONS, BEGIN + 71 * HOUR, ZONE)
    count = IndicatorState.objects.count()
    forget(weather.since(72, "AAA"))
    assert IndicatorState.objects.count() == count > 0
    others = IndicatorState.objects.exclude(station__code="BBB")
    before = set(others.values_list("pk", flat=True))
    forget(weather.since(50, "BBB"))
    last = IndicatorState.objects.filter(station__code="BBB").latest("after").after
    assert last < BEGIN + 50 * HOUR
    assert set(others.values_list("pk", flat=True)) == before
    for code in CODES:
        forget(weather.since(0, code))
    assert not IndicatorState.objects.exists()
