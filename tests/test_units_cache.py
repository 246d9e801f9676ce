"""Pint's parsed definitions on disk: kept, done without, and mended by doing without."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

PROGRAM = "from tocsin.units import convert; print(convert(36.0, 'km/h', 'm s-1'))"


def converted(cache):
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**os.environ, "XDG_CACHE_HOME": str(cache), "LOCALAPPDATA": str(cache)},
        capture_output=True,
        text=True,
        check=True,
    )
    return run.stdout.strip()


@pytest.mark.skipif(sys.platform == "darwin", reason="its cache folder is not named by a variable")
@pytest.mark.slow
def test_a_kept_a_damaged_and_an_impossible_cache_give_the_same(tmp_path):
    assert converted(tmp_path) == "10.0"
    kept = [path for path in tmp_path.rglob("*.pickle") if path.is_file()]
    assert kept
    for path in kept:
        path.write_bytes(path.read_bytes()[:20])
    assert converted(tmp_path) == "10.0"
    (tmp_path / "file").write_text("no folder can be made inside")
    assert converted(tmp_path / "file") == "10.0"
