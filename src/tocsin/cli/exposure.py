"""``tocsin exposure``: who and what of a region lies inside the polygons of a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .door import RegionFolder

if TYPE_CHECKING:
    from tocsin.exposure import Amount

__all__ = ["exposure"]

Inside = Annotated[
    Path,
    typer.Argument(
        help="GeoJSON of polygons, each with a code, id or name", metavar="INSIDE.geojson"
    ),
]


def exposure(inside: Inside, region: RegionFolder) -> None:
    """Say who and what of a region lies inside polygons, each number with its source.

    An unknown number is printed as unknown, not as 0; of one that is known in part, the part.
    """
    from tocsin.exposure import exposed
    from tocsin.grids.areas import read_areas
    from tocsin.region import load_region
    from tocsin.region.layers import layers_of

    layers = layers_of(load_region(region))
    for name, amounts in exposed(layers, read_areas(inside)).items():
        typer.echo(f"{name}: {_sentence(amounts)}")
        for amount in amounts:
            source = amount.source
            value = "unknown" if amount.value is None else f"{amount.value:,.0f}"
            part = "" if amount.known in (0, 1) else f"of {_percent(amount.known)}"
            told = f"{source.title}, {source.valid_on or 'undated'}, {source.grade}"
            typer.echo(f"  {amount.name:<18}{value:>12}  {part:<9}  {told}")


def _sentence(amounts: tuple[Amount, ...]) -> str:
    """Return the sentence for the public: people rounded, facilities counted, no zeros."""
    from tocsin.exposure import about  # numba's kernels come with it: not for every command

    people, *others = amounts
    if people.value is None:
        return "nothing is known of it"
    parts = [f"about {about(people.value):,} people"]
    for amount in others:
        if amount.value and amount.unit == "":
            parts.append(f"{amount.value:.0f} {_plural(amount.name, amount.value)}")
        elif amount.value and amount.unit != people.unit:
            unit = f"{amount.unit} of " if amount.unit in {"km", "km2"} else ""
            parts.append(f"about {about(amount.value):,} {unit}{amount.name}")
    where = "" if people.known == 1 else f" (in the {_percent(people.known)} of it that is known)"
    return ", ".join(parts) + where


def _plural(kind: str, count: float) -> str:
    """Return the English word for a kind, which region files write in the singular."""
    word = kind.replace("-", " ")
    if count == 1:
        return word
    return f"{word[:-1]}ies" if word.endswith("y") else f"{word}s"


def _percent(share: float) -> str:
    """Return a share below all as percent: never 100 %, never 0 %."""
    return f"{min(max(share * 100, 0.1), 99.9):.1f} %"
