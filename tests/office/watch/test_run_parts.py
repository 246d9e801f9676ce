"""``tocsin run`` as a whole: parts that crash, two processes, an end in the midst of a cycle."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tocsin.cli import run as run_module
from tocsin.errors import StateError

from .. import live_region
from ..live_region import weather, write
from .test_live_run import ENVIRONMENT

SLOW = """
import sys, time
from unittest import mock
from tocsin.office.warnings_desk import live
whole = live.judge_hour
def slow(*given, **named):
    print("judging", flush=True)
    time.sleep(2)
    return whole(*given, **named)
live.judge_hour = slow
"""
"""Makes the midst of a cycle long enough to be hit."""
MAIN = "from tocsin.cli.door import set_up_office\nfrom pathlib import Path\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A live region whose hot hour is the one that is known now."""
    made = live_region.make(tmp_path / "small")
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
    shift = hour - (live_region.MIDNIGHT + timedelta(hours=13))
    moved = {(name, time + shift): value for (name, time), value in weather().items()}
    write(made, moved, hour)
    return made


@contextmanager
def running(folder: Path, *more: str, before: str = "") -> Iterator[subprocess.Popen[str]]:
    """Run ``tocsin run`` on the region; killed at the end if it still runs."""
    data = folder.parent / "var"
    given = ["run", str(folder), "--data", str(data), "--every", "1", *more]
    code = f"{MAIN}set_up_office(Path({str(data)!r}))\n{before}" if before else ""
    code += "\nfrom tocsin.cli import main\nmain()\n"
    with subprocess.Popen(
        [sys.executable, "-c", code, *given],
        env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            process.kill()


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def ask(folder: Path, question: str) -> list[tuple]:
    with closing(sqlite3.connect(folder.parent / "var" / "tocsin.sqlite3", timeout=20)) as store:
        return store.execute(question).fetchall()


def test_a_part_that_crashes_is_told_and_started_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """First an error of ours, then any other, then it runs; the waits grow and never pass 60 s."""
    waits: list[float] = []
    ending = threading.Event()
    monkeypatch.setattr(ending, "wait", lambda seconds: waits.append(seconds) or ending.is_set())
    done: list[int] = []

    def part() -> None:
        done.append(1)
        if len(done) == 1:
            raise StateError("Another has it.")
        if len(done) == 7:
            ending.set()
        else:
            raise ZeroDivisionError

    run_module._keep("watch", part, ending)
    said = capsys.readouterr().err.splitlines()
    assert said == ["watch: Another has it.", *["watch crashed; see the log."] * 5]
    assert waits == [5.0, 10.0, 20.0, 40.0, 60.0, 60.0, 60.0]


@pytest.mark.slow
@pytest.mark.parametrize("part", ["deliver", "received"])
def test_a_part_alone_runs_until_it_is_stopped_and_watches_nothing(folder: Path, part: str) -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", "from tocsin.cli import main; main()", "load", str(folder),
         "--data", str(folder.parent / "var")],
        env=ENVIRONMENT, capture_output=True, timeout=110, check=False,
    )  # fmt: skip
    assert loaded.returncode == 0, loaded.stderr
    started = """
import threading
from tocsin.cli import run
for name in ("_watch", "_deliver", "_received"):
    def told(*given, whole=getattr(run, name), name=name):
        print(name, flush=True)
        return whole(*given)
    setattr(run, name, told)
"""
    with running(folder, "--only", part, before=started) as process:
        assert line(process) == f"_{part}\n"
        process.send_signal(signal.SIGTERM)
        out, errors = process.communicate(timeout=60)
    assert (process.returncode, out, errors) == (0, "", "Stopped.\n")
    assert not ask(folder, "SELECT * FROM watch_cycle")


@pytest.mark.slow
def test_ended_in_the_midst_of_a_cycle_it_finishes_the_cycle(folder: Path) -> None:
    with running(folder, "--only", "watch", before=SLOW) as process:
        assert line(process) == "judging\n"
        process.send_signal(signal.SIGTERM)
        out, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert "1 messages" in out
    assert ask(folder, "SELECT count(*), count(finished_at) FROM watch_cycle") == [(1, 1)]
    assert ask(folder, "SELECT count(*) FROM watch_lease") == [(0,)]


@pytest.mark.slow
def test_a_second_process_waits_and_goes_on_where_a_killed_one_stopped(folder: Path) -> None:
    """It says who has the data folder; after SIGKILL it does what was left, and nothing twice."""
    long = SLOW.replace("sleep(2)", "sleep(90)")  # it is killed long before
    with running(folder, "--only", "watch", before=long) as first:
        assert line(first) == "judging\n"
        quick = "from tocsin.cli import run\nrun.RESTART_S = (0.5, 0.5)\n"
        with running(folder, "--only", "watch", before=quick) as second:
            assert second.stderr is not None
            assert "Another tocsin run has this data folder" in second.stderr.readline()
            first.kill()
            first.wait()
            taken = line(second)
            second.send_signal(signal.SIGTERM)
            _, errors = second.communicate(timeout=60)
    assert "1 messages" in taken, errors
    assert second.returncode == 0
    assert ask(folder, "SELECT count(*) FROM warnings_desk_message") == [(1,)]
    twice = "SELECT count(*) FROM watch_observation GROUP BY series_id, time HAVING count(*) > 1"
    assert not ask(folder, twice)
    unfinished, finished = ask(
        folder, "SELECT sum(finished_at IS NULL), sum(finished_at IS NOT NULL) FROM watch_cycle"
    )[0]
    assert unfinished == 1
    assert finished >= 1
