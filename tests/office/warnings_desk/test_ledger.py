"""The ledger finds out what was done to it."""

from __future__ import annotations

import hashlib

import pytest

from tocsin.errors import LedgerError
from tocsin.office.warnings_desk.ledger import GENESIS, head, link, verify
from tocsin.office.warnings_desk.models import Message

from ..factories import make_message, make_region, make_rule, make_warning

pytestmark = pytest.mark.django_db


@pytest.fixture
def three_messages():
    make_region()
    warning = make_warning(make_rule())
    previous = GENESIS
    for _ in range(3):
        message = make_message(warning, {"36061": 2})
        message.chain = previous = link(previous, message.sha256)
        message.save(update_fields=["chain"])
    return list(Message.objects.all())


def test_an_empty_ledger_is_whole():
    assert head() == (0, GENESIS)
    assert verify() == 0


def test_a_link_is_the_hash_of_the_link_before_and_of_the_bytes():
    raw = hashlib.sha256(b"message").hexdigest()
    assert link(GENESIS, raw) == hashlib.sha256((GENESIS + raw).encode()).hexdigest()


def test_a_ledger_as_it_was_written_is_whole(three_messages):
    assert verify() == 3
    assert head() == (3, three_messages[-1].chain)


def test_altered_bytes_are_found(three_messages):
    Message.objects.filter(number=2).update(raw=b"<alert/>")
    with pytest.raises(LedgerError, match="Message 2 was altered"):
        verify()


def test_altered_bytes_with_a_fitting_hash_are_found(three_messages):
    sha256 = hashlib.sha256(b"<alert/>").hexdigest()
    Message.objects.filter(number=2).update(raw=b"<alert/>", sha256=sha256)
    with pytest.raises(LedgerError, match="Message 2 is not chained"):
        verify()


def test_a_lost_message_is_found(three_messages):
    Message.objects.filter(number=2).delete()
    with pytest.raises(LedgerError, match="Message 2 is missing"):
        verify()
