"""The address that gateways push to: ``POST /push/<feed>`` with a token, answers in JSON."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import cast

from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from tocsin.errors import IntakeError, NotAllowedError
from tocsin.intake import Feed as FeedSettings
from tocsin.office.places.current import current_region, moment
from tocsin.region import Region as Settings
from tocsin.region import load_region

from .gateways import TooManyError, known_gateway, take_message, told_faults
from .push_models import Gateway

__all__ = ["push"]

MOST_MB = 8.0
"""However much a feed allows: a message is read while the gateway waits."""


@csrf_exempt
def push(request: HttpRequest, feed: str) -> JsonResponse:
    """Take a message of a gateway; 202 once it is kept, with what is wrong with its rows."""
    if request.method != "POST":
        return _refused(405, "Send it with POST.", Allow="POST")
    region = current_region()
    if region is None or region.is_replay:
        return _refused(409, "This office has no live region: it takes no observations.")
    settings = _settings(region.folder, region.digest)
    wanted = next((one for one in settings.feeds if one.id == feed and one.is_pushed), None)
    try:
        gateway = known_gateway(wanted, _token(request))
    except NotAllowedError as refused:
        return _refused(401, str(refused), **{"WWW-Authenticate": 'Bearer realm="push"'})
    return _taken(request, cast(FeedSettings, wanted), gateway, settings, moment(region))


def _taken(
    request: HttpRequest,
    feed: FeedSettings,
    gateway: Gateway | None,
    settings: Settings,
    at: datetime,
) -> JsonResponse:
    """Take the message of one who may send it."""
    wrong, body = _body(request, int(min(feed.max_mb, MOST_MB) * 1e6))
    if wrong is not None:
        return wrong
    try:
        taken = take_message(
            feed, gateway, body, stations=settings.stations, at=at.replace(microsecond=0)
        )
    except TooManyError as refused:
        return _refused(429, str(refused), **{"Retry-After": "60"})
    except IntakeError as refused:
        said = {"problem": "Nothing of it can be used.", "faults": told_faults(refused.faults)}
        return JsonResponse(said, status=422)
    told = {
        "rows": taken.rows, "values": taken.values, "faults": list(taken.faults),
        "again": taken.is_again,
    }  # fmt: skip
    return JsonResponse(told, status=202)


def _body(request: HttpRequest, most: int) -> tuple[JsonResponse | None, bytes]:
    """Read the message; of one that is too long or packed nothing is read."""
    if request.headers.get("Content-Encoding", "identity") != "identity":
        return _refused(415, "Send it as it is, not packed."), b""
    length = request.headers.get("Content-Length", "")
    if not length.isdecimal():
        return _refused(411, "Say how long it is: Content-Length."), b""
    if int(length) > most:
        return _refused(413, f"It has more than {most / 1e6:g} MB. Send it in parts."), b""
    try:
        body = request.read(int(length))
    except OSError:  # the line broke, or the gateway went away
        body = b""
    if len(body) != int(length):
        return _refused(400, "The message broke off. Send it again."), b""
    return None, body


def _token(request: HttpRequest) -> str:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


def _refused(status: int, problem: str, **headers: str) -> JsonResponse:
    return JsonResponse({"problem": problem}, status=status, headers=headers)


@lru_cache(maxsize=1)
def _settings(folder: str, _digest: str) -> Settings:
    return load_region(Path(folder))
