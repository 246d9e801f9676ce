"""Who may do what, as a table; and giving posts."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tocsin.office.audit.models import Entry
from tocsin.office.people.rules import may
from tocsin.office.people.services import give_post

WALL = datetime(2026, 1, 2, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("verb", "role", "allowed"),
    [
        ("see_desk", "duty_officer", True),
        ("see_desk", "approver", True),
        ("see_desk", "inspector", False),
        ("set_clock", "duty_officer", True),
        ("set_clock", "approver", False),
        ("a verb nobody wrote", "duty_officer", False),
    ],
)
def test_role_by_verb(verb, role, allowed):
    assert may(verb, [role]) is allowed
    assert may(verb, []) is False


@pytest.mark.django_db
def test_a_post_is_given_once_and_an_existing_password_stays():
    user = give_post(
        "ada", "first password", title="Duty officer", role="duty_officer", by="tocsin", at=WALL
    )
    give_post(
        "ada", "other password", title="Duty officer", role="duty_officer", by="tocsin", at=WALL
    )
    user.refresh_from_db()
    assert user.check_password("first password")
    assert user.holds("duty_officer")
    assert Entry.objects.filter(verb="give_post").count() == 1
