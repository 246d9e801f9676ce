"""Who may do what: role x verb, decided in one place, without a database."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["ALLOWED", "MACHINE", "ROLES", "may"]

ROLES = frozenset({"duty_officer", "approver", "inspector", "storekeeper"})

MACHINE = "tocsin"
"""The actor of everything the program does by itself."""

ALLOWED: dict[str, frozenset[str]] = {
    "see_desk": frozenset({"duty_officer", "approver"}),
    "set_clock": frozenset({"duty_officer"}),
}


def may(verb: str, roles: Iterable[str]) -> bool:
    """Whether any of ``roles`` may do ``verb``; an unknown verb is allowed to nobody."""
    return not ALLOWED.get(verb, frozenset()).isdisjoint(roles)
