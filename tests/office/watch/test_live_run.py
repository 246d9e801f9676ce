"""The live watch as a process: killed between any two steps, run twice at once, by the shell."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tocsin.errors import StateError
from tocsin.office.warnings_desk.live import LiveWatch
from tocsin.office.watch import lease
from tocsin.office.watch.models import Lease

from .. import live_region
from ..live_region import MIDNIGHT, weather, write

HOUR = timedelta(hours=1)
AT = MIDNIGHT + 14 * HOUR
STEPS = (
    "tocsin.office.watch.keeping.record",
    "tocsin.office.warnings_desk.live.judge_hour",
    "tocsin.office.warnings_desk.live.issue",
    "tocsin.office.warnings_desk.services.record",
    "tocsin.office.warnings_desk.live.keep_recent_triggers",
    "tocsin.office.watch.indicator_rows.insert_rows",
)
"""Where the process is killed: in the midst of each step of a cycle."""
ENVIRONMENT = {
    name: one
    for name, one in os.environ.items()
    if name not in {"DATABASE_URL", "DJANGO_SETTINGS_MODULE", "TOCSIN_DATA"}
}
RUN = """
import os, signal, sys
from datetime import datetime
from pathlib import Path
from unittest import mock
from tocsin.cli.door import set_up_office
folder, data, at, step = sys.argv[1:]
set_up_office(Path(data))
from tocsin.office.warnings_desk.live import LiveWatch
import contextlib
kill = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
with mock.patch(step, kill) if step else contextlib.nullcontext():
    at = datetime.fromisoformat(at)
    watch = LiveWatch(Path(folder), Path(data) / "feeds", at=at)
    watch.cycle(at)
    watch.close()
from tocsin.office.warnings_desk.models import Message
from tocsin.office.watch.models import Cycle, Observation, Trigger
print(
    [(m.number, m.reason, m.levels) for m in Message.objects.all()],
    Observation.objects.count(),
    Observation.objects.filter(series__kind="indicator").count(),
    sorted(Trigger.objects.values_list("area__code", "level", "first_at", "last_at")),
)
"""


def run(folder: Path, data: Path, at: datetime, step: str = "") -> subprocess.CompletedProcess[str]:
    """Run one cycle in a process of its own, on a SQLite data folder."""
    return subprocess.run(
        [sys.executable, "-c", RUN, str(folder), str(data), at.isoformat(), step],
        env=ENVIRONMENT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


@pytest.mark.slow
def test_a_cycle_that_was_killed_is_done_whole_when_it_is_run_again(tmp_path: Path) -> None:
    """Killed with -9 in every step in turn, each time further on: nothing lost, nothing twice."""
    folder = live_region.make(tmp_path / "small")
    write(folder, weather(), AT - HOUR)
    whole = run(folder, tmp_path / "whole", AT)
    assert whole.returncode == 0, whole.stderr
    assert "issue" in whole.stdout
    for step in STEPS:
        killed = run(folder, tmp_path / "killed", AT, step)
        assert killed.returncode == -signal.SIGKILL, f"{step}: {killed.stderr}"
    again = run(folder, tmp_path / "killed", AT)
    assert again.returncode == 0, again.stderr
    assert again.stdout == whole.stdout


@pytest.mark.django_db
def test_two_do_not_watch_at_once(tmp_path: Path) -> None:
    folder = live_region.make(tmp_path / "small")
    one = LiveWatch(folder, tmp_path / "spool", at=AT)
    other = LiveWatch(folder, tmp_path / "spool", at=AT)
    one.cycle(AT)
    with pytest.raises(StateError, match="Another tocsin run has this data folder"):
        other.cycle(AT)
    with pytest.raises(StateError, match="by now; this process writes nothing more"):
        lease.confirm(other.holder)
    one.close()
    other.cycle(AT)
    other.close()


@pytest.mark.django_db
def test_the_lease_of_the_dead_is_free(tmp_path: Path) -> None:
    """A process of this machine that is gone; one of another machine after its time."""
    now = datetime(2026, 7, 15, tzinfo=UTC)
    mine = lease.holder_name()
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()
    host = mine.rsplit(":", 2)[0]
    Lease.objects.create(name="watch", holder=f"{host}:{ended.pid}:1", until=now + HOUR)
    assert lease.take(mine, now) == mine
    Lease.objects.update(holder="elsewhere:1:1")
    assert lease.take(mine, now) == "elsewhere:1:1"
    assert lease.take(mine, now + 2 * HOUR) == mine


@pytest.mark.slow
def test_the_command_runs_one_cycle_and_says_what_it_did(tmp_path: Path) -> None:
    folder = live_region.make(tmp_path / "small")
    write(folder, weather(), AT - HOUR)
    command = [sys.executable, "-c", "from tocsin.cli import main; main()", "run", str(folder)]
    command += ["--data", str(tmp_path / "var"), "--once", "--at", AT.isoformat()]
    done = subprocess.run(
        command, env=ENVIRONMENT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "56 new values" in done.stdout
    assert "1 messages" in done.stdout


@pytest.mark.slow
def test_the_command_keeps_all_parts_running_until_it_is_stopped(tmp_path: Path) -> None:
    folder = live_region.make(tmp_path / "small")
    command = [sys.executable, "-c", "from tocsin.cli import main; main()", "run", str(folder)]
    command += ["--data", str(tmp_path / "var"), "--every", "1"]
    with subprocess.Popen(
        command, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(2)]
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=30)
    assert all("new values" in line for line in lines), errors
    assert process.returncode == 0
    assert "Stopped." in errors
