"""What composer and review page show, gathered once for the page and its fragments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, get_args
from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tocsin.cap.labels import label
from tocsin.office.people.models import User
from tocsin.office.places.models import Area, Facility, Region, Settlement, Station
from tocsin.triggers.rules import LEVELS, say

from . import drafts, preview
from .content import Category, DraftContent, ResponseType, read_content
from .forms import Form, values_of
from .models import Approval, Draft, Message
from .services import Desk
from .texts import hazard_texts

__all__ = [
    "Points",
    "area_names",
    "composer",
    "field_names",
    "points_of",
    "previewed",
    "standing_of",
]

MOST_PLACES = 400
CHOICES = {
    "urgency": ("Immediate", "Expected", "Future", "Past", "Unknown"),
    "severity": ("Extreme", "Severe", "Moderate", "Minor", "Unknown"),
    "certainty": ("Observed", "Likely", "Possible", "Unlikely", "Unknown"),
}


@dataclass(frozen=True, slots=True)
class Points:
    """Places a circle can be drawn around."""

    at: Mapping[str, tuple[float, float]]
    groups: list[tuple[str, list[tuple[str, str]]]]


def points_of() -> Points:
    """Return towns, stations and facilities with their coordinates."""
    language = get_language() or "en"
    at: dict[str, tuple[float, float]] = {}
    groups = []
    for words, letter, rows in (
        (_("Towns"), "t", Settlement.objects.all()[:MOST_PLACES]),
        (_("Facilities"), "f", Facility.objects.all()[:MOST_PLACES]),
        (_("Stations"), "s", Station.objects.all()[:MOST_PLACES]),
    ):
        named = []
        for one in rows:
            at[f"{letter}:{one.code}"] = (one.lat, one.lon)
            named.append((f"{letter}:{one.code}", say(one.names, language)))
        if named:
            groups.append((words, sorted(named, key=lambda pair: pair[1])))
    return Points(at, groups)


def composer(
    draft: Draft, region: Region, user: User, *, form: Form | None = None, at: datetime
) -> dict[str, Any]:
    """Return what the composer shows; ``form`` is what came back with errors."""
    language = get_language() or "en"
    content = read_content(draft.content)
    values = form.values if form else values_of(content, region.zone)
    shown = form.content if form and form.content else content
    desk = Desk.here(region)
    return {
        "draft": draft,
        "values": values,
        "errors": form.errors if form else {},
        "areas": _areas(values, language),
        "points": points_of(),
        "texts": [_texts(values, code, language) for code in region.languages],
        "hazards": _hazards(content.hazard, language),
        "levels": list(reversed(LEVELS))[: len(LEVELS)],
        "choices": {
            name: [(code, label(name, code, language)) for code in codes]
            for name, codes in CHOICES.items()
        },
        "categories": [(c, label("category", c, language)) for c in get_args(Category)],
        "responses": [(c, label("responseType", c, language)) for c in get_args(ResponseType)],
        "may": drafts.what_may(draft, user),
        "is_drill": values.get("drill") and not region.is_replay,
        **previewed(draft, shown, desk, at=at),
    }


def previewed(draft: Draft, content: DraftContent, desk: Desk, *, at: datetime) -> dict[str, Any]:
    """Return every channel's view of a content."""
    examined = drafts.examine(draft, desk, content=content, at=at)
    language = get_language() or "en"
    said = preview.faults_by_field(examined, content, language)
    in_force = Message.objects.public(desk.region).in_force(at).select_related("warning")
    places = {
        code: say(names, language)
        for code, names in Settlement.objects.values_list("code", "names")
    }
    return {
        "draft": draft,
        "content": content,
        "examined": examined,
        "faults": sum(one[0] == "error" for rows in said.values() for one in rows),
        "cards": preview.cards(examined.alert),
        "sms": preview.sms(examined.alert),
        "phones": preview.phones(examined.alert, content),
        "subjects": preview.mail_subject(examined.alert),
        "said": said,
        "expected": examined.expected,
        "whom": preview.whom(content, desk.gazetteer, places),
        "overlaps": preview.overlaps(
            content, desk.gazetteer, in_force.defer("raw"), draft.warning_id
        ),
        "reach_url": _reach(content, desk),
        "names": field_names(content),
    }


