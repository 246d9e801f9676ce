"""Pushes that fail: guessing is slowed and told, and shuts out no gateway that has its token."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import OperationalError

from tocsin.errors import StateError
from tocsin.office.places.models import Region
from tocsin.office.watch import archive, push_guesses
from tocsin.office.watch.models import Pushed
from tocsin.office.watch.push_guesses import A_MINUTE, is_one_too_many

from .test_push import NOW, folder, post, row, token, token_of  # noqa: F401 - two are fixtures

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(push_guesses, "_failed", Counter())
    monkeypatch.setattr(push_guesses, "_minute", None)
    archive._settings.cache_clear()


def test_who_guesses_is_told_to_wait_and_a_right_token_from_there_still_counts(
    token: str,  # noqa: F811
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = [post(f"guess-{n}", row(0)) for n in range(A_MINUTE + 5)]
    assert [one.status_code for one in answers] == [401] * A_MINUTE + [429] * 5
    assert answers[-1]["Retry-After"] == "60"
    assert [record.args for record in caplog.records if "wrong tokens" in record.msg] == [
        (A_MINUTE, "127.0.0.1")
    ]
    assert post(token, row(0)).status_code == 202
    later = NOW + timedelta(minutes=1)
    monkeypatch.setattr("tocsin.office.watch.push_views.moment", lambda _region: later)
    assert post("guess", row(0)).status_code == 401


def test_one_sender_is_counted_once_however_many_addresses_it_has() -> None:
    for n in range(A_MINUTE):
        assert not is_one_too_many(f"2001:db8:1:2::{n + 1:x}", NOW)
    assert is_one_too_many("2001:db8:1:2:ffff::1", NOW)
    assert not is_one_too_many("2001:db8:1:3::1", NOW)
    assert not is_one_too_many("::ffff:192.0.2.1", NOW)
    assert not is_one_too_many("", NOW)


def test_the_memory_of_addresses_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(push_guesses, "MOST_ADDRESSES", 3)
    for n in range(50):
        is_one_too_many(f"192.0.2.{n}", NOW)
    assert len(push_guesses._failed) <= 4


def test_a_length_of_thousands_of_digits_is_refused(token: str) -> None:  # noqa: F811
    answer = post(token, row(0), **{"Content-Length": "9" * 5000})
    assert answer.status_code == 411


def test_a_busy_database_and_a_broken_folder_ask_to_come_again(
    folder: Path,  # noqa: F811
    token: str,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def locked(*_args: object, **_more: object) -> None:
        raise OperationalError("database is locked")

    with monkeypatch.context() as patch:
        patch.setattr("tocsin.office.watch.push_views.take_message", locked)
        busy = post(token, row(0))
    (folder / "region.toml").write_text("id = [")
    Region.objects.update(digest="another")
    broken = post(token, row(0))
    assert [one.status_code for one in (busy, broken)] == [503, 503]
    assert busy["Retry-After"] == broken["Retry-After"] == "60"
    assert not Pushed.objects.exists()


@pytest.mark.parametrize("label", ["", "  ", "x" * 81, "north\nsouth", "\x1b[2J"])
def test_a_gateway_has_a_name_that_fits_a_line(folder: Path, label: str) -> None:  # noqa: F811
    with pytest.raises(StateError, match="1 to 80 letters"):
        token_of(folder, "boxes", label)
