"""Files, feeds and the health check. The ledger's bytes go out exactly as they were signed for."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.urls import reverse
from django.utils import translation
from django.utils.http import quote_etag
from django.views.decorators.http import require_safe

from tocsin import cap as cap_library
from tocsin.cap import Alert
from tocsin.cap import feeds as cap_feeds
from tocsin.office.places.current import current_region, moment
from tocsin.office.places.models import Region
from tocsin.office.warnings_desk.models import Message
from tocsin.triggers.rules import Level

from . import queries, wording
from .conditional import not_modified_or, public_page

__all__ = ["areas", "cap", "feed", "healthz", "places"]

FEED_KEEPS = timedelta(days=7)
YEAR_S = 31_536_000
ALERTS_KEPT = 500


@require_safe
def cap(request: HttpRequest, identifier: str) -> HttpResponseBase:
    """Serve a message as it went out; one later than the region's moment is not there yet."""
    region = current_region()
    if region is None:
        raise Http404("No region is loaded.")
    message = Message.objects.known(moment(region)).filter(identifier=identifier).first()
    if message is None:
        raise Http404("No such message.")
    response = HttpResponse(bytes(message.raw), content_type=cap_feeds.CAP_TYPE)
    response["Cache-Control"] = f"public, max-age={YEAR_S}, immutable"
    response["Content-Disposition"] = f'inline; filename="{message.sha256[:12]}.xml"'
    changed = int(message.sent_at.timestamp())
    return not_modified_or(request, response, quote_etag(message.sha256), changed)


def feed(request: HttpRequest, language: str = "en") -> HttpResponseBase:
    """List what is in force and what ended in the last seven days, in one language."""
    if language not in dict(settings.LANGUAGES):
        raise Http404("No feed in this language.")
    with translation.override(language):
        return _feed(request, language)


@public_page
def _feed(request: HttpRequest, region: Region, at: Any, language: str) -> HttpResponseBase:
    messages = [*queries.in_force(at), *queries.ended_since(at - FEED_KEEPS, at)]
    alerts = _alerts(messages)
    entries = [
        cap_feeds.Entry(
            alert=alerts[message.sha256],
            cap_url=request.build_absolute_uri(reverse("cap", args=[message.identifier])),
            page_url=request.build_absolute_uri(message.warning.get_absolute_url()),
            updated=message.sent_at,
        )
        for message in sorted(messages, key=lambda one: one.number, reverse=True)
    ]
    here = request.build_absolute_uri(request.path)
    body = cap_feeds.atom(
        title=f"{translation.gettext('Warnings')}: {wording.said(region.names)}",
        feed_id=here,
        updated=max((entry.updated for entry in entries if entry.updated), default=at),
        entries=entries,
        self_url=here,
        alternate_url=request.build_absolute_uri(reverse("atlas:home")),
        author=wording.said(region.names),
        language="zh-Hans" if language == "zh-hans" else language,
    )
    return HttpResponse(body, content_type=f"{cap_feeds.ATOM_TYPE}; charset=utf-8")


_read: dict[str, Alert] = {}


def _alerts(messages: list[Message]) -> dict[str, Alert]:
    """Return the alerts by SHA-256; the same bytes are read once."""
    missing = {message.sha256 for message in messages} - _read.keys()
    if len(_read) > ALERTS_KEPT:
        _read.clear()
        missing = {message.sha256 for message in messages}
    raws = (
        Message.objects.filter(sha256__in=missing).values_list("sha256", "raw") if missing else []
    )
    for sha256, raw in raws:
        _read[sha256] = cap_library.parse(bytes(raw), strict=False).alert
    return {message.sha256: _read[message.sha256] for message in messages}


@public_page
def areas(request: HttpRequest, region: Region, at: Any) -> HttpResponseBase:
    """Serve every area with its outline and its level at the region's moment."""
    levels: dict[str, int] = {}
    slugs: dict[str, list[str]] = {}
    for message in queries.in_force(at):
        for code, level in message.levels.items():
            levels[code] = max(level, levels.get(code, 0))
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
    return _geojson(features, moment=at.isoformat())


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
