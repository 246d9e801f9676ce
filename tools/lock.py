"""``make lock``: renew every lock. The locks carry versions and hashes but no addresses."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from tools.environment import OFFLINE
from tools.steps import ROOT, run
from tools.vendor import npm

UV_ENVIRONMENT = ROOT / "build" / "uv"
FLAGS = [
    "--universal", "--generate-hashes", "--no-emit-index-url", "--no-header",
    "--python-version", "3.11", "--upgrade", "--quiet",
]  # fmt: skip
LOCKS = {
    "demo": ["pyproject.toml", "--extra", "office", "--extra", "demo", "--group", "build"],
    "dev": [
        "pyproject.toml", "--extra", "office", "--extra", "demo", "--extra", "beijing",
        "--extra", "grids", "--extra", "parquet", "--group", "dev", "-c", "requirements/demo.txt",
    ],
    "peers": ["pyproject.toml", "--extra", "grids", "requirements/peers.in"],
    "node": ["requirements/node.in", "-c", "requirements/dev.txt"],
}  # fmt: skip


def _uv() -> Path:
    """Return uv, taken from PyPI into a small environment of its own."""
    uv = UV_ENVIRONMENT / "bin" / "uv"
    if not uv.exists():
        shutil.rmtree(UV_ENVIRONMENT, ignore_errors=True)
        run([sys.executable, "-m", "venv", UV_ENVIRONMENT])
        run([UV_ENVIRONMENT / "bin" / "pip", "install", "-q", "uv>=0.8"], remedy=OFFLINE)
    return uv


def main() -> None:
    """Write requirements/*.txt and package-lock.json anew."""
    uv = _uv()
    for name, words in LOCKS.items():
        print(f"requirements/{name}.txt ...", flush=True)
        run(
            [uv, "pip", "compile", *FLAGS, *words, "-o", f"requirements/{name}.txt"], remedy=OFFLINE
        )
    print("package-lock.json ...", flush=True)
    run([*npm(), "update", "--package-lock-only", "--ignore-scripts", "--loglevel=error"])


if __name__ == "__main__":
    main()
