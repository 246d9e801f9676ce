"""The long lists: warnings, rules with what they raised, the audit trail."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest

from tests.office import factories
from tests.office.factories import NOW
from tocsin.office.audit.services import record
from tocsin.office.places.models import Station
from tocsin.office.watch.models import Trigger


def rows_of(response) -> list[dict[str, str]]:
    """The lines of a CSV download."""
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture
def busy(sound_ledger):
    """The heat wave, a gale that is over, and two triggers of the heat rule."""
    wind = factories.make_rule(
        id="gale", hazard="wind", indicator="gust_beaufort", unit="Bft",
        name={"en": "Gale", "zh-Hans": "大风"}, levels={"yellow": 8.0, "orange": 10.0},
    )  # fmt: skip
    sent = NOW - timedelta(days=20)
    gale = factories.make_warning(wind, slug="gale-2013-06-28", first=sent)
    factories.make_message(gale, {"36119": 2}, sent=sent, hours=6)
    for code, level, hours in (("36061", 3, 5), ("36081", 2, 9)):
        Trigger.objects.create(
            rule_version=sound_ledger.rule,
            area=sound_ledger.areas[code],
            level=level,
            first_at=NOW - timedelta(hours=hours),
            last_at=NOW - timedelta(hours=1),
            station=Station.objects.get(code="JFK"),
            peak_value=104.1,
            peak_at=NOW - timedelta(hours=2),
        )
    return sound_ledger


def test_warnings_in_force_come_first_with_their_state(officer, busy, words):
    said = words(officer.get("/desk/warnings/"))
    assert said.index("heat-2013-07-17") < said.index("gale-2013-06-28")
    assert "2 of 2" in said
    assert "in force" in said
    assert "ended Fri 28 Jun 21:00" in said


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("hazard=wind", {"gale-2013-06-28"}),
        ("level=orange", {"heat-2013-07-17"}),
        ("level=yellow", {"heat-2013-07-17", "gale-2013-06-28"}),
        ("area=36119", {"heat-2013-07-17", "gale-2013-06-28"}),
        ("area=36061", {"heat-2013-07-17"}),
        ("q=GALE westchester", {"gale-2013-06-28"}),
        ("q=高温", {"heat-2013-07-17"}),
        ("from=2013-07-01&to=2013-07-31", {"heat-2013-07-17"}),
        ("q=nothing of the kind", set()),
        ("hazard=plague", {"heat-2013-07-17", "gale-2013-06-28"}),
    ],
)
def test_the_list_and_its_export_hold_the_same_warnings(query, found, officer, busy, words):
    said = words(officer.get(f"/desk/warnings/?{query}"))
    assert {slug for slug in ("heat-2013-07-17", "gale-2013-06-28") if slug in said} == found
    exported = rows_of(officer.get(f"/desk/warnings/?{query}&format=csv"))
    assert {row["warning"] for row in exported} == found


def test_an_exported_warning_has_its_level_hours_and_areas(officer, busy):
    (row,) = rows_of(officer.get("/desk/warnings/?hazard=wind&format=csv"))
    assert row["highest_level"] == "yellow"
    assert row["hours_in_force"] == "6.0"
    assert row["areas"] == "36119"


def test_an_unknown_filter_is_left_out_and_said(officer, busy, words):
    said = words(officer.get("/desk/warnings/?hazard=plague&level=purple"))
    assert "“plague” is not known here" in said
    assert "“purple” is not known here" in said


def test_nothing_found_and_nothing_there_are_told_apart(officer, busy, region, words):
    assert "No warning fits these filters." in words(officer.get("/desk/warnings/?q=zzz"))


def test_an_empty_ledger_says_so(officer, region, words):
    assert "The ledger holds no warning yet." in words(officer.get("/desk/warnings/"))


@pytest.mark.parametrize("page", ["0", "-1", "x", "99999999", "1" * 400])
@pytest.mark.parametrize("path", ["/desk/warnings/", "/desk/audit/", "/desk/watch/rules/heat/"])
def test_a_page_number_that_does_not_exist_gives_the_nearest(path, page, officer, busy):
    assert officer.get(f"{path}?page={page}").status_code == 200


def test_rules_say_their_thresholds_and_what_they_raised(officer, busy, words):
    said = words(officer.get("/desk/watch/rules/"))
    heat = said[said.index("Heat heat v3") :]
    assert "Orange ≥ 100 °F" in heat
    assert "1 warning (red 1), 29 h in force" in heat
    assert "2 triggers" in heat
    assert "≥ 8 Bft" in said


def test_a_rule_that_raised_nothing_says_so(officer, region, words):
    factories.make_rule()
    assert "has raised no warning" in words(officer.get("/desk/watch/rules/"))


def test_no_rule_says_so(officer, region, words):
    assert "No rule has been loaded yet" in words(officer.get("/desk/watch/rules/"))


def test_a_rule_is_told_in_words_with_source_texts_and_digest(officer, busy, words):
    said = words(officer.get("/desk/watch/rules/heat/"))
    assert "Looks at Heat index" in said
    assert "a level counts after 2 hours in a row" in said
    assert "back by more than 1.0 °F for" in said
    assert "NWS Eastern Region heat criteria" in said
    assert "Stay in the shade." in said
    assert "尽量待在阴凉处。" in said
    assert busy.rule.digest in said


def test_triggers_are_filtered_and_exported_alike(officer, busy, words):
    said = words(officer.get("/desk/watch/rules/heat/?area=36081"))
    assert "Queens Thu 18 Jul 06:00 Thu 18 Jul 14:00 104.1 °F" in said
    assert "New York Thu 18 Jul 10:00" not in said
    (row,) = rows_of(officer.get("/desk/watch/rules/heat/?area=36081&format=csv"))
    assert (row["level"], row["peak_value"], row["unit"]) == ("yellow", "104.1", "degF")


def test_a_rule_that_is_not_there_is_not_found(officer, busy):
    assert officer.get("/desk/watch/rules/plague/").status_code == 404


def test_the_trail_is_filtered(officer, region, words):
    record(
        "set_clock",
        "region",
        by="duty",
        at=NOW,
        object_id="ny",
        detail={"from": None, "to": "noon"},
    )
    record("keep_rule", "ruleversion", by="tocsin", at=NOW, object_id="heat v3")
    everything = words(officer.get("/desk/audit/"))
    assert "from: – to: noon" in everything
    assert "heat v3" in everything
    assert "heat v3" not in words(officer.get("/desk/audit/?actor=duty"))
    assert "heat v3" in words(officer.get("/desk/audit/?q=heat&verb=keep_rule"))
    assert "No entry fits these filters." in words(officer.get("/desk/audit/?from=2020-01-01"))


@pytest.mark.parametrize(
    "path",
    ["/desk/warnings/", "/desk/audit/", "/desk/watch/rules/", "/desk/watch/rules/heat/"],
)
def test_a_list_asks_at_most_twelve_questions(path, officer, busy, at_most_queries):
    officer.get(path)  # the region folder is read once for each digest
    with at_most_queries(12):
        officer.get(path)
