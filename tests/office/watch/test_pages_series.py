"""The series explorer: chart data, flagged values, table, export, and what it refuses."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from django.test import Client

from tests.office import factories, rare_region
from tests.office.factories import NOW
from tocsin.office.people.models import Post, User
from tocsin.office.places.models import Region
from tocsin.office.warnings_desk.replay import replay
from tocsin.office.watch.models import Observation, RuleVersion, Series
from tocsin.office.watch.queries import MOST_POINTS
from tocsin.triggers.return_levels import limit_at
from tocsin.triggers.rules import Rule

WEEK = "from=2013-07-13&to=2013-07-20"


@pytest.fixture
def officer(db) -> Client:
    """The duty officer's browser."""
    user = User(username="duty")
    user.set_unusable_password()
    user.save()
    Post.objects.create(title="Duty officer", role="duty_officer").holders.add(user)
    client = Client()
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def gale(heat_wave):
    """A mean wind of 1048 mph, as the year's data really have it, flagged."""
    series = factories.make_series(heat_wave.stations["EWR"], "wind_speed", "m s-1", "observed")
    factories.make_observations(series, [4.0, 5.0, 6.0], first=NOW - timedelta(hours=9))
    Observation.objects.create(
        series=series, time=NOW - timedelta(hours=6), value=468.66, flags=1 | 2
    )
    return heat_wave


def test_a_flagged_value_is_shown_in_red_with_its_reasons(officer, gale):
    body = officer.get(f"/desk/watch/series/?quantity=wind_speed&{WEEK}").content.decode()
    assert '<td class="n flagged">1,048.4 mph</td>' in body
    assert "impossible value; impossible jump" in body
    chinese = officer.get(f"/zh-hans/desk/watch/series/?quantity=wind_speed&{WEEK}")
    assert "不可能的数值；不可能的跳变" in chinese.content.decode()


def test_the_chart_keeps_a_flagged_value_out_of_its_lines(officer, gale):
    points = officer.get(f"/desk/watch/series/points.json?quantity=wind_speed&{WEEK}").json()
    (line,) = points["lines"]
    assert [value for value in line["values"] if value is not None] == [8.9, 11.2, 13.4]
    assert points["flagged"] == [
        [int((NOW - timedelta(hours=6)).timestamp()), 1048.4, "EWR"],
    ]
    assert points["unit"] == "mph"


def test_a_switch_gives_the_stored_units(officer, gale):
    path = f"/desk/watch/series/points.json?quantity=wind_speed&{WEEK}&units=si"
    points = officer.get(path).json()
    assert points["unit"] == "m s-1"
    assert points["flagged"][0][1] == 468.7


def test_thresholds_of_rules_come_in_the_unit_of_the_chart(officer, heat_wave):
    path = "/desk/watch/series/points.json?quantity=heat_index"
    shown = officer.get(path).json()["thresholds"]
    assert [(one["level"], one["value"]) for one in shown] == [
        ("yellow", 95.0), ("orange", 100.0), ("red", 105.0),
    ]  # fmt: skip
    stored = officer.get(f"{path}&units=si").json()["thresholds"]
    assert [one["value"] for one in stored] == [35.0, 37.78, 40.56]


def test_return_periods_are_drawn_where_the_station_s_own_record_has_them(officer, tmp_path):
    replay(rare_region.made(tmp_path / "small", live=False), at=NOW)
    path = "/desk/watch/series/points.json?quantity=heat_index"
    rule = RuleVersion.objects.get(rule="rare")
    shown = officer.get(f"{path}&station=AAA&station=BBB&station=CCC").json()["thresholds"]
    drawn = [tuple(one[key] for key in ("level", "station", "value", "said"))
             for one in shown if one["rule"] == "rare"]  # fmt: skip
    whole = Rule.model_validate(rule.definition)
    assert drawn == [  # CCC has no line: a record of five years says nothing
        (level, station, pytest.approx(limit_at(whole, years, station)), f"once in {years} years")
        for level, years in (("yellow", 2), ("orange", 10))
        for station in ("AAA", "BBB")
    ]
    assert [one["value"] for one in shown if one["rule"] == "wide"] == [95.0, 100.0]
    chinese = officer.get(f"/zh-hans{path}&station=BBB&units=si").json()["thresholds"]
    rare = [one for one in chinese if one["rule"] == "rare"]
    assert [one["said"] for one in rare] == ["2年一遇", "10年一遇"]
    assert rare[1]["value"] == round((limit_at(whole, 10, "BBB") - 32) / 1.8, 2)
    RuleVersion.objects.filter(pk=rule.pk).update(definition={**rule.definition, "record": None})
    left = officer.get(path).json()["thresholds"]
    assert {one["rule"] for one in left} == {"wide"}


