"""Notices are claimed, sent once, given up in the end; terms run out and contacts are erased."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt, AccessLog
from django.db import IntegrityError, connection, transaction

from tests.office.factories import NOW
from tocsin.errors import NotAllowedError, StateError
from tocsin.office.audit.models import Entry
from tocsin.office.subscribers.models import Cell, Notice, RateMark, Subscription
from tocsin.office.subscribers.services import (
    address_of,
    disable,
    due_notices,
    enable,
    mark_notice_failed,
    mark_notice_sent,
    purge,
)
from tocsin.office.subscribers.services.residents import renew
from tocsin.office.subscribers.services.wishes import ask_to_confirm

from .make import make_subscription, make_tree

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _tree(region: Any) -> None:
    make_tree()


def pending(region: Any, **changed: Any) -> Subscription:
    row = make_subscription(region, confirmed=False, **changed)
    ask_to_confirm(row, NOW)
    return row


def state(row: Subscription) -> str:
    row.refresh_from_db()
    return row.state


def test_a_notice_is_handed_out_once_and_again_if_its_worker_died(region: Any) -> None:
    row = pending(region)
    (notice,) = due_notices(NOW)
    assert (notice.subscription_id, notice.channel, notice.language) == (row.pk, "email", "en")
    assert "example.org" not in notice.text
    assert due_notices(NOW) == []
    assert [one.notice_id for one in due_notices(NOW + timedelta(minutes=5))] == [notice.notice_id]
    mark_notice_sent(notice.notice_id, NOW)
    assert due_notices(NOW + DAY) == []


def test_a_notice_that_fails_waits_longer_each_time_and_is_given_up(region: Any) -> None:
    pending(region)
    at, waits = NOW, []
    while found := due_notices(at):
        mark_notice_failed(found[0].notice_id, at)
        due = Notice.objects.get().due_at
        waits.append((due - at).total_seconds() / 60)
        at = due
    assert waits == [2, 4, 8, 16, 32, 64, 128, 256]
    assert Notice.objects.get().given_up_at == at


def test_a_notice_nobody_wants_any_more_is_not_sent(region: Any) -> None:
    row = pending(region)
    Subscription.objects.filter(pk=row.pk).update(state="confirmed")
    assert due_notices(NOW) == []
    assert Notice.objects.get().given_up_at == NOW


def test_a_text_message_is_short_and_in_its_language(region: Any) -> None:
    pending(region, channel="sms", address="+1 212 555 0100", language="zh-Hans")
    (notice,) = due_notices(NOW)
    assert "纽约都会区" in notice.text
    assert "/zh-hans/subscribe/confirm/" in notice.text
    assert len(notice.text) < 160


def test_an_address_is_opened_for_a_purpose_while_it_may_be_sent(region: Any) -> None:
    waiting, standing = pending(region), make_subscription(region)
    assert address_of(waiting.pk, purpose="notice") == "ada@example.org"
    assert address_of(standing.pk, purpose="delivery") == "ada@example.org"
    for key, purpose, words in (
        (waiting.pk, "delivery", "is pending; nothing may be sent"),
        (standing.pk, "statistics", "is no purpose"),
        (0, "delivery", "There is no subscription 0"),
    ):
        with pytest.raises(StateError, match=words):
            address_of(key, purpose=purpose)


def test_who_does_not_confirm_is_forgotten(region: Any) -> None:
    row, other = pending(region), make_subscription(region)
    assert purge(NOW + timedelta(hours=47)).unconfirmed == 0
    assert purge(NOW + timedelta(hours=48)).unconfirmed == 1
    assert not Subscription.objects.filter(pk=row.pk).exists()
    assert not Notice.objects.exists()
    assert state(other) == "confirmed"


def test_a_term_ends_in_erasure_after_one_notice(region: Any) -> None:
    row = make_subscription(region, place=(-73.75, 40.85))
    assert purge(NOW + 334 * DAY).reminded == 0
    assert purge(NOW + 335 * DAY).reminded == 1
    assert purge(NOW + 336 * DAY).reminded == 0
    (notice,) = due_notices(NOW + 336 * DAY)
    assert "To keep them" in notice.text
    done = purge(NOW + 365 * DAY)
    assert (done.expired, done.cells) == (1, 1)
    assert state(row) == "expired"
    assert (bytes(row.address), row.areas.count(), row.place, row.expires_at) == (
        b"",
        0,
        None,
        None,
    )
    assert not Cell.objects.exists()
    assert sum(vars_of(purge(NOW + 365 * DAY))) == 0


def vars_of(done: Any) -> list[int]:
    return [getattr(done, name) for name in done.__slots__]


def test_a_renewed_term_is_reminded_of_again(region: Any) -> None:
    row = make_subscription(region)
    assert purge(NOW + 340 * DAY).reminded == 1
    renew(row, NOW + 341 * DAY)
    assert purge(NOW + 365 * DAY).expired == 0
    assert purge(NOW + 341 * DAY + 335 * DAY).reminded == 1


def test_what_was_switched_off_by_delivery(region: Any) -> None:
    resident = make_subscription(region)
    school = make_subscription(region, kind="organisation")
    for row in (resident, school):
        disable(row.pk, "the mailbox does not exist", by="tocsin", at=NOW)
        disable(row.pk, "once more", by="tocsin", at=NOW)
    assert state(resident) == "disabled"
    assert resident.reason == "the mailbox does not exist"
    assert purge(NOW + 29 * DAY).expired == 0
    assert purge(NOW + 30 * DAY).expired == 1
    assert (state(resident), state(school)) == ("expired", "disabled")
    assert Entry.objects.filter(verb="disable_subscription").count() == 2
    assert "example.org" not in repr(list(Entry.objects.values()))
    with pytest.raises(NotAllowedError):
        enable(school.pk, by="nobody", at=NOW)
    enable(school.pk, by="tocsin", at=NOW)
    assert state(school) == "confirmed"
    with pytest.raises(StateError, match="only a disabled one"):
        enable(resident.pk, by="tocsin", at=NOW)


def test_records_of_signing_in_and_marks_end(region: Any) -> None:
    for days in (29, 31):
        for model in (AccessAttempt, AccessLog):
            failed = {"failures_since_start": 1} if model is AccessAttempt else {}
            one = model.objects.create(username=f"ada{days}", ip_address="192.0.2.1", **failed)
            model.objects.filter(pk=one.pk).update(attempt_time=NOW - days * DAY)
    for days in (0, 1, 2):
        RateMark.objects.create(mark=b"m" * 16, day=(NOW - days * DAY).date())
    done = purge(NOW)
    assert (done.sign_in_records, done.marks) == (2, 1)
    assert Entry.objects.get(verb="purge").detail == {"sign_in_records": 2, "marks": 1}
    assert (AccessAttempt.objects.count(), RateMark.objects.count()) == (1, 2)


@pytest.mark.parametrize(
    "wrong", [{"state": "unsubscribed"}, {"name": "Ada Lovelace"}], ids=["erased", "unnamed"]
)
def test_the_database_itself_refuses(region: Any, wrong: dict[str, str]) -> None:
    row = make_subscription(region)
    with pytest.raises(IntegrityError), transaction.atomic():
        Subscription.objects.filter(pk=row.pk).update(**wrong)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="how SQLite frees space")
def test_what_sqlite_frees_is_zeroed(region: Any, tmp_path: Any) -> None:
    make_subscription(region)
    purge(NOW + 366 * DAY)
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA secure_delete")
        assert cursor.fetchone() == (1,)
    assert sqlite3.sqlite_version_info >= (3, 6, 22)
