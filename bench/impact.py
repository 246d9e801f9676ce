"""The event sum of 1,000 events over 100,000 points, 5 M entries: ten times CLIMADA's ImpactCalc.

CLIMADA (GPL-3, 1.7 GB with what it needs) is no part of the project and not among the peers that
``make bench`` installs. Where it is installed beside them, both run in turns in this process::

    python -m venv build/climada && build/climada/bin/pip install climada
    PYTHONPATH=src build/climada/bin/python bench/impact.py

Its ``gdal``, which has to be compiled, only reads night lights: where it alone is missing, an empty
module is put in its place.

Where it is not, a stand-in is timed instead, and the output says so: the steps its version 6.1
publishes (columns picked, ratio of the entries, times value, sums of the matrix) in our own numpy
and scipy. Measured side by side, it took between 0.9 and 1.1 times CLIMADA's own time.
"""

from __future__ import annotations

import contextlib
import importlib.util
import sys
import types
from collections.abc import Callable
from typing import Any

import numpy as np
from _side_by_side import header, side_by_side
from scipy.sparse import csr_array, csr_matrix, random_array

from tocsin.exposure import Curve, Hazard, Sigmoid, event_sum

EVENTS, POINTS, ENTRIES = 1_000, 100_000, 5_000_000
TARGET = 10.0
RTOL = 1e-9
SOURCE = "Emanuel 2011, tabulated every 5 m/s"
KNOTS = np.arange(0.0, 121.0, 5.0)

Answer = tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]


def stand_in(matrix: csr_matrix, often: Any, value: Any, curve: Curve) -> Callable[[], Answer]:
    """Return the published steps of ImpactCalc.impact(save_mat=False) in numpy and scipy."""
    knots, damage, affected = np.array(curve.intensity), np.array(curve.damage), np.ones(KNOTS.size)
    value_row = csr_matrix(value[None, :])
    often_column = csr_matrix(often[:, None])
    place = np.arange(value.size)

    def run() -> Answer:
        columns, back = np.unique(place, return_inverse=True)
        ratio = matrix[:, columns]
        ratio.data = np.interp(ratio.data, knots, affected) * np.interp(ratio.data, knots, damage)
        ratio = ratio[:, back]
        ratio.eliminate_zeros()
        impact = ratio.multiply(value_row)
        at_event = np.asarray(impact.sum(axis=1)).ravel()
        return at_event, np.asarray(impact.multiply(often_column).sum(axis=0)).ravel()

    return run


def climada(matrix: csr_matrix, often: Any, value: Any, curve: Curve) -> Callable[[], Answer]:
    """Return CLIMADA's own ImpactCalc on the same numbers, its centroids already assigned."""
    import logging

    if importlib.util.find_spec("osgeo") is None and importlib.util.find_spec("climada"):
        sys.modules["osgeo"] = osgeo = types.ModuleType("osgeo")
        osgeo.gdal = types.ModuleType("gdal")  # type: ignore[attr-defined]
    from climada.engine import ImpactCalc
    from climada.entity import Exposures, ImpactFunc, ImpactFuncSet
    from climada.hazard import Centroids
    from climada.hazard import Hazard as TheirHazard

    logging.getLogger("climada").setLevel(logging.ERROR)
    lat, lon = np.linspace(-60, 60, value.size), np.linspace(-170, 170, value.size)
    hazard = TheirHazard(
        "TC", intensity=matrix, fraction=csr_matrix(matrix.shape), frequency=often,
        event_id=np.arange(1, often.size + 1), event_name=[str(n) for n in range(often.size)],
        date=np.arange(often.size) + 730_000, orig=np.ones(often.size, bool),
        centroids=Centroids(lat=lat, lon=lon), units="m/s",
    )  # fmt: skip
    theirs = ImpactFunc(
        haz_type="TC", id=1, intensity=KNOTS, mdd=np.array(curve.damage), paa=np.ones(KNOTS.size)
    )
    exposed = Exposures(
        {"value": value, "impf_TC": 1, "centr_TC": np.arange(value.size)}, lat=lat, lon=lon
    )
    calculation = ImpactCalc(exposed, ImpactFuncSet([theirs]), hazard)

    def run() -> Answer:
        found = calculation.impact(save_mat=False, assign_centroids=False)
        return found.at_event, found.eai_exp

    return run


def main() -> None:
    """Print both times and the ratio; fail where the numbers differ or the target is missed."""
    header("Event sum")
    rng = np.random.default_rng(5)
    matrix = random_array(
        (EVENTS, POINTS), density=ENTRIES / EVENTS / POINTS, format="csr", rng=rng,
        data_sampler=lambda size: rng.gamma(6.0, 6.0, size),
    )  # fmt: skip
    often, value = rng.uniform(0.0001, 0.01, EVENTS), rng.lognormal(12, 2, POINTS)
    emanuel = Sigmoid(
        hazard="wind", unit="m s-1", harm="value lost", source=SOURCE, threshold=25.7, half=74.7
    )
    curve = Curve(
        hazard="wind", unit="m s-1", harm="value lost", source=SOURCE,
        intensity=tuple(KNOTS.tolist()), damage=tuple(emanuel.ratio(KNOTS).tolist()),
    )  # fmt: skip
    hazard = Hazard(csr_array(matrix), often, "m s-1")
    peers = {"stand-in": stand_in(csr_matrix(matrix), often, value, curve)}
    with contextlib.suppress(ModuleNotFoundError):
        peers = {"CLIMADA": climada(csr_matrix(matrix), often, value, curve), **peers}
    ours = event_sum(hazard, value, curve)
    for name, peer in peers.items():
        for mine, theirs in zip((ours.at_event, ours.expected_at), peer(), strict=True):
            if not np.allclose(mine, theirs, rtol=RTOL, atol=0):
                sys.exit(f"The numbers are not those of {name}, to {RTOL:g}.")
        print(f"{name}: impact of each event and expected impact at each point agree to {RTOL:g}")
    if "CLIMADA" not in peers:
        print("CLIMADA is not installed: its published steps in numpy and scipy stand in for it.")
    judged = next(iter(peers))
    ratios = side_by_side(
        f"{matrix.nnz:,} entries", lambda: event_sum(hazard, value, curve), peers, {judged: TARGET},
        rounds=5,
    )  # fmt: skip
    if judged == "CLIMADA" and ratios[judged] < TARGET:
        sys.exit("slower than the target")


if __name__ == "__main__":
    main()
