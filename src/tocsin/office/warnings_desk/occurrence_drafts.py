"""A draft from an earthquake or from hotspots: the areas chosen, the facts in the description."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from tocsin.errors import StateError
from tocsin.office.people.models import User
from tocsin.office.places.models import Region
from tocsin.office.watch.occurrence_models import Occurrence
from tocsin.triggers.rules import Level, say

from .content import DraftContent
from .drafts import start_prepared
from .models import Draft
from .services import Desk
from .texts import opening_by_hand
from .wording import when

__all__ = ["facts_in_words", "start_from_occurrence"]

PHRASES = {
    "earthquake": {
        "en": "Magnitude {size}, {depth} km deep, at {place}, {time} ({source}).",
        "zh-Hans": "{time}在{place}发生{size}级地震，震源深度{depth}千米（{source}）。",
    },
    "depth-unknown": {
        "en": "Magnitude {size}, at {place}, {time} ({source}).",
        "zh-Hans": "{time}在{place}发生{size}级地震（{source}）。",
    },
    "hotspot": {
        "en": "Hotspot seen from space at {place}, {time}, {size} MW ({source}).",
        "zh-Hans": "{time}卫星监测到热点，位于{place}，辐射功率{size}兆瓦（{source}）。",
    },
}
"""What is known, in each language of the program."""


@transaction.atomic
def start_from_occurrence(
    row: Occurrence,
    region: Region,
    codes: Sequence[str],
    level: Level,
    *,
    by: User | str,
    at: datetime,
) -> Draft:
    """Begin a draft of a new warning for areas that an occurrence reaches.

    Raises
    ------
    NotAllowedError
        The post may not write drafts, or not for all of these areas.
    StateError
        Its source took it back, or no area is chosen.
    """
    if row.deleted_at is not None:
        raise StateError(
            _("%(id)s was taken back by its source: there is nothing to warn of.")
            % {"id": row.source_id}
        )
    if not codes:
        raise StateError(_("No area is chosen: choose by intensity or by distance."))
    desk = Desk.here(region)
    content = opening_by_hand(desk, row.hazard, level, at)
    texts: dict[str, Any] = {}
    for language, words in content.texts.items():
        known = facts_in_words(row, language, desk)
        texts[language] = words.model_dump() | {
            "description": f"{known} {words.description}".strip()
        }
    changed = content.as_json() | {
        "blocks": [{"level": level.word, "area_codes": sorted(codes)}],
        "onset": row.time,
        "certainty": "Observed",
        "texts": texts,
    }
    draft = Draft(kind="issue", reason="issue")
    return start_prepared(draft, DraftContent.model_validate(changed), by=by, at=at)


def facts_in_words(row: Occurrence, language: str, desk: Desk) -> str:
    """Return what the source says in one sentence."""
    place = f"{abs(row.lat):.2f}°{'N' if row.lat >= 0 else 'S'} {abs(row.lon):.2f}°" + (
        "E" if row.lon >= 0 else "W"
    )
    is_flat = row.kind == Occurrence.EARTHQUAKE and row.depth_km is None
    return say(PHRASES["depth-unknown" if is_flat else row.kind], language).format(
        size=f"{row.value:.1f}", depth=f"{row.depth_km or 0:.0f}", place=place,
        time=when(row.time.astimezone(desk.sender.zone), language), source=row.feed.source,
    )  # fmt: skip
