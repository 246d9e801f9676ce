"""What the watch stores: once, flags and all."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from tocsin.intake import read
from tocsin.office.places.services import load_region_folder
from tocsin.office.watch.grid import observed_grid
from tocsin.office.watch.models import Feed, Observation, RuleVersion, Series
from tocsin.office.watch.services import keep_reading, keep_rules
from tocsin.region import load_region

from ..small_region import write_region

pytestmark = pytest.mark.django_db
WALL = datetime(2026, 1, 2, 3, tzinfo=UTC)


@pytest.fixture
def settings_of_region(tmp_path):
    folder = write_region(tmp_path / "small")
    load_region_folder(folder, at=WALL)
    return load_region(folder)


def keep(settings_of_region):
    feed = settings_of_region.feeds[0]
    return keep_reading(feed, read(feed, settings_of_region.stations), at=WALL)


def test_a_file_read_twice_adds_nothing(settings_of_region):
    assert keep(settings_of_region) == 2 * 48 * 2
    assert keep(settings_of_region) == 0
    assert Observation.objects.count() == 2 * 48 * 2


def test_times_come_back_in_utc_and_values_in_si(settings_of_region):
    keep(settings_of_region)
    series = Series.objects.get(quantity="air_temperature", station__code="AAA")
    first = series.observations.first()
    assert first.time == datetime(2013, 7, 15, 4, tzinfo=UTC)
    assert series.unit == "degC"
    assert first.value == pytest.approx((75 - 32) / 1.8)


def test_a_flagged_value_is_kept_and_left_out_of_the_grid(settings_of_region):
    keep(settings_of_region)
    assert Observation.objects.filter(value__gt=500, flags__gt=0).count() == 1
    first, last = datetime(2013, 7, 15, 4, tzinfo=UTC), datetime(2013, 7, 17, 3, tzinfo=UTC)
    grid = observed_grid(first, last)
    air = grid.values["air_temperature"]
    assert air.shape == (48, 2)
    assert np.isnan(air[36, grid.stations.index("BBB")])
    assert np.isnan(air).sum() == 1


def test_the_feed_says_how_its_reading_went(settings_of_region):
    keep(settings_of_region)
    feed = Feed.objects.get()
    assert (feed.rows_read, feed.rows_used, feed.fault_count) == (96, 96, 0)


def test_a_rule_keeps_its_version_until_its_text_changes(settings_of_region):
    rules = settings_of_region.rules
    first = keep_rules(rules, at=WALL)["heat"]
    assert keep_rules(rules, at=WALL)["heat"] == first
    changed = [rules[0].model_copy(update={"hold_h": 5})]
    second = keep_rules(changed, at=WALL)["heat"]
    assert (first.version, second.version) == (1, 2)
    assert second.definition["version"] == 2
    assert RuleVersion.objects.count() == 2
