"""A replay with a feed of forecasts: what was known at each hour, and nothing that came later."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from tocsin.intake.feed import READERS, Feed, Forecast, Options, Reader, Reading, SeriesValues
from tocsin.office.warnings_desk.models import Message
from tocsin.office.warnings_desk.replay import replay

from ..small_region import FEEDS, RULES, weather, write_region

FIRST = datetime(2013, 7, 15, 4, tzinfo=UTC)
HOUR = timedelta(hours=1)
FEED = """
[[feed]]
id = "model"
reader = "made-runs"
path = "runs.txt"
delay_min = 120
source = "made for a test"
licence = "Apache-2.0"
"""


def forecast(feed: Feed, _options: object, _stations: object) -> Reading:
    """Give the truth of the weather file, as a run begun at midnight, in two hours on its way."""
    start = np.datetime64(FIRST.replace(tzinfo=None), "s")
    found: dict[tuple[str, str], list[float]] = {}
    lines = (feed.folder / "weather.csv").read_text().splitlines()
    for line in [*lines[1:25], *lines[49:73]]:  # the first day of each station
        station, _, temperature, humidity = line.split(",")
        found.setdefault((station, "air_temperature"), []).append((float(temperature) - 32) / 1.8)
        found.setdefault((station, "relative_humidity"), []).append(float(humidity))
    return Reading(
        forecasts=[
            Forecast(
                "truth",
                SeriesValues(
                    station, quantity, "degC" if quantity == "air_temperature" else "%",
                    start + np.arange(len(values)) * np.timedelta64(3600, "s"),
                    np.array(values), np.zeros(len(values), np.uint16),
                ),
                start,
            )
            for (station, quantity), values in found.items()
        ]
    )  # fmt: skip


@pytest.mark.django_db
def test_a_replay_warns_ahead_by_the_runs_of_its_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hot from 13 h: with a lead of 24 h expected as soon as the run is there, at two o'clock."""
    monkeypatch.setitem(READERS, "made-runs", Reader("made-runs", Options, forecast))
    monkeypatch.setattr(Options, "observes", lambda self: bool(self.model_fields_set))
    rules = RULES.replace("hold_h = 2\n", "hold_h = 2\nlead_h = 24\n")
    folder = write_region(tmp_path / "small", rules=rules, weather=weather())
    (folder / "feeds.toml").write_text(FEEDS + FEED)
    (folder / "runs.txt").write_text("\n")
    replay(folder, at=datetime(2026, 1, 1, tzinfo=UTC))
    messages = list(Message.objects.order_by("number"))
    assert [one.reason for one in messages][:2] == ["issue", "confirm"]
    assert messages[0].sent_at == FIRST + 2 * HOUR
    assert messages[0].evidence[0]["forecast"]["model"] == "truth"
    assert messages[1].sent_at == FIRST + 14 * HOUR
