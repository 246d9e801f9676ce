"""Length of an SMS, held against the limits of 3GPP TS 23.038 and 23.040, counted by hand."""

from __future__ import annotations

import pytest

from tocsin.office.warnings_desk.preview_text import WEA_LIMITS, cut_to, sms_length


@pytest.mark.parametrize(
    ("text", "encoding", "units", "segments"),
    [
        ("", "GSM-7", 0, 0),
        ("a" * 160, "GSM-7", 160, 1),
        ("a" * 161, "GSM-7", 161, 2),
        ("a" * 306, "GSM-7", 306, 2),
        ("a" * 307, "GSM-7", 307, 3),
        ("€" * 80, "GSM-7", 160, 1),
        ("€" * 81, "GSM-7", 162, 2),
        # the 153rd septet cannot take half of an escaped sign: it goes to the next segment
        ("a" * 152 + "€" + "a" * 152, "GSM-7", 306, 3),
        ("热" * 70, "UCS-2", 70, 1),
        ("热" * 71, "UCS-2", 71, 2),
        ("热" * 134, "UCS-2", 134, 2),
        ("热" * 135, "UCS-2", 135, 3),
        ("a" * 70 + "–", "UCS-2", 71, 2),
        ("🔥" * 35, "UCS-2", 70, 1),
        ("🔥" * 36, "UCS-2", 72, 2),
    ],
)
def test_segments(text: str, encoding: str, units: int, segments: int) -> None:
    found = sms_length(text)
    assert (found.encoding, found.units, found.segments) == (encoding, units, segments)


def test_room_is_what_is_left_before_one_more_segment() -> None:
    assert sms_length("a" * 100).room == 60
    assert sms_length("a" * 161).room == 153 - 8


def test_limits_of_wireless_alerts_come_from_the_profile() -> None:
    assert WEA_LIMITS == {"CMAMtext": 90, "CMAMlongtext": 360}


def test_a_text_is_cut_at_a_word() -> None:
    assert cut_to("short", 90) == "short"
    assert cut_to("one two three", 9) == "one two…"
    assert len(cut_to("热" * 100, 90)) == 90
