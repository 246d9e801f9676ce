"""The overview of a region with thousands of stations: it says how many, and names the first."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tests.office import factories
from tests.office.factories import NOW
from tocsin.intake.quality import Flag
from tocsin.office.atlas.desk_queries import FLAGGED_READ, MOST_STATIONS, SILENT_SHOWN
from tocsin.office.places.models import Station
from tocsin.office.watch.models import Observation, Series

MANY = MOST_STATIONS + 15


@pytest.fixture
def network(sound_ledger: Any) -> list[Series]:
    """Stations beside those of the heat wave, without a value yet."""
    stations = Station.objects.bulk_create(
        Station(code=f"N{n:03}", names={"en": f"N{n:03}"}, lat=40.6, lon=-73.8, source="made")
        for n in range(MANY)
    )
    return Series.objects.bulk_create(
        Series(station=one, quantity="air_temperature", kind="observed", unit="degC")
        for one in stations
    )


@pytest.mark.usefixtures("network")
def test_silent_stations_are_counted_and_the_first_named(officer: Client, words: Any) -> None:
    page = officer.get("/desk/")
    said = words(page)
    assert said.count("no value in the last 36 hours") == SILENT_SHOWN
    assert f"Silent and {MANY - SILENT_SHOWN} more" in said
    assert f"Needs you now {MANY + 1}" in said  # and a warning that runs out


@pytest.mark.usefixtures("network")
def test_the_table_of_values_has_as_many_columns_as_can_be_read(
    officer: Client, words: Any
) -> None:
    page = officer.get("/desk/")
    every = Station.objects.count()
    assert len(page.context["stations"]) == MOST_STATIONS
    for _, rows in page.context["tables"]:
        assert {len(row.cells) for row in rows} == {MOST_STATIONS}
    assert f"The first {MOST_STATIONS} of {every} stations" in words(page)
    assert f"{every} 个站中的前 {MOST_STATIONS} 个" in words(officer.get("/zh-hans/desk/"))


def test_what_is_held_hides_nothing_that_was_flagged(
    officer: Client, words: Any, network: list[Series]
) -> None:
    """Of the newest flagged values all were held ones, and the flagged one was left unread."""
    hours = FLAGGED_READ // MANY + 2
    Observation.objects.bulk_create(
        Observation(series=one, time=NOW - timedelta(hours=hour + 2), value=70.0, flags=Flag.HELD)
        for one in network
        for hour in range(hours)
    )
    assert len(network) * hours > FLAGGED_READ
    air = Series.objects.get(station__code="JFK", quantity="air_temperature")
    factories.make_observations(
        air, [47.3], first=NOW - timedelta(hours=20, minutes=30), flags=int(Flag.STEP)
    )
    assert "Flagged JFK" in words(officer.get("/desk/"))
