"""How pages say things: level and unit words, numbers, people, times. Plain values in, text out.

The language is the active one; times come out in the active time zone, which ``base.html`` and the
views set to the region's.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language, gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from tocsin import intake
from tocsin.office.warnings_desk.texts import hazard_texts
from tocsin.office.warnings_desk.wording import INCHES, decimals_of
from tocsin.triggers.rules import Level, say
from tocsin.units import convert

__all__ = [
    "FACILITY_KINDS",
    "HAZARDS",
    "LEVEL_MEANINGS",
    "LEVEL_SHAPES",
    "LEVEL_WORDS",
    "QUANTITIES",
    "REASONS",
    "day_short",
    "display_value",
    "hazard_word",
    "limit_text",
    "month_day",
    "number",
    "people_count",
    "quantity_word",
    "said",
    "season_said",
    "short_names",
    "time_long",
    "time_short",
    "time_span",
    "unit_symbol",
    "value_text",
]

NBSP = "\u00a0"

LEVEL_WORDS = {
    Level.NONE: pgettext_lazy("level", "none"),
    Level.BLUE: pgettext_lazy("level", "blue"),
    Level.YELLOW: pgettext_lazy("level", "yellow"),
    Level.ORANGE: pgettext_lazy("level", "orange"),
    Level.RED: pgettext_lazy("level", "red"),
}
LEVEL_SHAPES = {
    Level.BLUE: _("circle"),
    Level.YELLOW: _("triangle"),
    Level.ORANGE: _("diamond"),
    Level.RED: _("octagon"),
}
LEVEL_MEANINGS = {
    Level.BLUE: _("Be aware. Unusual weather is here; most people can go on as usual with care."),
    Level.YELLOW: _(
        "Be prepared. Some people are at risk; change plans that depend on the weather."
    ),
    Level.ORANGE: _("Act. Many people are at risk; avoid exposure and look after others."),
    Level.RED: _("Act at once. Life is in danger; follow the instructions of the authorities."),
}
HAZARDS = {
    "heat": _("Heat"),
    "cold": _("Cold"),
    "rain": _("Rain"),
    "wind": _("Wind"),
    "fog": _("Fog"),
    "fire": _("Fire weather"),
    "snow": _("Snow"),
}
REASONS = {
    "issue": _("First message"),
    "raise": _("Raised"),
    "lower": _("Lowered"),
    "areas": _("Areas changed"),
    "extend": _("Extended"),
    "confirm": _("Confirmed"),
    "update": _("Updated"),
    "cancel": _("Ended"),
}
FACILITY_KINDS = {
    "airport": _("airports"),
    "school": _("schools"),
    "hospital": _("hospitals"),
    "shelter": _("shelters"),
    "depot": _("depots"),
    "bridge": _("bridges"),
    "heliport": _("heliports"),
    "seaplane-base": _("seaplane bases"),
    "railway-station": _("railway stations"),
}
# Where pages say it otherwise than the table of quantities, which has a name for every one.
QUANTITIES = {
    "air_temperature": _("Air temperature"),
    "dew_point_temperature": _("Dew point"),
    "relative_humidity": _("Relative humidity"),
    "wind_from_direction": _("Wind direction"),
    "wind_speed": _("Wind speed"),
    "wind_speed_of_gust": _("Gust"),
    "air_pressure_at_mean_sea_level": _("Sea-level pressure"),
    "visibility_in_air": _("Visibility"),
    "lwe_thickness_of_precipitation_amount": _("Rain in the hour"),
}

# unit -> (symbol, decimals)
_UNITS: dict[str, tuple[str, int]] = {
    "degC": ("°C", 1),
    "degF": ("°F", 1),
    "delta_degC": ("°C", 1),
    "%": ("%", 0),
    "degree": ("°", 0),
    "m s-1": ("m/s", 1),
    "m/s": ("m/s", 1),
    "km/h": ("km/h", 0),
    "km h-1": ("km/h", 0),
    "mph": ("mph", 0),
    "mi/h": ("mph", 0),
    "mile/hour": ("mph", 0),
    "knot": ("kn", 0),
    "kn": ("kn", 0),
    "hPa": ("hPa", 0),
    "inHg": ("inHg", 2),
    "m": ("m", 2),
    "cm": ("cm", 0),
    "km": ("km", 1),
    "m3 s-1": ("m³/s", 1),
    "W m-2": ("W/m²", 0),
    "ug m-3": ("µg/m³", 0),
    "ppb": ("ppb", 0),
    "mi": ("mi", 2),
    "mile": ("mi", 2),
    "mm": ("mm", 1),
    "in": ("in", 2),
    "inch": ("in", 2),
    "h": ("h", 0),
    "Bft": ("Bft", 0),
    "1": ("", 1),
    "": ("", 0),
    "dimensionless": ("", 0),
}
# unit of an observed quantity -> the row of the region's table of display units
_DIMENSIONS = {
    "degC": "temperature",
    "m s-1": "speed",
    "hPa": "pressure",
    "km": "visibility",
    "mm": "rain",
}
_ZH_DAYS = "一二三四五六日"
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July",
    "August", "September", "October", "November", "December",
)  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def _chinese() -> bool:
    return (get_language() or "en").startswith("zh")


def said(names: Any) -> str:
    """Return ``names`` in the active language; text passes through, nothing is the empty text."""
    if not names:
        return ""
    return names if isinstance(names, str) else say(names, get_language() or "en")


def hazard_word(hazard: str) -> str:
    """Return a hazard's name: of one that came with its own texts, theirs."""
    if hazard in HAZARDS:
        return str(HAZARDS[hazard])
    if own := hazard_texts().get(hazard):
        name = said(own.name)
        return name[:1].upper() + name[1:]
    return hazard.replace("-", " ").capitalize()


