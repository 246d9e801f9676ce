"""What stands for an hour with several values: stored, in memory and from a file alike."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.office import factories, live_region
from tests.office.factories import NOW
from tocsin.intake.hours import RAIN
from tocsin.office.watch.grid import observed_grid
from tocsin.office.watch.models import Observation, Series
from tocsin.office.watch.recent_rows import RecentRows
from tocsin.region import load_region
from tocsin.region.archive import archive_of

GIVEN = {
    "wind_speed_of_gust": ("m s-1", (3.0, 11.0, 5.0, 7.0), (11.0, 7.0)),
    RAIN: ("mm", (0.5, 1.0, 2.5, 4.0), (4.0, 4.0)),
    "air_temperature": ("degC", (20.0, 21.0, 19.0, 18.0), (19.0, 18.0)),
}
"""Three values in the hour and one in the next; what stands for the two hours."""
MINUTES = (0, 20, 51, 71)


@pytest.mark.django_db
@pytest.mark.parametrize("in_memory", [False, True])
def test_stored_values_of_one_hour(in_memory: bool) -> None:
    station = factories.make_station("JFK")
    for quantity, (unit, values, _) in GIVEN.items():
        series = Series.objects.create(
            station=station, quantity=quantity, kind=Series.OBSERVED, unit=unit
        )
        for minute, value in zip(MINUTES, values, strict=True):
            time = NOW + timedelta(minutes=minute)
            Observation.objects.create(series=series, time=time, value=value)
        # A doubted value is of no hour, however strong.
        doubted = NOW + timedelta(minutes=33)
        Observation.objects.create(series=series, time=doubted, value=40.0, flags=1)
    recent = None
    if in_memory:
        recent = RecentRows()
        recent.move_on(NOW + timedelta(hours=2))
    grid = observed_grid(NOW, NOW + timedelta(hours=1), recent=recent)
    for quantity, (_, _, wanted) in GIVEN.items():
        assert grid.values[quantity][:, 0].tolist() == list(wanted)


SENSOR_FEED = """[[feed]]
id = "hourly"
reader = "sensor-json"
path = "weather.jsonl"
delay_min = 0
source = "made for a test"
licence = "CC0-1.0"
"""


def test_a_file_of_one_hour_has_the_same_in_a_backtest(tmp_path: Path) -> None:
    folder = live_region.make(tmp_path / "small")
    (folder / "feeds.toml").write_text(SENSOR_FEED)
    lines = [
        f'{{"station": "AAA", "time": "{NOW + timedelta(minutes=minute):%Y-%m-%dT%H:%M:%SZ}", '
        f'"values": {{"{quantity}": {{"value": {values[n]}, "unit": "{unit}"}}}}}}\n'
        for quantity, (unit, values, _) in GIVEN.items()
        for n, minute in enumerate(MINUTES)
    ]
    (folder / "weather.jsonl").write_text("".join(lines))
    archive = archive_of(load_region(folder), first=NOW, last=NOW + timedelta(hours=1))
    column = archive.grid.stations.index("AAA")
    for quantity, (_, _, wanted) in GIVEN.items():
        assert archive.grid.values[quantity][:, column].tolist() == list(wanted)
