"""What a channel is: a name, settings, and ``send(parcels) -> outcomes``."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from tocsin.net.guard import Allowed

from ..parcels import Outcome, Parcel

__all__ = ["Channel", "ChannelSettings", "Surroundings"]


class ChannelSettings(BaseModel):
    """What every channel can be told in ``channels.toml``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    timeout_s: float = Field(10.0, gt=0, le=120, description="for one parcel")
    width: int = Field(32, ge=1, le=500, description="parcels on their way to one host at once")


class Surroundings(BaseModel):
    """Where a channel works: the data folder, and which inside addresses it may call."""

    model_config = ConfigDict(arbitrary_types_allowed=True, frozen=True)

    data: Path
    allow: Allowed
    office: str = "Tocsin"


class Channel(ABC):
    """One way to reach people or machines. Knows no database: a parcel holds all it needs."""

    name: ClassVar[str]
    title: ClassVar[str]
    """In English; translated where it is shown."""
    Settings: ClassVar[type[ChannelSettings]] = ChannelSettings
    needs_settings: ClassVar[bool] = True
    """False: it works without a table in ``channels.toml``."""
    is_broadcast: ClassVar[bool] = False
    """True: each message goes out once, to a place; false: once for each subscription."""
    calls_recipient: ClassVar[bool] = False
    """True: what is called is the recipient's own machine, and its failures are his; false: a relay
    or gateway of the office stands between."""
    chunk: ClassVar[int] = 1
    """The most parcels of one lane handed over at once, over one connection."""

    def __init__(self, settings: ChannelSettings, surroundings: Surroundings) -> None:
        self.settings = settings
        self.surroundings = surroundings

    async def open(self) -> None:  # noqa: B027 - most channels have nothing to open
        """Begin: runs once in the worker, in the loop in which ``send`` will run."""

    async def close(self) -> None:  # noqa: B027
        """End: free what ``open`` took."""

    def lane(self, parcel: Parcel) -> str:
        """Return the machine this parcel goes to; parcels of one lane share its fate."""
        return self.name

    @abstractmethod
    async def send(self, parcels: Sequence[Parcel]) -> list[Outcome]:
        """Send parcels of one lane, at most ``chunk``; return an outcome for each, in order.

        What it raises counts as a failure of all of them. The worker ends it after ``timeout_s``
        for each parcel.
        """
