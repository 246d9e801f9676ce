"""The whole chain on a region small enough to be worked out by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tocsin import cap
from tocsin.errors import IntakeError, RegionError, StateError
from tocsin.office.audit.models import Entry
from tocsin.office.places.models import Region
from tocsin.office.warnings_desk import replay as module
from tocsin.office.warnings_desk.ledger import head, verify
from tocsin.office.warnings_desk.models import Message, Warning
from tocsin.office.warnings_desk.replay import replay
from tocsin.office.warnings_desk.services import start_over
from tocsin.office.watch.models import Feed, Observation, Series, Trigger

from ..small_region import RULES, weather, write_region

WALL = datetime(2026, 1, 2, 3, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path):
    return write_region(tmp_path / "small")


def edt(day, hour):
    return datetime(2013, 7, day, 4, tzinfo=UTC) + timedelta(hours=hour)


def test_a_hot_afternoon_becomes_one_warning_raised_and_lowered_on_time(folder):
    """Hot from the hour that begins at 13:00: issued at 14:00, over at 17:00, held 2 h."""
    replay(folder, at=WALL)
    story = [(m.sent_at, m.reason, m.levels) for m in Message.objects.all()]
    assert story == [
        (edt(15, 14), "issue", {"east": 2, "west": 3}),
        (edt(15, 19), "cancel", {}),
    ]


def test_a_warning_with_an_hour_left_is_not_cancelled_but_runs_out(folder):
    (folder / "rules.toml").write_text(RULES.replace("valid_h = 8", "valid_h = 6"))
    replay(folder, at=WALL)
    assert [m.reason for m in Message.objects.all()] == ["issue"]
    assert Message.objects.in_force(edt(15, 19)).count() == 1
    assert Message.objects.in_force(edt(15, 20)).count() == 0


def test_a_held_level_names_the_value_that_earned_it_and_says_what_it_is_now(folder):
    rules = RULES.replace("hold_h = 2", "hold_h = 8").replace("valid_h = 8", "valid_h = 6")
    (folder / "rules.toml").write_text(rules)
    replay(folder, at=WALL)
    extended = Message.objects.filter(reason="extend").latest("number")
    info = cap.parse(bytes(extended.raw)).alert.info[0]
    assert "102.9 °F" in info.headline  # the last hour that reached the threshold
    assert "Latest value" in info.description
    assert all(row["value"] >= row["threshold"] > row["latest"] for row in extended.evidence)


def test_when_no_values_come_the_end_is_not_called_an_all_clear(folder):
    rows = weather().splitlines()
    kept = [row for row in rows if not "2013-07-15T18" <= row[4:17] <= "2013-07-16T03"]
    (folder / "weather.csv").write_text("\n".join(kept) + "\n")
    replay(folder, at=WALL)
    info = cap.parse(bytes(Message.objects.get(msg_type="Cancel").raw)).alert.info[0]
    assert "No values have come in" in info.description
    assert info.response_type == ("Monitor",)


def test_a_withdrawn_rule_ends_its_warnings(folder):
    replay(folder, last=edt(15, 15), at=WALL)
    (folder / "rules.toml").write_text(RULES.replace('id = "heat"', 'id = "other"'))
    replay(folder, at=WALL)
    cancel = Message.objects.get(warning__rule_version__rule="heat", msg_type="Cancel")
    assert "withdrawn" in cap.parse(bytes(cancel.raw)).alert.info[0].description


def test_fresh_empties_nothing_before_everything_is_in_order(folder, tmp_path):
    replay(folder, at=WALL)
    other = write_region(tmp_path / "other")
    (other / "region.toml").write_text(
        (other / "region.toml").read_text().replace('id = "small"', 'id = "other"')
    )
    with pytest.raises(StateError, match="serves the region small"):
        replay(other, fresh=True, at=WALL)
    with pytest.raises(StateError, match="would end"):
        replay(folder, first=edt(16, 0), last=edt(15, 0), fresh=True, at=WALL)
    assert head()[0] == 2
    whole = head()
    replay(folder, fresh=True, at=WALL)
    assert head() == whole


def test_the_message_is_valid_cap_and_says_that_it_is_an_exercise(folder):
    replay(folder, at=WALL)
    for message in Message.objects.all():
        parsed = cap.parse(bytes(message.raw))
        assert cap.validate(parsed.alert) == []
        assert parsed.alert.status == "Exercise"
        assert "replay of 2013" in parsed.alert.note
        assert all("2013" in info.headline for info in parsed.alert.info)


def test_levels_and_languages_each_have_their_own_info(folder):
    replay(folder, at=WALL)
    alert = cap.parse(bytes(Message.objects.get(number=1).raw)).alert
    assert [(i.language, i.severity, [a.area_desc for a in i.area]) for i in alert.info] == [
        ("en", "Severe", ["West County"]),
        ("zh-Hans", "Severe", ["西县"]),
        ("en", "Moderate", ["East County"]),
        ("zh-Hans", "Moderate", ["东县"]),
    ]
    assert "Dangerous heat, 103.5 °F at West Field" in alert.info[0].headline
    assert "orange from 100 °F" in alert.info[0].description
    assert alert.info[0].instruction == "Stay inside until Mon 15 Jul 22:00 EDT."


def test_the_all_clear_refers_to_the_message_it_ends(folder):
    replay(folder, at=WALL)
    first, last = (cap.parse(bytes(m.raw)).alert for m in Message.objects.all())
    assert last.msg_type == "Cancel"
    assert last.references == (first.reference,)
    assert {info.response_type for info in last.info} == {("AllClear",)}
    assert {a.area_desc for a in last.info[0].area} == {"West County", "East County"}


def test_evidence_and_impact_are_kept_with_the_message(folder):
    replay(folder, at=WALL)
    message = Message.objects.get(number=1)
    row = next(row for row in message.evidence if row["area"] == "east")
    assert (row["station"], row["threshold"], row["unit"]) == ("BBB", 95.0, "degF")
    assert datetime.fromisoformat(row["observed_at"]) == edt(15, 13)
    assert datetime.fromisoformat(row["crossed_at"]) == edt(15, 13)
    assert message.impact["people"] == 1500
    assert message.impact["facilities"] == {"airport": ["F1"]}


def test_an_impossible_value_is_kept_flagged_and_raises_nothing(folder):
    replay(folder, at=WALL)
    value = Observation.objects.get(value__gt=500)
    assert value.flags
    assert not Trigger.objects.filter(first_at__gte=edt(16, 0)).exists()
    assert not Warning.objects.filter(first_sent_at__gte=edt(16, 0)).exists()


def test_the_clock_stands_where_the_region_says(folder):
    report = replay(folder, at=WALL)
    assert report.region.clock_at == edt(15, 16)
    assert report.region.replayed_until == edt(17, 0)


def test_the_same_input_gives_the_same_ledger(folder):
    replay(folder, at=WALL)
    first = head()
    start_over(Region.objects.get(), at=WALL)
    assert head()[0] == 0
    replay(folder, at=WALL + timedelta(days=1))
    assert head() == first
    assert verify() == 2


def test_run_again_it_does_nothing(folder):
    replay(folder, at=WALL)
    before = (head(), Observation.objects.count(), Entry.objects.count())
    report = replay(folder, at=WALL)
    assert (report.values_added, report.messages, report.cycles) == (0, 0, 0)
    assert (head(), Observation.objects.count()) == before[:2]
    assert Entry.objects.count() - before[2] == 1  # the clock was set again


def test_stopped_in_the_middle_it_goes_on_to_the_same_ledger(folder, monkeypatch):
    replay(folder, at=WALL)
    whole = head()
    start_over(Region.objects.get(), at=WALL)
    monkeypatch.setattr(module, "HOURS_A_TRANSACTION", 5)
    issued = module.issue

    def power_cut(*args, **kwargs):
        if kwargs["at"] >= edt(15, 19):
            raise KeyboardInterrupt
        return issued(*args, **kwargs)

    monkeypatch.setattr(module, "issue", power_cut)
    with pytest.raises(KeyboardInterrupt):
        replay(folder, at=WALL)
    assert head()[0] == 1
    monkeypatch.setattr(module, "issue", issued)
    replay(folder, at=WALL)
    assert head() == whole


def test_a_period_that_would_leave_hours_out_is_refused(folder):
    replay(folder, last=edt(15, 10), at=WALL)
    with pytest.raises(StateError, match="Hours would be left out"):
        replay(folder, first=edt(16, 0), at=WALL)


def test_in_two_parts_it_is_the_same_as_in_one(folder):
    replay(folder, last=edt(15, 15), at=WALL)
    replay(folder, at=WALL)
    parts = head()
    start_over(Region.objects.get(), at=WALL)
    replay(folder, at=WALL)
    assert head() == parts


def test_a_region_with_faults_writes_nothing(folder):
    (folder / "rules.toml").write_text(RULES.replace("yellow = 95", "yellow = 105"))
    with pytest.raises(RegionError, match="not in order"):
        replay(folder, at=WALL)
    assert not Region.objects.exists()


def test_a_feed_that_cannot_be_read_writes_nothing_of_it(folder):
    (folder / "weather.csv").write_bytes(b"nothing that is a table")
    with pytest.raises((IntakeError, RegionError)):
        replay(folder, at=WALL)
    assert not Observation.objects.exists()


def test_a_broken_row_is_reported_with_its_line_and_the_rest_is_used(folder):
    text = weather().replace("AAA,2013-07-15T10:00:00Z,75", "AAA,2013-07-15T10:00:00Z,warm")
    (folder / "weather.csv").write_text(text)
    report = replay(folder, at=WALL)
    assert report.faults == 1
    feed = Feed.objects.get()
    assert feed.fault_count == 1
    assert "weather.csv:8" in feed.faults[0]
    assert "warm" in feed.faults[0]
    assert head()[0] == 2


def test_indicators_are_kept_as_series_of_their_own(folder):
    replay(folder, at=WALL)
    series = Series.objects.get(kind="indicator", quantity="heat_index", station__code="AAA")
    assert series.unit == "degC"
    assert series.observations.count() == 48
