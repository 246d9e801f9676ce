"""What a rule's texts may ask for is filled in from the evidence, in the zone of the region."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from tocsin.office.warnings_desk.wording import blanks, why
from tocsin.region.rule_files import _PLACEHOLDERS
from tocsin.triggers.rules import Level

NEW_YORK = ZoneInfo("America/New_York")
ROW = {
    "indicator": "visibility", "value": 0.4, "unit": "km", "threshold": 0.5,
    "observed_at": "2013-07-18T18:00:00+00:00",
}  # fmt: skip


def test_every_blank_that_a_rule_file_may_have_is_filled_in():
    until = datetime(2013, 7, 18, 20, tzinfo=NEW_YORK)
    found = blanks(ROW, "JFK", "en", until=until, people="41,000")
    assert found == {
        "value": "0.4 km",
        "place": "JFK",
        "time": "Thu 18 Jul 14:00 EDT",
        "until": "Thu 18 Jul 20:00 EDT",
        "people": "41,000",
        "years": "–",
        "share": "–",
    }
    assert found.keys() == _PLACEHOLDERS | {"years", "share"}  # the two of some rules


def test_the_reason_quotes_the_indicator_of_the_evidence_and_its_direction():
    said = why(ROW, "JFK", "en", level=Level.YELLOW, zone=NEW_YORK)
    assert said == (
        "Visibility 0.4 km at JFK, observed in the hour from Thu 18 Jul 14:00 EDT; "
        "yellow at 0.5 km or below."
    )
