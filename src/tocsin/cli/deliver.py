"""``tocsin deliver ...``: the worker that sends, what waits, and a test of a channel."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from multiprocessing.context import SpawnContext, SpawnProcess
from pathlib import Path
from typing import Annotated

import typer

from .door import DataFolder, set_up_office

__all__ = ["app", "beside"]

app = typer.Typer(no_args_is_help=True, help="Sending what was issued, and what became of it.")

RESTART_AFTER_S = 5.0


@app.command("run")
def run(
    once: Annotated[bool, typer.Option(help="stop when nothing is due")] = False,
    processes: Annotated[int, typer.Option(help="workers side by side", min=1, max=32)] = 1,
    data: DataFolder = Path("var"),
    lease_s: Annotated[float, typer.Option(hidden=True, min=1.0)] = 30.0,
    with_parent: Annotated[bool, typer.Option(hidden=True)] = False,
) -> None:
    """Send what is due until stopped; a worker that dies is started again."""
    set_up_office(data)
    if processes == 1:
        sent = _work(once=once, lease_s=lease_s, with_parent=with_parent)
        typer.echo(f"The worker has stopped; {sent} steps done.")
        return
    # spawn: a forked process would share the database connection and the loop's thread.
    context = multiprocessing.get_context("spawn")
    workers = [
        context.Process(target=_process, args=(str(data), once, lease_s)) for _ in range(processes)
    ]
    for worker in workers:
        worker.start()
    try:
        _watch(context, workers, (str(data), once, lease_s))
    except KeyboardInterrupt:
        typer.echo("Stopping: what is on its way is waited for.", err=True)
    for worker in workers:
        if worker.is_alive():
            worker.terminate()
    for worker in workers:
        worker.join()


@app.command("status")
def status(data: DataFolder = Path("var")) -> None:
    """Print workers, channels, and what waits, fails and was given up."""
    set_up_office(data)
    from tocsin.office.delivery.queries import status_lines

    for line in status_lines():
        typer.echo(line)


@app.command("try")
def try_channel(
    channel: Annotated[str, typer.Argument(help="email, webhook, mqtt, ...", metavar="CHANNEL")],
    address: Annotated[str, typer.Argument(help="whereto; not needed by mqtt and file_drop")] = "",
    language: Annotated[str, typer.Option(help="of the test's text")] = "en",
    data: DataFolder = Path("var"),
) -> None:
    """Send one message marked as a test by a channel; nothing is written into the ledger."""
    set_up_office(data)
    from tocsin.office.delivery.trying import try_channel as send_test

    outcome = send_test(channel, address, language)
    if outcome.kind != "sent":
        typer.echo(f"Not sent: {outcome.error}", err=True)
        raise typer.Exit(1)
    typer.echo(f"Sent by {channel}.")


@contextmanager
def beside(data: Path) -> Iterator[None]:
    """Keep a worker running in a process of its own; it ends with this one, however that ends."""
    ending = threading.Event()
    command = [sys.executable, "-c", "from tocsin.cli import main; main()", "deliver", "run"]
    command += ["--data", str(data), "--with-parent"]

    def keep() -> None:
        wait = RESTART_AFTER_S
        while not ending.is_set():
            begun = time.monotonic()
            # Its standard input is a pipe from here: it closes when this process is gone.
            with subprocess.Popen(command, stdin=subprocess.PIPE) as process:  # noqa: S603
                while process.poll() is None and not ending.wait(0.2):
                    pass
                process.stdin.close()  # type: ignore[union-attr]
            wait = RESTART_AFTER_S if time.monotonic() - begun > 60 else min(wait * 2, 60.0)
            if not ending.is_set():
                typer.echo(f"The worker ended; another starts in {wait:g} s.", err=True)
                ending.wait(wait)

    keeper = threading.Thread(target=keep, name="worker-keeper")
    keeper.start()
    try:
        yield
    finally:
        ending.set()
        keeper.join()


def _process(data: str, once: bool, lease_s: float) -> None:
    set_up_office(Path(data))
    _work(once=once, lease_s=lease_s, with_parent=False)


def _work(*, once: bool, lease_s: float, with_parent: bool) -> int:
    """Run one worker in this process until a signal, or until its parent has gone."""
    from tocsin.office.delivery.configuration import open_channels
    from tocsin.office.delivery.worker import Worker
    from tocsin.office.places.current import current_region

    worker = Worker(open_channels(current_region()), lease=timedelta(seconds=lease_s))

    def stop(*_: object) -> None:
        worker.stopping = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    if with_parent:
        threading.Thread(target=_until_closed, args=(stop,), daemon=True).start()
    typer.echo(f"Sending by {', '.join(sorted(worker.channels))}.", err=True)
    return worker.run(once=once)


def _until_closed(stop: object) -> None:
    """Stop when the process that started us is gone, however it went: its pipe closes."""
    while os.read(sys.stdin.fileno(), 1):
        pass
    stop()  # type: ignore[operator]


def _watch(context: SpawnContext, workers: list[SpawnProcess], args: tuple[object, ...]) -> None:
    """Wait for all workers; start one again that died of anything but its own end."""
    stopping = False

    def stop(*_: object) -> None:
        nonlocal stopping
        stopping = True
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    while any(worker.is_alive() for worker in workers):
        time.sleep(0.5)
        for place, worker in enumerate(workers):
            if not worker.is_alive() and worker.exitcode and not stopping:
                typer.echo(
                    f"A worker died ({worker.exitcode}); another starts in {RESTART_AFTER_S:g} s.",
                    err=True,
                )
                time.sleep(RESTART_AFTER_S)
                workers[place] = context.Process(target=_process, args=args)
                workers[place].start()
