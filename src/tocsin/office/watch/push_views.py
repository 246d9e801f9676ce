"""The address that gateways push to: ``POST /push/<feed>`` with a token, answers in JSON."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import cast

from django.db import OperationalError
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from tocsin.errors import IntakeError, NotAllowedError, RegionError
from tocsin.intake import Feed as FeedSettings
from tocsin.office.places.current import current_region, moment
from tocsin.region import Region as Settings

from .archive import settings_of
from .gateways import TooManyError, known_gateway, take_message, told_faults
from .push_guesses import is_one_too_many
from .push_models import Gateway

__all__ = ["push"]

log = logging.getLogger(__name__)

MOST_MB = 8.0
"""However much a feed allows: a message is read while the gateway waits."""
MOST_DIGITS = 15
"""Of Content-Length; Python refuses to read a number of 5,000."""
LATER = {"Retry-After": "60"}


@csrf_exempt
def push(request: HttpRequest, feed: str) -> JsonResponse:
    """Take a message of a gateway; 202 once it is kept, with what is wrong with its rows."""
    if request.method != "POST":
        return _refused(405, "Send it with POST.", Allow="POST")
    region = current_region()
    if region is None or region.is_replay:
        return _refused(409, "This office has no live region: it takes no observations.")
    at = moment(region)
    try:
        settings = settings_of(region)
        wanted = next((one for one in settings.feeds if one.id == feed and one.is_pushed), None)
        gateway = known_gateway(wanted, _token(request))
        return _taken(request, cast(FeedSettings, wanted), gateway, settings, at)
    except NotAllowedError as refused:
        return _stranger(request, refused, at)
    except (RegionError, OperationalError) as error:  # a broken folder; a database that is busy
        log.warning("A push to %s has to come again: %s", feed, error)
        return _refused(503, "The office cannot take it now. Send it again.", **LATER)


def _stranger(request: HttpRequest, refused: NotAllowedError, at: datetime) -> JsonResponse:
    """Refuse a wrong token; one that tries many is told to wait. A right one never comes here."""
    if is_one_too_many(request.META.get("REMOTE_ADDR", ""), at):
        return _refused(429, "Too many wrong tokens in this minute.", **LATER)
    return _refused(401, str(refused), **{"WWW-Authenticate": 'Bearer realm="push"'})


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
        return _refused(429, str(refused), **LATER)
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
    if not length.isdecimal() or len(length) > MOST_DIGITS:
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
