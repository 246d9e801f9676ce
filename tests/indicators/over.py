"""One test over the whole catalogue: as thorough as a test an entry, at a fraction of the time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tocsin.indicators.catalogue import CATALOGUE

__all__ = ["over_the_catalogue"]


def over_the_catalogue(check: Callable[[Any], None]) -> Callable[[], None]:
    """Turn a check of one entry into a test of all; every entry at fault is named."""

    def run() -> None:
        faults = {}
        for entry in CATALOGUE.values():
            try:
                check(entry)
            except Exception as error:  # noqa: BLE001  (gathered, then raised below)
                faults[entry.id] = error
        if faults:
            first = next(iter(faults.values()))
            raise AssertionError(f"{', '.join(faults)}: {first}") from first

    run.__name__, run.__doc__ = check.__name__, check.__doc__
    return run
