"""How long an issue takes with 100,000 subscriptions, and how many webhooks a second go out.

The sink runs on this machine too and takes its share of the processors. Run it with DATABASE_URL
for PostgreSQL, without for SQLite; times depend on the machine, so nothing fails here.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

WEBHOOKS = "webhooks a second (target 1,000)"


async def _take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer every request of a connection with 200: the least a receiver can do."""
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            at = head.lower().index(b"content-length:")
            await reader.readexactly(int(head[at + 15 : head.index(b"\r\n", at)]))
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


def _sink(ports: multiprocessing.Queue[int]) -> None:
    async def serve() -> None:
        server = await asyncio.start_server(_take, "127.0.0.1", 0)
        ports.put(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(serve())


def _set_up(data: Path) -> None:
    """Set up an office on an empty data folder or a database of its own."""
    os.environ["TOCSIN_DATA"] = str(data)
    os.environ["TOCSIN_ALLOW_TARGETS"] = "127.0.0.1"
    os.environ["DJANGO_SETTINGS_MODULE"] = "tocsin.office.project.settings"
    import django  # the settings read the data folder's name when they are loaded

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def _subscribe(count: int, port: int) -> None:
    from tocsin.office.subscribers.contacts import sealed
    from tocsin.office.subscribers.models import AreaChoice, Subscription

    now = datetime.now(UTC)
    for start in range(0, count, 5000):
        rows = []
        for number in range(start, min(start + 5000, count)):
            row = Subscription(
                kind="organisation", name=f"Organisation {number}", channel="webhook",
                language="en", min_level=1, state="confirmed", created_at=now, confirmed_at=now,
            )  # fmt: skip
            row.address = sealed(f"http://127.0.0.1:{port}/{number}", row.number)
            row.secret = sealed("a secret of the bench", row.number)
            rows.append(row)
        kept = Subscription.objects.bulk_create(rows)
        AreaChoice.objects.bulk_create(AreaChoice(subscription=r, area_code="36061") for r in kept)


def _issue() -> float:
    """Issue one message as the machine does; return the seconds until it has been committed."""
    from tests.office.delivery.cast import live_region
    from tests.office.factories import evidence_row, make_area, make_rule
    from tocsin.office.warnings_desk.services import Desk, issue
    from tocsin.triggers.reconcile import Action
    from tocsin.triggers.rules import Level, Rule

    region = live_region()
    make_area("36061", "New York", "纽约县", lon=-74.2, lat=40.7)
    version = make_rule()
    desk = Desk.of(region, {"JFK": {"en": "Kennedy", "zh-Hans": "肯尼迪"}})
    action = Action("issue", "heat", None, {"36061": Level.ORANGE})
    rule = Rule.model_validate(version.definition)
    evidence = [evidence_row("36061", 3)]
    at = datetime.now(UTC).replace(microsecond=0)
    begun = time.perf_counter()
    issue(desk, action, rule, version, evidence, at=at)
    return time.perf_counter() - begun


def measure(count: int, processes: int) -> None:
    """Issue once and let workers send everything."""
    from django.db import connection

    from tocsin.office.delivery.models import Delivery

    ports: multiprocessing.Queue[int] = multiprocessing.Queue()
    sink = multiprocessing.Process(target=_sink, args=(ports,), daemon=True)
    sink.start()
    _subscribe(count, ports.get())
    print(f"{connection.vendor}: {count:,} subscriptions, {processes} worker(s)")
    print(f"  issue committed in {_issue():.3f} s (target 1 s)")
    data = os.environ["TOCSIN_DATA"]
    command = [sys.executable, "-c", "from tocsin.cli import main; main()", "deliver", "run"]
    connection.close()
    with subprocess.Popen([*command, "--data", data, "--processes", str(processes)]) as worker:
        last = time.monotonic() + 600
        while Delivery.objects.filter(state="sent").count() < count and time.monotonic() < last:
            time.sleep(0.5)
        worker.terminate()
    _report(count)
    sink.terminate()


def _report(count: int) -> None:
    from django.db.models import Max, Min

    from tocsin.office.delivery.models import Delivery, Fanout

    sent = Delivery.objects.filter(state="sent")
    spans = sent.aggregate(first=Min("sent_at"), last=Max("sent_at"), asked=Min("first_attempt_at"))
    made = Fanout.objects.get().made_at
    whole = (spans["last"] - made) / timedelta(seconds=1)
    sending = (spans["last"] - spans["asked"]) / timedelta(seconds=1)
    done = sent.count()
    print(
        f"  {done:,} of {count:,} sent; first after {(spans['first'] - made).total_seconds():.1f} s"
    )
    print(f"  {done / sending:,.0f} {WEBHOOKS}; all within {whole:.1f} s, fan-out included")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--processes", type=int, default=1)
    given = parser.parse_args()
    sys.path.insert(0, str(Path(__file__).parents[1]))
    with tempfile.TemporaryDirectory() as folder:
        _set_up(Path(folder))
        measure(given.count, given.processes)


if __name__ == "__main__":
    main()
