"""What is done of a run, kept beside its result: killed at any moment, it goes on from there.

A tile has one record: how many segments are finished, the state after them, and what was counted.
A record is written to another name and then renamed, after the chunks it speaks of; so it may know
less than the store holds, never more, and the block in between is simply computed again.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from tocsin.errors import GridError

__all__ = ["Journal", "Record", "Tally"]

FOLDER = "journal"


@dataclass(slots=True)
class Tally:
    """Values of each argument that were missing, or outside the indicator's domain."""

    missing: dict[str, int] = field(default_factory=dict)
    outside: dict[str, int] = field(default_factory=dict)

    def add(self, other: Tally) -> None:
        """Add another tally to this one."""
        for mine, theirs in ((self.missing, other.missing), (self.outside, other.outside)):
            for name, count in theirs.items():
                mine[name] = mine.get(name, 0) + count


@dataclass(slots=True)
class Record:
    """Where a tile stands: finished segments and the state that the last of them left."""

    segments: int = 0
    state: tuple[Any, ...] = ()
    tally: Tally = field(default_factory=Tally)


class Journal:
    """The records of one result; also who is at work on it."""

    def __init__(self, store: Path) -> None:
        self.folder = store / FOLDER

    def begin(self) -> None:
        """Make an empty journal."""
        self.folder.mkdir(exist_ok=True)

    def end(self) -> None:
        """Take the journal away, once everything is done."""
        if self.folder.exists():
            shutil.rmtree(self.folder)

    def begun(self) -> bool:
        """Whether any block is done."""
        return any(self.folder.glob("*.npz"))

    def read(self, tile: int) -> Record:
        """Return where a tile stands; at the beginning if nothing of it is done."""
        path = self._path(tile)
        if not path.exists():
            return Record()
        try:
            with path.open("rb") as file, np.load(file) as kept:
                head = json.loads(str(kept["head"]))
                state = tuple(kept[f"state{n}"] for n in range(head["states"]))
        except (ValueError, KeyError, EOFError, BadZipFile):
            return Record()  # lost with the power: the tile is simply done again
        return Record(head["segments"], state, Tally(head["missing"], head["outside"]))

    def write(self, tile: int, record: Record) -> None:
        """Keep where a tile stands, all of it or nothing."""
        head = {
            "segments": record.segments,
            "states": len(record.state),
            "missing": record.tally.missing,
            "outside": record.tally.outside,
        }
        arrays: Mapping[str, Any] = {f"state{n}": part for n, part in enumerate(record.state)}
        path = self._path(tile)
        # Named by the process: a worker of a run that was broken off may still be at its last tile.
        unfinished = path.with_suffix(f".{os.getpid()}.partial")
        with unfinished.open("wb") as file:
            np.savez(file, head=np.array(json.dumps(head)), **arrays)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep a second run away from the same store while this one lasts.

        Raises
        ------
        GridError
            Another process is at work on it.
        """
        try:
            import fcntl
        except ImportError:  # a system without it: two runs would only do the same work twice
            yield
            return
        # The system frees the lock when its holder dies, however it dies.
        with (self.folder / "lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise GridError(
                    f"{self.folder.parent} is being written by another run. Wait for it, or end it."
                ) from None
            yield

    def _path(self, tile: int) -> Path:
        return self.folder / f"tile-{tile:06d}.npz"
