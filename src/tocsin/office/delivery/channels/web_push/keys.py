"""The VAPID keys: made once, kept in the data folder. Lost, they cost every browser."""

from __future__ import annotations

import base64
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02

from tocsin.office.secret_files import made_once

__all__ = ["public_key", "vapid"]


@lru_cache(maxsize=4)
def vapid(data: Path) -> Vapid02:
    """Return the keys of a data folder; the first process to ask makes them."""
    return Vapid02.from_pem(made_once(data / "vapid-key.pem", _pem))


def _pem() -> bytes:
    made = Vapid02()
    made.generate_keys()
    pem: bytes = made.private_pem()
    return pem


def public_key(data: Path) -> str:
    """Return the public key as a browser wants it: URL-safe base64 without padding."""
    raw = vapid(data).public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
