"""Rows by the hundred thousand: each way of reading gives what was written, on both databases."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from tests.office import factories
from tests.office.factories import NOW
from tocsin.office.watch import table as tables
from tocsin.office.watch.models import Observation, Series
from tocsin.office.watch.table import Table, in_order, insert_rows, read_rows, record_begins
from tocsin.office.watch.times import from_utc

HOURS = 5
NAMES = [f"quantity_{number}" for number in range(7)]


def written() -> tuple[list[int], Table]:
    """Write ``HOURS`` values for each of seven series, one of them NaN, some with flags."""
    station = factories.make_station("JFK")
    keys = [
        Series.objects.create(station=station, quantity=name, kind=Series.OBSERVED, unit="degC").pk
        for name in NAMES
    ]
    size = len(keys) * HOURS
    rng = np.random.default_rng(7)
    values = rng.normal(size=size)
    values[3] = np.nan
    given = Table(
        np.repeat(np.array(keys, np.int64), HOURS),
        np.tile(from_utc(NOW) + np.arange(HOURS) * np.timedelta64(1, "h"), len(keys)),
        values,
        np.arange(size).astype(np.uint16) % 3 * 512,
    )
    insert_rows(given)
    return keys, in_order(given)


def same(found: Table, wanted: Table) -> None:
    """Hold two tables against each other, to the bit."""
    np.testing.assert_array_equal(found.series, wanted.series)
    np.testing.assert_array_equal(found.times, wanted.times)
    np.testing.assert_array_equal(found.values, wanted.values)
    np.testing.assert_array_equal(found.flags, wanted.flags)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("series_a_query", "labels_at_most"),
    [(500, 1000), (2, 1000), (2, 3)],
    ids=["by series", "label by label", "by time at once"],
)
def test_each_way_gives_what_was_written(
    monkeypatch: pytest.MonkeyPatch, series_a_query: int, labels_at_most: int
) -> None:
    keys, wanted = written()
    monkeypatch.setattr(tables, "SERIES_A_QUERY", series_a_query)
    monkeypatch.setattr(tables, "LABELS_AT_MOST", labels_at_most)
    end = NOW + timedelta(hours=HOURS)
    same(read_rows(keys, NOW, end), wanted)
    within = (wanted.times >= from_utc(NOW + timedelta(hours=1))) & (
        wanted.times <= from_utc(NOW + timedelta(hours=3))
    )
    first, last = NOW + timedelta(hours=1), NOW + timedelta(hours=3)
    same(read_rows(keys, first, last), wanted[within])
    some = np.isin(wanted.series, keys[:3])
    same(read_rows(keys[:3], first, last), wanted[within & some])
    assert len(read_rows(keys, end, end + timedelta(days=1))) == 0
    assert len(read_rows([], NOW, end)) == 0


@pytest.mark.django_db
def test_the_record_begins_with_the_first_measured_value() -> None:
    assert record_begins() is None
    station = factories.make_station("JFK")
    computed, measured = (
        Series.objects.create(station=station, quantity="heat", kind=kind, unit="degC")
        for kind in (Series.INDICATOR, Series.OBSERVED)
    )
    Observation.objects.create(series=computed, time=NOW - timedelta(hours=9), value=1.0)
    assert record_begins() is None
    Observation.objects.create(series=measured, time=NOW + timedelta(minutes=40), value=1.0)
    Observation.objects.create(series=measured, time=NOW + timedelta(hours=3), value=1.0)
    assert record_begins() == NOW.replace(minute=0, second=0, microsecond=0)
