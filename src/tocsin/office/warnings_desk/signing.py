"""Signing what is issued: with the office's key, or not at all."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from tocsin.cap.sign import sign
from tocsin.errors import CapError, SigningError
from tocsin.office.places.models import Region

__all__ = ["signed"]


def signed(raw: bytes, region: Region) -> bytes:
    """Return the message with its signature; as it is where the office has no key and needs none.

    A replay is never signed: its messages were sent in a year in which no key of today was valid.

    Raises
    ------
    SigningError
        The region must sign or a key is configured, and there is no good signature.
    """
    key, certificates = settings.SIGNING_KEY, settings.SIGNING_CERTIFICATES
    if region.is_replay or not (key or certificates or region.is_signed):
        return raw
    try:
        return sign(
            raw,
            _read(key, "TOCSIN_SIGNING_KEY"),
            _read(certificates, "TOCSIN_SIGNING_CERTIFICATES"),
        )
    except CapError as error:
        raise SigningError(
            _(
                "The message cannot be signed: %(error)s. Nothing was issued. Look at what "
                "TOCSIN_SIGNING_KEY and TOCSIN_SIGNING_CERTIFICATES point to, then issue again."
            )
            % {"error": error}
        ) from error


def _read(path: str, setting: str) -> bytes:
    if not path:
        raise SigningError(
            _(
                "The message must be signed and %(setting)s is not set. Nothing was issued. "
                "Set it to a PEM file, start Tocsin again, then issue again."
            )
            % {"setting": setting}
        )
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise SigningError(
            _(
                "The message must be signed and %(setting)s = %(path)s cannot be read: "
                "%(error)s. Nothing was issued."
            )
            % {"setting": setting, "path": path, "error": error.strerror}
        ) from error
