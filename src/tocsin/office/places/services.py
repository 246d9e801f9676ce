"""Verbs on the region: load its folder, and stand its clock at an hour."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from tocsin import region as library
from tocsin.errors import StateError
from tocsin.office.audit.services import record
from tocsin.office.people.models import User
from tocsin.office.people.rules import MACHINE
from tocsin.office.people.services import require

from .loading import load_places
from .models import Region

__all__ = ["load_region_folder", "set_clock"]


@transaction.atomic
def load_region_folder(
    folder: Path, *, by: str = MACHINE, at: datetime, read: library.Region | None = None
) -> Region:
    """Read a region folder and make the database say the same; run again, it changes nothing.

    ``read`` is what the caller has just read there: a folder of thousands of stations takes a
    second or two.

    Raises
    ------
    RegionError
        The folder has faults; nothing was written.
    StateError
        This data folder already serves another region.
    """
    read = read or library.load_region(folder)
    if other := Region.objects.exclude(code=read.id).first():
        raise StateError(
            f"This data folder serves the region {other.code}; give {read.id} another with --data."
        )
    known = Region.objects.select_for_update().filter(code=read.id).first()
    if known and known.digest == read.digest:
        return known
    replay = read.replay
    if known and known.is_replay != (replay is not None):
        was, now = ("a replay", "live") if known.is_replay else ("live", "a replay")
        raise StateError(
            f"This data folder serves {read.id} as {was}, and region.toml makes it {now}: one "
            "ledger cannot hold both. Give it another folder with --data."
        )
    region, _ = Region.objects.update_or_create(
        code=read.id,
        defaults={
            "folder": str(folder.resolve()),
            "names": read.name,
            "languages": list(read.languages),
            "time_zone": read.time_zone,
            "display_units": dict(read.units),
            "sender": read.cap.sender,
            "identifier_prefix": read.cap.identifier_prefix,
            "is_signed": read.cap.signed,
            "approval": read.approvals.model_dump(),
            "area_method": read.area_method.text,
            "is_replay": replay is not None,
            "replay_first": replay.first if replay else None,
            "replay_last": replay.last if replay else None,
            "digest": read.digest,
        },
    )
    load_places(read)
    record(
        "load_region", region, by=by, at=at, object_id=region.code, detail={"digest": read.digest}
    )
    return region


@transaction.atomic
def set_clock(region: Region, to: datetime, *, by: User | str, moment: datetime) -> Region:
    """Stand a replay region's clock at ``to``; its public pages then show that hour.

    Raises
    ------
    NotAllowedError
        ``by`` is not a duty officer.
    StateError
        The region is live, or ``to`` lies outside what has been replayed.
    """
    actor = require("set_clock", by)
    region = Region.objects.select_for_update().get(pk=region.pk)
    if not region.is_replay or region.replay_first is None:
        raise StateError(_("A live region has no clock to set: it shows the present."))
    last = region.replayed_until or region.replay_first
    if not region.replay_first <= to <= last:
        raise StateError(
            _("%(hour)s UTC has not been replayed; choose an hour from %(first)s to %(last)s UTC.")
            % {
                "hour": f"{to:%Y-%m-%d %H:%M}",
                "first": f"{region.replay_first:%Y-%m-%d %H:%M}",
                "last": f"{last:%Y-%m-%d %H:%M}",
            }
        )
    before, region.clock_at = region.clock_at, to
    region.save(update_fields=["clock_at"])
    detail = {"from": before.isoformat() if before else None, "to": to.isoformat()}
    record("set_clock", region, by=actor, at=moment, object_id=region.code, detail=detail)
    return region
