"""The one table of what can be done with a draft: verb x state x role. Pure.

``drafts`` obeys it, ``what_may`` and so every button is read from it, the guide prints it, and the
tests walk through all of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

__all__ = [
    "APPROVED", "DRAFT", "ISSUED", "STATES", "SUBMITTED", "VERBS", "WITHDRAWN", "Verb", "as_table",
]  # fmt: skip

DRAFT, SUBMITTED, APPROVED, ISSUED, WITHDRAWN = (
    "draft",
    "submitted",
    "approved",
    "issued",
    "withdrawn",
)
STATES = (DRAFT, SUBMITTED, APPROVED, ISSUED, WITHDRAWN)
_OPEN = (DRAFT, SUBMITTED, APPROVED)


@dataclass(frozen=True, slots=True)
class Verb:
    """One verb: the permission it takes, where it starts from and where it leads."""

    permission: str
    """A verb of ``people.rules.ALLOWED``."""
    before: tuple[str, ...]
    after: str
    """Of ``submit`` and ``approve`` the least: approved as soon as the policy is content."""
    remark: str = ""


VERBS: Mapping[str, Verb] = MappingProxyType(
    {
        "save": Verb("write_draft", _OPEN, DRAFT, "what was approved before no longer counts"),
        "submit": Verb("write_draft", (DRAFT,), SUBMITTED, "approved at once by a policy of auto"),
        "approve": Verb(
            "approve_draft", (SUBMITTED,), SUBMITTED, "approved when enough persons have"
        ),
        "send_back": Verb("approve_draft", (SUBMITTED, APPROVED), DRAFT, "with a remark"),
        "withdraw": Verb("write_draft", _OPEN, WITHDRAWN, "kept, and never issued"),
        "issue": Verb("issue_draft", (APPROVED,), ISSUED, "exactly one message"),
        "copy": Verb("write_draft", STATES, DRAFT, "a new draft; this one stays as it is"),
    }
)


def as_table() -> str:
    """Return the table as the guide prints it, in Markdown."""
    rows = ["| verb | in state | leads to | remark |", "| --- | --- | --- | --- |"]
    rows += [
        f"| {name.replace('_', ' ')} | {', '.join(verb.before)} | {verb.after} | {verb.remark} |"
        for name, verb in VERBS.items()
    ]
    return "\n".join(rows)
