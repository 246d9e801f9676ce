"""Keeping: each value once, a correction beside what stood before."""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.errors import IntakeError
from tocsin.intake import Event, Feed, Reading, SeriesValues, read
from tocsin.intake.keep import Keeper


def reading(**hours: float) -> Reading:
    times = np.array([f"2026-01-01T{name[1:]}" for name in hours], "datetime64[s]")
    values = np.array(list(hours.values()))
    flags = np.zeros(times.size, np.uint16)
    return Reading([SeriesValues("EST", "air_temperature", "degC", times, values, flags)])


def test_what_is_there_is_passed_over_and_what_is_late_is_added() -> None:
    keeper = Keeper()
    first = keeper.keep(reading(h00=1.0, h02=3.0))
    second = keeper.keep(reading(h00=1.0, h01=2.0, h02=3.0))

    assert (first.new, first.same) == (2, 0)
    assert (second.new, second.same, second.corrected) == (1, 2, 0)
    times = sorted(keeper.values["EST", "air_temperature"])
    assert len(times) == 3


def test_a_correction_stands_and_what_stood_before_is_kept() -> None:
    keeper = Keeper()
    keeper.keep(reading(h00=1.0))
    again = keeper.keep(reading(h00=1.5))

    assert (again.new, again.corrected) == (0, 1)
    ((station, quantity, _, value),) = keeper.before
    assert (station, quantity, value) == ("EST", "air_temperature", 1.0)
    assert [value for value, _ in keeper.values["EST", "air_temperature"].values()] == [1.5]


def test_no_value_does_not_wipe_out_a_value() -> None:
    keeper = Keeper()
    keeper.keep(reading(h00=1.0))
    again = keeper.keep(reading(h00=np.nan))
    assert (again.same, again.corrected) == (1, 0)


def test_a_revised_quake_is_one_quake() -> None:
    keeper = Keeper()
    at = np.datetime64("2026-01-01T00:00:00")
    small = Event("earthquake", "us1", at, 1.0, 2.0, 4.0, "1")
    large = Event("earthquake", "us1", at, 1.0, 2.0, 5.0, "1")
    counts = [keeper.keep(Reading(events=[one])) for one in (small, small, large)]
    assert [(one.new, one.same, one.corrected) for one in counts] == [
        (1, 0, 0), (0, 1, 0), (0, 0, 1),
    ]  # fmt: skip
    assert [one.size for one in keeper.events.values()] == [5.0]


def test_a_changed_unit_is_held_and_told() -> None:
    keeper = Keeper()
    hours = np.datetime64("2026-01-01", "s") + np.arange(72) * np.timedelta64(3600, "s")
    values = 15 + 4 * np.sin(np.arange(72) / 24 * 2 * np.pi)
    values[60:] = values[60:] * 1.8 + 32
    told = []
    for hour in range(72):
        part = SeriesValues("EST", "air_temperature", "degC", hours[hour : hour + 1],
                            values[hour : hour + 1], np.zeros(1, np.uint16))  # fmt: skip
        told += keeper.keep(Reading([part])).faults
    held = [bits for _, bits in keeper.values["EST", "air_temperature"].values()]
    assert [bool(bits & 256) for bits in held] == [False] * 62 + [True] * 10
    assert len(told) == 10
    assert "as if degF were now sent for degC" in told[0].problem


def test_a_live_feed_has_no_file_to_read() -> None:
    feed = Feed(
        id="one", reader="metar", url="https://example.org/", delay_min=0, source="test",
        licence="CC0-1.0",
    )  # fmt: skip
    with pytest.raises(IntakeError, match="tocsin feeds try"):
        read(feed, [])