def number(value: float, decimals: int = 0, *, trim: bool = False) -> str:
    """Return ``value`` with grouped thousands; ``trim`` drops zeros after the point."""
    text = f"{value:,.{decimals}f}"
    if trim and "." in text:
        text = text.rstrip("0").rstrip(".")
    if not text.strip("-0.,"):
        text = text.lstrip("-")
    return text.replace("-", "\u2212")


def short_names(names: Mapping[str, str]) -> dict[str, str]:
    """Return names without what all of them share: a last word, such as County.

    >>> short_names({"1": "Kings County (Brooklyn)", "2": "Essex County"})
    {'1': 'Kings (Brooklyn)', '2': 'Essex'}
    """
    heads = {code: name.split(" (", 1) for code, name in names.items()}
    last = {head[0].rpartition(" ")[2] for head in heads.values()}
    if len(names) < 2 or len(last) != 1 or any(" " not in head[0] for head in heads.values()):
        return dict(names)
    cut = len(last.pop()) + 1
    return {code: _without(head[0][:-cut], head[1:]) for code, head in heads.items()}


def _without(head: str, tail: list[str]) -> str:
    """Return a name with what stands in brackets, unless that only says it again."""
    return f"{head} ({tail[0]}" if tail and head not in tail[0] else head


def quantity_word(name: str) -> str:
    """Return an observed quantity in the language of the page, else its CF name."""
    if name in QUANTITIES:
        return str(QUANTITIES[name])
    known = intake.QUANTITIES.get(name)
    return said(dict(known.names)) if known else name.replace("_", " ")


def unit_symbol(unit: str) -> str:
    """Return the sign of ``unit`` as printed, the empty text for a plain number."""
    return _UNITS.get(unit, (unit, 1))[0]


def value_text(
    value: float | None,
    unit: str = "",
    *,
    decimals: int | None = None,
    trim: bool = False,
    in_sentence: bool = False,
) -> str:
    """Return ``value`` with its unit, a dash where there is none.

    ``in_sentence`` writes inches out: their sign reads as another word there.
    """
    if value is None or value != value:
        return "–"
    if unit == "year":  # a return period
        return gettext("once in %s years") % number(
            value, 1 if decimals is None else decimals, trim=True
        )
    symbol, usual = _UNITS.get(unit, (unit, 1))
    if in_sentence and symbol == "in":
        symbol = said(INCHES)
    text = number(value, usual if decimals is None else decimals, trim=trim)
    return text + symbol if symbol in {"", "%", "°"} else f"{text}{NBSP}{symbol}"


