"""Which tables of the desk the database itself keeps from being altered, and who may let go.

Rows are let go for one purpose: a replay that starts over. ``services.start_over`` writes a row of
``Emptying`` and takes it away in one transaction; the database refuses that row while any region is
live, lets go of no message that is Actual, and lets no live region become a replay.
"""

from __future__ import annotations

from tocsin.office.audit.append_only import Guard, Refusal, append_only

__all__ = ["GUARDS"]

_NO_REPLAY = (
    "EXISTS (SELECT 1 FROM places_region WHERE NOT is_replay) "
    "OR NOT EXISTS (SELECT 1 FROM places_region)"
)
_EMPTYING = (
    "EXISTS (SELECT 1 FROM warnings_desk_emptying) AND EXISTS (SELECT 1 FROM places_region) "
    "AND NOT EXISTS (SELECT 1 FROM places_region WHERE NOT is_replay)"
)

GUARDS = (
    append_only(
        "warnings_desk_message",
        "A message of the ledger",
        unique=("id", "number", "identifier"),
        let_go=f"OLD.status <> 'Actual' AND {_EMPTYING}",
    ),
    append_only("warnings_desk_draftrevision", "A revision of a draft", let_go=_EMPTYING),
    append_only("warnings_desk_approval", "An approval", let_go=_EMPTYING),
    Guard(
        "warnings_desk_emptying",
        (Refusal("no_live", "INSERT", "The ledger of a live region is never emptied", _NO_REPLAY),),
    ),
    Guard(
        "places_region",
        (
            Refusal(
                "no_turning",
                "UPDATE",
                "A live region never becomes a replay",
                "NEW.is_replay AND NOT OLD.is_replay",
            ),
        ),
    ),
)
