"""What a backtest found, as rows, CSV text and one HTML page that needs nothing else."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray

from tocsin.triggers.backtest import Outcome
from tocsin.triggers.rules import Level, say
from tocsin.triggers.scores import NAN
from tocsin.triggers.verification import Event, match

__all__ = ["Row", "as_csv", "as_html", "rows_of"]

COLOURS = {"blue": "#2e6fb7", "yellow": "#c79a00", "orange": "#cf6a12", "red": "#b4232a"}
"""Level colours, dark enough for white letters (WCAG 2.2, 4.5 to 1 for large text)."""


@dataclass(frozen=True, slots=True)
class Row:
    """One rule at one level; the columns of the CSV. NaN where a score is not known.

    So is the threshold of a level that follows from impact: each area has its own.
    """

    rules: str
    rule: str
    level: str
    threshold: float
    unit: str
    warnings: int
    hours_under_warning: float
    area_hours: float
    median_length_h: float
    longest_h: float
    messages: int
    flaps: int
    events: int
    pod: float
    far: float
    csi: float
    median_lead_h: float


def rows_of(label: str, outcome: Outcome, events: Sequence[Event] | None = None) -> list[Row]:
    """Return one row for each level of a rule; scores where ``events`` of its hazard are given.

    An event counts for its own level and those below; it is matched with warnings of the row's
    level or above, up to the event's end.
    """
    highest, lengths = outcome.course.highest(), outcome.lengths_h
    known = events is not None
    warned = outcome.warned if events is not None else []
    rows = []
    for count in outcome.counts():
        mine = lengths[highest >= count.level]
        level = count.level
        happened = [e for e in events or [] if e.hazard == outcome.rule.hazard and e.level >= level]
        said = [w for w in warned if w.level == level]
        verdict = match(happened, said, any_level=True)
        # the condition that can reach this level: the rule's own, else the first joined on
        asked = next(one for one in outcome.rule.conditions if one.reaches(level))
        threshold = asked.threshold(level)
        rows.append(
            Row(
                rules=label,
                rule=outcome.rule.id,
                level=level.word,
                threshold=NAN if threshold is None else threshold,
                unit=asked.level_unit,
                warnings=count.warnings,
                hours_under_warning=round(count.hours, 1),
                area_hours=round(count.area_hours, 1),
                median_length_h=_median(mine),
                longest_h=float(mine.max()) if mine.size else NAN,
                messages=outcome.messages,
                flaps=outcome.flaps,
                events=len(happened) if known else 0,
                pod=verdict.pod if known else NAN,
                far=verdict.far if known else NAN,
                csi=verdict.csi if known else NAN,
                median_lead_h=_median(verdict.leads_h),
            )
        )
    return rows


def _median(values: Sequence[float] | NDArray[np.float64]) -> float:
    return float(np.median(values)) if len(values) else NAN


def as_csv(rows: Sequence[Row]) -> str:
    """Return the rows as CSV with a header; what is not known is empty."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(Row.__slots__), lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow(
            {key: "" if value != value else value for key, value in asdict(row).items()}
        )
    return out.getvalue()


WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "title": "What the rules would have done", "period": "Period", "rules": "Rules",
        "rule": "Rule", "level": "Level", "threshold": "From", "warnings": "Warnings",
        "hours_under_warning": "Hours under warning", "area_hours": "Area hours",
        "median_length_h": "Median length, h", "longest_h": "Longest, h",
        "messages": "Messages", "flaps": "Turns", "events": "Events", "pod": "Detected (POD)",
        "far": "False alarms (FAR)", "csi": "CSI", "median_lead_h": "Median lead, h",
        "impact": "by impact",
        "blue": "blue", "yellow": "yellow", "orange": "orange", "red": "red",
        "untried": "No forecasts in this archive: how far ahead {rules} would have warned (lead_h) "
        "was not tried.",
        "note": "A warning is one episode from its first message to its end. Turns: a level that "
        "was raised after it was lowered, or the other way round. Detected: events that were "
        "warned of; false alarms: warnings without an event.",
    },
    "zh": {
        "title": "规则回测", "period": "时段", "rules": "规则集", "rule": "规则", "level": "级别",
        "threshold": "阈值", "warnings": "预警次数", "hours_under_warning": "预警小时数",
        "area_hours": "区域小时数", "median_length_h": "时长中位数（小时）",
        "longest_h": "最长（小时）",
        "messages": "消息数", "flaps": "反复次数", "events": "事件数", "pod": "命中率（POD）",
        "far": "空报率（FAR）", "csi": "临界成功指数（CSI）",
        "median_lead_h": "提前量中位数（小时）",
        "impact": "按影响", "blue": "蓝色", "yellow": "黄色", "orange": "橙色", "red": "红色",
        "untried": "档案中没有预报：未试算 {rules} 的提前预警（lead_h）。",
        "note": "一次预警指从首条消息到结束的一个过程。反复：降级后又升级，或升级后又降级。命中率："
        "已预警的事件所占比例；空报率：没有对应事件的预警所占比例。",
    },
}  # fmt: skip


