"""Verbs on sources, and the one place that keeps what came from them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from urllib.parse import urlsplit

from django.db import transaction
from django.utils.translation import gettext as _

from tocsin.cap import Alert
from tocsin.cap.catalogue import errors
from tocsin.cap.chain import DEFAULT_VALIDITY
from tocsin.cap.parse import parse
from tocsin.cap.verify import read_certificates, verify
from tocsin.errors import AddressRefusedError, CapError, StateError
from tocsin.net.guard import Allowed, check_address
from tocsin.office.audit.services import record
from tocsin.office.people.models import User
from tocsin.office.people.rules import MACHINE
from tocsin.office.people.services import require

from .models import ReceivedMessage, Refusal, Source
from .mqtt import login_of
from .shapes import geometry_of
from .signals import warning_received

__all__ = ["Fate", "NewSource", "add_source", "receive", "refuse", "set_enabled"]

Fate = Literal["new", "known", "conflict", "refused"]

REFUSALS_KEPT = 200
"""Of each source; older ones go, since a hostile source could send a new one every second."""
EVERY_S = (10, 86_400)
YEARS = (1970, 2200)
SEVERITIES = ("Extreme", "Severe", "Moderate", "Minor", "Unknown")


@dataclass(frozen=True, slots=True)
class NewSource:
    """What is asked of somebody who adds a source."""

    name: str
    address: str
    issuers: str = ""
    language: str = ""
    every_s: int = 60
    stale_after_s: int = 900


@transaction.atomic
def add_source(
    new: NewSource, *, by: User | str, at: datetime, wall: datetime | None = None
) -> Source:
    """Add a source; it is polled from ``wall`` on (``at`` if the region is live).

    Raises
    ------
    NotAllowedError
        ``by`` holds no post that may.
    AddressRefusedError, CapError, StateError
        The address must not be called, the certificates cannot be read, a number is out of its
        limits, or the name or address is taken.
    """
    actor = require("manage_sources", by)
    kind = _kind(new.address)
    if new.issuers.strip():
        read_certificates(new.issuers.encode())
    if not new.name.strip():
        raise StateError(_("A source needs a name: the authority's own."))
    if not EVERY_S[0] <= new.every_s <= EVERY_S[1]:
        raise StateError(
            _("A source is polled every %(least)d to %(most)d s.")
            % {"least": EVERY_S[0], "most": EVERY_S[1]}
        )
    if new.stale_after_s < new.every_s:
        raise StateError(_("A source cannot be late before its next poll is due."))
    for field, value in (("name", new.name.strip()), ("address", new.address)):
        if Source.objects.filter(**{field: value}).exists():
            raise StateError(_("There is a source called “%s” already.") % value)
    source = Source.objects.create(
        name=new.name.strip(),
        address=new.address,
        kind=kind,
        issuers=new.issuers.strip(),
        language=new.language,
        every_s=new.every_s,
        stale_after_s=new.stale_after_s,
        next_poll_at=wall or at,
    )
    detail = {"address": source.address, "pinned": bool(source.issuers)}
    record("add_source", source, by=actor, at=at, object_id=source.name, detail=detail)
    return source


def _kind(address: str) -> str:
    """Return the kind of an address that may be called."""
    parts = urlsplit(address)
    if parts.scheme not in {"mqtt", "mqtts"}:
        check_address(address, allow=Allowed.from_environment())
        return Source.WEB
    login_of(address)
    if not parts.hostname or not parts.path.strip("/"):
        raise AddressRefusedError(  # never quoted whole: it may hold a password
            f"{parts.scheme}://{parts.hostname or ''} … must be mqtt://host/topic or "
            "mqtts://host:port/topic."
        )
    return Source.MQTT


@transaction.atomic
def set_enabled(source: Source, enabled: bool, *, by: User | str, at: datetime) -> Source:
    """Begin or stop polling a source; what came from it stays, and no longer counts meanwhile."""
    actor = require("manage_sources", by)
    source = Source.objects.select_for_update().get(pk=source.pk)
    if source.is_enabled != enabled:
        source.is_enabled = enabled
        source.save(update_fields=["is_enabled"])
        verb = "enable_source" if enabled else "disable_source"
        record(verb, source, by=actor, at=at, object_id=source.name)
    return source


@transaction.atomic
def receive(source: Source, raw: bytes, *, address: str, at: datetime) -> Fate:
    """Keep one message as it came, or the reason why it was not taken.

    The same bytes again change nothing. Other bytes under the same sender and identifier are
    kept beside the first ones, and both are flagged: CAP forbids it, so one of them is wrong.
    """
    Source.objects.select_for_update().get(pk=source.pk)
    sha256 = hashlib.sha256(raw).hexdigest()
    if source.messages.filter(sha256=sha256).exists():
        return "known"
    try:
        read = parse(raw, strict=False)
        verdict = verify(raw, read_certificates(source.issuers.encode()) if source.issuers else [])
        columns = _columns(read.alert)
    except CapError as error:
        refuse(source, raw, address=address, reason=str(error), at=at)
        return "refused"
    same = source.messages.filter(sender=read.alert.sender, identifier=read.alert.identifier)
    is_conflict = bool(same.update(is_conflict=True))
    message = ReceivedMessage.objects.create(
        source=source,
        address=address[:1000],
        raw=raw,
        sha256=sha256,
        first_seen_at=at,
        verdict=verdict.word,
        verdict_detail=verdict.reason[:500],
        is_trusted=verdict.word == "valid" or (not source.issuers and verdict.word != "tampered"),
        is_conflict=is_conflict,
        errors=len(errors(read.findings)),
        findings=len(read.findings),
        **columns,
    )
    detail = {"source": source.name, "sha256": sha256, "verdict": verdict.word}
    record(
        "receive_message", message, by=MACHINE, at=at, object_id=read.alert.identifier[:120],
        detail=detail,
    )  # fmt: skip
    warning_received.send(ReceivedMessage, message=message, alert=read.alert, at=at)
    return "conflict" if is_conflict else "new"


def _columns(alert: Alert) -> Mapping[str, Any]:
    """Return what lists and maps need of a message."""
    for name in ("identifier", "sender"):
        if len(getattr(alert, name)) > 300:
            raise CapError(f"{name} has {len(getattr(alert, name))} characters; at most 300.")
    if alert.status == "Draft":
        raise CapError("status Draft: a draft is nobody's message yet.")
    times = [alert.sent, *(r.sent for r in alert.references)]
    times += [t for i in alert.info for t in (i.effective, i.onset, i.expires) if t]
    if wrong := [time for time in times if not YEARS[0] <= time.year <= YEARS[1]]:
        raise CapError(f"the year {wrong[0].year} lies outside {YEARS[0]} to {YEARS[1]}.")
    ends = [
        info.expires or (info.effective or alert.sent) + DEFAULT_VALIDITY for info in alert.info
    ]
    severities = {info.severity for info in alert.info}
    places = dict.fromkeys(area.area_desc for info in alert.info for area in info.area)
    return {
        "identifier": alert.identifier,
        "sender": alert.sender,
        "sent_at": alert.sent,
        "expires_at": max(ends, default=alert.sent),
        "status": alert.status,
        "scope": alert.scope,
        "msg_type": alert.msg_type,
        "references": [[r.sender, r.identifier, r.sent.isoformat()] for r in alert.references],
        "headlines": {
            info.language or "en-US": (info.headline or info.event)[:500] for info in alert.info
        },
        "severity": next((one for one in SEVERITIES if one in severities), ""),
        "area_desc": "; ".join(places)[:500],
        "geometry": geometry_of(alert),
    }


@transaction.atomic
def refuse(source: Source, raw: bytes, *, address: str, reason: str, at: datetime) -> None:
    """Keep why bytes were not taken, not the bytes; the same ones again are counted."""
    sha256 = hashlib.sha256(raw).hexdigest()
    again = source.refusals.filter(sha256=sha256).first()
    if again:
        again.times, again.last_at = again.times + 1, at
        again.save(update_fields=["times", "last_at"])
        return
    Refusal.objects.create(
        source=source,
        address=address[:1000],
        sha256=sha256,
        size=len(raw),
        reason=" ".join(reason.split())[:500],
        first_at=at,
        last_at=at,
    )
    kept = source.refusals.order_by("-last_at", "-pk").values_list("pk", flat=True)
    source.refusals.exclude(pk__in=list(kept[:REFUSALS_KEPT])).delete()
