"""A feed that changes its unit overnight: held, told, decided; a cold front is weather."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from math import cos, pi
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.office import live_region
from tests.office.live_region import MIDNIGHT
from tocsin.errors import NotAllowedError, StateError
from tocsin.intake.quality import Flag
from tocsin.office.audit.models import Entry
from tocsin.office.people.models import Post, User
from tocsin.office.warnings_desk.live import LiveWatch
from tocsin.office.warnings_desk.note_words import told
from tocsin.office.watch.grid import observed_grid
from tocsin.office.watch.hold_models import Hold
from tocsin.office.watch.holds import decide, decided_since, held_groups, mark_taken_in
from tocsin.office.watch.models import Correction, Cycle, Observation

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
NIGHT = 60
"""The hour in which the source turns to another unit."""
TEMP = "air_temperature"
FEED = """[[feed]]
id = "hourly"
reader = "sensor-json"
path = "weather.jsonl"
delay_min = 0
source = "made for a test"
licence = "CC0-1.0"
"""


def celsius(station: str, hour: int) -> float:
    """A dozen degrees between night and noon, a little apart at the two stations."""
    return round(12 - 5 * cos(hour / 24 * 2 * pi) + (hour * 7 % 5) / 10 + (station == "BBB"), 2)


class Town:
    """A live region whose sensors bring an hour's temperature at a time, in what they call degC."""

    def __init__(self, folder: Path, window: int = 1) -> None:
        self.folder = live_region.make(folder / "small")
        (self.folder / "feeds.toml").write_text(FEED)
        (self.folder / "weather.jsonl").write_text("\n")
        self.spool, self.window = folder / "spool", window
        self.watch: LiveWatch | None = None
        self.send: Callable[[str, int], float] = celsius
        self.hour = -1

    def run(self, until: int) -> Cycle:
        """Run a cycle an hour; return the last one's account."""
        self.watch = self.watch or LiveWatch(self.folder, self.spool, at=MIDNIGHT)
        while self.hour < until:
            first = 0 if self.hour < 0 else None
            self.hour = NIGHT - 6 if first == 0 else self.hour + 1
            lines = [
                f'{{"station": "{name}", "time": "{MIDNIGHT + n * HOUR:%Y-%m-%dT%H:%M:%SZ}", '
                f'"values": {{"{TEMP}": {{"value": {self.send(name, n)}, "unit": "degC"}}}}}}\n'
                for n in range(
                    max(0, self.hour - self.window + 1) if first is None else 0, self.hour + 1
                )
                for name in ("AAA", "BBB")
            ]
            (self.folder / "weather.jsonl").write_text("".join(lines) + "\n" * (self.hour % 2))
            row = self.watch.cycle(MIDNIGHT + self.hour * HOUR + timedelta(minutes=1))
        return row

    def restart(self) -> None:
        """End the process; the next cycle is another's."""
        assert self.watch is not None
        self.watch.close()
        self.watch = None

    def good(self, station: str) -> dict[int, float]:
        """The hours that rules see at a station."""
        last = MIDNIGHT + self.hour * HOUR
        grid = observed_grid(MIDNIGHT, last)
        column = grid.values[TEMP][:, grid.stations.index(station)]
        return {n: round(float(value), 2) for n, value in enumerate(column) if value == value}


def fahrenheit(station: str, hour: int) -> float:
    """The same weather, sent in degF from the night on."""
    true = celsius(station, hour)
    return round(true * 1.8 + 32, 4) if hour >= NIGHT else true


def honest(until: int, station: str = "AAA") -> dict[int, float]:
    return {n: celsius(station, n) for n in range(until + 1)}


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town(tmp_path)


@pytest.fixture
def officer() -> User:
    user = User.objects.create(username="duty")
    Post.objects.create(title="Duty officer", role="duty_officer").holders.add(user)
    return user


def held() -> int:
    return sum(bool(row & Flag.HELD) for row in Observation.objects.values_list("flags", flat=True))


def now(town: Town):
    return MIDNIGHT + town.hour * HOUR + timedelta(minutes=30)


def test_degf_for_degc_overnight_is_held_told_and_stays_held(town: Town) -> None:
    town.send = fahrenheit
    row = town.run(NIGHT + 1)
    assert not Hold.objects.exists()
    row = town.run(NIGHT + 2)  # three values tell: those that came before are held as well
    assert held() == 6
    assert row.feeds[0]["held"] == 6
    assert len(row.notes) == 1
    assert "At AAA, BBB the values moved as if °F were now sent for °C" in told(row.notes[0])
    town.restart()
    row = town.run(NIGHT + 8)
    assert held() == 18
    assert row.notes == []
    assert town.good("AAA") == honest(NIGHT - 1)
    (group,) = held_groups()
    assert (group.values, len(group.keys)) == (18, 2)
    assert (group.first.taken, group.first.sent) == ("degC", "degF")
    assert group.first.first_at == MIDNIGHT + NIGHT * HOUR
    assert group.first.before < 20 < 40 < group.first.after


