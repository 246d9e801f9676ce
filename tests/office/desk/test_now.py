"""The overview, hour by hour."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.office import factories
from tests.office.factories import NOW
from tests.office.received.make import make_source, raw
from tests.office.unguarded import unguarded
from tocsin.intake.quality import Flag
from tocsin.office.atlas.desk_queries import current_values
from tocsin.office.atlas.queries import feeds
from tocsin.office.places.models import Region
from tocsin.office.received.services import receive
from tocsin.office.warnings_desk.models import Draft, Message
from tocsin.office.warnings_desk.services import Desk
from tocsin.office.warnings_desk.texts import opening_by_hand
from tocsin.office.watch.models import Feed, Observation, Series
from tocsin.triggers.rules import Level


def at(moment) -> str:
    return f"/desk/?at={moment:%Y-%m-%dT%H:%MZ}"


def test_it_opens_at_the_hour_of_the_public_page(officer, sound_ledger, words):
    said = words(officer.get("/desk/"))
    assert "Thu 18 Jul 2013 15:00 EDT" in said
    assert "19:00 UTC" in said
    assert "the public page stands here" in said


def test_it_shows_what_was_in_force_at_the_hour_asked_for(officer, sound_ledger, words):
    before = words(officer.get(at(NOW - timedelta(hours=27))))
    assert "No warning is in force at this hour." in before
    orange = words(officer.get(at(NOW)))
    assert "Dangerous heat" in orange
    assert "103.2 °F, orange from 100 °F" in orange
    assert "Extreme heat" in words(officer.get(at(NOW + timedelta(hours=3))))


def test_it_gives_the_next_24_hours_and_says_where_they_come_from(officer, sound_ledger, words):
    said = words(officer.get("/desk/"))
    later = said[said.index("The next 24 hours") :]
    assert "from the ledger of the replay" in later
    assert "orange → red · 1 message" in later


def test_a_live_region_has_no_next_24_hours(officer, sound_ledger, words):
    Region.objects.update(is_replay=False)
    said = words(officer.get("/desk/"))
    assert "The next 24 hours" not in said
    assert "Replay of" not in said


def test_a_warning_of_later_leads_to_its_hour_since_the_public_does_not_see_it(
    officer, sound_ledger
):
    Region.objects.update(clock_at=NOW - timedelta(days=2))
    body = officer.get(at(NOW)).content.decode()
    assert "/desk/?at=2013-07-17T17:00Z" in body
    assert "/warnings/heat-2013-07-17/" not in body


def test_it_shows_values_known_at_that_hour_and_not_later_ones(officer, sound_ledger, words):
    """The feed is an hour late: at 19:00 the newest label is 18:00."""
    value = Observation.objects.get(
        series__station__code="JFK",
        series__quantity="air_temperature",
        time=NOW - timedelta(hours=1),
    ).value
    said = words(officer.get("/desk/"))
    assert f"Air temperature {value * 1.8 + 32:.1f} " in said.replace("EWR ", "")
    assert "°F" in said


def test_a_flagged_value_needs_the_officer(officer, sound_ledger, words):
    series = Series.objects.get(station__code="JFK", quantity="air_temperature")
    Observation.objects.filter(series=series, time=NOW - timedelta(hours=3)).update(
        value=90.0, flags=1
    )
    said = words(officer.get("/desk/"))
    assert "JFK: Air temperature 194.0 °F" in said
    assert "impossible value" in said


def test_many_flagged_values_are_a_line_a_series_and_bury_nothing(officer, sound_ledger, words):
    for code in ("JFK", "LGA"):
        series = Series.objects.get(station__code=code, quantity="air_temperature")
        late = Observation.objects.filter(series=series, time__gt=NOW - timedelta(hours=9))
        late.update(value=90.0, flags=1)
    for number in range(4):
        station = factories.make_station(f"X{number}")
        series = factories.make_series(station, "air_temperature", "degC", "observed")
        factories.make_observations(series, [400.0] * 3, first=NOW - timedelta(hours=4), flags=1)
    said = words(officer.get("/desk/"))
    needs = said[said.index("Needs you now") : said.index("In force")]
    assert "JFK: Air temperature 194.0 °F impossible value, Thu 18 Jul 14:00 · 8 values" in needs
    assert needs.count("Flagged") == 6
    assert "3 more series with flagged values" in needs


def test_a_held_value_is_not_named_once_more_as_flagged(officer, sound_ledger, words):
    series = Series.objects.get(station__code="JFK", quantity="air_temperature")
    found = Observation.objects.filter(series=series, time=NOW - timedelta(hours=3))
    found.update(flags=int(Flag.HELD | Flag.STEP))
    assert "Flagged" not in words(officer.get("/desk/"))


def test_the_menu_counts_the_drafts_that_wait(officer, sound_ledger, words):
    assert "Drafts Delivery" in words(officer.get("/desk/audit/"))
    for state in ("draft", "submitted", "issued"):
        Draft.objects.create(
            kind="issue", reason="issue", state=state, author="machine", created_at=NOW,
            changed_at=NOW, content={},
        )  # fmt: skip
    assert "Drafts 2 Delivery" in words(officer.get("/desk/audit/"))


def test_a_silent_station_needs_the_officer(officer, sound_ledger, words):
    Observation.objects.filter(
        series__station__code="LGA", time__gt=NOW - timedelta(hours=9)
    ).delete()
    said = words(officer.get("/desk/"))
    assert "Silent LGA last value of Thu 18 Jul 06:00" in said


def test_a_warning_about_to_run_out_needs_the_officer(officer, sound_ledger, words):
    said = words(officer.get(at(NOW + timedelta(hours=12))))
    assert "no newer message: runs out Fri 19 Jul 05:00" in said


def test_a_broken_ledger_is_said_on_every_page(officer, heat_wave, words):
    with unguarded():
        Message.objects.filter(number=1).update(level=4)
    assert "ledger broken" in words(officer.get("/desk/watch/feeds/"))
    assert "Message 1 was altered: a column beside its bytes" in words(officer.get("/desk/"))


def test_a_sound_ledger_and_a_calm_hour_say_so(officer, sound_ledger, words):
    said = words(officer.get(at(NOW - timedelta(hours=30))))
    assert "ledger verified, 3 messages" in said
    assert "Nothing: no warning runs out within 3 hours" in said


@pytest.mark.parametrize("show", ["", "heat_index"])
def test_the_map_names_each_county_with_its_level_or_value(show, officer, sound_ledger):
    body = officer.get(f"/desk/?show={show}").content.decode()
    assert "New York: orange" in body if not show else "°F</title>" in body
    assert body.count('class="area f-') == 3


def test_a_flagged_value_colours_no_county(officer, sound_ledger):
    series = Series.objects.filter(quantity="heat_index")
    Observation.objects.filter(series__in=series).update(value=80.0, flags=1)
    assert "no value" in officer.get("/desk/?show=heat_index").content.decode()


def test_htmx_gets_the_board_and_what_goes_with_it(officer, sound_ledger):
    response = officer.get("/desk/?hour=4000", headers={"HX-Request": "true"})
    body = response.content.decode()
    assert "<html" not in body
    assert 'id="board"' in body
    assert body.count("hx-swap-oob") == 3
    assert 'data-hour="4000"' in body


def test_the_clock_is_set_and_the_page_says_so(officer, sound_ledger, words):
    response = officer.post("/desk/clock/", {"at": "2013-07-16T15:00Z"}, follow=True)
    assert "The public page now stands at this hour." in words(response)
    assert "Tue 16 Jul 2013 11:00 EDT" in words(response)


def test_an_hour_not_replayed_yet_is_not_set_and_the_page_says_why(officer, sound_ledger, words):
    Region.objects.update(replayed_until=None)
    response = officer.post("/desk/clock/", {"at": "2013-07-16T15:00Z"}, follow=True)
    assert "has not been replayed" in words(response)
    assert Region.objects.get().clock_at == NOW


def test_it_speaks_chinese(officer, sound_ledger, words):
    said = words(officer.get("/zh-hans/desk/"))
    for sentence in ("需要处理", "公众页面正处于此刻", "此刻已知的数值", "台账已校验，3 条消息"):
        assert sentence in said


@pytest.mark.parametrize(
    "query",
    [
        "at=yesterday", "at=2013-02-30", "at=9999-12-31T23:59Z", "at=0001-01-01", "at=%00",
        "at=2013-07-18T15:00%2B99:99", "hour=-5", "hour=1e9", "hour=99999999999999999999",
        "hour=abc", "show=nothing", "show=%27%3B--", "at=" + "9" * 5000, "at[]=1",
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_said_and_a_page_comes(query, officer, sound_ledger):
    response = officer.get(f"/desk/?{query}")
    assert response.status_code == 200
    assert "<script>" not in response.content.decode()


def test_a_wrong_date_is_repeated_safely(officer, sound_ledger):
    body = officer.get("/desk/?at=<script>alert(1)</script>").content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;” is not a date" in body
    assert "<script>alert" not in body


def test_a_region_without_stations_areas_or_warnings_is_shown(officer, region, words):
    said = words(officer.get("/desk/"))
    assert "No observations have been read yet." in said
    assert "This region has no outlines to draw." in said
    assert "no feed read yet" in said


def test_it_asks_at_most_fourteen_questions_however_much_there_is(officer, sound_ledger):
    officer.get("/desk/")  # what is kept by the head of the ledger is read once
    counts = []
    for more in (0, 30):
        for number in range(more):
            factories.make_warning(
                sound_ledger.rule, slug=f"heat-{number}", first=NOW - timedelta(hours=1)
            )
        with CaptureQueriesContext(connection) as seen:
            officer.get("/desk/?show=heat_index")
        counts.append(len(seen))
    assert max(counts) <= 14


@pytest.mark.parametrize(
    ("miles", "level"), [(0.51, "none"), (0.5, "yellow"), (0.26, "yellow"), (0.25, "orange")]
)
def test_a_value_is_held_against_thresholds_before_it_is_rounded(
    miles, level, officer, sound_ledger
):
    factories.make_rule(
        id="fog", hazard="fog", indicator="visibility", unit="mile", when="at-or-below",
        levels={"yellow": 0.5, "orange": 0.25},
    )  # fmt: skip
    for station in sound_ledger.stations.values():
        series = factories.make_series(station, "visibility", "km", "indicator")
        kilometres = [miles * 1.609344 - 1e-9] * 3
        factories.make_observations(series, kilometres, first=NOW - timedelta(hours=3))
    body = officer.get("/desk/?show=visibility").content.decode()
    assert body.count(f'class="area f-{level}"') == 3


def test_warnings_of_others_lie_over_the_map_with_sender_and_verdict(officer, sound_ledger, words):
    source = make_source()
    receive(source, raw(sent=NOW), address="https://met.authority.example/1", at=NOW)
    page = officer.get(at(NOW)).content.decode()
    assert 'class="foreign"' in page
    assert "Storm at the Hills · met@authority.example · not signed" in page
    assert "dashed: warnings of other authorities" in words(officer.get(at(NOW)))
    assert 'class="foreign"' not in officer.get(at(NOW - timedelta(hours=1))).content.decode()


@pytest.fixture
def live_now(sound_ledger, monkeypatch):
    """The heat wave as a live region's, at eighteen minutes past the hour."""
    Region.objects.update(is_replay=False)
    minute = NOW + timedelta(minutes=18)
    monkeypatch.setattr("tocsin.office.places.current.timezone.now", lambda: minute)
    return sound_ledger, minute


