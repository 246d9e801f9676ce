"""A whole feed turns to another unit at once: thousands of series are held, and decided, as one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tocsin.intake import Feed, Reading
from tocsin.intake.feed import SeriesValues
from tocsin.intake.quality import Flag
from tocsin.office.people.models import Post, User
from tocsin.office.places.models import Station
from tocsin.office.watch import holding, holds
from tocsin.office.watch.hold_models import Hold
from tocsin.office.watch.holds import decide, held_groups
from tocsin.office.watch.keeping import Kept, keep_values
from tocsin.office.watch.models import Correction, Observation

pytestmark = pytest.mark.django_db
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
NIGHT = 60
"""The hour in which the source turns to degF."""
Send = Callable[[int, int], float]


def celsius(station: int, hour: int) -> float:
    return round(12 - 5 * np.cos(hour / 12 * np.pi) + (hour * 7 % 5) / 10 + station / 50, 2)


def fahrenheit(station: int, hour: int) -> float:
    return round(celsius(station, hour) * 1.8 + 32, 4)


class Net:
    """A feed of some stations, each with a thermometer."""

    def __init__(self, stations: int) -> None:
        self.codes = [f"S{n:03}" for n in range(stations)]
        Station.objects.bulk_create(
            [Station(code=one, names={"en": one}, lat=1, lon=1) for one in self.codes],
            ignore_conflicts=True,
        )
        self.options: dict[str, object] = {}
        self.keep(0, NIGHT, celsius)

    def keep(self, first: int, end: int, send: Send, *, late: int = 0) -> Kept:
        """Keep some hours of every station; each two begin ``late`` hours after the two before."""
        series = []
        for n, code in enumerate(self.codes):
            hours = range(min(first + late * (n // 2), end - 3), end)
            times = np.array(
                [np.datetime64((BEGIN + h * HOUR).replace(tzinfo=None)) for h in hours]
            )
            values = np.array([send(n, hour) for hour in hours])
            unflagged = np.zeros(values.size, np.uint16)
            series.append(SeriesValues(code, "air_temperature", "degC", times, values, unflagged))
        feed = Feed(id="net", reader="sensor-json", path="x", options=self.options, delay_min=0,
                    source="made", licence="CC0-1.0")  # fmt: skip
        return keep_values(feed, Reading(series=series), at=BEGIN + end * HOUR)


def stored() -> list[tuple[str, datetime, float, int]]:
    rows = Observation.objects.order_by("series__station__code", "time")
    return list(rows.values_list("series__station__code", "time", "value", "flags"))


def held() -> int:
    return sum(bool(flags & Flag.HELD) for *_, flags in stored())


@pytest.fixture
def officer() -> User:
    user = User.objects.create(username="duty")
    Post.objects.create(title="Duty officer", role="duty_officer").holders.add(user)
    return user


@pytest.fixture
def few_a_query(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some hundred series are a query; here it is three, and the last one is left over."""
    for room in (holding, holds):
        monkeypatch.setattr(room, "SERIES_A_QUERY", 3)
        monkeypatch.setattr(room, "MANY", 3)


def decide_all(verdict: str, officer: User, hour: int) -> int:
    (group,) = held_groups()
    return decide(group.keys, verdict, by=officer, at=BEGIN + hour * HOUR)


def test_queries_do_not_grow_with_the_series(officer: User) -> None:
    """A week of the past was read, and a hold written, for each of a hundred thousand series."""
    asked = []
    for stations in (5, 40):
        Station.objects.all().delete()
        net = Net(stations)
        with CaptureQueriesContext(connection) as queries:
            assert net.keep(NIGHT, NIGHT + 3, fahrenheit).held == 3 * stations
            assert decide_all(Hold.REFUSED, officer, NIGHT + 3) == 3 * stations
            assert net.keep(NIGHT + 3, NIGHT + 4, fahrenheit).held == stations
            assert decide_all(Hold.CONVERTED, officer, NIGHT + 4) == stations
            assert net.keep(NIGHT + 4, NIGHT + 5, fahrenheit).held == 0
            assert net.keep(NIGHT + 5, NIGHT + 8, celsius).held == 3 * stations
        asked.append(len(queries))
    assert asked[0] == asked[1]


