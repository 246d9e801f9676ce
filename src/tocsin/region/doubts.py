"""Rules that can never fire or always do: told as notes, since an officer may mean it so.

Three ways to see it. The region: no feed brings a quantity that the rule needs. The quantities: the
threshold lies beyond every number that values within :data:`tocsin.intake.quality.LIMITS` can give,
in air no damper than any air is.
The past: in a whole archive the rule never rose, or stood at every hour.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from tocsin.indicators.catalogue import CATALOGUE, Indicator
from tocsin.intake import QUANTITIES, Feed
from tocsin.intake.quality import LIMITS
from tocsin.region.impact_doubts import impact_doubts
from tocsin.triggers.evaluate import Evaluation
from tocsin.triggers.return_levels import return_level
from tocsin.triggers.rules import LEVELS, Condition, Level, Rule
from tocsin.triggers.taking import in_unit
from tocsin.units import convert

__all__ = ["Doubt", "brought_by", "doubts_in_archive", "doubts_of"]

POINTS = {1: 2001, 2: 61, 3: 21}
"""Numbers tried of each quantity, both limits among them, by how many quantities there are."""
SLACK, SLACK_OF_ONE = 0.01, 0.001
"""Share of an indicator's span that is granted, since between the numbers tried it may go on."""
DAMPEST_C = 35.0
"""The highest dew point that is told of any place: Dhahran, 8 July 2003 (Burt, 2004). Without it
hot air would be tried saturated, and no heat index would be beyond belief."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """One thing that makes a rule pointless as it stands, and what to do about it."""

    rule: str
    kind: Literal[
        "no-feed", "never", "always", "no-value", "never-yet", "always-yet", "no-record",
        "short-record", "far-period", "no-surface",
    ]  # fmt: skip
    problem: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.problem} {self.remedy}"


def brought_by(feeds: Iterable[Feed]) -> frozenset[str] | None:
    """Return the quantities that the settings of feeds name; None where one names none."""
    found: set[str] = set()
    for feed in feeds:
        named = frozenset(_named(feed.options))
        if not named:
            return None
        found |= named
    return frozenset(found)


def _named(options: Any) -> Iterator[str]:
    if isinstance(options, Mapping):
        for key, value in options.items():
            if key == "quantity" and isinstance(value, str):
                yield value
            else:
                yield from _named(value)
    elif isinstance(options, (list, tuple)):
        for value in options:
            yield from _named(value)


def doubts_of(rule: Rule, brought: frozenset[str] | None) -> list[Doubt]:
    """Return what can be said of a rule without any observation.

    Parameters
    ----------
    rule : Rule
        Its indicators are in the catalogue and its units fit: ``tocsin.region`` has checked it.
    brought : frozenset of str, or None
        The quantities the region's feeds bring; None where that is not known.
    """
    found: list[Doubt] = []
    for condition in rule.conditions:
        indicator = CATALOGUE[condition.indicator]
        lost = sorted({*indicator.inputs.values()} - (brought or frozenset()))
        if brought is not None and lost:
            found.append(
                Doubt(
                    rule.id, "no-feed",
                    f"{condition.indicator} needs {', '.join(lost)}, which no feed brings"
                    f"{_so(rule)}.",
                    "Add a feed or a column, or take the rule out.",
                )
            )  # fmt: skip
        found += _beyond(rule, condition, indicator)
    if rule.by_impact:
        span = _span(CATALOGUE[rule.indicator])
        ends = None if span is None else in_unit(np.array(span), rule).tolist()
        found += [Doubt(rule.id, *said) for said in impact_doubts(rule, ends)]
    return found


def _so(rule: Rule) -> str:
    """Return what follows for the rule when one of its conditions is never met."""
    return "; the others still count" if rule.join == "any" else ": the rule can never fire"


def _beyond(rule: Rule, condition: Condition, indicator: Indicator) -> Iterator[Doubt]:
    """Compare thresholds with the numbers that believable values give."""
    span = _span(indicator)
    if span is None:
        return
    low, high = (float(end) for end in in_unit(np.array(span), condition))
    slack = (SLACK if len(indicator.inputs) > 1 else SLACK_OF_ONE) * (high - low)
    is_low = condition.when == "at-or-below"
    for word, value, where in _asked(condition):
        never = value < low - slack if is_low else value > high + slack
        always = value >= high if is_low else value <= low
        if never or always:
            yield Doubt(
                rule.id,
                "never" if never else "always",
                f"{word} from {value:g} {condition.unit}{where} is "
                + (
                    f"beyond every {condition.indicator} that believable weather gives"
                    if never
                    else f"met by every {condition.indicator} that believable weather gives"
                )
                + f" ({low:g} to {high:g} {condition.unit}).",
                "Look at the number and at its unit.",
            )


def _asked(condition: Condition) -> Iterator[tuple[str, float, str]]:
    """Yield each threshold in the condition's unit; of return periods, that of each station."""
    for word, value in condition.levels.items():
        if not condition.by_return_period:
            yield word, value, ""
            continue
        for station, record in (condition.record or {}).items():
            level = return_level(value, record, condition.when)
            if not math.isnan(level):
                yield word, level, f" (once in {value:g} years at {station})"


