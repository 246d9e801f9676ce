"""Series added past the ORM are those that the ORM would have made, on both databases."""

from __future__ import annotations

import pytest
from django.db import IntegrityError

from tests.office import factories
from tocsin.office.watch.models import Feed, Series
from tocsin.office.watch.series_list import add_series, read_series


@pytest.mark.django_db
def test_added_series_are_listed() -> None:
    first, second = factories.make_station("JFK"), factories.make_station("LGA")
    feed = Feed.objects.create(code="hour", source="made", delay_min=60)
    rows = [(first.pk, "air_temperature", "degC"), (second.pk, "wind_speed", "m s-1")]
    add_series(rows, kind=Series.OBSERVED, feed=feed.pk)
    add_series([(first.pk, "heat_index", "degC")], kind=Series.INDICATOR)
    stored = Series.objects.values_list("station", "quantity", "kind", "unit", "feed")
    assert set(stored) == {
        (first.pk, "air_temperature", "observed", "degC", feed.pk),
        (second.pk, "wind_speed", "observed", "m s-1", feed.pk),
        (first.pk, "heat_index", "indicator", "degC", None),
    }
    assert read_series(Series.OBSERVED).units() == {
        "air_temperature": "degC", "wind_speed": "m s-1",
    }  # fmt: skip


@pytest.mark.django_db
def test_one_that_is_there_already_adds_none() -> None:
    station = factories.make_station("JFK")
    add_series([(station.pk, "air_temperature", "degC")], kind=Series.OBSERVED)
    with pytest.raises(IntegrityError):
        add_series(
            [(station.pk, "wind_speed", "m s-1"), (station.pk, "air_temperature", "degC")],
            kind=Series.OBSERVED,
        )
    assert Series.objects.count() == 1
