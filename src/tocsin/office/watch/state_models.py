"""What recursive indicators leave from one live cycle to the next."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from tocsin.office.places.models import Station

__all__ = ["IndicatorState"]


class IndicatorState(models.Model):
    """What the rows of one function up to an hour leave at one station: see ``states``."""

    function = models.CharField(max_length=120, help_text="tocsin.indicators.fire.fwi:fwi")
    station = models.ForeignKey(Station, on_delete=models.CASCADE, related_name="+")
    after = models.DateTimeField(help_text="label of the last hour it rests on")
    state = models.JSONField(help_text="its numbers, in the order of the function's own state")
    rests_on = models.CharField(
        max_length=64, help_text="SHA-256 of latitude, zone, units, options and program version"
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["function", "after", "station"], name="one_indicator_state"
            )
        ]

    def __str__(self) -> str:
        return f"{self.function} {self.station_id} after {self.after:%Y-%m-%d %H:%M}"
