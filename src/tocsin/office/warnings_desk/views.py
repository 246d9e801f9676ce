"""The list of drafts, and every way a draft begins: by hand, from a trigger, from a warning."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from tocsin.errors import DraftError, NotAllowedError, StateError, StorageError
from tocsin.office.people.rules import may
from tocsin.office.places.current import moment
from tocsin.office.places.models import Region
from tocsin.office.watch.access import desk_page
from tocsin.office.watch.asked import Asked
from tocsin.office.watch.models import Trigger
from tocsin.triggers.rules import LEVELS, Level, say

from . import drafts
from .draft_list import open_triggers, rows_of, warnings_in_force
from .models import Draft, Warning
from .openings import KINDS
from .services import Desk
from .states import STATES
from .texts import hazard_texts, opening_by_hand

__all__ = ["copy", "draft_list", "new", "start_by_hand", "start_from_trigger", "start_from_warning"]

ROWS = 40
LONG_AGO = timedelta(days=2)


@never_cache
@require_safe
@desk_page
def draft_list(request: HttpRequest, region: Region) -> HttpResponseBase:
    """List drafts, those that wait for somebody first; below them what is in force."""
    asked, at = Asked(request.GET, region), moment(region)
    state = asked.choice("state", (*STATES, "open", "all"), "open")
    found = Draft.objects.select_related("warning", "message").prefetch_related("approvals")
    if state == "open":
        found = found.filter(state__in=("draft", "submitted", "approved"))
    elif state != "all":
        found = found.filter(state=state)
    if words := asked.text("q"):
        found = found.filter(Q(content__icontains=words) | Q(author__icontains=words))
    page = Paginator(found, ROWS).get_page(asked.text("page") or 1)
    context = {
        "rows": rows_of(page.object_list, region, at),
        "page": page,
        "wanted": {"state": state, "q": words},
        "states": STATES,
        "in_force": warnings_in_force(region, at, get_language() or "en"),
        "kinds": list(KINDS),
        "may_write": may("write_draft", request.desk_roles),  # type: ignore[attr-defined]
        "notes": asked.notes,
    }
    return render(request, "warnings_desk/list.html", context)


@never_cache
@require_safe
@desk_page
def new(request: HttpRequest, region: Region) -> HttpResponseBase:
    """Choose what a draft begins from."""
    at, language = moment(region), get_language() or "en"
    context = {
        "triggers": open_triggers(region, at - LONG_AGO, at),
        "hazards": [(word, say(one.name, language)) for word, one in hazard_texts().items()],
        "levels": list(reversed(LEVELS)),
        "in_force": warnings_in_force(region, at, language),
        "kinds": list(KINDS),
        "may_write": may("write_draft", request.desk_roles),  # type: ignore[attr-defined]
    }
    return render(request, "warnings_desk/new.html", context)


@require_POST
@desk_page
def start_by_hand(request: HttpRequest, region: Region) -> HttpResponseBase:
    """Begin a draft with the words of hazard and level."""
    at = _whole(region)
    hazard = request.POST.get("hazard", "")
    word = request.POST.get("level", "")
    if hazard not in hazard_texts() or word not in {level.word for level in LEVELS}:
        return redirect("warnings_desk:new")
    level = Level.of(word)
    content = opening_by_hand(Desk.here(region), hazard, level, at)
    if "drill" in request.POST:
        content = content.model_copy(update={"status": "Exercise"})
    return _begun(
        request,
        lambda: drafts.start_by_hand(
            region,
            hazard,
            level,
            content=content,
            by=request.user,  # type: ignore[arg-type]
            at=at,
        ),
    )


@require_POST
@desk_page
def start_from_trigger(request: HttpRequest, region: Region, key: int) -> HttpResponseBase:
    """Begin a draft from a rule that was set off."""
    trigger = get_object_or_404(Trigger, pk=key)
    return _begun(
        request,
        lambda: drafts.start_from_trigger(trigger, by=request.user, at=_whole(region)),  # type: ignore[arg-type]
    )


@require_POST
@desk_page
def start_from_warning(
    request: HttpRequest, region: Region, slug: str, kind: str
) -> HttpResponseBase:
    """Begin the next message of a warning in force."""
    warning = get_object_or_404(Warning, slug=slug)
    return _begun(
        request,
        lambda: drafts.start_from_warning(warning, kind, by=request.user, at=_whole(region)),  # type: ignore[arg-type]
    )


@require_POST
@desk_page
def copy(request: HttpRequest, region: Region, key: int) -> HttpResponseBase:
    """Begin a new draft with the same content."""
    draft = get_object_or_404(Draft, pk=key)
    return _begun(request, lambda: drafts.copy(draft, by=request.user, at=_whole(region)))  # type: ignore[arg-type]


def _whole(region: Region) -> datetime:
    """Return the region's now to the second: times in a draft are counted from it, as CAP does."""
    return moment(region).replace(microsecond=0)


def _begun(request: HttpRequest, start: Callable[[], Draft]) -> HttpResponseBase:
    """Call a verb that begins a draft and open it; a refusal is told where the officer stands."""
    try:
        draft = start()
    except NotAllowedError as error:
        return render(request, "desk/refused.html", {"reason": str(error)}, status=403)
    except (StateError, DraftError, StorageError) as error:
        messages.error(request, str(error))
        return redirect("warnings_desk:list")
    return redirect("warnings_desk:compose", draft.pk)
