"""What is measured, what is computed from it, and which rules it has set off."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models

from tocsin.office.places.models import Area, Station

STALE_AFTER_MIN = 180
"""Silence of a feed that does not say how long it may be silent."""


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
    checked_at = models.DateTimeField(null=True, help_text="when the watch last looked at it")
    seen = models.CharField(max_length=100, blank=True, help_text="size and time of what was read")
    newest_at = models.DateTimeField(null=True, help_text="label of its newest good value")
    newest_run_at = models.DateTimeField(
        null=True, help_text="when the newest forecast run it gave was begun"
    )
    run_every_min = models.PositiveIntegerField(default=0, help_text="minutes between two runs")
    stale_after_min = models.PositiveIntegerField(
        null=True, help_text="minutes of silence after which it is late"
    )
    error = models.TextField(blank=True, help_text="why the last look gave nothing; empty if well")
    error_since = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0, help_text="looks in a row that failed")

    def __str__(self) -> str:
        return self.code

    def silence_min(self, at: datetime) -> int | None:
        """Return for how many minutes nothing newer has come than was due; None before a value.

        Of a feed that only gives forecasts it is a newer run that was due: the hours that it speaks
        of lie ahead and say nothing about its health.
        """
        newest, due = self.newest_at, self.delay_min
        if newest is None:
            newest, due = self.newest_run_at, self.delay_min + self.run_every_min
        if newest is None:
            return None
        return max(0, int((at - newest).total_seconds() // 60) - due)

    def is_late(self, at: datetime) -> bool:
        """Whether it has been silent for longer than it may; a feed that never spoke is late."""
        silent = self.silence_min(at)
        limit = STALE_AFTER_MIN if self.stale_after_min is None else self.stale_after_min
        return silent is None or silent > limit


class Series(models.Model):
    """One quantity at one station, measured or computed."""

    OBSERVED, INDICATOR = "observed", "indicator"

    station = models.ForeignKey(Station, on_delete=models.CASCADE, related_name="series")
    quantity = models.CharField(max_length=80, help_text="CF standard name, or a catalogue id")
    kind = models.CharField(max_length=10, help_text="observed or indicator")
    unit = models.CharField(max_length=20)
    feed = models.ForeignKey(
        Feed,
        null=True,
        on_delete=models.SET_NULL,
        related_name="series",
        help_text="the first that gave it: no other feed corrects its values",
    )

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
            models.Index(fields=["series"], condition=models.Q(flags__gt=0), name="flagged"),
            # What the watch cycle reads: the last days of everything.
            models.Index(fields=["time"], name="by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.time:%Y-%m-%d %H:%M} {self.value}"


class Correction(models.Model):
    """A value that its feed gave differently later: what stood before, and what stands now."""

    series = models.ForeignKey(Series, on_delete=models.CASCADE, related_name="corrections")
    time = models.DateTimeField()
    before = models.FloatField(null=True)
    before_flags = models.PositiveSmallIntegerField(default=0)
    after = models.FloatField(null=True)
    at = models.DateTimeField(db_index=True)

    class Meta:
        ordering: ClassVar = ["-at", "series", "time"]

    def __str__(self) -> str:
        return f"{self.time:%Y-%m-%d %H:%M} {self.before} -> {self.after}"


class Cycle(models.Model):
    """One round of the live watch, accounted: what it read, judged and did."""

    at = models.DateTimeField(help_text="the moment it was run for")
    started_at = models.DateTimeField(db_index=True, help_text="by the wall clock")
    finished_at = models.DateTimeField(null=True, help_text="none: it runs, or was killed")
    hour = models.DateTimeField(null=True, help_text="label of the newest hour it judged")
    feeds = models.JSONField(default=list, help_text="a row for each feed that was looked at")
    new = models.PositiveIntegerField(default=0)
    late = models.PositiveIntegerField(default=0, help_text="of the new ones: older than others")
    corrected = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0, help_text="labels in the future")
    levels = models.PositiveIntegerField(default=0, help_text="areas above none, over all rules")
    drafts = models.PositiveIntegerField(default=0, help_text="opened, updated or withdrawn")
    messages = models.PositiveIntegerField(default=0, help_text="issued by a policy of auto")
    errors = models.JSONField(default=list, help_text="sentences")
    notes = models.JSONField(
        default=list, help_text="what the desk has to know; older ones are sentences"
    )

    class Meta:
        ordering: ClassVar = ["-started_at", "-pk"]

    def __str__(self) -> str:
        return f"cycle of {self.at:%Y-%m-%d %H:%M}"


class Lease(models.Model):
    """Who runs the watch now: two at once would write everything twice."""

    name = models.CharField(max_length=40, unique=True)
    holder = models.CharField(max_length=120)
    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name}: {self.holder}"


class RuleVersion(models.Model):
    """A rule as it stood when it was used; warnings name the version that raised them.

    Of the folder, or approved in the office: ``rule_picks.pick`` says which is in force when.
    """

    FOLDER, OFFICE = "folder", "office"

    rule = models.CharField(max_length=40)
    version = models.PositiveIntegerField()
    hazard = models.CharField(max_length=40)
    definition = models.JSONField(help_text="tocsin.triggers.rules.Rule as JSON")
    digest = models.CharField(max_length=64)
    origin = models.CharField(max_length=10, default=FOLDER, help_text="folder or office")
    valid_from = models.DateTimeField(
        null=True, help_text="of the office: in force from; of the folder: none, while it is there"
    )
    is_off = models.BooleanField(default=False, help_text="from valid_from on it raises nothing")
    kept_at = models.DateTimeField(null=True, help_text="when it came here; none of older ones")

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


class Event(models.Model):
    """What really happened, as an officer recorded it: hazards and places, never persons."""

    hazard = models.CharField(max_length=40, db_index=True)
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="events")
    first_at = models.DateTimeField(db_index=True)
    last_at = models.DateTimeField()
    level = models.PositiveSmallIntegerField(help_text="how bad it was: 1 blue to 4 red")
    words = models.CharField(max_length=300, help_text="what happened, without names of persons")
    source = models.CharField(max_length=200, help_text="who reported it, as an organisation")
    recorded_by = models.CharField(max_length=150)
    recorded_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, help_text="recorded by mistake; kept")

    class Meta:
        ordering: ClassVar = ["-first_at", "area"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(last_at__gte=models.F("first_at")), name="event_in_order"
            )
        ]

    def __str__(self) -> str:
        return f"{self.hazard} {self.area_id} {self.first_at:%Y-%m-%d %H:%M}"


from .forecast_models import ForecastRun, ForecastValues  # noqa: E402, F401
from .hold_models import Hold  # noqa: E402, F401
from .occurrence_models import Occurrence, OccurrenceCorrection  # noqa: E402, F401
from .push_models import Gateway, Pushed  # noqa: E402, F401
from .rule_models import RuleProposal, RuleRevision  # noqa: E402, F401 - Django finds them here
from .state_models import IndicatorState  # noqa: E402, F401
