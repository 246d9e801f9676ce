"""``tocsin feeds ...``: what a region's feeds are and bring."""

from __future__ import annotations

import asyncio
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import gateway_tokens
from .door import DataFolder, RegionFolder, print_faults

if TYPE_CHECKING:
    from tocsin.intake import Feed, Reading
    from tocsin.intake.fetch import Fetched

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, help="Feeds: what brings observations, and how it fares.")

app.command("token")(gateway_tokens.make)
app.command("revoke")(gateway_tokens.revoke)
app.command("gateways")(gateway_tokens.list_tokens)


@app.command("list")
def list_(region: RegionFolder, data: DataFolder = Path("var")) -> None:
    """List the feeds: kind, source, last good answer, failures in a row, what was wrong."""
    from tocsin.intake.payloads import load_state
    from tocsin.region import load_region

    now = datetime.now(UTC)
    for feed in load_region(region).feeds:
        state = load_state(data / "feeds" / feed.id)
        pushed = f"push {feed.token_from or f'/push/{feed.id}'}"
        where = feed.url.partition("?")[0] or feed.topic or feed.path or pushed
        typer.echo(f"{feed.id:<20}{feed.reader:<20}{where}")
        if not feed.is_live:
            continue
        last = state.answered_at
        age = f"{(now - last).total_seconds() / 60:.0f} min ago" if last else "never"
        stale = "  STALE" if state.is_stale(feed, now) else ""
        failed = f", {state.failures} failures in a row: {state.problem}" if state.failures else ""
        typer.echo(f"{'':<20}answered {age}{stale}{failed}")


@app.command("try")
def try_(
    region: RegionFolder,
    name: Annotated[str, typer.Argument(help="the feed's id", metavar="NAME")],
    rows: Annotated[int, typer.Option(help="values shown of each series", min=1)] = 3,
) -> None:
    """Ask a feed once and show what it gives; nothing is kept and no place in a queue is used up.

    Ends with 1 if it gave nothing.
    """
    from tocsin.intake import read
    from tocsin.region import load_region

    found = load_region(region)
    feed = next((one for one in found.feeds if one.id == name), None)
    if feed is None:
        names = ", ".join(one.id for one in found.feeds)
        raise typer.BadParameter(f"there is no feed {name!r}; there are: {names}")
    if feed.topic or feed.is_pushed:
        raise typer.BadParameter(
            f"{name} brings its messages by itself; see how it fares with tocsin feeds list"
        )
    if not feed.is_live:
        _show(feed, read(feed, found.stations), rows)
        return
    with tempfile.TemporaryDirectory() as scratch:
        fetched = asyncio.run(_once(feed, Path(scratch)))
        if fetched.fault:
            print_faults([fetched.fault])
        for payload in fetched.payloads:
            size = payload.stat().st_size
            typer.echo(f"{feed.id}: an answer of {size:,} bytes")
            _show(feed, read(feed.of(payload), found.stations), rows)
    if not fetched.payloads:
        if not fetched.fault:
            typer.echo(f"{feed.id}: {_nothing(feed)}", err=True)
        raise typer.Exit(1)


def _nothing(feed: Feed) -> str:
    if feed.path:
        return f"no file in {feed.file} that could be read; one is read 10 s after its last change."
    return "an answer without anything in it."


def _say_members(feed: Feed, reading: Reading) -> None:
    """Tell how many members of an ensemble came, of those that the settings speak of."""
    wanted = int(feed.options.get("members") or 1)
    there = len({forecast.member for forecast in reading.forecasts})
    if reading.forecasts and wanted > 1:
        missing = f", {wanted - there} missing" if there < wanted else ""
        typer.echo(f"\n{there} of {wanted} members{missing}.")


async def _once(feed: Feed, folder: Path) -> Fetched:
    from tocsin.intake.fetch import fetch, open_client

    async with open_client() as client:
        return await fetch(feed, folder, client, datetime.now(UTC), at_once=True)


def _show(feed: Feed, reading: Reading, rows: int) -> None:
    """Print what a reading holds: each series with its last values, forecasts, events, faults."""
    from tocsin.intake.quality import Flag, flag_reading

    typer.echo(
        f"{reading.rows_used} of {reading.rows_read} rows used, {len(reading.series)} series, "
        f"{len(reading.forecasts)} forecast series, {len(reading.events)} events, "
        f"{len(reading.faults)} faults. Source: {feed.source} ({feed.licence})"
    )
    for one, flags in zip(reading.series, flag_reading(reading.series), strict=True):
        typer.echo(f"\n{one.station}  {one.quantity} [{one.unit}], {one.times.size} values")
        for time, value, bits in zip(
            one.times[-rows:], one.values[-rows:], flags[-rows:], strict=True
        ):
            doubt = f"  {Flag(int(bits)).name}" if bits else ""
            typer.echo(f"  {time}Z {value:10.2f}{doubt}")
    for forecast in reading.forecasts:
        part = forecast.series
        member = "" if forecast.member is None else f" member {forecast.member}"
        typer.echo(
            f"\n{part.station}  {part.quantity} [{part.unit}] by {forecast.model}{member}, run "
            f"{forecast.run or 'not told'}: {part.times.size} hours from {part.times[0]}Z"
        )
        for time, value in zip(part.times[:rows], part.values[:rows], strict=True):
            typer.echo(f"  {time}Z {value:10.2f}")
    _say_members(feed, reading)
    for event in reading.events[-rows:]:
        typer.echo(
            f"\n{event.kind} {event.id}  {event.at}Z  {event.lat:.3f}, {event.lon:.3f}  "
            f"{event.size:g} {'' if event.unit == '1' else event.unit}".rstrip()
        )
    print_faults(reading.faults)
