"""A folder's rows: the tree that treebeard would build, written only where something differs."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tocsin.office.places.loading import load_places
from tocsin.office.places.models import Area, Facility, Station
from tocsin.region import Area as AreaRead
from tocsin.region import load_region

from ..small_region import write_region

pytestmark = pytest.mark.django_db
PARENTS = {
    "p": None, "p2": None, "p-c1": "p", "p-c10": "p", "p-c2": "p", "p-c2-t2": "p-c2",
    "p-c2-t1": "p-c2", "p-c2-t1-v1": "p-c2-t1", "p2-c1": "p2",
}  # fmt: skip


@pytest.fixture
def small(tmp_path):
    return load_region(write_region(tmp_path / "small"))


def load(small, parents):
    areas = [
        AreaRead(code=code, kind="county", parent=parent, name={"en": code})
        for code, parent in parents.items()
    ]
    load_places(small.model_copy(update={"areas": tuple(areas), "facilities": ()}))


def tree():
    return {
        row[0]: row[1:] for row in Area.objects.values_list("code", "path", "depth", "numchild")
    }


def test_the_tree_is_the_one_that_adding_children_makes(small):
    for code, parent in PARENTS.items():
        facts = {"code": code, "kind": "county", "names": {}}
        if parent is None:
            Area.objects.add_root(facts)
        else:
            Area.objects.add_child(Area.objects.get(code=parent), facts)
    by_treebeard = tree()
    Area.objects.all().delete()
    load(small, PARENTS)
    assert tree() == by_treebeard
    assert not any(Area.objects.find_problems())


@pytest.mark.parametrize(
    "later",
    [
        {**PARENTS, "p-c0": "p"},
        {**PARENTS, "p-c2": "p2"},
        {**PARENTS, "p-c2-t1": "p2-c1"},
        {code: parent for code, parent in PARENTS.items() if code != "p-c1"},
        {"p2": None, "p": "p2", "p-c2-t1-v1": "p"},
    ],
    ids=["one more", "a branch moved", "a twig moved", "one less", "a parent gone, its child kept"],
)
def test_loaded_over_another_it_is_the_tree_of_an_empty_database(small, later):
    load(small, PARENTS)
    keys = dict(Area.objects.values_list("code", "pk"))
    load(small, later)
    grown = tree()
    assert not any(Area.objects.find_problems())
    assert all(keys.get(code, key) == key for code, key in Area.objects.values_list("code", "pk"))
    Area.objects.all().delete()
    load(small, later)
    assert grown == tree()


def test_nothing_is_written_where_nothing_differs(small):
    load_places(small)
    with CaptureQueriesContext(
        connection,
    ) as said:
        load_places(small)
    assert not [q["sql"] for q in said if q["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
    assert len(said) <= 12


def test_a_row_that_differs_is_written_in_place(small):
    load_places(small)
    keys = set(Station.objects.values_list("pk", flat=True))
    moved = [one.model_copy(update={"lat": one.lat + 1}) for one in small.stations]
    load_places(small.model_copy(update={"stations": tuple(moved)}))
    assert set(Station.objects.values_list("code", "lat")) == {(one.id, one.lat) for one in moved}
    assert set(Station.objects.values_list("pk", flat=True)) == keys
    load_places(small.model_copy(update={"facilities": ()}))
    assert not Facility.objects.exists()
