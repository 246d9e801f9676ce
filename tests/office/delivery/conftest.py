"""Fixtures of the outbox's tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tocsin.office.delivery.worker import Worker

from . import cast
from .sink import Sink


@pytest.fixture
def live(db: None) -> Any:
    """A live region."""
    return cast.live_region()


@pytest.fixture
def sink() -> Iterator[Sink]:
    """A web server that takes everything."""
    with Sink() as running:
        yield running


@pytest.fixture
def clock() -> cast.Clock:
    """A clock that stands at the tests' hour."""
    return cast.Clock()


@pytest.fixture
def work(clock: cast.Clock, tmp_path: Any) -> Callable[..., int]:
    """Run a worker once, over these channels, until nothing is due at the clock's time."""

    def run(**settings: dict[str, Any]) -> int:
        settings = settings or {"webhook": {}}
        channels = {
            name: cast.opened_channel(name, tmp_path, **own) for name, own in settings.items()
        }
        return Worker(channels, clock=clock, seed=1).run(once=True)

    return run
