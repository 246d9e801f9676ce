"""What models have computed: runs, and their values packed by station and quantity."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models

from tocsin.office.places.models import Station

__all__ = ["ForecastRun", "ForecastValues"]


class ForecastRun(models.Model):
    """One run of a model, as far as it has come."""

    feed = models.ForeignKey("watch.Feed", on_delete=models.CASCADE, related_name="runs")
    model = models.CharField(max_length=60)
    issued_at = models.DateTimeField(help_text="when the run was begun: leads count from it")
    is_issue_told = models.BooleanField(
        default=True, help_text="false: the source does not say it; it is the hour it came in"
    )
    arrived_at = models.DateTimeField(help_text="when its first values came")
    completed_at = models.DateTimeField(help_text="when its last new values came")
    last_at = models.DateTimeField(help_text="label of its last hour")
    members = models.PositiveIntegerField(help_text="how many there should be")
    present = models.PositiveIntegerField(help_text="how many have come")
    values = models.PositiveIntegerField(default=0)
    corrected = models.PositiveIntegerField(default=0, help_text="values that came differently")
    corrected_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-issued_at", "feed", "model"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["feed", "model", "issued_at"], name="one_run")
        ]
        indexes: ClassVar = [models.Index(fields=["last_at"], name="run_by_last")]

    def __str__(self) -> str:
        return f"{self.model} of {self.issued_at:%Y-%m-%d %H:%M}"

    @property
    def missing(self) -> int:
        """How many members have not come."""
        return max(0, self.members - self.present)

    def age_h(self, at: datetime) -> int:
        """Return how many whole hours ago it was begun."""
        return int((at - self.issued_at).total_seconds() // 3600)


class ForecastValues(models.Model):
    """One quantity at one station, all members and hours of a run: see ``blocks.Block``."""

    run = models.ForeignKey(ForecastRun, on_delete=models.CASCADE, related_name="blocks")
    station = models.ForeignKey(Station, on_delete=models.CASCADE, related_name="forecasts")
    quantity = models.CharField(max_length=80, help_text="CF standard name")
    unit = models.CharField(max_length=20)
    packed = models.BinaryField(help_text="members, times and values; blocks.Block reads it")

    class Meta:
        ordering: ClassVar = ["run", "station", "quantity"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "station", "quantity"], name="one_block")
        ]

    def __str__(self) -> str:
        return f"{self.run_id} {self.station_id} {self.quantity}"
