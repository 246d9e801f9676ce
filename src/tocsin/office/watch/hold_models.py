"""Series that are held for review, and what an officer decided."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from django.db import models

from tocsin.intake.jumps import reread


class Hold(models.Model):
    """A series whose feed seems to have changed its unit, from its first held value on.

    While it is open every value of the series is kept and flagged as held. A hold speaks of the
    feed as it is set up: once its settings are others it catches nothing more.
    """

    OPEN, RELEASED, CONVERTED, REFUSED = "", "released", "converted", "refused"

    series = models.ForeignKey("watch.Series", on_delete=models.CASCADE, related_name="holds")
    feed = models.ForeignKey("watch.Feed", on_delete=models.CASCADE, related_name="holds")
    settings = models.CharField(max_length=16, help_text="digest of how the feed was set up")
    first_at = models.DateTimeField(help_text="label of the first held value")
    found_at = models.DateTimeField()
    taken = models.CharField(max_length=20, help_text="the unit that the values were read in")
    sent = models.CharField(max_length=20, help_text="the unit that they look like")
    before = models.FloatField(help_text="median of the past values, canonical unit")
    after = models.FloatField(help_text="median of the values that jumped, canonical unit")
    verdict = models.CharField(max_length=10, blank=True, help_text="empty: open")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=150, blank=True)
    taken_in_at = models.DateTimeField(
        null=True, help_text="when the watch judged the decided values anew"
    )
    back_at = models.DateTimeField(null=True, help_text="refused, and the feed went back by itself")

    personal_data: ClassVar = {
        "decided_by": (
            "to answer for what was done: which account did it",
            "as long as the record itself; it is evidence",
        )
    }

    class Meta:
        ordering: ClassVar = ["first_at", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["series"], condition=models.Q(verdict=""), name="one_open_hold"
            )
        ]

    def __str__(self) -> str:
        return f"{self.series_id} {self.taken} -> {self.sent} {self.verdict or 'open'}"

    @property
    def meant(self) -> float:
        """The median of the values that jumped, if they are in the unit that they look like."""
        return float(reread(np.array([self.after]), self.series.unit, self.taken, self.sent)[0])