def test_a_long_period_is_thinned_and_keeps_the_extremes(officer, heat_wave):
    series = Series.objects.get(station__code="JFK", quantity="air_temperature")
    first = NOW - timedelta(days=199)
    series.observations.all().delete()
    values = [20.0] * 4700
    values[1234], values[2345] = 41.0, -9.0
    factories.make_observations(series, values, first=first)
    path = "/desk/watch/series/points.json?quantity=air_temperature&station=JFK&units=si"
    points = officer.get(f"{path}&from=2012-12-31&to=2013-07-30").json()
    (line,) = points["lines"]
    assert points["slot_h"] > 0
    assert len(points["x"]) <= MOST_POINTS
    assert points["count"] == 4700
    assert {min(filter(None, line["values"])), max(filter(None, line["values"]))} == {-9.0, 41.0}


def test_a_gap_is_not_bridged(officer, heat_wave):
    series = Series.objects.get(station__code="JFK", quantity="air_temperature")
    gap = series.observations.filter(
        time__gte=NOW - timedelta(hours=20), time__lt=NOW - timedelta(hours=10)
    )
    gap.delete()
    path = "/desk/watch/series/points.json?quantity=air_temperature&station=JFK"
    (line,) = officer.get(f"{path}&{WEEK}").json()["lines"]
    assert line["values"].count(None) == 1


def test_the_export_has_every_value_with_unit_time_and_flags(officer, gale):
    response = officer.get(f"/desk/watch/series/values.csv?quantity=wind_speed&{WEEK}")
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 4
    assert rows[-1]["value"] == "1048.4"
    assert rows[-1]["unit"] == "mph"
    assert rows[-1]["flags"] == "impossible value; impossible jump"
    assert rows[0]["time_utc"] == "2013-07-18T10:00:00+00:00"
    assert rows[0]["time_local"] == "2013-07-18T06:00:00-04:00"


def test_the_table_turns_its_pages_from_the_newest(officer, heat_wave):
    first = officer.get(f"/desk/watch/series/?{WEEK}").content.decode()
    assert "page 1 of 4" in first
    assert "Sat 20 Jul 23:00" in first
    last = officer.get(f"/desk/watch/series/?{WEEK}&page=4").content.decode()
    assert "Sat 13 Jul 00:00" in last


@pytest.mark.parametrize(
    ("path", "most"), [("series/", 12), ("series/points.json", 12), ("feeds/", 17)]
)
def test_the_questions_of_a_page_do_not_grow_with_the_year(
    officer, heat_wave, at_most_queries, path, most
):
    officer.get("/desk/")  # the ledger is verified once for each of its heads, then remembered
    with at_most_queries(most):
        officer.get(f"/desk/watch/{path}?from=2013-01-01&to=2013-12-31")


@pytest.mark.parametrize(
    ("query", "note"),
    [
        ("quantity=ghost", "“ghost” is not known here"),
        ("station=XXX", "There is no station “XXX” with this quantity."),
        ("from=tomorrow", "“tomorrow” is not a date"),
        ("from=2013-07-20&to=2013-07-01", "The period ends before it begins"),
        ("from=1950-01-01&to=2100-01-01", "The period was cut to 400 days."),
        ("from=1950-01-01&to=1950-02-01", "There are no values in that period."),
        ("page=many", "“many” is not a whole number."),
    ],
)
def test_what_cannot_be_used_is_said(query, note, officer, heat_wave):
    response = officer.get(f"/desk/watch/series/?{query}")
    assert response.status_code == 200
    assert note in response.content.decode()


@pytest.mark.slow
@pytest.mark.parametrize(
    "query",
    [
        "quantity=" + "x" * 3000, "station=" + "&station=".join("ABCDEFGHIJ"), "from=%00",
        "from=0000-00-00", "from=9999-12-31", "to=0001-01-01", "to=2013-07-18T99:99",
        "from=2013-07-18T00:00%2B24:00", "page=-3", "page=999999999999999999999", "units=furlong",
        "quantity=air_temperature%27%20OR%201=1--", "from=2200-12-31&to=2200-12-31",
    ],
)  # fmt: skip
@pytest.mark.parametrize("page", ["", "points.json", "values.csv"])
def test_no_query_string_breaks_a_page(page, query, officer, heat_wave):
    response = officer.get(f"/desk/watch/series/{page}?{query}")
    assert response.status_code == 200
    if response.streaming:
        assert b"time_utc" in b"".join(response.streaming_content)


def test_without_observations_every_page_says_so(officer, region):
    assert (
        "No observations have been read yet." in officer.get("/desk/watch/series/").content.decode()
    )
    assert officer.get("/desk/watch/series/points.json").json()["x"] == []
    assert "No feed has been read yet." in officer.get("/desk/watch/feeds/").content.decode()


def test_a_live_region_shows_the_week_before_now(officer, heat_wave):
    Region.objects.update(is_replay=False)
    assert officer.get("/desk/watch/series/").status_code == 200
