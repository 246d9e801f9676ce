"""Whether the area of a post holds all that a message was issued for."""

from __future__ import annotations

from collections.abc import Callable

from shapely.ops import unary_union

from tocsin.exposure import from_circle, from_pairs
from tocsin.office.warnings_desk.models import Message
from tocsin.office.warnings_desk.reach import within

from .fanout import area_of

__all__ = ["covering"]


def covering(message: Message) -> Callable[[str], bool]:
    """Return a function that says of an area code whether the area holds the whole message.

    A message that ends a warning names no level any more: it is for where the warning was.
    """
    where = area_of(message)
    newest = message.warning.messages.order_by("number").exclude(levels={}).last()
    codes = set(where["levels_by_area"]) or set(newest.levels if newest else {})
    drawn = [from_pairs(ring) for ring in where["polygons"]]
    drawn += [from_circle(*one) for one in where["circles"]]
    return within(codes, unary_union(drawn))
