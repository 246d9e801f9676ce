"""What a recursive indicator leaves to the next run, as text that can be kept in a file."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tocsin.errors import StateError
from tocsin.indicators.indicator import Indicator

__all__ = ["SavedState", "read_state", "write_state"]


@dataclass(frozen=True, slots=True)
class SavedState:
    """The state after the row ``after``, for the places in their order."""

    after: str
    places: tuple[str, ...]
    state: Any


def write_state(entry: Indicator, saved: SavedState) -> str:
    """Return the state as JSON; a number that is NaN becomes null."""
    named = hasattr(saved.state, "_fields")
    parts = saved.state._asdict() if named else {"state": saved.state}
    values = {
        name: [None if math.isnan(x) else x for x in np.atleast_1d(np.asarray(part)).tolist()]
        for name, part in parts.items()
    }
    document = {
        "indicator": entry.id,
        "after": saved.after,
        "places": list(saved.places),
        "named": named,
        "state": values,
    }
    return json.dumps(document, indent=1) + "\n"


def read_state(entry: Indicator, text: str, places: Sequence[str]) -> SavedState:
    """Return a state that ``write_state`` wrote, as the indicator's ``initial`` wants it.

    Raises
    ------
    StateError
        The text is no saved state, or belongs to another indicator or other places.
    """
    try:
        document = json.loads(text)
        values = {
            name: np.array([np.nan if x is None else float(x) for x in part])
            for name, part in document["state"].items()
        }
        found, after, named = document["indicator"], str(document["after"]), document["named"]
        stands = tuple(str(place) for place in document["places"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise StateError(f"This is not a saved state: {error}. Give a file of --save-state.") from (
            error
        )
    if found != entry.id:
        raise StateError(f"The state is of {found}, expected {entry.id}.")
    if stands != tuple(places):
        raise StateError(
            f"The state is of the places {', '.join(stands) or 'none'}; "
            f"expected {', '.join(places)}."
        )
    if any(part.shape != (len(stands),) for part in values.values()):
        raise StateError(f"The state does not have a number for each of {len(stands)} place(s).")
    state = tuple(values.values()) if named else values["state"]
    return SavedState(after, stands, state)
