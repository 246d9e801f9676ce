"""Rows that the database itself refuses to change or delete, on SQLite and on PostgreSQL.

The triggers are put in place after every ``migrate`` and not by one migration: where SQLite alters
a table it makes it anew, and the triggers of the old one are gone without a word. Before a
migration runs they are taken away, since SQLite renames no table that a trigger speaks of.

They stop the program, a console and an injected statement. Who owns the database can take them
away; ``missing`` finds that out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.signals import post_migrate, pre_migrate

__all__ = [
    "AUDIT_TRAIL",
    "Guard",
    "Refusal",
    "append_only",
    "install",
    "keep_in_place",
    "missing",
    "remove",
]


@dataclass(frozen=True, slots=True)
class Refusal:
    """One thing the database refuses to do to a table."""

    name: str
    event: str
    """UPDATE, DELETE, INSERT or TRUNCATE."""
    words: str
    """What it says then."""
    when: str = "true"
    """SQL over OLD and NEW: refused where it is true."""
    vendor: str = ""
    """The one database that knows such an event; empty: both."""


@dataclass(frozen=True, slots=True)
class Guard:
    """A table and what is refused there."""

    table: str
    refusals: tuple[Refusal, ...]


def append_only(
    table: str, rows: str, *, unique: Sequence[str] = ("id",), let_go: str = "false"
) -> Guard:
    """Return the guard of a table to which rows are added and nothing else.

    Parameters
    ----------
    table : str
    rows : str
        In the words of the refusal: "A message of the ledger".
    unique : column names
        Of which a value comes once: SQLite's INSERT OR REPLACE would delete by them, unseen by
        triggers on DELETE.
    let_go : SQL
        True when a row, OLD, may be deleted.
    """
    twice = " OR ".join(
        f"EXISTS (SELECT 1 FROM {table} WHERE {column} = NEW.{column})"  # noqa: S608 - our own
        for column in unique
    )
    gone = f"{rows} is never deleted"
    return Guard(
        table,
        (
            Refusal("no_update", "UPDATE", f"{rows} is never changed"),
            Refusal("no_delete", "DELETE", gone, f"NOT ({let_go})"),
            Refusal("no_replace", "INSERT", f"{rows} is never replaced", twice, "sqlite"),
            Refusal("no_truncate", "TRUNCATE", gone, vendor="postgresql"),
        ),
    )


AUDIT_TRAIL = append_only("audit_entry", "An entry of the audit trail")


def keep_in_place(app: AppConfig, guards: Sequence[Guard]) -> None:
    """Take the triggers away before migrations run, and put them in place after every migrate."""

    def away(using: str, plan: Sequence[Any], **_: Any) -> None:
        if plan:
            for guard in guards:
                remove(connections[using], guard)

    def back(using: str, **_: Any) -> None:
        for guard in guards:
            install(connections[using], guard)

    key = f"append-only {app.label}"
    pre_migrate.connect(away, sender=app, weak=False, dispatch_uid=key)
    post_migrate.connect(back, sender=app, weak=False, dispatch_uid=key)


def install(connection: BaseDatabaseWrapper, guard: Guard) -> None:
    """Put the triggers of a table in place; already there, it writes nothing."""
    wanted = _statements(connection, guard)
    with connection.cursor() as cursor:
        if guard.table not in connection.introspection.table_names(cursor):
            return  # only some of the apps were migrated
        standing = _standing(connection, guard.table)
        for name, statements in wanted.items():
            if standing.get(name) != _mark(statements):
                cursor.execute(_drop(connection, guard.table, name))
                for statement in statements:
                    cursor.execute(statement)


def remove(connection: BaseDatabaseWrapper, guard: Guard) -> None:
    """Take the triggers away: for a test that empties its database, as its owner could."""
    with connection.cursor() as cursor:
        for name in _standing(connection, guard.table):
            if name.startswith(f"{guard.table}_no_"):
                cursor.execute(_drop(connection, guard.table, name))


def missing(connection: BaseDatabaseWrapper, guards: Iterable[Guard]) -> list[str]:
    """Return the names of triggers that are not in place, or not as they should be."""
    return [
        name
        for guard in guards
        for standing in [_standing(connection, guard.table)]
        for name, statements in _statements(connection, guard).items()
        if standing.get(name) != _mark(statements)
    ]


def _statements(connection: BaseDatabaseWrapper, guard: Guard) -> dict[str, list[str]]:
    """Return trigger -> the statements that make it; the last one makes the trigger itself."""
    make = _on_postgresql if connection.vendor == "postgresql" else _on_sqlite
    return {
        f"{guard.table}_{one.name}": make(guard.table, one)
        for one in guard.refusals
        if one.vendor in {"", connection.vendor}
    }


def _on_sqlite(table: str, one: Refusal) -> list[str]:
    return [
        f"CREATE TRIGGER {table}_{one.name} BEFORE {one.event} ON {table} WHEN {one.when} "
        f"BEGIN SELECT RAISE(ABORT, '{one.words}.'); END"
    ]


def _on_postgresql(table: str, one: Refusal) -> list[str]:
    each = "STATEMENT" if one.event == "TRUNCATE" else "ROW"
    goes_on = {"DELETE": "OLD", "TRUNCATE": "NULL"}.get(one.event, "NEW")
    return [
        f"CREATE OR REPLACE FUNCTION {table}_{one.name}() RETURNS trigger LANGUAGE plpgsql AS "
        f"$body$BEGIN IF {one.when} THEN RAISE EXCEPTION '{one.words}.' "
        "USING ERRCODE = 'integrity_constraint_violation'; END IF; "
        f"RETURN {goes_on}; END$body$",
        f"CREATE TRIGGER {table}_{one.name} BEFORE {one.event} ON {table} FOR EACH {each} "
        f"EXECUTE FUNCTION {table}_{one.name}()",
    ]


def _mark(statements: list[str]) -> str:
    """Return what ``_standing`` says of a trigger that is as these statements make it."""
    if len(statements) == 1:
        return statements[0]
    return statements[0].split("$body$")[1]


def _standing(connection: BaseDatabaseWrapper, table: str) -> dict[str, str]:
    """Return the enabled triggers of a table, each with its text, on PostgreSQL its function's."""
    if connection.vendor == "postgresql":
        query = (
            "SELECT tgname, prosrc FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid "
            "WHERE tgrelid = to_regclass(%s) AND NOT tgisinternal AND tgenabled IN ('O', 'A')"
        )
    else:
        query = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s"
    with connection.cursor() as cursor:
        cursor.execute(query, [table])
        return dict(cursor.fetchall())


def _drop(connection: BaseDatabaseWrapper, table: str, name: str) -> str:
    on = f" ON {table}" if connection.vendor == "postgresql" else ""
    return f"DROP TRIGGER IF EXISTS {name}{on}"
