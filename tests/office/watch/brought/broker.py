"""A real MQTT broker of our own on a free port of this machine: Mosquitto."""

from __future__ import annotations

import getpass
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["Broker", "broker"]

CONF = """listener {port} 127.0.0.1
allow_anonymous true
user {user}
persistence true
persistence_location {folder}/
autosave_interval 0
autosave_on_changes true
max_queued_messages 0
"""


class Broker:
    """It can be stopped and started in the middle of the day; what it holds lasts."""

    def __init__(self, program: str, folder: Path) -> None:
        self.program, self.folder = program, folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self.conf = folder / "mosquitto.conf"
        self.conf.write_text(CONF.format(port=self.port, folder=folder, user=getpass.getuser()))
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it listens."""
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [self.program, "-c", str(self.conf)], stdout=log, stderr=log
            )
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=0.5).close()
            except OSError:
                time.sleep(0.05)
            else:
                return
        raise RuntimeError((self.folder / "log").read_text())

    def stop(self) -> None:
        """Stop it; its queue is on disk."""
        if self.process:
            self.process.terminate()
            self.process.wait(10)
            self.process = None


@contextmanager
def broker(folder: Path) -> Iterator[Broker]:
    """Run a broker; it needs the program ``mosquitto`` (Debian: apt-get install mosquitto)."""
    program = shutil.which("mosquitto") or shutil.which(
        "mosquitto", path="/usr/sbin:/usr/local/sbin"
    )
    if program is None:
        raise RuntimeError("This test needs Mosquitto. Debian: apt-get install mosquitto")
    folder.mkdir()
    one = Broker(program, folder)
    one.start()
    try:
        yield one
    finally:
        one.stop()