def test_a_live_desk_stands_at_the_minute_and_not_at_the_last_whole_hour(officer, live_now, words):
    _, minute = live_now
    page = officer.get("/desk/")
    assert "Thu 18 Jul 2013 15:18 EDT" in words(page)
    assert page.context["at"] == minute
    assert "Thu 18 Jul 2013 15:00 EDT" in words(officer.get(at(minute)))


def test_the_delay_of_a_forecast_or_a_satellite_makes_no_measured_value_old(officer, live_now):
    feed = Feed.objects.first()
    Series.objects.filter(kind=Series.OBSERVED).update(feed=feed)
    before = {one.quantity: one.time for one in readings(officer)}
    Feed.objects.create(code="ensemble", source="A forecast", delay_min=300)
    assert {one.quantity: one.time for one in readings(officer)} == before
    assert any(before.values())


def readings(officer):
    return current_values(Region.objects.get(), NOW, feeds())


def test_a_draft_of_the_machine_that_waits_for_a_person_is_what_needs_somebody(
    officer, sound_ledger, words
):
    desk = Desk.here(Region.objects.get())
    content = opening_by_hand(desk, "heat", Level.ORANGE, NOW)
    draft = Draft.objects.create(
        kind="issue", reason="issue", state="submitted", author="machine", created_at=NOW,
        changed_at=NOW, content=content.as_json(),
    )  # fmt: skip
    page = officer.get("/desk/")
    said = words(page)
    line = said[said.index("Draft: ") :][:60]
    assert "waits for approval · machine" in line
    assert "eat" in line
    assert f"/desk/drafts/{draft.pk}/" in page.content.decode()
    Draft.objects.filter(pk=draft.pk).update(state="draft")
    assert "from a rule, waits for an officer" in words(officer.get("/desk/"))
    assert "an officer" in words(officer.get("/desk/drafts/"))
    draft.refresh_from_db()
    draft.state = "withdrawn"
    draft.save()
    assert "waits for approval" not in words(officer.get("/desk/"))
