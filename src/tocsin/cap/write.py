"""Write an alert as the bytes of a CAP 1.2 file: the same alert always gives the same bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tocsin.cap.catalogue import errors, listed
from tocsin.cap.message import NAMESPACE, SEQUENCE, Alert
from tocsin.cap.validate import validate
from tocsin.cap.values import (
    write_circle,
    write_items,
    write_number,
    write_polygon,
    write_references,
    write_time,
)
from tocsin.errors import CapError

__all__ = ["write"]

_WRITERS: Mapping[str, Callable[[Any], str]] = {
    "text": str,
    "code": str,
    "token": str,
    "integer": str,
    "time": write_time,
    "decimal": write_number,
    "polygon": write_polygon,
    "circle": write_circle,
    "items": write_items,
    "references": write_references,
}
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})


def write(alert: Alert) -> bytes:
    """Return the alert as UTF-8 XML, unsigned.

    Parameters
    ----------
    alert : Alert
        The message; each time is written with the offset it carries.

    Returns
    -------
    bytes
        The file, ending in a newline. ``parse(write(alert)).alert == alert``.

    Raises
    ------
    CapError
        The alert breaks rules of severity "error"; the message lists them all.
    """
    if wrong := errors(validate(alert)):
        raise CapError(f"this alert must not be written: {len(wrong)} error(s)\n{listed(wrong)}")
    head = f'<?xml version="1.0" encoding="UTF-8"?>\n<alert xmlns="{NAMESPACE}">\n'
    return (head + "".join(_lines(alert, "  ")) + "</alert>\n").encode("utf-8")


def _lines(part: object, indent: str) -> Iterator[str]:
    for row in SEQUENCE[type(part)]:
        value = getattr(part, row.name)
        if value is None or (value == () and not row.many):
            continue
        for one in value if row.many else (value,):
            if row.kind == "part":
                yield f"{indent}<{row.element}>\n"
                yield from _lines(one, indent + "  ")
                yield f"{indent}</{row.element}>\n"
            else:
                text = _WRITERS[row.kind](one).translate(_ESCAPES)
                yield f"{indent}<{row.element}>{text}</{row.element}>\n"
