"""``tocsin grids ...``: indicators over grids, and grids over areas."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from .door import progress

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, help="Indicators over NetCDF, Zarr and GRIB.")

Pairs = Annotated[
    list[str] | None,
    typer.Option("--variable", help="which variable an argument is: rain=tp; may be repeated"),
]


@app.command()
def compute(
    indicator: Annotated[str, typer.Argument(help="an id of the catalogue; or several: ffmc,fwi")],
    inputs: Annotated[list[Path], typer.Argument(help="NetCDF, Zarr or GRIB; one or more")],
    out: Annotated[Path, typer.Option(help="the Zarr store to write")],
    memory: Annotated[
        str | None,
        typer.Option(help="2GB: of this process, or of each worker [part of what is free]"),
    ] = None,
    threads: Annotated[int | None, typer.Option(min=1, help="[all processors]")] = None,
    dask: Annotated[
        str | None, typer.Option(envvar="TOCSIN_DASK", help="address of a Dask scheduler")
    ] = None,
    variable: Pairs = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", help="a number or option of the method: mean_annual_rain=800"),
    ] = None,
    fresh: Annotated[bool, typer.Option(help="begin anew over an earlier result")] = False,
) -> None:
    """Compute an indicator over a grid into a Zarr store; broken off, it goes on where it was."""
    from tocsin.grids import compute as run

    with progress() as show:
        try:
            result = run(
                indicator.split(","),
                inputs,
                out,
                memory=memory,
                threads=threads,
                dask=dask,
                variables=_pairs(variable, "--variable"),
                settings={k: _literal(v) for k, v in _pairs(set_, "--set").items()},
                fresh=fresh,
                progress=show,
            )
        except LookupError as error:
            raise typer.BadParameter(str(error)) from None
    before = f", {result.blocks_before} were there already" if result.blocks_before else ""
    typer.echo(f"{out}: {result.blocks} block(s) computed{before}.")
    _print_tally(result.tally)


@app.command()
def areas(
    store: Annotated[Path, typer.Argument(help="a store of `grids compute`")],
    outlines: Annotated[Path, typer.Argument(help="GeoJSON; areas by code, id or name")],
    out: Annotated[Path, typer.Option(help="the table to write, CSV")],
    statistic: Annotated[
        str, typer.Option(help="mean, max, share>30, population_mean; several with commas")
    ] = "mean,max",
    indicator: Annotated[str | None, typer.Option(help="which one, if there are several")] = None,
    population: Annotated[
        Path | None, typer.Option(help="a grid of people in each cell, on the same grid")
    ] = None,
    minimum_valid: Annotated[
        float, typer.Option(help="share of an area that has to have values", min=0.0, max=1.0)
    ] = 0.5,
    weights: Annotated[
        Path | None, typer.Option(help="keep the weights here and take them from here again")
    ] = None,
) -> None:
    """Make a table of areas at each time out of a grid."""
    from tocsin.grids.table import write_table

    with progress() as show:
        rows = write_table(
            store,
            outlines,
            out,
            statistics=[name.strip() for name in statistic.split(",")],
            indicator=indicator,
            population=population,
            minimum_valid=minimum_valid,
            weights_file=weights,
            progress=show,
        )
    typer.echo(f"{out}: {rows:,} rows.")


@app.command()
def describe(store: Annotated[Path, typer.Argument(help="a store of `grids compute`")]) -> None:
    """Say what a store holds, what it was computed from, and whether it is complete."""
    from tocsin.grids.store import describe as lines

    for line in lines(store):
        typer.echo(line)


def _pairs(given: list[str] | None, option: str) -> dict[str, str]:
    pairs = {}
    for text in given or []:
        name, equals, value = text.partition("=")
        if not (name and equals and value):
            raise typer.BadParameter(f"{option} {text!r} is not like argument=name")
        pairs[name.strip()] = value.strip()
    return pairs


def _literal(text: str) -> Any:
    """Return a number, a list or a truth value as JSON has it; else the text itself."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _print_tally(tally: Any) -> None:
    for words, counts in (
        ("missing", tally.missing),
        ("outside the indicator's domain", tally.outside),
    ):
        for name, count in counts.items():
            if count:
                typer.echo(f"  {name}: {count:,} value(s) {words}")
