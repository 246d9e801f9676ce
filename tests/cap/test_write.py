"""write: deterministic bytes, judged by the schema of OASIS; nothing wrong leaves the house."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from lxml import etree

from tests.cap.cap_strategies import alerts
from tocsin.cap import Alert, parse, validate, write
from tocsin.errors import CapError

HERE = Path(__file__).parent
SCHEMA = etree.XMLSchema(etree.parse(HERE / "CAP-v1.2.xsd"))
GOOD = sorted((HERE / "messages" / "good").glob("*.xml"))


@given(alerts())
@settings(max_examples=80, deadline=None)
@pytest.mark.slow
def test_what_is_written_reads_back_the_same_and_passes_the_schema(made: Alert) -> None:
    assert [f for f in validate(made) if f.severity == "error"] == []
    raw = write(made)
    parsed = parse(raw)
    assert parsed.alert == made
    assert parsed.repairs == ()
    assert write(parsed.alert) == raw
    assert SCHEMA.validate(etree.fromstring(raw)), SCHEMA.error_log


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_golden_messages_are_written_byte_for_byte(path: Path) -> None:
    raw = path.read_bytes()
    assert SCHEMA.validate(etree.fromstring(raw)), SCHEMA.error_log
    assert write(parse(raw).alert) == raw


@pytest.mark.parametrize(
    ("time", "text"),
    [
        (datetime(2013, 7, 18, 14, tzinfo=UTC), "2013-07-18T14:00:00-00:00"),
        (datetime(2013, 7, 18, 14, tzinfo=ZoneInfo("Asia/Shanghai")), "2013-07-18T14:00:00+08:00"),
        (
            datetime(2013, 7, 18, 14, tzinfo=timezone(timedelta(hours=-3, minutes=-30))),
            "2013-07-18T14:00:00-03:30",
        ),
    ],
)
def test_times_keep_their_own_offset(alert: Alert, time: datetime, text: str) -> None:
    assert f"<sent>{text}</sent>".encode() in write(replace(alert, sent=time, info=()))


def test_it_refuses_an_alert_with_errors_and_lists_them_all(alert: Alert) -> None:
    wrong = replace(alert, sender="the desk", scope="Private", msg_type="Update")
    with pytest.raises(CapError) as refused:
        write(wrong)
    for part in ("3 error(s)", "alert/sender = 'the desk'", "addresses-missing", "references"):
        assert part in str(refused.value)


def test_one_alert_does_not_leak_into_the_next(alert: Alert) -> None:
    """Parsers with a mutable default argument did that."""
    first = parse(write(replace(alert, code=("a",), incidents=("b",)))).alert
    second = parse(write(alert)).alert
    assert first.code == ("a",)
    assert second.code == second.incidents == ()
