"""Who had a part in a warning, and what then came of it: rows beside the moments of ``timing``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from tocsin.office.warnings_desk.models import Draft, Message
from tocsin.office.watch.models import Event
from tocsin.triggers.rules import Level
from tocsin.triggers.verification import Event as Happened
from tocsin.triggers.verification import match

from .desk_episodes import Episode
from .right import warned_of

__all__ = ["Report", "drafts_of", "reports_of"]


@dataclass(frozen=True, slots=True)
class Report:
    """An event that somebody reported in an area of the warning, while it stood there."""

    event: Event
    lead: timedelta
    """How long before the event that area was warned; negative when the event came first."""

    @property
    def is_before(self) -> bool:
        """Whether the warning came before the event, or with it."""
        return self.lead >= timedelta(0)

    @property
    def apart(self) -> timedelta:
        """The time between them, whichever came first."""
        return abs(self.lead)


def drafts_of(messages: Iterable[Message]) -> dict[int, Draft]:
    """Return the drafts that became ``messages``, by the message's number, with their decisions.

    A message that the rules issued by themselves has none.
    """
    found = Draft.objects.filter(message__in=messages).select_related("message")
    return {
        draft.message.number: draft
        for draft in found.prefetch_related("approvals").defer("message__raw", "content")
        if draft.message is not None
    }


def reports_of(episode: Episode | None) -> list[Report]:
    """Return what was reported of a warning's hazard and areas while it stood, oldest first.

    Joined as on the page "Were we right": same hazard, same area, and times that meet. A drill has
    no episode in the public ledger, and nothing is held against it.
    """
    if episode is None:
        return []
    events = Event.objects.filter(
        withdrawn_at=None,
        hazard=episode.hazard,
        area__code__in=episode.areas,
        first_at__lte=episode.end,
        last_at__gte=episode.start,
    ).select_related("area")
    warned = warned_of([episode])
    rows = []
    for one in events.order_by("first_at", "pk"):
        event = Happened(one.hazard, one.area.code, one.first_at, one.last_at, Level(one.level))
        (found,) = match([event], warned, any_level=True).matches
        if found.lead is not None:
            rows.append(Report(one, found.lead))
    return rows
