"""Secrets of the data folder: one for all who ask, whole, and nobody else's to read."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tocsin.errors import StorageError
from tocsin.office.secret_files import made_once, replace

ASK = """
import sys, os
from pathlib import Path
from tocsin.office.secret_files import made_once
sys.stdin.readline()  # all at once
print(made_once(Path(sys.argv[1]), lambda: os.urandom(16).hex().encode()).decode())
"""


def test_it_is_made_once_and_only_the_office_reads_it(tmp_path: Path) -> None:
    file = tmp_path / "data" / "key"
    old = os.umask(0o000)
    try:
        assert made_once(file, lambda: b"first") == b"first"
    finally:
        os.umask(old)
    assert made_once(file, lambda: b"second") == b"first"
    assert file.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in file.parent.iterdir()] == ["key"]


@pytest.mark.slow
def test_processes_that_ask_at_once_agree_on_one(tmp_path: Path) -> None:
    started = [
        subprocess.Popen(
            [sys.executable, "-c", ASK, tmp_path / "key"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for _ in range(4)
    ]  # fmt: skip
    for one in started:
        assert one.stdin
        one.stdin.write("\n")
        one.stdin.flush()
    answers = {one.communicate(timeout=60)[0].strip() for one in started}
    assert answers == {(tmp_path / "key").read_text()}
    assert len(list(tmp_path.iterdir())) == 1


def test_threads_that_ask_at_once_agree_on_one(tmp_path: Path) -> None:
    file = tmp_path / "key"
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(made_once, file, lambda: os.urandom(16)) for _ in range(64)]
    assert {one.result() for one in asked} == {file.read_bytes()}
    assert len(list(tmp_path.iterdir())) == 1


def test_replacing_leaves_one_private_file(tmp_path: Path) -> None:
    file = tmp_path / "key"
    made_once(file, lambda: b"old")
    replace(file, b"new")
    assert made_once(file, lambda: b"other") == b"new"
    assert file.stat().st_mode & 0o777 == 0o600
    assert len(list(tmp_path.iterdir())) == 1


def test_a_full_disk_leaves_nothing_half_written(tmp_path: Path, monkeypatch: Any) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    file = tmp_path / "key"
    made_once(file, lambda: b"old")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError, match=r"key cannot be read or kept: No space left"):
        replace(file, b"new")
    with pytest.raises(StorageError, match="TOCSIN_DATA"):
        made_once(tmp_path / "other", lambda: b"new")
    assert file.read_bytes() == b"old"
    assert len(list(tmp_path.iterdir())) == 1
