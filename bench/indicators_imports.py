"""How long a person waits for the first answer: the command's help, first imports, a first call.

Each in fresh processes, with byte code and compiled kernels on disk; medians of seven.
"""

from __future__ import annotations

import compileall
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

from _side_by_side import header, judge

PACKAGE = Path(__file__).parents[1] / "src" / "tocsin"
ROUNDS = 7
FIRST_CALL = (
    "from tocsin.indicators.fire import fwi\n"
    "fwi([20.], [40.], [10.], [0.], latitude=45., time=['2020-07-01'])"
)
UNITS = "from tocsin.units import convert\nconvert(1.0, 'm s-1', 'km/h')"
WAITS = (
    ("tocsin --help", "from tocsin.cli import main\nmain()", 0.4),
    ("import tocsin.indicators.fire", "import tocsin.indicators.fire", 0.8),
    ("first fire weather index, that import included", FIRST_CALL, None),
    ("first conversion of units", UNITS, None),
)


def wait(program: str) -> tuple[float, float]:
    """Run a program in a new Python; return the seconds by the clock and of the processors."""
    before, began = os.times(), time.perf_counter()
    subprocess.run([sys.executable, "-c", program, "--help"], check=True, stdout=subprocess.DEVNULL)
    clock, after = time.perf_counter() - began, os.times()
    worked = after.children_user + after.children_system
    return clock, worked - before.children_user - before.children_system


def main() -> None:
    """Print a line a wait."""
    compileall.compile_dir(PACKAGE, quiet=1)
    header("First answers")
    for what, program, target in WAITS:
        wait(program)
        times = [wait(program) for _ in range(ROUNDS)]
        clock, worked = (statistics.median(side) for side in zip(*times, strict=True))
        verdict = judge(clock, target, at_least=False) if target else ""
        print(f"{what:<48} {clock:5.2f} s  ({worked:.2f} s of processors)  {verdict}", flush=True)


if __name__ == "__main__":
    main()