def limit_text(limit: float | None, unit: str = "", *, in_sentence: bool = False) -> str:
    """Return a threshold with as many digits as it was given; a computed one with two decimals."""
    decimals = 2 if limit is None else decimals_of(limit, 2)
    return value_text(limit, unit, decimals=decimals, trim=True, in_sentence=in_sentence)


def bound_text(limit: float | None, unit: str = "", *, is_low: bool = False) -> str:
    """Return a threshold as what has to be reached; how rare a value is has no side."""
    text = limit_text(limit, unit)
    return text if unit == "year" else f"{'≤' if is_low else '≥'} {text}"


def display_value(
    value: float | None, quantity: str, unit: str, display_units: dict[str, str]
) -> tuple[float | None, str]:
    """Return ``value`` and its unit as the region shows them on pages."""
    kind = _DIMENSIONS.get(unit, "") if quantity in intake.QUANTITIES else ""
    wanted = display_units.get(quantity) or display_units.get(kind, unit)
    if value is None or wanted == unit:
        return value, wanted
    return float(convert(value, unit, wanted)), wanted


def people_count(count: float | None) -> str:
    """Return a count of people, rounded as it deserves: 1.4 million, 140万."""
    if count is None:
        return "–"
    if _chinese():
        return _people_zh(count)
    if count >= 10_000_000:
        return number(count / 1e6, 1, trim=True) + " million"
    if count >= 1_000_000:
        return number(count / 1e6, 2 if count < 2e6 else 1, trim=True) + " million"
    return number(round(count, -3) if count >= 10_000 else count)


def _people_zh(count: float) -> str:
    if count >= 100_000_000:
        return number(count / 1e8, 2, trim=True) + "亿"
    if count >= 1_000_000:
        return f"{count / 1e4:.0f}万"
    if count >= 10_000:
        return number(count / 1e4, 1, trim=True) + "万"
    return number(count)


def time_long(when: datetime | None) -> str:
    """Thursday 18 July 2013, 15:00 EDT; 2013年7月18日（周四）15:00 EDT."""
    if when is None:
        return "–"
    here = timezone.localtime(when)
    if _chinese():
        day = f"{here.year}年{here.month}月{here.day}日（周{_ZH_DAYS[here.weekday()]}）"
        return f"{day}{here:%H:%M} {here:%Z}"
    day = f"{_DAYS[here.weekday()]} {here.day} {_MONTHS[here.month - 1]} {here.year}"
    return f"{day}, {here:%H:%M} {here:%Z}"


def time_short(when: datetime | None, *, year: bool = False) -> str:
    """Thu 18 Jul 15:00; 7月18日 15:00."""
    if when is None:
        return "–"
    here = timezone.localtime(when)
    if _chinese():
        lead = f"{here.year}年" if year else ""
        return f"{lead}{here.month}月{here.day}日 {here:%H:%M}"
    tail = f" {here.year}" if year else ""
    day = f"{_DAYS[here.weekday()][:3]} {here.day} {_MONTHS[here.month - 1][:3]}"
    return f"{day}{tail} {here:%H:%M}"


def day_short(when: datetime) -> str:
    """14 Jul; 7月14日."""
    here = timezone.localtime(when)
    return month_day(here.month, here.day)


def month_day(month: int, day: int) -> str:
    """Return a day of every year: 14 Jul; 7月14日."""
    return f"{month}月{day}日" if _chinese() else f"{day} {_MONTHS[month - 1][:3]}"


def _season_day(given: str) -> str:
    """Return a day as seasons write it, 03-01, in words: 1 March; 3月1日."""
    month, day = map(int, given.split("-"))
    return month_day(month, day) if _chinese() else f"{day} {_MONTHS[month - 1]}"


def season_said(season: Mapping[str, Any]) -> str:
    """Return a season in words: 1 March to 30 November; 3月1日至11月30日."""
    ends = {end: _season_day(season[end]) for end in ("first", "last")}
    return gettext("%(first)s to %(last)s") % ends


def time_span(hours: float) -> str:
    """Return a length of time in the largest words that stay honest: 40 min, 7 h, 3 days."""
    if hours < 1:
        return gettext("%d min") % round(hours * 60)
    if hours < 48:
        return gettext("%d h") % round(hours)
    return gettext("%d days") % round(hours / 24)
