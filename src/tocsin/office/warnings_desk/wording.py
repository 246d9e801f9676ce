"""The sentences of a message that no rule file holds, in each language, and values with units."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, tzinfo
from types import MappingProxyType
from typing import Any

from tocsin.indicators.catalogue import CATALOGUE
from tocsin.triggers.rules import Level, say

__all__ = [
    "LEVEL_WORDS",
    "PHRASES",
    "blanks",
    "decimals_of",
    "phrase",
    "threshold_with_unit",
    "unit_symbol",
    "value_with_unit",
    "when",
    "why",
]

LEVEL_WORDS: Mapping[Level, Mapping[str, str]] = MappingProxyType(
    {
        Level.NONE: {"en": "none", "zh-Hans": "无"},
        Level.BLUE: {"en": "blue", "zh-Hans": "蓝色"},
        Level.YELLOW: {"en": "yellow", "zh-Hans": "黄色"},
        Level.ORANGE: {"en": "orange", "zh-Hans": "橙色"},
        Level.RED: {"en": "red", "zh-Hans": "红色"},
    }
)

PHRASES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "event": {"en": "{level} {name} warning", "zh-Hans": "{name}{level}预警"},
        "why-at-or-above": {
            "en": "{indicator} {value} at {station}, observed in the hour from {observed}; "
            "{level} from {threshold}.",
            "zh-Hans": "{station}{observed}起一小时内观测到{indicator}{value}，"
            "{level}阈值为{threshold}及以上。",
        },
        "why-at-or-below": {
            "en": "{indicator} {value} at {station}, observed in the hour from {observed}; "
            "{level} at {threshold} or below.",
            "zh-Hans": "{station}{observed}起一小时内观测到{indicator}{value}，"
            "{level}阈值为{threshold}及以下。",
        },
        "expected-at-or-above": {
            "en": "{indicator} {value} expected at {station}, in the hour from {observed}; "
            "{level} from {threshold}.",
            "zh-Hans": "预计{station}{observed}起一小时内{indicator}达到{value}，"
            "{level}阈值为{threshold}及以上。",
        },
        "expected-at-or-below": {
            "en": "{indicator} {value} expected at {station}, in the hour from {observed}; "
            "{level} at {threshold} or below.",
            "zh-Hans": "预计{station}{observed}起一小时内{indicator}降至{value}，"
            "{level}阈值为{threshold}及以下。",
        },
        "forecast-of-many": {
            "en": "This is a forecast, not a measurement: {model}, run of {issued}; {share} % of "
            "{present} of its {members} members reach this level.",
            "zh-Hans": "以上为预报，并非观测：{model}，起报时间{issued}；"
            "{members}个成员中有{present}个可用，其中{share}%达到该级别。",
        },
        "forecast-of-one": {
            "en": "This is a forecast, not a measurement: {model}, run of {issued}, a single "
            "forecast.",
            "zh-Hans": "以上为预报，并非观测：{model}单一预报，起报时间{issued}。",
        },
        "expected-mark": {"en": "Expected: ", "zh-Hans": "预计："},
        "whom": {"en": "About {people} people live there.", "zh-Hans": "涉及人口约{people}人。"},
        "impact": {"en": "Expected: about {n} {harm}.", "zh-Hans": "预计影响：约{n}（{harm}）。"},
        "impact-unknown": {
            "en": "How many {harm} are to be expected is not known.",
            "zh-Hans": "预计影响（{harm}）不详。",
        },
        "impact-left-out": {
            "en": "Areas of which it is not known: {n}; they are not in the number.",
            "zh-Hans": "另有{n}个地区情况不详，未计入。",
        },
        "impact-class": {
            "en": "Likelihood: {likelihood}; impact: {impact}.",
            "zh-Hans": "可能性：{likelihood}；影响程度：{impact}。",
        },
        "whom-at-least": {
            "en": "At least {people} people live there; of a part of it the number is not known.",
            "zh-Hans": "涉及人口至少{people}人，其中部分区域人数不详。",
        },
        "whom-unknown": {
            "en": "How many people live there is not known.",
            "zh-Hans": "涉及人口数不详。",
        },
        "people-at-least": {"en": "at least {people}", "zh-Hans": "至少{people}"},
        "people-unknown": {"en": "an unknown number of", "zh-Hans": "数目不详的"},
        "why-years": {
            "en": "By the station's own record {threshold} is reached there once in {years} years "
            "on average.",
            "zh-Hans": "按该站自身记录，{threshold}平均{years}年一遇。",
        },
        "why-share": {
            "en": "{share} of the area's surface reached it.",
            "zh-Hans": "区域面积的{share}达到该阈值。",
        },
        "why-share-of-known": {
            "en": "{share} of that part of the area's surface which has values reached it.",
            "zh-Hans": "区域内有观测值的面积中，{share}达到该阈值。",
        },
        "ended": {"en": "{name} warning has ended", "zh-Hans": "{name}预警解除"},
        "held": {
            "en": "Latest value {latest}, in the hour from {at}: the level is held for a while.",
            "zh-Hans": "最新值为{latest}（{at}起一小时），级别暂时保持。",
        },
        "ended-values": {
            "en": "The values have been away from the thresholds for the time the rule asks for.",
            "zh-Hans": "观测值已恢复到阈值以内，并持续了规则要求的时间。",
        },
        "ended-no-values": {
            "en": "No values have come in for some hours, so nothing can be said any more. "
            "This does not mean that the danger is over.",
            "zh-Hans": "已数小时没有观测值，无法继续判断。这并不表示危险已经过去。",
        },
        "ended-forecast": {
            "en": "It was expected and has not come: two runs of the forecast in a row do not "
            "expect it any more.",
            "zh-Hans": "此前预计的情况没有出现：连续两次预报已不再预计其发生。",
        },
        "ended-withdrawn": {
            "en": "The rule behind this warning has been withdrawn.",
            "zh-Hans": "该预警所依据的规则已撤销。",
        },
        "watch-out": {
            "en": "Stay careful and look at what is around you.",
            "zh-Hans": "请继续保持警惕，留意周围情况。",
        },
        "ended-do": {"en": "Nothing more to do.", "zh-Hans": "无需再采取措施。"},
        "ended-event": {"en": "Ended: {name}", "zh-Hans": "{name}：已解除"},
        "called-off-event": {"en": "Called off: {name}", "zh-Hans": "{name}：已取消"},
        "called-off": {
            "en": "This warning has been called off.",
            "zh-Hans": "该预警已取消。",
        },
        "all-clear": {"en": "The danger is over.", "zh-Hans": "危险已经解除。"},
        "part-of": {"en": "Parts of {places}", "zh-Hans": "{places}的部分地区"},
        "drawn": {"en": "An area drawn on the map", "zh-Hans": "地图上划定的区域"},
        "drill-note": {
            "en": "Exercise: a drill. Nothing here is happening.",
            "zh-Hans": "演练：并非真实情况。",
        },
        "drill-mark": {"en": "EXERCISE: ", "zh-Hans": "【演练】"},
        "test-note": {
            "en": "A technical test. Nothing here is happening.",
            "zh-Hans": "技术测试：并非真实情况。",
        },
        "test-mark": {"en": "TEST: ", "zh-Hans": "【测试】"},
        "replay-note": {
            "en": "Exercise: a replay of {year}, made from that year's real observations. "
            "Nothing here is happening now.",
            "zh-Hans": "演练：{year}年真实观测资料的回放，并非当前情况。",
        },
        "replay-mark": {"en": "REPLAY OF {year}: ", "zh-Hans": "【{year}年回放】"},
    }
)

ALL_KNOWN = 0.995
"""From this share of an area's surface on, messages call it the whole."""

