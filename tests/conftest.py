"""What every test may use, and the order in which tests run: quick ones first, browsers last."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# A gate must not fall by chance: the same examples each time, none remembered from the last run.
settings.register_profile("gate", derandomize=True, deadline=None, database=None, print_blob=True)
# Looking for what nobody thought of is done on purpose: `make explore`.
settings.register_profile("explore", deadline=None, print_blob=True)
settings.load_profile("gate")
EXPLORE_TIMES = 10
"""How many times as many examples as a test asks for are tried when exploring."""

SNAPSHOTS = Path(__file__).parent / "snapshots"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the quick part first, then the slow one, then the journeys in a browser."""

    def turn(item: pytest.Item) -> int:
        marks = {mark.name for mark in item.iter_markers()}
        return 2 if "browser" in marks else int("slow" in marks)

    items.sort(key=turn)
    if settings.get_current_profile_name() == "explore":
        for item in items:
            _look_further(item)


def _look_further(item: pytest.Item) -> None:
    """Let a property test try more examples; a number of its own would hide the profile's."""
    test = getattr(item, "obj", None)
    if getattr(test, "is_hypothesis_test", False):
        test = getattr(test, "__func__", test)
        asked = getattr(test, "_hypothesis_internal_use_settings", None) or settings.default
        more = settings(asked, max_examples=EXPLORE_TIMES * asked.max_examples)
        test._hypothesis_internal_use_settings = more


@pytest.fixture(scope="session", autouse=True)
def _append_only_tables_can_be_flushed() -> Iterator[None]:
    """Let a test that commits leave an empty database: the triggers would refuse even that."""
    from django.db.backends.base.operations import BaseDatabaseOperations

    from tests.office.unguarded import flush_as_owner  # once Django has been set up

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseOperations, "execute_sql_flush", flush_as_owner)
        yield


@pytest.fixture
def snapshot() -> Callable[[str, str], None]:
    """Hold a text against ``tests/snapshots/NAME``; ``make snapshots`` writes it anew."""

    def compare(name: str, text: str) -> None:
        kept = SNAPSHOTS / name
        if os.environ.get("TOCSIN_SNAPSHOTS") == "renew":
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_text(text)
        assert kept.is_file(), f"{kept} is missing: `make snapshots` writes it"
        assert text == kept.read_text(), f"{name} changed: if that is meant, `make snapshots`"

    return compare
