"""Which series the explorer shows: one quantity at some stations, in one unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from .asked import Asked, Period
from .labels import Shown, quantity_name, shown_in
from .models import Series

__all__ = ["Chosen"]

USUAL = "air_temperature"
MOST_STATIONS = 6


@dataclass(frozen=True, slots=True)
class Chosen:
    """The choice as understood, and what there is to choose from."""

    quantity: str
    series: tuple[Series, ...]
    shown: Shown
    is_si: bool
    quantities: dict[str, dict[str, str]]
    stations: tuple[str, ...]

    @property
    def name(self) -> str:
        """The quantity's name in the language of the page."""
        return quantity_name(self.quantity)

    @property
    def codes(self) -> list[str]:
        """The stations shown."""
        return [one.station.code for one in self.series]

    @classmethod
    def read(cls, asked: Asked, stations: Sequence[str]) -> Chosen:
        """Read the choice from a query string; unknown names are left out with a note."""
        every = list(Series.objects.select_related("station").order_by("station__code"))
        kinds: dict[str, dict[str, str]] = {Series.OBSERVED: {}, Series.INDICATOR: {}}
        for one in sorted(every, key=lambda one: one.pk):
            kinds.setdefault(one.kind, {})[one.quantity] = quantity_name(one.quantity)
        names = [name for group in kinds.values() for name in group]
        usual = USUAL if USUAL in names else next(iter(names), "")
        quantity = asked.choice("quantity", names, usual)
        here = [one for one in every if one.quantity == quantity]
        series = _at_stations(asked, here, stations)
        unit = here[0].unit if here else "1"
        is_si = asked.choice("units", ("si", "region")) == "si"
        shown = shown_in(quantity, unit, asked.region.display_units, si=is_si)
        codes = tuple(dict.fromkeys(one.station.code for one in every))
        return cls(quantity, series, shown, is_si, kinds, codes)

    def query(self, period: Period, **other: str) -> str:
        """Return the query string of this choice over ``period``."""
        pairs = [("quantity", self.quantity), *(("station", code) for code in self.codes)]
        pairs += [
            ("from", f"{period.start:%Y-%m-%dT%H:%MZ}"),
            ("to", f"{period.end:%Y-%m-%dT%H:%MZ}"),
        ]
        if self.is_si:
            pairs.append(("units", "si"))
        return urlencode([*pairs, *other.items()])


def _at_stations(asked: Asked, here: list[Series], wanted: Sequence[str]) -> tuple[Series, ...]:
    """Return the series at the wanted stations; without any, at the first few."""
    known = {one.station.code: one for one in here}
    found = [known[code] for code in dict.fromkeys(wanted) if code in known]
    for code in dict.fromkeys(wanted):
        if code and code not in known:
            asked.notes.append(_("There is no station “%s” with this quantity.") % code[:60])
    if len(found) > MOST_STATIONS:
        asked.notes.append(_("A chart shows at most %d stations.") % MOST_STATIONS)
    return tuple((found or here)[:MOST_STATIONS])
