"""The region's folder in the database, and its clock."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from tocsin.errors import NotAllowedError, RegionError, StateError
from tocsin.office.audit.models import Entry
from tocsin.office.places.models import Area, Facility, Region, Station
from tocsin.office.places.services import load_region_folder, set_clock

from ..factories import NOW, make_region, make_user
from ..small_region import AREAS, write_region

pytestmark = pytest.mark.django_db
WALL = datetime(2026, 1, 2, 3, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path):
    return write_region(tmp_path / "small")


def test_a_folder_becomes_a_tree_of_areas_with_their_stations(folder):
    load_region_folder(folder, at=WALL)
    west = Area.objects.get(code="west")
    assert Area.objects.get_parent(west).code == "R"
    assert west.population == 1000
    assert [station for station, _ in west.stations] == ["AAA"]
    assert Facility.objects.get().area == west
    assert Station.objects.count() == 2


def test_loaded_twice_it_changes_nothing(folder):
    load_region_folder(folder, at=WALL)
    load_region_folder(folder, at=WALL)
    assert Area.objects.count() == 3
    assert Entry.objects.count() == 1


def test_a_changed_folder_changes_the_areas_in_place(folder):
    load_region_folder(folder, at=WALL)
    (folder / "areas.csv").write_text(AREAS.replace("1000", "1001"))
    load_region_folder(folder, at=WALL)
    assert Area.objects.get(code="west").population == 1001
    assert Area.objects.count() == 3


def test_an_area_taken_out_of_the_folder_is_no_longer_warned(folder):
    load_region_folder(folder, at=WALL)
    kept = "\n".join(line for line in AREAS.splitlines() if not line.startswith("west")) + "\n"
    (folder / "areas.csv").write_text(kept)
    outlines = folder / "outlines.geojson"
    features = json.loads(outlines.read_text())
    features["features"] = [f for f in features["features"] if f["properties"]["code"] == "east"]
    outlines.write_text(json.dumps(features))
    load_region_folder(folder, at=WALL)
    assert set(Area.objects.values_list("code", flat=True)) == {"R", "east"}
    assert Station.objects.count() == 2


def test_a_folder_with_faults_leaves_the_database_alone(folder):
    (folder / "areas.csv").write_text(AREAS.replace("1000", "many"))
    with pytest.raises(RegionError, match=r"areas\.csv:3"):
        load_region_folder(folder, at=WALL)
    assert not Region.objects.exists()


def test_a_data_folder_serves_one_region(folder):
    make_region()
    with pytest.raises(StateError, match="serves the region new-york-2013"):
        load_region_folder(folder, at=WALL)


ALLOWED = {"duty_officer": True, "approver": False, "inspector": False, None: False}


@pytest.mark.parametrize(("role", "allowed"), ALLOWED.items())
def test_who_may_set_the_clock(role, allowed):
    region = make_region()
    user = make_user("somebody", *([role] if role else []))
    there = NOW - timedelta(days=1)
    if not allowed:
        with pytest.raises(NotAllowedError, match="takes the role duty officer"):
            set_clock(region, there, by=user, moment=WALL)
        assert not Entry.objects.exists()
        return
    assert set_clock(region, there, by=user, moment=WALL).clock_at == there
    assert Entry.objects.get().actor == "somebody"


@pytest.mark.parametrize("days", [-400, 400])
def test_the_clock_stays_inside_what_was_replayed(days):
    region = make_region()
    with pytest.raises(StateError, match="has not been replayed"):
        set_clock(region, NOW + timedelta(days=days), by="tocsin", moment=WALL)


def test_a_live_region_has_no_clock_to_set():
    region = make_region(is_replay=False)
    with pytest.raises(StateError, match="shows the present"):
        set_clock(region, NOW, by="tocsin", moment=WALL)
    assert region.now(WALL) == WALL
