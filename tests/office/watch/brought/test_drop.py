"""A day of files dropped into a folder: CSV, workbooks and Parquet, by a careless hand."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from .day import Day, Key, make_day

FEED = """[[feed]]
id = "drop"
reader = "hourly-station-{kind}"
path = "drop/"
delay_min = 0
every_min = 1
source = "made for a test"
licence = "CC0-1.0"
[feed.options]
station_column = "place"
time_column = "at"
time_label = "start"
columns.t = {{ quantity = "air_temperature", unit = "degC" }}
"""
HEAD = ("place", "at", "t")
FAULTS = ("good", "late", "twice", "half", "good", "mixed", "junk", "rewritten", "lying", "young")


def as_csv(rows: list[tuple[str, str, float]]) -> bytes:
    return "".join(f"{','.join(map(str, row))}\n" for row in (HEAD, *rows)).encode()


def as_xlsx(rows: list[tuple[str, str, float]]) -> bytes:
    book = openpyxl.Workbook()
    for row in (HEAD, *rows):
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def as_parquet(rows: list[tuple[str, str, float]]) -> bytes:
    stream = io.BytesIO()
    pq.write_table(pa.table(dict(zip(HEAD, zip(*rows, strict=True), strict=True))), stream)
    return stream.getvalue()


class Hand:
    """Drops each hour's rows in a file of their own; what it holds back comes with a later one."""

    def __init__(self, folder: Path, kind: str, write: Callable[..., bytes]) -> None:
        self.folder, self.kind, self.write = folder, kind, write
        self.folder.mkdir()
        self.back: list[Key] = []
        self.again: tuple[str, bytes] | None = None
        self.count = 0
        self.done: set[str] = set()

    def drop(self, name: str, body: bytes, at: datetime) -> None:
        path = self.folder / name
        path.write_bytes(body)
        os.utime(path, (at.timestamp(), at.timestamp()))

    def __call__(self, day: Day, now: datetime, keys: list[Key]) -> None:
        old = now - timedelta(minutes=1)
        if self.again:  # what broke off comes whole, under the same name
            self.drop(*self.again, old)
            self.again = None
        if not keys and not self.back:
            return
        fault = FAULTS[self.count % len(FAULTS)] if keys else "good"
        self.count += 1
        self.done.add(fault)
        if fault == "late":
            self.back += keys
            return
        # Within a file in order: a clock that goes backwards there is flagged.
        keys = sorted([*keys, *self.back], key=lambda key: key[1])
        self.back = []
        rows = [(code, at.isoformat(), day.sent[code, at]) for code, at in keys]
        if fault == "mixed":  # stations in disorder, a stranger's row and one that is none
            rows.sort(key=lambda row: (row[1], -row[2]))
            rows = [("XYZ", rows[0][1], 1.0), *rows, ("AAA", "tomorrow", 2.0)]
        body = self.write(rows)
        name = f"{now:%Y%m%dT%H%M}.{self.kind}"
        match fault:
            case "half":
                self.again = (name, body)
                self.drop(name, body[: len(body) // 3], old)
            case "young":  # still being written: left alone until it is ten seconds old
                self.again = (name, body)
                self.drop(name, body[: len(body) // 2], now)
            case "junk":
                self.drop(name, body, old)
                self.drop("notes.txt", b"water the plants\n", old)
                self.drop(f"~$lock.{self.kind}", b"x", old)
            case "lying":
                self.drop(name, body, old)
                self.drop(f"lie-{name}", b"<!DOCTYPE html><html>502</html>", old)
            case _:
                self.drop(name, body, old)
        if fault == "twice":
            self.drop(f"copy-of-{name}", body, old)
        if fault == "rewritten":  # saved again without a change
            self.again = (name, body)


HOURLY = timedelta(hours=1)


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "write"), [("csv", as_csv), ("xlsx", as_xlsx), ("parquet", as_parquet)]
)
def test_a_day_of_dropped_files(tmp_path: Path, kind: str, write: Callable[..., bytes]) -> None:
    day = make_day(tmp_path, FEED.format(kind=kind), lambda *_: None)
    hand = Hand(day.folder / "drop", kind, write)
    day.bring, day.step, day.steps = hand, HOURLY, 24  # these readers take hourly values
    day.run()
    day.check()
    assert hand.done == set(FAULTS)
    assert day.errors
