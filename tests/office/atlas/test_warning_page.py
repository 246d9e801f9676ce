"""A warning's page: evidence, where and whom, and every message."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.office import factories

from .test_home import words

ADDRESS = "/warnings/heat-2013-07-17/"


def test_the_chart_shows_the_values_against_the_thresholds(client, heat_wave):
    said = client.get(ADDRESS).content.decode()
    assert "Heat index at JFK airport against its thresholds" in said
    assert said.count('<polyline class="line"') >= 2, "one for a large screen, one for a phone"
    for level in ("yellow ≥ 95", "orange ≥ 100", "red ≥ 105"):
        assert level in said
    assert "first message" in said


def test_what_was_measured_is_shown_in_the_regions_units(client, heat_wave):
    said = words(client.get(ADDRESS))
    assert "Air temperature" in said
    assert "Relative humidity" in said
    assert "%" in said
    assert "°C" not in said
    assert "good" in said


def test_a_doubtful_value_is_named(client, heat_wave):
    from tocsin.intake.quality import Flag
    from tocsin.office.watch.models import Observation

    Observation.objects.filter(series__quantity="air_temperature").update(flags=int(Flag.STUCK))
    assert "sensor stuck" in words(client.get(ADDRESS))


def test_whom_it_concerns_is_listed_with_its_source(client, heat_wave):
    said = words(client.get(ADDRESS))
    assert "JFK International Airport" in said
    assert "Brooklyn" in said
    assert "US Census Bureau, 2010 Census" in said


@pytest.mark.parametrize(("levels", "times"), [({"36061": 3}, 1), ({"36061": 3, "36081": 2}, 3)])
def test_people_are_counted_once_with_their_source(client, heat_wave, levels, times):
    """Of two levels each has its own number, and all of them together the one with the source."""
    number = {"name": "people", "value": 1_000_000 * len(levels), "unit": "person", "known": 1.0}
    source = {"source": "Census, table 1", "date": "2020-11-01", "grade": "counted"}
    warning = factories.make_warning(heat_wave.warning.rule_version, slug="heat-once")
    impact = {"people_by_area": dict.fromkeys(levels, 1_000_000), "amounts": [number | source]}
    factories.make_message(warning, levels, impact=impact)
    said = words(client.get("/warnings/heat-once/"))
    whom = said[said.index("Where and whom") : said.index("Every message")]
    assert whom.count("million people") == times
    assert "Census, table 1" in whom


def test_a_made_up_facility_is_marked(client, heat_wave):
    from tocsin.office.places.models import Facility

    Facility.objects.update(is_example=True)
    assert "example, made up" in words(client.get(ADDRESS))


def test_each_message_says_what_it_changed_and_where_its_bytes_are(client, heat_wave):
    said = words(client.get(ADDRESS))
    assert "Added: Queens (yellow)" in said
    assert "Raised: New York (orange)" in said
    for message in heat_wave.messages[:2]:
        assert message.sha256 in said
        assert f"ledger entry {message.number}" in said
        assert f"/cap/{message.identifier}.xml" in client.get(ADDRESS).content.decode()


def test_it_shows_nothing_later_than_the_moment(client, heat_wave):
    said = client.get(ADDRESS).content.decode()
    assert heat_wave.messages[2].identifier not in said
    assert heat_wave.messages[2].sha256 not in said
    values = b"".join(client.get(ADDRESS + "values.csv").streaming_content).decode()
    newest = max(line.split(",")[1] for line in values.splitlines()[1:])
    assert newest == "2013-07-18T18:00:00+00:00", "an observation is known an hour after its label"


def test_a_warning_not_sent_yet_is_not_there(client, heat_wave):
    heat_wave.region.clock_at = heat_wave.warning.first_sent_at - timedelta(minutes=1)
    heat_wave.region.save()
    assert client.get(ADDRESS).status_code == 404
    assert client.get(ADDRESS + "values.csv").status_code == 404


def test_an_ended_warning_keeps_its_height(client, heat_wave):
    factories.make_message(
        heat_wave.warning, sent=factories.NOW - timedelta(minutes=30), msg_type="Cancel", number=90
    )
    said = words(client.get(ADDRESS))
    assert "This warning is over." in said
    assert "Orange · Heat" in said
    assert "The warning ended for all areas." in said


def test_an_ended_warning_opens_with_its_highest_level_not_its_last(client, heat_wave):
    ago = factories.NOW - timedelta(hours=1)
    lowered = {"36061": 2}
    factories.make_message(heat_wave.warning, lowered, sent=ago, msg_type="Update", number=89)
    factories.make_message(heat_wave.warning, sent=factories.NOW, msg_type="Cancel", number=90)
    said = words(client.get(ADDRESS))
    assert "Orange · Heat This warning is over." in said
    assert "Orange New York Yellow Queens" in said


def test_the_values_come_as_csv_in_the_unit_of_the_rule(client, heat_wave):
    response = client.get(ADDRESS + "values.csv")
    lines = b"".join(response.streaming_content).decode("utf-8-sig").splitlines()
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert lines[0] == "station,time,heat_index,unit,flags"
    assert lines[1].split(",")[0] == "JFK"
    assert lines[1].split(",")[3] == "degF"


def test_a_cold_rule_says_below(client, region):
    factories.make_area("1", "A", "甲", lon=-74, lat=40.7)
    station = factories.make_station()
    series = factories.make_series(station, "wind_chill")
    factories.make_observations(
        series, [-10.0, -20.0, -30.0], first=factories.NOW - timedelta(hours=5)
    )
    rule = factories.make_rule(
        id="cold", name={"en": "Cold"}, hazard="cold", indicator="wind_chill", when="at-or-below",
        levels={"yellow": 0.0, "orange": -15.0, "red": -25.0},
    )  # fmt: skip
    warning = factories.make_warning(rule, slug="cold-1")
    row = factories.evidence_row("1", 4, indicator="wind_chill", value=-22.0, threshold=-25.0)
    factories.make_message(warning, {"1": 4}, evidence=[row])
    said = words(client.get("/warnings/cold-1/"))
    assert "red at −25 °F or below" in said
    assert "orange ≤ −15 °F" in said


@pytest.mark.parametrize("missing", ["stations", "values"])
def test_it_answers_when_the_values_are_gone(client, region, missing):
    factories.make_area("1", "A", "甲", lon=-74, lat=40.7)
    if missing == "values":
        factories.make_station()
    warning = factories.make_warning(factories.make_rule(), slug="heat-1")
    factories.make_message(warning, {"1": 3, "gone": 2})
    said = words(client.get("/warnings/heat-1/"))
    assert "No value of this indicator is on record" in said
