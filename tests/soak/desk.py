"""Officers who write, approve and issue warnings at a real server that is killed under them.

    python -m tests.soak.desk --kills 60               SQLite
    DATABASE_URL=... python -m tests.soak.desk         a database of its own on that PostgreSQL

The server is ``tocsin serve`` with all its processes; ``kill -9`` hits them together at random
moments. The officers do what people do: they load the page again and go on where it stands.
Afterwards every warning stands once in the verified ledger, and every subscription got each once
under one key.
"""

from __future__ import annotations

import argparse
import http.client
import http.cookiejar
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lxml.html

from tests.soak.run import ROOT, Soak, own_database

PASSWORD = "a long test password"
DOWN = (urllib.error.URLError, http.client.HTTPException, ConnectionError, TimeoutError)
PATIENCE_S = 60.0


@dataclass
class Page:
    """A page as it came: where it was in the end, and what stands on it."""

    address: str
    tree: Any

    def form(self, ending: str) -> Any | None:
        """Return the form whose address ends so."""
        return next((f for f in self.tree.forms if (f.action or "").endswith(ending)), None)


class Officer:
    """A person with a browser, who loads the page again when nothing answers."""

    def __init__(self, base: str, name: str, sent: threading.Semaphore) -> None:
        self.base, self.name = base, name
        self.broken_off, self._sent = 0, sent
        jar = http.cookiejar.CookieJar()
        self._open = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar)).open

    def sign_in(self) -> None:
        """Sign in, however often that takes."""
        while True:
            page = self.get("/account/sign-in/")
            form = next(f for f in page.tree.forms if "password" in f.fields)
            form.fields["username"], form.fields["password"] = self.name, PASSWORD
            if (done := self.post(page, form)) and "sign-in" not in done.address:
                return

    def get(self, path: str) -> Page:
        """Return a page as soon as the server answers."""
        last = time.monotonic() + PATIENCE_S
        while True:
            try:
                return self._page(urllib.parse.urljoin(self.base, path), None)
            except urllib.error.HTTPError:
                raise
            except DOWN:
                if time.monotonic() > last:
                    raise
                time.sleep(0.1)

    def post(self, page: Page, form: Any) -> Page | None:
        """Send a form once; None if the server was cut off under it: then nobody knows."""
        fields = urllib.parse.urlencode(form.form_values()).encode()
        self._sent.release()
        try:
            return self._page(
                urllib.parse.urljoin(page.address, form.action or page.address), fields
            )
        except urllib.error.HTTPError:
            raise
        except DOWN:
            self.broken_off += 1
            return None

    def _page(self, address: str, fields: bytes | None) -> Page:
        headers = {"Referer": address}
        request = urllib.request.Request(address, fields, headers)  # noqa: S310 - http, our own
        with self._open(request, timeout=20) as answer:
            return Page(answer.url, lxml.html.fromstring(answer.read()))


class Desk:
    """One who writes and one who approves and issues."""

    def __init__(self, base: str, sent: threading.Semaphore) -> None:
        self.writer, self.approver = Officer(base, "duty", sent), Officer(base, "ann", sent)
        for officer in (self.writer, self.approver):
            officer.sign_in()

    def issue(self, headline: str, area: str) -> None:
        """Bring one warning from nothing to the ledger."""
        path = self._begin()
        while _state(self.writer.get(f"{path}review/")) == "draft":
            self._write(self.writer.get(path), headline, area)
        while _state(page := self.approver.get(f"{path}review/")) != "issued":
            if (form := page.form("do/approve/")) is None:
                page = self.approver.get(f"{path}issue/")
                form = page.form("do/issue/")
            if form is not None:
                self.approver.post(page, form)

    def _begin(self) -> str:
        """Begin a draft; one of which no answer came is left lying, as people do."""
        while True:
            page = self.writer.get("/desk/drafts/new/")
            form = page.form("by-hand/")
            form.fields["hazard"] = "heat"
            if begun := self.writer.post(page, form):
                return urllib.parse.urlsplit(begun.address).path

    def _write(self, page: Page, headline: str, area: str) -> None:
        form = next(f for f in page.tree.forms if f.get("id") == "compose")
        form.fields[f"area-{area}"] = "orange"
        for name in list(form.fields.keys()):
            if name.startswith("text-"):
                form.fields[name] = f"{headline} {name.rpartition('-')[2]}"
        button = lxml.html.fromstring('<input type="hidden" name="then" value="submit">')
        form.append(button)
        self.writer.post(page, form)


