"""Kill -9 of the processes that issue and send, at random points; then count.

Afterwards no warning may be lost, none issued twice, the ledger's chain must add up, and every
delivery must have arrived at least once, each time with the same idempotency key.

    python -m tests.soak.run --kills 200              SQLite
    DATABASE_URL=... python -m tests.soak.run         a database of its own on that PostgreSQL
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

from aiohttp import web

from tests.office.delivery.sink import Sink

ROOT = Path(__file__).parents[2]
SUBSCRIPTIONS = 20


class Office:
    """The process that forks what is killed."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.children: list[int] = []

    def line(self) -> str:
        """Return the next line of its answer."""
        return self._process.stdout.readline().strip() if self._process.stdout else ""

    def _ask(self, verb: str) -> str:
        if self._process.stdin:
            self._process.stdin.write(f"{verb}\n")
            self._process.stdin.flush()
        return self.line()

    def start(self, verb: str) -> int:
        """Start a process that issues or sends; return its number."""
        self.children.append(int(self._ask(verb)))
        return self.children[-1]

    def tell(self) -> dict[str, Any]:
        """Return ledger and outbox; while its connections are cut, it is asked again."""
        for _ in range(20):
            if said := self._ask("tell"):
                found: dict[str, Any] = json.loads(said)
                return found
        raise AssertionError("the office does not tell")


@dataclass
class Soak:
    """One run: what is killed how often, and what was found."""

    finishers: ClassVar[tuple[str, ...]] = ("issue", "work")

    data: Path
    kills: int
    warnings: int
    seed: int
    address: str | None = None
    cut_connections: bool = False
    failing: float = 0.02
    killed: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)  # noqa: S311 - moments, no secrets
        self.env = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
        self.env |= {"TOCSIN_DATA": str(self.data), "TOCSIN_ALLOW_TARGETS": "127.0.0.1"}
        self.env["DJANGO_SETTINGS_MODULE"] = "tocsin.office.project.settings"
        if self.address:
            self.env["DATABASE_URL"] = self.address

    def run(self) -> dict[str, Any]:
        """Kill as often as asked, let the rest finish, and hold the result against the promise."""
        with Sink(answer=self._answer) as sink:
            urls = [f"{sink.url}/{number}" for number in range(SUBSCRIPTIONS)]
            with self._office(urls) as office:
                self._kill_again_and_again(office)
                found = self._finish(office, sink)
        self._judge(found, sink)
        return self._summary(found, sink)

    def _finish(self, office: Office, sink: Sink) -> dict[str, Any]:
        """Let one process of each kind do the rest."""
        running = {name: office.start(name) for name in self.finishers}
        last = time.monotonic() + 60 + self.warnings
        while not self._is_done(found := office.tell()):
            if time.monotonic() > last:
                raise AssertionError(f"not done in time: {self._summary(found, sink)}")
            for name, process in running.items():
                if not _is_alive(process):
                    running[name] = office.start(name)
            time.sleep(0.1)
        os.kill(running["work"], signal.SIGTERM)  # it stops by itself, in an orderly way
        last = time.monotonic() + 20
        while _is_alive(running["work"]):
            office.tell()  # and with it takes the ended off its list
            if time.monotonic() > last:
                raise AssertionError("the worker did not stop within 20 s of SIGTERM")
        return found

    def _answer(self, _request: web.Request) -> web.Response:
        return web.Response(status=500 if self.chance.random() < self.failing else 200)

    def _kill_again_and_again(self, office: Office) -> None:
        """Keep one issuing and one sending process running, and kill one of them, in turn."""
        running = {"issue": office.start("issue"), "work": office.start("work")}
        for turn in range(self.kills):
            name = ("work", "issue")[turn % 2]
            time.sleep(self.chance.uniform(0.0, 0.6))
            if self.cut_connections:
                self._cut()
                office.tell()
                self.killed["workers lost"] += not _is_alive(running["work"])
            else:
                self.killed[name] += _kill(running[name])
            for one, process in running.items():
                if (one == name and not self.cut_connections) or not _is_alive(process):
                    running[one] = office.start(one)
        for process in running.values():
            _kill(process)

    def _cut(self) -> None:
        """End every connection to the database but ours, as a restart of it does."""
        import psycopg

        with psycopg.connect(self.env["DATABASE_URL"], autocommit=True) as own:
            ended = own.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            ).fetchone()
        self.killed["connections"] += ended[0] if ended else 0

    @contextmanager
    def _office(self, urls: list[str]) -> Iterator[Office]:
        command = [sys.executable, "-m", "tests.soak.office", str(self.data), str(self.warnings)]
        with (self.data / "log.txt").open("w") as log, subprocess.Popen(
            [*command, *urls], cwd=ROOT, env=self.env, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
        ) as process:  # fmt: skip
            office = Office(process)
            try:
                if office.line() != "ready":
                    raise AssertionError((self.data / "log.txt").read_text()[-3000:])
                yield office
            finally:
                for child in office.children:
                    _kill(child)
                process.kill()

    def _is_done(self, found: dict[str, Any]) -> bool:
        return (
            len(found["messages"]) >= self.warnings
            and not found["waiting_fanouts"]
            and len(found["deliveries"]) >= self.warnings * SUBSCRIPTIONS
            and all(state == "sent" for _, _, _, state, _ in found["deliveries"])
        )

    def _judge(self, found: dict[str, Any], sink: Sink) -> None:
        """Raise if a promise was broken."""
        names = [f"soak{number:04d}" for number in range(self.warnings)]
        _same(sorted(found["messages"]), names, "warnings")
        _same(found["verified"], self.warnings, "messages in the verified ledger")
        _same(found["fanouts"], self.warnings, "rows of fan-out")
        _same(len(found["deliveries"]), self.warnings * SUBSCRIPTIONS, "deliveries")
        keys: dict[tuple[str, str], set[str]] = defaultdict(set)
        for path, headers, body in sink.got:
            keys[json.loads(body)["identifier"], path].add(headers["Idempotency-Key"])
        _same(len(keys), self.warnings * SUBSCRIPTIONS, "message and target pairs that arrived")
        double = {pair: kept for pair, kept in keys.items() if len(kept) != 1}
        _same(double, {}, "pairs that came under more than one key")
        arrived = {key for kept in keys.values() for key in kept}
        _same(arrived, {key for _, _, key, _, _ in found["deliveries"]}, "keys that arrived")

    def _summary(self, found: dict[str, Any], sink: Sink) -> dict[str, Any]:
        return {
            "killed": dict(self.killed),
            "messages": len(found["messages"]),
            "deliveries": len(found["deliveries"]),
            "not sent": sum(state != "sent" for _, _, _, state, _ in found["deliveries"]),
            "requests received": len(sink.got),
            "most attempts": max((row[4] for row in found["deliveries"]), default=0),
        }


