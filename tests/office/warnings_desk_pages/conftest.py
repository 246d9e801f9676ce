"""The desk of a live region, and the clock of its pages set to the tests' moment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests.office import drafting


@pytest.fixture
def office(db: None, monkeypatch: pytest.MonkeyPatch) -> drafting.Office:
    monkeypatch.setattr("tocsin.office.places.current.timezone.now", lambda: drafting.NOW)
    return drafting.make_office()


@pytest.fixture
def signed_in() -> Callable[[Any], Client]:
    """Return a client signed in as somebody."""

    def client_of(user: Any) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return client_of
