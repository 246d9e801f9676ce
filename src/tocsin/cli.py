"""``tocsin ...``: parse, call, print. Every command calls the same functions as the pages do."""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from tocsin.errors import Fault, TocsinError

if TYPE_CHECKING:
    from tocsin.cap.commands import Outcome

__all__ = ["app", "main"]

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Watch hazards, warn the right places, act in time, answer for it.",
)
ledger_app = typer.Typer(no_args_is_help=True, help="The ledger of every message issued.")
people_app = typer.Typer(no_args_is_help=True, help="Accounts and the posts they hold.")
indicators_app = typer.Typer(no_args_is_help=True, help="The catalogue of indicators.")
cap_app = typer.Typer(no_args_is_help=True, help="CAP 1.2 messages: check, show, verify, sign.")
app.add_typer(indicators_app, name="indicators")
app.add_typer(cap_app, name="cap")
app.add_typer(ledger_app, name="ledger")
app.add_typer(people_app, name="people")

RegionFolder = Annotated[
    Path, typer.Argument(help="the region's folder: examples/new-york-2013", metavar="REGION")
]
DataFolder = Annotated[
    Path, typer.Option("--data", envvar="TOCSIN_DATA", help="folder of the database and the key")
]
DEMO_USER, DEMO_PASSWORD = "duty", "replay-of-2013"  # of replays only, printed openly


