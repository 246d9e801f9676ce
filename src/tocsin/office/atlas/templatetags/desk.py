"""What stands around every page of the desk: ``{% desk_frame as frame %}``."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from django import template
from django.template import Context
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tocsin.office.audit.labels import verb_word
from tocsin.office.warnings_desk.note_words import told
from tocsin.office.watch.asked import Period
from tocsin.office.watch.labels import Shown
from tocsin.triggers.scores import Interval

from .. import cards, wording
from ..desk_episodes import facts_of
from ..desk_map import area_short_names
from ..desk_queries import feed_is_late
from ..queries import standing
from ..wording import REASONS, said

register = template.Library()
register.filter(verb_word)
register.filter(told)

# group, entries of (address, words); in the order of the way of the data
_MENU = (
    ("", (("desk:now", _("Now")),)),
    (
        _("Watch"),
        (
            ("watch:series", _("Series")),
            ("occurrences:list", _("Earthquakes and fires")),
            ("watch:feeds", _("Feeds")),
            ("desk:rules", _("Rules")),
        ),
    ),
    (
        _("Warn"),
        (
            ("desk:warnings", _("Warnings")),
            ("warnings_desk:list", _("Drafts")),
            ("delivery:list", _("Delivery")),
            ("subscribers:list", _("Subscribers")),
            ("received:list", _("Received warnings")),
            ("timing:period", _("Timing")),
        ),
    ),
    (
        _("Account"),
        (
            ("desk:right", _("Were we right")),
            ("watch:events", _("What happened")),
            ("desk:audit", _("Audit trail")),
        ),
    ),
)


_OF_RULES = frozenset(
    f"desk:{page}"
    for page in (
        "rule", "try", "change-rule", "copy-rule", "version", "proposals", "proposal",
        "edit-proposal", "try-proposal",
    )
)  # fmt: skip


@register.simple_tag(takes_context=True)
def desk_frame(context: Context) -> dict[str, Any]:
    """Return the menu with its counts, and whether feeds and ledger are well."""
    request, region, at = context["request"], context["region"], context["now_at"]
    facts = facts_of(request)
    in_force = [one for one in facts.episodes if one.at(at)]
    late = [] if region.is_replay else [feed for feed in facts.feeds if feed_is_late(feed, at)]
    badges = {
        "desk:warnings": len(in_force),
        "watch:feeds": len(late),
        "warnings_desk:list": facts.drafts,
    }
    here = request.resolver_match.view_name if request.resolver_match else ""
    here = "desk:rules" if here in _OF_RULES else here
    here = "occurrences:list" if here.startswith("occurrences:") else here
    here = "warnings_desk:list" if here.startswith("warnings_desk:") else here
    here = "delivery:list" if here.startswith("delivery:") else here
    return {
        "menu": [
            (
                group,
                [
                    {"name": name, "words": words, "count": badges.get(name), "is_on": name == here}
                    for name, words in entries
                ],
            )
            for group, entries in _MENU
        ],
        "in_force": in_force,
        "highest": max((one.at(at).level for one in in_force), default=0),  # type: ignore[union-attr]
        "feeds": facts.feeds,
        "late": late,
        "faults": sum(feed.fault_count for feed in facts.feeds),
        "ledger": facts.ledger,
    }


@register.simple_tag
def shown(value: float | None, decimals: int = 1) -> str:
    """Return a number as a table prints it: a true minus sign, a dash for none."""
    if value is None:
        return "–"
    return f"{value:,.{decimals}f}".replace("-", "\u2212")


@register.filter
def share(score: Interval) -> str:
    """Return a score in percent with its interval: ``83 % (71–92)``, a dash where not known."""
    if math.isnan(score.value):
        return "–"
    if math.isnan(score.low):
        return f"{score.value:.0%}"
    return f"{score.value:.0%} ({100 * score.low:.0f}–{100 * score.high:.0f})"


@register.filter
def percent(number: float) -> str:
    """Return a share in percent with a true minus sign, a dash where it is not known."""
    return "–" if math.isnan(number) else f"{100 * number:.0f} %".replace("-", "\u2212")


@register.filter
def at_key(mapping: dict[str, Any], key: str) -> Any:
    """Return what a mapping holds for a key known only to the template."""
    return mapping.get(key, "")


@register.filter
def hazard_word(hazard: str) -> str:
    """Return a hazard's name in the language of the page."""
    return wording.hazard_word(hazard)


@register.filter
def facility_count(count: int, kind: str) -> str:
    """Return "3 airports" in the language of the page."""
    return cards.facility_count(kind, count)


@register.filter
def reason_word(reason: str) -> str:
    """Return in a word what a message did to its warning."""
    return str(REASONS.get(reason, reason))


@register.simple_tag(takes_context=True)
def page_link(context: Context, number: int) -> str:
    """Return the address of this list's page ``number`` with the same filters."""
    query = context["request"].GET.copy()
    query["page"] = str(number)
    return f"?{query.urlencode()}"


@register.simple_tag(takes_context=True)
def with_query(context: Context, name: str, value: str) -> str:
    """Return the address of this very page with one choice changed and the first page."""
    query = context["request"].GET.copy()
    query.pop("page", None)
    query[name] = value
    return f"?{query.urlencode()}"


@register.filter
def days_off(at: datetime, days: int) -> str:
    """Return the moment so many days away, as an address carries it."""
    return f"{(at + timedelta(days=days)).astimezone(UTC):%Y-%m-%dT%H:%MZ}"


@register.simple_tag
def shown_by(how: Shown, stored: float | None) -> str:
    """Return a stored value in the unit and with the decimals of ``how``."""
    return shown(how.of(stored), how.decimals)


@register.simple_tag(takes_context=True)
def period_link(context: Context, period: Period) -> str:
    """Return the address of this page over another period."""
    query = context["request"].GET.copy()
    query.pop("page", None)
    query["from"], query["to"] = days_off(period.start, 0), days_off(period.end, 0)
    return f"?{query.urlencode()}"


@register.simple_tag(takes_context=True)
def warning_href(context: Context, slug: str, start: datetime) -> str:
    """Return a warning's public page; of one the public does not see yet, its hour on the desk."""
    if start <= context["now_at"]:
        return reverse("atlas:warning", args=[slug])
    return f"{reverse('desk:now')}?at={days_off(start, 0)}"


@register.simple_tag(takes_context=True)
def short_names(context: Context, codes: Iterable[str]) -> str:
    """Return areas by their short names, parted by commas."""
    areas = standing(context["region"]).areas
    short = area_short_names(
        {code: said(area.names) for code, area in areas.items() if area.is_leaf}
    )
    return gettext(", ").join(short.get(code, code) for code in codes)