@pytest.mark.usefixtures("few_a_query")
def test_decided_together_is_decided_one_by_one(officer: User) -> None:
    """Each series from its own first label on, also where they begin on different days."""
    outcomes = []
    for together in (True, False):
        for verdict in holds.VERDICTS:
            Station.objects.all().delete()
            net = Net(7)
            net.keep(NIGHT, NIGHT + 3, lambda n, hour: 500 if n == 2 else celsius(n, hour))
            net.keep(NIGHT + 3, NIGHT + 79, fahrenheit, late=24)
            assert len({hold.first_at for hold in Hold.objects.all()}) > 3
            keys = list(Hold.objects.values_list("pk", flat=True))
            groups = [keys] if together else [[key] for key in keys]
            at = BEGIN + (NIGHT + 79) * HOUR
            values = sum(decide(some, verdict, by=officer, at=at) for some in groups)
            corrected = Correction.objects.order_by("series__station__code", "time")
            told = corrected.values_list("series__station__code", "time", "before", "after")
            outcomes.append((values, stored(), list(told)))
            assert held() == 0
    assert outcomes[:3] == outcomes[3:]
    assert len({len(told) for *_, told in outcomes}) == 2


@pytest.mark.usefixtures("few_a_query")
def test_each_series_is_judged_by_the_week_before_its_own_first_value() -> None:
    net = Net(7)
    net.keep(NIGHT, NIGHT + 76, fahrenheit, late=24)
    firsts = {
        hold.series.station.code: (hold.first_at - BEGIN) / HOUR
        for hold in Hold.objects.select_related("series__station")
    }
    assert firsts == {f"S{n:03}": NIGHT + 24 * (n // 2) for n in range(7)}
    assert all(abs(hold.before - 12) < 1 for hold in Hold.objects.all())


@pytest.mark.usefixtures("few_a_query")
def test_some_of_the_refused_go_back_by_themselves(officer: User) -> None:
    net = Net(8)
    net.keep(NIGHT, NIGHT + 3, fahrenheit)
    decide_all(Hold.REFUSED, officer, NIGHT + 3)
    net.keep(NIGHT + 3, NIGHT + 6, lambda n, hour: (celsius, fahrenheit)[n % 2](n, hour))
    back = Hold.objects.filter(back_at=BEGIN + (NIGHT + 6) * HOUR)
    assert {hold.series.station.code for hold in back} == {"S000", "S002", "S004", "S006"}
    (group,) = held_groups()
    assert (group.stations, group.values) == (["S001", "S003", "S005", "S007"], 12)
    assert group.first.first_at == BEGIN + (NIGHT + 3) * HOUR
    assert group.last_at == BEGIN + (NIGHT + 5) * HOUR


def test_an_open_hold_of_other_settings_becomes_the_new_one() -> None:
    """At most one is open: what the officer has before him stays, with the newer facts."""
    net = Net(4)
    net.keep(NIGHT, NIGHT + 3, fahrenheit)
    before = {hold.series_id: hold for hold in Hold.objects.all()}
    Hold.objects.filter(series__station__code="S003").delete()
    Observation.objects.filter(time__gte=BEGIN + NIGHT * HOUR).delete()
    net.options = {"stations": {}}
    net.keep(NIGHT + 3, NIGHT + 6, lambda n, hour: celsius(n, hour) + 273.15)
    after = {hold.series_id: hold for hold in Hold.objects.all()}
    assert after.keys() == before.keys()
    kept = [key for key in after if after[key].pk == before[key].pk]
    assert len(kept) == 3
    for hold in after.values():
        assert (hold.sent, hold.verdict) == ("K", Hold.OPEN)
        assert hold.first_at == BEGIN + (NIGHT + 3) * HOUR
        assert hold.settings != next(iter(before.values())).settings