@app.command()
def check(region: RegionFolder) -> None:
    """Check a region folder and print every fault with file, line, value and remedy."""
    from tocsin.region import check_region

    faults = check_region(region)
    if faults:
        _print_faults(faults)
        typer.echo(f"{len(faults)} fault(s) in {region}.", err=True)
        raise typer.Exit(1)
    typer.echo(f"{region}: no faults.")


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
    begin, end, stand = (_moment(text, zone) for text in (first, last, stand_at))
    _office(data)
    from tocsin.office.warnings_desk.replay import replay as run

    at = datetime.now(UTC)
    with _progress() as progress:
        report = run(
            region, first=begin, last=end, stand_at=stand, fresh=fresh, at=at, progress=progress
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


@app.command()
def serve(
    data: DataFolder = Path("var"),
    host: Annotated[str, typer.Option(help="address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="port to listen on", min=1, max=65535)] = 8000,
    workers: Annotated[int, typer.Option(help="processes", min=1)] = 1,
) -> None:
    """Serve the public pages and the office."""
    _office(data)
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    from tocsin.office.places.current import current_region

    region = current_region()
    lines = [f"Tocsin answers at http://{host}:{port}  (Ctrl+C stops it)"]
    if region is None:
        lines.append("No region is loaded yet: run  tocsin replay REGION --data " + str(data))
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

    server.serve()


@indicators_app.command("list")
def indicators_list(
    family: Annotated[str | None, typer.Option(help="only of one family: fire, heat")] = None,
    for_rules: Annotated[bool, typer.Option(help="only what a rule can look at")] = False,
) -> None:
    """List the catalogue: id, unit, cadence, name."""
    from tocsin.indicators.catalogue import CATALOGUE
    from tocsin.triggers.evaluate import is_computable

    for entry in sorted(CATALOGUE.values(), key=lambda entry: (entry.family, entry.id)):
        if family in (None, entry.family) and (not for_rules or is_computable(entry)):
            typer.echo(
                f"{entry.family:<12}{entry.id:<28}{entry.unit:<8}{entry.cadence:<12}"
                f"{entry.names['en']}"
            )


@indicators_app.command("describe")
def indicators_describe(indicator: str) -> None:
    """Say what an indicator is computed from, in which units, and by whose method."""
    from tocsin.indicators.catalogue import CATALOGUE

    if indicator not in CATALOGUE:
        raise typer.BadParameter(f"{indicator!r} is not in the catalogue: tocsin indicators list")
    entry = CATALOGUE[indicator]
    typer.echo(f"{entry.id}: {' / '.join(entry.names.values())} [{entry.unit}], {entry.cadence}")
    for argument, (quantity, unit) in entry.takes.items():
        typer.echo(f"  {argument}: {quantity} [{unit}]")
    typer.echo(f"Source: {entry.source}\n\n{inspect.getdoc(entry.function) or ''}")


@cap_app.command("check")
def cap_check(
    files: list[Path],
    profile: Annotated[str | None, typer.Option(help="a profile beside the base rules")] = None,
    language: Annotated[str, typer.Option(help="of the findings: en, zh-Hans")] = "en",
) -> None:
    """List every finding on CAP files, a line each; exit status 1 if one is an error."""
    from tocsin.cap import commands

    _print_each(
        commands.check(str(f), _bytes(f), profile=profile, language=language) for f in files
    )


@cap_app.command("show")
def cap_show(files: list[Path], language: str = "en") -> None:
    """Print CAP files as a person reads them."""
    from tocsin.cap import commands

    _print_each(commands.show(str(f), _bytes(f), language=language) for f in files)


@cap_app.command("diff")
def cap_diff(old: Path, new: Path) -> None:
    """List what differs in meaning between two CAP files."""
    from tocsin.cap import commands

    _print_each([commands.diff(str(old), _bytes(old), str(new), _bytes(new))])


@cap_app.command("verify")
def cap_verify(
    files: list[Path],
    pin: Annotated[list[Path], typer.Option(help="PEM file of a trusted issuer; repeatable")],
) -> None:
    """Say the verdict on the signature of CAP files; exit status 0 only if all are valid."""
    from tocsin.cap import commands

    pinned = [_bytes(path) for path in pin]
    _print_each(commands.verify(str(f), _bytes(f), pinned) for f in files)


@cap_app.command("sign")
def cap_sign(
    file: Path,
    key: Annotated[Path, typer.Option(help="PEM file of the private key")],
    certificates: Annotated[Path, typer.Option(help="PEM file of the certificate and its chain")],
    out: Annotated[Path, typer.Option(help="where the signed message goes; not over an old one")],
) -> None:
    """Sign a CAP file; without a good signature nothing is written."""
    from tocsin.cap import commands

    if out.exists():
        raise typer.BadParameter(f"{out} is there already: choose another name")
    signed, outcome = commands.sign(_bytes(file), _bytes(key), _bytes(certificates))
    if signed is not None:
        out.write_bytes(signed)
    _print_each([outcome])


@ledger_app.command("verify")
def ledger_verify(data: DataFolder = Path("var")) -> None:
    """Recompute every hash and link of the ledger from the bytes it holds."""
    if "DATABASE_URL" not in os.environ and not (data / "tocsin.sqlite3").is_file():
        raise typer.BadParameter(f"{data} holds no ledger: name the data folder with --data")
    _office(data)
    from tocsin.office.warnings_desk.ledger import head, verify

    count = verify()
    typer.echo(f"{count} messages, every hash and link is right; head {head()[1]}")


@people_app.command("give-post")
def people_give_post(
    username: str,
    role: Annotated[str, typer.Option(help="duty_officer, approver, ...")] = "duty_officer",
    title: Annotated[str, typer.Option(help="the post's name on pages")] = "Duty officer",
    data: DataFolder = Path("var"),
) -> None:
    """Give an account a post; one that is new is made, asking for its password."""
    _office(data)
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError

    from tocsin.office.people.models import User
    from tocsin.office.people.rules import MACHINE
    from tocsin.office.people.services import give_post

    known = User.objects.filter(username=username).exists()
    password = None
    if not known:
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
        try:
            validate_password(password)
        except ValidationError as error:
            raise typer.BadParameter(" ".join(error.messages)) from None
    give_post(username, password, title=title, role=role, by=MACHINE, at=datetime.now(UTC))
    typer.echo(f"{username} holds the post {title!r} ({role}).")


def main() -> None:
    """Run the command line; what Tocsin refuses is printed as sentences, not as a traceback."""
    try:
        app()
    except TocsinError as error:
        faults: tuple[Fault, ...] = getattr(error, "faults", ())
        if faults:
            _print_faults(faults)
        else:
            typer.echo(f"Refused: {error}", err=True)
        sys.exit(1)


def _office(data: Path) -> None:
    """Set up Django on a data folder and bring its database up to date."""
    os.environ["TOCSIN_DATA"] = str(data.resolve())
    (data / "static").mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tocsin.office.project.settings")
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


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


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise typer.BadParameter(f"{path} cannot be read: {error.strerror}") from None


def _print_each(outcomes: Iterable[Outcome]) -> None:
    """Print outcomes as they come; end with the worst exit status."""
    worst = 0
    for outcome in outcomes:
        typer.echo(outcome.text, err=outcome.code == 2)
        worst = max(worst, outcome.code)
    raise typer.Exit(worst)


def _moment(text: str | None, zone: ZoneInfo) -> datetime | None:
    """Read a day or an hour; without an offset it is the region's own."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(
            f"{text!r} is not a time; write 2013-07-18 or 2013-07-18T15:00 (region's time)"
        ) from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def _print_faults(faults: tuple[Fault, ...] | list[Fault]) -> None:
    for fault in faults:
        typer.echo(str(fault), err=True)


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None]]:
    """Show a bar a step; where there is no terminal, a line a step."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    words = {
        "read": "Reading feeds",
        "compute": "Indicators and rules",
        "replay": "Replaying hours",
    }
    console = Console()
    if not console.is_terminal:
        said: set[str] = set()

        def line(step: str, done: int, whole: int) -> None:
            if step not in said:
                said.add(step)
                console.print(words.get(step, step))

        yield line
        return
    columns = (TextColumn("{task.description:<22}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=console) as bars:
        tasks = {}

        def show(step: str, done: int, whole: int) -> None:
            if step not in tasks:
                tasks[step] = bars.add_task(words.get(step, step), total=whole)
            bars.update(tasks[step], completed=done, total=whole)

        yield show
