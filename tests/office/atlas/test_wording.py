"""How pages say numbers, units, people and times, in both languages."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone, translation

from tocsin.office.atlas import wording
from tocsin.office.warnings_desk.wording import threshold_with_unit, value_with_unit
from tocsin.triggers.rules import LEVELS

MOMENT = datetime(2013, 7, 18, 19, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("count", "english", "chinese"),
    [
        (None, "–", "–"),
        (0, "0", "0"),
        (950, "950", "950"),
        (9_999, "9,999", "9,999"),
        (84_321, "84,000", "8.4万"),
        (413_000, "413,000", "41.3万"),
        (1_400_000, "1.4 million", "140万"),
        (1_620_000, "1.62 million", "162万"),
        (8_600_000, "8.6 million", "860万"),
        (13_320_000, "13.3 million", "1332万"),
        (120_000_000, "120 million", "1.2亿"),
    ],
)
def test_people_are_rounded_as_they_deserve(count, english, chinese):
    assert wording.people_count(count) == english
    with translation.override("zh-hans"):
        assert wording.people_count(count) == chinese


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (103.24, "degF", "103.2\u00a0°F"),
        (-0.04, "degC", "0.0\u00a0°C"),
        (-25.0, "degF", "−25.0\u00a0°F"),
        (48.4, "%", "48%"),
        (8.0, "Bft", "8\u00a0Bft"),
        (12345.6, "m", "12,345.60\u00a0m"),
        (1.0, "furlong", "1.0\u00a0furlong"),
        (None, "degC", "–"),
        (float("nan"), "degC", "–"),
    ],
)
def test_a_value_carries_its_unit(value, unit, said):
    assert wording.value_text(value, unit) == said


@pytest.mark.parametrize(
    ("limit", "unit", "said", "in_message"),
    [
        (100.0, "degF", "100\u00a0°F", "100 °F"),
        (37.8, "degC", "37.8\u00a0°C", "37.8 °C"),
        (0.125, "mile", "0.125\u00a0mi", "0.125 mi"),
        (0.0625, "inch", "0.0625\u00a0inches", "0.0625 inches"),
        (1250.0, "m", "1,250\u00a0m", "1250 m"),
        (-0.5, "degC", "−0.5\u00a0°C", "-0.5 °C"),
        (0.1 + 0.2, "mm", "0.3\u00a0mm", "0.3 mm"),
        (43.283741, "mm", "43.28\u00a0mm", "43.3 mm"),  # computed, from a record of years
        (None, "mm", "–", None),
    ],
)
def test_a_threshold_has_as_many_digits_as_it_was_given(limit, unit, said, in_message):
    assert wording.limit_text(limit, unit, in_sentence=True) == said
    if in_message:
        assert threshold_with_unit(limit, unit, "en") == in_message


def test_an_inch_is_written_out_in_a_sentence_and_nowhere_else():
    """0.62 in in an hour reads badly."""
    assert wording.value_text(0.62, "inch") == "0.62\u00a0in"
    assert wording.value_text(0.62, "inch", in_sentence=True) == "0.62\u00a0inches"
    assert value_with_unit(0.62, "inch", "en") == "0.62 inches"
    assert value_with_unit(0.62, "inch", "zh-Hans") == "0.62 英寸"
    with translation.override("zh-hans"):
        assert wording.value_text(0.62, "inch", in_sentence=True) == "0.62\u00a0英寸"


def test_a_stored_value_is_converted_for_the_page():
    units = {"temperature": "degF", "speed": "mph"}
    value, unit = wording.display_value(20.0, "air_temperature", "degC", units)
    assert (round(value, 6), unit) == (68.0, "degF")
    assert wording.display_value(50.0, "relative_humidity", "%", units) == (50.0, "%")
    assert wording.display_value(None, "air_temperature", "degC", units) == (None, "degF")


def test_times_stand_in_the_zone_and_the_language():
    with timezone.override(ZoneInfo("America/New_York")):
        assert wording.time_long(MOMENT) == "Thursday 18 July 2013, 15:00 EDT"
        assert wording.time_short(MOMENT) == "Thu 18 Jul 15:00"
        assert wording.time_short(MOMENT, year=True) == "Thu 18 Jul 2013 15:00"
        with translation.override("zh-hans"):
            assert wording.time_long(MOMENT) == "2013年7月18日（周四）15:00 EDT"
            assert wording.time_short(MOMENT) == "7月18日 15:00"


@pytest.mark.parametrize(
    ("hours", "english", "chinese"),
    [
        (0.5, "30 min", "30分钟"),
        (5.2, "5 h", "5小时"),
        (47, "47 h", "47小时"),
        (72, "3 days", "3天"),
    ],
)
def test_lengths_of_time(hours, english, chinese):
    assert wording.time_span(hours) == english
    with translation.override("zh-hans"):
        assert wording.time_span(hours) == chinese


def test_names_lose_the_word_they_share():
    assert wording.short_names({"1": "Kings County (Brooklyn)", "2": "Essex County"}) == {
        "1": "Kings (Brooklyn)",
        "2": "Essex",
    }
    assert wording.short_names({"1": "Bronx County (The Bronx)", "2": "A County"})["1"] == "Bronx"
    kept = {"1": "New York", "2": "Essex County"}
    assert wording.short_names(kept) == kept
    assert wording.short_names({"1": "Only County"}) == {"1": "Only County"}


def test_each_level_has_word_shape_and_meaning_in_both_languages():
    for level in LEVELS:
        english = str(wording.LEVEL_WORDS[level]), str(wording.LEVEL_SHAPES[level])
        with translation.override("zh-hans"):
            chinese = str(wording.LEVEL_WORDS[level]), str(wording.LEVEL_SHAPES[level])
            assert str(wording.LEVEL_MEANINGS[level]).endswith("。")
        assert english[0] == level.word
        assert not set(english) & set(chinese)


@pytest.mark.parametrize(
    ("limit", "unit", "is_low", "english", "chinese"),
    [
        (100.0, "degF", False, "≥ 100\N{NO-BREAK SPACE}°F", "≥ 100\N{NO-BREAK SPACE}°F"),
        (-5.5, "degC", True, "≤ −5.5\N{NO-BREAK SPACE}°C", "≤ −5.5\N{NO-BREAK SPACE}°C"),
        (10.0, "year", False, "once in 10 years", "10年一遇"),
        (10.0, "year", True, "once in 10 years", "10年一遇"),
    ],
)
def test_a_bound_has_a_side_and_a_rarity_has_none(limit, unit, is_low, english, chinese):
    assert wording.bound_text(limit, unit, is_low=is_low) == english
    with translation.override("zh-hans"):
        assert wording.bound_text(limit, unit, is_low=is_low) == chinese
