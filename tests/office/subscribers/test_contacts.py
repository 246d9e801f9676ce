"""Sealed contacts: what lies in the database, changed keys, and what cannot be opened."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet

from tocsin.errors import StateError
from tocsin.office.subscribers import contacts
from tocsin.office.subscribers.services.rotating import finish_rotation, rotate

from .make import address, make_subscription, make_tree

ROW = uuid.UUID(int=7)


@pytest.fixture(autouse=True)
def _own_keys(settings: Any, tmp_path: Path) -> None:
    settings.DATA = tmp_path


def test_a_seal_opens_and_shows_neither_text_nor_length() -> None:
    short, long = contacts.sealed("a@b.org", ROW), contacts.sealed("ada.lovelace@example.org", ROW)
    assert contacts.opened(short, ROW) == "a@b.org"
    assert len(short) == len(long)
    assert b"a@b" not in short
    assert contacts.sealed("a@b.org", ROW) != short
    assert contacts.sealed("", ROW) == b""


def test_a_seal_moved_to_another_row_does_not_open() -> None:
    seal = contacts.sealed("a@b.org", ROW)
    with pytest.raises(StateError, match="sealed for another row"):
        contacts.opened(seal, uuid.UUID(int=8))


def test_the_key_is_made_once_and_only_the_office_reads_it(tmp_path: Path) -> None:
    contacts.sealed("x", ROW)
    file = tmp_path / "contact-keys"
    before = file.read_text()
    contacts.sealed("y", ROW)
    assert file.read_text() == before
    assert file.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["contact-keys"]


def test_without_its_key_a_contact_is_refused_and_not_quoted(tmp_path: Path) -> None:
    seal = contacts.sealed("a@b.org", ROW)
    (tmp_path / "contact-keys").unlink()
    with pytest.raises(StateError, match="opens with none of the 1 keys") as caught:
        contacts.opened(seal, ROW)
    assert "a@b.org" not in str(caught.value)


@pytest.mark.parametrize(("given", "words"), [("short", "has 5"), (" , ", "holds no key")])
def test_keys_that_are_none(monkeypatch: Any, given: str, words: str) -> None:
    monkeypatch.setenv("TOCSIN_CONTACT_KEYS", given)
    with pytest.raises(StateError, match=words):
        contacts.sealed("x", ROW)


@pytest.mark.django_db
def test_rotation_seals_every_contact_anew(region: Any, tmp_path: Path) -> None:
    make_tree()
    rows = [make_subscription(region, address=f"a{n}@example.org") for n in range(5)]
    ended = make_subscription(region)
    type(ended).objects.filter(pk=ended.pk).update(address=b"", state="unsubscribed", place=None)
    old = (tmp_path / "contact-keys").read_text().split()
    assert rotate() == 5
    assert rotate() == 5  # once more: another key in front
    assert (tmp_path / "contact-keys").read_text().split()[-1] == old[0]
    assert finish_rotation() == 0
    (kept,) = (tmp_path / "contact-keys").read_text().split()
    assert kept not in old
    assert [address(row) for row in rows] == [f"a{n}@example.org" for n in range(5)]


@pytest.mark.django_db
def test_finishing_takes_along_what_was_sealed_meanwhile(region: Any, tmp_path: Path) -> None:
    make_tree()
    first = make_subscription(region)
    file = tmp_path / "contact-keys"
    old = file.read_text()
    rotate()
    new = file.read_text()
    file.write_text(old)  # a process that had not seen the new key yet
    late = make_subscription(region, address="late@example.org")
    file.write_text(new)
    assert finish_rotation() == 1
    assert (address(first), address(late)) == ("ada@example.org", "late@example.org")


@pytest.mark.django_db
def test_keys_of_the_environment_are_the_operators(region: Any, monkeypatch: Any) -> None:
    make_tree()
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    monkeypatch.setenv("TOCSIN_CONTACT_KEYS", old)
    row = make_subscription(region)
    monkeypatch.setenv("TOCSIN_CONTACT_KEYS", f"{new},{old}")
    assert rotate() == 1
    monkeypatch.setenv("TOCSIN_CONTACT_KEYS", new)
    assert address(row) == "ada@example.org"
