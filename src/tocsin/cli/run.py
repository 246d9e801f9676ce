"""``tocsin run``: the live watch, with the sending and the polling of others beside it."""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from tocsin.errors import TocsinError

from .door import DataFolder, RegionFolder, moment, set_up_office

if TYPE_CHECKING:
    from tocsin.office.watch.models import Cycle

__all__ = ["run"]

log = logging.getLogger(__name__)

Part = Literal["all", "watch", "deliver", "received"]
POLL_EVERY_S = 10.0
RESTART_S = (5.0, 60.0)
"""The first and the longest wait before a part that crashed is started again."""


def run(
    region: RegionFolder,
    data: DataFolder = Path("var"),
    once: Annotated[bool, typer.Option(help="one cycle, then stop")] = False,
    at: Annotated[
        str | None, typer.Option(help="with --once: the moment to run for; tests and drills")
    ] = None,
    only: Annotated[
        Part, typer.Option(help="watch, deliver or received alone: one process each at scale")
    ] = "all",
    every: Annotated[float, typer.Option(help="seconds between two cycles", min=1.0)] = 60.0,
) -> None:
    """Run a live region: feeds, levels, drafts or warnings; sending and polling beside it."""
    from tocsin.region import load_region

    if at and not once:
        raise typer.BadParameter("--at is for one cycle: give --once with it")
    chosen = moment(at, load_region(region).zone)
    set_up_office(data)
    if once and only in {"all", "watch"}:
        _cycle_once(region, data, chosen or datetime.now(UTC))
        return
    if once:
        raise typer.BadParameter(
            "--once is for the watch; see tocsin deliver run --once and tocsin received poll"
        )
    ending = threading.Event()
    parts: dict[str, Callable[[], None]] = {
        "watch": lambda: _watch(region, data, every, ending),
        "deliver": lambda: _deliver(ending),
        "received": lambda: _received(ending),
    }
    chosen_parts = parts if only == "all" else {only: parts[only]}
    threads = [
        threading.Thread(target=_keep, args=(name, part, ending), name=name)
        for name, part in chosen_parts.items()
    ]
    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, lambda *_: ending.set())
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        for thread in threads:
            thread.join(0.5)  # a short wait: signals are handled between two
    typer.echo("Stopped.", err=True)


def _cycle_once(region: Path, data: Path, at: datetime) -> None:
    from tocsin.office.warnings_desk.live import LiveWatch

    watch = LiveWatch(region, data / "feeds", at=at)
    try:
        _say(watch.cycle(at))
    finally:
        watch.close()


def _watch(region: Path, data: Path, every: float, ending: threading.Event) -> None:
    """Run cycle after cycle."""
    from django.db import close_old_connections

    from tocsin.office.warnings_desk.live import LiveWatch

    watch = LiveWatch(region, data / "feeds", at=datetime.now(UTC))
    try:
        while not ending.is_set():
            begun = time.monotonic()
            _say(watch.cycle(datetime.now(UTC)))
            close_old_connections()
            ending.wait(max(0.0, every - (time.monotonic() - begun)))
    finally:
        watch.close()


def _deliver(ending: threading.Event) -> None:
    """Send what is due, as ``tocsin deliver run`` does."""
    from tocsin.office.delivery.configuration import open_channels
    from tocsin.office.delivery.worker import Worker
    from tocsin.office.places.current import current_region

    worker = Worker(open_channels(current_region()))

    def stop() -> None:
        ending.wait()
        worker.stopping = True

    threading.Thread(target=stop, daemon=True).start()
    worker.run()


def _received(ending: threading.Event) -> None:
    """Poll the sources that are due, as ``tocsin received poll`` does."""
    from django.db import close_old_connections

    from tocsin.office.received.poll import poll_due

    while not ending.is_set():
        for report in poll_due(datetime.now(UTC)):
            typer.echo(str(report), err=True)
        close_old_connections()
        ending.wait(POLL_EVERY_S)


def _keep(name: str, part: Callable[[], None], ending: threading.Event) -> None:
    """Run a part until the end; one that crashes is told, waited for and started again."""
    from django.db import connections

    wait = RESTART_S[0]
    while not ending.is_set():
        begun = time.monotonic()
        try:
            part()
        except TocsinError as error:
            typer.echo(f"{name}: {error}", err=True)
        except Exception:
            log.exception("The part %s crashed", name)
            typer.echo(f"{name} crashed; see the log.", err=True)
        finally:
            connections.close_all()
        wait = RESTART_S[0] if time.monotonic() - begun > RESTART_S[1] else wait
        if not ending.wait(wait):
            wait = min(wait * 2, RESTART_S[1])


def _say(cycle: Cycle) -> None:
    from django.utils import translation

    from tocsin.office.warnings_desk.note_words import told

    took = (cycle.finished_at - cycle.started_at).total_seconds() if cycle.finished_at else 0.0
    typer.echo(
        f"{cycle.at:%Y-%m-%d %H:%M:%S}Z  {cycle.new} new values, {cycle.late} late, "
        f"{cycle.corrected} corrected, {cycle.refused} of the future; {cycle.levels} areas above "
        f"none; {cycle.drafts} drafts, {cycle.messages} messages; {took:.1f} s"
    )
    with translation.override("en"):  # as all of the command line, whatever the pages are in
        for sentence in [*cycle.errors, *map(told, cycle.notes)]:
            typer.echo(f"  {sentence}", err=True)
