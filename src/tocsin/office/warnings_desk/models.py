"""Warnings, the drafts they come from, and the ledger. Each message of a warning is a ledger row.

A warning is one episode: of a rule, or of what an officer saw. What is in force is never stored:
it follows from the ledger at any moment asked for, so that a page can show any hour of the past
exactly as it stood. The ledger, revisions and approvals are append-only in the database as well:
see ``warnings_desk.guard``.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.urls import reverse

from tocsin.office.places.models import Region
from tocsin.office.watch.models import RuleVersion


class Warning(models.Model):  # the word of the trade; nothing here uses the builtin of that name
    """One episode of one hazard, from its first message to its end."""

    slug = models.CharField(max_length=80, unique=True, help_text="stable address: heat-2013-07-14")
    rule_version = models.ForeignKey(
        RuleVersion,
        null=True,
        on_delete=models.PROTECT,
        related_name="warnings",
        help_text="the rule that raised it; none of a warning written by hand",
    )
    hazard = models.CharField(max_length=40, db_index=True)
    names = models.JSONField(
        default=dict, help_text="of a warning by hand: what it is called, in each language"
    )
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

    def public(self, region: Region) -> MessageQuerySet:
        """Return what the public may see: of a live region Actual messages and nothing else.

        A replay region is an exercise as a whole, and says so on every page: there all are seen.
        """
        return self.all() if region.is_replay else self.filter(status=Message.ACTUAL)

    def published(self) -> MessageQuerySet:
        """Return the same of the one region there is, asked in the database: nobody can forget."""
        replay = Region.objects.filter(is_replay=True)
        return self.filter(models.Q(status=Message.ACTUAL) | models.Exists(replay))

    def known(self, at: datetime) -> MessageQuerySet:
        """Return the messages sent at or before ``at``."""
        return self.filter(sent_at__lte=at)

    def latest_of_each(self, at: datetime) -> MessageQuerySet:
        """Return the newest message of each warning as of ``at``.

        Of one status: a drill on a real warning does not hide it. The time decides, then the place
        in the ledger: a replay's clock may stand before messages that are in the ledger already.
        """
        later = models.Q(sent_at__gt=models.OuterRef("sent_at")) | models.Q(
            sent_at=models.OuterRef("sent_at"), number__gt=models.OuterRef("number")
        )
        newer = Message.objects.filter(
            later,
            warning=models.OuterRef("warning"),
            status=models.OuterRef("status"),
            sent_at__lte=at,
        )
        return self.known(at).filter(~models.Exists(newer))

    def in_force(self, at: datetime) -> MessageQuerySet:
        """Return what counts at ``at``: newest of its warning, no cancel, not expired."""
        return self.latest_of_each(at).filter(expires_at__gt=at).exclude(msg_type="Cancel")


class Message(models.Model):
    """A row of the ledger: the exact bytes that went out, hashed and chained to the row before."""

    ACTUAL, EXERCISE, TEST = "Actual", "Exercise", "Test"

    number = models.PositiveIntegerField(unique=True, help_text="place in the ledger, from 1")
    warning = models.ForeignKey(Warning, on_delete=models.PROTECT, related_name="messages")
    identifier = models.CharField(max_length=200, unique=True)
    status = models.CharField(
        max_length=10, default=EXERCISE, db_index=True, help_text="Actual, Exercise, Test"
    )
    sent_at = models.DateTimeField(db_index=True)
    expires_at = models.DateTimeField(db_index=True)
    msg_type = models.CharField(max_length=10)
    reason = models.CharField(
        max_length=20, help_text="issue, raise, lower, areas, update, extend, cancel"
    )
    level = models.PositiveSmallIntegerField(help_text="the highest of all areas")
    levels = models.JSONField(help_text="{area code: level}; empty in a cancel")
    evidence = models.JSONField(help_text="a row for each area: see warnings_desk.evidence")
    impact = models.JSONField(help_text="people and facilities inside, with sources")
    raw = models.BinaryField(help_text="the CAP message")
    sha256 = models.CharField(max_length=64)
    row_sha256 = models.CharField(
        max_length=64,
        blank=True,
        default="",
        help_text="SHA-256 of the columns beside the bytes: ledger.row_of; empty in old rows",
    )
    chain = models.CharField(
        max_length=64, help_text="SHA-256 of the previous link, sha256 and row_sha256"
    )

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["number"]
        indexes: ClassVar = [models.Index(fields=["warning", "number"])]

    def __str__(self) -> str:
        return self.identifier

    def is_public(self, region: Region) -> bool:
        """Whether it may reach a public page, feed or channel: see ``MessageQuerySet.public``."""
        return region.is_replay or self.status == self.ACTUAL


class Draft(models.Model):
    """A message in the making. Its present content; every earlier one is a ``DraftRevision``."""

    kind = models.CharField(max_length=10, help_text="issue, update, cancel")
    reason = models.CharField(
        max_length=20,
        help_text="issue, update, extend, downgrade, upgrade, cancel, all_clear",
    )
    state = models.CharField(
        max_length=10,
        default="draft",
        db_index=True,
        help_text="draft, submitted, approved, issued, withdrawn: see warnings_desk.states",
    )
    warning = models.ForeignKey(
        Warning,
        null=True,
        on_delete=models.PROTECT,
        related_name="drafts",
        help_text="the warning it goes on with; none before a new one is issued",
    )
    content = models.JSONField(help_text="warnings_desk.content.DraftContent")
    revision = models.PositiveIntegerField(default=1, help_text="of the content, from 1")
    base = models.PositiveIntegerField(
        null=True, help_text="number of the warning's newest message when this revision was saved"
    )
    author = models.CharField(max_length=100, help_text="the post that began it")
    author_user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="drafts",
        help_text="none: the machine",
    )
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField(db_index=True)
    message = models.OneToOneField(
        Message,
        null=True,
        on_delete=models.PROTECT,
        related_name="draft",
        help_text="what was issued; one draft gives one message",
    )
    trigger_evidence = models.JSONField(
        default=list, help_text="rows as in Message.evidence; empty of one written by hand"
    )
    threshold_crossed_at = models.DateTimeField(null=True)
    rule_version = models.ForeignKey(
        RuleVersion, null=True, on_delete=models.PROTECT, related_name="drafts"
    )

    class Meta:
        ordering: ClassVar = ["-changed_at", "-pk"]

    def __str__(self) -> str:
        return f"draft {self.pk} ({self.state})"


class DraftRevision(models.Model):
    """A content as somebody saved it. Append-only.

    ``saved`` is false for what lost to another officer's save: kept, and never issued.
    """

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="revisions")
    revision = models.PositiveIntegerField(help_text="the draft's; of an unsaved one, its base")
    saved = models.BooleanField(default=True)
    content = models.JSONField()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    by = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["draft", "revision"],
                condition=models.Q(saved=True),
                name="one_saved_revision",
            )
        ]

    def __str__(self) -> str:
        return f"{self.draft_id} r{self.revision}"


class Approval(models.Model):
    """What one person decided about one revision. Append-only; it counts for no other revision."""

    APPROVE, SEND_BACK = "approve", "send_back"

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="approvals")
    revision = models.PositiveIntegerField()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="none: the policy asks for nobody",
    )
    by = models.CharField(max_length=150)
    at = models.DateTimeField()
    decision = models.CharField(max_length=10, help_text="approve, send_back")
    remark = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"{self.by} {self.decision} {self.draft_id} r{self.revision}"


class OpenPage(models.Model):
    """A draft's page that is open somewhere: half a minute after its last sign of life it is gone.

    In the database so that every web process sees it; no part of any record.
    """

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="open_pages")
    page = models.CharField(max_length=40, help_text="a random mark of one tab")
    post = models.CharField(max_length=150, help_text="the post's title; of none, the account")
    seen_at = models.DateTimeField(db_index=True, help_text="by the wall's clock")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["draft", "page"], name="one_row_a_page")
        ]

    def __str__(self) -> str:
        return f"{self.post} at {self.draft_id}"


class Emptying(models.Model):
    """A row here lets go of append-only rows, for a replay that starts over and nothing else.

    It is written and taken away inside one transaction (``services.start_over``), and the
    database itself refuses it while the region is live: see ``warnings_desk.guard``.
    """

    at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "emptying"

    def __str__(self) -> str:
        return f"emptying since {self.at}"
