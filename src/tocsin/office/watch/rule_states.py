"""The one table of what can be done with a proposal to change a rule: verb x state x role. Pure.

``rule_edits`` obeys it, every button is read from it, the guide prints it, and the tests walk
through all of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

__all__ = [
    "APPROVED", "OPEN", "PROPOSED", "REJECTED", "STATES", "VERBS", "WITHDRAWN", "Verb", "as_table",
]  # fmt: skip

PROPOSED, APPROVED, REJECTED, WITHDRAWN = "proposed", "approved", "rejected", "withdrawn"
STATES = (PROPOSED, APPROVED, REJECTED, WITHDRAWN)
OPEN = (PROPOSED, REJECTED)
"""States out of which a proposal can still become a version."""


@dataclass(frozen=True, slots=True)
class Verb:
    """One verb: the permission it takes, where it starts from and where it leads."""

    permission: str
    """A verb of ``people.rules.ALLOWED``."""
    before: tuple[str, ...]
    after: str
    own: bool | None
    """True: only by whoever proposed it. False: by nobody who wrote any of it. None: by all."""
    remark: str


VERBS: Mapping[str, Verb] = MappingProxyType(
    {
        "save": Verb("propose_rule", OPEN, PROPOSED, None, "a rejected one is proposed again"),
        "approve": Verb(
            "approve_rule", (PROPOSED,), APPROVED, False,
            "by nobody who wrote any of it; it becomes a version",
        ),
        "reject": Verb("approve_rule", (PROPOSED,), REJECTED, None, "with a reason"),
        "withdraw": Verb("propose_rule", OPEN, WITHDRAWN, True, "by whoever proposed it; kept"),
    }
)  # fmt: skip


def as_table() -> str:
    """Return the table as the guide prints it, in Markdown."""
    rows = ["| verb | in state | leads to | remark |", "| --- | --- | --- | --- |"]
    rows += [
        f"| {name} | {', '.join(verb.before)} | {verb.after} | {verb.remark} |"
        for name, verb in VERBS.items()
    ]
    return "\n".join(rows)
