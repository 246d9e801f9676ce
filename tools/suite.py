"""``make test``: the whole suite on SQLite, then the office's tests again on PostgreSQL."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tools.steps import ROOT

__all__ = ["postgresql_address"]

OFFICE_TESTS = ROOT / "tests" / "office"
DEFAULT = "postgresql://postgres@127.0.0.1:5432/postgres"


def postgresql_address() -> str | None:
    """Return the address of a PostgreSQL to test on: DATABASE_URL, else this machine's own."""
    if given := os.environ.get("DATABASE_URL"):
        return given
    try:
        socket.create_connection(("127.0.0.1", 5432), timeout=2).close()
    except OSError:
        return None
    import psycopg  # here: only a machine with a PostgreSQL needs it

    address = os.environ.get("TOCSIN_TEST_DATABASE_URL", DEFAULT)
    try:
        psycopg.connect(address, connect_timeout=5).close()
    except psycopg.OperationalError as refused:
        print(f"PostgreSQL answers but refuses {address}: {refused}", flush=True)
        print("Name another with TOCSIN_TEST_DATABASE_URL=postgresql://user:password@host/name")
        return None
    return address


def _pytest(title: str, address: str | None, *words: str | Path) -> int:
    """Run pytest in a process of its own, since Django reads its database only once."""
    print(f"\n=== {title} ===", flush=True)
    env = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    if address:
        env["DATABASE_URL"] = address
    # Two at once: more would not help the parts that wait for a database or a browser.
    both = ["-n", "2"] if (os.cpu_count() or 1) > 1 else []
    command = [sys.executable, "-m", "pytest", *both, *(str(word) for word in words)]
    return subprocess.run(command, env=env, cwd=ROOT, check=False).returncode


def main() -> int:
    """Run both parts and fail if either does."""
    code = _pytest("The whole suite, office on SQLite", None, *sys.argv[1:])
    address = postgresql_address()
    if address is None:
        print("\n!!! No PostgreSQL: the office was tested on SQLite only. !!!", flush=True)
        return code
    second = _pytest("The office on PostgreSQL", address, OFFICE_TESTS, "-m", "not browser")
    return code or (0 if second == pytest.ExitCode.NO_TESTS_COLLECTED else second)


if __name__ == "__main__":
    sys.exit(main())