def test_an_answer_that_tells_the_whole_day_anew_does_not_spoil_what_was_good(
    tmp_path: Path,
) -> None:
    """Each answer has a day of values, and one morning all of them are in degF."""
    town = Town(tmp_path, window=24)
    town.run(NIGHT - 1)
    town.send = lambda station, hour: round(celsius(station, hour) * 1.8 + 32, 4)
    row = town.run(NIGHT)
    assert row.corrected == 0
    assert held() == 2
    assert town.good("AAA") == honest(NIGHT - 1)


def test_converted_values_count_and_so_does_what_follows(town: Town, officer: User) -> None:
    town.send = fahrenheit
    town.run(NIGHT + 4)
    (group,) = held_groups()
    assert decide(group.keys, Hold.CONVERTED, by=officer, at=now(town)) == 10
    row = town.run(NIGHT + 12)
    assert row.notes == []
    assert held() == 0
    assert town.good("AAA") == pytest.approx(honest(NIGHT + 12))
    assert Correction.objects.count() == 10
    # The source goes back to degC by itself: now the named unit is wrong, and that is seen.
    town.send = celsius
    town.send = lambda station, hour: (
        celsius(station, hour) if hour > NIGHT + 12 else fahrenheit(station, hour)
    )
    town.run(NIGHT + 16)
    (back,) = held_groups()
    assert (back.first.taken, back.first.sent) == ("degF", "degC")
    decide(back.keys, Hold.CONVERTED, by=officer, at=now(town))
    town.run(NIGHT + 20)
    assert town.good("BBB") == pytest.approx(honest(NIGHT + 20, "BBB"), abs=0.02)


def test_once_the_settings_are_mended_the_named_unit_is_used_no_more(
    town: Town, officer: User
) -> None:
    town.send = fahrenheit
    town.run(NIGHT + 4)
    decide([hold.pk for hold in Hold.objects.all()], Hold.CONVERTED, by=officer, at=now(town))
    town.run(NIGHT + 5)
    town.send = celsius
    feeds = town.folder / "feeds.toml"
    feeds.write_text(
        feeds.read_text() + '[feed.options]\nstations = { AAA = "AAA", BBB = "BBB" }\n'
    )
    town.restart()
    town.run(NIGHT + 10)
    assert held() == 0
    assert town.good("AAA") == pytest.approx(honest(NIGHT + 10))


def test_released_values_count_as_they_are_and_are_not_held_again(
    town: Town, officer: User
) -> None:
    town.send = fahrenheit
    town.run(NIGHT + 4)
    decide([hold.pk for hold in Hold.objects.all()], Hold.RELEASED, by=officer, at=now(town))
    town.run(NIGHT + 40)
    assert held() == 0
    assert not held_groups()
    good = town.good("AAA")
    # Above 54.4 degC no value is believed, and the first ones are steps; all others count.
    possible = {n for n in range(NIGHT + 6, NIGHT + 41) if fahrenheit("AAA", n) < 54.4}
    assert len(possible) > 20
    assert {n: value for n, value in good.items() if n >= NIGHT + 6} == {
        n: round(fahrenheit("AAA", n), 2) for n in possible
    }


def test_refused_values_count_never_and_what_is_like_them_is_held_at_once(
    town: Town, officer: User
) -> None:
    town.send = fahrenheit
    town.run(NIGHT + 4)
    decide([hold.pk for hold in Hold.objects.all()], Hold.REFUSED, by=officer, at=now(town))
    town.run(NIGHT + 5)
    assert (held(), len(held_groups())) == (2, 1)
    decide(
        [hold.pk for hold in Hold.objects.filter(verdict="")],
        Hold.REFUSED,
        by=officer,
        at=now(town),
    )
    town.send = lambda station, hour: (
        celsius(station, hour) if hour > NIGHT + 5 else fahrenheit(station, hour)
    )
    town.run(NIGHT + 9)
    assert held() == 0
    good = honest(NIGHT + 9)
    for n in range(NIGHT, NIGHT + 6):
        del good[n]
    assert town.good("AAA") == good
    assert Hold.objects.filter(back_at=None, verdict=Hold.REFUSED).count() == 2


