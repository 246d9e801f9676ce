"""Whether the area of a post holds all that a draft is about."""

from __future__ import annotations

from collections.abc import Callable, Set

from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union

from tocsin.office.places.models import Area

from .compose_draft import shape_of
from .content import DraftContent
from .models import Warning

__all__ = ["covering", "within"]

TOLERANCE_DEG = 0.005
"""A ring drawn along the border of one's own county, about 500 m off, is still inside."""


def covering(content: DraftContent, warning: Warning | None) -> Callable[[str], bool]:
    """Return a function that says of an area code whether the area holds the whole draft.

    That is every area the content names, every ring and circle, and every area in which the
    warning it goes on with was in force: a county's officer ends no warning of other counties.
    """
    drawn = shape_of(content.blocks)
    codes = {code for block in content.blocks for code in block.area_codes}
    if warning is not None:
        newest = warning.messages.order_by("sent_at", "number").exclude(levels={}).last()
        codes |= set(newest.levels) if newest else set()
    return within(codes, drawn)


def within(codes: Set[str], drawn: BaseGeometry) -> Callable[[str], bool]:
    """Return a function that says of an area code whether the area holds all of these."""

    def covers(area_code: str) -> bool:
        area = Area.objects.filter(code=area_code).first()
        if area is None:
            return False
        below = Area.objects.filter(path__startswith=area.path)
        if not codes <= set(below.values_list("code", flat=True)):
            return False
        if drawn.is_empty:
            return True
        outlines = below.exclude(geometry=None).values_list("geometry", flat=True)
        whole = unary_union([shape(one) for one in outlines]).buffer(TOLERANCE_DEG)
        return bool(whole.covers(drawn))

    return covers
