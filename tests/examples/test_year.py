"""The year 2013 replayed: the rows that docs/science/new-york-2013.md speaks of."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tocsin import cap
from tocsin.office.warnings_desk.ledger import verify
from tocsin.office.warnings_desk.models import Message, Warning
from tocsin.office.warnings_desk.replay import replay
from tocsin.office.watch.models import Observation
from tocsin.triggers.rules import Level

REGION = Path(__file__).parents[2] / "examples" / "new-york-2013"
PAGE = Path(__file__).parents[2] / "docs" / "science" / "new-york-2013.md"
NEW_YORK = ZoneInfo("America/New_York")

# rule, warnings, messages, highest level: the table on the page
YEAR = [
    ("heat", 24, 156, Level.RED),
    ("cold", 9, 58, Level.YELLOW),
    ("rain-1h", 13, 14, Level.YELLOW),
    ("rain-6h", 3, 8, Level.BLUE),
    ("rain-24h", 3, 22, Level.ORANGE),
    ("wind", 14, 39, Level.ORANGE),
    ("gust", 33, 110, Level.ORANGE),
    ("fog", 29, 115, Level.ORANGE),
    ("fire-weather", 34, 192, Level.ORANGE),
]
# rule, local hour, level in force somewhere at that hour: what the page says of each event
EVENTS = [
    ("cold", (1, 23, 8), Level.YELLOW),
    ("fog", (2, 9, 3), Level.BLUE),
    ("gust", (2, 8, 16), Level.BLUE),
    ("rain-24h", (5, 8, 14), Level.BLUE),
    ("rain-24h", (6, 7, 17), Level.BLUE),
    ("rain-24h", (6, 8, 4), Level.ORANGE),
    ("heat", (7, 15, 16), Level.ORANGE),
    ("heat", (7, 16, 18), Level.BLUE),
    ("heat", (7, 18, 15), Level.ORANGE),
    ("heat", (7, 19, 16), Level.RED),
    ("wind", (1, 31, 8), Level.ORANGE),
    ("gust", (1, 31, 8), Level.ORANGE),
    ("gust", (7, 23, 20), Level.ORANGE),
    ("gust", (11, 24, 12), Level.YELLOW),
]


def level_at(rule, month, day, hour):
    at = datetime(2013, month, day, hour, tzinfo=NEW_YORK)
    found = Message.objects.in_force(at).filter(warning__rule_version__rule=rule)
    return Level(max((message.level for message in found), default=0))


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.django_db
def test_the_year_is_as_the_page_says():
    """One replay for every row: it takes the better part of a minute."""
    if not (REGION / "prepared" / "weather.csv").is_file():
        pytest.skip("the example's data are not prepared: run examples/new-york-2013/prepare.py")
    replay(REGION, at=datetime(2026, 1, 1, tzinfo=UTC))

    found = []
    for rule, *_ in YEAR:
        messages = Message.objects.filter(warning__rule_version__rule=rule)
        highest = Level(max(messages.values_list("level", flat=True)))
        warnings = Warning.objects.filter(rule_version__rule=rule).count()
        found.append((rule, warnings, messages.count(), highest))
    assert found == YEAR

    assert [(rule, hour, level_at(rule, *hour)) for rule, hour, _ in EVENTS] == EVENTS

    impossible = Observation.objects.get(value__gt=400, series__quantity="wind_speed")
    assert impossible.flags
    winds = Message.objects.filter(warning__hazard="wind")
    assert not winds.filter(sent_at__date__range=("2013-02-11", "2013-02-13")).exists()

    for message in Message.objects.all():
        assert cap.validate(cap.parse(bytes(message.raw)).alert) == [], message.identifier
    assert verify() == sum(messages for _, _, messages, _ in YEAR)


def test_the_page_has_the_same_table():
    text = PAGE.read_text()
    for rule, warnings, messages, highest in YEAR:
        row = f"| {warnings} | {messages} |"
        assert any(
            row in line and line.rstrip().endswith(f"{highest.word} |")
            for line in text.splitlines()
        ), f"{rule}: no row {row} ... {highest.word}"
