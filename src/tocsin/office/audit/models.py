"""The audit trail: one row for each change that anyone or anything made."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Entry(models.Model):
    """One change. Rows are added and never altered."""

    at = models.DateTimeField(db_index=True, help_text="when, in the region's own clock")
    actor = models.CharField(max_length=150, help_text="the post or the machine that did it")
    verb = models.CharField(max_length=60)
    object_type = models.CharField(max_length=60)
    object_id = models.CharField(max_length=120)
    detail = models.JSONField(default=dict)

    class Meta:
        ordering: ClassVar = ["-id"]
        verbose_name_plural = "entries"

    def __str__(self) -> str:
        return (
            f"{self.at:%Y-%m-%d %H:%M} {self.actor} {self.verb} {self.object_type} {self.object_id}"
        )
