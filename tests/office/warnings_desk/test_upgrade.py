"""A data folder from before there were drafts is brought up to date and keeps its ledger."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import F

from tocsin.office.audit.append_only import AUDIT_TRAIL, missing, remove
from tocsin.office.warnings_desk.guard import GUARDS
from tocsin.office.warnings_desk.ledger import link, verify
from tocsin.office.warnings_desk.models import Message

from ..factories import make_message, make_region, make_rule, make_warning

OLD = [("warnings_desk", "0001_initial")]  # what builds on it goes with it
ALL = (AUDIT_TRAIL, *GUARDS)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_an_old_ledger_stays_verifiable_and_is_append_only_from_then_on():
    make_region()
    made = make_message(make_warning(make_rule()), {"36061": 2})
    executor = MigrationExecutor(connection)
    for guard in ALL:
        remove(connection, guard)
    executor.migrate(OLD)
    old = executor.loader.project_state(OLD).apps.get_model("warnings_desk", "Message")
    old.objects.update(chain=link("0" * 64, made.sha256))
    call_command("migrate", verbosity=0)
    message = Message.objects.get()
    assert (message.row_sha256, message.status) == ("", "Exercise")
    assert verify() == 1
    with pytest.raises(IntegrityError, match="never changed"):
        Message.objects.update(id=F("id"))


@pytest.mark.django_db
def test_a_trigger_that_was_taken_away_is_back_after_any_command(db):
    for guard in ALL:
        remove(connection, guard)
    assert len(missing(connection, ALL)) > 10
    call_command("migrate", verbosity=0)
    assert missing(connection, ALL) == []


@pytest.mark.django_db
def test_a_trigger_of_an_older_release_is_made_anew():
    body = "BEGIN SELECT 1; END" if connection.vendor == "sqlite" else ""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DROP TRIGGER audit_entry_no_update")
            cursor.execute(
                f"CREATE TRIGGER audit_entry_no_update BEFORE UPDATE ON audit_entry {body}"
            )
        else:
            cursor.execute(
                "CREATE OR REPLACE FUNCTION audit_entry_no_update() RETURNS trigger "
                "LANGUAGE plpgsql AS $body$BEGIN RETURN NEW; END$body$"
            )
    assert missing(connection, ALL) == ["audit_entry_no_update"]
    call_command("migrate", verbosity=0)
    assert missing(connection, ALL) == []
