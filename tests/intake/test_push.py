"""What a gateway pushes, and who may."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.intake.feeds import Named
from tests.intake.readings import values
from tocsin.errors import IntakeError, NotAllowedError
from tocsin.intake import Feed, read
from tocsin.intake.payloads import load_state, waiting
from tocsin.intake.push import accept

NOW = datetime(2026, 1, 1, 12, 5, tzinfo=UTC)
TOKEN = "a-token-of-the-river-gateway"
MESSAGE = (
    b'{"station": "EST",\n "time": "2026-01-01T12:00:00Z",'
    b' "values": {"air_temperature": {"value": 3.5, "unit": "degC"}}}'
)


def pushed(name: str, variable: str) -> Feed:
    return Feed(
        id=name, reader="sensor-json", token_from=variable, delay_min=0, source="test",
        licence="CC0-1.0", max_mb=0.001,
    )  # fmt: skip


@pytest.fixture
def feeds(monkeypatch: pytest.MonkeyPatch) -> list[Feed]:
    monkeypatch.setenv("RIVER_TOKEN", TOKEN)
    monkeypatch.setenv("SHORT_TOKEN", "short")
    return [pushed("river", "RIVER_TOKEN"), pushed("hill", "SHORT_TOKEN"), pushed("sea", "NONE")]


def test_a_message_waits_for_the_feed_of_its_token(tmp_path: Path, feeds: list[Feed]) -> None:
    path = accept(TOKEN, MESSAGE, feeds=feeds, folder=tmp_path, now=NOW)

    assert waiting(tmp_path / "river", "json-lines") == (path,)
    reading = read(feeds[0].of(path), [Named("EST")])
    assert values(reading, "EST", "air_temperature") == {"2026-01-01T12:00": 3.5}
    assert load_state(tmp_path / "river").answered_at == NOW


@pytest.mark.parametrize("token", ["", "short", "a-token-of-the-river-gatewaY", "\udcff" * 28])
def test_a_wrong_short_or_empty_token_is_refused(
    tmp_path: Path, feeds: list[Feed], token: str
) -> None:
    with pytest.raises(NotAllowedError, match="no feed's"):
        accept(token, MESSAGE, feeds=feeds, folder=tmp_path, now=NOW)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        (b"{", "not JSON"),
        (b"\xff", "not JSON"),
        (b"[" * 900, "not JSON"),
        (b"[]", "empty or no object"),
        (b"3", "empty or no object"),
        (b'"' + b"x" * 2000 + b'"', "more than 0.001 MB"),
    ],
)
def test_a_message_that_is_none_is_refused_at_once(
    tmp_path: Path, feeds: list[Feed], payload: bytes, words: str
) -> None:
    with pytest.raises(IntakeError, match=words):
        accept(TOKEN, payload, feeds=feeds, folder=tmp_path, now=NOW)
    assert list(tmp_path.iterdir()) == []