def _span(indicator: Indicator) -> tuple[float, float] | None:
    """Return the lowest and highest number of an indicator from values within their limits.

    None where constant weather does not tell: differences, states, and quantities without limits.
    """
    of_time = indicator.cadence not in ("instant", "hourly", "hourly-sum")
    is_difference = indicator.unit.startswith("delta_")
    if of_time or indicator.needs or indicator.state or is_difference:
        return None
    ranges = []
    points = POINTS.get(len(indicator.inputs), 7)
    for argument, name in indicator.inputs.items():
        if name not in LIMITS or name not in QUANTITIES:
            return None
        ends = np.array([LIMITS[name].low, LIMITS[name].high])
        ends = np.asarray(convert(ends, QUANTITIES[name].unit, indicator.input_units[argument]))
        ranges.append(np.linspace(ends[0], ends[1], points))
    corners = _possible(np.array(list(itertools.product(*ranges))), indicator)
    rows = indicator.window_h or 1
    weather = {
        argument: np.repeat(corners[None, :, number], rows, axis=0)
        for number, argument in enumerate(indicator.inputs)
    }
    last = np.asarray(indicator.compute(**weather), np.float64)[-1]
    if not np.isfinite(last).any():
        return None
    return float(np.nanmin(last)), float(np.nanmax(last))


def _possible(corners: NDArray[np.float64], indicator: Indicator) -> NDArray[np.float64]:
    """Dry what is damper than any air: of warmth and humidity each alone is believable."""
    place = {name: number for number, name in enumerate(indicator.inputs.values())}
    if not {"air_temperature", "relative_humidity"} <= {*place}:
        return corners
    unit = {name: indicator.input_units[said] for said, name in indicator.inputs.items()}
    warmth = convert(corners[:, place["air_temperature"]], unit["air_temperature"], "degC")
    most = 100 * np.exp(_magnus(DAMPEST_C) - _magnus(np.asarray(warmth)))
    damp = corners[:, place["relative_humidity"]]
    dried = corners.copy()
    dried[:, place["relative_humidity"]] = np.minimum(
        damp, np.asarray(convert(most, "%", unit["relative_humidity"]))
    )
    return dried


def _magnus(warmth: Any) -> Any:
    """Return the logarithm of the vapour pressure of saturation, but for a constant."""
    return 17.62 * warmth / (243.12 + warmth)


def doubts_in_archive(evaluation: Evaluation) -> list[Doubt]:
    """Return what an archive says of a rule: without a value, never risen, or always standing.

    A rule that never rose in a short or quiet archive may still be right: the nearest value is told
    with it.
    """
    rule, parts = evaluation.rule, (evaluation.own, *evaluation.also)
    hours = evaluation.levels.shape[0]
    if not evaluation.levels.size:
        return []
    found = []
    for part in parts:
        if np.isnan(part.values).all():
            found.append(
                Doubt(
                    rule.id, "no-value",
                    f"{part.condition.indicator} has no value in {hours:,} hours{_so(rule)}.",
                    "Look whether a feed brings what it needs.",
                )
            )  # fmt: skip
    if found:
        return found
    if not evaluation.levels.any():
        nearest = "; ".join(_nearest(part.condition, part.values) for part in parts)
        found.append(
            Doubt(
                rule.id, "never-yet", f"It never rose in {hours:,} hours: {nearest}.",
                "Look at the thresholds, or at a longer past.",
            )
        )  # fmt: skip
    known = ~np.isnan(evaluation.values)
    lowest = Level(int(evaluation.levels[known].min())) if known.any() else Level.NONE
    if lowest > Level.NONE:
        found.append(
            Doubt(
                rule.id, "always-yet",
                f"It stood at {lowest.word} or higher at every hour with a value.",
                "Nobody heeds a warning that never ends: raise the threshold.",
            )
        )  # fmt: skip
    return found


def _nearest(condition: Condition, values: Any) -> str:
    """Return how near the values came to the lowest threshold there is."""
    is_low = condition.when == "at-or-below"
    nearest = np.nanmin(values) if is_low else np.nanmax(values)
    first = next((level for level in LEVELS if condition.threshold(level) is not None), None)
    if first is None:  # levels by impact: each area has thresholds of its own
        return f"{condition.indicator} came to {nearest:.4g} {condition.unit}"
    begins = f"at {condition.threshold(first):g}"
    if condition.by_return_period:
        begins = f"with what comes once in {condition.threshold(first):g} years at its station"
    came = f"{condition.indicator} came to {nearest:.4g} {condition.unit}"
    return f"{came}, {first.word} begins {begins}"
