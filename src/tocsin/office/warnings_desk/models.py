"""Warnings and the ledger. A warning is one episode of a rule; each message of it is a ledger row.

What is in force is never stored: it follows from the ledger at any moment asked for, so that a page
can show any hour of the past exactly as it stood.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.urls import reverse

from tocsin.office.watch.models import RuleVersion


class Warning(models.Model):  # the word of the trade; nothing here uses the builtin of that name
    """One episode of one rule, from its first message to its end."""

    slug = models.CharField(max_length=80, unique=True, help_text="stable address: heat-2013-07-14")
    rule_version = models.ForeignKey(RuleVersion, on_delete=models.PROTECT, related_name="warnings")
    hazard = models.CharField(max_length=40, db_index=True)
    first_sent_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering: ClassVar = ["-first_sent_at", "slug"]

    def __str__(self) -> str:
        return self.slug

    def get_absolute_url(self) -> str:
        """Return the public page of this warning."""
        return reverse("atlas:warning", args=[self.slug])


class MessageQuerySet(models.QuerySet["Message"]):
    """Questions to the ledger; every one says at which moment it is asked."""

    def known(self, at: datetime) -> MessageQuerySet:
        """Return the messages sent at or before ``at``."""
        return self.filter(sent_at__lte=at)

    def latest_of_each(self, at: datetime) -> MessageQuerySet:
        """Return the newest message of each warning as of ``at``."""
        newer = Message.objects.filter(
            warning=models.OuterRef("warning"),
            sent_at__lte=at,
            number__gt=models.OuterRef("number"),
        )
        return self.known(at).filter(~models.Exists(newer))

    def in_force(self, at: datetime) -> MessageQuerySet:
        """Return what counts at ``at``: newest of its warning, no cancel, not expired."""
        return self.latest_of_each(at).filter(expires_at__gt=at).exclude(msg_type="Cancel")


class Message(models.Model):
    """A row of the ledger: the exact bytes that went out, hashed and chained to the row before."""

    number = models.PositiveIntegerField(unique=True, help_text="place in the ledger, from 1")
    warning = models.ForeignKey(Warning, on_delete=models.PROTECT, related_name="messages")
    identifier = models.CharField(max_length=200, unique=True)
    sent_at = models.DateTimeField(db_index=True)
    expires_at = models.DateTimeField(db_index=True)
    msg_type = models.CharField(max_length=10)
    reason = models.CharField(max_length=20, help_text="issue, raise, lower, areas, extend, cancel")
    level = models.PositiveSmallIntegerField(help_text="the highest of all areas")
    levels = models.JSONField(help_text="{area code: level}; empty in a cancel")
    evidence = models.JSONField(help_text="a row for each area: see warnings_desk.evidence")
    impact = models.JSONField(help_text="people and facilities inside, with sources")
    raw = models.BinaryField(help_text="the CAP message")
    sha256 = models.CharField(max_length=64)
    chain = models.CharField(max_length=64, help_text="SHA-256 of the previous link and sha256")

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["number"]
        indexes: ClassVar = [models.Index(fields=["warning", "number"])]

    def __str__(self) -> str:
        return self.identifier
