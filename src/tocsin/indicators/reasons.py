"""Why an indicator is undefined at a row: a code for programs, a sentence for people.

Codes: ``missing`` (an input or what it needs is not there), ``outside-domain``, ``gaps`` (too many
rows of its window are missing or impossible), ``before-start`` (the record is shorter than it looks
back), ``short-record`` (too few years to fit), ``undefined-combination``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tocsin.indicators.indicator import Indicator
from tocsin.units import convert, is_labelled

__all__ = ["CODES", "Reason", "plain", "reasons_at"]

CODES = (
    "missing", "outside-domain", "gaps", "before-start", "short-record", "undefined-combination",
)  # fmt: skip
YEARS_TO_FIT = 20
BETWEEN = 3  # this row and the two that a baseline leaves out


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason why the value is undefined: a code for programs, a sentence in each language."""

    code: str
    argument: str
    text: Mapping[str, str]


def plain(entry: Indicator, argument: str, values: Any) -> Any:
    """Return an input as bare numbers in the declared unit, time first."""
    if is_labelled(values) and "units" in values.attrs:
        values = convert(values, str(values.attrs["units"]), entry.input_units[argument])
    return np.asarray(values, dtype=np.float64)


def reasons_at(
    entry: Indicator, inputs: Mapping[str, Any], needs: Mapping[str, Any], row: int = -1
) -> tuple[Reason, ...]:
    """Return why the value of one place is undefined at a row; never empty.

    Parameters
    ----------
    inputs : mapping of argument to number or series of one place
        In the declared units, or labelled.
    needs : mapping
        What the indicator was given beside its series.
    row : int
        Which row of the series; the last if not given.
    """
    found: list[Reason] = []
    for argument in entry.takes:
        series = plain(entry, argument, inputs[argument])
        series = series.reshape(-1) if series.ndim else series
        upto = series[: row + 1] if series.ndim and row != -1 else series
        found += _of_row(entry, argument, upto)
        found += _of_past(entry, argument, upto)
    found += [_missing(name) for name, value in needs.items() if _is_missing(value)]
    if entry.gaps.rule == "any" and not found:
        found = [_missing(name) for name in entry.takes if _is_missing(inputs[name])]
    if found:
        return tuple(found)
    return (
        Reason(
            "undefined-combination",
            "",
            {
                "en": "The method is not defined for these values together; see its description.",
                "zh-Hans": "该方法对这组数值没有定义，参见方法说明。",
            },
        ),
    )


def _missing(name: str) -> Reason:
    return Reason("missing", name, {"en": f"{name} is missing.", "zh-Hans": f"缺少 {name}。"})


def _is_missing(value: Any) -> bool:
    """Whether a need is NaN throughout; dates and words are not numbers and never are."""
    try:
        numbers = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        return False
    return bool(np.isnan(numbers).all())


def _of_row(entry: Indicator, argument: str, series: Any) -> Iterator[Reason]:
    value = float(series if series.ndim == 0 else series[-1]) if series.size else math.nan
    unit = entry.input_units[argument]
    if math.isnan(value):
        if entry.gaps.rule != "any":
            yield _missing(argument)
        return
    low, high = entry.domain.get(argument, (-math.inf, math.inf))
    if low <= value <= high and not math.isinf(value):
        return
    limit, english, chinese = (low, "below", "低于") if value < low else (high, "above", "高于")
    if value in (low, high):
        english, chinese = "at", "等于"
    yield Reason(
        "outside-domain",
        argument,
        {
            "en": f"{argument} is {value:g} {unit}, {english} the limit of {limit:g} {unit}.",
            "zh-Hans": f"{argument} 为 {value:g} {unit}，{chinese}界限 {limit:g} {unit}。",
        },
    )


def _of_past(entry: Indicator, argument: str, series: Any) -> Iterator[Reason]:
    """Yield what the rows before this one lack, by the indicator's rule of gaps."""
    gaps = entry.gaps
    if series.ndim == 0 or (gaps.arguments and argument not in gaps.arguments):
        return
    low, high = entry.domain.get(argument, (-math.inf, math.inf))
    bad = ~((series >= low) & (series <= high) & np.isfinite(series))
    if gaps.rule in ("window", "durations", "recent", "spell", "months", "baseline"):
        rows = gaps.rows + (BETWEEN if gaps.rule == "baseline" else 0)
        missing, short = int(bad[-rows:].sum()), max(0, rows - len(series))
        if missing + short > gaps.tolerated:
            yield _gaps(argument, rows, missing, short)
    elif gaps.rule == "ends":
        before = gaps.rows - 1
        if len(series) <= before:
            yield _before_start(argument, before, len(series) - 1)
        elif bad[-gaps.rows]:
            yield _gaps(argument, gaps.rows, 1, 0)
    if gaps.rule in ("months", "half"):
        period, years = (12, YEARS_TO_FIT) if gaps.rule == "months" else (52, 4)
        there = int((~bad[len(series) - 1 :: -period]).sum())
        if there < years + (gaps.rule == "half"):
            yield _short_record(argument, there)


def _gaps(argument: str, rows: int, missing: int, short: int) -> Reason:
    return Reason(
        "gaps",
        argument,
        {
            "en": f"Of the last {rows} rows of {argument}, {missing} are missing or impossible "
            f"and {short} lie before the start.",
            "zh-Hans": f"{argument} 最近 {rows} 个时次中，{missing} 个缺测或不合理，"
            f"{short} 个早于序列起点。",
        },
    )


def _before_start(argument: str, wanted: int, there: int) -> Reason:
    return Reason(
        "before-start",
        argument,
        {
            "en": f"It looks {wanted} rows back; {argument} has {there} rows before this one.",
            "zh-Hans": f"需回看 {wanted} 个时次，{argument} 在此之前只有 {there} 个时次。",
        },
    )


def _short_record(argument: str, there: int) -> Reason:
    return Reason(
        "short-record",
        argument,
        {
            "en": f"Only {there} of the same time of year are there in {argument}; too few to fit.",
            "zh-Hans": f"{argument} 的同期资料只有 {there} 年，不足以拟合。",
        },
    )
