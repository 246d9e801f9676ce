"""Forecasts fetched message by message: the newest run, both kinds of index, servers that lie."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.intake.feeds import Named
from tests.intake.grib_server import File, GribServer, file_of, serving
from tocsin.intake import Feed, Reading, read
from tocsin.intake.fetch import Fetched, address, done, fetch
from tocsin.intake.readers.grib_points import GribPoints

pytest.importorskip("eccodes")
RUN = datetime(2026, 1, 1, 6, tzinfo=UTC)
NOW = RUN + timedelta(hours=8)
EVERY = timedelta(hours=6)
WARM = "air_temperature"
FIELDS = (("msl", 101_000.0), ("2t", 280.0), ("sp", 100_000.0), ("10u", 3.0), ("10v", 4.0))
Play = Callable[[GribServer, Callable[..., Awaitable[Fetched]]], Awaitable[None]]


def feed_of(url: str, index: str = "ecmwf", **messages: Any) -> Feed:
    wanted = {"index": index, "steps": "0-6/3", "quantities": [WARM], **messages}
    return Feed(
        id="ifs", reader="grib-points", url=url + "/{run:%Y%m%d%H}/{step}.grib2", delay_min=420,
        every_min=60, source="test", licence="CC-BY-4.0",
        options={"model": "ifs", "points": {"EST": {"lat": 40, "lon": 10}}, "messages": wanted},
    )  # fmt: skip


def play(folder: Path, act: Play, server: GribServer | None = None, **settings: Any) -> GribServer:
    """Run ``act`` against a server; its second argument asks the feed at a moment."""
    server = server or GribServer()

    async def run() -> None:
        async with serving(server) as client:
            feed = feed_of(server.url, **settings)

            async def ask(at: datetime = NOW, **changes: Any) -> Fetched:
                return await fetch(
                    feed.model_copy(update=changes), folder, client, at, at_once=True
                )

            await act(server, ask)

    asyncio.run(run())
    return server


def taken(fetched: Fetched) -> Reading:
    """Read what came, as a cycle does, and put it aside."""
    (payload,) = fetched.payloads
    reading = read(fetched.feed.of(payload), [Named("EST")])
    done(payload, 5)
    return reading


def hours(reading: Reading, quantity: str = WARM) -> dict[str, float]:
    return {
        str(time)[11:16]: round(value, 2)
        for one in reading.forecasts
        if one.series.quantity == quantity
        for time, value in zip(one.series.times, one.series.values.tolist(), strict=True)
    }


def put_run(server: GribServer, run: datetime = RUN, steps: tuple[int, ...] = (0, 3, 6)) -> None:
    for step in steps:
        server.put(run, step, *FIELDS)


@pytest.mark.parametrize("index", ["ecmwf", "wgrib2"])
def test_only_the_named_messages_are_fetched(tmp_path: Path, index: str) -> None:
    async def act(server: GribServer, ask: Callable[..., Awaitable[Fetched]]) -> None:
        put_run(server)
        fetched = await ask()
        assert fetched.fault is None
        reading = taken(fetched)
        assert reading.rows_read == 3
        assert hours(reading) == {"06:00": 6.85, "09:00": 6.85, "12:00": 6.85}
        assert server.sent < sum(len(one.body) for one in server.files.values()) / 3
        before = len(server.asked)
        again = await ask(NOW + timedelta(hours=1))
        assert (again.fault, again.payloads, len(server.asked)) == (None, (), before)

    play(tmp_path, act, index=index)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"headers_from": {"X-Key": "OTHER_OFFICES_KEY"}}, "OTHER_OFFICES_KEY is not set"),
        ({"url": "https://example.org/{env:OTHER_OFFICES_KEY}/{step}"}, "OTHER_OFFICES_KEY is not"),
        ({"url": "https://example.org/{step:%H}"}, "{step:%H} in the url is no way"),
    ],
)
def test_what_no_time_heals_is_told_as_such(
    tmp_path: Path, wrong: dict[str, Any], said: str
) -> None:
    async def act(server: GribServer, ask: Callable[..., Awaitable[Fetched]]) -> None:
        fetched = await ask(**wrong)
        assert fetched.fault is not None
        assert said in fetched.fault.problem
        assert fetched.fault.remedy == "Until that is changed the feed brings nothing."
        assert server.asked == []

    play(tmp_path, act)


def test_messages_side_by_side_come_in_one_request(tmp_path: Path) -> None:
    """Wind and temperature stand a small message apart: fetched along, and not used."""

    async def act(server: GribServer, ask: Callable[..., Awaitable[Fetched]]) -> None:
        put_run(server)
        reading = taken(await ask())
        assert reading.rows_read == 9
        assert hours(reading, "wind_speed") == {"06:00": 5.0, "09:00": 5.0, "12:00": 5.0}
        assert sum("bytes=" in one for one in server.asked) == 3

    play(tmp_path, act, quantities=[WARM, "wind_speed"])


def test_the_newest_run_that_is_there_is_taken_and_the_next_one_when_it_comes(
    tmp_path: Path,
) -> None:
    async def act(server: GribServer, ask: Callable[..., Awaitable[Fetched]]) -> None:
        put_run(server, RUN - EVERY)
        fetched = await ask()
        assert fetched.fault is None  # one run late is no fault
        assert "00:00" in hours(taken(fetched))
        put_run(server, steps=(0, 3))  # only begun: step 6 is waited for
        fetched = await ask(NOW + timedelta(minutes=10))
        assert fetched.fault is None
        assert list(hours(taken(fetched))) == ["06:00", "09:00"]
        put_run(server, steps=(6,))
        assert list(hours(taken(await ask(NOW + timedelta(minutes=20))))) == ["12:00"]
        late = await ask(NOW + 2 * EVERY)
        assert "2 later ones are missing" in str(late.fault)
        gone = await ask(NOW + 9 * EVERY)
        assert "None of the last 4 runs is there" in str(gone.fault)

    play(tmp_path, act)


def test_a_step_that_never_came_is_told_when_the_next_run_is_due(tmp_path: Path) -> None:
    async def act(server: GribServer, ask: Callable[..., Awaitable[Fetched]]) -> None:
        put_run(server, steps=(0, 6))
        assert (await ask()).fault is None
        assert "has no step 3" in str((await ask(NOW + EVERY)).fault)

    play(tmp_path, act)


@pytest.mark.parametrize(
    ("mood", "words"),
    [
        ("short", "where bytes="),
        ("elsewhere", "where bytes="),
        ("silent", "does not say which"),
        ("cut", "Step 0"),
        ("500", "answers 503"),
        ("page", "none of the kind"),
    ],
)
def test_a_server_that_lies_costs_a_fault_and_no_value(
    tmp_path: Path, mood: str, words: str
) -> None:
    async def act(server: GribServer, ask: Callable[..., Awaitable[Fetched]]) -> None:
        put_run(server)
        server.mood = mood
        fetched = await ask()
        assert words in str(fetched.fault)
        assert (fetched.payloads, fetched.state.failures) == ((), 1)
        if mood == "500":
            assert fetched.state.due_at is not None
            assert fetched.state.due_at - NOW >= timedelta(seconds=1500)
        server.mood = "good"
        assert len(hours(taken(await ask()))) == 3

    play(tmp_path, act)


def test_a_server_without_parts_sends_all_and_is_used_within_the_limit(tmp_path: Path) -> None:
    async def act(server: GribServer, ask: Callable[..., Awaitable[Fetched]]) -> None:
        put_run(server)
        server.mood = "whole"
        refused = await ask(max_mb=0.005)
        assert "knows no parts of files" in str(refused.fault)
        fetched = await ask()
        assert fetched.fault is None
        assert taken(fetched).rows_read == 3

    play(tmp_path, act)


def test_an_index_and_a_file_of_two_runs_give_nothing(tmp_path: Path) -> None:
    """The file was replaced before its index, or the other way round, or the index is shorter."""

    async def act(server: GribServer, ask: Callable[..., Awaitable[Fetched]]) -> None:
        put_run(server)
        good, old = server.files["2026010106", 0], file_of(RUN - EVERY, 0, FIELDS)
        longer = file_of(RUN, 0, (("tp", 1.0), *FIELDS))
        for wrong, words in (
            (File(good.body, old.ecmwf, ""), "the index is of the run 2026-01-01T00Z"),
            (File(old.body, good.ecmwf, ""), "is of the run 2026-01-01T00:00Z, by the index"),
            (File(longer.body, good.ecmwf, ""), "no message of GRIB 2 begins there"),
            (File(good.body[:100], good.ecmwf, ""), "416"),
        ):
            server.files["2026010106", 0] = wrong
            fetched = await ask()
            assert words in str(fetched.fault)
            for payload in fetched.payloads:  # of the other steps
                assert "06:00" not in hours(read(fetched.feed.of(payload), [Named("EST")]))
                done(payload, 5)
        server.files["2026010106", 0] = good
        assert "06:00" in hours(taken(await ask()))

    play(tmp_path, act)


def test_a_file_replaced_between_two_parts_is_asked_for_again(tmp_path: Path) -> None:
    async def act(server: GribServer, ask: Callable[..., Awaitable[Fetched]]) -> None:
        far = (("2t", 280.0), *[("sp", 1e5)] * 60, ("10u", 3.0), ("10v", 4.0))
        server.put(RUN, 0, *far)
        server.mood = "replaced"
        fetched = await ask()
        assert "was replaced while it was fetched" in str(fetched.fault)
        server.mood = "good"
        reading = [taken(fetched), taken(await ask())][-1]
        assert hours(reading, "wind_speed") == {"06:00": 5.0}

    play(tmp_path, act, steps="0", quantities=[WARM, "wind_speed"])


def test_half_a_file_gives_its_whole_messages(tmp_path: Path) -> None:
    """The index is there before the file is: what is whole is used, the rest comes later."""

    async def act(server: GribServer, ask: Callable[..., Awaitable[Fetched]]) -> None:
        whole = file_of(RUN, 0, FIELDS)
        server.files["2026010106", 0] = File(whole.body[: len(whole.body) - 60], whole.ecmwf, "")
        fetched = await ask()
        assert "sends" in str(fetched.fault) or "breaks off" in str(fetched.fault)
        first = taken(fetched)
        assert hours(first) == {"06:00": 6.85}
        server.files["2026010106", 0] = whole
        assert hours(taken(await ask()), "wind_speed") == {"06:00": 5.0}

    play(tmp_path, act, steps="0", quantities=[WARM, "wind_speed"])


def test_members_of_an_ensemble_come_by_number_and_late_ones_later(tmp_path: Path) -> None:
    async def act(server: GribServer, ask: Callable[..., Awaitable[Fetched]]) -> None:
        server.put(RUN, 3, ("2t", 280.0), members=(0, 1, 2, 5))
        reading = taken(await ask())
        assert sorted(str(one.member) for one in reading.forecasts) == ["0", "1", "2"]
        assert {one.series.values[0].round(2) for one in reading.forecasts} == {6.85, 7.85, 8.85}

    play(tmp_path, act, steps="3", numbers=[0, 1, 2, 3])


def test_a_quantity_that_the_index_lacks_is_told_and_looked_for_again(tmp_path: Path) -> None:
    async def act(server: GribServer, ask: Callable[..., Awaitable[Fetched]]) -> None:
        server.put(RUN, 3, ("2t", 280.0))
        fetched = await ask()
        assert "Step 3: the index has no air_pressure" in str(fetched.fault)
        assert hours(taken(fetched)) == {"09:00": 6.85}
        assert (await ask()).payloads == ()
        server.put(RUN, 3, ("2t", 280.0), ("msl", 101_000.0))
        assert (await ask()).fault is None

    play(tmp_path, act, steps="3", quantities=[WARM, "air_pressure_at_mean_sea_level"])


def test_a_step_is_written_as_the_url_asks() -> None:
    feed = feed_of("https://noaa.example").model_copy(
        update={"url": "https://noaa.example/gfs.{run:%Y%m%d}/{run:%H}/gfs.t{run:%H}z.f{step:03d}"}
    )
    made = address(feed, NOW, run=RUN, step=6)
    assert made == "https://noaa.example/gfs.20260101/06/gfs.t06z.f006"


def test_settings_that_cannot_be_are_refused() -> None:
    options = {
        "model": "ifs", "points": {"EST": {"lat": 40, "lon": 10}},
        "messages": {"index": "ecmwf", "steps": "9-3/3", "quantities": ["visibility_in_air"]},
    }  # fmt: skip
    wrong = GribPoints.model_validate(options).problems()
    assert [key for key, *_ in wrong] == ["messages.quantities", "messages.steps"]
    assert GribPoints.model_validate(
        options | {"messages": {"index": "wgrib2", "steps": "0-6/3, 12", "quantities": [WARM]}}
    ).messages.hours == (0, 3, 6, 12)


def test_an_address_inside_is_not_called(tmp_path: Path) -> None:
    async def act(server: GribServer, ask: Callable[..., Awaitable[Fetched]]) -> None:
        fetched = await ask(url="http://10.0.0.1/{run:%H}/{step}.grib2")
        assert "private network" in str(fetched.fault)
        assert server.asked == []

    play(tmp_path, act)
