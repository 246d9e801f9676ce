"""Earthquakes and hotspots: each once, revisions with what stood before, nothing of the future."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tocsin.intake import Feed as FeedSettings
from tocsin.intake import read
from tocsin.office.audit.models import Entry
from tocsin.office.watch.models import Feed, Occurrence, OccurrenceCorrection
from tocsin.office.watch.occurrences import Added, keep_occurrences

AT = datetime(2026, 1, 2, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def quake(name: str = "us1", mag: float | None = 5.6, *, after: int = 0, **changes: Any) -> Any:
    """A feature of two hours ago, last changed ``after`` minutes after it happened."""
    time = changes.pop("time", AT - timedelta(hours=2))
    place = changes.pop("place", (-74.2, 40.5, 10.0))
    properties = {
        "mag": mag, "time": ms(time), "updated": ms(time + timedelta(minutes=after)),
        "status": "automatic", "type": "earthquake", "ids": f",{name},", "place": "near Small",
    }  # fmt: skip
    return {"type": "Feature", "id": name, "properties": properties | changes,
            "geometry": {"type": "Point", "coordinates": list(place)}}  # fmt: skip


@pytest.fixture
def keep(tmp_path: Path) -> Any:
    """Return a function that reads features as one answer of a feed and keeps them."""

    def take(*features: Any, feed: str = "quakes", at: datetime = AT, **options: Any) -> Added:
        file = tmp_path / f"{at:%Y%m%dT%H%M%S}Z.json"
        file.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
        settings = FeedSettings(
            id=feed, reader="usgs-earthquakes", path=file.name, delay_min=0, source="USGS",
            licence="public domain", options=options, folder=tmp_path,
        )  # fmt: skip
        Feed.objects.get_or_create(code=feed, defaults={"source": "USGS", "delay_min": 0})
        return keep_occurrences(settings, read(settings, []), at=at)

    return take


def test_the_same_quake_twice_adds_nothing(keep: Any) -> None:
    assert keep(quake(), quake("us2", 4.0)) == Added(new=2)
    assert keep(quake(), quake("us2", 4.0)) == Added()
    assert keep(quake(), feed="other") == Added()
    assert Occurrence.objects.count() == 2
    one = Occurrence.objects.get(source_id="us1")
    assert (one.kind, one.value, one.depth_km, one.hazard) == (
        "earthquake", 5.6, 10.0, "earthquake",
    )  # fmt: skip
    assert Entry.objects.filter(verb="keep_occurrences").count() == 1


def test_a_revision_keeps_what_stood_before_and_an_old_answer_changes_nothing(keep: Any) -> None:
    keep(quake())
    revised = quake(mag=5.9, after=30, status="reviewed", place=(-74.25, 40.5, 12.0))
    assert keep(revised, at=AT + timedelta(minutes=5)) == Added(corrected=1)
    one = Occurrence.objects.get()
    assert (one.value, one.depth_km, one.facts["status"]) == (5.9, 12.0, "reviewed")
    correction = OccurrenceCorrection.objects.get()
    assert (correction.before["value"], correction.after["value"]) == (5.6, 5.9)
    assert keep(quake()) == Added()  # an answer from before
    assert keep(quake(mag=5.9, after=40, status="reviewed", place=(-74.25, 40.5, 12.0))) == Added()
    assert Occurrence.objects.get().value == 5.9
    assert OccurrenceCorrection.objects.count() == 1


def test_a_quake_revised_below_the_feeds_least_magnitude_is_still_revised(keep: Any) -> None:
    keep(quake(mag=4.6), least_magnitude=4.5)
    small = quake(mag=4.2, after=20), quake("us2", 1.0)
    assert keep(*small, least_magnitude=4.5) == Added(corrected=1)
    assert Occurrence.objects.get().value == 4.2


def test_a_deleted_quake_stays_and_says_so_and_may_come_back(keep: Any) -> None:
    keep(quake())
    gone = quake(mag=None, after=20, status="deleted")
    assert keep(gone) == Added(corrected=1)
    one = Occurrence.objects.get()
    assert one.deleted_at == AT
    assert one.value == 5.6
    assert keep(gone) == Added()
    assert keep(quake("us9", 5.0, status="deleted")) == Added()  # never known, never kept
    assert keep(quake(after=60)) == Added(corrected=1)
    assert Occurrence.objects.get().deleted_at is None
    assert [one.after["deleted"] for one in OccurrenceCorrection.objects.all()] == [False, True]


def test_another_networks_id_is_the_same_quake(keep: Any) -> None:
    keep(quake("nc7"))
    assert keep(quake("us1", 5.8, after=30, ids=",us1,nc7,")) == Added(corrected=1)
    assert Occurrence.objects.get().value == 5.8
    assert keep(quake("us1", 5.8, after=30, ids=",us1,nc7,")) == Added()


def test_two_that_turn_out_to_be_one_become_one(keep: Any) -> None:
    keep(quake("nc7"), quake("us1"))
    keep(quake("us1", 5.8, after=30, ids=",us1,nc7,"))
    assert sorted(Occurrence.objects.values_list("source_id", "deleted_at")) == [
        ("nc7", None), ("us1", AT),
    ]  # fmt: skip
    assert Occurrence.objects.get(source_id="nc7").value == 5.8


def test_what_its_feed_leaves_out_without_a_word_is_marked(keep: Any) -> None:
    """Only inside the time the answer reaches over, and only if every row could be read."""
    old, new = quake("us1"), quake("us2", time=AT - timedelta(hours=1))
    keep(old, new)
    oldest = quake("us0", time=AT - timedelta(hours=3))
    broken = quake("us8", mag=None)
    keep(oldest, new, broken)
    assert not Occurrence.objects.exclude(unlisted_at=None).exists()
    keep(new)  # us1 lies before what this answer reaches over
    assert not Occurrence.objects.exclude(unlisted_at=None).exists()
    keep(oldest, new)
    assert Occurrence.objects.get(source_id="us1").unlisted_at == AT
    keep(oldest, old, new)
    assert Occurrence.objects.get(source_id="us1").unlisted_at is None


def test_a_quake_of_the_future_is_told_and_not_kept(keep: Any) -> None:
    ahead = quake(time=AT + timedelta(hours=1))
    assert keep(ahead) == Added(refused=1)
    assert not Occurrence.objects.exists()
    assert "lies in the future" in Feed.objects.get().faults[0]
    assert keep(ahead, at=AT + timedelta(hours=2)) == Added(new=1)


HOTSPOTS = """latitude,longitude,bright_ti4,scan,track,acq_date,acq_time,satellite,instrument,\
confidence,version,bright_ti5,frp,daynight
40.5,-74.5,330,0.4,0.4,2026-01-02,0930,N20,VIIRS,n,2.0NRT,290,{power},D
"""


def test_a_hotspot_has_no_stamp_so_its_own_feeds_later_word_stands(tmp_path: Path) -> None:
    def take(power: float, feed: str = "fires") -> Added:
        file = tmp_path / "20260102T110000Z.csv"
        file.write_text(HOTSPOTS.format(power=power))
        settings = FeedSettings(
            id=feed, reader="firms-csv", path=file.name, delay_min=0, source="NASA", licence="CC0",
            folder=tmp_path,
        )  # fmt: skip
        Feed.objects.get_or_create(code=feed, defaults={"source": "NASA", "delay_min": 0})
        return keep_occurrences(settings, read(settings, []), at=AT)

    assert take(8.5) == Added(new=1)
    assert take(8.5) == Added()
    assert take(9.0, feed="other") == Added()
    assert take(9.0) == Added(corrected=1)
    one = Occurrence.objects.get()
    assert (one.value, one.unit, one.hazard) == (9.0, "MW", "fire")
