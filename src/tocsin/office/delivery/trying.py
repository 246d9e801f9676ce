"""Sends one message marked as a test by one channel; the ledger knows nothing of it."""

from __future__ import annotations

import asyncio
import secrets
from datetime import UTC, datetime, timedelta

from tocsin import cap
from tocsin.errors import StateError
from tocsin.office.places.current import current_region

from .channels import KINDS
from .configuration import open_channels
from .parcels import Bulletin, Outcome, Parcel, Text

__all__ = ["try_channel"]

WORDS = {
    "en": ("TEST: no danger", "This is a test of the warning channels. Nothing needs to be done."),
    "zh": ("测试：没有危险", "这是预警渠道的测试，无需采取任何行动。"),
}


def try_channel(name: str, address: str, language: str) -> Outcome:
    """Send a test and return what became of it.

    Raises
    ------
    StateError
        There is no such channel, it is not set up, or it needs an address and has none.
    """
    if name not in KINDS:
        raise StateError(f"There is no channel {name!r}; there are {', '.join(KINDS)}.")
    if not address and not KINDS[name].is_broadcast:
        raise StateError(f"{name} needs an address: tocsin deliver try {name} ADDRESS")
    channels = open_channels(current_region())
    if name not in channels:
        raise StateError(f"{name} is not set up: add [channels.{name}] to channels.toml.")
    channel = channels[name]
    parcel = _test_parcel(name, address, language)

    async def send() -> Outcome:
        await channel.open()
        try:
            async with asyncio.timeout(channel.settings.timeout_s):
                return (await channel.send([parcel]))[0]
        except TimeoutError:
            return Outcome.failed(f"No answer within {channel.settings.timeout_s:g} s.")
        finally:
            await channel.close()

    return asyncio.run(send())


def _test_parcel(name: str, address: str, language: str) -> Parcel:
    headline, instruction = WORDS.get(language.split("-")[0], WORDS["en"])
    at = datetime.now(UTC).replace(microsecond=0)
    mark = secrets.token_hex(4)
    identifier = f"tocsin-test-{mark}"
    alert = cap.Alert(
        identifier=identifier,
        sender="test@tocsin.example",
        sent=at,
        status="Test",
        msg_type="Alert",
        scope="Public",
        info=(
            cap.Info(
                language=language,
                category=("Other",),
                event=headline,
                urgency="Unknown",
                severity="Unknown",
                certainty="Unknown",
                expires=at + timedelta(minutes=10),
                headline=headline,
                instruction=instruction,
            ),
        ),
    )
    bulletin = Bulletin(
        identifier=identifier,
        number=0,
        warning=identifier,
        hazard="test",
        level="none",
        levels={},
        msg_type="Alert",
        status="Test",
        sender=alert.sender,
        sent_at=at,
        expires_at=at + timedelta(minutes=10),
        raw=cap.write(alert),
        texts={language: (Text(headline, headline, "", instruction, ()),)},
    )
    return Parcel(0, f"test-{mark}", name, bulletin, language, "test", address)
