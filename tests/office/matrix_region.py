"""The small region with a rule whose levels follow from likelihood and impact, to be worked out.

A heat index of 103.5 degF (39.7 degC) harms 9.7 % and 97.3 degF (36.3 degC) 6.3 %: 97 of the 1,000
people in the west, which is severe, and 31 of the 500 in the east, minor. Where it is certain that
is orange and yellow, as by the thresholds of ``small_region``.
"""

from __future__ import annotations

from pathlib import Path

from . import live_region, small_region

CURVES = """
[[curve]]
id = "help"
hazard = "heat"
unit = "degC"
harm = { en = "people in need of help", zh-Hans = "需要帮助的人" }
source = "made for a test"
intensity = [30, 40]
damage = [0, 0.1]

[[matrix]]
id = "committee"
impact_of = "people in need of help"
source = "a committee, made for a test"
likelihood = [
  { name = { en = "possible", zh-Hans = "可能" }, at_least = 0.2 },
  { name = { en = "likely", zh-Hans = "很可能" }, at_least = 0.6 },
]
impact = [
  { name = { en = "minor", zh-Hans = "轻微" }, at_least = 20 },
  { name = { en = "severe", zh-Hans = "严重" }, at_least = 60 },
]
levels = [["blue", "yellow"], ["yellow", "orange"]]
"""
IMPACT = """
[rule.impact]
layer = "people"
curve = "help"
matrix = "committee"
[rule.text.blue]
headline = { en = "Warm, {value} at {place}", zh-Hans = "{place}温热{value}" }
instruction = { en = "Look out until {until}.", zh-Hans = "请留意，直到{until}。" }
"""
LEVELS = "levels = { yellow = 95, orange = 100 }\n"
RULES = small_region.RULES.replace(LEVELS, "") + IMPACT
FILES = '\n[files]\ncurves = "curves.toml"\n'


def write_region(folder: Path, rules: str = RULES) -> Path:
    """Write the replay region with its curves."""
    return _with_curves(small_region.write_region(folder, rules=rules))


def make_live(folder: Path, approval: str = live_region.AUTO, lead_h: int = 0) -> Path:
    """Write the live region with its curves; with ``lead_h`` the rule looks ahead."""
    rules = RULES.replace("hold_h = 2\n", f"hold_h = 2\nlead_h = {lead_h}\n")
    return _with_curves(live_region.make(folder, approval, rules=rules))


def _with_curves(folder: Path) -> Path:
    text = (folder / "region.toml").read_text()
    (folder / "region.toml").write_text(text + FILES)
    (folder / "curves.toml").write_text(CURVES)
    return folder
