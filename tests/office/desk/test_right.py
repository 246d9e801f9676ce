"""Were we right: the small region's one warning, against what was measured and reported."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest

from tests.office.desk.conftest import make_account
from tests.office.small_region import write_region
from tocsin.errors import NotAllowedError, StateError
from tocsin.office.atlas import right
from tocsin.office.atlas.right import Line, _season, _spells
from tocsin.office.audit.models import Entry
from tocsin.office.places.models import Region
from tocsin.office.warnings_desk.replay import replay
from tocsin.office.watch.asked import Period, bounds
from tocsin.office.watch.events import happened, record_events, withdraw_event
from tocsin.office.watch.models import Event, RuleVersion
from tocsin.triggers.rules import Level
from tocsin.triggers.verification import Event as Happened
from tocsin.triggers.verification import Warned, match

RIGHT, EVENTS = "/desk/right/", "/desk/watch/events/"
WALL = datetime(2026, 1, 2, 3, tzinfo=UTC)
NOON = datetime(2013, 7, 15, 16, tzinfo=UTC)  # noon in New York
FORM = {
    "hazard": "heat", "area": "east", "level": "2", "first": "2013-07-15T12:00",
    "last": "2013-07-15T15:00", "words": "Cooling centre opened", "source": "Fire department",
}  # fmt: skip


@pytest.fixture(autouse=True)
def region(db, tmp_path):
    """Hot from 13:00 to 17:00 at both stations: yellow in the east, orange in the west."""
    replay(write_region(tmp_path / "small"), at=WALL)


def one(hazard="heat", area="east", hour=12, level=Level.YELLOW) -> Happened:
    first = NOON.replace(hour=hour + 4)
    return Happened(hazard, area, first, first.replace(minute=30), level, "a paper")


def test_the_account_of_the_month_by_hand(officer, words):
    said = words(officer.get(RIGHT))
    assert "July 2013 Yellow and above" in said
    assert "1 warning was issued. 1 was right in at least one of its areas." in said
    assert "2 times an area was at or beyond the threshold. 2 were warned of, 0 were not." in said
    # Issued at 14:00, when the value of 13:00 was known: one hour after it began.
    assert "the warning came 1 h after it began" in said


def test_the_lead_is_the_middle_case_and_the_middle_half():
    hours = [1.0, 2.0, 4.0, 5.0]
    spells = [Happened("heat", str(h), NOON, NOON + timedelta(hours=1)) for h in hours]
    said = [Warned("w", "heat", str(h), Level.BLUE, NOON - timedelta(hours=h), NOON) for h in hours]
    line = Line("", match(spells, said), 1, 1)
    assert (line.lead_h, line.lead_half_h) == (3.0, (1.75, 4.25))
    few = Line("", match(spells[:3], said), 1, 1)
    assert (few.lead_h, few.lead_half_h) == (2.0, None)


def test_the_month_is_written_as_the_reader_writes_it(officer, words):
    assert "2013年7月" in words(officer.get("/zh-hans" + RIGHT))


def test_a_higher_level_counts_its_own_spells(officer, words):
    said = words(officer.get(RIGHT, {"level": "orange"}))
    assert "1 time an area was at or beyond the threshold. 1 were warned of" in said
    assert "No warning of this level" in words(officer.get(RIGHT, {"level": "red"}))


def test_at_a_level_that_a_rule_has_not_the_one_above_counts(officer, words):
    """The heat rule begins at yellow: its warnings are no false alarms of blue."""
    said = words(officer.get(RIGHT, {"level": "blue"}))
    assert "1 warning was issued. 1 was right in at least one of its areas." in said
    assert "2 times an area was at or beyond the threshold. 2 were warned of" in said
    assert "Some rules look at values of a whole day" not in said


def test_values_of_a_whole_day_are_told_since_their_hour_is_not_known(officer, words, monkeypatch):
    (version,) = RuleVersion.objects.filter(rule="heat")
    version.definition = {**version.definition, "indicator": "day_tmax"}
    monkeypatch.setattr("tocsin.office.atlas.desk_right.rules_at", lambda *_, **__: [version])
    assert "a lead may be up to a day worse than it says" in words(officer.get(RIGHT))


def test_another_month_has_nothing(officer, words):
    assert "“2013-06” is not known here" in words(officer.get(RIGHT, {"month": "2013-06"}))


def test_by_area_and_as_csv(officer):
    answer = officer.get(RIGHT, {"by": "area", "format": "csv"})
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(r["line"], r["warnings"], r["events"], r["warned"], r["pod"]) for r in rows] == [
        ("East County", "1", "1", "1", "1.0"),
        ("West County", "1", "1", "1", "1.0"),
        ("all", "1", "2", "2", "1.0"),
    ]


def test_by_hazard_rules_of_one_hazard_are_one_line(officer, words):
    assert "Heat 1 1 2 2 0" in words(officer.get(RIGHT, {"by": "hazard"}))
    # A rule's spells are told by its own name; its hazard need not be called like it.
    RuleVersion.objects.filter(rule="heat").update(hazard="wind")
    assert "Wind 1 1 2 2 0" in words(officer.get(RIGHT, {"by": "hazard"}))
    reported = officer.get(RIGHT, {"by": "hazard", "against": "reported"})
    assert "1 warning was issued." in words(reported)


def test_by_season_the_month_it_began_in_counts(officer, words):
    said = words(officer.get(RIGHT, {"by": "season"}))
    assert "June to August 1 1 2 2 0" in said
    summer, winter = one(), Happened("heat", "east", NOON.replace(month=12), NOON.replace(month=12))
    found = Region.objects.get()
    assert [_season(row, found) for row in (summer, winter)] == ["06-08", "12-02"]
    assert _season(Happened("cold", "east", NOON.replace(month=2), NOON), found) == "12-02"


def test_an_event_is_recorded_by_the_form_and_counted(officer, words):
    answer = officer.post(EVENTS, FORM, follow=True)
    assert "1 event was recorded." in words(answer)
    (event,) = Event.objects.all()
    assert (event.first_at, event.area.code, event.level) == (NOON, "east", 2)
    assert Entry.objects.filter(verb="record_events").exists()
    assert "It was recorded before." in words(officer.post(EVENTS, FORM, follow=True))
    said = words(officer.get(RIGHT, {"against": "reported"}))
    assert "1 event was reported, counted for each area. 1 were warned of, 0 were not." in said
    assert "the warning came 2 h after it began" in said


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"last": "2013-07-15T11:00"}, "It ends before it begins."),
        ({"last": "2013-07-20T11:00"}, "which is to come"),
        ({"area": "nowhere"}, "not one of the available choices"),
        ({"first": "noon"}, "Enter a valid date/time."),
    ],
)
def test_what_cannot_be_is_refused_in_words(officer, words, changed, why):
    assert why in words(officer.post(EVENTS, {**FORM, **changed}))
    assert not Event.objects.exists()


def test_an_event_taken_back_counts_no_more_and_stays_in_the_books(officer, words):
    record_events([one()], "A tree fell", by=make_account("ann", "duty_officer"), at=WALL)
    pk = Event.objects.get().pk
    assert "It was taken back" in words(officer.post(f"{EVENTS}{pk}/withdraw/", follow=True))
    assert happened(NOON.replace(day=1), NOON.replace(day=30)) == []
    assert Event.objects.get().withdrawn_at is not None
    with pytest.raises(StateError, match="withdrawn before"):
        withdraw_event(pk, by=make_account("bob", "duty_officer"), at=WALL)


def test_who_may_record(signed_in, words):
    with pytest.raises(NotAllowedError, match="may not record event"):
        record_events([one()], "A tree fell", by=make_account("ins", "inspector"), at=WALL)
    assert signed_in("storekeeper").get(EVENTS).status_code == 403
    assert "Record an event" in words(signed_in("approver").get(EVENTS))


def test_an_unknown_area_is_refused_by_the_verb_too():
    with pytest.raises(StateError, match="No area has the code nowhere"):
        record_events([one(area="nowhere")], "x", by="tocsin", at=WALL)


def _office_version(number: int, at: datetime, *, is_off: bool = False, **changes) -> RuleVersion:
    """Put a version into force from ``at`` on, as an approval would."""
    old = RuleVersion.objects.filter(rule="heat").order_by("version")[0]
    definition = {**old.definition, **changes, "version": number}
    return RuleVersion.objects.create(
        rule="heat", version=number, hazard=old.hazard, definition=definition, is_off=is_off,
        digest=f"made {number}", origin=RuleVersion.OFFICE, valid_from=at, kept_at=at,
    )  # fmt: skip


def test_the_past_is_judged_by_the_rule_that_stood_then(officer, words):
    """A threshold raised afterwards, or a rule out of use, makes no false alarm of the past."""
    right = "1 was right in at least one of its areas. 2 times an area was at or beyond"
    before = words(officer.get(RIGHT))
    assert right in before
    _office_version(2, NOON + timedelta(days=1), levels={"yellow": 120, "orange": 130})
    assert right in words(officer.get(RIGHT))
    _office_version(3, NOON + timedelta(days=1, hours=1), is_off=True)
    assert right in words(officer.get(RIGHT))
    # in force before the afternoon began, it is what is asked
    _office_version(4, NOON - timedelta(days=1), levels={"yellow": 120, "orange": 130})
    assert "0 were right" in words(officer.get(RIGHT))


def test_a_rule_that_changes_in_the_middle_of_a_spell_is_asked_from_then_on(officer, words):
    """Hot from 13:00 to 16:00: what the newer version sees of it is no false alarm, nor twice."""
    right = "1 was right in at least one of its areas. 2 times an area was at or beyond"
    again = NOON + timedelta(hours=2, minutes=30)
    _office_version(2, again)
    assert right in words(officer.get(RIGHT))
    _office_version(3, NOON - timedelta(days=1), levels={"yellow": 120, "orange": 130})
    assert right in words(officer.get(RIGHT))
    spells = _spells(Region.objects.get())
    assert {(one.first - NOON, one.last - NOON) for one in spells} == {
        (timedelta(hours=3), timedelta(hours=4))
    }


def test_what_was_measured_is_found_again_within_the_hour(monkeypatch):
    region = Region.objects.get()
    span = bounds(region)
    found = []
    for minutes in (1, 59):
        period = Period(span.start + timedelta(minutes=minutes), span.end)
        monkeypatch.setattr(right, "bounds", lambda _region, period=period: period)
        found.append(_spells(region))
    assert found[0]
    assert found[0] is found[1]


def test_a_replay_is_judged_by_the_text_that_it_was_run_with(officer, words, tmp_path):
    """Its folder's texts come here years after the time that is replayed."""
    folder = tmp_path / "small"
    rules = (folder / "rules.toml").read_text()
    (folder / "rules.toml").write_text(rules.replace("= 95, orange = 100", "= 100, orange = 120"))
    replay(folder, fresh=True, at=WALL + timedelta(days=1))
    assert RuleVersion.objects.filter(rule="heat").count() == 2
    assert {one.area for one in _spells(Region.objects.get())} == {"west"}
