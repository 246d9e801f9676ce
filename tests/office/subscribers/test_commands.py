"""``tocsin privacy`` as a person meets it, in a data folder of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

# All in one process: each start and first migration takes seconds.
PROGRAM = """
import sys
from pathlib import Path
from typer.main import get_command
from tocsin.cli import app

for words in ("inventory", "purge", "rotate-keys", "rotate-keys --finish"):
    command = ["privacy", *words.split(), "--data", sys.argv[1]]
    get_command(app).main(command, standalone_mode=False)
    kept = Path(sys.argv[1], "contact-keys")
    print(f"== {len(kept.read_text().split()) if kept.exists() else 0} keys")
"""


def test_inventory_purge_and_changed_keys(tmp_path: Path) -> None:
    # The shell's DATABASE_URL is another test's; here it is a folder from nothing.
    left_out = {"DATABASE_URL", "DJANGO_SETTINGS_MODULE", "TOCSIN_CONTACT_KEYS"}
    kept = {name: value for name, value in os.environ.items() if name not in left_out}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, tmp_path],
        capture_output=True, text=True, check=True, env=kept,
    )  # fmt: skip
    inventory, purge, rotate, finish, _end = done.stdout.split("==")
    assert "subscribers.Subscription.address\n    purpose    to send the warnings" in inventory
    assert "axes.AccessAttempt.ip_address" in inventory
    assert "0  sign in records" in purge
    assert "the old ones still open" in rotate
    assert finish.startswith(" 2 keys")
    assert "only the newest key is needed now" in finish
    assert done.stdout.endswith("== 1 keys\n")
