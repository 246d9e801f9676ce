"""What officers propose to change about a rule, and every revision of it."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.urls import reverse


class RuleProposal(models.Model):
    """A rule as somebody wants it to be. Approved, it becomes a ``RuleVersion``; it stays here."""

    rule = models.CharField(max_length=40, db_index=True)
    base = models.ForeignKey(
        "watch.RuleVersion",
        null=True,
        on_delete=models.PROTECT,
        related_name="proposals",
        help_text="the newest version when it was written; none: a new rule",
    )
    definition = models.JSONField(help_text="tocsin.triggers.rules.Rule as JSON")
    is_off = models.BooleanField(default=False, help_text="to take the rule out of use")
    why = models.TextField()
    valid_from = models.DateTimeField(null=True, help_text="none: from the approval on")
    state = models.CharField(max_length=10, help_text="rule_states.STATES")
    revision = models.PositiveIntegerField(default=1)
    proposed_by = models.CharField(max_length=150)
    proposer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="rule_proposals"
    )
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField(db_index=True)
    decided_by = models.CharField(max_length=150, blank=True)
    decided_at = models.DateTimeField(null=True)
    remark = models.TextField(blank=True, help_text="of who approved or rejected it")
    version = models.OneToOneField(
        "watch.RuleVersion",
        null=True,
        on_delete=models.PROTECT,
        related_name="proposal",
        help_text="what it became",
    )

    class Meta:
        ordering: ClassVar = ["-changed_at", "-pk"]

    def __str__(self) -> str:
        return f"proposal {self.pk} of {self.rule} ({self.state})"

    def get_absolute_url(self) -> str:
        return reverse("desk:proposal", args=[self.pk])


class RuleRevision(models.Model):
    """A proposal as somebody saved it. Rows are added and never altered."""

    proposal = models.ForeignKey(RuleProposal, on_delete=models.CASCADE, related_name="revisions")
    revision = models.PositiveIntegerField()
    definition = models.JSONField()
    is_off = models.BooleanField(default=False)
    why = models.TextField()
    valid_from = models.DateTimeField(null=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    by = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["proposal", "revision"], name="one_rule_revision")
        ]

    def __str__(self) -> str:
        return f"{self.proposal_id} r{self.revision}"
