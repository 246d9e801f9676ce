"""Which value a message quotes where areas have thresholds of their own."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tocsin.cap import parse
from tocsin.office.warnings_desk.compose import quoted_row, worst_row
from tocsin.office.warnings_desk.content import read_content
from tocsin.office.warnings_desk.models import Draft, Message, Warning
from tocsin.triggers.rules import Rule

from .. import factories, live_region
from ..live_region import AUTO, MIDNIGHT, ONE, cycle, weather, write
from ..small_region import RULES

OWN = "west = { yellow = 95, orange = 103 }, east = { yellow = 88, orange = 92 }"


def rule(**changed: Any) -> Rule:
    return Rule.model_validate(factories.rule_definition(**changed))


def row(area: str, value: float, threshold: float, **more: Any) -> dict[str, Any]:
    indicator = {"indicator": "heat_index", "unit": "degF"}
    return {"area": area, "value": value, "threshold": threshold, **indicator, **more}


@pytest.mark.parametrize(
    ("when", "rows", "area"),
    [
        ("at-or-above", [row("a", 104, 103), row("b", 98, 92)], "b"),
        ("at-or-above", [row("a", 104, 103), row("b", 98, 97)], "a"),  # as far: the higher value
        ("at-or-above", [row("b", 98, 92), row("a", 98, 92)], "a"),  # the same: by code
        ("at-or-above", [row("a", 90, 92), row("b", 80, 81)], "b"),  # held below: the nearest
        ("at-or-below", [row("a", -20, -15), row("b", 4, 10)], "b"),
        ("at-or-below", [row("a", -20, -15), row("b", 5, 10)], "a"),
        # By return period: a threshold of 50 years is rarer than one of 10, however far beyond.
        ("at-or-above", [row("a", 60, 40, years=10.0), row("b", 81, 80, years=50.0)], "b"),
        # Another indicator, in a unit of its own, goes behind the rule's own.
        ("at-or-above", [row("a", 400, 100, indicator="rain"), row("b", 96, 95)], "b"),
    ],
)
def test_the_farthest_beyond_its_own_threshold(
    when: str, rows: list[dict[str, Any]], area: str
) -> None:
    levels = {"yellow": 95, "orange": 100, "red": 105}
    if when == "at-or-below":
        levels = {word: -value for word, value in levels.items()}
    assert worst_row(rows, rule(when=when, levels=levels))["area"] == area


def test_a_whole_message_is_spoken_for_by_its_highest_level_and_by_what_was_measured() -> None:
    rows = [
        row("mild", 99, 80, level=2),
        row("expected", 130, 100, level=3, forecast={"model": "a"}),
        row("hot", 101, 100, level=3),
        row("hotter", 98, 92, level=3),
    ]
    assert quoted_row(rows, rule())["area"] == "hotter"


@pytest.mark.django_db
@pytest.mark.parametrize("approval", [AUTO, ONE], ids=["issued", "drafted"])
def test_a_message_and_a_draft_quote_the_area_that_is_worse_off(
    tmp_path: Path, approval: str, client: Client
) -> None:
    """103.5 in the west is half a degree beyond its orange, 97.7 in the east more than five."""
    rules = RULES.replace("hold_h = 2", f"levels_by_area = {{ {OWN} }}\nhold_h = 2")
    folder = live_region.make(tmp_path / "small", approval, rules=rules)
    hot = MIDNIGHT + timedelta(hours=13)
    write(folder, weather(), hot)
    row = cycle(folder, hot + timedelta(hours=1))
    assert row.errors == []
    if approval == AUTO:
        first, *_ = parse(bytes(Message.objects.get().raw)).alert.info
        headline, description = first.headline, first.description
        page = client.get(Warning.objects.get().get_absolute_url())
        assert dict(page.context["thresholds"]) == {2: 88, 3: 92}
        assert page.context["main_station"] == "East Field"
    else:
        texts = read_content(Draft.objects.get().content).texts["en"]
        headline, description = texts.headline, texts.description
    assert headline == "Dangerous heat, 97.7 °F at East Field"
    assert "orange from 92 °F" in (description or "")