def _state(page: Page) -> str:
    """Return the state that a draft's page shows."""
    chip = page.tree.find_class("state")[0]
    return str(chip.get("class")).rpartition("s-")[2]


class Server:
    """``tocsin serve`` with all its processes, killed and started again."""

    def __init__(self, port: int, data: Path, env: dict[str, str]) -> None:
        self.port, self._data, self._env = port, data, env
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; it answers a moment later."""
        command = [sys.executable, "-c", "from tocsin.cli import main; main()"]
        command += ["serve", "--no-worker"]
        with (self._data / "server.txt").open("ab") as log:
            self._process = subprocess.Popen(
                [*command, "--data", str(self._data), "--port", str(self.port)],
                cwd=ROOT, env=self._env, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip

    def kill(self) -> None:
        """Kill -9 of every process at once."""
        if self._process:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def wait(self) -> None:
        """Wait until it takes connections."""
        last = time.monotonic() + PATIENCE_S
        while time.monotonic() < last:
            with socket.socket() as door:
                if door.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise AssertionError((self._data / "server.txt").read_text()[-3000:])


class DeskSoak(Soak):
    """The soak with people at a server in place of processes that issue."""

    finishers = ("work",)

    def _kill_again_and_again(self, office: Any) -> None:
        with _free_port() as port:
            pass
        server = Server(port, self.data, self.env)
        worker = office.start("work")
        failed: list[Exception] = []
        sent = threading.Semaphore(0)  # a form is on its way
        server.start()
        server.wait()
        people = threading.Thread(target=self._work_at, args=(server, sent, failed), daemon=True)
        people.start()
        try:
            for turn in range(self.kills):
                for _ in range(self.chance.randint(1, 4)):
                    sent.acquire(timeout=PATIENCE_S)
                time.sleep(self.chance.uniform(0.0, 0.12))
                if turn % 4 == 3:
                    self.killed["worker"] += _killed(worker)
                    worker = office.start("work")
                    continue
                server.kill()
                self.killed["server"] += 1
                server.start()
                server.wait()
            people.join(PATIENCE_S * 3)
        finally:
            server.kill()
        os.kill(worker, signal.SIGKILL)
        if failed:
            raise AssertionError((self.data / "server.txt").read_text()[-3000:]) from failed[0]
        if people.is_alive():
            raise AssertionError("the officers did not come to an end")

    def _work_at(self, server: Server, sent: threading.Semaphore, failed: list[Exception]) -> None:
        try:
            desk = Desk(f"http://127.0.0.1:{server.port}", sent)
            for number in range(self.warnings):
                desk.issue(f"soak{number:04d}", "36061")
            self.killed["requests cut off"] = desk.writer.broken_off + desk.approver.broken_off
        except Exception as error:  # noqa: BLE001 - raised by the thread that judges
            failed.append(error)


def _killed(process: int) -> bool:
    os.kill(process, signal.SIGKILL)
    return True


@contextmanager
def _free_port() -> Iterator[int]:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        yield door.getsockname()[1]


def main() -> None:
    """Run on what the environment says, and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=60)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    given = parser.parse_args()
    begun = time.monotonic()
    with (
        tempfile.TemporaryDirectory() as folder,
        own_database(os.environ.get("DATABASE_URL")) as address,
    ):
        soak = DeskSoak(Path(folder), given.kills, given.kills, given.seed, address)
        print(f"{'PostgreSQL' if address else 'SQLite'}, seed {given.seed}: {soak.run()}")
    print(f"Every promise was kept; {time.monotonic() - begun:.0f} s.")


if __name__ == "__main__":
    main()
