"""Other authorities' warnings: where they come from, each message as it came, and what was refused.

A message is never altered: its bytes stay as they came, and what is in force follows from all of
them at the moment asked for (``received.queries``).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from django.urls import reverse


class Source(models.Model):
    """A feed, a file or a topic of another authority, and how its last polls went."""

    WEB, MQTT = "web", "mqtt"

    name = models.CharField(max_length=120, unique=True)
    address = models.CharField(max_length=1000, unique=True)
    kind = models.CharField(max_length=10, help_text="web, mqtt: what the address begins with")
    issuers = models.TextField(
        blank=True, help_text="pinned certificates, PEM; with them only what they signed counts"
    )
    language = models.CharField(max_length=20, blank=True, help_text="of its texts, if they agree")
    every_s = models.PositiveIntegerField(default=60)
    stale_after_s = models.PositiveIntegerField(default=900)
    is_enabled = models.BooleanField(default=True)
    next_poll_at = models.DateTimeField(db_index=True)
    tried_at = models.DateTimeField(null=True)
    success_at = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0, help_text="in a row")
    last_error = models.CharField(max_length=500, blank=True)
    etag = models.CharField(max_length=500, blank=True)
    last_modified = models.CharField(max_length=100, blank=True)
    links = models.JSONField(default=list, help_text="keys of the feed's links already followed")

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name

    def is_stale(self, at: datetime) -> bool:
        """Whether it has been silent for longer than it may."""
        if not self.is_enabled:
            return False
        since = self.success_at or self.tried_at
        return since is not None and (
            self.success_at is None or at - since > timedelta(seconds=self.stale_after_s)
        )


class ReceivedMessage(models.Model):
    """One message of another authority, byte for byte, and what was made of it on arrival."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="messages")
    address = models.CharField(max_length=1000, help_text="where these bytes came from")
    raw = models.BinaryField()
    sha256 = models.CharField(max_length=64, db_index=True)
    first_seen_at = models.DateTimeField(db_index=True, help_text="wall clock")
    identifier = models.CharField(max_length=300)
    sender = models.CharField(max_length=300)
    sent_at = models.DateTimeField(db_index=True)
    expires_at = models.DateTimeField(db_index=True, help_text="when its last info is over")
    status = models.CharField(max_length=20)
    scope = models.CharField(max_length=20)
    msg_type = models.CharField(max_length=20)
    references = models.JSONField(default=list, help_text="[[sender, identifier, sent], ...]")
    verdict = models.CharField(max_length=12, help_text="of its signature: cap.verify.Word")
    verdict_detail = models.CharField(max_length=500)
    is_trusted = models.BooleanField(help_text="whether it counts for what is in force")
    is_conflict = models.BooleanField(
        default=False, help_text="its source sent other bytes under the same sender and identifier"
    )
    errors = models.PositiveIntegerField(help_text="findings that break a rule of CAP 1.2")
    findings = models.PositiveIntegerField(help_text="all findings, repairs included")
    headlines = models.JSONField(default=dict, help_text="{language: headline, else event}")
    severity = models.CharField(max_length=20, blank=True, help_text="the worst of its infos")
    area_desc = models.CharField(max_length=500, blank=True)
    geometry = models.JSONField(null=True, help_text="GeoJSON of polygons and circles, WGS84")

    class Meta:
        ordering: ClassVar = ["-sent_at", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["source", "sender", "identifier", "sha256"], name="received_once"
            )
        ]
        indexes: ClassVar = [models.Index(fields=["source", "sender", "identifier"])]

    def __str__(self) -> str:
        return self.identifier

    def get_absolute_url(self) -> str:
        """Return its page at the desk."""
        return reverse("received:message", args=[self.pk])


class Refusal(models.Model):
    """Bytes that were not taken, and why; the same bytes again are counted, not kept again."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="refusals")
    address = models.CharField(max_length=1000)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    reason = models.CharField(max_length=500)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField(db_index=True)
    times = models.PositiveIntegerField(default=1)

    class Meta:
        ordering: ClassVar = ["-last_at", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "sha256"], name="refused_once")
        ]

    def __str__(self) -> str:
        return f"{self.address}: {self.reason}"
