"""The ledger as stretches of time: each warning from message to message, at one level.

All of it follows from the ledger's rows alone, so it is worked out once for each head of the ledger
and kept in memory; a page then asks no question to the database about the past.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.http import HttpRequest

from tocsin.errors import LedgerError
from tocsin.office.warnings_desk.ledger import head, verify
from tocsin.office.warnings_desk.models import Draft, Message
from tocsin.office.warnings_desk.states import APPROVED, DRAFT, SUBMITTED
from tocsin.office.watch.models import Feed

from .queries import feeds

__all__ = ["OPEN_STATES", "Episode", "Facts", "LedgerState", "Stretch", "facts_of"]

OPEN_STATES = (DRAFT, SUBMITTED, APPROVED)


@dataclass(frozen=True, slots=True)
class Stretch:
    """From one message of a warning to the next, or to its expiry; level 0 once it is cancelled."""

    number: int
    start: datetime
    end: datetime
    level: int
    levels: dict[str, int]
    reason: str

    def covers(self, at: datetime) -> bool:
        """Whether this message is the one that counts at ``at``."""
        return self.level > 0 and self.start <= at < self.end


@dataclass(frozen=True, slots=True)
class Episode:
    """One warning with all its stretches, in order."""

    slug: str
    rule: str
    """Empty of a warning written by hand."""
    version: int
    hazard: str
    name: dict[str, str]
    stretches: tuple[Stretch, ...]

    @property
    def start(self) -> datetime:
        """When its first message was sent."""
        return self.stretches[0].start

    @property
    def end(self) -> datetime:
        """When it stopped being in force."""
        return max((s.end for s in self.stretches if s.level), default=self.start)

    @property
    def level(self) -> int:
        """The highest level it reached."""
        return max(stretch.level for stretch in self.stretches)

    @property
    def hours(self) -> float:
        """Hours in force at any level."""
        return sum((s.end - s.start).total_seconds() for s in self.stretches if s.level) / 3600

    @property
    def areas(self) -> tuple[str, ...]:
        """Every area it ever named."""
        return tuple(sorted({code for stretch in self.stretches for code in stretch.levels}))

    def at(self, moment: datetime) -> Stretch | None:
        """Return the stretch in force at ``moment``."""
        return next((s for s in self.stretches if s.covers(moment)), None)


@dataclass(frozen=True, slots=True)
class LedgerState:
    """Whether the chain adds up, and how long it is; ``fault`` says what does not."""

    count: int
    fault: str = ""


@lru_cache(maxsize=2)
def _episodes(_head: tuple[int, str]) -> tuple[Episode, ...]:
    order = ("warning__first_sent_at", "warning_id", "sent_at", "number")
    rows = (
        Message.objects.published()
        .order_by(*order)
        .values_list(
            "warning__slug",
            "warning__rule_version__rule",
            "warning__rule_version__version",
            "warning__hazard",
            "warning__rule_version__definition__name",
            "warning__names",
            "number",
            "sent_at",
            "expires_at",
            "msg_type",
            "level",
            "levels",
            "reason",
        )
    )
    gathered: dict[str, list[Any]] = {}
    for row in rows:
        gathered.setdefault(row[0], []).append(row)
    return tuple(_episode(messages) for messages in gathered.values())


def _episode(rows: list[Any]) -> Episode:
    slug, rule, version, hazard, name, by_hand = rows[0][:6]
    name = name or by_hand or {"en": hazard}
    nexts: Iterable[datetime | None] = [*(row[7] for row in rows[1:]), None]
    stretches = []
    for row, following in zip(rows, nexts, strict=True):
        number, sent, expires, kind, level, levels, reason = row[6:]
        end = min(expires, following) if following else expires
        is_over = kind == "Cancel"
        stretches.append(
            Stretch(
                number=number,
                start=sent,
                end=sent if is_over else max(end, sent),
                level=0 if is_over else level,
                levels={} if is_over else levels,
                reason=reason,
            )
        )
    return Episode(slug, rule or "", version or 0, hazard, name, tuple(stretches))


@lru_cache(maxsize=2)
def _ledger_state(head: tuple[int, str]) -> LedgerState:
    try:
        return LedgerState(verify())
    except LedgerError as error:
        return LedgerState(head[0], str(error))


@dataclass(frozen=True, slots=True)
class Facts:
    """What every page of the desk needs, read once a request."""

    feeds: tuple[Feed, ...]
    head: tuple[int, str]
    drafts: int = 0
    """How many drafts wait for somebody."""

    @property
    def episodes(self) -> tuple[Episode, ...]:
        """Every warning of the ledger, oldest first."""
        return _episodes(self.head)

    @property
    def ledger(self) -> LedgerState:
        """Whether the ledger's chain adds up; recomputed from the bytes at each new head."""
        return _ledger_state(self.head)


def facts_of(request: HttpRequest) -> Facts:
    """Return the facts of this request; the frame around a page and the page itself share them."""
    known: Facts | None = getattr(request, "desk_facts", None)
    if known is None:
        drafts = Draft.objects.filter(state__in=OPEN_STATES).count()
        known = Facts(tuple(feeds()), head(), drafts)
        request.desk_facts = known  # type: ignore[attr-defined]
    return known
