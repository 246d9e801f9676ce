"""What is in force, computed from any set of messages in any order of arrival.

The rules, from OASIS CAP 1.2 section 3.2.1 (msgType, references) and 3.2.2:

- an Update supersedes the messages it refers to, a Cancel voids them, for good: cancelling the
  Update does not bring them back; Ack and Error leave them as they are;
- a message acts only on messages of its own sender and status: a Test cancels no Actual;
- what is cancelled in part is an Update that leaves out the rest, or marks an info as over by
  responseType AllClear or urgency Past;
- each info expires by itself; one without expires lasts for a stated time, marked as inferred.

Pure: the time is passed in, and messages sent after it are not looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from tocsin.cap.message import Alert, Info, Reference

__all__ = ["DEFAULT_VALIDITY", "Chain", "InfoState", "State", "chain", "in_force", "lineage"]

DEFAULT_VALIDITY = timedelta(hours=24)
"""How long an info without expires is held to last: our choice, the standard has none."""

Word = Literal["in force", "to come", "over", "expired"]
Fate = Literal["current", "superseded", "cancelled", "no warning"]


@dataclass(frozen=True, slots=True)
class InfoState:
    """One info at one time. ``until_is_inferred`` where the message has no expires."""

    info: Info
    word: Word
    since: datetime
    until: datetime
    until_is_inferred: bool


@dataclass(frozen=True, slots=True)
class State:
    """One message at one time: its fate, by which messages, and each of its infos."""

    alert: Alert
    fate: Fate
    by: tuple[Reference, ...]
    infos: tuple[InfoState, ...]

    @property
    def is_in_force(self) -> bool:
        """Whether people have to heed at least one info of it."""
        return self.fate == "current" and any(info.word == "in force" for info in self.infos)


@dataclass(frozen=True, slots=True)
class Chain:
    """All messages at one time, by time of sending, and what did not fit together."""

    states: tuple[State, ...]
    missing: tuple[Reference, ...]
    """Messages that were referred to and are not there."""
    ignored: tuple[tuple[Reference, Reference], ...]
    """(message, its target) where the sender, the status or the times forbid the effect."""
    reused: tuple[Reference, ...]
    """Messages whose sender used one identifier for different messages, which is forbidden."""


def chain(
    messages: Iterable[Alert], at: datetime, default_validity: timedelta = DEFAULT_VALIDITY
) -> Chain:
    """Return the state of every message sent up to ``at``.

    Parameters
    ----------
    messages : iterable of Alert
        Any messages, in any order; the same one may come twice.
    at : datetime
        Aware time of the question.
    default_validity : timedelta
        How long an info without expires lasts after it takes effect.

    Returns
    -------
    Chain
        The same for every order of ``messages``.
    """
    known = sorted(
        {alert for alert in messages if alert.sent <= at},
        key=lambda alert: (alert.sent, alert.sender, alert.identifier, repr(alert)),
    )
    by_name: dict[tuple[str, str], list[Alert]] = {}
    for alert in known:
        by_name.setdefault((alert.sender, alert.identifier), []).append(alert)
    missing: list[Reference] = []
    ignored: list[tuple[Reference, Reference]] = []
    hits: dict[Alert, list[Alert]] = {}
    for actor in known:
        for reference in actor.references:
            target = _find(by_name, reference)
            if target is None:
                missing.append(reference)
            elif actor.msg_type in {"Update", "Cancel"}:
                if _may_act(actor, target):
                    hits.setdefault(target, []).append(actor)
                else:
                    ignored.append((actor.reference, reference))
    states = tuple(_state(alert, hits.get(alert, []), at, default_validity) for alert in known)
    reused = [alert.reference for same in by_name.values() if len(same) > 1 for alert in same]
    return Chain(
        states,
        tuple(dict.fromkeys(missing)),
        tuple(dict.fromkeys(ignored)),
        tuple(dict.fromkeys(reused)),
    )


def lineage(messages: Iterable[Alert], start: Alert) -> tuple[Alert, ...]:
    """Return all messages of the sender of ``start`` that references join to it, oldest first.

    It is what the history of one warning shows, and what the next Update or Cancel has to refer
    to, save the messages that have expired.
    """
    same = {alert for alert in messages if alert.sender == start.sender} | {start}
    by_name = {(alert.sender, alert.identifier): alert for alert in same}
    near: dict[Alert, set[Alert]] = {alert: set() for alert in same}
    for alert in same:
        for reference in alert.references:
            other = by_name.get((reference.sender, reference.identifier))
            if other is not None:
                near[alert].add(other)
                near[other].add(alert)
    found, waiting = {start}, [start]
    while waiting:
        for other in near[waiting.pop()] - found:
            found.add(other)
            waiting.append(other)
    return tuple(sorted(found, key=lambda alert: (alert.sent, alert.identifier)))


def in_force(
    messages: Iterable[Alert],
    at: datetime,
    *,
    statuses: Iterable[str] = ("Actual",),
    default_validity: timedelta = DEFAULT_VALIDITY,
) -> tuple[State, ...]:
    """Return the messages of ``statuses`` that people have to heed at ``at``, oldest first."""
    wanted = set(statuses) - {"Draft"}
    return tuple(
        state
        for state in chain(messages, at, default_validity).states
        if state.is_in_force and state.alert.status in wanted
    )


def _find(by_name: Mapping[tuple[str, str], list[Alert]], reference: Reference) -> Alert | None:
    """Find by sender and identifier; sent decides only where an identifier was used twice."""
    named = by_name.get((reference.sender, reference.identifier), [])
    exact = [alert for alert in named if alert.sent == reference.sent]
    return exact[0] if exact else named[0] if len(named) == 1 else None


def _may_act(actor: Alert, target: Alert) -> bool:
    return (
        actor.sender == target.sender
        and actor.status == target.status
        and target.sent <= actor.sent
        and actor.identifier != target.identifier
    )


def _state(alert: Alert, hit_by: list[Alert], at: datetime, default: timedelta) -> State:
    fate: Fate = "current"
    if alert.msg_type not in {"Alert", "Update"} or alert.status == "Draft":
        fate = "no warning"
    elif any(actor.msg_type == "Cancel" for actor in hit_by):
        fate = "cancelled"
    elif hit_by:
        fate = "superseded"
    infos = tuple(_info_state(info, alert.sent, at, default) for info in alert.info)
    return State(alert, fate, tuple(actor.reference for actor in hit_by), infos)


def _info_state(info: Info, sent: datetime, at: datetime, default: timedelta) -> InfoState:
    since = info.effective or sent
    until = info.expires or since + default
    word: Word = "in force"
    if "AllClear" in info.response_type or info.urgency == "Past":
        word = "over"
    elif at >= until:
        word = "expired"
    elif at < since:
        word = "to come"
    return InfoState(info, word, since, until, info.expires is None)
