"""The outbox: what has to be sent, to whom, and what became of it.

``next_at`` is the one column workers look at: the moment from which a delivery may be taken. It
is the lease as well (a worker that takes one moves it on, and one that dies lets it run out) and
it is null when nothing is left to do.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models

from tocsin.office.subscribers.models import Subscription
from tocsin.office.warnings_desk.models import Message

from .rules import State


class Fanout(models.Model):
    """One message to be expanded into deliveries; written in the transaction of its issue."""

    message = models.OneToOneField(Message, on_delete=models.PROTECT, related_name="fanout")
    made_at = models.DateTimeField(help_text="wall clock, as all times of the outbox")
    part = models.CharField(max_length=12, default="broadcast", help_text="what comes next")
    after_id = models.PositiveBigIntegerField(default=0, help_text="the last one done of that part")
    expanded_at = models.DateTimeField(null=True, help_text="null: not every delivery is queued")

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["message"], condition=models.Q(expanded_at=None), name="fanout_open"
            )
        ]

    def __str__(self) -> str:
        return f"fan-out of {self.message_id}"


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Questions to the outbox."""

    def due(self, at: datetime) -> DeliveryQuerySet:
        """Return what a worker may take at ``at``: highest level first, first attempts first."""
        return self.filter(next_at__lte=at).order_by("-rank", "next_at")

    def open(self) -> DeliveryQuerySet:
        """Return what is not settled yet."""
        return self.filter(next_at__isnull=False)


class Delivery(models.Model):
    """One message to one target on one channel."""

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="deliveries")
    channel = models.CharField(max_length=20)
    kind = models.CharField(max_length=20, help_text="resident, organisation, post, broadcast")
    subscription = models.ForeignKey(
        Subscription, null=True, on_delete=models.SET_NULL, related_name="deliveries"
    )
    target = models.CharField(max_length=60, help_text="s<id of a subscription> or a broadcast")
    language = models.CharField(max_length=20, blank=True)
    idempotency_key = models.CharField(max_length=64, unique=True)
    rank = models.SmallIntegerField(help_text="twice the level, one more before the first failure")
    state = models.CharField(max_length=12, default=State.QUEUED.value)
    attempts = models.PositiveIntegerField(default=0, help_text="claims; one may not have got out")
    failures = models.PositiveIntegerField(default=0, help_text="attempts that the target failed")
    queued_at = models.DateTimeField()
    next_at = models.DateTimeField(null=True)
    claimed_by = models.CharField(max_length=60, blank=True)
    first_attempt_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=300, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "deliveries"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["message", "channel", "target"], name="one_delivery"),
        ]
        indexes: ClassVar = [
            models.Index(
                models.F("rank").desc(),
                "next_at",
                condition=models.Q(next_at__isnull=False),
                name="delivery_due",
            ),
            models.Index(fields=["message", "state", "channel", "kind"], name="delivery_reached"),
        ]

    def __str__(self) -> str:
        return f"{self.message_id} by {self.channel} to {self.target}"


class Trouble(models.Model):
    """A subscription whose deliveries fail, since when; gone with the first success."""

    subscription = models.OneToOneField(
        Subscription, on_delete=models.CASCADE, related_name="delivery_trouble"
    )
    channel = models.CharField(max_length=20)
    since = models.DateTimeField()
    last_error = models.CharField(max_length=300)

    def __str__(self) -> str:
        return f"trouble with {self.subscription_id} since {self.since:%Y-%m-%d %H:%M}"


class DeskNotice(models.Model):
    """Something the desk has to know: a subscription was disabled."""

    at = models.DateTimeField()
    channel = models.CharField(max_length=20)
    subscription = models.ForeignKey(Subscription, null=True, on_delete=models.SET_NULL)
    reason = models.CharField(max_length=300)
    noted_by = models.CharField(max_length=150, blank=True)
    noted_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return self.reason


class WorkerSeen(models.Model):
    """A running worker's sign of life, so that the desk sees when nobody sends."""

    name = models.CharField(max_length=60, unique=True)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
