"""The sentences and exit codes of `tocsin cap`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.cap.test_sign import DESK, ROOT, STRANGER
from tocsin.cap import RULES, Alert, write
from tocsin.cap.catalogue_zh import CHINESE
from tocsin.cap.codes import CODES
from tocsin.cap.commands import check, diff, show, sign, verify
from tocsin.cap.labels import LABELS, label

HERE = Path(__file__).parent
SUITE = HERE / "conformance"


def test_check_says_file_line_rule_value_and_remedy() -> None:
    outcome = check("x.xml", (SUITE / "status-unknown.xml").read_bytes())
    assert outcome.code == 1
    assert outcome.text == (
        "x.xml:6: error code-value (3.2) alert/status = 'Real': The standard has no such code. "
        "Use one of those it prints for this element."
    )


def test_warnings_alone_are_no_failure() -> None:
    outcome = check("x.xml", (SUITE / "no-expires.xml").read_bytes(), language="zh-Hans")
    assert outcome.code == 0
    assert "请填写 expires。" in outcome.text


def test_check_knows_profiles_and_refuses_unknown_ones(alert: Alert) -> None:
    assert check("x", write(alert)).text == "x: nothing to say"
    assert "wmo-identifier (wmo)" in check("x", write(alert), profile="wmo").text
    assert check("x", write(alert), profile="nowhere").code == 2


@pytest.mark.parametrize("raw", [b"", b"<!DOCTYPE a><a/>", b"<html/>"])
def test_what_is_no_message_ends_with_1_and_a_sentence(raw: bytes) -> None:
    for outcome in (
        check("x", raw),
        show("x", raw),
        verify("x", raw, []),
        diff("x", raw, "y", raw),
    ):
        assert outcome.code == 1
        assert outcome.text


def test_show_speaks_the_language_asked_for() -> None:
    raw = (HERE / "messages" / "good" / "heat-new-york.xml").read_bytes()
    english, chinese = show("x", raw).text, show("x", raw, language="zh-Hans").text
    assert "Exercise · Update · Public" in english
    assert "演练 · 更新 · 公开" in chinese
    assert chinese.index("金斯县高温") < chinese.index("Dangerous heat")
    assert "2013-07-18T10:00:00-04:00 – 2013-07-18T22:00:00-04:00" in english


def test_show_names_what_it_mended() -> None:
    text = show("x", (SUITE / "time-z.xml").read_bytes()).text
    assert "! line 5: error time-format" in text
    assert "[read as 2026-06-01T02:00:00-00:00]" in text


def test_sign_gives_signed_bytes_or_none(alert: Alert) -> None:
    signed, outcome = sign(write(alert), DESK.key_pem(), DESK.pem)
    assert signed is not None
    assert outcome.code == 0
    assert verify("x", signed, [STRANGER.pem, ROOT.pem]).code == 0
    assert verify("x", signed, []).code == 1
    assert verify("x", signed, [b"rubbish"]).code == 2
    assert sign(write(alert), b"", DESK.pem)[0] is None


def test_diff_lists_what_changed_in_meaning(alert: Alert) -> None:
    old = write(alert)
    assert diff("a", old, "b", old.replace(b"\n  <scope>", b"\n\n<scope>")).code == 0
    new = write(replace(alert, info=(replace(alert.info[0], severity="Extreme"),)))
    outcome = diff("a", old, "b", new)
    assert outcome.code == 1
    assert outcome.text.splitlines() == [
        "--- a",
        "+++ b",
        "- alert/info[1]/severity: Severe",
        "+ alert/info[1]/severity: Extreme",
    ]


def test_every_rule_and_every_code_has_words_in_both_languages() -> None:
    assert set(CHINESE) == set(RULES)
    assert {e: set(codes) for e, codes in CODES.items()} == {e: set(w) for e, w in LABELS.items()}
    assert label("severity", "Extreme", "zh-CN") == "特别严重"
    assert label("severity", "Awful", "en") == "Awful"
