"""A reliability picture as plain numbers: points against the diagonal, counts below. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from tocsin.triggers.scores import Reliability

__all__ = ["Picture", "Point", "picture"]

SIDE, LEFT, TOP = 260, 44, 12
BARS = 54
"""Height of the counts below the square."""
GAP = 34


@dataclass(frozen=True, slots=True)
class Point:
    """One bin: where its point and its bar stand, and what they say, in percent and cases."""

    x: float
    y: float
    said: int
    came: int
    count: int
    from_: int
    to: int
    bar_x: float
    bar_width: float
    bar_y: float
    bar_height: float


@dataclass(frozen=True, slots=True)
class Picture:
    """All that the template prints, in view-box units."""

    points: tuple[Point, ...]
    line: str
    ticks: tuple[tuple[float, float, int], ...]
    """x and y of a share on both axes, and the share in percent."""
    left: int = LEFT
    top: int = TOP
    right: int = LEFT + SIDE
    floor: int = TOP + SIDE
    bars_top: int = TOP + SIDE + GAP
    bars_floor: int = TOP + SIDE + GAP + BARS
    width: int = LEFT + SIDE + 26
    height: int = TOP + SIDE + GAP + BARS + 22


def picture(of: Reliability) -> Picture | None:
    """Return the picture of a reliability; None where no bin has a case."""
    most = int(of.count.max(initial=0))
    if not most:
        return None
    points = []
    for row, count in enumerate(of.count.tolist()):
        if not count:
            continue
        first, end = float(of.edges[row]), float(of.edges[row + 1])
        said, came = float(of.forecast[row]), float(of.happened[row])
        height = max(1.5, round(BARS * count / most, 1))
        points.append(
            Point(
                x=_x(said),
                y=_y(came),
                said=round(100 * said),
                came=round(100 * came),
                count=count,
                from_=round(100 * first),
                to=round(100 * end),
                bar_x=round(_x(first) + 2, 1),
                bar_width=round(_x(end) - _x(first) - 4, 1),
                bar_y=round(TOP + SIDE + GAP + BARS - height, 1),
                bar_height=height,
            )
        )
    line = " ".join(f"{one.x:g},{one.y:g}" for one in points)
    ticks = tuple((_x(share / 100), _y(share / 100), share) for share in range(0, 101, 20))
    return Picture(tuple(points), line, ticks)


def _x(share: float) -> float:
    return round(LEFT + SIDE * share, 1)


def _y(share: float) -> float:
    return round(TOP + SIDE * (1 - share), 1)
