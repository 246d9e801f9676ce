"""validate: what only an alert made in memory can have wrong, and messages that stay quiet."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from tocsin.cap import Alert, Area, Circle, Info, Parameter, Resource, validate, write
from tocsin.errors import CapError

SENT = datetime(2013, 7, 18, 14, tzinfo=UTC)


def _rules(alert: Alert) -> list[str]:
    return [finding.rule for finding in validate(alert)]


def _info(alert: Alert, **changes: object) -> Alert:
    return replace(alert, info=(replace(alert.info[0], **changes),))  # type: ignore[arg-type]


def test_a_good_alert_has_no_finding(alert: Alert) -> None:
    assert validate(alert) == []


@pytest.mark.parametrize(
    "sent",
    [
        SENT.replace(tzinfo=None),
        SENT.replace(microsecond=1),
        SENT.astimezone(timezone(timedelta(hours=1, seconds=30))),
        SENT.astimezone(timezone(timedelta(hours=14, minutes=15))),
    ],
)
def test_times_that_cap_cannot_write_are_found_and_not_written(
    alert: Alert, sent: datetime
) -> None:
    assert "time-value" in _rules(replace(alert, sent=sent))
    with pytest.raises(CapError, match="time-value"):
        write(replace(alert, sent=sent))


@pytest.mark.parametrize("text", ["\x00", "a\x1bb", "\ud800", "\uffff"])
def test_characters_that_xml_cannot_carry_are_found_everywhere(alert: Alert, text: str) -> None:
    for wrong in (
        replace(alert, note=text),
        replace(alert, code=(text,)),
        replace(alert, incidents=(text,)),
        _info(alert, description=text),
        _info(alert, parameter=(Parameter("x", text),)),
        _info(alert, parameter=(Parameter(text, "x"),)),
        _info(alert, area=(Area(text, circle=(Circle(0, 0, 0),)),)),
        _info(alert, resource=(Resource(text, "image/png"),)),
    ):
        assert _rules(wrong) == ["character"]


@pytest.mark.parametrize("text", ["a\tb\nc\rd", "市 é 🌧 \x85 \u2028", "<&>\"'"])
def test_characters_that_xml_can_carry_are_written(alert: Alert, text: str) -> None:
    assert "character" not in _rules(_info(alert, description=text))


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_numbers_that_are_none_are_never_written(alert: Alert, number: float) -> None:
    point = (number, 0.0)
    for area in (
        Area("x", circle=(Circle(number, 0, 0),)),
        Area("x", circle=(Circle(0, 0, number),)),
        Area("x", polygon=((point, (0.0, 1.0), (1.0, 1.0), point),)),
        Area("x", circle=(Circle(0, 0, 0),), altitude=number),
    ):
        with pytest.raises(CapError):
            write(_info(alert, area=(area,)))


def test_all_faults_come_at_once_in_the_order_of_the_message(alert: Alert) -> None:
    wrong = _info(replace(alert, sender="a b", scope="Private"), severity="Bad", web="x")
    assert _rules(wrong) == ["alert-name", "addresses-missing", "code-value", "web-address"]
    assert [finding.path for finding in validate(wrong)][-1] == "alert/info[1]/web"


def test_infos_about_different_places_may_differ(alert: Alert) -> None:
    here = alert.info[0]
    there = replace(
        here, language="fr", severity="Minor", area=(Area("x", circle=(Circle(0, 0, 1),)),)
    )
    assert _rules(replace(alert, info=(here, there))) == []


def test_many_events_in_one_language_are_fine(alert: Alert) -> None:
    infos: tuple[Info, ...] = tuple(
        replace(alert.info[0], event=f"Event {number}") for number in range(5)
    )
    assert _rules(replace(alert, info=infos)) == []
