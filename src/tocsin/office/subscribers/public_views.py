"""Pages for everybody. The answer is the same whether or not an address is known here."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tocsin.errors import StateError
from tocsin.office.places.current import current_region
from tocsin.office.places.models import Region

from .forms import AskForm, ChoicesForm, choices_of
from .links import for_token
from .links import token as token_for
from .models import Subscription
from .offers import offered
from .services import residents

__all__ = ["ask", "asked", "browser", "confirm", "manage", "unsubscribe"]

View = Callable[..., HttpResponseBase]


def quiet_page(view: View) -> View:
    """Give ``view`` the region; nothing of the page is kept, indexed, or told to other sites."""

    @functools.wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        region = current_region()
        if region is None:
            return render(request, "atlas/empty.html", status=503)
        with timezone.override(region.zone):
            made = view(request, region, *args, **kwargs)
        # The address of a page with a token is a key. The office's referrer policy, same-origin,
        # tells it to nobody; "no-referrer" would make the browser's own posts look foreign.
        if "token" in kwargs:
            made["X-Robots-Tag"] = "noindex"
        return made

    return never_cache(answer)


@require_http_methods(["GET", "HEAD", "POST"])
@quiet_page
def ask(request: HttpRequest, region: Region) -> HttpResponseBase:
    """Show the form, or take it: the address is asked to confirm."""
    offers = offered(residents=True)
    push = offers.pop("web_push", None)
    beginning = {"language": _tag(region), "min_level": 2, "channel": next(iter(offers), "")}
    form = AskForm(request.POST or None, initial=beginning, region=region, channels=list(offers))
    refused = ""
    if request.method == "POST":
        if form.is_trapped:
            return redirect("subscriptions:asked")
        if form.is_valid():
            row, refused = _ask(request, region, form)
            if row is not None:
                return redirect("subscriptions:asked")
    page = {
        "form": form, "choices": form.chosen(), "channels": form.channels,
        "push_key": push.details().get("key", "") if push else "", "refused": refused,
        "page": "subscribe",
    }  # fmt: skip
    return render(request, "subscribers/ask.html", page)


def _ask(request: HttpRequest, region: Region, form: AskForm) -> tuple[Subscription | None, str]:
    """Take a form in order; return what came of it, or None and why not."""
    found = form.cleaned_data
    try:
        row = residents.ask(
            region, found["channel"], found["address"], form.wish(),
            machine=_machine(request), at=timezone.now(),
        )  # fmt: skip
    except StateError as error:
        form.add_error("address", str(error))
        return None, str(error)
    return row, "" if row else _too_many()


@require_safe
@quiet_page
def asked(request: HttpRequest, region: Region) -> HttpResponseBase:
    """Say what happens next."""
    return render(request, "subscribers/asked.html", {"page": "subscribe"})


@require_POST
@quiet_page
def browser(request: HttpRequest, region: Region) -> HttpResponseBase:
    """Take a browser's own push subscription with its choices; answers as JSON to its script."""
    offers = offered(residents=True)
    form = AskForm(request.POST, region=region, channels=list(offers))
    if "web_push" not in offers or request.POST.get("channel") != "web_push":
        return JsonResponse({"error": _("Warnings are not sent that way here.")}, status=422)
    if not form.is_valid():
        words = [str(error) for errors in form.errors.values() for error in errors]
        return JsonResponse({"error": " ".join(words)}, status=422)
    row, refused = _ask(request, region, form)
    if row is None:
        return JsonResponse({"error": refused}, status=422)
    href = reverse("subscriptions:manage", args=[token_for("manage", row)])
    done = {"done": _("This browser will show our warnings."), "change": _("Change your choices")}
    return JsonResponse({**done, "href": href})


@require_http_methods(["GET", "HEAD", "POST"])
@quiet_page
def confirm(request: HttpRequest, region: Region, token: str) -> HttpResponseBase:
    """Ask for one press of a button, since mail scanners open links; then warnings are sent."""
    row = for_token("confirm", token)
    at = timezone.now()
    if row is None or not row.is_open(at):
        return render(request, "subscribers/gone.html", status=410)
    if request.method == "POST":
        row = residents.confirm(row, at)
    return render(request, "subscribers/confirm.html", _facts(row))


@require_http_methods(["GET", "HEAD", "POST"])
@quiet_page
def manage(request: HttpRequest, region: Region, token: str) -> HttpResponseBase:
    """Show and take other choices, or a new term."""
    row = for_token("manage", token)
    at = timezone.now()
    if row is None or row.state != Subscription.CONFIRMED or not row.is_open(at):
        return render(request, "subscribers/gone.html", status=410)
    form = ChoicesForm(request.POST or None, initial=choices_of(row), region=region)
    done = ""
    if request.method == "POST" and request.POST.get("do") == "renew":
        row, done = residents.renew(row, at), _("Your warnings go on.")
        form = ChoicesForm(initial=choices_of(row), region=region)
    elif request.method == "POST" and form.is_valid():
        row, done = residents.change(region, row, form.wish(), at), _("Your choices are kept.")
    page = {**_facts(row), "form": form, "choices": form.chosen(), "done": done, "token": token}
    return render(request, "subscribers/manage.html", page)


@csrf_exempt  # the token is the key; mail programs post here by themselves (RFC 8058)
@require_http_methods(["GET", "HEAD", "POST"])
@quiet_page
def unsubscribe(request: HttpRequest, region: Region, token: str) -> HttpResponseBase:
    """Show a button; a POST ends the subscription and erases the contact at once."""
    row = for_token("unsubscribe", token)
    if row is None:
        return render(request, "subscribers/gone.html", status=410)
    if request.method == "POST":
        residents.end(row, timezone.now())
        if request.POST.get("List-Unsubscribe") == "One-Click":
            return HttpResponse(status=200)
    row.refresh_from_db()
    is_over = row.state in Subscription.ENDED
    return render(request, "subscribers/unsubscribe.html", {"is_over": is_over})


def _facts(row: Subscription) -> dict[str, Any]:
    return {
        "is_confirmed": row.state == Subscription.CONFIRMED,
        "until": row.expires_at,
        "manage_href": reverse("subscriptions:manage", args=[token_for("manage", row)]),
        "end_href": reverse("subscriptions:unsubscribe", args=[token_for("unsubscribe", row)]),
    }


def _too_many() -> str:
    return _("Too many addresses were entered from here today. Please try again tomorrow.")


def _tag(region: Region) -> str:
    """Return the region's language nearest to that of the page."""
    here = (get_language() or "en").lower()
    tags = [str(tag) for tag in region.languages]
    return next((tag for tag in tags if tag.lower() == here), tags[0])


def _machine(request: HttpRequest) -> str:
    """Return who asks, as far as the net tells; it is counted under a mark and not kept."""
    passed_on = request.headers.get("X-Forwarded-For", "")
    if settings.HTTPS and passed_on:  # the proxy in front adds the last one
        return passed_on.rsplit(",", 1)[-1].strip()
    return str(request.META.get("REMOTE_ADDR", ""))
