"""The conformance suite: small messages, each with the findings it must give, as data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from tocsin.cap import RULES, check, parse
from tocsin.cap.catalogue import errors
from tocsin.errors import CapError

HERE = Path(__file__).parent
SUITE = HERE / "conformance"
CASES: list[dict[str, Any]] = json.loads((SUITE / "expected.json").read_text("utf-8"))
SCHEMA = etree.XMLSchema(etree.parse(HERE / "CAP-v1.2.xsd"))
BY_NAME = pytest.mark.parametrize("case", CASES, ids=lambda case: case["file"])

# Rules that no XML file can break: only an alert made in memory can.
ONLY_IN_MEMORY = {"time-value", "character", "not-cap"}


def _raw(case: dict[str, Any]) -> bytes:
    return (SUITE / case["file"]).read_bytes()


@BY_NAME
def test_each_message_gives_exactly_its_findings_at_their_lines(case: dict[str, Any]) -> None:
    found = {(finding.rule, finding.line) for finding in check(_raw(case)).findings}
    assert found == {(row["rule"], row["line"]) for row in case["findings"]}


@BY_NAME
def test_strict_reading_refuses_errors_and_accepts_warnings(case: dict[str, Any]) -> None:
    raw = _raw(case)
    wrong = [row for row in case["findings"] if RULES[row["rule"]].severity == "error"]
    if wrong:
        with pytest.raises(CapError) as refused:
            parse(raw)
        for row in wrong:
            assert f"line {row['line']}: error {row['rule']}" in str(refused.value)
    else:
        assert parse(raw).raw == raw


@BY_NAME
def test_tolerant_reading_gives_an_alert_wherever_one_can_be_named(case: dict[str, Any]) -> None:
    if case["readable"]:
        assert parse(_raw(case), strict=False).alert.identifier
    else:
        with pytest.raises(CapError):
            parse(_raw(case), strict=False)


@BY_NAME
def test_what_the_schema_refuses_we_refuse(case: dict[str, Any]) -> None:
    raw = _raw(case)
    if not SCHEMA.validate(etree.fromstring(raw)):
        assert errors(check(raw).findings), SCHEMA.error_log


def test_every_file_is_listed_and_every_rule_has_a_case() -> None:
    assert {path.name for path in SUITE.glob("*.xml")} == {case["file"] for case in CASES}
    shown = {row["rule"] for case in CASES for row in case["findings"]}
    assert shown | ONLY_IN_MEMORY == set(RULES)
