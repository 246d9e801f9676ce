"""Earthquakes and hotspots on the desk: list, filters, one with its areas, draft and event."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.office import small_region
from tocsin.office.places.models import Region, Settlement
from tocsin.office.places.services import load_region_folder
from tocsin.office.warnings_desk.models import Draft
from tocsin.office.watch import reached
from tocsin.office.watch.models import Event, Feed
from tocsin.office.watch.occurrence_models import Occurrence, OccurrenceCorrection

NOW = datetime(2013, 7, 15, 20, tzinfo=UTC)


@pytest.fixture
def region(db: None, tmp_path: Path) -> Region:
    """Two counties side by side, 74 W to 75 W and 73 W to 74 W; the clock at NOW."""
    reached._ground.cache_clear()
    load_region_folder(small_region.write_region(tmp_path / "small"), at=NOW)
    Region.objects.update(clock_at=NOW)
    return Region.objects.get()


def make(kind: str = "earthquake", **fields: Any) -> Occurrence:
    feed, _ = Feed.objects.get_or_create(
        code="quakes", defaults={"source": "USGS", "delay_min": 0, "read_at": NOW}
    )
    settled: dict[str, Any] = {
        "feed": feed, "kind": kind, "source_id": f"us{Occurrence.objects.count()}",
        "time": NOW - timedelta(hours=2), "lat": 40.5, "lon": -74.5, "value": 5.8, "unit": "1",
        "depth_km": 10.0, "facts": {"place": "3 km N of Somewhere", "status": "automatic"},
        "first_read_at": NOW, "changed_at": NOW,
    }  # fmt: skip
    if kind == "hotspot":
        settled |= {"unit": "MW", "depth_km": None, "facts": {"satellite": "N20"}, "value": 15.2}
    return Occurrence.objects.create(**(settled | fields))


def test_before_the_first_the_page_says_what_to_do(
    officer: Client, region: Region, words: Callable[[object], str]
) -> None:
    said = words(officer.get("/desk/watch/occurrences/"))
    assert "No feed has brought an earthquake or a hotspot yet" in said


def test_the_list_is_filtered_by_kind_time_and_place(
    officer: Client, region: Region, words: Callable[[object], str]
) -> None:
    make()
    make("hotspot")
    make(time=NOW - timedelta(days=20), value=4.4)
    make(lat=-20.0, lon=170.0, value=6.6)
    make(time=NOW + timedelta(hours=3), value=7.7)
    said = words(officer.get("/desk/watch/occurrences/"))
    assert "2 found" in said
    assert "inside West County" in said
    for query, there, gone in (
        ("kind=earthquake", "M 5.8", "Hotspot 15.2 MW"),
        ("kind=hotspot", "15.2 MW", "M 5.8"),
        ("days=30", "M 4.4", "M 6.6"),
        ("where=all", "M 6.6", "M 7.7"),
    ):
        said = words(officer.get(f"/desk/watch/occurrences/?{query}"))
        assert there in said
        assert gone not in said
    export = officer.get("/desk/watch/occurrences/?format=csv&where=all")
    rows = b"".join(export.streaming_content).decode().splitlines()
    assert len(rows) == 4
    assert rows[1].startswith("earthquake,us") or rows[1].startswith("hotspot,us")


def test_one_shows_areas_by_intensity_and_people_inside_each(
    officer: Client, region: Region, words: Callable[[object], str]
) -> None:
    """By hand, with near = -0.209 + 2.042*exp(0.8) = 4.335.

    At 10 km: 2.085 + 1.428*5.8 - 1.402*ln(hypot(10, 4.335)) = 7.02; the east begins half a degree
    away, 42.3 km and 43.5 km from the focus: 10.367 - 1.402*ln(hypot(43.5, 4.335)) = 5.07.
    """
    one = make()
    OccurrenceCorrection.objects.create(
        occurrence=one, at=NOW,
        before={"value": 5.5, "lat": 40.5, "lon": -74.4, "depth_km": 9.0, "deleted": False},
        after={"value": 5.8, "lat": 40.5, "lon": -74.5, "depth_km": 10.0, "deleted": False},
    )  # fmt: skip
    said = words(officer.get(f"/desk/watch/occurrences/{one.pk}/"))
    assert "West County 7.0 inside" in said
    assert "East County 5.1 42 km" in said
    assert "Allen, Wald and Worden (2012)" in said
    assert "5.5 5.8 40.500°, \u221274.400°, 9.0 km" in said
    people = dict(reached.shaken(one, region).people)  # type: ignore[union-attr]
    assert people == {7: 1000, 4: 500}


def test_settlements_are_counted_where_there_are_any(region: Region) -> None:
    from tocsin.office.places.models import Area

    west = Area.objects.get(code="west")
    Settlement.objects.create(
        code="t", names={"en": "Town"}, lat=40.5, lon=-74.02, area=west, population=300, source="x"
    )
    reached._ground.cache_clear()
    found = reached.shaken(make(), region)
    assert found is not None
    assert sum(people for _, people in found.people) == 800
    assert (found.settlements, found.areas) == (1, 1)
    reached._ground.cache_clear()


@pytest.mark.parametrize("fields", [{"value": 4.4}, {"depth_km": None}, {"lat": 44.9}])
def test_outside_the_relation_there_is_no_estimate(
    officer: Client, region: Region, words: Callable[[object], str], fields: dict[str, Any]
) -> None:
    said = words(officer.get(f"/desk/watch/occurrences/{make(**fields).pk}/"))
    assert "No estimate of intensity" in said
    assert "People by intensity" not in said


def test_a_draft_begins_with_the_areas_of_an_intensity(officer: Client, region: Region) -> None:
    one = make()
    answer = officer.post(
        f"/desk/watch/occurrences/{one.pk}/draft/", {"areas": "mmi:5", "level": "orange"}
    )
    draft = Draft.objects.get()
    assert answer["Location"].endswith(f"/desk/drafts/{draft.pk}/")
    assert draft.content["hazard"] == "earthquake"
    assert [(b["level"], b["area_codes"]) for b in draft.content["blocks"]] == [
        ("orange", ["east", "west"])
    ]
    assert draft.content["certainty"] == "Observed"
    assert draft.content["category"] == ["Geo"]
    texts = draft.content["texts"]
    assert texts["en"]["description"].startswith("Magnitude 5.8, 10 km deep, at 40.50°N 74.50°W")
    assert "5.8级地震" in texts["zh-Hans"]["description"]


def test_hotspots_choose_the_areas_they_burn_in(
    officer: Client, region: Region, words: Callable[[object], str]
) -> None:
    one = make("hotspot")
    make("hotspot", lat=40.6, value=4.8)
    make("hotspot", lon=-73.5, time=NOW - timedelta(days=3))
    said = words(officer.get("/desk/watch/occurrences/"))
    assert "West County 2 20.0 MW" in said
    officer.post(f"/desk/watch/occurrences/{one.pk}/draft/", {"areas": "inside", "level": "red"})
    draft = Draft.objects.get()
    assert draft.content["hazard"] == "fire"
    assert draft.content["blocks"][0]["area_codes"] == ["west"]


def test_it_is_recorded_as_an_event_of_each_area_once(officer: Client, region: Region) -> None:
    one = make()
    for _ in range(2):
        officer.post(f"/desk/watch/occurrences/{one.pk}/record/", {"areas": "km:5", "level": "red"})
    event = Event.objects.get()
    assert (event.hazard, event.area.code, event.level) == ("earthquake", "west", 4)
    assert (event.first_at, event.last_at) == (one.time, one.time)
    assert event.source == f"USGS, {one.source_id}"
    assert event.words == "M 5.8, 3 km N of Somewhere"


def test_what_was_taken_back_says_so_and_leads_nowhere(
    officer: Client, region: Region, words: Callable[[object], str]
) -> None:
    one = make(deleted_at=NOW)
    said = words(officer.get(f"/desk/watch/occurrences/{one.pk}/"))
    assert "Its source took this back" in said
    assert "Draft a warning" not in said
    officer.post(f"/desk/watch/occurrences/{one.pk}/draft/", {"areas": "mmi:5"})
    assert not Draft.objects.exists()


def test_strangers_are_sent_to_sign_in_and_other_roles_refused(
    region: Region, signed_in: Callable[..., Client]
) -> None:
    one = make()
    inspector = signed_in("inspector")
    for path in ("", f"{one.pk}/"):
        assert Client().get(f"/desk/watch/occurrences/{path}").status_code == 302
        assert inspector.get(f"/desk/watch/occurrences/{path}").status_code == 403
    assert inspector.post(f"/desk/watch/occurrences/{one.pk}/draft/").status_code == 403


def test_the_desks_map_marks_the_last_24_hours(officer: Client, region: Region) -> None:
    one = make()
    make("hotspot", time=NOW - timedelta(hours=30))
    body = officer.get("/desk/").content.decode()
    assert body.count('class="quake"') == 1
    assert 'class="spot"' not in body
    assert f"/desk/watch/occurrences/{one.pk}/" in body
