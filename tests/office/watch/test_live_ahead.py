"""A live day with a forecast: expected, confirmed by observation, taken back by two runs."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tocsin.cap import parse
from tocsin.cap.message import Info
from tocsin.office.warnings_desk.live import LiveWatch
from tocsin.office.warnings_desk.models import Draft, Message
from tocsin.office.watch.forecast_models import ForecastRun
from tocsin.office.watch.models import Feed
from tocsin.office.watch.notes import note

from .. import live_region, small_region
from ..live_region import MIDNIGHT, weather, write

HOUR = timedelta(hours=1)
pytestmark = pytest.mark.django_db
RULES = small_region.RULES.replace("hold_h = 2\n", "hold_h = 2\nlead_h = 6\n")
FEED = """
[[feed]]
id = "model"
reader = "open-meteo"
url = "{url}"
delay_min = 0
every_min = 30
run_every_h = 1
source = "made for a test"
licence = "Apache-2.0"
[feed.options]
places = ["AAA", "BBB"]
model = "Test model"
{more}
"""
Temperature = Callable[[str, datetime, int], float]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """A server that speaks Open-Meteo: ``said["body"]`` is what it answers."""
    said: dict[str, Any] = {"body": b""}
    monkeypatch.setenv("TOCSIN_ALLOW_TARGETS", "127.0.0.1")

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(said["body"])

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as httpd:
        said["url"] = f"http://127.0.0.1:{httpd.server_port}/v1/forecast"
        thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield said
        httpd.shutdown()
        thread.join()


def answer(at: datetime, temperature: Temperature, members: int = 1) -> bytes:
    """Return what Open-Meteo says at ``at`` of the 24 hours from there on."""
    times = [at.replace(minute=0) + n * HOUR for n in range(24)]
    places = []
    for station in ("AAA", "BBB"):
        hourly: dict[str, Any] = {"time": [f"{time:%Y-%m-%dT%H:%M}" for time in times]}
        units = {"time": "iso8601"}
        for member in range(members):
            suffix = f"_member{member:02d}" if member else ""
            hourly[f"temperature_2m{suffix}"] = [temperature(station, t, member) for t in times]
            hourly[f"relative_humidity_2m{suffix}"] = [40 + t.hour % 2 for t in times]
            units |= {f"temperature_2m{suffix}": "°F", f"relative_humidity_2m{suffix}": "%"}
        places.append({"utc_offset_seconds": 0, "hourly_units": units, "hourly": hourly})
    return json.dumps(places).encode()


def make(tmp_path: Path, server: dict[str, Any], more: str = "", approval: str = "") -> Path:
    folder = live_region.make(tmp_path / "small", approval or live_region.AUTO, rules=RULES)
    feeds = (folder / "feeds.toml").read_text()
    (folder / "feeds.toml").write_text(feeds + FEED.format(url=server["url"], more=more))
    return folder


def mild(station: str, time: datetime) -> float:
    return 75.0 + time.hour % 3


def infos(message: Message) -> list[Info]:
    return [one for one in parse(bytes(message.raw)).alert.info if one.language == "en"]


@pytest.mark.slow
def test_what_is_expected_is_warned_of_and_confirmed_when_it_is_measured(
    tmp_path: Path, server: dict[str, Any]
) -> None:
    """A single forecast that comes true: six hours of lead, then Observed, at the same levels."""
    folder, values = make(tmp_path, server), weather()
    truth = lambda station, time, _: values.get((station, time), mild(station, time))  # noqa: E731
    watch = LiveWatch(folder, tmp_path / "spool", at=MIDNIGHT)
    told = {}
    for n in range(1, 24):
        at = MIDNIGHT + n * HOUR
        write(folder, values, at - HOUR)
        server["body"] = answer(at, truth)
        row = watch.cycle(at)
        assert row.errors == []
        told[n] = (row.levels, [one for one in row.notes if one["code"] == "expected"])
        again = watch.cycle(at)
        assert (again.messages, again.new) == (0, 0)
    watch.close()
    expected = note("expected", areas=2)
    assert (told[7], told[8], told[14]) == ((0, []), (0, [expected]), (2, []))
    messages = list(Message.objects.order_by("number"))
    assert [m.reason for m in messages] == ["issue", "confirm", "cancel"]
    first, confirmed, _ = messages
    # The hour from 13 h is hot; it comes within six hours of the newest measured one at 7 h.
    assert first.sent_at == MIDNIGHT + 8 * HOUR
    assert first.levels == {"west": 3, "east": 2} == confirmed.levels
    assert first.expires_at == MIDNIGHT + (13 + 8) * HOUR
    top = infos(first)[0]
    assert (top.certainty, top.urgency) == ("Likely", "Future")
    assert top.onset == MIDNIGHT + 13 * HOUR
    assert (top.headline or "").startswith("Expected: Dangerous heat")
    assert "expected at West Field" in (top.description or "")
    assert "This is a forecast, not a measurement: Test model" in (top.description or "")
    row = first.evidence[0]
    assert row["forecast"]["feed"] == "model"
    assert (row["forecast"]["members"], row["forecast"]["present"]) == (1, 1)
    assert row["observed_at"].startswith("2026-07-15T17")
    assert confirmed.sent_at == MIDNIGHT + 14 * HOUR
    top = infos(confirmed)[0]
    assert (top.certainty, top.urgency) == ("Observed", "Immediate")
    assert not any(row.get("forecast") for row in confirmed.evidence)
    assert "observed in the hour from" in (top.description or "")
    assert not Feed.objects.get(code="model").is_late(MIDNIGHT + 23 * HOUR)


def test_an_ensemble_warns_by_its_share_and_is_taken_back_by_two_runs(
    tmp_path: Path, server: dict[str, Any]
) -> None:
    """Two of four members are hot, then one: the second such run takes it back."""
    folder, values = make(tmp_path, server, "members = 5"), weather()
    hot = {n: {1, 2} for n in range(8, 11)} | {n: {1} for n in range(11, 14)}

    def said(n: int) -> Temperature:
        def temperature(station: str, time: datetime, member: int) -> float:
            warm = member in hot.get(n, ()) and time == MIDNIGHT + 15 * HOUR
            nudge = 0.1 if n >= 12 else 0.0  # the run of 12 h says something else again
            return (97.0 if warm else mild(station, time)) + nudge

        return temperature

    watch = LiveWatch(folder, tmp_path / "spool", at=MIDNIGHT)
    for n in range(1, 14):
        at = MIDNIGHT + n * HOUR
        write(folder, {k: min(v or 75, 80.0) for k, v in values.items()}, at - HOUR)
        server["body"] = answer(at, said(n), members=4)
        assert watch.cycle(at).errors == []
    watch.close()
    messages = list(Message.objects.order_by("number"))
    assert [(m.reason, (m.sent_at - MIDNIGHT) // HOUR) for m in messages] == [
        ("issue", 10),
        ("cancel", 12),
    ]
    first, last = messages
    forecast = first.evidence[0]["forecast"]
    assert (forecast["members"], forecast["present"], forecast["probability"]) == (5, 4, 0.5)
    assert infos(first)[0].certainty == "Likely"
    assert "50 % of 4 of its 5 members" in (infos(first)[0].description or "")
    over = infos(last)[0]
    assert (over.certainty, over.response_type) == ("Unlikely", ("AllClear",))
    assert "two runs of the forecast in a row" in (over.description or "")
    run = ForecastRun.objects.order_by("-issued_at").first()
    assert run is not None
    assert (run.present, run.missing) == (4, 1)


def test_a_draft_of_what_is_expected_has_no_crossing_and_stays_withdrawn(
    tmp_path: Path, server: dict[str, Any]
) -> None:
    """Where persons decide, what they set aside is not opened again each hour."""
    folder, values = make(tmp_path, server, approval=live_region.ONE), weather()
    truth = lambda station, time, _: values.get((station, time), mild(station, time))  # noqa: E731
    watch = LiveWatch(folder, tmp_path / "spool", at=MIDNIGHT)
    for n in (8, 9):
        at = MIDNIGHT + n * HOUR
        write(folder, values, at - HOUR)
        server["body"] = answer(at, truth)
        assert watch.cycle(at).errors == []
    watch.close()
    draft = Draft.objects.get()
    assert draft.threshold_crossed_at is None
    assert draft.content["certainty"] == "Likely"
    assert draft.content["texts"]["en"]["headline"].startswith("Expected: ")
