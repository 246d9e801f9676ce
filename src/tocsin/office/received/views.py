"""The desk's pages of received warnings: the list, one message, the sources."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q, Sum
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tocsin.cap.feeds import CAP_TYPE, info_in
from tocsin.cap.parse import parse
from tocsin.errors import AddressRefusedError, CapError, NotAllowedError, StateError
from tocsin.office.people.rules import may
from tocsin.office.places.current import moment
from tocsin.office.places.models import Area, Region
from tocsin.office.watch.access import desk_page
from tocsin.office.watch.asked import Asked, whole_number

from .drawing import drawing_of
from .labels import FATES, INFO_WORDS, VERDICT_MEANINGS, VERDICTS
from .models import ReceivedMessage, Refusal, Source
from .queries import in_force, is_public, read, states_of
from .services import NewSource, add_source, set_enabled

__all__ = ["message", "messages_list", "raw", "sources", "toggle"]

ROWS = 50
FINDINGS = 100


@never_cache
@require_safe
@desk_page
def messages_list(request: HttpRequest, region: Region) -> HttpResponseBase:
    """List what is in force and every message, filtered."""
    asked, at = Asked(request.GET, region), moment(region)
    heeded = in_force(at, public=False)
    choices = {str(source.pk): source.name for source in Source.objects.all()}
    wanted = {
        "source": asked.choice("source", choices),
        "verdict": asked.choice("verdict", VERDICTS),
        "words": asked.text("q"),
    }
    rows = ReceivedMessage.objects.select_related("source").defer("raw", "geometry")
    if wanted["source"]:
        rows = rows.filter(source=int(wanted["source"]))
    if wanted["verdict"]:
        rows = rows.filter(verdict=wanted["verdict"])
    for word in wanted["words"].split():
        rows = rows.filter(
            Q(identifier__icontains=word)
            | Q(sender__icontains=word)
            | Q(area_desc__icontains=word)
            | Q(headlines__icontains=word)
        )
    context = {
        "at": at,
        "heeded": heeded,
        "heeded_keys": {one.message.pk for one in heeded},
        "drawing": drawing_of(_outlines(), [one.message.geometry for one in heeded]),
        "choices": choices,
        "verdicts": VERDICTS,
        "wanted": wanted,
        "page": Paginator(rows, ROWS).get_page(asked.text("page") or 1),
        "total": ReceivedMessage.objects.count(),
        "source_count": len(choices),
        "notes": asked.notes,
    }
    return render(request, "received/list.html", context)


def _outlines() -> list[dict[str, Any] | None]:
    return list(Area.objects.filter(numchild=0).values_list("geometry", flat=True))


@never_cache
@require_safe
@desk_page
def message(request: HttpRequest, region: Region, pk: int) -> HttpResponseBase:
    """Show one message: what it says, where it came from, whether it can be trusted."""
    found = get_object_or_404(ReceivedMessage.objects.select_related("source"), pk=pk)
    at, alert = moment(region), read(found)
    stands = states_of(found, at)
    first = info_in(alert, "zh-Hans" if get_language() == "zh-hans" else "en")
    infos = sorted(alert.info, key=lambda info: info is not first)
    states = {one.info: one for one in stands.state.infos} if stands else {}
    named = found.source.messages.filter(sender=found.sender)
    context = {
        "one": found,
        "alert": alert,
        "at": at,
        "infos": [(info, states.get(info)) for info in infos],
        "info_words": INFO_WORDS,
        "verdict": VERDICTS.get(found.verdict, found.verdict),
        "meaning": VERDICT_MEANINGS.get(found.verdict, ""),
        "stands": stands,
        "fate": FATES[stands.state.fate] if stands else "",
        "is_public": is_public(found),
        "references": [
            (sender, identifier, named.filter(identifier=identifier).first())
            for sender, identifier, _sent in found.references
        ],
        "by": [
            (one.identifier, named.filter(identifier=one.identifier).first())
            for one in (stands.state.by if stands else ())
        ],
        "findings": parse(bytes(found.raw), strict=False).findings[:FINDINGS],
        "drawing": drawing_of(_outlines(), [found.geometry]),
    }
    return render(request, "received/message.html", context)


@never_cache
@require_safe
@desk_page
def raw(request: HttpRequest, region: Region, pk: int) -> HttpResponseBase:
    """Hand out a message byte for byte, as a file: a browser does not run what is in it."""
    found = get_object_or_404(ReceivedMessage, pk=pk)
    response = HttpResponse(bytes(found.raw), content_type=CAP_TYPE)
    response["Content-Disposition"] = f'attachment; filename="received-{found.sha256[:12]}.xml"'
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def sources(request: HttpRequest, region: Region) -> HttpResponseBase:
    """Show the sources and how they do, and what was refused; add one."""
    typed, status = asdict(NewSource("", "https://")), 200
    if request.method == "POST":
        new = _new_source(request)
        try:
            add_source(new, by=request.user, at=moment(region), wall=timezone.now())  # type: ignore[arg-type]
        except NotAllowedError as error:
            return render(request, "desk/refused.html", {"reason": str(error)}, status=403)
        except (AddressRefusedError, CapError, StateError) as error:
            messages.error(request, str(error))
            typed, status = asdict(new), 422
        else:
            messages.success(request, _("%s is asked with the next poll.") % new.name)
            return redirect("received:sources")
    found = Source.objects.annotate(
        count=Count("messages", distinct=True), conflicts=Count(
            "messages", filter=Q(messages__is_conflict=True), distinct=True
        ),
    )  # fmt: skip
    refused = dict(Refusal.objects.order_by().values_list("source").annotate(times=Sum("times")))
    context = {
        "sources": [(one, one.is_stale(timezone.now()), refused.get(one.pk, 0)) for one in found],
        "refusals": Refusal.objects.select_related("source")[:ROWS],
        "typed": typed,
        "may_manage": may("manage_sources", request.desk_roles),  # type: ignore[attr-defined]
    }
    return render(request, "received/sources.html", context, status=status)


def _new_source(request: HttpRequest) -> NewSource:
    return NewSource(
        name=request.POST.get("name", "").strip()[:120],
        address=request.POST.get("address", "").strip()[:1000],
        issuers=request.POST.get("issuers", "")[:200_000],
        language=request.POST.get("language", "").strip()[:20],
        every_s=whole_number(request.POST.get("every_s")),
        stale_after_s=whole_number(request.POST.get("stale_after_s")),
    )


@require_POST
@desk_page
def toggle(request: HttpRequest, region: Region, pk: int) -> HttpResponseBase:
    """Begin or stop polling a source."""
    source = get_object_or_404(Source, pk=pk)
    try:
        set_enabled(source, request.POST.get("to") == "on", by=request.user, at=moment(region))  # type: ignore[arg-type]
    except NotAllowedError as error:
        return render(request, "desk/refused.html", {"reason": str(error)}, status=403)
    return redirect("received:sources")
