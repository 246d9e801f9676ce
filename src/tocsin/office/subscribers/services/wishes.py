"""What somebody asks for, and writing it to a subscription."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from tocsin.errors import StateError
from tocsin.exposure import cell_of, middle_of
from tocsin.office.places.models import Area, Region

from ..addresses import checked
from ..contacts import sealed
from ..models import AreaChoice, Cell, Notice, Subscription
from ..rules import CONFIRM_WITHIN, TERMS

__all__ = ["Wish", "ask_to_confirm", "covering", "grant", "opened_for", "unknown_areas", "write"]


@dataclass(frozen=True, slots=True)
class Wish:
    """Which warnings are asked for. ``place`` is longitude and latitude, kept as a cell only."""

    language: str
    min_level: int
    hazards: tuple[str, ...] = ()
    area_codes: tuple[str, ...] = ()
    place: tuple[float, float] | None = None


def opened_for(
    region: Region, kind: str, name: str, channel: str, address: str, wish: Wish, at: datetime
) -> Subscription:
    """Write a pending subscription with its address sealed; the caller is in a transaction."""
    row = Subscription(
        kind=kind, name=name, channel=channel, created_at=at, expires_at=at + CONFIRM_WITHIN
    )
    row.address = sealed(checked(channel, address), row.number)
    write(region, row, wish)
    return row


def write(region: Region, row: Subscription, wish: Wish) -> None:
    """Write a wish to a subscription and save it.

    Raises
    ------
    StateError
        Nothing was chosen, or something that this region does not have.
    """
    _check(region, wish)
    row.language, row.min_level = wish.language, wish.min_level
    row.hazards = f",{','.join(sorted(set(wish.hazards)))}," if wish.hazards else ""
    row.place = _cell(*wish.place) if wish.place else None
    row.save()
    chosen = set(wish.area_codes)
    row.areas.exclude(area_code__in=chosen).delete()
    known = set(row.areas.values_list("area_code", flat=True))
    AreaChoice.objects.bulk_create(
        AreaChoice(subscription=row, area_code=code) for code in sorted(chosen - known)
    )


def grant(row: Subscription, at: datetime) -> None:
    """Let a subscription stand from ``at`` for its term, as confirmed."""
    row.state, row.confirmed_at = Subscription.CONFIRMED, row.confirmed_at or at
    row.expires_at = at + TERMS[row.kind]
    row.save(update_fields=["state", "confirmed_at", "expires_at"])


def ask_to_confirm(row: Subscription, at: datetime) -> None:
    """Put a confirmation where the room that sends takes it."""
    Notice.objects.create(
        subscription=row, kind=Notice.CONFIRM, language=row.language, created_at=at, due_at=at
    )


def _check(region: Region, wish: Wish) -> None:
    if not wish.area_codes and wish.place is None:
        raise StateError("No area and no place was chosen; choose one of them at least.")
    if wish.language not in region.languages:
        raise StateError(f"{wish.language!r} is none of {', '.join(region.languages)}.")
    if wish.min_level not in (1, 2, 3, 4):
        raise StateError(f"{wish.min_level} is no level; they run from 1, blue, to 4, red.")
    if unknown := unknown_areas(wish.area_codes):
        raise StateError(f"This region has no area {', '.join(unknown)}.")


def covering(areas: Iterable[str]) -> Callable[[str], bool]:
    """Return a function that says of an area code whether the area holds all these areas.

    Who asked for the whole region or for a place is the business of posts for the whole region.
    """
    asked = set(areas)

    def covers(area_code: str) -> bool:
        area = Area.objects.filter(code=area_code).first()
        if area is None or not asked:
            return False
        below = Area.objects.filter(path__startswith=area.path).values_list("code", flat=True)
        return asked <= set(below)

    return covers


def unknown_areas(codes: Iterable[str]) -> list[str]:
    """Return the codes that are no area of this region."""
    asked = set(codes)
    found = Area.objects.filter(code__in=asked).values_list("code", flat=True)
    return sorted(asked - {AreaChoice.EVERYWHERE, *found})


def _cell(lon: float, lat: float) -> Cell:
    """Return the cell of a place; the place itself is forgotten here."""
    row, column = cell_of(lon, lat)
    middle = middle_of(row, column)
    facts = {"lon": middle[0], "lat": middle[1]}
    cells = Cell.objects.select_for_update()  # so that no purge takes it away meanwhile
    return cells.get_or_create(row=row, column=column, defaults=facts)[0]
