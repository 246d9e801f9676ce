"""``tocsin indicators ...``: the catalogue, and a table of stations through one of its methods."""

from __future__ import annotations

import csv
import io
import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from tocsin.indicators.indicator import Indicator

    from .station_table import Answer, Asked

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, help="The catalogue of indicators.")

GRIDS = (".nc", ".nc4", ".zarr", ".grib", ".grib2", ".grb", ".grb2")


class Language(StrEnum):
    """In which a reason is written."""

    ENGLISH = "en"
    CHINESE = "zh-Hans"


@app.command("list")
def list_(
    family: Annotated[str | None, typer.Option(help="only of one family: fire, heat")] = None,
    for_rules: Annotated[bool, typer.Option(help="only what a rule can look at")] = False,
) -> None:
    """List the catalogue: id, unit, cadence, status, name."""
    from tocsin.indicators.catalogue import CATALOGUE
    from tocsin.triggers.evaluate import is_computable

    for entry in sorted(CATALOGUE.values(), key=lambda entry: (entry.family, entry.id)):
        if family in (None, entry.family) and (not for_rules or is_computable(entry)):
            typer.echo(
                f"{entry.family:<12}{entry.id:<31}{entry.unit:<11}{entry.cadence:<12}"
                f"{entry.status:<17}{entry.names['en']}"
            )


@app.command("describe")
def describe(indicator: str) -> None:
    """Say what an indicator is computed from, by whose method, and how far it is validated."""
    from tocsin.indicators.describe import describe as lines

    for line in lines(_entry(indicator)):
        typer.echo(line)


@app.command("compute")
def compute(
    indicator: str,
    table: Annotated[
        Path, typer.Argument(help="a CSV of stations, or NetCDF, Zarr or GRIB", metavar="INPUT")
    ],
    column: Annotated[
        list[str] | None, typer.Option(help="which column an argument is: temperature=t2m")
    ] = None,
    unit: Annotated[
        list[str] | None, typer.Option(help="in which unit an argument is: temperature=degF")
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", help="what the method needs beside: latitude=40, land=paddy"),
    ] = None,
    variant: Annotated[str | None, typer.Option(help="of the method: 147.2 of fwi")] = None,
    state: Annotated[Path | None, typer.Option(help="go on from a saved state")] = None,
    save_state: Annotated[Path | None, typer.Option(help="keep the state for the next run")] = None,
    explain: Annotated[bool, typer.Option(help="add why a value is undefined")] = False,
    language: Annotated[Language, typer.Option(help="of reasons and cautions")] = Language.ENGLISH,
    out: Annotated[Path | None, typer.Option(help="the CSV to write [printed]")] = None,
) -> None:
    """Compute an indicator for each row of a CSV of stations, or over a grid into a Zarr store."""
    if table.suffix.lower() in GRIDS:
        settings_of_grid = [*(set_ or []), *_variant(variant, quoted=True)]
        text_only = bool(unit or state or save_state or explain)
        _over_grid(indicator, table, out, text_only, column, settings_of_grid)
        return
    from .station_table import Asked

    entry = _entry(indicator)
    _check_fit(entry, table, bool(state or save_state))
    settings = {name: _literal(text) for name, text in _pairs(set_, "--set", entry).items()}
    settings |= _pairs(_variant(variant), "--variant", entry)
    asked = Asked(
        _pairs(column, "--column", entry), _pairs(unit, "--unit", entry), settings,
        _text(state) if state else None,
    )  # fmt: skip
    answer = _answer(entry, table, asked, explain)
    for note in answer.notes:
        typer.echo(f"{table.name}: {note}", err=True)
    if caution := entry.caution.get(language):
        typer.echo(f"{indicator}: {caution}", err=True)
    _write(out, _as_csv(entry, answer, explain, language))
    if save_state and answer.saved is not None:  # last: what is not written must not be passed over
        from tocsin.indicators.state import write_state

        _write(save_state, write_state(entry, answer.saved))


