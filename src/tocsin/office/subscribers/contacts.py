"""Sealing contact details: Fernet (AES-128-CBC, HMAC-SHA256) with keys that can be changed.

The keys are ``TOCSIN_CONTACT_KEYS`` (newest first, separated by commas) or, without it, the file
``contact-keys`` in the data folder, made once, a key a line, newest first. New seals use the first
key; all of them open. ``tocsin privacy rotate-keys`` puts a new one in front.

What is sealed names the row it was sealed for and is padded: a seal copied to another row does not
open there, and its length does not tell the length of an address.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from functools import lru_cache
from pathlib import Path
from uuid import UUID

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from tocsin.errors import StateError
from tocsin.office.secret_files import made_once, replace

__all__ = ["add_key", "drop_old_keys", "key_count", "keyed_mark", "opened", "reseal", "sealed"]

ENVIRONMENT = "TOCSIN_CONTACT_KEYS"
PADDED_TO = 128


def sealed(text: str, row: UUID) -> bytes:
    """Return ``text`` sealed for ``row``; the empty text stays empty."""
    if not text:
        return b""
    inside = json.dumps({"row": row.hex, "text": text}).encode()
    padded = inside + b" " * (-len(inside) % PADDED_TO)
    return _fernet(_keys()).encrypt(padded)


def opened(seal: bytes | memoryview, row: UUID) -> str:
    """Return what was sealed for ``row``.

    Raises
    ------
    StateError
        No key opens it, or it was sealed for another row; never says what is inside.
    """
    try:
        inside = json.loads(_fernet(_keys()).decrypt(bytes(seal)))
    except InvalidToken:
        raise StateError(
            f"The contact of subscription {row} opens with none of the {key_count()} keys of this "
            f"office; put the key it was sealed with back into {ENVIRONMENT} or {_file()}."
        ) from None
    if inside["row"] != row.hex:
        raise StateError(f"The contact of subscription {row} was sealed for another row.")
    text: str = inside["text"]
    return text


def reseal(seal: bytes | memoryview) -> bytes:
    """Return a seal made with the newest key; one that has it already is returned as it is."""
    if not seal:
        return b""
    newest = _fernet(_keys()[:1])
    try:
        newest.decrypt(bytes(seal))
    except InvalidToken:
        return _fernet(_keys()).rotate(bytes(seal))
    return bytes(seal)


def keyed_mark(what: str, value: str, day: str) -> bytes:
    """Return a mark of ``value`` that only this office can make, and another one each day."""
    key = hashlib.sha256(b"tocsin rate mark\0" + _keys()[-1]).digest()
    return hmac.digest(key, f"{what}\0{day}\0{value}".encode(), "sha256")[:16]


def key_count() -> int:
    """Return how many keys there are."""
    return len(_keys())


def add_key() -> bool:
    """Put a new key before those in the file; false where the environment holds the keys."""
    if os.environ.get(ENVIRONMENT):
        return False
    replace(_file(), _lines((Fernet.generate_key(), *_keys())))
    return True


def drop_old_keys() -> bool:
    """Leave only the newest key in the file; false where the environment holds the keys."""
    if os.environ.get(ENVIRONMENT):
        return False
    replace(_file(), _lines(_keys()[:1]))
    return True


def _file() -> Path:
    return Path(settings.DATA) / "contact-keys"


def _keys() -> tuple[bytes, ...]:
    """Return the keys, newest first; a file that another process changed is read again."""
    if given := os.environ.get(ENVIRONMENT):
        return _read(given.replace(",", "\n"), ENVIRONMENT)
    file = _file()
    if not file.exists():
        made_once(file, lambda: _lines((Fernet.generate_key(),)))
    found = file.stat()
    return _from_file(str(file), found.st_mtime_ns, found.st_ino)


@lru_cache(maxsize=2)
def _from_file(file: str, _changed: int, _inode: int) -> tuple[bytes, ...]:
    return _read(Path(file).read_text(), file)


@lru_cache(maxsize=2)
def _read(text: str, source: str) -> tuple[bytes, ...]:
    keys = tuple(line.strip().encode() for line in text.splitlines() if line.strip())
    for number, key in enumerate(keys, 1):
        try:
            Fernet(key)
        except ValueError:
            raise StateError(
                f"Key {number} of {source} is not a Fernet key: it takes 32 bytes in URL-safe "
                f"base64, 44 characters, and has {len(key)}."
            ) from None
    if not keys:
        raise StateError(f"{source} holds no key; without its keys no contact can be opened.")
    return keys


@lru_cache(maxsize=4)
def _fernet(keys: tuple[bytes, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def _lines(keys: tuple[bytes, ...]) -> bytes:
    return b"\n".join(keys) + b"\n"
