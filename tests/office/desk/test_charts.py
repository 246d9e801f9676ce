"""The year in a strip and the week by hazard: plain numbers, without a database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tocsin.office.atlas.desk_charts import STRIP_WIDTH, week, year_strip, year_ticks
from tocsin.office.atlas.desk_episodes import Episode, Stretch
from tocsin.office.atlas.desk_map import area_short_names
from tocsin.office.atlas.desk_queries import moves_between

FIRST, LAST = datetime(2013, 1, 1, 5, tzinfo=UTC), datetime(2014, 1, 1, 5, tzinfo=UTC)
ZONE = ZoneInfo("America/New_York")
AT = datetime(2013, 7, 18, 19, tzinfo=UTC)


def episode(*parts: tuple[datetime, float, int], hazard: str = "heat") -> Episode:
    """A warning of stretches: (start, hours, level)."""
    stretches = tuple(
        Stretch(
            number, start, start + timedelta(hours=hours), level,
            {"a": level} if level else {}, "raise" if level else "cancel",
        )
        for number, (start, hours, level) in enumerate(parts, 1)
    )  # fmt: skip
    return Episode("x", "heat", 1, hazard, {"en": "Heat"}, stretches)


def test_a_warning_stands_in_the_strip_where_it_was_in_the_year():
    (bar,) = year_strip([episode((FIRST + (LAST - FIRST) / 2, 24, 3))], FIRST, LAST)
    assert bar.level == 3
    assert bar.x == pytest.approx(STRIP_WIDTH / 2, abs=2)
    assert bar.width == pytest.approx(STRIP_WIDTH / 365, abs=2)


def test_the_higher_of_two_covers_the_lower():
    low, high = episode((AT, 48, 1)), episode((AT, 48, 4))
    for order in ([low, high], [high, low]):
        assert [bar.level for bar in year_strip(order, FIRST, LAST)] == [4]


def test_a_short_warning_is_never_lost_and_one_outside_is_never_drawn():
    assert len(year_strip([episode((AT, 0.5, 1))], FIRST, LAST)) == 1
    before = episode((FIRST - timedelta(days=9), 24, 2))
    after = episode((LAST + timedelta(days=9), 24, 2))
    assert year_strip([before, after], FIRST, LAST) == []


def test_a_cancel_colours_nothing():
    assert year_strip([episode((AT, 0, 0))], FIRST, LAST) == []


def test_a_click_on_a_bar_leads_into_the_warning():
    ends = AT + timedelta(hours=40)
    (bar,) = year_strip([episode((AT, 40, 2))], FIRST, LAST)
    assert bar.start.minute == 0
    assert AT - timedelta(hours=12) <= bar.start < ends


def test_the_months_of_a_year_are_marked_in_the_zone():
    ticks = year_ticks(FIRST, LAST, ZONE)
    assert [tick.at.month for tick in ticks] == list(range(1, 13))
    assert ticks[0].x == 0


def test_the_week_shows_six_days_back_and_one_on():
    past = episode((AT - timedelta(days=2), 24, 2))
    later = episode((AT + timedelta(hours=6), 6, 4))
    gone = episode((AT - timedelta(days=9), 24, 3))
    drawn = week([past, later, gone], AT, ZONE, ["heat", "wind"])
    rows = {hazard: bars for hazard, _, bars in drawn.rows}
    assert [(bar.level, bar.is_later) for bar in rows["heat"]] == [(2, False), (4, True)]
    assert rows["wind"] == []
    assert rows["heat"][0].x < drawn.now_x < rows["heat"][1].x
    assert rows["heat"][1].x + rows["heat"][1].width <= drawn.width


def test_moves_say_from_what_to_what():
    one = episode(
        (AT - timedelta(hours=30), 20, 1), (AT - timedelta(hours=10), 6, 3),
        (AT - timedelta(hours=4), 0, 0),
    )  # fmt: skip
    (move,) = moves_between([one], AT - timedelta(hours=24), AT)
    assert (move.before, move.top, move.after, move.messages) == (1, 3, 0, 2)
    assert moves_between([one], AT, AT + timedelta(hours=24)) == []


def test_names_lose_what_all_of_them_share():
    english = {"a": "Kings County (Brooklyn)", "b": "Essex County"}
    assert area_short_names(english) == {"a": "Kings", "b": "Essex"}
    assert area_short_names({"a": "金斯县（布鲁克林区）", "b": "伯根县"}) == {
        "a": "金斯",
        "b": "伯根",
    }


def test_names_of_one_word_stay_whole():
    assert area_short_names({"a": "Oxford", "b": "Bedford"}) == {"a": "Oxford", "b": "Bedford"}
    assert area_short_names({"a": "Essex County"}) == {"a": "Essex County"}
