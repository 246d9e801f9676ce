"""Property tests: the same examples at the gate, more and other ones when exploring."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

TRIED = """
from hypothesis import given, settings, strategies as st

seen = []

@given(st.integers(0, 10**12))
@settings(max_examples=20)
def test_numbers(number):
    seen.append(number)

def test_tell():
    print("tried", len(seen), hash(tuple(seen)))
"""


def tried(folder: Path, *words: str) -> tuple[int, int]:
    """How many examples a run tries, and a mark of which."""
    (folder / "test_tried.py").write_text(TRIED)
    command = [sys.executable, "-m", "pytest", "-q", "-s", "-p", "no:cacheprovider", *words]
    conftest = Path(__file__).with_name("conftest.py")
    run = subprocess.run(
        [*command, "-p", "tests.conftest", "test_tried.py"],
        cwd=folder, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(conftest.parents[1])},
    )  # fmt: skip
    line = next((row for row in run.stdout.splitlines() if "tried" in row), run.stdout)
    _, count, mark = line[line.index("tried") :].split()
    return int(count), int(mark)


@pytest.mark.slow
def test_the_gate_tries_the_same_again_and_exploring_others(tmp_path: Path) -> None:
    count, mark = tried(tmp_path)
    assert (count, mark) == tried(tmp_path)
    assert count <= 20
    assert not (tmp_path / ".hypothesis" / "examples").exists()
    explored, another = tried(tmp_path, "--hypothesis-profile=explore")
    assert explored > 5 * count
    assert another != mark
