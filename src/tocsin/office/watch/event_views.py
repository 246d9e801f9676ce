"""What really happened: the list, a form for one event, a CSV of many, and taking one back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from tocsin.errors import TocsinError
from tocsin.office.people.rules import may
from tocsin.office.places.current import moment
from tocsin.office.places.models import Area, Region
from tocsin.triggers.rules import LEVELS, Level, say
from tocsin.triggers.verification import Event as Happened

from .access import desk_page
from .csv_file import csv_response
from .events import record_events, withdraw_event
from .models import Event, RuleVersion

__all__ = ["events", "withdraw"]

ROWS = 50
COLUMNS = ("hazard", "area", "first", "last", "level", "source", "words", "recorded_at")


class _Clock(forms.DateTimeInput):
    input_type = "datetime-local"


class EventForm(forms.Form):
    """One event; times are the region's own."""

    hazard = forms.ChoiceField(label=_("Hazard"))
    area = forms.ChoiceField(label=_("Area"))
    first = forms.DateTimeField(
        label=_("From"), widget=forms.DateTimeInput({"type": "datetime-local"})
    )
    last = forms.DateTimeField(
        label=_("Until"), widget=forms.DateTimeInput({"type": "datetime-local"})
    )
    level = forms.TypedChoiceField(label=_("How bad"), coerce=int)
    words = forms.CharField(
        label=_("What happened"),
        max_length=300,
        help_text=_("Places and things; no names of persons."),
    )
    source = forms.CharField(
        label=_("Reported by"),
        max_length=200,
        help_text=_("An organisation, a newspaper with its date."),
    )

    def __init__(self, *args: Any, hazards: list[tuple[str, str]], levels: list[tuple[int, str]],
                 areas: list[tuple[str, str]], **kwargs: Any) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.fields["hazard"].choices = hazards  # type: ignore[attr-defined]
        self.fields["level"].choices = levels  # type: ignore[attr-defined]
        self.fields["area"].choices = areas  # type: ignore[attr-defined]
        for field in self.fields.values():
            kind = "form-select" if isinstance(field, forms.ChoiceField) else "form-control"
            field.widget.attrs["class"] = f"{kind} {kind}-sm"

    def clean(self) -> dict[str, Any]:
        """Refuse an end before its beginning."""
        data = super().clean() or {}
        if data.get("first") and data.get("last") and data["last"] < data["first"]:
            self.add_error("last", _("It ends before it begins."))
        return data

    def row(self) -> Happened:
        """Return what was filled in as verification takes it."""
        data = self.cleaned_data
        return Happened(
            data["hazard"], data["area"], data["first"].astimezone(UTC),
            data["last"].astimezone(UTC), Level(data["level"]), data["source"],
        )  # fmt: skip


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def events(request: HttpRequest, region: Region) -> HttpResponseBase:
    """List what happened; take a new event from the form."""
    may_record = may("record_event", request.desk_roles)  # type: ignore[attr-defined]
    form = EventForm(request.POST or None, **_choices())
    if request.method == "POST" and form.is_valid() and _kept(request, region, form):
        return redirect("watch:events")
    rows = Event.objects.filter(withdrawn_at=None).select_related("area")
    if request.GET.get("format") == "csv":
        return csv_response("events.csv", COLUMNS, (_csv_row(row) for row in rows.iterator()))
    context = {
        "form": form,
        "page": Paginator(rows, ROWS).get_page(request.GET.get("page") or 1),
        "may_record": may_record,
    }
    return render(request, "watch/events.html", context)


@never_cache
@require_POST
@desk_page
def withdraw(request: HttpRequest, region: Region, pk: int) -> HttpResponseBase:
    """Take an event back that was recorded by mistake."""
    try:
        withdraw_event(pk, by=request.user, at=moment(region))  # type: ignore[arg-type]
    except TocsinError as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, str(_("It was taken back; the audit trail keeps it.")))
    return redirect("watch:events")


def _kept(request: HttpRequest, region: Region, form: EventForm) -> bool:
    """Record the form's event; say why where it is refused."""
    words = form.cleaned_data["words"]
    try:
        kept = record_events([form.row()], words, by=request.user, at=moment(region))  # type: ignore[arg-type]
    except TocsinError as refused:
        form.add_error(None, str(refused))
        return False
    said = ngettext("%d event was recorded.", "%d events were recorded.", kept) % kept
    messages.success(request, said if kept else str(_("It was recorded before.")))
    return True


def _choices() -> dict[str, list[Any]]:
    language = get_language() or "en"
    hazards = dict.fromkeys(RuleVersion.objects.values_list("hazard", flat=True))
    return {
        "hazards": [(hazard, hazard) for hazard in hazards],
        "levels": [(int(level), level.word) for level in LEVELS],
        "areas": [(area.code, say(area.names, language)) for area in Area.objects.all()],
    }


def _csv_row(row: Event) -> list[Any]:
    def iso(at: datetime) -> str:
        return at.astimezone(UTC).isoformat()

    return [
        row.hazard, row.area.code, iso(row.first_at), iso(row.last_at), Level(row.level).word,
        row.source, row.words, iso(row.recorded_at),
    ]  # fmt: skip
