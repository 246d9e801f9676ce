"""A day of the live watch, hour by hour: late, corrected, missing and impossible values."""

from __future__ import annotations

import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tocsin.office.audit.models import Entry
from tocsin.office.warnings_desk.live import LiveWatch
from tocsin.office.warnings_desk.models import Draft, Message
from tocsin.office.watch.models import Correction, Cycle, Feed, Observation, Trigger

from .. import live_region
from ..live_region import MIDNIGHT, cycle, levels_by_file, weather, write

HOUR = timedelta(hours=1)
pytestmark = pytest.mark.django_db


def wanted(watch: LiveWatch, at: Any) -> dict[str, dict[str, int]]:
    """What the live watch says of the newest hour known at ``at``."""
    _, judged, _ = watch._judge(at)
    return {
        rule: {area: int(level) for area, level in levels.items()}
        for rule, levels in judged.wanted().items()
    }


@pytest.mark.slow
def test_a_day_hour_by_hour_has_the_levels_of_a_backtest(tmp_path: Path) -> None:
    """With a late value, a correction, a gap, a broken feed and a clock in the future."""
    folder = live_region.make(tmp_path / "small")
    values = weather()
    late = ("BBB", MIDNIGHT + 9 * HOUR)
    wrong = ("AAA", MIDNIGHT + 11 * HOUR)
    gap = [("AAA", MIDNIGHT + n * HOUR) for n in (18, 19)]
    now = {**values, late: None, wrong: 99.0, **dict.fromkeys(gap)}
    watch = LiveWatch(folder, tmp_path / "spool", at=MIDNIGHT)
    raised = 0
    for n in range(1, 30):
        at = MIDNIGHT + n * HOUR
        if n == 12:
            now[late] = values[late]
        if n == 13:
            now[wrong] = values[wrong]
        write(folder, now, at - HOUR)
        if 20 <= n < 23:
            (folder / "weather.csv").write_text("<html>502</html>\n")
            row = watch.cycle(at)
            feed = Feed.objects.get()
            assert row.errors
            assert feed.failures == n - 19
            assert feed.error_since == MIDNIGHT + 20 * HOUR
            continue
        row = watch.cycle(at)
        said = wanted(watch, at)
        assert said == levels_by_file(folder, at - HOUR)
        raised += bool(said)
        assert row.late == (2 if n == 12 else 0)
        assert row.corrected == (1 if n == 13 else 0)
        again = watch.cycle(at)
        assert (again.new, again.corrected, again.drafts, again.messages) == (0, 0, 0, 0)
    watch.close()
    assert raised > 4
    feed = Feed.objects.get()
    assert (feed.error, feed.failures) == ("", 0)
    assert Entry.objects.filter(verb__in=("feed_failed", "feed_back")).count() == 2
    corrected = Correction.objects.get()
    assert corrected.time == wrong[1]
    assert corrected.before == pytest.approx((99.0 - 32) / 1.8)
    assert {m.reason for m in Message.objects.all()} >= {"issue", "cancel"}
    assert not Draft.objects.exists()
    assert not Cycle.objects.filter(finished_at=None).exists()
    assert Trigger.objects.filter(level=3).exists()


def test_a_value_of_the_future_raises_nothing_even_when_its_hour_has_come(tmp_path: Path) -> None:
    """A clock three hours ahead: kept and flagged; a day and more ahead: told and not kept."""
    folder = live_region.make(tmp_path / "small")
    values = dict(list(weather().items())[:4])
    ahead, far = MIDNIGHT + 6 * HOUR, MIDNIGHT + 72 * HOUR
    write(folder, {**values, ("AAA", ahead): 97.0, ("AAA", far): 97.0}, far)
    row = cycle(folder, MIDNIGHT + 3 * HOUR)
    assert row.refused == 4  # a temperature and a humidity each
    assert not Observation.objects.filter(time=far).exists()
    assert "lies in the future" in " ".join(Feed.objects.get().faults)
    write(folder, {**values, ("AAA", ahead): 97.0}, ahead)
    row = cycle(folder, ahead + HOUR)
    assert row.levels == 0
    assert not Message.objects.exists()


