"""The ledger finds out what was done to it."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from django.db import connection
from typer.testing import CliRunner

from tocsin.cli.ledger import app
from tocsin.errors import LedgerError
from tocsin.office.warnings_desk.ledger import GENESIS, head, link, row_of, verify
from tocsin.office.warnings_desk.models import Message

from ..factories import NOW, make_message, make_region, make_rule, make_warning
from ..unguarded import unguarded

pytestmark = pytest.mark.django_db


@pytest.fixture
def three_messages():
    make_region()
    warning = make_warning(make_rule())
    return [make_message(warning, {"36061": 2}) for _ in range(3)]


def tamper(number, **columns):
    with unguarded():
        Message.objects.filter(number=number).update(**columns)


def test_an_empty_ledger_is_whole():
    assert head() == (0, GENESIS)
    assert verify() == 0


def test_an_empty_ledger_is_told_with_its_folder(monkeypatch, tmp_path):
    monkeypatch.setattr("tocsin.cli.ledger._open", lambda data: None)
    said = CliRunner().invoke(app, ["verify", "--data", str(tmp_path)])
    assert said.exit_code == 0
    assert f"The ledger in {tmp_path} is empty" in said.output


def test_a_link_is_the_hash_of_the_link_before_and_of_the_bytes():
    raw = hashlib.sha256(b"message").hexdigest()
    assert link(GENESIS, raw) == hashlib.sha256((GENESIS + raw).encode()).hexdigest()


def test_a_ledger_as_it_was_written_is_whole(three_messages):
    assert verify() == 3
    assert head() == (3, three_messages[-1].chain)


def test_altered_bytes_are_found(three_messages):
    tamper(2, raw=b"<alert/>")
    with pytest.raises(LedgerError, match="Message 2 was altered"):
        verify()


def test_altered_bytes_with_a_fitting_hash_are_found(three_messages):
    sha256 = hashlib.sha256(b"<alert/>").hexdigest()
    tamper(2, raw=b"<alert/>", sha256=sha256)
    with pytest.raises(LedgerError, match="Message 2 is not chained"):
        verify()


def test_a_lost_message_is_found(three_messages):
    with unguarded():
        Message.objects.filter(number=2).delete()
    with pytest.raises(LedgerError, match="Message 2 is missing"):
        verify()


@pytest.mark.parametrize(
    "columns",
    [
        {"status": "Actual"},
        {"level": 4},
        {"levels": {"36061": 4}},
        {"reason": "cancel"},
        {"msg_type": "Cancel"},
        {"identifier": "2.49.0.1.840.9.tocsin.20"},
        {"sent_at": NOW - timedelta(hours=1)},
        {"expires_at": NOW + timedelta(days=30)},
        {"impact": {}},
        {"evidence": []},
    ],
    ids=lambda columns: next(iter(columns)),
)
def test_an_altered_column_beside_the_bytes_is_found(three_messages, columns):
    tamper(2, **columns)
    with pytest.raises(LedgerError, match="Message 2 was altered: a column beside its bytes"):
        verify()


def test_a_fitting_hash_of_the_altered_row_breaks_the_chain(three_messages):
    message = three_messages[1]
    message.level = 4
    tamper(2, level=4, row_sha256=hashlib.sha256(row_of(message).encode()).hexdigest())
    with pytest.raises(LedgerError, match="Message 2 is not chained"):
        verify()


def test_the_row_is_one_text_whichever_number_a_database_gives_back(three_messages):
    message = Message.objects.get(number=1)
    message.impact = {"people": 1_000_000.0}
    as_float = row_of(message)
    message.impact = {"people": 1_000_000}
    assert row_of(message) == as_float


def old_row(message):
    """Make a row as it was written before rows had a hash."""
    tamper(message.number, row_sha256="", chain=link(GENESIS, message.sha256))


def test_rows_from_before_rows_had_a_hash_stay_whole(db):
    make_region()
    old_row(make_message(make_warning(make_rule()), {"36061": 2}))
    assert verify() == 1


@pytest.mark.parametrize(
    "columns",
    [
        {"status": "Actual"},
        {"identifier": "another"},
        {"msg_type": "Cancel"},
        {"sent_at": NOW - timedelta(hours=1)},
    ],
    ids=lambda columns: next(iter(columns)),
)
def test_old_rows_are_held_against_their_bytes(db, columns):
    make_region()
    old_row(make_message(make_warning(make_rule()), {"36061": 2}))
    tamper(1, **columns)
    with pytest.raises(LedgerError, match=f"its column {next(iter(columns))} is .* its bytes say"):
        verify()


def test_a_missing_trigger_is_told(three_messages):
    drop = "DROP TRIGGER warnings_desk_message_no_delete"
    with connection.cursor() as cursor:
        cursor.execute(drop + (" ON warnings_desk_message" * (connection.vendor == "postgresql")))
    with pytest.raises(LedgerError, match="warnings_desk_message_no_delete is not in place"):
        verify()