def front(station: str, hour: int) -> float:
    """An arctic front: 14 degrees down within three hours, and it stays cold."""
    return round(celsius(station, hour) - min(14.0, max(0, hour - NIGHT + 1) * 5.0), 2)


def test_a_cold_front_is_weather(town: Town) -> None:
    town.send = front
    town.run(NIGHT + 30)
    assert not Hold.objects.exists()
    assert held() == 0


def test_a_decision_reaches_the_watch_of_another_process(town: Town, officer: User) -> None:
    """The watch keeps the last days in memory; what an officer decided is in the database."""
    town.send = fahrenheit
    town.run(NIGHT + 4)
    assert town.watch is not None
    decide([hold.pk for hold in Hold.objects.all()], Hold.CONVERTED, by=officer, at=now(town))
    row = town.run(NIGHT + 5)
    assert row.feeds[0]["since"] == f"{MIDNIGHT + NIGHT * HOUR:%Y-%m-%dT%H:%M:%S}+00:00"
    assert not Hold.objects.filter(taken_in_at=None).exists()
    last = MIDNIGHT + town.hour * HOUR
    there = observed_grid(MIDNIGHT, last).values[TEMP]
    in_memory = observed_grid(MIDNIGHT, last, recent=town.watch._recent).values[TEMP]
    assert (there == in_memory).all()


def test_who_may_decide_and_only_once(town: Town, officer: User) -> None:
    town.send = fahrenheit
    town.run(NIGHT + 4)
    keys = [hold.pk for hold in Hold.objects.all()]
    stranger = User.objects.create(username="store")
    Post.objects.create(title="Storekeeper", role="storekeeper").holders.add(stranger)
    with pytest.raises(NotAllowedError, match=r"store may not .* held"):
        decide(keys, Hold.RELEASED, by=stranger, at=now(town))
    with pytest.raises(StateError, match="is no decision"):
        decide(keys, "kept", by=officer, at=now(town))
    decide(keys, Hold.REFUSED, by=officer, at=now(town))
    with pytest.raises(StateError, match="decided before"):
        decide(keys, Hold.RELEASED, by=officer, at=now(town))
    entry = Entry.objects.get(verb="decide_held")
    assert (entry.actor, entry.object_id) == ("duty", "hourly")
    assert entry.detail["stations"] == ["AAA", "BBB"]
    assert (entry.detail["verdict"], entry.detail["values"]) == ("refused", 10)


def test_a_post_for_one_area_cannot_decide_what_all_areas_are_judged_by(town: Town) -> None:
    town.send = fahrenheit
    town.run(NIGHT + 4)
    east = User.objects.create(username="east")
    post = Post.objects.create(title="Duty officer east", role="duty_officer", area_code="east")
    post.holders.add(east)
    with pytest.raises(NotAllowedError, match="for the area east alone"):
        decide([hold.pk for hold in Hold.objects.all()], Hold.REFUSED, by=east, at=now(town))
    assert held() == 10


def test_what_moved_in_different_ways_is_not_decided_under_one_name(
    town: Town, officer: User
) -> None:
    """The audit row names one quantity and one unit: it must be true of all of them."""
    town.send = fahrenheit
    town.run(NIGHT + 4)
    keys = [hold.pk for hold in Hold.objects.all()]
    Hold.objects.filter(pk=keys[1]).update(sent="K")
    with pytest.raises(StateError, match="each group by itself"):
        decide(keys, Hold.RELEASED, by=officer, at=now(town))
    assert held() == 10


def test_a_decision_made_while_the_watch_looks_waits_for_its_next_look(
    town: Town, officer: User
) -> None:
    """It was marked as seen and never judged: the warning of the released values was not given."""
    town.send = fahrenheit
    town.run(NIGHT + 4)
    first, second = Hold.objects.order_by("pk")
    decide([first.pk], Hold.CONVERTED, by=officer, at=now(town))
    seen = decided_since("hourly")
    decide([second.pk], Hold.CONVERTED, by=officer, at=now(town))
    mark_taken_in(seen, now(town))
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.taken_in_at, second.taken_in_at) == (now(town), None)
    assert decided_since("hourly").since.keys() == {second.series.station_id}


def test_open_holds_are_locked_while_a_reading_is_kept(town: Town) -> None:
    """A value held by a hold that is decided this very moment would be asked about no more."""
    if not connection.features.has_select_for_update:
        pytest.skip("SQLite has one writer at a time")
    town.send = fahrenheit
    town.run(NIGHT + 4)
    with CaptureQueriesContext(connection) as asked:
        town.run(NIGHT + 5)
    assert any("watch_hold" in one["sql"] and "FOR UPDATE" in one["sql"] for one in asked)
