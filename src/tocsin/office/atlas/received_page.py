"""The public page of another authority's warning: its words, under its name."""

from __future__ import annotations

from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import get_language

from tocsin.cap.feeds import info_in
from tocsin.office.places.models import Region
from tocsin.office.received.models import ReceivedMessage
from tocsin.office.received.queries import head, is_public, read, states_of

from .conditional import public_page_of

__all__ = ["received"]


def received(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show a message the public may see, in the language of the page first."""
    return public_page_of(_received, head)(request, pk)


def _received(request: HttpRequest, region: Region, at: datetime, pk: int) -> HttpResponseBase:
    found = ReceivedMessage.objects.select_related("source").filter(pk=pk, sent_at__lte=at).first()
    if found is None or not is_public(found):
        raise Http404("No such message.")
    alert, stands = read(found), states_of(found, at)
    first = info_in(alert, "zh-Hans" if get_language() == "zh-hans" else "en")
    context = {
        "page": "received",
        "one": found,
        "infos": sorted(alert.info, key=lambda info: info is not first),
        "is_in_force": stands is not None and stands.state.is_in_force and found.source.is_enabled,
    }
    return render(request, "received/public_message.html", context)
