"""What the feeds list at a moment, found without reading the ledger anew each time.

The ledger only grows, so the few columns that decide are kept in memory and each request asks the
database for the rows after the last one: one look-up by index. The chain hash of that last row
comes back with it; where it is another one (a replay that started over), everything is read anew.
What was selected stays right until the ledger grows or until the first moment at which a message
comes into the list or drops out of it; that moment is computed with the selection. Nothing here
is ever older than the database.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from tocsin.office.places.models import Region
from tocsin.office.warnings_desk.models import Message

__all__ = ["FEED_KEEPS", "Listed", "Selection", "listed_at"]

FEED_KEEPS = timedelta(days=7)
"""How long a feed goes on listing a warning after its end."""
READ_ANEW = timedelta(days=1)
"""After so long the rows in memory are read anew, without those that can no longer be listed."""
MODULUS = 2**256
MARGIN = timedelta(hours=1)
"""Requests of several threads do not come in the order of their moments."""
COLUMNS = (
    "number", "chain", "warning__slug", "status", "identifier", "sent_at", "expires_at", "msg_type",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Listed:
    """A message as far as the feeds have to know it."""

    number: int
    chain: str
    warning: str
    status: str
    identifier: str
    sent_at: datetime
    expires_at: datetime
    msg_type: str

    @property
    def gone_at(self) -> datetime:
        """When the feed stops listing it, unless a newer message of its warning does so first."""
        end = self.sent_at if self.msg_type == "Cancel" else self.expires_at
        return end + FEED_KEEPS


@dataclass(frozen=True, slots=True)
class Selection:
    """What is listed from ``since`` up to ``until``."""

    rows: dict[tuple[str, str], Listed]
    """By warning and status, in the order of their numbers."""
    mark: int
    """The sum of the chain hashes: differs whenever what is listed does, in every process alike."""
    newest_at: datetime | None
    """When the last of them was sent."""
    since: datetime
    until: datetime | None

    @property
    def newest_first(self) -> Iterator[Listed]:
        """What a feed lists, in its order."""
        return reversed(self.rows.values())

    def is_right(self, at: datetime) -> bool:
        """Whether it holds at ``at``, as long as the ledger is the same."""
        return self.since <= at and (self.until is None or at < self.until)


class _Ledger:
    """The rows of one database that can be listed, and the last selection made of them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._forget()

    def _forget(self) -> None:
        self._rows: list[Listed] = []
        self._last: Listed | None = None
        self._read_at: datetime | None = None
        self._selection: Selection | None = None
        self._region = ""

    def at(self, region: Region, at: datetime) -> Selection:
        """Return what is listed at ``at``."""
        scope = f"{region.pk} {region.is_replay}"
        with self._lock:
            if (
                self._read_at is None
                or self._region != scope
                or not self._read_at <= at < self._read_at + READ_ANEW
                or not self._go_on(region, at)
            ):
                self._read(region, at)
                self._region = scope
            kept = self._selection
            if kept and kept.is_right(at):
                return kept
            self._selection = _select(self._rows, at)
            return self._selection

    def _read(self, region: Region, at: datetime) -> None:
        """Read every message of each warning that is or may yet be listed."""
        self._forget()
        since = at - MARGIN
        floor = since - FEED_KEEPS
        some = Message.objects.filter(Q(expires_at__gt=floor) | Q(sent_at__gt=floor))
        rows = Message.objects.public(region).filter(warning__in=some.values("warning"))
        last = Message.objects.order_by("-number").values_list(*COLUMNS).first()
        # In this order: a row that comes in between is read twice, which changes nothing.
        self._last = Listed(*last) if last else None
        self._rows = [Listed(*row) for row in rows.values_list(*COLUMNS).iterator(5000)]
        self._read_at = since

    def _go_on(self, region: Region, at: datetime) -> bool:
        """Add the rows after the last one; false if that one is no longer in the ledger."""
        after = self._last.number if self._last else 0
        found = Message.objects.filter(number__gte=after).order_by("number")
        rows = [Listed(*row) for row in found.values_list(*COLUMNS)]
        if self._last:
            if not rows or rows[0].chain != self._last.chain:
                return False
            rows = rows[1:]
        if rows:
            public = [row for row in rows if region.is_replay or row.status == Message.ACTUAL]
            self._rows += public
            self._last = rows[-1]
            self._selection = _extended(self._selection, public, at)
        return True


def _select(rows: Iterable[Listed], at: datetime) -> Selection:
    """Return the newest message of each warning and status that has not been gone for long."""
    newest: dict[tuple[str, str], Listed] = {}
    changes: list[datetime] = []
    since = datetime.min.replace(tzinfo=at.tzinfo)
    for row in rows:
        if row.sent_at > at:
            changes.append(row.sent_at)
            continue
        since = max(since, row.sent_at)
        key = (row.warning, row.status)
        other = newest.get(key)
        if other is None or (row.sent_at, row.number) > (other.sent_at, other.number):
            newest[key] = row
    found: list[Listed] = []
    for row in newest.values():
        gone = row.gone_at
        if gone > at:
            found.append(row)
            changes.append(gone)
        else:
            since = max(since, gone)
    found.sort(key=lambda row: row.number)
    listed = {(row.warning, row.status): row for row in found}
    newest_at = max([row.sent_at for row in found], default=None)
    mark = sum(_weight(row) for row in found) % MODULUS
    return Selection(listed, mark, newest_at, since, min(changes, default=None))


def _extended(kept: Selection | None, rows: list[Listed], at: datetime) -> Selection | None:
    """Return the selection with new rows in it, None where it has to be made from all of them.

    The usual case, a message more, costs no look at the ten thousand others.
    """
    if kept is None or not kept.is_right(at):
        return None
    listed, mark, newest_at = dict(kept.rows), kept.mark, kept.newest_at
    for row in rows:
        if row.sent_at > at or row.sent_at < (kept.newest_at or row.sent_at) or row.gone_at <= at:
            return None  # out of turn: a replay
        if older := listed.pop((row.warning, row.status), None):
            mark -= _weight(older)
        listed[row.warning, row.status] = row
        mark += _weight(row)
        newest_at = max(row.sent_at, newest_at or row.sent_at)
    ends = [listed[row.warning, row.status].gone_at for row in rows]
    until = min([*ends, *([kept.until] if kept.until else [])], default=None)
    since = max([kept.since, *(row.sent_at for row in rows)])
    return Selection(listed, mark % MODULUS, newest_at, since, until)


def _weight(row: Listed) -> int:
    return int(row.chain, 16)


_ledger = _Ledger()


def listed_at(region: Region, at: datetime) -> Selection:
    """Return what the feeds of ``region`` list at ``at``."""
    return _ledger.at(region, at)
