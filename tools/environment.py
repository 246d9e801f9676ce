"""Make ``.venv`` from a lock: ``python -m tools.environment demo|dev``.

Standard library only: this runs before anything is installed. A run that was cut off while
packages were being written leaves a mark, and the next run starts that environment afresh.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tools.steps import ROOT, digest, is_stamped, run, stamp, stop

__all__ = ["OFFLINE", "PYTHON", "install", "is_sound"]

VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
BUSY = VENV / "tocsin-installing"
LOCKS = {name: ROOT / "requirements" / f"{name}.txt" for name in ("demo", "dev")}
OFFLINE = (
    "If the lines above speak of connections, names or timeouts, the package index cannot be\n"
    "reached: check the network, or name your mirror with PIP_INDEX_URL. What is already there\n"
    "is kept: run the same command again."
)


def is_sound() -> bool:
    """Tell whether the environment runs, is new enough, and was not left half-written."""
    if BUSY.exists() or not PYTHON.exists():
        return False
    check = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
    return subprocess.run([PYTHON, "-c", check], capture_output=True, check=False).returncode == 0


def _mark(name: str) -> Path:
    return VENV / f"tocsin-{name}.stamp"


def _value(name: str) -> str:
    return digest([LOCKS[name], ROOT / "pyproject.toml"])


def install(name: str) -> bool:
    """Bring the environment to a lock; return whether there was anything to do.

    The ``dev`` lock contains the ``demo`` lock, pin for pin.
    """
    enough = [name] if name == "dev" else ["demo", "dev"]
    sound = is_sound()
    if sound and any(is_stamped(_mark(one), _value(one)) for one in enough):
        return False
    if not sound:
        if VENV.exists():
            print("      .venv is incomplete: starting it afresh", flush=True)
            shutil.rmtree(VENV)
        run([sys.executable, "-m", "venv", VENV], remedy="Debian: apt-get install python3-venv")
    BUSY.touch()
    quiet = [] if sys.stdout.isatty() else ["-qq"]  # on a terminal: progress bars
    pip: list[str | Path] = [PYTHON, "-m", "pip", "install", "--disable-pip-version-check", *quiet]
    run([*pip, "--require-hashes", "-r", LOCKS[name]], remedy=OFFLINE)
    run([*pip, "--no-deps", "--no-build-isolation", "-e", ROOT], remedy=OFFLINE)
    BUSY.unlink()
    stamp(_mark(name), _value(name))
    return True


def main() -> None:
    """Install the lock named on the command line."""
    if len(sys.argv) != 2 or sys.argv[1] not in LOCKS:
        stop(f"usage: python -m tools.environment {'|'.join(LOCKS)}")
    name = sys.argv[1]
    print(f"Python packages of requirements/{name}.txt into .venv ...", flush=True)
    if not install(name):
        print("      nothing to do", flush=True)


if __name__ == "__main__":
    main()
