"""Two or more ways to the same numbers, timed in turns in one process; ratios with their targets.

Other work on the machine slows whole stretches of time: so each round runs every side once, and
what is reported is the median over the rounds of the ratio within a round. The ratio of processor
time stands beside it: it hardly feels such work, but does not credit the use of several processors.
"""

from __future__ import annotations

import logging
import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping
from importlib import metadata
from pathlib import Path

__all__ = ["PEERS", "Side", "header", "judge", "quiet", "side_by_side", "timed"]

Side = Callable[[], object]
PEERS = ("xclim", "climate-indices", "thermofeel", "numba", "numpy")


def header(what: str) -> None:
    """Say what is measured, on which machine, beside which versions, under which load."""
    model = platform.processor()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        names = [row for row in cpuinfo.read_text().splitlines() if row.startswith("model name")]
        model = names[0].split(":")[1].strip() if names else model
    versions = []
    for name in PEERS:
        try:
            versions.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            versions.append(f"{name} is not installed")
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    print(f"{what}\n{model}, {os.cpu_count()} processors, load {load:.1f}; Python "
          f"{platform.python_version()}, {', '.join(versions)}")  # fmt: skip


def timed(action: Side) -> tuple[float, float]:
    """Return the seconds an action takes, by the clock and of the processors."""
    began, worked = time.perf_counter(), time.process_time()
    action()
    return time.perf_counter() - began, time.process_time() - worked


def quiet() -> None:
    """Let climate_indices, once imported, not tell of each call."""
    import structlog  # there wherever climate_indices is

    silent = structlog.make_filtering_bound_logger(logging.CRITICAL)
    structlog.configure(wrapper_class=silent, cache_logger_on_first_use=False)


def judge(value: float, target: float, *, at_least: bool) -> str:
    """Return the verdict on a number with a target."""
    reached = value >= target if at_least else value <= target
    sign = ">=" if at_least else "<="
    return f"{'PASS' if reached else 'short of target'} ({sign} {target:g})"


def side_by_side(
    what: str,
    ours: Side,
    peers: Mapping[str, Side],
    targets: Mapping[str, float],
    rounds: int = 5,
) -> dict[str, float]:
    """Time all in turns, print a line a peer, and return how many times as fast we are."""
    ours()
    for peer in peers.values():
        peer()  # compiles, fills caches
    own: list[tuple[float, float]] = []
    theirs: dict[str, list[tuple[float, float]]] = {name: [] for name in peers}
    for _ in range(rounds):
        own.append(timed(ours))
        for name, peer in peers.items():
            theirs[name].append(timed(peer))
    ratios = {}
    for name, times in theirs.items():
        pairs = list(zip(own, times, strict=True))
        ratio, worked = (statistics.median(b[k] / a[k] for a, b in pairs) for k in (0, 1))
        clock = [statistics.median(side[0] for side in sides) * 1e3 for sides in (own, times)]
        verdict = judge(ratio, targets[name], at_least=True) if name in targets else ""
        print(
            f"{what:<34} {clock[0]:8.1f} ms  {name:<16} {clock[1]:8.1f} ms  "
            f"{ratio:6.1f} times  ({worked:.1f} in processor time)  {verdict}",
            flush=True,
        )
        ratios[name] = ratio
    return ratios
