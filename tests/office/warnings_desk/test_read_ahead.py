"""What a process of the server reads ahead, so that the first preview need not."""

from __future__ import annotations

import logging
import threading

import pytest
from django.db import OperationalError

from tests.office import drafting
from tocsin.office.warnings_desk import impact, read_ahead
from tocsin.office.warnings_desk.impact import Gazetteer


@pytest.fixture(autouse=True)
def _own_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test's own connection stays open: here no thread of its own reads."""
    monkeypatch.setattr(read_ahead.connections, "close_all", lambda: None)


@pytest.mark.django_db
def test_the_places_are_there_when_they_are_asked_for() -> None:
    region = drafting.make_office().region
    impact._read.cache_clear()
    read_ahead.read_places()
    before = impact._read.cache_info()
    assert before.currsize == 1
    found = Gazetteer.read(region)
    assert found.places.keys() == {"R", "west", "east"}
    assert found.exposed._found  # asked once already: what is indexed then is there
    after = impact._read.cache_info()
    assert (after.misses, after.hits) == (before.misses, before.hits + 1)


@pytest.mark.django_db
def test_before_a_region_is_loaded_there_is_nothing_to_read() -> None:
    impact._read.cache_clear()
    read_ahead.read_places()
    assert impact._read.cache_info().currsize == 0


def test_a_database_that_is_not_ready_is_told_and_stops_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> None:
        raise OperationalError("no such table: places_region")

    monkeypatch.setattr(read_ahead, "current_region", broken)
    with caplog.at_level(logging.WARNING):
        read_ahead.read_places()
    assert "could not be read ahead: no such table" in caplog.text


def test_it_reads_in_a_thread_that_nobody_waits_for(monkeypatch: pytest.MonkeyPatch) -> None:
    read = threading.Event()
    monkeypatch.setattr(read_ahead, "read_places", read.set)
    timer = read_ahead.read_ahead(0.0)
    assert timer.daemon
    assert read.wait(5)
