"""Names and units of series, as pages and exports show them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext_lazy as _

from tocsin.indicators.catalogue import CATALOGUE
from tocsin.intake.quality import Flag
from tocsin.intake.quantities import QUANTITIES
from tocsin.triggers.rules import say
from tocsin.units import convert

__all__ = ["FLAG_WORDS", "Shown", "flag_words", "quantity_name", "shown_in"]

FLAG_WORDS: Mapping[str, str | Promise] = {
    "RANGE": _("impossible value"),
    "STEP": _("impossible jump"),
    "STUCK": _("sensor stuck"),
    "DUPLICATE": _("second value for the same hour"),
    "CLOCK": _("clock went backwards"),
    "UNREADABLE": _("could not be read"),
    "INCONSISTENT": _("disagrees with another quantity"),
    "FUTURE": _("of a time in the future"),
    "HELD": _("held for review: the unit may have changed"),
    "DOUBTED": _("doubted by its source"),
    "REFUSED": _("refused after review"),
}

# stored unit -> rows of the region's table of display units that may speak for it
_DIMENSION = {
    "degC": ("temperature",),
    "m s-1": ("speed", "wind_speed"),
    "hPa": ("pressure",),
    "km": ("distance", "visibility"),
    "mm": ("precipitation", "length", "rain"),
}
_DECIMALS = {
    "degC": 1, "degF": 1, "%": 0, "degree": 0, "m s-1": 1, "mph": 1, "hPa": 1, "km": 1,
    "mi": 2, "mile": 2, "mm": 1, "in": 2, "inch": 2, "inHg": 2, "km/h": 1, "knot": 1, "Bft": 0,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shown:
    """How a stored unit is shown: in which unit, with how many decimals."""

    stored: str
    unit: str
    decimals: int

    def of(self, value: float | None) -> float | None:
        """Return a stored value in the shown unit, rounded as it is printed."""
        if value is None:
            return None
        return round(float(convert(value, self.stored, self.unit)), self.decimals)


def shown_in(
    quantity: str, stored: str, display_units: Mapping[str, str], *, si: bool = False
) -> Shown:
    """Return how a quantity stored in ``stored`` is shown in this region, or as stored."""
    named = CATALOGUE.get(quantity)
    unit = stored
    if not si:
        keys = (quantity, *_DIMENSION.get(stored, ()))
        unit = next((display_units[key] for key in keys if key in display_units), stored)
    usual = named.decimals if named and unit == stored else _DECIMALS.get(unit, 1)
    return Shown(stored, unit, usual)


def quantity_name(quantity: str) -> str:
    """Return a quantity's or an indicator's name in the language of the page."""
    known = CATALOGUE.get(quantity) or QUANTITIES.get(quantity)
    return say(dict(known.names), get_language() or "en") if known else quantity


def flag_words(bits: int) -> str:
    """Return why a value is flagged, in words, parted by semicolons."""
    words = [FLAG_WORDS.get(flag.name or "", flag.name) for flag in Flag(bits)]
    return pgettext("between clauses", "; ").join(str(word) for word in words)
