"""What is measured, what is computed from it, and which rules it has set off."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from tocsin.office.places.models import Area, Station


class Feed(models.Model):
    """A source of observations and how its last reading went."""

    code = models.CharField(max_length=60, unique=True)
    source = models.CharField(max_length=500)
    licence = models.CharField(max_length=200, blank=True)
    delay_min = models.PositiveIntegerField(help_text="minutes from label to known")
    read_at = models.DateTimeField(null=True)
    rows_read = models.PositiveIntegerField(default=0)
    rows_used = models.PositiveIntegerField(default=0)
    faults = models.JSONField(default=list, help_text="the first hundred, as printed sentences")
    fault_count = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return self.code


class Series(models.Model):
    """One quantity at one station, measured or computed."""

    OBSERVED, INDICATOR = "observed", "indicator"

    station = models.ForeignKey(Station, on_delete=models.CASCADE, related_name="series")
    quantity = models.CharField(max_length=80, help_text="CF standard name, or a catalogue id")
    kind = models.CharField(max_length=10, help_text="observed or indicator")
    unit = models.CharField(max_length=20)

    class Meta:
        ordering: ClassVar = ["station", "quantity"]
        verbose_name_plural = "series"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["station", "quantity", "kind"], name="one_series")
        ]

    def __str__(self) -> str:
        return f"{self.station_id} {self.quantity} [{self.unit}]"


class Observation(models.Model):
    """A value at a time. A flagged value is kept and shown, and raises no warning."""

    series = models.ForeignKey(Series, on_delete=models.CASCADE, related_name="observations")
    time = models.DateTimeField()
    value = models.FloatField(null=True)
    flags = models.PositiveSmallIntegerField(default=0, help_text="tocsin.intake.quality.Flag bits")

    class Meta:
        ordering: ClassVar = ["time"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["series", "time"], name="one_value_a_time")
        ]
        indexes: ClassVar = [
            # A few dozen of hundreds of thousands: what the feeds page lists.
            models.Index(fields=["series"], condition=models.Q(flags__gt=0), name="flagged")
        ]

    def __str__(self) -> str:
        return f"{self.time:%Y-%m-%d %H:%M} {self.value}"


class RuleVersion(models.Model):
    """A rule as it stood when it was used; warnings name the version that raised them."""

    rule = models.CharField(max_length=40)
    version = models.PositiveIntegerField()
    hazard = models.CharField(max_length=40)
    definition = models.JSONField(help_text="tocsin.triggers.rules.Rule as JSON")
    digest = models.CharField(max_length=64)

    class Meta:
        ordering: ClassVar = ["rule", "-version"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["rule", "version"], name="one_rule_version")
        ]

    def __str__(self) -> str:
        return f"{self.rule} v{self.version}"


class Trigger(models.Model):
    """A rule at a level at an area for a period: the evidence for a warning."""

    rule_version = models.ForeignKey(RuleVersion, on_delete=models.PROTECT, related_name="triggers")
    area = models.ForeignKey(Area, on_delete=models.CASCADE, related_name="triggers")
    level = models.PositiveSmallIntegerField()
    first_at = models.DateTimeField(help_text="label of the first observation at this level")
    last_at = models.DateTimeField(help_text="label of the last observation at this level")
    station = models.ForeignKey(Station, on_delete=models.PROTECT, related_name="triggers")
    peak_value = models.FloatField()
    peak_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["first_at", "area"]
        indexes: ClassVar = [models.Index(fields=["rule_version", "first_at"])]

    def __str__(self) -> str:
        return f"{self.rule_version_id} {self.area_id} level {self.level} from {self.first_at}"
