"""How many CAP messages a second: read, judge by every rule, typed model; on one core.

    python bench/cap_speed.py [FOLDER OF CAP FILES]

Without a folder the messages of the test suite are used. Prints the best of several rounds, since
other work on the machine only ever slows a round down.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from lxml import etree

from tocsin.cap import check
from tocsin.cap.write import write
from tocsin.errors import CapError

HERE = Path(__file__).resolve().parent
DEFAULT = HERE.parent / "tests" / "cap" / "conformance"
SMALL = 5_000
ROUNDS = 25


def messages(folder: Path) -> list[bytes]:
    """Return the small CAP files under ``folder`` that can be read at all."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.suffix not in {".cap", ".xml"} or path.stat().st_size > SMALL:
            continue
        raw = path.read_bytes()
        try:
            check(raw)
        except CapError:
            continue
        found.append(raw)
    return found


def best(action: object, items: list[object]) -> float:
    """Return the seconds of processor time of the quickest round."""
    quickest = float("inf")
    for _ in range(ROUNDS):
        began = time.process_time()
        for item in items:
            action(item)  # type: ignore[operator]
        quickest = min(quickest, time.process_time() - began)
    return quickest


def main() -> None:
    """Print messages per second for each step."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT
    raws = messages(folder)
    if not raws:
        sys.exit(f"no CAP message of at most {SMALL} bytes under {folder}")
    clean = [
        checked.alert
        for checked in map(check, raws)
        if checked.alert and not any(f.severity == "error" for f in checked.findings)
    ]
    mean = sum(map(len, raws)) / len(raws)
    print(f"{len(raws)} messages, {mean:.0f} bytes each on average")
    for name, action, items in (
        ("XML alone (lxml)", etree.fromstring, raws),
        ("read, judge, model", check, raws),
        ("judge and write", write, clean),
    ):
        print(f"{name:20} {len(items) / best(action, list(items)):10,.0f} messages/s")


if __name__ == "__main__":
    main()
