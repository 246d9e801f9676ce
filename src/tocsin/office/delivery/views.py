"""Pages of delivery: who has been reached and who has not; and the recipients' own page."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tocsin.errors import NotAllowedError, ShapeError, StateError
from tocsin.office.people.rules import may
from tocsin.office.people.services import post_for
from tocsin.office.places.models import Region
from tocsin.office.warnings_desk.models import Message
from tocsin.office.watch.access import desk_page
from tocsin.office.watch.csv_file import csv_response

from . import queries, services
from .asked import ReachAsked, Unclear
from .links import delivery_of
from .models import Delivery, DeskNotice
from .subtree import covering

__all__ = ["acknowledge", "message", "messages_sent", "note", "reach", "receipts_csv", "resend"]

ROWS, NAMES = 20, 100


@never_cache
@require_safe
@desk_page
def messages_sent(request: HttpRequest, region: Region) -> HttpResponseBase:
    """List the messages that went out, the newest first; htmx asks for the list alone."""
    found = Message.objects.filter(fanout__isnull=False).order_by("-number")
    page = Paginator(found.select_related("warning", "fanout").defer("raw"), ROWS).get_page(
        request.GET.get("page") or 1
    )
    counts = queries.reached(list(page))
    context = {
        "page": page,
        "rows": [(one, queries.whole(counts.get(one.pk, []))) for one in page],
        "channels": queries.channel_rows(region),
        "may_resend": may("resend", request.desk_roles),  # type: ignore[attr-defined]
        **queries.health(region, timezone.now()),
    }
    part = request.htmx  # type: ignore[attr-defined]
    return render(request, "delivery/_list.html" if part else "delivery/list.html", context)


@never_cache
@require_safe
@desk_page
def message(request: HttpRequest, region: Region, key: int) -> HttpResponseBase:
    """Show one message: by channel and kind, by name, why some failed; htmx asks for the board."""
    one = _message(key)
    rows = queries.reached([one]).get(one.pk, [])
    total = queries.whole(rows)
    at = timezone.now()
    stuck = total.failing or total.given_up
    context = {
        "message": one,
        "rows": rows,
        "total": total,
        "reasons": queries.reasons(one),
        "page": Paginator(queries.by_name(one), NAMES).get_page(request.GET.get("page") or 1),
        "may_resend": bool(stuck) and one.expires_at > at and _may_resend(request, one),
        "is_over": one.expires_at <= at,
        **queries.progress(one),
    }
    part = request.htmx  # type: ignore[attr-defined]
    return render(request, "delivery/_board.html" if part else "delivery/message.html", context)


@require_POST
@desk_page
def resend(request: HttpRequest, region: Region, key: int) -> HttpResponseBase:
    """Try again at once what failed or was given up."""
    one = _message(key)
    try:
        count = services.resend(one, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    except NotAllowedError as error:
        return render(request, "desk/refused.html", {"reason": str(error)}, status=403)
    except StateError as error:
        messages.error(request, str(error))
    else:
        words = ngettext(
            "%(count)s delivery is tried again.", "%(count)s deliveries are tried again.", count
        )
        messages.success(request, words % {"count": count})
    return redirect("delivery:message", key=one.pk)


@require_POST
@desk_page
def note(request: HttpRequest, region: Region, key: int) -> HttpResponseBase:
    """Put a notice away."""
    notice = DeskNotice.objects.filter(pk=key).first()
    if notice is None:
        raise Http404
    try:
        services.take_note(notice, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    except NotAllowedError as error:
        return render(request, "desk/refused.html", {"reason": str(error)}, status=403)
    return redirect("delivery:list")


@never_cache
@require_safe
@desk_page
def receipts_csv(request: HttpRequest, region: Region, key: int) -> HttpResponseBase:
    """Return the receipts of a message; residents as counts."""
    return csv_response(f"receipts-{key}.csv", *queries.receipts(_message(key)))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def reach(request: HttpRequest, region: Region) -> HttpResponseBase:
    """Say how many subscriptions a draft would reach: JSON, or a sentence for htmx."""
    try:
        asked = ReachAsked.read(request)
        found = queries.reach(region, asked.wanted(), timezone.now())
    except (Unclear, ShapeError) as error:
        if request.htmx:  # type: ignore[attr-defined]
            return HttpResponse("")  # the composer says it beside the field
        return JsonResponse({"error": str(error)}, status=400)
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "delivery/_reach.html", {"found": found})
    return JsonResponse(found)


@never_cache
@csrf_exempt  # the link itself is the secret; a form in a mail program has no cookie
@require_http_methods(["GET", "HEAD", "POST"])
def acknowledge(request: HttpRequest, token: str) -> HttpResponse:
    """Show a button on GET, acknowledge on POST: programs that look into mails only GET."""
    key = delivery_of(token)
    row = Delivery.objects.select_related("message__warning").filter(pk=key or 0).first()
    if row is None:
        return render(request, "delivery/acknowledge.html", {"unknown": True}, status=404)
    if request.method == "POST":
        row = services.acknowledge(row, at=timezone.now())
    return render(request, "delivery/acknowledge.html", {"row": row, "message": row.message})


def _may_resend(request: HttpRequest, one: Message) -> bool:
    return post_for("resend", request.user, covering(one)) is not None  # type: ignore[arg-type]


def _message(key: int) -> Any:
    one = Message.objects.select_related("warning").filter(pk=key).first()
    if one is None:
        raise Http404(_("There is no such message."))
    return one
