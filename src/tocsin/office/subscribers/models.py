"""Who asked for warnings, and for which. The only table of contact details there is.

An address is never a column one can look in: it is sealed (:mod:`.contacts`), opened for one row at
the moment of sending, and there is no hash of it beside it. So nobody can ask this table whether it
knows a person (decision 10). What is in clear is what matching needs: areas, a cell of about 1 km,
hazards, level, language.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q

CONTACT_PURPOSE = "to send the warnings this contact asked for"
CONTACT_RETENTION = "until unsubscribed or expired, then erased at once; unconfirmed 48 h"


class Cell(models.Model):
    """A square of about 1 km in which somebody lives who asked; holds nobody's name or number."""

    row = models.IntegerField(help_text="tocsin.exposure.cells")
    column = models.IntegerField()
    lon = models.FloatField(help_text="its middle")
    lat = models.FloatField(db_index=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["row", "column"], name="one_cell")]

    def __str__(self) -> str:
        return f"{self.row}/{self.column}"


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    """Questions about subscriptions; none of them is about an address."""

    def standing(self, at: datetime) -> SubscriptionQuerySet:
        """Return those that warnings go to at ``at``."""
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=at), state=Subscription.CONFIRMED)

    def of_organisations(self) -> SubscriptionQuerySet:
        """Return what the desk may list by name: organisations and posts."""
        return self.exclude(kind=Subscription.RESIDENT)


class Subscription(models.Model):
    """One contact on one channel, and what it asked for."""

    RESIDENT, ORGANISATION, POST = "resident", "organisation", "post"
    PENDING, CONFIRMED, UNSUBSCRIBED = "pending", "confirmed", "unsubscribed"
    EXPIRED, DISABLED = "expired", "disabled"
    ENDED = (UNSUBSCRIBED, EXPIRED)

    personal_data: ClassVar = {
        "address": (CONTACT_PURPOSE, CONTACT_RETENTION),
        "secret": ("to sign what is sent to this contact", CONTACT_RETENTION),
        "place": ("to tell whether a warning is about where the contact asked", CONTACT_RETENTION),
        "language": ("to warn in the language chosen", CONTACT_RETENTION),
        "hazards": ("to send only what was asked for", CONTACT_RETENTION),
        "min_level": ("to send only what was asked for", CONTACT_RETENTION),
    }
    not_personal_data: ClassVar = {
        "name": "an organisation's or a post's; the database refuses a resident's",
        "number": "random, in the links of this subscription only",
        "generation": "a counter",
        "kind": "resident, organisation or post",
        "channel": "which way, not whereto",
        "state": "where it stands",
        "reason": "why it was switched off, in the program's words",
        "created_at": "kept for the term",
        "confirmed_at": "the moment of consent, kept for the term",
        "expires_at": "kept for the term",
        "ended_at": "when it was erased",
    }

    number = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    generation = models.PositiveSmallIntegerField(
        default=0, help_text="raised to make every link given out so far worthless"
    )
    kind = models.CharField(max_length=12, help_text="resident, organisation, post")
    name = models.CharField(max_length=120, blank=True, help_text="empty for a resident")
    channel = models.CharField(max_length=20, help_text="email, sms, web_push, webhook")
    address = models.BinaryField(default=bytes, help_text="sealed; empty once erased")
    secret = models.BinaryField(default=bytes, help_text="sealed; a webhook's signing key")
    language = models.CharField(max_length=12)
    min_level = models.PositiveSmallIntegerField(help_text="1 blue to 4 red")
    hazards = models.CharField(max_length=400, blank=True, help_text=",heat,rain, or empty: all")
    place = models.ForeignKey(Cell, null=True, on_delete=models.PROTECT, related_name="asked_for")
    state = models.CharField(max_length=12, default=PENDING)
    reason = models.CharField(max_length=200, blank=True, help_text="why disabled")
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True, help_text="the end of consent, or of the link")
    ended_at = models.DateTimeField(null=True)

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["id"]
        indexes: ClassVar = [
            # Not by state: nearly all rows are confirmed, and SQLite would prefer it to a range
            # of ids in matching.
            models.Index(fields=["expires_at"]),
            models.Index(fields=["place", "id"]),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="no_name_of_a_resident", condition=~Q(kind="resident") | Q(name="")
            ),
            models.CheckConstraint(
                name="ended_means_erased",
                condition=~Q(state__in=("unsubscribed", "expired"))
                | Q(address=b"", secret=b"", place=None),
            ),
        ]

    def __str__(self) -> str:
        return f"subscription {self.pk}"

    def is_open(self, at: datetime) -> bool:
        """Whether it waits to be confirmed or stands, and its time is not over."""
        is_over = self.expires_at is not None and self.expires_at <= at
        return self.state in (self.PENDING, self.CONFIRMED) and not is_over

    @property
    def asked_areas(self) -> tuple[str, ...]:
        """The codes of the areas asked for; empty where it is a place, which no area holds."""
        codes = () if self.place_id else self.areas.values_list("area_code", flat=True)
        return tuple(codes)

    @property
    def hazard_list(self) -> tuple[str, ...]:
        """The hazards asked for; empty means all."""
        return tuple(self.hazards.strip(",").split(",")) if self.hazards else ()


class AreaChoice(models.Model):
    """An area a subscription asked for; :data:`EVERYWHERE` stands for the whole region."""

    EVERYWHERE = "*"

    personal_data: ClassVar = {
        "area_code": ("to tell whether a warning is about where the contact asked",
                      CONTACT_RETENTION),
    }  # fmt: skip
    not_personal_data: ClassVar = {"subscription": "the row it belongs to"}

    subscription = models.ForeignKey(Subscription, on_delete=models.CASCADE, related_name="areas")
    area_code = models.CharField(max_length=30)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["area_code", "subscription"], name="area_chosen_once")
        ]

    def __str__(self) -> str:
        return self.area_code


class Notice(models.Model):
    """A message about a subscription itself that is to be sent: confirm, expiring.

    It holds neither an address nor a link: both are made at the moment of sending
    (``services.due_notices``). A worker claims it for some minutes, sends, and marks it sent.
    """

    CONFIRM, EXPIRING = "confirm", "expiring"

    subscription = models.ForeignKey(Subscription, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=12, help_text="confirm, expiring")
    language = models.CharField(max_length=12)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField(help_text="also: not before, after a failure or while claimed")
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    given_up_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["due_at", "id"]
        indexes: ClassVar = [
            models.Index(
                fields=["due_at"],
                name="notices_waiting",
                condition=Q(sent_at=None, given_up_at=None),
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} of subscription {self.subscription_id}"


class RateMark(models.Model):
    """How often one address or one machine asked on one day, under a keyed mark of that day."""

    personal_data: ClassVar = {
        "mark": ("to stop one sender from flooding others with confirmations",
                 "the day and the next, then deleted"),
    }  # fmt: skip
    not_personal_data: ClassVar = {"day": "a date", "count": "a counter"}

    mark = models.BinaryField(max_length=16)
    day = models.DateField(db_index=True)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["mark", "day"], name="one_mark_a_day")
        ]

    def __str__(self) -> str:
        return f"a mark of {self.day}"
