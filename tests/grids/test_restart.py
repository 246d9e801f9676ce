"""Killed in the middle and begun again, also on a cluster: what the journal promises."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from tocsin.errors import GridError
from tocsin.grids import compute, open_result
from tocsin.grids.journal import Journal, Record, Tally
from tocsin.grids.store import describe, status_of

from .conftest import make_weather, write_zarr
from .test_compute import codes

# Many small blocks of a small grid; the plan is then kept in the store.
SMALL_BLOCKS = """
import sys, time
from tocsin.grids import compute, plan, run
plan.LEAST_TILE, plan.READ_AT_ONCE, plan.GOOD_ROWS = 40, 300, 5
run.in_use, run.RESERVE, run.WORKER_BYTES = (lambda: 0), -16_000_000, 0
slow = float(sys.argv[3])
try:
    compute("fwi", sys.argv[1], sys.argv[2], memory=150_000, threads=2, dask=sys.argv[4] or None,
            progress=lambda step, done, whole: time.sleep(slow))
except Exception as error:
    sys.exit(f"{type(error).__name__}: {error}")
"""


def begin(source, store, slow=0.0, dask=""):
    arguments = [str(source), str(store), str(slow), dask]
    return subprocess.Popen(
        [sys.executable, "-c", SMALL_BLOCKS, *arguments], stderr=subprocess.PIPE
    )


def kill_in_the_middle(source, store, after=3):
    """Kill -9 a run once some of its blocks are done."""
    with begin(source, store, slow=0.1) as process:
        until = time.monotonic() + 60
        while sum(Journal(store).read(tile).segments for tile in range(2)) < after:
            if process.poll() is not None or time.monotonic() > until:
                process.kill()
                pytest.fail(f"it ended before it was killed: {process.stderr.read().decode()}")
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
    return store


@pytest.fixture(scope="module")
def half_done(tmp_path_factory):
    folder = tmp_path_factory.mktemp("restart")
    source = write_zarr(make_weather(), folder / "in.zarr", (5, 7, 9))
    return source, kill_in_the_middle(source, folder / "out.zarr")


@pytest.mark.slow
def test_a_killed_run_is_not_taken_as_done_and_goes_on_where_it_was(half_done, tmp_path):
    source, killed = half_done
    store = copy(killed, tmp_path)
    assert status_of(store) == "running"
    with pytest.raises(GridError, match=r"is not complete.*same `tocsin grids compute` command"):
        open_result(store)
    with pytest.raises(GridError, match="is not complete"):  # nor as an input of something else
        compute("heat_index", store, tmp_path / "other.zarr")
    assert "running" in describe(store)[0]
    result = compute("fwi", source, store)
    assert result.blocks_before >= 3
    assert result.blocks > 0
    assert result.blocks + result.blocks_before == result.plan.blocks
    np.testing.assert_array_equal(open_result(store)["fwi"], codes(make_weather())[5])
    assert not list(store.rglob("*.partial"))
    assert not (store / "journal").exists()
    assert "complete" in describe(store)[0]


def test_a_finished_run_is_not_done_twice(netcdf, tmp_path):
    first = compute("fwi", netcdf, tmp_path / "out.zarr")
    again = compute("fwi", netcdf, tmp_path / "out.zarr")
    assert again.blocks == 0
    assert again.blocks_before == first.blocks
    assert again.tally == first.tally
    anew = compute("fwi", netcdf, tmp_path / "out.zarr", fresh=True)
    assert anew.blocks == first.blocks


def copy(store, folder):
    import shutil

    return Path(shutil.copytree(store, folder / "out.zarr"))


@pytest.mark.slow
def test_another_input_is_refused_by_name(half_done, tmp_path):
    source, killed = half_done
    store = copy(killed, tmp_path)
    other = write_zarr(make_weather(seed=2), tmp_path / "other.zarr", (5, 7, 9))
    with pytest.raises(GridError, match=r"other inputs: those were .*in.zarr and now.*other.zarr"):
        compute("fwi", other, store)
    with pytest.raises(GridError, match=r"begun with settings \{\}, now it is .*--fresh"):
        compute("fwi", source, store, settings={"variant": "147.2"})
    with pytest.raises(GridError, match=r"begun with indicators \['fwi'\], now it is \['ffmc'\]"):
        compute("ffmc", source, store)


def test_an_input_that_changed_is_refused(tmp_path):
    source = write_zarr(make_weather(), tmp_path / "in.zarr", (5, 7, 9))
    compute("fwi", source, tmp_path / "out.zarr")
    chunk = source / "rh" / "c" / "0" / "0" / "0"
    chunk.write_bytes(chunk.read_bytes())
    with pytest.raises(GridError, match=r"in.zarr has changed since.*--fresh"):
        compute("fwi", source, tmp_path / "out.zarr")


def test_a_moved_input_is_the_same_input(netcdf, tmp_path):
    compute("fwi", netcdf, tmp_path / "out.zarr")
    moved = tmp_path / "moved.nc"
    os.link(netcdf, moved)
    assert compute("fwi", moved, tmp_path / "out.zarr").blocks == 0


@pytest.mark.slow
def test_two_runs_do_not_write_one_store(half_done, tmp_path):
    source, killed = half_done
    store = copy(killed, tmp_path)
    with Journal(store).alone(), pytest.raises(GridError, match="being written by another run"):
        compute("fwi", source, store)


def test_a_record_is_all_or_nothing(tmp_path):
    journal = Journal(tmp_path)
    journal.begin()
    record = Record(3, (np.arange(4.0), np.ones(4, np.float32)), Tally({"rain": 2}, {"rain": 1}))
    journal.write(7, record)
    found = journal.read(7)
    assert (found.segments, found.tally) == (3, record.tally)
    for kept, given in zip(found.state, record.state, strict=True):
        np.testing.assert_array_equal(kept, given)
        assert kept.dtype == given.dtype
    path = next((tmp_path / "journal").glob("*.npz"))
    path.write_bytes(path.read_bytes()[:50])  # as after a power failure
    assert journal.read(7).segments == 0


CLUSTER = """
import sys
from distributed import LocalCluster
if __name__ == "__main__":
    options = dict(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0")
    with LocalCluster(**options) as cluster:
        print(cluster.scheduler_address, flush=True)
        sys.stdin.read()
"""


@pytest.mark.slow
def test_a_killed_run_goes_on_on_two_dask_workers_with_the_same_bits(half_done, tmp_path):
    source, killed = half_done
    store = copy(killed, tmp_path)
    script = tmp_path / "cluster.py"
    script.write_text(CLUSTER)
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, script], **pipes) as cluster:
        address = cluster.stdout.readline().strip()
        process = begin(source, store, dask=address)
        _, said = process.communicate(timeout=60)
        assert process.returncode == 0, said.decode()
        cluster.stdin.close()
        cluster.wait(timeout=30)
    np.testing.assert_array_equal(open_result(store)["fwi"], codes(make_weather())[5])


def test_an_address_where_nobody_answers_is_refused(netcdf, tmp_path, monkeypatch):
    monkeypatch.setattr("tocsin.grids.cluster.ANSWER_WITHIN_S", 0.2)
    with pytest.raises(
        GridError, match=r"No Dask scheduler answers at 'tcp://127.0.0.1:9'.*--dask"
    ):
        compute("fwi", netcdf, tmp_path / "out.zarr", dask="tcp://127.0.0.1:9")
