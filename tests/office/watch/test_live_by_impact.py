"""A live day with a forecast of members and a rule by matrix: draft, issue, message, evidence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tocsin.office.warnings_desk import drafts
from tocsin.office.warnings_desk.live import LiveWatch
from tocsin.office.warnings_desk.models import Draft, Message

from .. import live_region, matrix_region
from ..factories import make_user
from ..live_region import MIDNIGHT, weather, write
from .test_live_ahead import FEED, HOUR, answer, infos, mild, server

__all__ = ["server"]
pytestmark = pytest.mark.django_db
HOT = {1: 97.0, 2: 97.0, 3: 93.0}
"""Of five members asked for, four come: two are as hot as 97 degF, one is 93, one stays mild."""


def hot(station: str, time: Any, member: int) -> float:
    return HOT[member] if member in HOT and time == MIDNIGHT + 15 * HOUR else mild(station, time)


def run(tmp_path: Path, server: dict[str, Any], approval: str) -> None:
    folder = matrix_region.make_live(tmp_path / "small", approval, lead_h=6)
    feeds = (folder / "feeds.toml").read_text()
    (folder / "feeds.toml").write_text(feeds + FEED.format(url=server["url"], more="members = 5"))
    values = {key: min(value or 75, 80.0) for key, value in weather().items()}
    watch = LiveWatch(folder, tmp_path / "spool", at=MIDNIGHT)
    for n in range(8, 11):
        at = MIDNIGHT + n * HOUR
        write(folder, values, at - HOUR)
        server["body"] = answer(at, hot, members=4)
        assert watch.cycle(at).errors == []
    watch.close()


def check(message: Message, members: int = 4) -> None:
    """Three of four members are minor, likely and so yellow; in the west two are severe, possible.

    That is yellow as well: of two cells of one level the likelier one is told, as its threshold is.
    """
    assert message.levels == {"west": 2, "east": 2}
    west = next(row for row in message.evidence if row["area"] == "west")
    assert len(west["forecast"]["values"]) == members
    assert (west["forecast"]["probability"], west["threshold"]) == (0.75, 89.6)
    assert west["impact"]["likelihood"] == {"en": "likely", "zh-Hans": "很可能"}
    assert west["impact"]["class"] == {"en": "minor", "zh-Hans": "轻微"}
    assert west["impact"]["probability"] == 0.75
    east = next(row for row in message.evidence if row["area"] == "east")
    assert (east["impact"]["likelihood"]["en"], east["impact"]["class"]["en"]) == (
        "likely", "minor",
    )  # fmt: skip
    expected = message.impact["expected"]
    assert (expected["members"], expected["forecast"], expected["areas"]) == (members, True, 2)
    assert [one["probability"] for one in expected["classes"]] == [0.75, 0.75]
    told = {one.value_name: one.value for one in infos(message)[0].parameter}
    people = told["tocsin:expected-impact"].split(" people in need of help; members 4; areas 2")[0]
    assert int(people) == pytest.approx(expected["value"], rel=0.05)
    assert told["tocsin:impact-at-least:20"] == "0.75"
    assert told["tocsin:impact-at-least:60"] == "0.75"


def test_members_of_a_forecast_become_a_message_by_impact(
    tmp_path: Path, server: dict[str, Any]
) -> None:
    run(tmp_path, server, live_region.AUTO)
    (message,) = Message.objects.all()
    check(message)
    said = infos(message)[0].description or ""
    assert "people in need of help" in said
    assert "Likelihood: likely" in said or "Likelihood: possible" in said


def test_a_draft_of_it_is_issued_by_a_person_with_the_same_numbers(
    tmp_path: Path, server: dict[str, Any]
) -> None:
    run(tmp_path, server, live_region.ONE)
    (draft,) = Draft.objects.all()
    at = MIDNIGHT + 10 * HOUR
    officer, approver = make_user("anna", "duty_officer"), make_user("bert", "approver")
    held = drafts.submit(draft, revision=draft.revision, by=officer, at=at)
    held = drafts.approve(held, revision=held.revision, by=approver, at=at)
    message = drafts.issue_draft(held, by=officer, at=at)
    check(message)
