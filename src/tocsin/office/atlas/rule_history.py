"""Every version of a rule: who, when, why, and which is in force; what else is on its way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Paginator
from django.utils.translation import gettext as _

from tocsin.office.places.models import Region
from tocsin.office.watch.models import RuleVersion
from tocsin.office.watch.rule_edits import open_proposals
from tocsin.office.watch.rule_models import RuleProposal
from tocsin.office.watch.rule_picks import pick, waits_behind
from tocsin.triggers.rules import LEVELS

from .queries import standing
from .wording import said

__all__ = ["Line", "area_names", "history_of", "levels_of", "standing_of", "words_of"]

ROWS = 50


@dataclass(frozen=True, slots=True)
class Line:
    """One version in the history."""

    version: RuleVersion
    state: str
    """in-force, off, coming, waiting or earlier."""
    proposal: RuleProposal | None

    @property
    def words(self) -> str:
        """The state in a word."""
        return {
            "in-force": _("in force"),
            "off": _("in force: out of use"),
            "coming": _("to come"),
            "waiting": _("in the folder, waiting"),
        }.get(self.state, _("earlier"))


def history_of(rule: str, at: datetime) -> list[Line]:
    """Return the versions of a rule, newest first."""
    rows = RuleVersion.objects.filter(rule=rule).select_related("proposal")
    versions = list(rows.defer("definition", "proposal__definition"))
    stands = pick(versions, at)
    waiting = waits_behind(versions, stands) if stands else None
    return [
        Line(one, _state(one, stands, waiting, at), getattr(one, "proposal", None))
        for one in versions
    ]


def _state(
    one: RuleVersion, stands: RuleVersion | None, waiting: RuleVersion | None, at: datetime
) -> str:
    if one == stands:
        return "off" if one.is_off else "in-force"
    if one.valid_from and one.valid_from > at:
        return "coming"
    return "waiting" if one == waiting else "earlier"


def standing_of(rule: str, at: datetime, page: str = "") -> dict[str, Any]:
    """Return what a rule's page says above everything: what is open, to come, or waits.

    And a page of its versions, the newest first.
    """
    lines = history_of(rule, at)
    proposals, more = open_proposals(rule)
    return {
        "history": Paginator(lines, ROWS).get_page(page or 1),
        "coming": [one for one in lines if one.state == "coming"],
        "waiting": next((one.version for one in lines if one.state == "waiting"), None),
        "proposals": proposals,
        "more_proposals": more,
    }


def area_names(region: Region) -> dict[str, str]:
    """Return every area's name in the language of the page."""
    return {code: said(area.names) for code, area in standing(region).areas.items()}


def words_of(rule: Mapping[str, Any]) -> set[str]:
    """Return the levels that a definition can reach: by thresholds, or by a matrix."""
    matrix = (rule.get("impact") or {}).get("matrix") or {}
    tables = (rule, *(rule.get("also") or ()))
    by_limit = {word for one in tables for word in one.get("levels") or {}}
    return (by_limit | {word for row in matrix.get("levels") or () for word in row}) & {
        level.word for level in LEVELS
    }


def levels_of(rule: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return each level of a definition from the highest, with threshold and texts."""
    reached = {**dict.fromkeys(words_of(rule)), **rule["levels"]}
    return [
        {
            "level": int(level),
            "threshold": reached[level.word],
            "text": rule["text"].get(level.word, {}),
        }
        for level in reversed(LEVELS)
        if level.word in reached
    ]
