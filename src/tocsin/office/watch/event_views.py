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

from tocsin.errors import NotAllowedError, TocsinError
from tocsin.office.people.rules import may
from tocsin.office.places.current import moment
from tocsin.office.places.models import Area, Region
from tocsin.triggers.rules import LEVELS, Level, say
from tocsin.triggers.verification import Event as Happened

from .access import desk_page
from .csv_file import csv_response
from .event_import import MOST_BYTES, read_upload, sealed, unsealed
from .events import record_events, withdraw_event
from .models import Event, RuleVersion

__all__ = ["events", "import_file", "withdraw"]

ROWS = 50
COLUMNS = ("hazard", "area", "first", "last", "level", "source", "words", "recorded_at")


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
        for name in ("first", "last"):
            if name in data and not 1 < data[name].year < 9999:  # UTC may be the day beside it
                self.add_error(name, _("This is not a time."))
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
@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def import_file(request: HttpRequest, region: Region) -> HttpResponseBase:
    """Take a CSV of events: show what was read and what is wrong, keep it when confirmed."""
    if not may("record_event", request.desk_roles):  # type: ignore[attr-defined]
        return render(request, "desk/refused.html", status=403)
    if request.method == "POST" and "rows" in request.POST:
        return _confirmed(request, region)
    page: dict[str, Any] = {"columns": COLUMNS[:6]}
    given = request.FILES.get("file")
    if given is not None and (given.size or 0) > MOST_BYTES:
        page["refused"] = _("The file is larger than 1 MB. Split it.")
    elif given is not None:
        page["upload"] = upload = read_upload(
            given.read(), str(given.name)[:80], zone=region.zone, at=moment(region), **_known()
        )
        page["shown"], page["more"] = upload.rows[:ROWS], len(upload.rows) - ROWS
        page["names"] = dict(_choices()["areas"])
        if upload.rows and not upload.faults:
            page["rows"] = sealed(upload, request.user)  # type: ignore[arg-type]
    elif request.method == "POST":
        page["refused"] = _("Choose a file.")
    status = 422 if request.method == "POST" and "rows" not in page else 200
    return render(request, "watch/events_import.html", page, status=status)


def _confirmed(request: HttpRequest, region: Region) -> HttpResponseBase:
    """Keep what was shown, all of it or nothing."""
    by: Any = request.user
    try:
        rows = unsealed(str(request.POST["rows"]), by)
        kept = record_events(rows, str(request.POST.get("words", "")), by=by, at=moment(region))
    except NotAllowedError as refused:
        return render(request, "desk/refused.html", {"reason": str(refused)}, status=403)
    except TocsinError as refused:
        messages.error(request, str(refused))
        return redirect("watch:import-events")
    said = ngettext("%d event was recorded.", "%d events were recorded.", kept) % kept
    messages.success(request, said if kept else str(_("It was recorded before.")))
    return redirect("watch:events")


def _known() -> dict[str, set[str]]:
    return {
        "areas": set(Area.objects.values_list("code", flat=True)),
        "hazards": set(RuleVersion.objects.values_list("hazard", flat=True)),
    }


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
