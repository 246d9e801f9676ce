"""The answers of a feed on disk: each kept as it came until it is read, and the last ones after.

A feed has a folder of its own: ``state.json`` says how it fares, ``<time>.<ext>`` are answers that
wait to be read (``<time>_<name>.<ext>`` of a dropped file), ``read/`` the last ones that were. An
answer is written whole or not at all and leaves the waiting ones only by :func:`done`, so that a
crash between fetching and keeping costs a second reading and never a value.
"""

from __future__ import annotations

import itertools
import json
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from tocsin.intake.feed import Feed
from tocsin.intake.grib_parts import Part

__all__ = ["EXTENSIONS", "State", "defect", "done", "load_state", "save_state", "store", "waiting"]

EXTENSIONS = {
    "text": "txt", "csv": "csv", "json": "json", "json-lines": "jsonl", "grib": "grib2",
    "netcdf": "nc", "xlsx": "xlsx", "parquet": "parquet",
}  # fmt: skip
"""Kind of file -> how its name ends."""
LONGEST_LABEL = 48
"""Characters of a dropped file's name that its answer takes over."""
STATE = "state.json"
READ = "read"
_HTML = (b"<!doctype html", b"<html")
_GRIB_END = b"7777"
"""Section 8 of GRIB, editions 1 and 2 (WMO-No. 306, FM 92)."""
_ZIP = b"PK\x03\x04"
_PARQUET = b"PAR1"
_NETCDF = (b"CDF\x01", b"CDF\x02", b"CDF\x05", b"\x89HDF\r\n\x1a\n")


class State(BaseModel):
    """How a feed fares. Addresses are kept as digests only: they may hold a key."""

    model_config = ConfigDict(extra="ignore")

    address: str = ""
    etag: str = ""
    last_modified: str = ""
    tried_at: datetime | None = None
    answered_at: datetime | None = None
    """The last good answer, "nothing changed" included."""
    changed_at: datetime | None = None
    """The last answer with something new."""
    due_at: datetime | None = None
    failures: int = 0
    """In a row."""
    problem: str = ""
    """What was wrong the last time; empty while all is well."""
    digest: str = ""
    """Of the last answer, so that the same bytes are not read twice."""
    files: dict[str, tuple[int, int]] = {}
    """Of a drop folder: what was taken, with size and time of change in ns."""
    parts: dict[str, Part] = {}
    """Of a forecast that is fetched message by message: run/step and what was taken of it."""

    def is_due(self, now: datetime) -> bool:
        """Whether the feed may be asked again."""
        return self.due_at is None or now >= self.due_at

    def is_stale(self, feed: Feed, now: datetime, since: datetime | None = None) -> bool:
        """Whether there was no good answer for too long.

        A feed that never answered is judged from ``since``, when the watch began; without it, it is
        stale once it has failed.
        """
        last = self.answered_at or since
        if last is None:
            return self.failures > 0
        return now - last > feed.stale_after


def load_state(home: Path) -> State:
    """Return the state kept in a feed's folder; a new one where there is none or it is broken.

    The state is a convenience: without it the feed is asked at once and in full.
    """
    try:
        return State.model_validate_json((home / STATE).read_bytes())
    except (FileNotFoundError, ValidationError):
        return State()


def save_state(home: Path, state: State) -> None:
    """Write the state, whole or not at all; unlike an answer it may be lost to a power cut."""
    _write(home / STATE, state.model_dump_json(indent=1).encode(), lasting=False)


def store(home: Path, body: bytes, kind: str, now: datetime, *, called: str = "") -> Path:
    """Write an answer among those that wait and return its path.

    ``called`` is the name of a file that a person dropped: faults then name what that person knows.
    """
    home.mkdir(parents=True, exist_ok=True)
    stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    label = re.sub(r"[^\w.-]", "_", called)[:LONGEST_LABEL]
    for name in _names(f"{stamp}_{label}" if label else stamp, EXTENSIONS[kind]):
        path = home / name
        try:  # claims the name: two processes may store in the same second
            os.close(os.open(path.with_suffix(".claim"), os.O_CREAT | os.O_EXCL | os.O_WRONLY))
        except FileExistsError:
            continue
        try:
            if not path.exists() and not (home / READ / name).exists():
                _write(path, body)
                return path
        finally:
            path.with_suffix(".claim").unlink()
    raise AssertionError("names without end came to an end")


def waiting(home: Path, kind: str) -> tuple[Path, ...]:
    """Return the answers that wait to be read, oldest first."""
    return tuple(sorted(home.glob(f"[0-9]*.{EXTENSIONS[kind]}")))


def done(payload: Path, keep: int) -> None:
    """Put an answer that was read and kept among the read ones; of those the last ``keep`` stay.

    Call it after the values are safe: an answer that is not done is read again.
    """
    shelf = payload.parent / READ
    shelf.mkdir(exist_ok=True)
    payload.replace(shelf / payload.name)
    for old in sorted(shelf.iterdir())[:-keep]:
        old.unlink()


def defect(body: bytes, kind: str) -> tuple[str, bool] | None:
    """Return what is wrong with an answer on its face, and whether it is of no use at all.

    An answer that is only cut off is used as far as it goes, and asked for again in full.
    """
    if body[:200].lstrip().lower().startswith(_HTML):
        return "sends a web page where data are expected", True
    if not body.strip():
        return "sends nothing", True
    if kind == "json":
        try:
            json.loads(body)
        except (UnicodeDecodeError, RecursionError):
            return "sends text that is no JSON", True
        except json.JSONDecodeError as error:
            cut = error.pos >= len(error.doc.rstrip()) - 1 or "Unterminated" in error.msg
            return "breaks off in the middle of its JSON" if cut else "sends no JSON", True
    elif kind == "xlsx" and not body.startswith(_ZIP):
        return "sends no XLSX workbook", True
    elif kind == "parquet" and not (body.startswith(_PARQUET) and body.endswith(_PARQUET)):
        return "sends no whole Parquet file", True
    elif kind == "netcdf" and not body.startswith(_NETCDF):
        return "sends no NetCDF file", True
    elif kind == "grib":
        if not body.startswith(b"GRIB"):
            return "sends no GRIB file", True
        if not body.endswith(_GRIB_END):
            return "breaks off in the middle of a GRIB message", False
    elif kind in {"csv", "text", "json-lines"} and not body.endswith(b"\n"):
        return "breaks off in the middle of a line, or does not end its last one", False
    return None


def _names(base: str, extension: str) -> Iterator[str]:
    """Yield names that sort as they come: what came later is read later, and stands."""
    yield f"{base}.{extension}"
    for number in itertools.count(1):
        yield f"{base}_{number:04}.{extension}"  # an underscore sorts after a point


def _write(path: Path, body: bytes, *, lasting: bool = True) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f".{path.name}.{os.getpid()}.half")
    with half.open("wb") as stream:
        stream.write(body)
        if lasting:
            stream.flush()
            os.fsync(stream.fileno())
    half.replace(path)
