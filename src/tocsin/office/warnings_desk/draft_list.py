"""Rows of the list of drafts, of open triggers and of what is in force: questions, no writing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F

from tocsin.office.places.models import Area, Region
from tocsin.office.watch.models import Trigger
from tocsin.triggers.rules import Level, say

from .compose_page import standing_of
from .content import DraftContent, read_content
from .models import Draft, Message

__all__ = ["Row", "open_triggers", "rows_of", "warnings_in_force"]


@dataclass(frozen=True, slots=True)
class Row:
    """A draft in the list, and what it waits for."""

    draft: Draft
    content: DraftContent
    level: Level
    areas: tuple[dict[str, str], ...]
    has_shapes: bool
    missing: int
    needed: int
    is_drill: bool


def rows_of(drafts: Iterable[Draft], region: Region, at: datetime) -> list[Row]:
    """Return the rows of a page of drafts."""
    names = dict(Area.objects.values_list("code", "names"))
    rows = []
    for draft in drafts:
        content = read_content(draft.content)
        stands = standing_of(draft, region, at) if draft.state == "submitted" else {}
        rows.append(
            Row(
                draft=draft,
                content=content,
                level=content.level,
                areas=tuple(names.get(code, {"en": code}) for code in content.levels),
                has_shapes=any(block.polygons or block.circles for block in content.blocks),
                missing=stands.get("missing", 0),
                needed=stands.get("needed", 0),
                is_drill=content.status != "Actual" and not region.is_replay,
            )
        )
    return rows


def open_triggers(region: Region, since: datetime, at: datetime) -> list[Trigger]:
    """Return what rules were set off lately without a warning of that rule in force, worst first.

    One a rule: a draft from it takes every area of the rule along.
    """
    warned = set(
        Message.objects.public(region).in_force(at).values_list(
            "warning__rule_version__rule", flat=True
        )
    )  # fmt: skip
    drafted = set(
        Draft.objects.filter(state__in=("draft", "submitted", "approved")).values_list(
            "rule_version__rule", flat=True
        )
    )
    found = (
        Trigger.objects.filter(last_at__gte=since, first_at__lte=at)
        .select_related("rule_version", "area", "station")
        .order_by("-level", F("last_at").desc())
    )
    open_: dict[str, Trigger] = {}
    for one in found:
        if one.rule_version.rule not in warned | drafted:
            open_.setdefault(one.rule_version.rule, one)
    return list(open_.values())


def warnings_in_force(region: Region, at: datetime, language: str) -> list[dict[str, Any]]:
    """Return each warning in force with its newest message, drills among them, worst first."""
    names = dict(Area.objects.values_list("code", "names"))
    found = Message.objects.in_force(at).select_related("warning").defer("raw").order_by("-level")
    return [
        {
            "message": one,
            "warning": one.warning,
            "areas": [say(names[code], language) for code in one.levels if code in names],
            "is_drill": one.status != "Actual" and not region.is_replay,
        }
        for one in found
    ]
