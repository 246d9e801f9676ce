"""``tocsin records``: the annual extremes of stations, for levels by return period."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .door import RegionFolder, moment, print_table, progress, write_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tocsin.region import Region
    from tocsin.region.records import Extreme

__all__ = ["records"]

SHOWN = (2, 5, 10, 20, 50)
"""Return periods in the table that is printed, in years."""


def records(
    region: RegionFolder,
    indicator: Annotated[list[str] | None, typer.Option(help="a catalogue id")] = None,
    rule: Annotated[list[str] | None, typer.Option(help="the indicators of a rule")] = None,
    first: Annotated[str | None, typer.Option("--from", help="first hour, 1981-01-01")] = None,
    last: Annotated[str | None, typer.Option("--to", help="last hour, 2020-12-31T23:00")] = None,
    out: Annotated[
        Path | None, typer.Option(help="the file to write; without it records.csv of the folder")
    ] = None,
    anew: Annotated[
        bool, typer.Option(help="replace the years that the region's records have already")
    ] = False,
) -> None:
    """Find each year's extreme at each station in the region's feeds, and write the records.

    A year counts where nine tenths of its days have values. Rows that the region's file of records
    has already are kept. Without --indicator and --rule: of every rule that has levels by return
    period.
    """
    from tocsin.region import load_region
    from tocsin.region.archive import archive_of
    from tocsin.region.records import as_csv, extremes_of
    from tocsin.triggers.evaluate import indicator_values

    place = load_region(region)
    names = _wanted(place, indicator or [], rule or [])
    begin, end = moment(first, place.zone), moment(last, place.zone)
    with progress() as show:
        archive = archive_of(place, first=begin, last=end, progress=show)
    values = indicator_values(names, archive.grid, archive.calendar)
    source = "Computed from " + "; ".join(dict.fromkeys(feed.source for feed in place.feeds))
    found = [
        row
        for name in names
        for row in extremes_of(name, values[name], archive.calendar, archive.grid.stations, source)
    ]
    rows = _joined(place.records, found, anew=anew)
    path = region / "records.csv" if out is None else out
    write_text(path, as_csv(rows))
    _print([row for row in rows if row.indicator in names])
    typer.echo(f"{len(found)} whole years found; {path} has {len(rows)} rows.")
    if not place.records:
        typer.echo(f'Name it in region.toml:  [files]  records = "{path.name}"')


def _wanted(place: Region, indicators: Sequence[str], rules: Sequence[str]) -> list[str]:
    """Return the indicators that are asked for, each once."""
    from tocsin.indicators.catalogue import CATALOGUE
    from tocsin.region.plain import near
    from tocsin.triggers.evaluate import is_computable

    known = {one.id: one for one in place.rules}
    for name in rules:
        if name not in known:
            raise typer.BadParameter(f"no rule is called {name!r}. {near(name, known)}")
    for name in indicators:
        if name not in CATALOGUE or not is_computable(CATALOGUE[name]):
            hint = near(name, (one for one in CATALOGUE if is_computable(CATALOGUE[one])))
            raise typer.BadParameter(f"no rule can look at an indicator {name!r}. {hint}")
    asked = [*indicators, *(name for one in rules for name in known[one].indicators)]
    if not asked:
        conditions = [part for one in place.rules for part in one.conditions]
        asked = [part.indicator for part in conditions if part.by_return_period]
    if not asked:
        raise typer.BadParameter(
            "no rule of this region has levels by return period; name an --indicator or a --rule"
        )
    return list(dict.fromkeys(asked))


def _joined(there: Sequence[Extreme], found: Sequence[Extreme], *, anew: bool) -> list[Extreme]:
    """Put what was found beside what is there; of two rows of a year the first one stays."""
    rows: dict[tuple[str, str, int], Extreme] = {}
    for row in [*found, *there] if anew else [*there, *found]:
        rows.setdefault((row.indicator, row.station, row.year), row)
    return list(rows.values())


def _print(rows: Sequence[Extreme]) -> None:
    """Print what the records mean: the value once in so many years at each station."""
    from rich.table import Table

    from tocsin.indicators.catalogue import CATALOGUE
    from tocsin.region.records import by_station
    from tocsin.triggers.return_levels import MIN_YEARS, When, record_of, return_level

    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in ("indicator", "station", "years"):
        table.add_column(name, no_wrap=True)
    for years in SHOWN:
        table.add_column(f"{years} years", no_wrap=True, justify="right")
    short = 0
    for name in sorted({row.indicator for row in rows}):
        entry = CATALOGUE[name]
        when: When = "at-or-below" if entry.direction == "low" else "at-or-above"
        for station, extremes in by_station(rows, name, entry.unit).items():
            record = record_of(extremes, when)
            short += record.gev is None
            levels = [return_level(years, record, when) for years in SHOWN]
            cells = ["–" if one != one else f"{one:g} {entry.unit}" for one in levels]
            table.add_row(name, station, f"{record.years}, {record.first}-{record.last}", *cells)
    print_table(table)
    if short:
        typer.echo(f"– : fewer than {MIN_YEARS} years, or years that do not vary: no thresholds.")
