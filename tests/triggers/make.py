"""Makers of rules and grids for the tests of the triggers."""

from __future__ import annotations

from typing import Any

import numpy as np

from tocsin.triggers.rules import Rule

WORDS = {"headline": {"en": "{value}"}, "instruction": {"en": "do"}}


def make_rule(**changed: Any) -> Rule:
    """A heat rule: blue 30, yellow 35, red 40 degC, at once up, an hour down."""
    levels = changed.pop("levels", {"blue": 30, "yellow": 35, "red": 40})
    fields: dict[str, Any] = {
        "id": "heat",
        "version": 1,
        "name": {"en": "Heat"},
        "hazard": "heat",
        "indicator": "heat_index",
        "unit": "degC",
        "levels": levels,
        "persistence_h": 1,
        "hysteresis": 0,
        "hold_h": 1,
        "max_gap_h": 2,
        "source": "made for a test",
        "text": dict.fromkeys(levels, WORDS),
    }
    return Rule.model_validate({**fields, **changed})


def column(*values: float | None) -> np.ndarray:
    """One place's hours; None is an hour without a value."""
    return np.array([[np.nan if v is None else v] for v in values], np.float64)