def as_html(
    rows: Sequence[Row],
    *,
    period: str,
    names: Mapping[str, Mapping[str, str]],
    language: str = "en",
    region: str = "",
    untried: Sequence[str] = (),
) -> str:
    """Return a whole page: one table, rule sets side by side, in ``language`` (en or zh-...).

    ``names`` gives each rule's name in each language; ``period`` and the region's name are written
    as they are. ``untried`` are rules that look ahead where the archive has no forecasts: the page
    says so.
    """
    words = WORDS["zh" if language.startswith("zh") else "en"]
    columns = [c for c in Row.__slots__ if c not in {"rules", "rule", "level", "unit"}]
    if not any(row.events for row in rows):
        columns = columns[: columns.index("events")]
    head = "".join(f"<th scope=col>{escape(words[c])}</th>" for c in columns)
    body = []
    most = max((row.hours_under_warning for row in rows), default=0) or 1
    order = sorted(rows, key=lambda r: (list(names).index(r.rule), Level.of(r.level), r.rules))
    for row in order:
        cells = "".join(f"<td>{_cell(row, c, most, words)}</td>" for c in columns)
        body.append(
            f"<tr><th scope=row>{escape(say(dict(names[row.rule]), language))}</th>"
            f'<td><span class="l" style="background:{COLOURS[row.level]}">'
            f"{escape(words[row.level])}</span></td>"
            f"<td class=t>{escape(row.rules)}</td>{cells}</tr>"
        )
    title = escape(": ".join(part for part in (region, words["title"]) if part))
    said = ", ".join(dict.fromkeys(say(dict(names[rule]), language) for rule in untried))
    note = f"<p>{escape(words['untried'].format(rules=said))}</p>" if untried else ""
    return (
        f'<!doctype html><html lang="{escape(language)}"><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{title}</title><style>{_STYLE}'
        f"</style><h1>{title}</h1><p>{escape(words['period'])}: {escape(period)}</p><div><table>"
        f"<thead><tr><th scope=col>{escape(words['rule'])}</th><th scope=col>"
        f"{escape(words['level'])}</th><th scope=col>{escape(words['rules'])}</th>{head}</tr>"
        f"</thead><tbody>{''.join(body)}</tbody></table></div>{note}<p>{escape(words['note'])}</p></html>\n"
    )


def _cell(row: Row, column: str, most: float, words: Mapping[str, str]) -> str:
    value = getattr(row, column)
    if column == "threshold" and value != value:
        return escape(words["impact"])
    if value != value:
        return "–"
    if column == "threshold":
        return escape(f"{value:g} {row.unit if row.unit != '1' else ''}".strip())
    if column == "hours_under_warning":
        width = 100 * value / most
        return f'<span class="b" style="width:{width:.1f}px"></span>{value:,.0f}'
    if column in {"pod", "far", "csi"}:
        return f"{value:.0%}"
    return f"{value:,.0f}" if isinstance(value, int) else f"{value:,.1f}"


_STYLE = (
    "body{font:15px/1.45 system-ui,sans-serif;color:#1c2733;margin:2rem auto;max-width:80rem;"
    "padding:0 1rem}h1{font-size:1.4rem}div{overflow-x:auto}table{border-collapse:collapse;"
    "width:100%}th,td{text-align:right;padding:.3rem .6rem;border-bottom:1px solid #d8dee6;"
    "font-variant-numeric:tabular-nums;white-space:nowrap}thead th{font-size:.8rem;color:#51606f;"
    "white-space:normal;vertical-align:bottom}th[scope=row],.t,th:nth-child(-n+3),td:nth-child(2)"
    "{text-align:left}.l{color:#fff;border-radius:3px;padding:.05rem .45rem;font-weight:600}"
    ".b{display:inline-block;height:.6em;background:#9fb3c8;margin-right:.4em}"
    "@media print{body{margin:0}}"
)
