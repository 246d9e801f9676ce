"""What every template may use: the region and its moment."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from tocsin.office.places.current import current_region, moment


def region(request: HttpRequest) -> dict[str, Any]:
    """Add the region, its moment and its time zone; all None before a region is loaded.

    A public view has already asked for them; then they are not asked for again.
    """
    if known := getattr(request, "tocsin_region", None):
        return {"region": known, "now_at": request.tocsin_moment, "zone": known.zone}  # type: ignore[attr-defined]
    here = current_region()
    if here is None:
        return {"region": None, "now_at": None, "zone": None}
    return {"region": here, "now_at": moment(here), "zone": here.zone}
