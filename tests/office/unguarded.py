"""What only the owner of a database can do: take the triggers of append-only tables away."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection as default
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.operations import BaseDatabaseOperations

from tocsin.office.audit.append_only import AUDIT_TRAIL, install, remove
from tocsin.office.warnings_desk.guard import GUARDS

ALL = (AUDIT_TRAIL, *GUARDS)


@contextmanager
def unguarded(connection: BaseDatabaseWrapper = default) -> Iterator[None]:
    """Alter what cannot be altered, as an intruder with the owner's rights could."""
    for guard in ALL:
        remove(connection, guard)
    yield
    for guard in ALL:
        install(connection, guard)


_flush = BaseDatabaseOperations.execute_sql_flush


def flush_as_owner(self: Any, sql_list: Any) -> None:
    """Empty the tables after a test that commits; what the program itself can never do."""
    with unguarded(self.connection):
        _flush(self, sql_list)