def _write(path: Path | None, text: str) -> None:
    """Write a file; print where none is named."""
    if path is None:
        typer.echo(text, nl=False)
        return
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise typer.BadParameter(f"{path} cannot be written: {error.strerror}") from None


def _answer(entry: Indicator, table: Path, asked: Asked, explain: bool) -> Answer:
    """Compute the table; a setting that the method does not have is a mistyped option."""
    from .station_table import compute_table

    try:
        return compute_table(entry, table, asked, explain=explain)
    except (LookupError, ValueError) as error:
        if type(error) not in (LookupError, ValueError):  # a refusal with faults, or our own slip
            raise
        raise typer.BadParameter(str(error)) from error


def _over_grid(
    indicator: str,
    grid: Path,
    out: Path | None,
    text_only: bool,
    column: list[str] | None,
    settings: list[str],
) -> None:
    """Hand a grid to the command that is made for it, which has more to choose."""
    remedy = f"tocsin grids compute {indicator} {grid} --out {indicator}.zarr"
    if out is None or text_only:
        raise typer.BadParameter(
            f"{grid} is a grid: it needs --out, has its units and no --explain or states; {remedy}"
        )
    from . import grids

    grids.compute(_entry(indicator).id, [grid], out, variable=column, set_=settings)


def _variant(variant: str | None, *, quoted: bool = False) -> list[str]:
    """Return the option as a setting; a grid's settings are JSON, in which 147.2 is a number."""
    return [] if variant is None else [f"variant={json.dumps(variant) if quoted else variant}"]


def _check_fit(entry: Indicator, table: Path, with_state: bool) -> None:
    """Refuse a lost file, and a state of what has none."""
    if with_state and not entry.state:
        raise typer.BadParameter(f"{entry.id} has no state; each run needs the rows it looks back")
    _text(table)


def _as_csv(entry: Indicator, answer: Answer, explain: bool, language: str) -> str:
    """Return the table: station and time as they came, the value, why there is none."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    with_station, with_time = any(answer.stations), bool(answer.times)
    head = ["station"] * with_station + ["time"] * with_time + [f"{entry.id} [{entry.unit}]"]
    writer.writerow(head + ["reason"] * explain)
    for n, value in enumerate(answer.values.tolist()):
        row = [answer.stations[n]] * with_station + ([answer.times[n]] if with_time else [])
        row.append("" if value != value else f"{value:.10g}")  # NaN is not itself
        if explain:
            row.append(" ".join(f"{r.code}: {r.text[language]}" for r in answer.reasons[n]))
        writer.writerow(row)
    return stream.getvalue()


def _entry(indicator: str) -> Indicator:
    from tocsin.indicators.catalogue import CATALOGUE

    if indicator not in CATALOGUE:
        raise typer.BadParameter(f"{indicator!r} is not in the catalogue: tocsin indicators list")
    return CATALOGUE[indicator]


def _pairs(given: list[str] | None, option: str, entry: Indicator) -> dict[str, str]:
    """Return name=value options, refusing names that the method does not have."""
    import inspect

    known = set(entry.takes)
    if option in ("--set", "--variant"):
        parameters = set(inspect.signature(entry.function).parameters)
        known = parameters - known - set(entry.options) - {"initial"}
    pairs = {}
    for text in given or []:
        name, equals, value = (part.strip() for part in text.partition("="))
        if not (name and equals and value):
            raise typer.BadParameter(f"{option} {text!r} is not like name=value")
        if name not in known:
            listed = ", ".join(sorted(known)) or "none"
            raise typer.BadParameter(f"{option} {name!r} is not of {entry.id}; it has: {listed}")
        pairs[name] = value
    return pairs


def _literal(text: str) -> Any:
    """Return a number or a list of numbers where it is one, else the word itself."""
    try:
        return json.loads(f"[{text}]" if "," in text else text)
    except ValueError:
        return text


def _text(path: Path) -> str:
    """Read a file named on the command line."""
    from .door import read_bytes

    return read_bytes(path).decode("utf-8", errors="replace")
