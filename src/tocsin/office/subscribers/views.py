"""The desk's pages: organisations and posts by name, residents as totals only."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tocsin.errors import IntakeError, NotAllowedError, StateError
from tocsin.office.people.rules import may
from tocsin.office.places.models import Region
from tocsin.office.watch.access import desk_page

from . import choices
from .forms import CHANNEL_WORDS, OrganisationForm
from .models import AreaChoice, Subscription
from .offers import offered
from .rules import REMIND_BEFORE, SUPPRESSED_BELOW
from .services import disable, enable, importing, organisations

__all__ = ["act", "import_file", "new", "subscribers"]

PAGE_SIZE = 50
MOST_BYTES = 2_000_000
ENTERED = ("kind", "name", "channel", "address")
STATES = {
    Subscription.PENDING: gettext_lazy("not yet confirmed"),
    Subscription.CONFIRMED: gettext_lazy("confirmed"),
    Subscription.UNSUBSCRIBED: gettext_lazy("ended"),
    Subscription.EXPIRED: gettext_lazy("expired"),
    Subscription.DISABLED: gettext_lazy("switched off"),
}
View = Callable[..., HttpResponseBase]


def manager_page(view: View) -> View:
    """Let in who may manage subscribers; others at the desk are refused in words."""

    @functools.wraps(view)
    def checked(
        request: HttpRequest, region: Region, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        if not _may_manage(request):
            return render(request, "desk/refused.html", status=403)
        return view(request, region, *args, **kwargs)

    return never_cache(desk_page(checked))


@never_cache
@require_safe
@desk_page
def subscribers(request: HttpRequest, region: Region) -> HttpResponseBase:
    """List organisations and posts with their state; residents as totals."""
    found = Subscription.objects.of_organisations().prefetch_related("areas")
    pages = Paginator(found.order_by("name", "pk"), PAGE_SIZE)
    shown = pages.get_page(request.GET.get("page"))
    at, names = timezone.now(), choices.area_names()
    total, by_area, left_out = organisations.resident_totals(at)
    page = {
        "rows": [_row(row, names, at + REMIND_BEFORE) for row in shown.object_list],
        "shown": shown,
        "total": total,
        "by_area": [(_area(code, names), count) for code, count in by_area],
        "left_out": left_out,
        "suppressed_below": SUPPRESSED_BELOW,
        "may_manage": _may_manage(request),
    }
    return render(request, "subscribers/list.html", page)


@require_http_methods(["GET", "HEAD", "POST"])
@manager_page
def new(request: HttpRequest, region: Region) -> HttpResponseBase:
    """Enter an organisation or a post; a webhook's secret is on the answer and never again."""
    offers = list(offered(residents=False))
    offers = [name for name in offers if name != "web_push"]  # only a browser can make one
    beginning = {
        "language": str(region.languages[0]), "min_level": 2, "areas": [AreaChoice.EVERYWHERE],
        "kind": Subscription.ORGANISATION, "channel": next(iter(offers), ""),
    }  # fmt: skip
    form = OrganisationForm(request.POST or None, initial=beginning, region=region, channels=offers)
    if request.method == "POST" and form.is_valid():
        try:
            row, secret = organisations.add(
                region,
                **{name: form.cleaned_data[name] for name in ENTERED},
                wish=form.wish(),
                by=request.user,  # type: ignore[arg-type]
                at=timezone.now(),
            )
        except NotAllowedError as error:
            return render(request, "desk/refused.html", {"reason": str(error)}, status=403)
        except StateError as error:
            form.add_error("address", str(error))
        else:
            return _added(request, row, secret)
    page = {"form": form, "choices": form.chosen(), "offers": offers}
    return render(request, "subscribers/new.html", page)


def _added(request: HttpRequest, row: Subscription, secret: str) -> HttpResponseBase:
    if secret:
        return render(request, "subscribers/secret.html", {"row": row, "secret": secret})
    messages.success(request, _("%(name)s is asked to confirm.") % {"name": row.name})
    return redirect("subscribers:list")


@require_http_methods(["GET", "HEAD", "POST"])
@manager_page
def import_file(request: HttpRequest, region: Region) -> HttpResponseBase:
    """Take a CSV file of organisations: all of it, or every fault with row and column."""
    faults: tuple[Any, ...] = ()
    refused = ""
    given = request.FILES.get("file")
    if request.method == "POST" and given is None:
        refused = _("Choose a file.")
    elif given is not None and (given.size or 0) > MOST_BYTES:
        refused = _("The file is larger than 2 MB. Split it.")
    elif given is not None:
        try:
            count = importing.import_csv(
                region, given.read().decode("utf-8-sig"), file=str(given.name),
                by=request.user, at=timezone.now(),  # type: ignore[arg-type]
            )  # fmt: skip
            messages.success(request, _("%(count)d are asked to confirm.") % {"count": count})
            return redirect("subscribers:list")
        except UnicodeDecodeError:
            refused = _("The file is not UTF-8 text. Save it as CSV UTF-8.")
        except IntakeError as error:
            faults = error.faults
        except NotAllowedError as error:
            return render(request, "desk/refused.html", {"reason": str(error)}, status=403)
    page = {"faults": faults, "refused": refused, "columns": importing.COLUMNS}
    return render(request, "subscribers/import.html", page)


@require_POST
@manager_page
def act(request: HttpRequest, region: Region, key: int, verb: str) -> HttpResponseBase:
    """Ask again, switch off or on, or remove one organisation or post."""
    row = Subscription.objects.of_organisations().filter(pk=key).first()
    if row is None or verb not in ("ask-again", "disable", "enable", "remove"):
        raise Http404("No such organisation or post, or no such verb.")
    by: Any = request.user
    at = timezone.now()
    try:
        if verb == "disable":
            disable(key, "by the desk", by=by, at=at)
        elif verb == "enable":
            enable(key, by=by, at=at)
        elif verb == "remove":
            organisations.remove(key, by=by, at=at)
        else:
            organisations.ask_again(key, by=by, at=at)
    except NotAllowedError as error:
        return render(request, "desk/refused.html", {"reason": str(error)}, status=403)
    except StateError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Done: %(name)s.") % {"name": row.name})
    return redirect("subscribers:list")


def _row(row: Subscription, names: dict[str, str], soon: Any) -> dict[str, Any]:
    areas = [_area(one.area_code, names) for one in row.areas.all()]
    is_soon = row.state == Subscription.CONFIRMED and row.expires_at and row.expires_at <= soon
    ended = row.state in Subscription.ENDED
    verbs = {
        Subscription.PENDING: [("ask-again", _("Ask again"))],
        Subscription.CONFIRMED: [("disable", _("Switch off"))],
        Subscription.DISABLED: [("enable", _("Switch on"))] if row.confirmed_at else [],
    }.get(row.state, [])
    return {
        "row": row,
        "kind": _("Post") if row.kind == Subscription.POST else _("Organisation"),
        "channel": CHANNEL_WORDS.get(row.channel, row.channel),
        "state": STATES[row.state],
        "areas": areas,
        "until": row.expires_at if is_soon else None,
        "verbs": verbs if ended else [*verbs, ("remove", _("Remove"))],
    }


def _area(code: str, names: dict[str, str]) -> str:
    return _("The whole region") if code == AreaChoice.EVERYWHERE else names.get(code, code)


def _may_manage(request: HttpRequest) -> bool:
    roles: set[str] = request.desk_roles  # type: ignore[attr-defined]
    return may("manage_subscribers", roles)
