"""What a missing or impossible value does to the rows around it: said once for each indicator.

The sentence is shown by ``tocsin indicators describe`` and on the reference page; the tests break
rows of every indicator and hold each rule to its words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

__all__ = ["ROW", "STILL", "GapRule", "Gaps"]

GapRule = Literal[
    "row", "window", "ends", "still", "recedes", "streak", "recent", "durations", "baseline",
    "half", "months", "spell", "any", "day", "mean",
]  # fmt: skip

_TEXTS: Mapping[GapRule, tuple[str, str]] = MappingProxyType({
    "row": (
        "A row with a missing or impossible value is undefined; no other row is touched.",
        "某行缺测或数值不合理时该行无值，不影响其他行。",
    ),
    "window": (
        "Of the last {rows} rows up to {tolerated} may be missing; the value is then a bound.",
        "最近 {rows} 个时次中最多可缺测 {tolerated} 个，此时所得为界限值。",
    ),
    "ends": (
        "This row and the one {before} rows before it must be there; those between do not count.",
        "本时次与前第 {before} 个时次必须有值，其间时次不参与计算。",
    ),
    "still": (
        "The row is undefined and the state stands still: the next complete row goes on from it.",
        "该行无值，状态保持不变，下一个完整时次从该状态继续。",
    ),
    "recedes": (
        "The row is undefined; the state recedes and takes the amount as none, so that the rows "
        "after it are lower bounds.",
        "该行无值；状态照常衰减并按无降水处理，其后各行为下限值。",
    ),
    "streak": (
        "The row is undefined and breaks a run of days.",
        "该行无值，并中断连续日数。",
    ),
    "recent": (
        "Any of the last {rows} rows may be missing as long as two of the last three are there.",
        "最近 {rows} 个时次可有缺测，但最近三个时次中须有两个有值。",
    ),
    "durations": (
        "Each duration of up to {rows} rows needs five sixths of its rows; those that lack them "
        "are left out, and the value is undefined when all are.",
        "各历时（最长 {rows} 个时次）须有六分之五的资料，不足者略去；全部不足时无值。",
    ),
    "baseline": (
        "This row and the {rows} rows of its baseline must be there.",
        "本时次及其基线的 {rows} 个时次必须有值。",
    ),
    "half": (
        "This week and half of the weeks it is compared with must be there.",
        "本周以及用于比较的各周中至少一半必须有值。",
    ),
    "months": (
        "All of the last {rows} months must be there, and 20 years of the calendar month to fit.",
        "最近 {rows} 个月必须齐全，且拟合该月份须有 20 年资料。",
    ),
    "spell": (
        "No row may be missing since the last wet day, nor among the last {rows} days.",
        "自最近一个雨日以来（最多 {rows} 天）不得缺测。",
    ),
    "mean": (
        "Of the last {rows} rows up to {tolerated} may be missing; the mean is that of the others.",
        "最近 {rows} 个时次中最多可缺测 {tolerated} 个，均值按其余时次计算。",
    ),
    "day": (
        "Each of the last {days} days needs its value, at whichever of its hours it stands.",
        "最近 {days} 天每天须有一个值，位于当天任一时次均可。",
    ),
    "any": (
        "Those that are there decide; undefined only where none is there, or one is beyond its "
        "table.",
        "以有资料的项目计算；全部缺测或某项超出表列范围时无值。",
    ),
})  # fmt: skip
# What looks back over one row, month or day says so in the singular.
_OF_ONE: Mapping[str, tuple[str, str]] = MappingProxyType({
    "window": ("This row must be there.", "本时次必须有值。"),
    "months": (
        "The month must be there, and 20 years of the calendar month to fit.",
        "本月必须有值，且拟合该月份须有 20 年资料。",
    ),
    "day": (
        "The day needs its value, at whichever of its hours it stands.",
        "当天须有一个值，位于任一时次均可。",
    ),
})  # fmt: skip
_ALL_OF_THE_WINDOW = (
    "All of the last {rows} rows must be there.",
    "最近 {rows} 个时次必须齐全。",
)


@dataclass(frozen=True, slots=True)
class Gaps:
    """A rule, the number of rows it looks back over (this one included), how many may be missing.

    ``arguments`` names the inputs whose past counts; all do if it is empty.
    """

    rule: GapRule
    rows: int = 1
    tolerated: int = 0
    arguments: tuple[str, ...] = ()

    @property
    def text(self) -> dict[str, str]:
        """The rule in a sentence, by language."""
        whole = self.rule in ("window", "mean") and not self.tolerated
        english, chinese = _ALL_OF_THE_WINDOW if whole else _TEXTS[self.rule]
        if (self.rows // 24 if self.rule == "day" else self.rows) == 1:
            english, chinese = _OF_ONE.get("window" if whole else self.rule, (english, chinese))
        numbers = {
            "rows": self.rows,
            "before": self.rows - 1,
            "tolerated": self.tolerated,
            "days": self.rows // 24,
        }
        return {"en": english.format(**numbers), "zh-Hans": chinese.format(**numbers)}


ROW = Gaps("row")
STILL = Gaps("still")
