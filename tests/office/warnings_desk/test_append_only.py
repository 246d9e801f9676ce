"""The database itself refuses to alter what was written. Tried with plain SQL, on both."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F

from tocsin.errors import StateError
from tocsin.office.audit.append_only import AUDIT_TRAIL, missing
from tocsin.office.audit.models import Entry
from tocsin.office.places.models import Region
from tocsin.office.warnings_desk import drafts
from tocsin.office.warnings_desk.guard import GUARDS
from tocsin.office.warnings_desk.models import Approval, Draft, DraftRevision, Message
from tocsin.office.warnings_desk.services import start_over

from .. import drafting
from ..drafting import NOW, approved, content, issued

pytestmark = pytest.mark.django_db
TABLES = {
    "warnings_desk_message": "A message of the ledger",
    "warnings_desk_draftrevision": "A revision of a draft",
    "warnings_desk_approval": "An approval",
    "audit_entry": "An entry of the audit trail",
}
EMPTY = "INSERT INTO warnings_desk_emptying (at) VALUES ('2026-07-18 19:00:00+00:00')"


@pytest.fixture
def office(db):
    """A live desk that has issued one message, so that no table is empty."""
    made = drafting.make_office()
    issued(made)
    return made


@pytest.fixture
def replay(db):
    """The same in a replay, with the approval of one person."""
    made = drafting.make_office(is_replay=True, approval={"orange": "one"})
    issued(made, content(status="Exercise"))
    return made


def run(statement):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}"])
def test_rows_are_neither_changed_nor_deleted(office, table, statement):
    with pytest.raises(IntegrityError, match=f"{TABLES[table]} is never"):
        run(statement.format(table))


@pytest.mark.parametrize("table", TABLES)
def test_no_row_is_replaced_and_no_table_truncated(office, table):
    if connection.vendor == "postgresql":
        run("SET CONSTRAINTS ALL IMMEDIATE")  # rows of this very test wait to be checked
        statement = f"TRUNCATE {table} CASCADE"
    else:
        statement = f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}"  # noqa: S608
    with pytest.raises(IntegrityError, match=f"{TABLES[table]} is never"):
        run(statement)


def test_a_message_is_not_replaced_by_its_number_under_another_key(office):
    if connection.vendor != "sqlite":
        pytest.skip("INSERT OR REPLACE is SQLite's")
    columns = [f.column for f in Message._meta.fields if f.column != "id"]
    named = ", ".join(columns)
    statement = (
        f"INSERT OR REPLACE INTO warnings_desk_message (id, {named}) "  # noqa: S608
        f"SELECT id + 100, {named} FROM warnings_desk_message"
    )
    with pytest.raises(IntegrityError, match="is never replaced"):
        run(statement)


@pytest.mark.parametrize("model", [Message, DraftRevision, Approval, Entry])
def test_the_program_cannot_either(office, model):
    for alter in (lambda: model.objects.update(id=F("id")), lambda: model.objects.first().save()):
        with pytest.raises(IntegrityError, match="is never changed"), transaction.atomic():
            alter()
    with pytest.raises(IntegrityError), transaction.atomic():  # of a message also ProtectedError
        model.objects.first().delete()


def test_rows_are_added_as_ever(office):
    issued(office)
    assert Message.objects.count() == 2


def test_a_replay_starts_over_and_its_audit_trail_stays(replay):
    told = Entry.objects.count()
    assert start_over(replay.region, at=NOW) == 1
    for model in (Message, Draft, DraftRevision, Approval):
        assert not model.objects.exists()
    assert Entry.objects.count() == told + 1
    assert Entry.objects.first().detail == {"messages": 1, "drafts": 1}


def test_after_starting_over_the_ledger_is_closed_again(replay):
    start_over(replay.region, at=NOW)
    issued(replay, content(status="Exercise"))
    with pytest.raises(IntegrityError, match="never deleted"):
        run("DELETE FROM warnings_desk_message")


def test_a_live_region_is_never_opened(office):
    with pytest.raises(StateError, match="never emptied"):
        start_over(office.region, at=NOW)
    with pytest.raises(IntegrityError, match="ledger of a live region is never emptied"):
        run(EMPTY)


def test_a_live_region_is_not_called_a_replay_for_a_moment(office):
    with pytest.raises(IntegrityError, match="never becomes a replay"):
        run("UPDATE places_region SET is_replay = NOT is_replay")
    with pytest.raises(IntegrityError, match="never becomes a replay"), transaction.atomic():
        Region.objects.update(is_replay=True)


def test_an_actual_message_stays_whatever_the_region_is_called(replay):
    """A row from a live time, got into a replay's ledger by whatever way, is not let go."""
    message = Message.objects.get()
    row = {f.attname: getattr(message, f.attname) for f in Message._meta.fields if f.name != "id"}
    Message.objects.create(**{**row, "number": 2, "identifier": "other", "status": "Actual"})
    with transaction.atomic():
        run(EMPTY)
        with pytest.raises(IntegrityError, match="never deleted"):
            run("DELETE FROM warnings_desk_message")


def test_without_a_region_nothing_is_let_go(replay):
    run("DELETE FROM places_region")
    with pytest.raises(IntegrityError, match="never emptied"):
        run(EMPTY)


def test_every_trigger_is_in_place(db):
    assert missing(connection, (AUDIT_TRAIL, *GUARDS)) == []


def test_an_approval_by_policy_auto_and_a_withdrawn_draft_leave_their_revisions(replay):
    one = approved(replay, content(status="Exercise"))
    drafts.withdraw(one, by=replay.duty, at=NOW)
    assert one.revisions.count() == 1
