"""Fixtures of the office's tests; the cast and its things are made in ``factories.py``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from . import factories


@pytest.fixture
def region(db: None) -> Any:
    """The region of the tests, standing at 18 July 2013, 15:00 in New York."""
    return factories.make_region()


@pytest.fixture
def heat_wave(region: Any) -> factories.HeatWave:
    """Three counties, three stations, five days of heat and one warning with three messages."""
    return factories.make_heat_wave(region)


@pytest.fixture
def at_most_queries() -> Callable[[int], AbstractContextManager[None]]:
    """A bound on the queries of a block; the failure prints them."""

    @contextmanager
    def bound(limit: int) -> Iterator[None]:
        with CaptureQueriesContext(connection) as seen:
            yield
        said = "\n".join(query["sql"][:300] for query in seen.captured_queries)
        assert len(seen) <= limit, f"{len(seen)} queries, at most {limit} allowed:\n{said}"

    return bound


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """Every test starts in English, whatever language the last request left active."""
    with translation.override("en"):
        yield
