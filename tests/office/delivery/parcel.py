"""A parcel to hand to a channel, without a database."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from tocsin import cap
from tocsin.office.delivery.channels import Channel
from tocsin.office.delivery.parcels import Bulletin, Outcome, Parcel, Text

SENT = datetime.now(UTC).replace(microsecond=0)


def bulletin(**changed: Any) -> Bulletin:
    """An orange heat warning in English and Chinese."""
    fields: dict[str, Any] = {
        "identifier": "2.49.0.1.840.9.tocsin.1",
        "number": 1,
        "warning": "heat-2026-07-18",
        "hazard": "heat",
        "level": "orange",
        "levels": {"36061": 3, "36081": 2},
        "msg_type": "Alert",
        "status": "Actual",
        "sender": "desk@tocsin.example",
        "sent_at": SENT,
        "expires_at": SENT + timedelta(hours=6),
        "raw": _raw(),
        "texts": {
            "en": (
                Text("Heat", "Dangerous heat until 6 pm", "103 °F", "Stay inside.", ("Queens",)),
                Text("Heat", "Very warm until 6 pm", "95 °F", "Drink.", ("Bronx",)),
            ),
            "zh-Hans": (Text("高温", "高温危险，至18时", "39 °C", "请留在室内。", ("皇后县",)),),
        },
    }
    return Bulletin(**{**fields, **changed})


def parcel(address: str = "", channel: str = "webhook", **changed: Any) -> Parcel:
    """A parcel with that bulletin."""
    fields: dict[str, Any] = {
        "delivery": 7,
        "key": "c0ffee" * 10,
        "channel": channel,
        "bulletin": bulletin(),
        "language": "en",
        "target": "s1",
        "address": address,
        "acknowledge_url": "https://warn.example/acknowledge/7.x/",
    }
    return Parcel(**{**fields, **changed})


def send(channel: Channel, *parcels: Parcel) -> list[Outcome]:
    """Send by a channel in a loop of its own."""

    async def go(those: Sequence[Parcel]) -> list[Outcome]:
        await channel.open()
        try:
            return await channel.send(those)
        finally:
            await channel.close()

    return asyncio.run(go(parcels))


def _raw() -> bytes:
    return cap.write(
        cap.Alert(
            identifier="2.49.0.1.840.9.tocsin.1",
            sender="desk@tocsin.example",
            sent=SENT,
            status="Actual",
            msg_type="Alert",
            scope="Public",
            info=(
                cap.Info(
                    category=("Met",),
                    event="Heat",
                    urgency="Immediate",
                    severity="Severe",
                    certainty="Observed",
                    language="en",
                ),
            ),
        )
    )
