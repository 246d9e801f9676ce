"""``tocsin ...``: parse, call, print. Every command calls the same functions as the pages do."""

from __future__ import annotations

import os
import sys
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.errors import Fault, TocsinError

from . import (
    backtest,
    cap,
    deliver,
    exposure,
    feeds,
    grids,
    indicators,
    ledger,
    packs,
    people,
    privacy,
    received,
    records,
)
from . import run as run_command
from .door import DataFolder, RegionFolder, moment, print_faults, progress, set_up_office

if TYPE_CHECKING:
    from tocsin.region import Region

__all__ = ["app", "main"]

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Watch hazards, warn the right places, act in time, answer for it.",
)
app.add_typer(indicators.app, name="indicators")
app.add_typer(grids.app, name="grids")
app.add_typer(cap.app, name="cap")
app.add_typer(ledger.app, name="ledger")
app.add_typer(deliver.app, name="deliver")
app.add_typer(received.app, name="received")
app.add_typer(people.app, name="people")
app.add_typer(privacy.app, name="privacy")
app.add_typer(packs.app, name="packs")
app.add_typer(feeds.app, name="feeds")
app.command()(backtest.backtest)
app.command()(exposure.exposure)
app.command()(records.records)
app.command()(run_command.run)

DEMO_USER, DEMO_PASSWORD = "duty", "replay-of-2013"  # of replays only, printed openly


@app.command()
def check(region: RegionFolder) -> None:
    """Check a region folder and print every fault with file, line, value and remedy.

    Rules that can never fire, or always do, are pointed out as notes: the folder can be used.
    """
    from tocsin.region import check_region, load_region
    from tocsin.region.doubts import brought_by, doubts_of

    faults = check_region(region)
    if faults:
        print_faults(faults)
        typer.echo(f"{len(faults)} fault(s) in {region}.", err=True)
        raise typer.Exit(1)
    place = load_region(region)
    brought = brought_by(place.feeds)
    for rule in place.rules:
        for doubt in doubts_of(rule, brought):
            typer.echo(f"Note: rule {doubt}")
    _say_what_stations_cannot(place)
    typer.echo(f"{region}: no faults.")


def _say_what_stations_cannot(place: Region) -> None:
    from tocsin.region.place_doubts import doubts_of_place, stations_at_one_place

    for said in stations_at_one_place(place):
        typer.echo(f"Note: {said}")
    for rule in place.rules:
        for doubt in doubts_of_place(rule, place):
            typer.echo(f"Note: rule {doubt}")


@app.command()
def load(region: RegionFolder, data: DataFolder = Path("var")) -> None:
    """Load a region folder, or what has changed in it; the desk then works on it.

    A live region shows the present. A replay region is loaded by tocsin replay as well.
    """
    set_up_office(data)
    from tocsin.office.places.models import Area
    from tocsin.office.places.services import load_region_folder
    from tocsin.office.warnings_desk.approval import policy_of
    from tocsin.region import load_region

    loaded = load_region_folder(region, at=datetime.now(UTC))
    kind = "a replay" if loaded.is_replay else "live"
    needs = ", ".join(f"{line} {need}" for line, need in policy_of(loaded))
    typer.echo(
        f"{loaded.code} is loaded: {kind}, {Area.objects.count()} areas.\n"
        f"Messages are {'signed' if loaded.is_signed else 'signed where a key is set'}. "
        f"Approval: {needs}."
    )
    _say_what_stations_cannot(load_region(region))


@app.command()
def replay(
    region: RegionFolder,
    first: Annotated[str | None, typer.Option("--from", help="first hour, 2013-01-01")] = None,
    last: Annotated[str | None, typer.Option("--to", help="last hour, 2013-12-31T23:00")] = None,
    stand_at: Annotated[str | None, typer.Option(help="the hour the clock then shows")] = None,
    data: DataFolder = Path("var"),
    fresh: Annotated[bool, typer.Option(help="empty this replay's ledger first")] = False,
) -> None:
    """Run the watch over a past year, hour by hour, and stand the region's clock at an hour.

    Times without an offset are the region's own. Stopped and run again, it goes on where it was.
    """
    from tocsin.region import load_region

    zone = load_region(region).zone
    begin, end, stand = (moment(text, zone) for text in (first, last, stand_at))
    set_up_office(data)
    from tocsin.office.warnings_desk.replay import replay as run

    at = datetime.now(UTC)
    with progress() as show:
        report = run(
            region, first=begin, last=end, stand_at=stand, fresh=fresh, at=at, progress=show
        )
    from tocsin.office.warnings_desk.ledger import head

    number, chain = head()
    stands = report.region.clock_at
    typer.echo(
        f"{report.cycles} hourly cycles, {report.values_added} new values, {report.faults} faults "
        f"in the feeds, {report.triggers} triggers, {report.messages} new messages.\n"
        f"Ledger: {number} messages, head {chain}\n"
        f"The clock stands at {stands.astimezone(zone):%a %d %b %Y %H:%M %Z}."
        if stands
        else "Nothing was replayed."
    )


def seen_at(host: str, port: int) -> str:
    """Return the address at which this machine sees what listens on ``host`` and ``port``."""
    name = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 -- only compared
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


@app.command()
def serve(
    data: DataFolder = Path("var"),
    host: Annotated[str, typer.Option(help="address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="port to listen on", min=1, max=65535)] = 8000,
    workers: Annotated[int, typer.Option(help="processes", min=1)] = 1,
    worker: Annotated[bool, typer.Option(help="send beside it what is issued")] = True,
) -> None:
    """Serve the public pages and the office; of a live region, send what is issued as well."""
    # Links in messages lead to these very pages unless somebody says where they are seen from.
    os.environ.setdefault("TOCSIN_PUBLIC_URL", seen_at(host, port))
    set_up_office(data)
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    from tocsin.office.places.current import current_region

    region = current_region()
    lines = [f"Tocsin answers at {seen_at(host, port)}  (Ctrl+C stops it)"]
    if region is None:
        lines.append("No region is loaded yet: run  tocsin load REGION --data " + str(data))
    elif region.is_replay and host in {"127.0.0.1", "localhost", "::1"} and _demo_login():
        lines.append(f"Sign in as  {DEMO_USER}  with  {DEMO_PASSWORD}")
    server = Granian(
        "tocsin.office.project.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=4,
        log_level=LogLevels.warning,
    )

    # Printed once the server has its socket, so that these are the last lines and they are true.
    @server.on_startup
    def _say() -> None:
        typer.echo("\n" + "\n".join(lines))
        sys.stdout.flush()

    sends = worker and not (region and region.is_replay)  # a replay sends nothing, ever
    with deliver.beside(data) if sends else nullcontext():
        server.serve()


def main() -> None:
    """Run the command line; what Tocsin refuses is printed as sentences, not as a traceback."""
    try:
        app()
    except TocsinError as error:
        faults: tuple[Fault, ...] = getattr(error, "faults", ())
        if faults:
            print_faults(faults)
        else:
            typer.echo(f"Refused: {error}", err=True)
        sys.exit(1)


def _demo_login() -> bool:
    """Give a replay on this machine alone the login it prints; false if it was given another."""
    from tocsin.office.people.rules import MACHINE
    from tocsin.office.people.services import give_post

    user = give_post(
        DEMO_USER,
        DEMO_PASSWORD,
        title="Duty officer",
        role="duty_officer",
        by=MACHINE,
        at=datetime.now(UTC),
    )
    return user.check_password(DEMO_PASSWORD)
