"""The home page: what is in force, in the order where, when, why, whom, do."""

from __future__ import annotations

import re
from datetime import timedelta

from tests.office import factories


def words(response) -> str:
    """The page's text, with single spaces and none before a point."""
    said = re.sub(r"<(script|style|svg|title).*?</\1>", " ", response.content.decode(), flags=re.S)
    said = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", said)).replace("\u00a0", " ")
    return re.sub(r" ([.,;:)])", r"\1", said)


def test_it_begins_with_one_sentence_and_the_time(client, heat_wave):
    said = words(client.get("/"))
    assert "1 warning is in force" in said
    assert "Thursday 18 July 2013, 15:00 EDT" in said


def test_it_begins_with_one_sentence_and_the_time_in_chinese(client, heat_wave):
    said = words(client.get("/zh-hans/"))
    assert "当前有1条预警生效" in said
    assert "2013年7月18日（周四）15:00 EDT" in said


def test_a_card_answers_five_questions_in_order(client, heat_wave):
    said = words(client.get("/"))
    places = [said.index(f" {word} ") for word in ("Where", "When", "Why", "Whom", "Do")]
    assert places == sorted(places)
    assert "Heat index 103.2 °F at JFK airport; orange from 100 °F" in said
    assert "2 million people" in said
    assert "1 airport" in said
    assert "Stay in the shade." in said


def test_areas_stand_by_level_the_highest_first(client, heat_wave):
    said = words(client.get("/"))
    assert said.index("Orange New York") < said.index("Yellow Queens")


def test_the_map_names_each_area_with_its_level(client, heat_wave):
    said = client.get("/").content.decode()
    for title in ("New York: orange", "Queens: yellow", "Westchester: no warning"):
        assert f"<title>{title}</title>" in said
    chinese = client.get("/zh-hans/").content.decode()
    assert "<title>纽约县：橙色</title>" in chinese


def test_nothing_in_force_is_said_with_the_last_look(client, region):
    factories.make_feed()
    said = words(client.get("/"))
    assert "No warning is in force" in said
    assert "Last looked at the observations Thu 18 Jul 15:00." in said
    assert "没有生效的预警" in words(client.get("/zh-hans/"))


def test_what_ended_in_the_last_day_is_listed_with_its_highest_level(client, region):
    warning = factories.make_warning(
        factories.make_rule(), first=factories.NOW - timedelta(hours=9)
    )
    factories.make_message(warning, {"36061": 3}, sent=factories.NOW - timedelta(hours=9))
    factories.make_message(warning, sent=factories.NOW - timedelta(hours=2), msg_type="Cancel")
    said = words(client.get("/"))
    assert "No warning is in force" in said
    assert "Orange · Heat Thu 18 Jul 06:00 to Thu 18 Jul 13:00" in said


def test_a_warning_that_expired_has_ended_without_a_cancel(client, region):
    warning = factories.make_warning(
        factories.make_rule(), first=factories.NOW - timedelta(hours=9)
    )
    factories.make_message(warning, {"36061": 2}, sent=factories.NOW - timedelta(hours=9), hours=4)
    said = words(client.get("/"))
    assert "No warning is in force" in said
    assert "Yellow · Heat Thu 18 Jul 06:00 to Thu 18 Jul 10:00" in said


def test_what_ended_before_yesterday_is_not_listed(client, region):
    long_ago = factories.NOW - timedelta(days=3)
    warning = factories.make_warning(factories.make_rule(), first=long_ago)
    factories.make_message(warning, {"36061": 2}, sent=long_ago, hours=4)
    assert warning.slug not in client.get("/").content.decode()


def test_a_message_later_than_the_moment_is_not_shown(client, heat_wave):
    said = words(client.get("/"))
    assert "Red · Heat" not in said
    heat_wave.region.clock_at = factories.NOW + timedelta(hours=3)
    heat_wave.region.save()
    assert "Red · Heat" in words(client.get("/"))


def test_a_warning_for_every_area_says_the_whole_region(client, heat_wave):
    heat_wave.region.clock_at = factories.NOW + timedelta(hours=3)
    heat_wave.region.save()
    later = factories.NOW + timedelta(hours=2, minutes=30)
    codes = dict.fromkeys(heat_wave.areas, 4)
    factories.make_message(heat_wave.warning, codes, sent=later, msg_type="Update")
    assert "The whole region, all 3 areas" in words(client.get("/"))
