"""All that the catalogue knows of one indicator, as lines for a person."""

from __future__ import annotations

import inspect
import math
from collections.abc import Iterator

from tocsin.indicators.indicator import Indicator
from tocsin.indicators.standards import editions_of

__all__ = ["describe"]


def describe(entry: Indicator) -> Iterator[str]:
    """Yield names, inputs, gaps, status, cautions, editions of its standard, and the method."""
    yield f"{entry.id}: {' / '.join(entry.names.values())} [{entry.unit}], {entry.cadence}"
    for argument, (quantity, unit) in entry.takes.items():
        low, high = entry.domain.get(argument, (-math.inf, math.inf))
        limits = f", from {low:g}" if math.isfinite(low) else ""
        limits += f", up to {high:g}" if math.isfinite(high) else ""
        yield f"  {argument}: {quantity} [{unit}]{limits}"
    if entry.needs:
        yield f"  besides: {', '.join(entry.needs)}"
    yield f"Status: {entry.status}"
    if entry.caution:
        yield f"Caution: {entry.caution['en']}"
    yield f"Missing data: {entry.gaps.text['en']}"
    if entry.state:
        yield "State: returned after the last row; a later run goes on from it."
    yield f"Source: {entry.source}"
    for edition in editions_of(entry.standard) if entry.standard else ():
        yield f"  {edition.name}, from {edition.valid_from}: {edition.grade} ({edition.source})"
    yield ""
    yield from (inspect.getdoc(entry.function) or "").splitlines()
