"""Faults that the warning composers of today have, each tried on ours.

The library's part is in ``tests/cap/test_known_faults.py``; delivery's with its channels.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from tocsin import cap
from tocsin.errors import SigningError
from tocsin.office.places import current
from tocsin.office.places.models import Region
from tocsin.office.warnings_desk import drafts
from tocsin.office.warnings_desk.models import Message

from . import drafting
from .drafting import NOW, approved, go_on, issued

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def office(db):
    return drafting.make_office()


@pytest.fixture
def stand(monkeypatch):
    """Let the public pages stand at an hour."""
    return lambda at: monkeypatch.setattr(current.timezone, "now", lambda: at)


def file_of(message):
    return f"/cap/{message.identifier}.xml"


def test_a_draft_cannot_be_fetched_by_anyone_who_has_its_identifier(client, office, stand):
    stand(NOW)
    one = approved(office)
    desk = drafts.Desk.here(office.region)
    identifier = drafts.examine(one, desk, at=NOW).alert.identifier
    assert client.get(f"/cap/{identifier}.xml").status_code == 404
    message = drafts.issue_draft(one, by=office.duty, at=NOW)
    assert message.identifier == identifier
    assert client.get(f"/cap/{identifier}.xml").status_code == 200


def test_a_signing_failure_is_not_swallowed(office):
    Region.objects.update(is_signed=True)
    one = approved(office)
    with pytest.raises(SigningError, match="Nothing was issued"):
        drafts.issue_draft(one, by=office.duty, at=NOW)
    assert not Message.objects.exists()


def test_the_bytes_served_are_those_of_the_ledger_each_time(client, office, stand):
    message = issued(office)
    for hours in (0, 5, 500):
        stand(NOW + hours * HOUR)
        assert client.get(file_of(message)).content == bytes(message.raw)


def test_the_predecessor_of_an_update_is_no_longer_in_force(office):
    first = issued(office)
    second = go_on(office, first, "upgrade", hours=2)
    assert list(Message.objects.in_force(NOW + 2 * HOUR)) == [second]


def test_a_cancel_takes_the_warning_off_the_home_page(client, office, stand):
    first = issued(office)
    stand(NOW)
    assert "Dangerous heat this afternoon" in client.get("/").content.decode()
    go_on(office, first, "cancel", hours=2)
    stand(NOW + 2 * HOUR)
    assert "Dangerous heat this afternoon" not in client.get("/").content.decode()


def test_sent_does_not_move_after_publishing(office):
    first = issued(office)
    go_on(office, first, "extend", hours=2)
    first.refresh_from_db()
    assert first.sent_at == cap.parse(bytes(first.raw)).alert.sent == NOW


def test_an_alert_that_expired_stays_in_the_history(client, office, stand):
    message = issued(office)
    stand(NOW + timedelta(days=400))
    assert message.warning.slug in client.get("/warnings/").content.decode()
    assert client.get(message.warning.get_absolute_url()).status_code == 200


def test_what_was_known_at_any_time_can_be_reconstructed(office):
    first = issued(office)
    second = go_on(office, first, "upgrade", hours=2)
    over = go_on(office, second, "all_clear", hours=4)
    told = [list(Message.objects.latest_of_each(NOW + hours * HOUR)) for hours in (-1, 0, 1, 2, 4)]
    assert told == [[], [first], [first], [second], [over]]
