"""A draft's content: what may be kept, what is missing, what it becomes in CAP."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tocsin import cap
from tocsin.errors import DraftError
from tocsin.office.warnings_desk import drafts
from tocsin.office.warnings_desk.content import gaps, read_content
from tocsin.triggers.rules import Level

from .. import drafting
from ..drafting import NOW, content, draft, issued

CIRCLE = (40.5, -74.0, 10)
RED_A = {"level": "red", "area_codes": ["a"]}


def test_it_goes_through_json_unchanged():
    said = content(blocks=[{"level": "red", "area_codes": ["west"], "circles": [CIRCLE]}])
    assert read_content(said.as_json()) == said


def test_a_half_done_content_can_be_kept():
    kept = read_content({"status": "Actual", "hazard": "heat", "texts": {"en": {"event": "Heat"}}})
    assert kept.level == Level.NONE
    assert read_content(kept.as_json()) == kept


@pytest.mark.parametrize(
    ("changed", "field", "words"),
    [
        ({"statsu": "Actual"}, "statsu", "Did you mean status?"),
        ({"status": "Draft"}, "status", "not known"),
        ({"hazard": "Heat wave"}, "hazard", "not written"),
        ({"blocks": [{"level": "purple"}]}, "blocks.0.level", "not known"),
        ({"blocks": [{"level": "red", "circles": [(95, 0, 1)]}]}, "blocks.0.circles.0.0", "large"),
        ({"blocks": [{"level": "red", "circles": [(0, 0, 0)]}]}, "blocks.0.circles.0.2", "small"),
        ({"blocks": [{"level": "red", "polygons": [[(0, 0), (1, 1)]]}]}, "blocks.0.polygons.0", ""),
        ({"blocks": [{"level": "red"}, {"level": "red"}]}, "", "Two blocks have one level"),
        ({"blocks": [RED_A, {"level": "blue", "area_codes": ["a"]}]}, "", "area a stands twice"),
        ({"expires": "2026-07-18T12:00:00"}, "expires", "no offset"),
        ({"texts": {"en": {"title": "x"}}}, "texts.en.title", "not known"),
        ({"urgency": "Soon"}, "urgency", "not known"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_by_its_path(changed, field, words):
    with pytest.raises(DraftError) as refused:
        read_content({"status": "Actual", "hazard": "heat", **changed})
    fault = refused.value.faults[0]
    assert fault.field == field
    assert words in str(fault)


def missing(said, kind="issue"):
    found = gaps(said, kind=kind, languages=["en", "zh-Hans"], areas={"west", "east"})
    return {fault.field for fault in found}


def test_a_whole_content_has_no_gaps():
    assert missing(content()) == set()


@pytest.mark.parametrize(
    ("changed", "fields"),
    [
        ({"blocks": []}, {"blocks"}),
        ({"blocks": [{"level": "red"}]}, {"blocks.0"}),
        ({"blocks": [{"level": "red", "area_codes": ["north"]}]}, {"blocks.0.area_codes"}),
        ({"expires": None}, {"expires"}),
        ({"onset": NOW + timedelta(hours=13)}, {"expires"}),
        ({"texts": {"en": drafting.TEXTS["en"]}},
         {"texts.zh-Hans.event", "texts.zh-Hans.headline", "texts.zh-Hans.description"}),
        ({"texts": {**drafting.TEXTS, "fr": drafting.TEXTS["en"]}}, {"texts.fr"}),
    ],
)  # fmt: skip
def test_gaps_are_named_by_their_field(changed, fields):
    assert missing(content(**changed)) == fields


def test_a_cancel_needs_words_and_no_area():
    assert missing(content(blocks=[], expires=None), kind="cancel") == set()


@pytest.mark.django_db
class TestAsMessage:
    @pytest.fixture
    def office(self):
        return drafting.make_office()

    def test_each_level_has_its_info_in_each_language_the_highest_first(self, office):
        blocks = [
            {"level": "yellow", "area_codes": ["west"]},
            {"level": "red", "area_codes": ["east"]},
        ]
        message = issued(office, content(blocks=blocks))
        alert = cap.parse(bytes(message.raw)).alert
        told = [(info.language, info.severity, info.area[0].area_desc) for info in alert.info]
        assert told == [
            ("en", "Extreme", "East County"),
            ("zh-Hans", "Extreme", "东县"),
            ("en", "Moderate", "West County"),
            ("zh-Hans", "Moderate", "西县"),
        ]
        assert message.levels == {"east": 4, "west": 2}
        assert alert.info[2].parameter[0].value == "yellow"

    def test_a_circle_reaches_the_areas_it_touches_and_goes_out_as_a_circle(self, office):
        message = issued(office, content(blocks=[{"level": "orange", "circles": [CIRCLE]}]))
        area = cap.parse(bytes(message.raw)).alert.info[0].area[0]
        assert (area.circle[0].lat, area.circle[0].lon, area.circle[0].radius_km) == CIRCLE
        assert area.area_desc == "Parts of East County, West County"
        assert message.levels == {"east": 3, "west": 3}
        # A circle of 10 km, 314 km2, astride of two squares of 9,403 km2 with 1000 people each.
        assert message.impact["drawn"] is True
        assert message.impact["people"] == pytest.approx(1000 * 314.2 / 9403, abs=1)

    def test_a_ring_left_open_is_closed(self, office):
        ring = [(40.1, -74.9), (40.1, -74.1), (40.9, -74.1)]
        message = issued(office, content(blocks=[{"level": "orange", "polygons": [ring]}]))
        polygon = cap.parse(bytes(message.raw)).alert.info[0].area[0].polygon[0]
        assert polygon[0] == polygon[-1] == ring[0]
        assert message.levels == {"west": 3}

    def test_an_area_of_the_tree_stands_for_all_below_it(self, office):
        message = issued(office, content("orange", "R"))
        area = cap.parse(bytes(message.raw)).alert.info[0].area[0]
        assert (area.area_desc, len(area.polygon)) == ("Region", 2)
        assert message.levels == {"east": 3, "west": 3}
        assert message.impact["people"] == 2000

    def test_all_that_cap_says_of_a_half_done_draft_is_there_for_the_preview(self, office):
        one = draft(office)
        desk = drafts.Desk.here(office.region)
        half = content(texts={"en": {"event": "Heat"}}, web="not an address")
        found = drafts.examine(one, desk, content=half, at=NOW)
        assert not found.is_ready
        assert found.alert.info[0].event == "Heat"
        assert any(one.path.endswith("web") for one in found.findings)
        assert {fault.field for fault in found.gaps} >= {"texts.en.headline"}
        one.refresh_from_db()
        assert one.revision == 1

    def test_severity_may_be_said_apart_from_the_level(self, office):
        message = issued(office, content(severity="Unknown"))
        assert cap.parse(bytes(message.raw)).alert.info[0].severity == "Unknown"
