"""Earthquakes and hotspots in a browser: without findings of axe, and at both widths."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from playwright.sync_api import Page

from tests.office.factories import NOW, HeatWave
from tocsin.office.people.models import Post, User
from tocsin.office.watch import reached
from tocsin.office.watch.models import Feed
from tocsin.office.watch.occurrence_models import Occurrence, OccurrenceCorrection


def happen() -> Occurrence:
    """An earthquake near the city and a few hotspots, as two feeds would have told them."""
    reached._ground.cache_clear()
    feed = Feed.objects.create(
        code="quakes", source="US Geological Survey, https://earthquake.usgs.gov", delay_min=0,
        read_at=NOW, newest_at=NOW, licence="public domain",
    )  # fmt: skip
    known: dict[str, Any] = {"feed": feed, "first_read_at": NOW, "changed_at": NOW}
    quake = Occurrence.objects.create(
        kind="earthquake", source_id="us6000abcd", time=NOW - timedelta(hours=2), lat=40.72,
        lon=-73.98, value=5.8, unit="1", depth_km=9.5, updated_at=NOW - timedelta(hours=1),
        facts={"place": "2 km E of Manhattan", "status": "reviewed", "magType": "mww"}, **known,
    )  # fmt: skip
    before = {"value": 5.5, "lat": 40.70, "lon": -73.97, "depth_km": 10.0, "deleted": False}
    OccurrenceCorrection.objects.create(
        occurrence=quake, at=NOW, before=before, after=before | {"value": 5.8}
    )
    for number, (lat, lon, power) in enumerate(
        [(40.57, -74.15, 15.2), (40.58, -74.14, 8.1), (40.85, -73.86, 3.3)]
    ):
        Occurrence.objects.create(
            kind="hotspot", source_id=f"N20/{number}", time=NOW - timedelta(hours=3 + number),
            lat=lat, lon=lon, value=power, unit="MW",
            facts={"satellite": "N20", "instrument": "VIIRS", "confidence": "n"}, **known,
        )  # fmt: skip
    return quake


def enter(page: Page, address: str) -> None:
    user = User(username="duty")
    user.set_unusable_password()
    user.save()
    Post.objects.create(title="Duty officer", role="duty_officer").holders.add(user)
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    page.context.add_cookies(
        [{"name": "sessionid", "value": str(session.session_key), "url": address}]
    )


def test_from_the_list_to_a_draft(
    page: Page, live_server: Any, heat_wave: HeatWave, accessibility: Callable[[], list[str]]
) -> None:
    quake = happen()
    enter(page, live_server.url)
    paths = ("/desk/watch/occurrences/", f"/desk/watch/occurrences/{quake.pk}/")
    for path in paths:
        for width in (1280, 390):
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(live_server.url + path)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert accessibility() == []
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(live_server.url + paths[0])
    page.get_by_role("row").filter(has_text="M 5.8").get_by_role("link").click()
    page.get_by_label("Areas").select_option("mmi:7")
    page.get_by_role("button", name="Draft a warning").click()
    page.wait_for_url("**/desk/drafts/*/")
    assert "Magnitude 5.8" in page.content()
