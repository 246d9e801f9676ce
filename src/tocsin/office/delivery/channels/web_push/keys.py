"""The VAPID keys: made once, kept in the data folder. Lost, they cost every browser."""

from __future__ import annotations

import base64
import os
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02

__all__ = ["public_key", "vapid"]


@lru_cache(maxsize=4)
def vapid(data: Path) -> Vapid02:
    """Return the keys of a data folder; the first process to ask makes them."""
    kept = data / "vapid-key.pem"
    if not kept.exists():
        made = Vapid02()
        made.generate_keys()
        part = kept.with_name(f".vapid-key.{os.getpid()}")
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as target:
            target.write(made.private_pem())
        try:
            os.link(part, kept)  # the first process wins, whole or not at all
        except FileExistsError:
            pass
        finally:
            part.unlink()
    return Vapid02.from_pem(kept.read_bytes())


def public_key(data: Path) -> str:
    """Return the public key as a browser wants it: URL-safe base64 without padding."""
    raw = vapid(data).public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
