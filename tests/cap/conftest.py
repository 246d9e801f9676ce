"""The cast of the CAP tests: one small good alert, and golden messages by folder."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tocsin.cap import Alert, Area, Geocode, Info

MESSAGES = Path(__file__).parent / "messages"


@pytest.fixture
def alert() -> Alert:
    """A good heat warning, as the desk writes it."""
    sent = datetime(2013, 7, 18, 14, tzinfo=UTC)
    info = Info(
        category=("Met",),
        event="Heat",
        urgency="Immediate",
        severity="Severe",
        certainty="Observed",
        expires=sent + timedelta(hours=12),
        headline="Dangerous heat in Kings County",
        area=(Area("Kings County", geocode=(Geocode("FIPS6", "036047"),)),),
    )
    return Alert("heat-1", "desk@example.org", sent, "Actual", "Alert", "Public", info=(info,))
