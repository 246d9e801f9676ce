"""Levels by return period and by share of the surface: live, replay and backtest say the same."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.office import live_region
from tests.office.live_region import MIDNIGHT, write
from tests.office.rare_region import made, records
from tocsin.cap.parse import parse
from tocsin.office.places.models import Area
from tocsin.office.places.services import load_region_folder
from tocsin.office.warnings_desk.live import LiveWatch
from tocsin.office.warnings_desk.models import Message
from tocsin.office.warnings_desk.replay import replay
from tocsin.office.warnings_desk.trigger_rows import rows_of
from tocsin.office.watch.archive import stored_archive
from tocsin.office.watch.models import RuleVersion, Trigger
from tocsin.region import load_region
from tocsin.region.archive import archive_of
from tocsin.triggers.rules import Rule

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
WALL = datetime(2026, 1, 1, tzinfo=UTC)


def said_by_file(folder: Path, hour: datetime) -> dict[str, dict[str, int]]:
    """What a backtest of the file as it stands says of ``hour``."""
    region = load_region(folder)
    archive = archive_of(region, first=MIDNIGHT, last=hour)
    found = {}
    for rule in region.rules:
        said = archive.evaluation(rule)
        row = dict(zip(said.areas, said.levels[-1].tolist(), strict=True))
        found[rule.id] = {area: level for area, level in row.items() if level}
    return {rule: levels for rule, levels in found.items() if levels}


def test_a_live_afternoon_has_the_levels_of_a_backtest(tmp_path: Path) -> None:
    folder = made(tmp_path / "small", live=True)
    values = dict(live_region.weather())
    for hour in range(36):
        values["CCC", MIDNIGHT + hour * HOUR] = 97.0 if 14 <= hour <= 15 else 75.0 + hour % 3
    watch = LiveWatch(folder, tmp_path / "spool", at=MIDNIGHT)
    seen = []
    for n in range(13, 21):
        at = MIDNIGHT + n * HOUR
        write(folder, values, at - HOUR)
        watch.cycle(at)
        _, judged, _ = watch._judge(at)
        said = {
            rule: {area: int(level) for area, level in levels.items()}
            for rule, levels in judged.wanted().items()
        }
        assert said == said_by_file(folder, at - HOUR)
        seen.append(said)
    watch.close()
    # West: AAA is hot from 13 h, and 15 % of it is CCC's; East: 97.3 degF is red hot for BBB.
    assert {rule for said in seen for rule in said} == {"wide", "rare"}
    assert {level for said in seen for levels in said.values() for level in levels.values()} == {
        2,
        3,
    }


def test_a_replay_keeps_tells_and_repeats_what_it_used(tmp_path: Path) -> None:
    folder = made(tmp_path / "small", live=False)
    region = replay(folder, at=WALL).region
    west = Area.objects.get(code="west").shares
    assert west == {"AAA": pytest.approx(0.65, abs=1e-6), "CCC": pytest.approx(0.35, abs=1e-6)}
    rare = RuleVersion.objects.get(rule="rare")
    assert {code: one["years"] for code, one in rare.definition["record"].items()} == {
        "AAA": 25, "BBB": 25, "CCC": 5,
    }  # fmt: skip
    archive = archive_of(load_region(folder))
    stored = stored_archive(region, region.replay_first, region.replay_last)
    for version in RuleVersion.objects.all():
        rule = Rule.model_validate(version.definition)
        by_file = archive.evaluation(rule)
        assert stored.evaluation(rule).levels.tolist() == by_file.levels.tolist()
        assert by_file.levels.any()
    told = [row for m in Message.objects.exclude(msg_type="Cancel") for row in m.evidence]
    years = {row["years"] for row in told if "years" in row}
    shares = {(row["share"], row["known"]) for row in told if "share" in row}
    assert years <= {2.0, 10.0}
    assert years
    assert (1.0, 1.0) in shares
    assert all(0.5 <= share <= 1 for share, _ in shares)
    texts = [
        f"{info.headline} {info.description}"
        for message in Message.objects.exclude(msg_type="Cancel")
        for info in parse(bytes(message.raw)).alert.info
    ]
    assert any(" 10 a " in text and "once in 10 years on average" in text for text in texts)
    assert any("平均10年一遇" in text for text in texts)
    assert any("100%" in text and "of the area's surface reached it" in text for text in texts)


def test_a_draft_from_a_trigger_has_the_same_evidence(tmp_path: Path) -> None:
    replay(made(tmp_path / "small", live=False), at=WALL)
    for name, key in (("rare", "years"), ("wide", "share")):
        trigger = Trigger.objects.filter(rule_version__rule=name).order_by("-level").first()
        assert trigger is not None
        rule = Rule.model_validate(trigger.rule_version.definition)
        rows = rows_of(trigger, rule, trigger.last_at + 2 * HOUR)
        machine = [
            row
            for message in Message.objects.filter(warning__rule_version__rule=name)
            for row in message.evidence
            if (row["area"], row["level"]) == (trigger.area.code, trigger.level)
        ]
        (row,) = [row for row in rows if row["area"] == trigger.area.code]
        assert row["threshold"] in {one["threshold"] for one in machine}
        assert row[key] in {one[key] for one in machine}


def test_other_records_are_another_version(tmp_path: Path) -> None:
    folder = made(tmp_path / "small", live=False)
    replay(folder, at=WALL)
    (folder / "records.csv").write_text(records(AAA=108.0, BBB=96.0, CCC=90.0))
    replay(folder, at=WALL, fresh=True)
    versions = RuleVersion.objects.filter(rule="rare").order_by("version")
    assert [one.version for one in versions] == [1, 2]
    records_of = [one.definition["record"] for one in versions]
    assert records_of[0]["AAA"] != records_of[1]["AAA"]
    assert records_of[0]["BBB"] == records_of[1]["BBB"]
    assert json.dumps(records_of[0])  # plain JSON
    assert RuleVersion.objects.filter(rule="wide").count() == 1


def test_loading_again_fills_in_the_shares(tmp_path: Path) -> None:
    folder = made(tmp_path / "small", live=False)
    load_region_folder(folder, at=WALL)
    assert Area.objects.get(code="R").shares == {}
    assert set(Area.objects.get(code="east").shares) == {"BBB", "CCC"}
