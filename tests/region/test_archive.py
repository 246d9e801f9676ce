"""A region's past without a database gives what the replayed ledger holds."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from tests.examples.test_year import YEAR
from tocsin.errors import IntakeError, RegionError, StateError
from tocsin.region import Region, load_region
from tocsin.region.archive import archive_of, policy_of, rules_in, skipped_feeds
from tocsin.region.event_file import read_events
from tocsin.triggers.report import as_csv, as_html, rows_of
from tocsin.triggers.rules import Level

FOLDER = Path(__file__).parents[2] / "examples" / "new-york-2013"


@pytest.fixture(scope="module")
def region() -> Region:
    return load_region(FOLDER)


@pytest.fixture(scope="module")
def outcomes(region):
    archive = archive_of(region)
    return {rule.id: archive.outcome(rule, policy_of(region, rule)) for rule in region.rules}


def test_a_backtest_counts_what_the_replay_issued(outcomes) -> None:
    found = [
        (name, one.warnings, one.messages, Level(int(one.course.highest().max())))
        for name, one in outcomes.items()
    ]
    assert found == YEAR


def test_the_messages_say_the_levels_of_their_hour(outcomes) -> None:
    sent = outcomes["heat"].course.sent()
    worst = next(m for m in sent if Level.RED in m.levels.values())
    # Noon of 19 July 2013 in New York, the only day of red on docs/science/new-york-2013.md.
    assert worst.at == datetime(2013, 7, 19, 16, tzinfo=UTC)
    assert worst.reason == "raise"


EVENTS = """hazard,area,first,last,level,source
heat,36061,2013-07-18T12:00,2013-07-18T18:00,yellow,made for a test
heat,36061,2013-03-01T12:00,2013-03-01T18:00,,made for a test
"""


def test_scores_stand_beside_the_counts(region, outcomes, tmp_path) -> None:
    file = tmp_path / "events.csv"
    file.write_text(EVENTS)
    events = read_events(region, file)
    blue, yellow, *_ = rows_of("now", outcomes["heat"], events)
    assert (blue.events, blue.pod) == (2, 0.5)
    assert (yellow.events, yellow.pod) == (1, 1.0)
    names = {"heat": {"en": "Heat <b>", "zh-Hans": "高温"}}
    page = as_html([blue, yellow], period="July", names=names)
    assert "Heat &lt;b&gt;" in page
    assert "<b>" not in page
    assert "高温" in as_html([blue], period="七月", names=names, language="zh-Hans")
    assert as_csv([blue]).splitlines()[1].startswith("now,heat,blue,90.0,degF,24,431.0,")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("heat,nowhere,2013-07-18,2013-07-19,,", "No area has this code"),
        ("heta,36061,2013-07-18,2013-07-19,,", "No rule warns of it"),
        ("heat,36061,soon,2013-07-19,,", "This is not a time"),
        ("heat,36061,2013-03-10T02:30,2013-03-10T08:00,,", "comes twice or never"),
        ("heat,36061,2013-11-02T22:00,2013-11-03T01:30,,", "comes twice or never"),
        ("heat,36061,2013-07-19,2013-07-18,,", "It ends before it begins"),
        ("heat,36061,2013-07-18,2013-07-19,purple,", "There is no such level"),
    ],
)
def test_a_wrong_event_names_its_line(region, tmp_path, row, said) -> None:
    file = tmp_path / "events.csv"
    file.write_text(f"hazard,area,first,last,level,source\n{row}\n")
    with pytest.raises(IntakeError, match=said) as refused:
        read_events(region, file)
    assert refused.value.faults[0].line == 2


def test_a_day_of_an_event_is_meant_whole_and_offsets_settle_the_clock(region, tmp_path) -> None:
    file = tmp_path / "events.csv"
    file.write_text(
        "hazard,area,first,last\nheat,36061,2013-07-18,2013-07-18\n"
        "heat,36061,2013-11-02T22:00,2013-11-03T01:30-05:00\n"
    )
    day, night = read_events(region, file)
    assert day.first == datetime(2013, 7, 18, 4, tzinfo=UTC)
    assert day.last == datetime(2013, 7, 19, 3, 59, 59, tzinfo=UTC)
    assert night.last == datetime(2013, 11, 3, 6, 30, tzinfo=UTC)


def test_a_file_of_events_without_a_column_is_refused(region, tmp_path) -> None:
    file = tmp_path / "events.csv"
    file.write_text("hazard,area,first\n")
    with pytest.raises(IntakeError, match="last: The column is missing"):
        read_events(region, file)


def test_other_rules_are_checked_against_the_region(region, tmp_path) -> None:
    assert rules_in(region, FOLDER / "rules.toml") == region.rules
    broken = tmp_path / "rules.toml"
    text = (FOLDER / "rules.toml").read_text()
    broken.write_text(text.replace('indicator = "heat_index"', 'indicator = "heat_indx"', 1))
    with pytest.raises(RegionError, match="heat_indx: No indicator has this id"):
        rules_in(region, broken)


def test_an_empty_period_is_refused(region) -> None:
    with pytest.raises(StateError, match="would end"):
        archive_of(region, first=datetime(2014, 1, 1, tzinfo=UTC))
    live = region.model_copy(update={"replay": None})
    with pytest.raises(StateError, match="name both --from and --to"):
        archive_of(live)


@pytest.mark.slow
def test_live_feeds_are_skipped_and_named(region) -> None:
    file = region.feeds[0]
    asked = file.model_copy(update={"id": "asked", "path": "", "url": "https://example.org/x.csv"})
    drop = file.model_copy(update={"id": "drop", "path": "drop/"})
    first, last = datetime(2013, 7, 1, tzinfo=UTC), datetime(2013, 7, 2, tzinfo=UTC)
    both = region.model_copy(update={"replay": None, "feeds": (asked, file, drop)})
    assert skipped_feeds(both) == ("asked", "drop")
    found = archive_of(both, first=first, last=last).grid
    alone = archive_of(region, first=first, last=last).grid
    for name, values in alone.values.items():
        np.testing.assert_array_equal(found.values[name], values)
    live = region.model_copy(update={"replay": None, "feeds": (asked, drop)})
    with pytest.raises(StateError, match=r"live feeds alone \(asked, drop\)"):
        archive_of(live, first=first, last=last)
