"""Gateways that push observations: their tokens, and what they handed in until it is read."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Gateway(models.Model):
    """One that may push to a feed. Of its token only a hash is kept."""

    feed = models.CharField(max_length=60, db_index=True, help_text="the feed's id")
    label = models.CharField(max_length=80, help_text="which box it is: river-north")
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the token")
    made_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)
    minute_at = models.DateTimeField(null=True, help_text="begin of the minute that is counted")
    minute_count = models.PositiveIntegerField(default=0, help_text="messages in that minute")

    class Meta:
        ordering: ClassVar = ["feed", "label", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["feed", "label"],
                condition=models.Q(revoked_at=None),
                name="one_gateway_of_a_name",
            )
        ]

    def __str__(self) -> str:
        return f"{self.feed}: {self.label}"


class Pushed(models.Model):
    """A message that was accepted. Once the watch has it on disk only its digest stays."""

    feed = models.CharField(max_length=60)
    gateway = models.ForeignKey(Gateway, null=True, on_delete=models.SET_NULL)
    digest = models.CharField(max_length=64, help_text="SHA-256 of the message as it came")
    body = models.BinaryField(help_text="as the feed's reader reads it; empty once it was taken")
    at = models.DateTimeField(db_index=True)
    rows = models.PositiveIntegerField(help_text="rows that give at least one value")
    values = models.PositiveIntegerField()
    faults = models.JSONField(default=list, help_text="what the gateway was told of its rows")
    taken_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["feed", "digest"], name="one_push_of_a_digest")
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["feed"], condition=models.Q(taken_at=None), name="pushed_and_waiting"
            )
        ]

    def __str__(self) -> str:
        return f"{self.feed} {self.at:%Y-%m-%d %H:%M:%S}"
