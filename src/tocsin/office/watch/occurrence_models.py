"""What happened somewhere as its feed tells it: earthquakes, and hotspots seen from space."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

__all__ = ["Occurrence", "OccurrenceCorrection"]


class Occurrence(models.Model):
    """An earthquake or a hotspot, once, as its source says it is by now."""

    EARTHQUAKE, HOTSPOT = "earthquake", "hotspot"

    feed = models.ForeignKey("watch.Feed", on_delete=models.PROTECT, related_name="occurrences")
    kind = models.CharField(max_length=20, help_text="earthquake or hotspot")
    source_id = models.CharField(max_length=120, help_text="the first id it came with")
    time = models.DateTimeField()
    lat = models.FloatField()
    lon = models.FloatField()
    value = models.FloatField(help_text="magnitude, or fire radiative power")
    unit = models.CharField(max_length=10, help_text="1 of a magnitude, MW of a hotspot")
    depth_km = models.FloatField(null=True, help_text="of the focus")
    facts = models.JSONField(default=dict, help_text="what else the source says, as it says it")
    updated_at = models.DateTimeField(null=True, help_text="when the source last changed it")
    deleted_at = models.DateTimeField(null=True, help_text="when we were told it was none")
    unlisted_at = models.DateTimeField(
        null=True, help_text="when its feed first left it out without a word"
    )
    first_read_at = models.DateTimeField()
    changed_at = models.DateTimeField(help_text="when we last took over a change")

    class Meta:
        ordering: ClassVar = ["-time", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "source_id"], name="one_occurrence")
        ]
        indexes: ClassVar = [models.Index(fields=["kind", "time"], name="occurrence_by_time")]

    def __str__(self) -> str:
        return f"{self.kind} {self.source_id}"

    @property
    def hazard(self) -> str:
        """The hazard of warnings and events that follow from it."""
        return "earthquake" if self.kind == self.EARTHQUAKE else "fire"


class OccurrenceCorrection(models.Model):
    """What stood before its source said something else."""

    occurrence = models.ForeignKey(Occurrence, on_delete=models.CASCADE, related_name="corrections")
    at = models.DateTimeField(db_index=True)
    before = models.JSONField(help_text="time, place, value, depth, deleted, as they stood")
    after = models.JSONField()

    class Meta:
        ordering: ClassVar = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.occurrence_id} {self.before} -> {self.after}"