INCHES = {"en": "inches", "zh-Hans": "英寸"}
"""In a sentence the sign of an inch reads as another word: 0.62 in in an hour."""

MOST_GIVEN = 4
"""A limit with more decimals was computed: from a record of years, or from an impact."""

_DECIMALS: Mapping[str, int] = MappingProxyType({"in": 2, "mi": 2, "Bft": 0})

UNIT_SYMBOLS: Mapping[str, str] = MappingProxyType(
    {
        "degC": "°C",
        "degF": "°F",
        "delta_degC": "°C",
        "inch": "in",
        "mile": "mi",
        "m s-1": "m/s",
        "m/s": "m/s",
        "km h-1": "km/h",
        "percent": "%",
        "1": "",
        "Bft": "Bft",
        "degree": "°",
    }
)


def phrase(key: str, language: str, **values: object) -> str:
    """Return one sentence of :data:`PHRASES` in ``language``."""
    return say(dict(PHRASES[key]), language).format(**values)


def unit_symbol(unit: str) -> str:
    """Return the unit as pages and messages print it."""
    return UNIT_SYMBOLS.get(unit, unit)


def value_with_unit(value: float, unit: str, language: str) -> str:
    """Return "95.0 °F", "0.25 mi", "8 Bft"."""
    return _with_unit(value, _DECIMALS.get(unit_symbol(unit), 1), unit, language)


