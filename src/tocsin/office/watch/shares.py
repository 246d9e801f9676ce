"""Which share of an area's surface each station stands for, as the load has written it."""

from __future__ import annotations

from collections.abc import Mapping

from tocsin.office.places.models import Area

__all__ = ["by_column", "stored_shares"]


def stored_shares() -> dict[str, dict[str, float]]:
    """Return, for each area with stations in reach, code of a station -> share of its surface."""
    rows = Area.objects.exclude(stations=[]).order_by("code").values_list("code", "shares")
    return {code: dict(shares) for code, shares in rows}


def by_column(
    shares: Mapping[str, Mapping[str, float]], column: Mapping[str, int]
) -> dict[str, dict[int, float]]:
    """Return the shares by the columns of a grid: what ``triggers.evaluate`` takes."""
    return {
        area: {column[station]: share for station, share in parts.items()}
        for area, parts in shares.items()
    }
