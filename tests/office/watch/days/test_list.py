"""The list of simulated days: a reader without one fails here."""

from __future__ import annotations

from pathlib import Path

from tests.intake.answers import daily_renderer, renderers
from tocsin.intake import READERS

HERE = Path(__file__).parent
ELSEWHERE = {
    "grib-points": "test_grib.py",
    "daily-station-csv": "test_daily_csv.py",
    "sensor-json": "../brought/test_push.py",  # and test_mqtt.py: it is never asked for
    "hourly-station-xlsx": "../brought/test_drop.py",
    "hourly-station-parquet": "../brought/test_drop.py",
}
"""Readers whose day is not in test_http.py."""


def test_every_reader_has_a_simulated_day() -> None:
    asked = {one.reader for one in renderers()}
    assert daily_renderer().reader in ELSEWHERE
    assert asked | ELSEWHERE.keys() == READERS.keys()
    assert asked & ELSEWHERE.keys() == set()
    for name in ELSEWHERE.values():
        assert "def test_" in (HERE / name).read_text()
