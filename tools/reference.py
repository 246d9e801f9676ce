"""Renew docs/reference/indicators.md from the catalogue: `python -m tools.reference`.

With `--check` nothing is written, and the exit status is 1 where the page is not the catalogue's.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from tocsin.indicators.catalogue import CATALOGUE
from tocsin.indicators.indicator import Indicator
from tocsin.indicators.standards import editions_of

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "indicators.md"
HEAD = """# Indicators

{count} indicators, made from the catalogue by `make reference`; do not edit.
How each was checked, how closely, and what is missing: [validation.md](../validation.md).
How to compute them: [Compute indicators](../guide/compute-indicators.md).

- **validated**: against numbers that nobody on this project made.
- **regression only**: against numbers of our own code, or of the same formula typed a second time.
- **unverified**: no outside numbers were found.
- A **caution** names values that could not be confirmed.
"""


def _cells(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |"


def _inputs(entry: Indicator) -> str:
    parts = []
    for argument, (quantity, unit) in entry.takes.items():
        low, high = entry.domain.get(argument, (-math.inf, math.inf))
        limits = f" from {low:g}" if math.isfinite(low) else ""
        limits += f" to {high:g}" if math.isfinite(high) else ""
        parts.append(f"`{argument}`: {quantity} [{unit}]{limits}")
    if entry.needs:
        parts.append("besides: " + ", ".join(f"`{need}`" for need in entry.needs))
    return "<br>".join(parts)


def _status(entry: Indicator) -> str:
    return entry.status + (f"<br>**Caution:** {entry.caution['en']}" if entry.caution else "")


def _gaps(entry: Indicator) -> str:
    return entry.gaps.text["en"] + (" Resumes from a saved state." if entry.state else "")


def lines() -> Iterator[str]:
    """Yield the page, line by line."""
    yield HEAD.format(count=len(CATALOGUE))
    entries = sorted(CATALOGUE.values(), key=lambda entry: (entry.family, entry.id))
    for family, members in groupby(entries, key=lambda entry: entry.family):
        yield f"## {family.capitalize()}\n"
        yield _cells("id", "name", "inputs", "unit", "cadence", "missing data", "source", "status")
        yield "|" + " --- |" * 8
        for entry in members:
            names = f"{entry.names['en']}<br>{entry.names['zh-Hans']}"
            yield _cells(
                f"`{entry.id}`", names, _inputs(entry), entry.unit, entry.cadence, _gaps(entry),
                entry.source, _status(entry),
            )  # fmt: skip
        yield ""
    yield "## Standards behind them\n"
    yield (
        "Each row of a table or a grid is judged by the edition in force on its day; a function by "
        "the day it is given as `on`, else by the newest.\n"
    )
    yield _cells("standard", "valid from", "grade", "source")
    yield "|" + " --- |" * 4
    for family in sorted({entry.standard for entry in entries} - {""}):
        for edition in editions_of(family):
            yield _cells(edition.name, str(edition.valid_from), edition.grade, edition.source)


def page() -> str:
    """Return the page as it has to be."""
    return "\n".join(lines()) + "\n"


def main(arguments: list[str]) -> int:
    """Write the page, or compare it."""
    wanted = page()
    current = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    if "--check" in arguments:
        if current != wanted:
            print(f"{PAGE.name} is not that of the catalogue: run  make reference")
        return int(current != wanted)
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(wanted, encoding="utf-8")
    print(f"{PAGE.name}: {len(CATALOGUE)} indicators" + (", as it was" * (current == wanted)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
