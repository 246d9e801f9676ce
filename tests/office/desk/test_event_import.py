"""Events from a CSV at the desk: shown first, kept as a whole, hostile files refused."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.office.small_region import write_region
from tocsin.office.audit.models import Entry
from tocsin.office.warnings_desk.replay import replay
from tocsin.office.watch.models import Event

IMPORT = "/desk/watch/events/import/"
HEAD = "hazard,area,first,last,level,source\n"
GOOD = "heat,east,2013-07-15T12:00,2013-07-15T15:00,yellow,The Herald\n"
OTHER = "heat,west,2013-07-14T12:00,2013-07-14T18:00Z,,\n"


@pytest.fixture(autouse=True)
def region(db, tmp_path):
    replay(write_region(tmp_path / "small"), at=datetime(2026, 1, 2, 3, tzinfo=UTC))


def upload(client, text, address=IMPORT):
    raw = text if isinstance(text, bytes) else text.encode()
    return client.post(address, {"file": SimpleUploadedFile("events.csv", raw)})


def rows_of(answer):
    found = re.search(r'name="rows" value="([^"]+)"', answer.content.decode())
    return found.group(1) if found else ""


def test_it_is_shown_first_and_kept_as_a_whole_when_confirmed(officer, words):
    answer = upload(officer, HEAD + GOOD + OTHER)
    said = words(answer)
    assert "2 events were read; nothing is recorded yet" in said
    assert "East County" in said
    assert not Event.objects.exists()
    done = officer.post(IMPORT, {"rows": rows_of(answer), "words": "Trees fell"}, follow=True)
    assert "2 events were recorded." in words(done)
    first = Event.objects.get(area__code="east")
    assert (first.level, first.source, first.words) == (2, "The Herald", "Trees fell")
    entry = Entry.objects.get(verb="record_events")
    assert (entry.actor, entry.detail["events"]) == (first.recorded_by, 2)
    again = officer.post(IMPORT, {"rows": rows_of(answer)}, follow=True)
    assert "It was recorded before." in words(again)
    assert Event.objects.count() == 2


def test_every_fault_has_its_line_and_nothing_can_be_confirmed(officer, words):
    bad = "flood,nowhere,noon,2013-07-15T18:00,mauve,\n"
    bad += "heat,east,2013-07-15T18:00,2013-07-15T12:00,,\n"
    later = "heat,east,2013-07-15T12:00,2036-07-15T12:00,,\n"
    answer = upload(officer, HEAD + GOOD + bad + later)
    said = words(answer)
    assert answer.status_code == 422
    assert "6 faults; nothing was recorded" in said
    for part in (
        "3 area nowhere No area has this code.",
        "3 hazard flood No rule warns of it.",
        "3 first noon This is not a time.",
        "3 level mauve There is no such level.",
        "4 last 2013-07-15T12:00 It ends before it begins.",
        "5 last 2036-07-15T16:00Z This is still to come.",
    ):
        assert part in said, part
    assert rows_of(answer) == ""
    assert not Event.objects.exists()
    chinese = words(upload(officer, HEAD + bad, "/zh-hans" + IMPORT))
    assert "没有针对它的预警规则。" in chinese
    assert "处错误；未登记任何事件" in chinese


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (HEAD.encode(), "The file has no row."),
        (b"\x89PNG\r\n\x1a\n\0\0", "fault"),
        ((HEAD + GOOD).encode("utf-16"), "fault"),
        ((HEAD + "热,east,2013-07-15,2013-07-15,,\n").encode("gb18030"), "not UTF-8"),
        (b"area,first\nwest,2013\n", "The column is missing."),
        ((HEAD + 'heat,"east,2013-07-15,2013-07-15,,\n').encode(), "quot"),
        ((HEAD + "heat,east,0000-13-99T99:99,9999-99-99,,\n").encode(), "This is not a time."),
        ((HEAD + "<script>alert(1)</script>,east,2013-07-15,2013-07-15,,\n").encode(),
         "No rule warns of it."),
        ((HEAD + GOOD * 5001).encode(), "more rows than 5,000"),
        (b"x" * 1_000_001, "larger than 1 MB"),
    ],
)  # fmt: skip
def test_a_hostile_file_is_refused_in_words(officer, words, raw, why):
    answer = upload(officer, raw)
    assert answer.status_code == 422
    assert why in words(answer)
    assert b"<script>alert" not in answer.content
    assert rows_of(answer) == ""
    assert not Event.objects.exists()


def test_what_was_not_read_here_for_this_officer_is_not_kept(officer, signed_in, words):
    theirs = rows_of(upload(officer, HEAD + GOOD))
    for text in ("", "x", theirs[:-2], "{}"):
        assert "Choose the file again." in words(officer.post(IMPORT, {"rows": text}, follow=True))
    other = signed_in("approver")
    assert "Choose the file again." in words(other.post(IMPORT, {"rows": theirs}, follow=True))
    assert not Event.objects.exists()


def test_who_may(signed_in, client):
    assert signed_in("storekeeper").get(IMPORT).status_code == 403
    assert signed_in("duty_officer").get(IMPORT).status_code == 200
