"""``make bench``: other open packages into ``build/peers``, then every measurement beside them.

The peers' environment also holds what the library itself needs, so that both sides run in one
process; the library is read from ``src``. Where the peers cannot be installed, that is said, and
the measurements run without them.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

from tools.environment import OFFLINE, PYTHON
from tools.steps import ROOT, alone, digest, is_stamped, stamp

__all__ = ["install"]

FOLDER = ROOT / "build" / "peers"
PEERS_PYTHON = FOLDER / PYTHON.relative_to(ROOT / ".venv")
LOCK = ROOT / "requirements" / "peers.txt"
MARK = FOLDER / "tocsin-peers.stamp"
BENCH = ROOT / "bench"
WITH_PEERS = ("area_statistics.py", "cap_speed.py", "indicators_*.py")
"""Measurements that other packages take part in; the others need our own environment only."""


def install() -> bool:
    """Bring ``build/peers`` to its lock, afresh whenever it changed; return whether it is there."""
    value = digest([LOCK], platform.python_version())
    if is_stamped(MARK, value):
        return True
    print("Packages to measure against, into build/peers (some 200 MB) ...", flush=True)
    shutil.rmtree(FOLDER, ignore_errors=True)
    pip: list[str | Path] = [
        PEERS_PYTHON,
        "-m",
        "pip",
        "install",
        "--disable-pip-version-check",
        "-qq",
    ]
    commands: list[list[str | Path]] = [
        [sys.executable, "-m", "venv", FOLDER],
        [*pip, "--require-hashes", "-r", LOCK],
    ]
    for command in commands:
        if subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, check=False).returncode:
            return False
    stamp(MARK, value)
    return True


def measure(file: Path, *, beside_peers: bool) -> int:
    """Run one measurement; return its exit status."""
    print(f"== bench/{file.name}", flush=True)
    if not (beside_peers and any(file.match(pattern) for pattern in WITH_PEERS)):
        return subprocess.run([PYTHON, file], cwd=ROOT, check=False).returncode
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    return subprocess.run([PEERS_PYTHON, file], cwd=ROOT, env=environment, check=False).returncode


def main() -> None:
    """Install the peers and run the files named on the command line, or all of bench/."""
    with alone():
        there = install()
    if not there:
        print(f"The peers could not be installed: measuring without them.\n{OFFLINE}", flush=True)
    files = [Path(name).resolve() for name in sys.argv[1:]] or sorted(BENCH.glob("[a-z]*.py"))
    failed = [file.name for file in files if measure(file, beside_peers=there)]
    if failed:
        sys.exit(f"Failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
