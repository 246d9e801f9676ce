"""Forecast runs in the store: each once, completed, corrected, refused, let go."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tocsin.intake import Feed as FeedSettings
from tocsin.intake import Forecast, Reading, SeriesValues
from tocsin.office.places.services import load_region_folder
from tocsin.office.watch.blocks import Block
from tocsin.office.watch.forecast_models import ForecastRun
from tocsin.office.watch.forecasts import KeptRuns, keep_forecasts
from tocsin.office.watch.model_runs import newest_runs, stored_runs
from tocsin.office.watch.models import Feed

from ..small_region import write_region

AT = datetime(2026, 7, 15, 6, tzinfo=UTC)
RUN = datetime(2026, 7, 15, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def region(tmp_path: Path) -> None:
    """Two stations, AAA and BBB."""
    load_region_folder(write_region(tmp_path / "small"), at=AT)


def settings(at: datetime | None = AT, **options: Any) -> FeedSettings:
    """An answer of a live feed that came at ``at``; a file of the region without."""
    return FeedSettings(
        id="model", reader="grib-points", delay_min=300, source="made for a test",
        licence="Apache-2.0", options=options,
        path=f"{at:%Y%m%dT%H%M%SZ}.grib2" if at else "runs.grib2",
    )  # fmt: skip


def part(
    *values: float, station: str = "AAA", member: int | None = None,
    run: datetime | None = RUN, first: datetime = RUN,
) -> Forecast:  # fmt: skip
    start = np.datetime64(first.replace(tzinfo=None), "s")
    times = start + np.arange(len(values)) * np.timedelta64(3600, "s")
    series = SeriesValues(
        station,
        "air_temperature",
        "degC",
        times,
        np.array(values),
        np.zeros(len(values), np.uint16),
    )
    issued = None if run is None else np.datetime64(run.replace(tzinfo=None), "s")
    return Forecast("ifs", series, issued, member)


def keep(*parts: Forecast, at: datetime = AT, **options: Any) -> tuple[KeptRuns, Reading]:
    reading = Reading(forecasts=list(parts))
    return keep_forecasts(settings(at, **options), reading, at=at), reading


def values_of(run: ForecastRun, station: str = "AAA") -> list[list[float]]:
    return Block.unpack(run.blocks.get(station__code=station).packed).values.tolist()


def test_a_run_read_twice_adds_nothing() -> None:
    """The second reading is the first one again."""
    first, _ = keep(part(20, 21), part(30, 31, station="BBB"))
    second, _ = keep(part(20, 21), part(30, 31, station="BBB"), at=AT + HOUR)
    assert (first, second) == (KeptRuns(runs=1, values=4), KeptRuns())
    run = ForecastRun.objects.get()
    assert (run.issued_at, run.arrived_at, run.completed_at) == (RUN, AT, AT)
    assert (run.members, run.present, run.values, run.last_at) == (1, 1, 4, RUN + HOUR)
    assert Feed.objects.get().newest_run_at == RUN


def test_a_run_in_pieces_is_completed() -> None:
    """Members and hours come one by one; what is missing is counted until then."""
    keep(part(20, 21, member=0), part(22, 23, member=1), members=4)
    run = ForecastRun.objects.get()
    assert (run.present, run.members, run.missing) == (2, 4, 2)
    later = AT + 2 * HOUR
    kept, _ = keep(part(24, 25, 26, member=2), part(20, 21, 22, member=0), at=later, members=4)
    assert kept == KeptRuns(values=4)
    run.refresh_from_db()
    assert (run.present, run.missing, run.completed_at, run.arrived_at) == (3, 1, later, AT)
    nan = np.nan
    assert np.array_equal(
        values_of(run), [[20, 21, 22], [22, 23, nan], [24, 25, 26]], equal_nan=True
    )


def test_a_corrected_run_replaces_and_is_counted() -> None:
    """One of three values comes differently."""
    keep(part(20, 21, 22))
    kept, _ = keep(part(20, 25, 22), at=AT + HOUR)
    assert kept == KeptRuns(corrected=1)
    run = ForecastRun.objects.get()
    assert (run.corrected, run.corrected_at, run.completed_at) == (1, AT + HOUR, AT)
    assert values_of(run) == [[20, 25, 22]]


def test_a_run_begun_in_the_future_is_refused_and_told() -> None:
    """Nothing of it is kept; the fault names both moments."""
    kept, reading = keep(part(20, run=AT + HOUR, first=AT + HOUR))
    assert kept == KeptRuns(refused=1)
    assert not ForecastRun.objects.exists()
    assert "before it was begun" in str(reading.faults[0])
    assert "2026-07-15T07:00Z" in str(reading.faults[0])


def test_an_older_run_that_comes_late_is_kept_in_its_place() -> None:
    """The newest run of the feed is the one issued last."""
    keep(part(20, 21))
    keep(part(10, 11, run=RUN - 6 * HOUR), at=AT + HOUR)
    assert Feed.objects.get().newest_run_at == RUN
    assert [run.issued_at for run in newest_runs(RUN, AT + HOUR)] == [RUN, RUN - 6 * HOUR]
    assert [run.issued_at for run in newest_runs(RUN, AT)] == [RUN]


def test_a_source_that_tells_no_issue_gets_a_run_when_it_says_something_else() -> None:
    """Asked each hour it says the same for two hours, then another thing."""
    for n, values in enumerate([(20, 21, 22), (20, 21, 22), (20, 24, 22)]):
        keep(part(*values, run=None, first=AT), at=AT + n * HOUR)
    runs = ForecastRun.objects.order_by("issued_at")
    assert [(run.issued_at, run.is_issue_told) for run in runs] == [
        (AT, False),
        (AT + 2 * HOUR, False),
    ]


def test_a_file_of_the_region_arrives_after_its_delay_or_not_at_all() -> None:
    """What is read years later was known then; without an issue time that cannot be said."""
    reading = Reading(forecasts=[part(20, 21), part(20, run=None)])
    kept = keep_forecasts(settings(None), reading, at=AT)
    assert kept == KeptRuns(runs=1, values=2, refused=1)
    assert ForecastRun.objects.get().arrived_at == RUN + timedelta(minutes=300)
    assert "does not say when its run was begun" in str(reading.faults[0])


def test_values_that_cannot_be_are_left_out_and_told() -> None:
    """Kelvin called Celsius."""
    kept, reading = keep(part(20, 293.15, 21))
    assert kept.values == 2
    assert "293.15 degC" in str(reading.faults[0])
    keep(part(20, np.nan, 21), at=AT + HOUR)
    assert values_of(ForecastRun.objects.get()) == [[20, 21]]


def test_old_runs_are_let_go() -> None:
    """Sixty days after they were begun."""
    keep(part(20))
    later = RUN + timedelta(days=61)
    keep(part(20, run=later, first=later), at=later + HOUR)
    assert [run.issued_at for run in ForecastRun.objects.all()] == [later]


def test_a_feed_of_forecasts_is_late_when_a_run_is_overdue() -> None:
    """Hours ahead are no news: every six hours a run, five hours on its way, three of patience."""
    keep(part(*[20] * 200))
    feed = Feed.objects.get()
    assert feed.silence_min(RUN + 10 * HOUR) == 0
    assert not feed.is_late(RUN + 14 * HOUR)
    assert feed.is_late(RUN + 15 * HOUR)


def test_stored_runs_are_arrays_with_the_same_members_everywhere() -> None:
    """Member 2 is missing at BBB: its row is there, and empty."""
    keep(part(20, 21, member=1), part(22, 23, member=2), part(30, 31, station="BBB", member=1))
    run = stored_runs(ForecastRun.objects.all(), ["BBB", "AAA"], ["air_temperature"])[0]
    values = run.values["air_temperature"]
    assert values.shape == (2, 2, 2)
    assert values[:, :, 1].tolist() == [[20, 21], [22, 23]]
    assert values[0, :, 0].tolist() == [30, 31]
    assert np.isnan(values[1, :, 0]).all()