def _reach(content: DraftContent, desk: Desk) -> str:
    """Return where the number of subscribers reached is asked for, empty where nobody counts."""
    if not content.blocks:
        return ""
    asked = preview.reach_query(content, desk.gazetteer)
    query = {name: value for name, value in asked.items() if value}
    for name in ("polygons", "circles"):
        if name in query:
            query[name] = (
                str([list(one) for one in query[name]]).replace("(", "[").replace(")", "]")
            )
    try:
        return f"{reverse('delivery:reach')}?{urlencode(query, doseq=True)}"
    except NoReverseMatch:
        return ""


def standing_of(draft: Draft, region: Region, at: datetime) -> dict[str, Any]:
    """Return who has decided what about the present revision, and what is still needed."""
    needed = drafts.persons_needed(draft, region, at)
    decisions = list(draft.approvals.all())
    given: list[Approval] = []
    for one in decisions:
        if one.revision == draft.revision:
            given = [] if one.decision == Approval.SEND_BACK else [*given, one]
    return {
        "needed": needed,
        "approved_by": given,
        "missing": max(0, needed - len({one.user_id for one in given})),
        "decisions": decisions,
    }


def field_names(content: DraftContent) -> dict[str, str]:
    """Return each field of the form with the words that stand above it."""
    parts = {
        "event": _("Event"),
        "headline": _("Headline"),
        "description": _("Description"),
        "instruction": _("What to do"),
    }
    return {
        "hazard": _("Hazard"), "drill": _("Drill"), "level": _("Level"), "areas": _("Where"),
        "shapes": _("Drawn shapes"), "onset": _("Begins"), "expires": _("Ends"),
        "urgency": _("Urgency"), "severity": _("Severity"), "certainty": _("Certainty"),
        "category": _("Category"), "response": _("Response"), "web": _("Web address"),
        "contact": _("Contact"), "CMAMtext": _("Wireless text, short"),
        "CMAMlongtext": _("Wireless text, long"), "circle-place": _("Circle around"),
        "circle-km": _("Radius"),
        **{
            f"text-{language}-{part}": f"{words} ({language})"
            for language in content.texts
            for part, words in parts.items()
        },
    }  # fmt: skip


def area_names() -> dict[str, str]:
    """Return the field of each area with the area's name in the reader's language."""
    language = get_language() or "en"
    return {
        f"area-{code}": next(
            (name for tag, name in names.items() if tag.lower() == language.lower()),
            next(iter(names.values()), code),
        )
        for code, names in Area.objects.values_list("code", "names")
    }


def _areas(values: Mapping[str, Any], language: str) -> list[dict[str, Any]]:
    return [
        {
            "code": area.code,
            "name": say(area.names, language),
            "depth": area.depth - 1,
            "level": values.get(f"area-{area.code}", ""),
        }
        for area in Area.objects.order_by("path")
    ]


def _texts(values: Mapping[str, Any], code: str, language: str) -> dict[str, Any]:
    names = {"en": _("English"), "zh-Hans": _("Simplified Chinese")}
    return {
        "code": code,
        "name": names.get(code, code),
        "parts": [
            (name, f"text-{code}-{name}", words, values.get(f"text-{code}-{name}", ""))
            for name, words in (
                ("event", _("Event")),
                ("headline", _("Headline")),
                ("description", _("Description")),
                ("instruction", _("What to do")),
            )
        ],
    }


def _hazards(own: str, language: str) -> list[tuple[str, str]]:
    known = [(word, say(texts.name, language)) for word, texts in hazard_texts().items()]
    return known if own in dict(known) else [*known, (own, own)]
