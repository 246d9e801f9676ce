"""The hours a live cycle looks at are enough: the newest hour has the levels of a full run."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from tests.office import factories
from tocsin.office.places.models import Station
from tocsin.office.watch.grid import observed_grid
from tocsin.office.watch.models import Series
from tocsin.office.watch.table import Table, insert_rows
from tocsin.office.watch.window import judge_hour, look_back
from tocsin.triggers.evaluate import Calendar, evaluate, indicator_values
from tocsin.triggers.evidence import evidence
from tocsin.triggers.rules import Rule

BEGIN = datetime(2026, 6, 1, tzinfo=UTC)
HOURS = 24 * 30
ZONE = ZoneInfo("America/New_York")
WORDS = {"headline": {"en": "{value}"}, "instruction": {"en": "."}}


def rule(name: str, indicator: str, unit: str, levels: dict[str, float], **more: object) -> Rule:
    return Rule.model_validate(
        {
            "id": name,
            "version": 1,
            "name": {"en": name},
            "hazard": "heat",
            "indicator": indicator,
            "unit": unit,
            "levels": levels,
            "source": "made for a test",
            "text": dict.fromkeys(levels, WORDS),
            **more,
        }
    )


RULES = (
    rule("plain", "heat_index", "degC", {"yellow": 30, "orange": 34}),
    rule("patient", "heat_index", "degC", {"yellow": 29, "red": 35}, persistence_h=3, hold_h=9,
         hysteresis=6, max_gap_h=2),
    rule("held", "rain_24h", "mm", {"blue": 2, "yellow": 12}, hold_h=12, hysteresis=1.9),
    rule("season", "heat_index", "degC", {"yellow": 28}, hysteresis=12, hold_h=24,
         season={"first": "06-10", "last": "06-20"}),
    rule("codes", "fwi", "1", {"yellow": 8, "orange": 14}, hysteresis=2, hold_h=24),
)  # fmt: skip


@pytest.fixture
def stations(db: None) -> list[Station]:
    """Two stations with a month of weather: a week of heat without a pause, gaps, rain."""
    factories.make_region()
    made = [
        Station.objects.create(code=code, names={"en": code}, lat=40.6, lon=-74.0, source="made")
        for code in ("AAA", "BBB")
    ]
    rng = np.random.default_rng(5)
    hours = np.arange(HOURS)
    times = np.datetime64("2026-06-01T00:00:00") + hours.astype("timedelta64[h]")
    for station in made:
        heat = np.where((hours > 240) & (hours < 420), 9.0, 0.0)
        temperature = 22 + heat - 5 * np.cos(hours / 24 * 2 * np.pi) + rng.normal(0, 1.5, HOURS)
        values = {
            "air_temperature": ("degC", temperature),
            "relative_humidity": ("percent", np.clip(60 + rng.normal(0, 8, HOURS), 20, 98)),
            "wind_speed": ("m s-1", np.abs(rng.normal(4, 2, HOURS))),
            "lwe_thickness_of_precipitation_amount": (
                "mm", np.where(rng.random(HOURS) < 0.06, rng.exponential(4, HOURS), 0.0)
            ),
        }  # fmt: skip
        gone = rng.random(HOURS) < 0.05
        gone[500:506] = True
        for quantity, (unit, array) in values.items():
            series = Series.objects.create(
                station=station, quantity=quantity, kind=Series.OBSERVED, unit=unit
            )
            there = ~gone
            size = int(there.sum())
            insert_rows(
                Table(
                    np.full(size, series.pk, np.int64),
                    times[there],
                    array[there],
                    np.zeros(size, np.uint16),
                )
            )
    return made


@pytest.mark.slow
def test_the_newest_hour_is_judged_as_by_a_full_run(stations: list[Station]) -> None:
    """Levels and evidence of every 7th hour of a month, by every rule and area."""
    near = {"west": ["AAA", "BBB"], "east": ["BBB"]}
    whole = observed_grid(BEGIN, BEGIN + timedelta(hours=HOURS - 1))
    calendar = Calendar.of(whole.times, ZONE)
    names = sorted({name for one in RULES for name in one.indicators})
    values = indicator_values(names, whole, calendar)
    column = {code: i for i, code in enumerate(whole.stations)}
    order = {area: [column[code] for code in codes] for area, codes in near.items()}
    full = {one.id: evaluate(one, values, order, calendar) for one in RULES}
    above = shorter = 0
    for hour in range(0, HOURS, 7):
        found = judge_hour(RULES, near, BEGIN + timedelta(hours=hour), ZONE)
        for one in RULES:
            areas = [code for part in found[one.id] for code in part.evaluation.areas]
            assert sorted(areas) == ["east", "west"]
            for part in found[one.id]:
                last = part.grid.times.size - 1
                shift = hour - last
                shorter += shift > 0
                for place, area in enumerate(part.evaluation.areas):
                    wanted = int(full[one.id].levels[hour, full[one.id].areas.index(area)])
                    assert int(part.evaluation.levels[last, place]) == wanted, (one.id, hour, area)
                    if wanted:
                        above += 1
                        mine = evidence(part.evaluation, last, area)
                        theirs = evidence(full[one.id], hour, area)
                        assert mine.crossed + shift == theirs.crossed
                        assert mine.observed + shift == theirs.observed
                        assert mine.peak == pytest.approx(theirs.peak)
    assert above > 100
    assert shorter > 150


def test_how_far_indicators_look_back() -> None:
    backs = {one.id: look_back(one) for one in RULES}
    assert backs == {"plain": 0, "patient": 0, "held": 23, "season": 0, "codes": None}
