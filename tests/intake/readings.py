"""Reading a sample, and looking into what came out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.intake.feeds import Named
from tocsin.intake import Feed, Reading, SeriesValues, read

SAMPLES = Path(__file__).parent / "samples"


def feed_of(reader: str, file: Path, **options: Any) -> Feed:
    return Feed(
        id="feed", reader=reader, path=file.name, delay_min=0, source="test", licence="CC0-1.0",
        options=options, folder=file.parent,
    )  # fmt: skip


def read_sample(reader: str, name: str, known: str, **options: Any) -> Reading:
    file = SAMPLES / name
    return read(feed_of(reader, file, **options), [Named(one) for one in known.split()])


def read_bytes(
    folder: Path, name: str, body: bytes | str, reader: str, known: str, **options: Any
) -> Reading:
    file = folder / name
    file.write_bytes(body if isinstance(body, bytes) else body.encode())
    return read(feed_of(reader, file, **options), [Named(one) for one in known.split()])


def series(reading: Reading, station: str, quantity: str) -> SeriesValues:
    return next(one for one in reading.series if (one.station, one.quantity) == (station, quantity))


def values(reading: Reading, station: str, quantity: str) -> dict[str, float]:
    """Return time (minutes) -> value, rounded."""
    one = series(reading, station, quantity)
    return {
        str(time.astype("datetime64[m]")): round(value, 3)
        for time, value in zip(one.times, one.values.tolist(), strict=True)
    }
