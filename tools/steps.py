"""Steps that say what they do, and stamps that let a second run skip what is done.

A stamp is a file holding a digest of what a step was made from. It is written last and whole, so
a step that was cut off has no stamp and runs again.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent

__all__ = ["ROOT", "Steps", "alone", "digest", "is_stamped", "run", "stamp", "stop"]


class Steps:
    """A run of numbered steps: ``[3/7] Front-end assets ...``."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.number = 0

    def say(self, text: str) -> None:
        """Announce the next step."""
        self.number += 1
        print(f"[{self.number}/{self.total}] {text}", flush=True)


@contextmanager
def alone() -> Iterator[None]:
    """Hold the checkout for one installer at a time; a killed one lets go by itself."""
    path = ROOT / "build" / "install.lock"
    path.parent.mkdir(exist_ok=True)
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("      another make is installing here: waiting for it", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def stop(message: str) -> NoReturn:
    """End the program with a message a person can act on."""
    print(f"\n{message}", file=sys.stderr, flush=True)
    raise SystemExit(1)


def digest(paths: Iterable[Path], *words: str) -> str:
    """Return one digest of files, of everything inside folders, and of words."""
    total = hashlib.sha256("\0".join(words).encode())
    for path in paths:
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in files:
            if file.is_file() and "__pycache__" not in file.parts:
                total.update(file.relative_to(ROOT).as_posix().encode() + b"\0")
                total.update(file.read_bytes())
    return total.hexdigest()


def is_stamped(path: Path, value: str) -> bool:
    """Tell whether a step was finished from exactly these inputs."""
    return path.is_file() and path.read_text() == value


def stamp(path: Path, value: str) -> None:
    """Write down that a step is finished."""
    path.parent.mkdir(parents=True, exist_ok=True)
    made = path.with_name(f"{path.name}.{os.getpid()}")
    made.write_text(value)
    made.replace(path)


def run(
    command: Sequence[str | Path], *, remedy: str = "", extra: Mapping[str, str] | None = None
) -> None:
    """Run a program in the project's folder; where it fails, say so and what to do."""
    begun = time.monotonic()
    words = [str(word) for word in command]
    code = subprocess.run(
        words, cwd=ROOT, env={**os.environ, **(extra or {})}, stdin=subprocess.DEVNULL, check=False
    ).returncode
    if code:
        shown = " ".join(Path(words[0]).name if n == 0 else word for n, word in enumerate(words))
        stop(f"This failed (exit status {code}): {shown}\n{remedy}".rstrip())
    if (took := time.monotonic() - begun) > 2:
        print(f"      {took:.0f} s", flush=True)
