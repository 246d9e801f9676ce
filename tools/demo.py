"""``make demo``: from a fresh checkout to an office in the browser.

Standard library only. Every step is stamped: a second run does only what changed, and a run that
was cut off goes on where it stopped.
"""

from __future__ import annotations

import os
import shutil
import socket

from tools.environment import PYTHON, install
from tools.steps import ROOT, Steps, alone, digest, is_stamped, run, stamp, stop
from tools.vendor import vendor

__all__ = ["DATA", "REGION", "REPORT", "TOCSIN", "build", "prepare"]

REGION = ROOT / "examples" / "new-york-2013"
DATA = ROOT / "var" / "new-york-2013"
TOCSIN = PYTHON.with_name("tocsin")
NOTHING = "      nothing to do"
REPORT = "This should not happen with an unchanged checkout: please report it with the lines above."


def _port() -> int:
    """Return the port to serve on, free at this moment; else say what to do."""
    text = os.environ.get("PORT") or "8000"
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        stop(f"PORT={text} is no port: give a number from 1 to 65535, as in  make demo PORT=8123")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(text)))
        except PermissionError:
            stop(f"Port {text} is for root only: take one above 1023, as in  make demo PORT=8123")
        except OSError:
            stop(
                f"Port {text} is taken by another program (or by a demo that is still running).\n"
                f"Choose another:  make demo PORT={min(int(text) + 1, 65535)}"
            )
    return int(text)


def prepare() -> bool:
    """Bring the example region's data into place; return whether there was anything to do."""
    mark = REGION / "prepared" / ".stamp"
    value = digest([REGION / "prepare.py", ROOT / "requirements" / "demo.txt"])
    if is_stamped(mark, value):
        return False
    run([PYTHON, REGION / "prepare.py"], remedy=REPORT)
    stamp(mark, value)
    return True


def _replay() -> bool:
    """Replay the region's year into a fresh data folder, which appears only when it is whole."""
    sources = sorted((ROOT / "src" / "tocsin").rglob("*.py"))
    value = digest([*sources, REGION])
    if is_stamped(DATA / ".stamp", value):
        return False
    fresh = DATA.with_name(DATA.name + ".part")
    shutil.rmtree(fresh, ignore_errors=True)
    run([TOCSIN, "replay", REGION, "--data", fresh], remedy=REPORT)
    stamp(fresh / ".stamp", value)
    shutil.rmtree(DATA, ignore_errors=True)
    fresh.rename(DATA)
    return True


def build(steps: Steps) -> None:
    """Do everything up to a data folder that can be served."""
    with alone():
        steps.say("Python packages into .venv (the first time a download of some 150 MB)")
        if not install("demo"):
            print(NOTHING, flush=True)
        steps.say("Front-end packages into the office's static files")
        if not vendor():
            print(NOTHING, flush=True)
        steps.say("Translations")
        run([PYTHON, "-m", "tools.translations"], remedy=REPORT)
        steps.say("New York 2013: observations, outlines and places from their data packages")
        if not prepare():
            print(NOTHING, flush=True)
        steps.say("Checking the region's files")
        run([TOCSIN, "check", REGION], remedy="Mend the files named above and run it again.")
        steps.say("Replaying the year: observations, indicators, rules, warnings")
        if not _replay():
            print(NOTHING, flush=True)


def main() -> None:
    """Build what is missing, then become the server."""
    port = _port()
    steps = Steps(7)
    build(steps)
    steps.say("Serving (Ctrl+C ends it)")
    os.environ["TOCSIN_DATA"] = str(DATA)
    # This process becomes the server, and so receives its Ctrl+C.
    os.execv(  # noqa: S606
        TOCSIN, [str(TOCSIN), "serve", "--data", str(DATA), "--port", str(port)]
    )


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        stop("Stopped. Run  make demo  again: it goes on where it was.")