def test_a_correction_takes_back_what_the_wrong_value_raised(tmp_path: Path) -> None:
    """The warning is issued, then lowered or ended by the corrected value; both are on record."""
    folder = live_region.make(tmp_path / "small")
    values = {key: temp for key, temp in weather().items() if key[1] <= MIDNIGHT + 4 * HOUR}
    hot = {**values, ("AAA", MIDNIGHT + 4 * HOUR): 94.0}
    write(folder, hot, MIDNIGHT + 4 * HOUR)
    assert cycle(folder, MIDNIGHT + 5 * HOUR).messages == 1
    write(folder, values, MIDNIGHT + 4 * HOUR + timedelta(seconds=1))
    row = cycle(folder, MIDNIGHT + 5 * HOUR + timedelta(minutes=10))
    assert (row.corrected, row.messages) == (1, 1)
    assert [m.reason for m in Message.objects.order_by("number")] == ["issue", "cancel"]


def test_a_broken_feed_does_not_stop_another(tmp_path: Path) -> None:
    """The second feed's values are judged although the first cannot be read."""
    folder = live_region.make(tmp_path / "small")
    feeds = (folder / "feeds.toml").read_text()
    first = feeds.replace('id = "hourly"', 'id = "broken"').replace("weather.csv", "broken.csv")
    (folder / "feeds.toml").write_text(first + feeds)
    (folder / "broken.csv").write_text("nothing of use\n")
    write(folder, weather(), MIDNIGHT + 13 * HOUR)
    row = cycle(folder, MIDNIGHT + 14 * HOUR)
    assert len(row.errors) == 1
    assert row.messages == 1


def test_a_second_feed_fills_and_corrects_nothing(tmp_path: Path) -> None:
    """Two feeds that give one series do not correct each other for ever."""
    folder = live_region.make(tmp_path / "small")
    feeds = (folder / "feeds.toml").read_text()
    other = feeds.replace('id = "hourly"', 'id = "other"').replace("weather.csv", "other.csv")
    (folder / "feeds.toml").write_text(feeds + other)
    time = f"{MIDNIGHT:%Y-%m-%dT%H:%M:%SZ}"
    (folder / "other.csv").write_text(f"{live_region.HEAD}\nAAA,{time},60,40\n")
    row = cycle(folder, MIDNIGHT + HOUR)
    assert row.corrected == 0
    assert not Correction.objects.exists()


@pytest.fixture
def server(tmp_path: Path) -> Any:
    """A web server on this machine: ``said`` is what it answers, a status and a text."""
    said: dict[str, Any] = {"status": 200, "body": ""}

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(said["status"])
            self.send_header("Content-Type", "text/csv")
            self.end_headers()
            self.wfile.write(said["body"].encode())

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as httpd:
        said["url"] = f"http://127.0.0.1:{httpd.server_port}/weather.csv"
        thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield said
        httpd.shutdown()
        thread.join()


@pytest.mark.slow
def test_a_feed_of_the_network_is_asked_and_joins_in(
    tmp_path: Path, server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It answers with the last two hours each time; a broken hour costs nothing that comes later.

    The same temperature at BBB for a day and more is a stuck sensor, although no answer shows it.
    """
    monkeypatch.setenv("TOCSIN_ALLOW_TARGETS", "127.0.0.1")
    folder = live_region.make(tmp_path / "small")
    feeds = (folder / "feeds.toml").read_text()
    (folder / "feeds.toml").write_text(
        feeds.replace('path = "weather.csv"', f'url = "{server["url"]}"\nevery_min = 30')
    )
    values = {key: 80.0 if key[0] == "BBB" else temp for key, temp in weather().items()}
    watch = LiveWatch(folder, tmp_path / "spool", at=MIDNIGHT)
    for n in range(1, 31):
        at = MIDNIGHT + n * HOUR
        write(folder, {k: v for k, v in values.items() if k[1] >= at - 2 * HOUR}, at - HOUR)
        server["body"] = (folder / "weather.csv").read_text()
        server["status"] = 500 if n == 7 else 200
        row = watch.cycle(at)
        assert bool(row.errors) == (n == 7)
    watch.close()
    observed = Observation.objects.filter(series__kind="observed", series__station__code="BBB")
    assert observed.filter(series__quantity="air_temperature").count() == 30
    stuck = observed.filter(series__quantity="air_temperature", flags=4)
    assert stuck.count() == 30
    computed = Observation.objects.filter(series__kind="indicator", series__station__code="BBB")
    assert computed.exists()
    assert not computed.exclude(value=None).exists()  # those of before the doubt, too
    assert Message.objects.filter(reason="issue").exists()
