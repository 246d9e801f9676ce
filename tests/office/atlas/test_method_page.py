"""How we warn: what is really in use, with its source."""

from __future__ import annotations

import pytest

from tests.office import factories

from .test_home import words


def test_it_names_levels_by_colour_word_and_shape(client, heat_wave):
    said = words(client.get("/how-we-warn/"))
    for level, shape in (
        ("Red", "octagon"),
        ("Orange", "diamond"),
        ("Yellow", "triangle"),
        ("Blue", "circle"),
    ):
        assert f"{level} {shape}" in said


def test_a_rule_stands_with_its_thresholds_and_source(client, heat_wave):
    said = words(client.get("/how-we-warn/"))
    assert "Orange ≥ 100 °F" in said
    assert "It counts after 2 hours in a row." in said
    assert "Source: NWS Eastern Region heat criteria" in said


def test_only_the_newest_version_of_a_rule_is_shown(client, heat_wave):
    factories.make_rule(version=4, source="a newer source")
    said = words(client.get("/how-we-warn/"))
    assert "version 4" in said
    assert "version 3" not in said


@pytest.mark.parametrize("prefix", ["", "/zh-hans"])
def test_each_rule_leads_to_its_indicator_and_its_method(client, heat_wave, prefix):
    said = client.get(prefix + "/how-we-warn/").content.decode()
    assert 'href="#heat_index"' in said
    assert 'id="heat_index"' in said


def test_data_sources_stand_with_their_licence(client, heat_wave):
    said = words(client.get("/how-we-warn/"))
    assert "Licence: CC0" in said
    assert "Known 60 minutes after the hour it is labelled with." in said
    assert "Each county takes the nearest station within 60 km" in said


@pytest.mark.parametrize(
    ("prefix", "joined"), [("", "and Gust force"), ("/zh-hans", "并且 阵风等级")]
)
def test_every_condition_of_a_rule_is_shown(client, heat_wave, prefix, joined):
    gusts = {"indicator": "gust_beaufort", "unit": "Bft", "levels": {"yellow": 8, "orange": 9}}
    factories.make_rule(version=4, join="all", also=[gusts], levels={"yellow": 95, "orange": 100})
    page = client.get(prefix + "/how-we-warn/")
    assert joined in words(page)
    assert 'id="gust_beaufort"' in page.content.decode(), "its method is on the page as well"
