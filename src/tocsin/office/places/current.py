"""The one region of this data folder, and the moment its pages speak of."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from .models import Region

__all__ = ["current_region", "moment"]


def current_region() -> Region | None:
    """Return the region, None before one has been loaded."""
    return Region.objects.first()


def moment(region: Region) -> datetime:
    """Return the region's now: a replay stands at its chosen hour. The office's only clock."""
    return region.now(timezone.now())
