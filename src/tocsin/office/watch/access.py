"""The desk's door: who may open its pages, and the region and zone they speak of."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django_htmx.http import HttpResponseClientRedirect

from tocsin.office.people.rules import may
from tocsin.office.places.current import current_region, moment

__all__ = ["desk_page"]

View = Callable[..., HttpResponseBase]


def desk_page(view: View) -> View:
    """Let holders of a post in, in the region's zone; the view gets the region as second argument.

    A stranger is sent to sign in, an account without a post is refused in words, and before a
    region has been loaded the page says how to load one.
    """

    @functools.wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return _to_sign_in(request)
        prefetch_related_objects([request.user], "posts")  # rights are asked again further in
        roles = {post.role for post in request.user.posts.all()}
        if not may("see_desk", roles):
            return render(request, "desk/refused.html", status=403)
        region = current_region()
        if region is None:
            return render(request, "desk/no_region.html")
        request.desk_roles = roles  # type: ignore[attr-defined]
        # The frame round the page asks for both: here they are read once.
        request.tocsin_region, request.tocsin_moment = region, moment(region)  # type: ignore[attr-defined]
        with timezone.override(region.zone):
            return view(request, region, *args, **kwargs)

    return checked


def _to_sign_in(request: HttpRequest) -> HttpResponseBase:
    """Send a stranger to sign in; a fragment asked for by htmx moves the whole page there."""
    htmx = getattr(request, "htmx", None)
    if htmx:
        back = htmx.current_url_abs_path or request.path
        return HttpResponseClientRedirect(redirect_to_login(back).url)
    return redirect_to_login(request.get_full_path())