def threshold_with_unit(value: float, unit: str, language: str) -> str:
    """Return a threshold as its rule has it: "95 °F", "0.125 mi"."""
    decimals = decimals_of(value, _DECIMALS.get(unit_symbol(unit), 1))
    return _with_unit(value, decimals, unit, language)


def decimals_of(limit: float, usual: int) -> int:
    """Return with how many decimals a limit was given; ``usual`` of one that was computed."""
    given = len(f"{limit:.9f}".rstrip("0").partition(".")[2])
    return given if given <= MOST_GIVEN else usual


def _with_unit(value: float, decimals: int, unit: str, language: str) -> str:
    symbol = unit_symbol(unit)
    return f"{value:.{decimals}f} {say(INCHES, language) if symbol == 'in' else symbol}".rstrip()


def when(local: datetime, language: str) -> str:
    """Return day and hour of a local time: "Thu 18 Jul 15:00 EDT", "7月18日15:00 EDT"."""
    if language.startswith("zh"):
        return f"{local.month}月{local.day}日{local:%H:%M} {local:%Z}"
    return f"{local:%a} {local.day} {local:%b %H:%M %Z}"


def blanks(
    row: Mapping[str, Any], station: str, language: str, *, until: datetime, people: str
) -> dict[str, str]:
    """Return what a rule's texts may ask for: value, place, time, until, people, years, share.

    ``row`` is a row of evidence, ``until`` a local time whose zone all times are given in,
    ``people`` the words for how many (``impact_words.people_words``).
    """
    observed = datetime.fromisoformat(row["observed_at"]).astimezone(until.tzinfo)
    return {
        "value": value_with_unit(row["value"], row["unit"], language),
        "place": station,
        "time": when(observed, language),
        "until": when(until, language),
        "people": people,
        "years": f"{row['years']:g}" if "years" in row else "–",
        "share": _percent(row["share"]) if "share" in row else "–",
    }


def why(row: Mapping[str, Any], station: str, language: str, *, level: Level, zone: tzinfo) -> str:
    """Return the sentence that says what was measured, where, when, and against what.

    Of what is only expected it says so, and by which forecast.
    """
    indicator = CATALOGUE[row["indicator"]]
    observed = datetime.fromisoformat(row["observed_at"]).astimezone(zone)
    ahead = row.get("forecast")
    said = phrase(
        f"{'expected' if ahead else 'why'}-at-or-"
        f"{'above' if indicator.direction == 'high' else 'below'}",
        language,
        indicator=say(dict(indicator.names), language),
        value=value_with_unit(row["value"], row["unit"], language),
        station=station,
        observed=when(observed, language),
        level=LEVEL_WORDS[level].get(language, level.word),
        threshold=threshold_with_unit(row["threshold"], row["unit"], language),
    )
    told = [said, *_how_rare_and_wide(row, language)]
    return " ".join([*told, _forecast(ahead, language, zone)] if ahead else told)


def _how_rare_and_wide(row: Mapping[str, Any], language: str) -> Iterator[str]:
    """Say once in how many years the threshold is reached, and how much of the surface reached it.

    Nothing of plain thresholds at a station.
    """
    if "years" in row:
        threshold = threshold_with_unit(row["threshold"], row["unit"], language)
        yield phrase("why-years", language, threshold=threshold, years=f"{row['years']:g}")
    if "share" in row:
        whole = row.get("known", 1.0) > ALL_KNOWN
        key = "why-share" if whole else "why-share-of-known"
        yield phrase(key, language, share=_percent(row["share"]))


def _percent(share: float) -> str:
    return f"{round(100 * share)}%"


def _forecast(ahead: Mapping[str, Any], language: str, zone: tzinfo) -> str:
    """Return the sentence that says which forecast expects it, and how many of its members."""
    return phrase(
        "forecast-of-one" if ahead["members"] == 1 else "forecast-of-many",
        language,
        model=ahead["model"],
        issued=when(datetime.fromisoformat(ahead["issued_at"]).astimezone(zone), language),
        share=round(100 * ahead["probability"]),
        present=ahead["present"],
        members=ahead["members"],
    )
