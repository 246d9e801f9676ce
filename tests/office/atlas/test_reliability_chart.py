"""The picture of a reliability diagram."""

from __future__ import annotations

from tocsin.office.atlas.reliability_chart import picture
from tocsin.triggers.scores import reliability


def test_the_picture_stands_where_the_numbers_say() -> None:
    """Half said and half came is the middle of the square; a bar for each bin with cases."""
    drawn = picture(reliability([0.5, 0.5, 0.95, 0.95, 0.95], [1, 0, 1, 1, 1]))
    assert drawn is not None
    half, sure = drawn.points
    assert (half.x, half.y) == ((drawn.left + drawn.right) / 2, (drawn.top + drawn.floor) / 2)
    assert (half.said, half.came, half.count, half.from_, half.to) == (50, 50, 2, 50, 60)
    assert (sure.came, sure.y) == (100, drawn.top)
    assert sure.bar_height > half.bar_height
    assert picture(reliability([], [])) is None