def _kill(process: int) -> bool:
    """Kill -9; false if it had ended by itself."""
    alive = _is_alive(process)
    if alive:
        os.kill(process, signal.SIGKILL)
    return alive


def _is_alive(process: int) -> bool:
    """Whether a process runs; one that has ended and waits to be counted does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _same(found: object, wanted: object, what: str) -> None:
    if found != wanted:
        raise AssertionError(f"{what}: {found!r:.600}, expected {wanted!r:.600}")


@contextmanager
def own_database(address: str | None) -> Iterator[str | None]:
    """Make a database of its own on a PostgreSQL and drop it in the end; SQLite needs none."""
    if address is None:
        yield None
        return
    import psycopg

    name = f"tocsin_soak_{os.getpid()}"
    with psycopg.connect(address, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
        try:
            yield urlsplit(address)._replace(path=f"/{name}").geturl()
        finally:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def main() -> None:
    """Run on what the environment says, and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--warnings", type=int, default=0, help="without it as many as fit")
    parser.add_argument("--cut-connections", action="store_true", help="PostgreSQL alone")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    given = parser.parse_args()
    begun = time.monotonic()
    with (
        tempfile.TemporaryDirectory() as folder,
        own_database(os.environ.get("DATABASE_URL")) as address,
    ):
        soak = Soak(
            Path(folder),
            given.kills,
            given.warnings or given.kills * 8,
            given.seed,
            address,
            given.cut_connections,
        )
        print(f"{'PostgreSQL' if address else 'SQLite'}, seed {given.seed}: {soak.run()}")
    print(f"Every promise was kept; {time.monotonic() - begun:.0f} s.")


if __name__ == "__main__":
    main()
