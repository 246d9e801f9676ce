"""Files and the health check. The ledger's bytes go out exactly as they were signed for."""

from __future__ import annotations

import json
from typing import Any

from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils.http import quote_etag
from django.views.decorators.http import require_safe

from tocsin.cap.feeds import CAP_TYPE
from tocsin.office.places.current import current_region, moment
from tocsin.office.places.models import Region
from tocsin.office.received.models import ReceivedMessage
from tocsin.office.received.queries import is_public
from tocsin.office.warnings_desk.models import Message
from tocsin.triggers.rules import Level

from . import cards, queries
from .conditional import not_modified_or, public_page

__all__ = ["areas", "cap", "healthz", "places", "received"]

YEAR_S = 31_536_000


@require_safe
def cap(request: HttpRequest, identifier: str) -> HttpResponseBase:
    """Serve a message as it went out; one later than the region's moment is not there yet."""
    region = current_region()
    if region is None:
        raise Http404("No region is loaded.")
    known = Message.objects.public(region).known(moment(region))
    message = known.filter(identifier=identifier).first()
    if message is None:
        raise Http404("No such message.")
    response = HttpResponse(bytes(message.raw), content_type=CAP_TYPE)
    response["Cache-Control"] = f"public, max-age={YEAR_S}, immutable"
    response["Content-Disposition"] = f'inline; filename="{message.sha256[:12]}.xml"'
    changed = int(message.sent_at.timestamp())
    return not_modified_or(request, response, quote_etag(message.sha256), changed)


@require_safe
def received(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Serve another authority's message as it came, if the public may see it."""
    message = ReceivedMessage.objects.filter(pk=pk).first()
    if message is None or not is_public(message):
        raise Http404("No such message.")
    response = HttpResponse(bytes(message.raw), content_type=CAP_TYPE)
    # Others wrote it: a browser saves it and runs nothing that is in it.
    response["Content-Disposition"] = f'attachment; filename="{message.sha256[:12]}.xml"'
    response["Cache-Control"] = "public, no-cache"  # it may cease to be public
    changed = int(message.first_seen_at.timestamp())
    return not_modified_or(request, response, quote_etag(message.sha256), changed)


@public_page
def areas(request: HttpRequest, region: Region, at: Any) -> HttpResponseBase:
    """Serve every area with its outline and its level at the region's moment."""
    slugs: dict[str, list[str]] = {}
    messages = queries.in_force(at)
    levels, drawn = cards.on_the_map(messages)
    for message in messages:
        for code in message.levels:
            slugs.setdefault(code, []).append(message.warning.slug)
    features = [
        {
            "type": "Feature",
            "id": index,
            "geometry": area.geometry,
            "properties": {
                "code": area.code,
                "kind": area.kind,
                "names": area.names,
                "population": area.population,
                "level": levels.get(area.code, 0),
                "level_word": Level(levels.get(area.code, 0)).word,
                "warnings": slugs.get(area.code, []),
                "label": area.label,
            },
        }
        for index, area in enumerate(queries.standing(region).areas.values(), start=1)
        if area.is_leaf
    ]
    shapes = [
        {
            "type": "Feature",
            "geometry": json.loads(one.geometry),
            "properties": {
                "kind": "drawn", "level": one.level, "level_word": Level(one.level).word
            },
        }
        for one in drawn
    ]  # fmt: skip
    return _geojson([*features, *shapes], moment=at.isoformat())


@public_page
def places(request: HttpRequest, region: Region, at: Any) -> HttpResponseBase:
    """Serve stations, facilities and settlements as points."""
    standing = queries.standing(region)
    features = [
        _point(one, "station", {"elevation_m": one.elevation_m})
        for one in standing.stations.values()
    ]
    features += [
        _point(one, "facility", {"facility": one.kind, "is_example": one.is_example})
        for one in standing.facilities.values()
    ]
    features += [
        _point(one, "settlement", {"population": one.population})
        for one in standing.settlements.values()
    ]
    return _geojson(features)


def _point(place: Any, kind: str, more: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [place.lon, place.lat]},
        "properties": {
            "kind": kind,
            "code": place.code,
            "names": place.names,
            "source": place.source,
            **more,
        },
    }


def _geojson(features: list[dict[str, Any]], **more: Any) -> HttpResponse:
    return JsonResponse(
        {"type": "FeatureCollection", **more, "features": features},
        content_type="application/geo+json",
        json_dumps_params={"ensure_ascii": False, "separators": (",", ":")},
    )


@require_safe
def healthz(request: HttpRequest) -> HttpResponseBase:
    """Tell whether the office can answer: 200 with what it knows, 503 without its database."""
    try:
        region = current_region()
        number = queries.ledger_head(moment(region))[0] if region else 0
    except DatabaseError:
        return JsonResponse(
            {"status": "no database"}, status=503, headers={"Cache-Control": "no-store"}
        )
    facts = {
        "status": "ok",
        "region": region.code if region else None,
        "moment": moment(region).isoformat() if region else None,
        "ledger": number,
    }
    return JsonResponse(facts, headers={"Cache-Control": "no-store"})
