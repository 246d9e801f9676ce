"""Ten times kill -9 of what issues and what sends; `make soak` does it two hundred times."""

from __future__ import annotations

import os

import pytest

from tests.soak.desk import DeskSoak
from tests.soak.run import Soak, own_database

pytestmark = pytest.mark.slow


def test_kill_9_of_issuing_and_sending_loses_nothing_and_doubles_nothing(tmp_path):
    with own_database(os.environ.get("DATABASE_URL")) as address:
        soak = Soak(tmp_path, kills=10, warnings=30, seed=7, address=address, failing=0.0)
        found = soak.run()
    assert sum(found["killed"].values()) >= 5
    assert found["messages"] == 30


def test_a_database_restarted_in_the_middle_loses_nothing(tmp_path):
    if "DATABASE_URL" not in os.environ:
        pytest.skip("SQLite has no server to restart; runs with DATABASE_URL")
    with own_database(os.environ["DATABASE_URL"]) as address:
        soak = Soak(
            tmp_path, kills=5, warnings=25, seed=7, address=address, failing=0.0,
            cut_connections=True,
        )  # fmt: skip
        found = soak.run()
    assert found["killed"]["connections"] >= 2
    assert found["killed"]["workers lost"] == 0  # it waits for the database and goes on


@pytest.mark.timeout(300)
def test_kill_9_of_the_server_under_officers_loses_nothing_and_doubles_nothing(tmp_path):
    with own_database(os.environ.get("DATABASE_URL")) as address:
        soak = DeskSoak(tmp_path, kills=3, warnings=3, seed=7, address=address, failing=0.0)
        found = soak.run()
    assert found["killed"]["server"] == 3
    assert found["messages"] == 3
