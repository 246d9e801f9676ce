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
    "write_draft": frozenset({"duty_officer", "approver"}),
    "approve_draft": frozenset({"approver"}),
    "issue_draft": frozenset({"duty_officer", "approver"}),
    "propose_rule": frozenset({"duty_officer", "approver"}),
    "approve_rule": frozenset({"approver"}),
    "record_event": frozenset({"duty_officer", "approver"}),
    "review_held": frozenset({"duty_officer", "approver"}),
    "manage_subscribers": frozenset({"duty_officer"}),
    "resend": frozenset({"duty_officer", "approver"}),
    "manage_sources": frozenset({"duty_officer"}),
}


def may(verb: str, roles: Iterable[str]) -> bool:
    """Whether any of ``roles`` may do ``verb``; an unknown verb is allowed to nobody."""
    return not ALLOWED.get(verb, frozenset()).isdisjoint(roles)
