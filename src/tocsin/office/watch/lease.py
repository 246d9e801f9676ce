"""One writer to the watch: a row that says who, until when. Two at once would do all twice."""

from __future__ import annotations

import os
import random
import socket
from datetime import datetime, timedelta

from django.db import transaction

from tocsin.errors import StateError

from .models import Lease

__all__ = ["confirm", "has", "holder_name", "release", "take"]

NAME = "watch"
LASTS = timedelta(minutes=5)
"""Longer than any step of a cycle; it is renewed at each."""


def holder_name() -> str:
    """Return a name for this process that no other has."""
    return f"{socket.gethostname()[:60]}:{os.getpid()}:{random.randrange(10**6):06d}"  # noqa: S311 - a name, no secret


@transaction.atomic
def take(holder: str, at: datetime) -> str:
    """Take or renew the lease; return who has it, which is ``holder`` where it was free.

    ``at`` is the wall clock's. What a process of this machine left behind that is gone is free.
    """
    row = Lease.objects.select_for_update().filter(name=NAME).first()
    if row is None:
        # Of two that come here at once the second finds the first one's row.
        row, _ = Lease.objects.get_or_create(
            name=NAME, defaults={"holder": holder, "until": at + LASTS}
        )
    if row.holder == holder or row.until <= at or _is_gone(row.holder):
        row.holder, row.until = holder, at + LASTS
        row.save()
    return row.holder


def has(holder: str) -> bool:
    """Whether the lease is this holder's."""
    return Lease.objects.filter(name=NAME, holder=holder).exists()


def confirm(holder: str) -> None:
    """Refuse to write without the lease; inside a transaction nobody can take it meanwhile.

    Raises
    ------
    StateError
        Another process has it: this one stood still for too long.
    """
    row = Lease.objects.select_for_update().filter(name=NAME).first()
    if row is None or row.holder != holder:
        raise StateError(
            f"The watch is run by {row.holder if row else 'nobody'} by now; this process writes "
            "nothing more. Stop one of the two."
        )


def release(holder: str) -> None:
    """Give the lease back, so that the next one need not wait for its end."""
    Lease.objects.filter(name=NAME, holder=holder).delete()


def _is_gone(holder: str) -> bool:
    """Whether the holder was a process of this machine and runs no more."""
    host, pid, _ = holder.rsplit(":", 2)
    if host != socket.gethostname()[:60]:
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
