"""Who may do what, as a table; and giving posts."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tocsin.errors import StateError
from tocsin.office.audit.models import Entry
from tocsin.office.people.models import Post, User
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
        ("manage_subscribers", "duty_officer", True),
        ("manage_subscribers", "approver", False),
        ("write_draft", "duty_officer", True),
        ("write_draft", "inspector", False),
        ("approve_draft", "duty_officer", False),
        ("approve_draft", "approver", True),
        ("issue_draft", "duty_officer", True),
        ("issue_draft", "storekeeper", False),
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
    assert [post.role for post in user.posts.all()] == ["duty_officer"]
    assert Entry.objects.filter(verb="give_post").count() == 1


@pytest.mark.django_db
def test_a_post_for_an_area_is_not_given_for_another():
    give_post(
        "ada", "a password", title="East", role="approver", area_code="east", by="tocsin", at=WALL
    )
    assert Post.objects.get(title="East").area_code == "east"
    for other, words in (("west", "is for the area east"), ("", "is for the area east")):
        with pytest.raises(StateError, match=words):
            give_post("bob", "a password", title="East", role="approver", area_code=other,
                      by="tocsin", at=WALL)  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "words"), [("approver", "has the role duty_officer"), ("typo", "There is no role")]
)
def test_a_post_is_never_given_with_another_role_than_asked_for(role, words):
    give_post("ada", "a password", title="Duty", role="duty_officer", by="tocsin", at=WALL)
    with pytest.raises(StateError, match=words):
        give_post("bob", "a password", title="Duty", role=role, by="tocsin", at=WALL)
    assert not User.objects.filter(username="bob").exists()
