"""A rule that was changed often: its versions are paged, its proposals counted, few are read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.office.factories import make_user
from tests.office.small_region import write_region
from tocsin.office.people.models import User
from tocsin.office.warnings_desk.replay import replay
from tocsin.office.watch import rule_picks
from tocsin.office.watch.models import RuleVersion
from tocsin.office.watch.rule_models import RuleProposal
from tocsin.triggers.rules import Rule

WALL = datetime(2026, 1, 2, 3, tzinfo=UTC)
HEAT = "/desk/watch/rules/heat/"
LONG_AGO = datetime(2012, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def region(db: None, tmp_path: Path) -> None:
    replay(write_region(tmp_path / "small"), at=WALL)


def make_versions(count: int) -> None:
    """Versions 2 to ``count`` + 1, approved an hour after the other."""
    folder = RuleVersion.objects.get(version=1)
    RuleVersion.objects.bulk_create(
        RuleVersion(
            rule="heat", version=number, hazard="heat", origin=RuleVersion.OFFICE,
            definition={**folder.definition, "version": number}, digest=f"{number}",
            valid_from=LONG_AGO + number * timedelta(hours=1), kept_at=LONG_AGO,
        )
        for number in range(2, count + 2)
    )  # fmt: skip


def make_proposals(count: int) -> None:
    RuleProposal.objects.all().delete()
    by = User.objects.filter(username="anna").first() or make_user("anna", "duty_officer")
    folder = RuleVersion.objects.get(version=1)
    RuleProposal.objects.bulk_create(
        RuleProposal(
            rule="heat", base=folder, definition=folder.definition, why=f"reason {number}",
            state="proposed", proposed_by="anna", proposer=by, created_at=LONG_AGO,
            changed_at=LONG_AGO + number * timedelta(hours=1),
        )
        for number in range(count)
    )  # fmt: skip


def asked(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def test_versions_come_fifty_at_a_time(officer: Client, words: Any) -> None:
    make_versions(119)
    first = words(officer.get(HEAT))
    assert "Versions 120" in first
    assert "version 120 in force" in first
    assert "version 71 earlier" in first
    assert "version 70 " not in first
    assert "page 1 of 3" in first
    last = words(officer.get(f"{HEAT}?versions=3"))
    assert "version 1 earlier" in last
    assert "version 21 " not in last
    assert 'href="?versions=2#versions"' in officer.get(f"{HEAT}?versions=3").content.decode()
    assert "page 1 of 3" in words(officer.get(f"{HEAT}?versions=none"))


@pytest.mark.parametrize("address", [HEAT, f"{HEAT}change/", "/desk/watch/rules/"])
def test_the_newest_twenty_proposals_stand_there_and_the_rest_are_counted(
    officer: Client, words: Any, address: str
) -> None:
    make_proposals(20)
    assert "more" not in words(officer.get(address)).split("reason 0")[1][:20]
    make_proposals(26)
    said = words(officer.get(address))
    assert "reason 25" in said
    assert "reason 6" in said
    assert "reason 5 " not in said
    assert "and 6 more" in said
    assert '"/desk/watch/proposals/"' in officer.get(address).content.decode()


def test_one_s_own_proposal_is_not_among_the_others(officer: Client, words: Any) -> None:
    make_proposals(21)
    newest = RuleProposal.objects.first()
    assert newest is not None
    said = words(officer.get(f"/desk/watch/proposals/{newest.pk}/edit/"))
    assert "and 1 more" not in said
    assert said.count("has proposed a change") == 20


def test_questions_do_not_grow_with_the_versions(officer: Client) -> None:
    pages = (HEAT, f"{HEAT}1/", "/desk/watch/rules/", "/desk/?show=heat_index")
    make_versions(2)
    _warmed, few = ([asked(officer, page) for page in pages] for _ in range(2))
    RuleVersion.objects.filter(version__gt=1).delete()
    make_versions(60)
    assert [asked(officer, page) for page in pages] == few


def test_of_many_versions_only_the_one_in_force_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of a hundred was checked against the schema, in every cycle and on every map."""
    make_versions(100)
    read: list[int] = []

    class Counted:
        @staticmethod
        def model_validate(definition: dict[str, Any]) -> Rule:
            read.append(definition["version"])
            return Rule.model_validate(definition)

    monkeypatch.setattr(rule_picks, "Rule", Counted)
    now = LONG_AGO + timedelta(days=365)
    assert [one.version for one in rule_picks.rules_at(now)] == [101]
    assert read == [101]


def test_behind_what_cannot_be_read_stands_the_newest_that_can() -> None:
    make_versions(5)
    for version in (5, 6):
        RuleVersion.objects.filter(version=version).update(definition={"version": version})
    now = LONG_AGO + timedelta(days=365)
    assert [one.version for one in rule_picks.rules_at(now)] == [4]
    RuleVersion.objects.filter(version__gt=1).update(definition={})
    assert [one.version for one in rule_picks.rules_at(now)] == [1]
