"""A warning raised or lowered speaks at its new level, unless an officer has put it otherwise."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tocsin.office.warnings_desk import drafts
from tocsin.office.warnings_desk.content import read_content
from tocsin.office.warnings_desk.retold import retold
from tocsin.office.warnings_desk.services import Desk
from tocsin.office.warnings_desk.texts import opening_by_hand
from tocsin.triggers.rules import Level

from .. import drafting
from ..drafting import NOW, content, issued

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Hot: 35 °C at JFK", "Dangerous: 35 °C at JFK!"),
        ("EXERCISE: Hot: 35 °C at JFK", "EXERCISE: Dangerous: 35 °C at JFK!"),
        ("Stay in today", "Stay in today"),
        ("", ""),
    ],
)
def test_values_go_over_into_the_words_of_the_new_level(text, said):
    assert retold(text, "Hot: {value} at {place}", "Dangerous: {value} at {place}!") == said


def test_words_that_ask_for_more_than_is_known_are_not_taken():
    assert retold("Hot at JFK", "Hot at {place}", "Hot: {value} at {place}") == "Hot at JFK"
    assert retold("a b a", "{x} b {x}", "{x}!") == "a!"
    assert retold("a b c", "{x} b {x}", "{x}!") == "a b c"


@pytest.mark.django_db
def test_a_heat_warning_lowered_from_orange_speaks_as_yellow_does():
    office = drafting.make_office()
    desk = Desk.here(office.region)
    by_hand = opening_by_hand(desk, "heat", Level.ORANGE, NOW).as_json()
    message = issued(office, content(texts=by_hand["texts"], expires=by_hand["expires"]))
    lowered = read_content(
        drafts.start_from_warning(
            message.warning, "downgrade", by=office.duty, at=NOW + HOUR
        ).content
    )
    yellow = opening_by_hand(desk, "heat", Level.YELLOW, NOW)
    for language in ("en", "zh-Hans"):
        assert lowered.texts[language].headline == yellow.texts[language].headline
        assert lowered.texts[language].instruction == yellow.texts[language].instruction


@pytest.mark.django_db
def test_an_officer_s_own_words_stay():
    office = drafting.make_office()
    message = issued(office)
    draft = drafts.start_from_warning(message.warning, "upgrade", by=office.duty, at=NOW + HOUR)
    assert read_content(draft.content).texts["en"].headline == "Dangerous heat this afternoon"
