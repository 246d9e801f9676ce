"""The pages that show forecasts: were they right, the series, the feeds, and a warning of one."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from django.test import Client

from tests.office import live_region, small_region
from tests.office.live_region import MIDNIGHT, weather, write
from tocsin.intake import Feed as FeedSettings
from tocsin.intake import Forecast, Reading, SeriesValues
from tocsin.office.people.models import Post, User
from tocsin.office.places import current
from tocsin.office.warnings_desk.live import LiveWatch
from tocsin.office.watch.forecasts import keep_forecasts

HOUR = timedelta(hours=1)
NOW = MIDNIGHT + 12 * HOUR
RULES = small_region.RULES.replace("hold_h = 2\n", "hold_h = 2\nlead_h = 6\n")
pytestmark = pytest.mark.django_db


@pytest.fixture
def officer() -> Client:
    """The duty officer's browser."""
    user = User.objects.create(username="duty")
    Post.objects.create(title="Duty officer", role="duty_officer").holders.add(user)
    client = Client()
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def morning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Noon of a hot day; of the run of midnight two of three members are there."""
    clock = SimpleNamespace(now=lambda: NOW + timedelta(minutes=1))
    monkeypatch.setattr(current, "timezone", clock)
    folder = live_region.make(tmp_path / "small", rules=RULES)
    values = weather()
    write(folder, values, NOW - HOUR)
    watch = LiveWatch(folder, tmp_path / "spool", at=NOW)
    start = np.datetime64(MIDNIGHT.replace(tzinfo=None), "s")
    times = start + np.arange(30) * np.timedelta64(3600, "s")
    none = np.zeros(30, np.uint16)
    parts = []
    for station in ("AAA", "BBB"):
        for member, colder in enumerate((0.0, 8.0)):
            warm = [values[station, MIDNIGHT + n * HOUR] or 75.0 for n in range(30)]
            degrees = (np.array(warm) - colder - 32) / 1.8
            damp = 40.0 + np.array([(MIDNIGHT + n * HOUR).hour % 2 for n in range(30)])
            for quantity, unit, numbers in (
                ("air_temperature", "degC", degrees),
                ("relative_humidity", "%", damp),
            ):
                series = SeriesValues(station, quantity, unit, times, numbers, none)
                parts.append(Forecast("Test model", series, start, member))
    settings = FeedSettings(
        id="model", reader="open-meteo", delay_min=60, source="made for a test",
        licence="Apache-2.0", path=f"{MIDNIGHT + HOUR:%Y%m%dT%H%M%SZ}.json",
        options={"members": 3},
    )  # fmt: skip
    keep_forecasts(settings, Reading(forecasts=parts), at=MIDNIGHT + HOUR)
    watch.cycle(NOW)
    watch.close()


def test_without_a_run_the_page_says_what_to_do(officer: Client, heat_wave: object) -> None:
    body = officer.get("/desk/right/forecasts/").content.decode()
    assert "No forecast has been kept yet" in body
    assert "tocsin feeds try" in body


@pytest.mark.usefixtures("morning")
def test_the_pages_tell_what_is_expected_and_by_whom(
    officer: Client,
) -> None:
    """Yellow and worse is expected by half of the members present, at one of three."""
    feeds = officer.get("/desk/watch/feeds/").content.decode()
    assert "Test model" in feeds
    assert "2 of 3: 1 missing" in feeds
    page = Client().get("/warnings/heat-2026-07-15/").content.decode()
    assert "Expected: Dangerous heat" in page
    assert "not measured" in page
    assert "What is expected" in page
    assert "50 % of 2 (of 3)" in page
    assert "What was measured" not in page


@pytest.mark.usefixtures("morning")
def test_the_series_page_draws_the_newest_run_after_now(officer: Client) -> None:
    """Median, lowest and highest member of each station, in the unit of the page."""
    from tocsin.office.places.models import Region
    from tocsin.office.watch.asked import Period
    from tocsin.office.watch.labels import shown_in
    from tocsin.office.watch.models import Series
    from tocsin.office.watch.series_ahead import newest_ahead

    series = list(Series.objects.filter(quantity="air_temperature", kind="observed"))
    shown = shown_in("air_temperature", "degC", Region.objects.get().display_units)
    found = newest_ahead(series, Period(MIDNIGHT, NOW), shown, NOW)
    assert found is not None
    assert (found.run.model, found.present, found.is_single) == ("Test model", 2, False)
    assert found.x[0] == int((NOW + HOUR).timestamp())
    line = found.lines[0]
    assert (line["station"], line["low"][0], line["median"][0], line["high"][0]) == (
        "AAA", pytest.approx(89), pytest.approx(93), pytest.approx(97),
    )  # fmt: skip
    past = Period(MIDNIGHT - 48 * HOUR, MIDNIGHT - 24 * HOUR)
    assert newest_ahead(series, past, shown, NOW) is None
    assert officer.get("/desk/watch/series/points.json").status_code == 200


@pytest.mark.usefixtures("morning")
def test_the_page_of_skill_counts_what_was_measured(
    officer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing was hot until noon and no member said so: skill is not known."""
    from tocsin.office.atlas import desk_skill

    class Span:
        start, end = MIDNIGHT - 2 * HOUR, NOW

    monkeypatch.setattr(desk_skill, "bounds", lambda region: Span)
    body = officer.get("/desk/right/forecasts/?rule=heat&level=yellow").content.decode()
    assert "<b>1</b> run is compared" in body
    assert "It always or never happened" in body
    assert 'class="reliability"' in body
    answer = officer.get("/desk/right/forecasts/?rule=heat&level=yellow&format=csv")
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    assert text.splitlines()[0].lstrip("\ufeff").startswith("from_h,to_h,cases")
