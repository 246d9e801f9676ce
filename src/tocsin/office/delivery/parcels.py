"""What a channel is handed and what it hands back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from tocsin import cap
from tocsin.triggers.rules import Level

__all__ = ["Bulletin", "Outcome", "Parcel", "Text"]

SEVERITIES = ("Extreme", "Severe", "Moderate", "Minor", "Unknown")


@dataclass(frozen=True, slots=True)
class Text:
    """What a message says in one language, of one of its levels."""

    event: str
    headline: str
    description: str
    instruction: str
    areas: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Bulletin:
    """A message as channels need it, read once from the ledger's bytes."""

    identifier: str
    number: int
    warning: str
    hazard: str
    level: str
    levels: Mapping[str, int]
    msg_type: str
    status: str
    sender: str
    sent_at: datetime
    expires_at: datetime
    raw: bytes
    texts: Mapping[str, tuple[Text, ...]]
    """language -> texts, the most severe first."""
    references: tuple[str, ...] = ()

    @classmethod
    def of(cls, message: Any) -> Bulletin:
        """Read a row of the ledger (with its warning selected)."""
        raw = bytes(message.raw)
        alert = cap.parse(raw).alert
        infos = sorted(
            alert.info,
            key=lambda info: SEVERITIES.index(info.severity) if info.severity in SEVERITIES else 9,
        )
        texts: dict[str, tuple[Text, ...]] = {}
        for info in infos:
            text = Text(
                event=info.event or "",
                headline=info.headline or info.event or "",
                description=info.description or "",
                instruction=info.instruction or "",
                areas=tuple(area.area_desc for area in info.area),
            )
            language = info.language or "en-US"
            texts[language] = (*texts.get(language, ()), text)
        return cls(
            identifier=message.identifier,
            number=message.number,
            warning=message.warning.slug,
            hazard=message.warning.hazard,
            level=Level(message.level).word,
            levels=dict(message.levels),
            msg_type=alert.msg_type,
            status=alert.status,
            sender=alert.sender,
            sent_at=message.sent_at,
            expires_at=message.expires_at,
            raw=raw,
            texts=texts,
            references=tuple(one.identifier for one in alert.references),
        )

    def said_in(self, language: str) -> tuple[Text, ...]:
        """Return the texts in a language, else in the message's first; never nothing."""
        for wanted in (language, language.split("-")[0]):
            for known, texts in self.texts.items():
                if known == wanted or known.split("-")[0] == wanted:
                    return texts
        first = next(iter(self.texts.values()), ())
        return first or (Text(self.hazard, f"{self.msg_type}: {self.identifier}", "", "", ()),)

    @property
    def codes(self) -> tuple[str, ...]:
        """The areas it names, by code."""
        return tuple(sorted(self.levels))


@dataclass(frozen=True, slots=True)
class Parcel:
    """One delivery on its way: everything a channel needs, so that it asks no database."""

    delivery: int
    key: str
    """The Idempotency-Key: the same at every attempt."""
    channel: str
    bulletin: Bulletin
    language: str
    target: str
    """Stands for the recipient where an address would give him away: logs, lanes."""
    address: str = field(default="", repr=False)
    secret: str = field(default="", repr=False)
    attempts: int = 1
    acknowledge_url: str = ""
    manage_url: str = ""
    unsubscribe_url: str = ""
    unsubscribe_post_url: str = ""
    former_codes: tuple[str, ...] = ()
    """Areas that earlier messages of the warning named and this one does not: broadcasts only."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one parcel."""

    kind: Literal["sent", "failed", "refused", "gone", "put_back"]
    error: str = ""
    retry_after: timedelta | None = None
    host_down: bool = False
    """The machine itself does not answer: others on it need not be tried for a while."""

    is_targets_own: bool = False
    """The fault lies with this recipient, not with a relay or a setting shared with others."""

    def of_target(self) -> Outcome:
        """Return it as the recipient's own: days of such failures disable his subscription."""
        return replace(self, is_targets_own=True)

    @classmethod
    def sent(cls) -> Outcome:
        """Return that the target has taken it."""
        return cls("sent")

    @classmethod
    def failed(
        cls, error: str, *, retry_after: timedelta | None = None, host_down: bool = False
    ) -> Outcome:
        """Return a failure that another attempt may mend."""
        return cls("failed", error[:300], retry_after, host_down)

    @classmethod
    def refused(cls, error: str) -> Outcome:
        """Return a failure that no attempt will mend: the delivery is given up."""
        return cls("refused", error[:300])

    @classmethod
    def gone(cls, error: str) -> Outcome:
        """Return that the target has ceased to exist: its subscription is disabled."""
        return cls("gone", error[:300], is_targets_own=True)

    @classmethod
    def put_back(cls, wait: timedelta) -> Outcome:
        """Return that it was not tried: its machine is busy or down."""
        return cls("put_back", retry_after=wait)
