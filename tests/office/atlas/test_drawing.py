"""Maps and charts: shared borders, labels that do not touch, peaks that never vanish."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from shapely.geometry import box

from tests.office.factories import square
from tocsin.office.atlas import charts, maps
from tocsin.triggers.rules import Level

FIRST = datetime(2013, 7, 15, tzinfo=UTC)
ZONE = ZoneInfo("America/New_York")
LIMITS = {Level.YELLOW: 95.0, Level.ORANGE: 100.0, Level.RED: 105.0}


def curve(values, step=timedelta(hours=1)):
    return [(FIRST + step * place, value) for place, value in enumerate(values)]


def drawn(values, **changed):
    rows = curve(values)
    options = {"first": FIRST, "last": rows[-1][0], "zone": ZONE, **changed}
    return charts.draw_chart({"JFK": rows}, LIMITS, **options)


def test_neighbours_keep_a_common_border():
    drawing = maps.draw({"a": square(0.013, 0.0), "b": square(0.313, 0.0)})
    first, second = (shape.outline for shape in drawing.shapes)
    assert first.bounds[2] == second.bounds[0]
    assert first.intersection(second).area == 0


def test_a_map_fits_its_frame():
    for size in ((0.1, 3.0), (3.0, 0.1), (1.0, 1.0)):
        ring = [[0, 0], [size[0], 0], [size[0], size[1]], [0, size[1]], [0, 0]]
        drawing = maps.draw({"a": {"type": "Polygon", "coordinates": [ring]}})
        left, top, right, bottom = drawing.shapes[0].outline.bounds
        assert left >= 0
        assert top >= 0
        assert right <= drawing.width
        assert bottom <= drawing.height


def test_many_parts_and_holes_are_drawn():
    parts = [square(0, 0)["coordinates"], square(1, 1)["coordinates"]]
    drawing = maps.draw({"a": {"type": "MultiPolygon", "coordinates": parts}})
    assert drawing.shapes[0].path.count("M") == 2


def test_nothing_to_draw_is_no_map():
    assert maps.draw({}) is None


@pytest.mark.parametrize("size", [10, 14, 24, 40])
def test_labels_never_touch(size):
    cells = {f"{x}{y}": square(x * 0.3, y * 0.3) for x, y in itertools.product(range(5), range(5))}
    points = {code: (int(code[0]) * 0.3 + 0.15, int(code[1]) * 0.3 + 0.15) for code in cells}
    drawing = maps.draw(cells)
    texts = {code: (f"Long county {code}", "orange") for code in cells}
    labels = maps.place_labels(drawing, texts, points, size)
    assert labels
    rooms = []
    for label in labels:
        wide = max(maps.text_width(line, size) for line in label.lines)
        high = size * len(label.lines)
        rooms.append(
            box(label.x - wide / 2, label.y - high / 2, label.x + wide / 2, label.y + high / 2)
        )
    for one, other in itertools.combinations(rooms, 2):
        assert one.intersection(other).area == 0


def test_chinese_letters_are_wider():
    assert maps.text_width("纽约", 10) > maps.text_width("NY", 10)


def test_bands_lie_over_their_thresholds():
    chart = drawn([90, 96, 102, 99])
    assert [band.level for band in chart.bands] == [Level.YELLOW, Level.ORANGE, Level.RED]
    for lower, upper in itertools.pairwise(chart.bands):
        assert upper.line_y < lower.line_y
        assert lower.label_y - upper.label_y >= charts.LABEL_GAP


def test_a_far_threshold_leaves_the_values_their_room():
    chart = charts.draw_chart(
        {"JFK": curve([1, 2, 11])},
        {Level.BLUE: 10, Level.YELLOW: 15, Level.RED: 900},
        first=FIRST, last=FIRST + timedelta(hours=2), zone=ZONE,
    )  # fmt: skip
    assert [band.level for band in chart.bands] == [Level.BLUE, Level.YELLOW]


def test_the_next_threshold_is_left_out_when_it_is_far():
    chart = charts.draw_chart(
        {"JFK": curve([0, 2, 4])}, {Level.BLUE: 2, Level.RED: 9.8},
        first=FIRST, last=FIRST + timedelta(hours=2), zone=ZONE,
    )  # fmt: skip
    assert [band.level for band in chart.bands] == [Level.BLUE]


def test_the_first_threshold_is_always_shown():
    chart = charts.draw_chart(
        {"JFK": curve([0, 1])}, {Level.BLUE: 90, Level.RED: 100},
        first=FIRST, last=FIRST + timedelta(hours=1), zone=ZONE,
    )  # fmt: skip
    assert [band.level for band in chart.bands] == [Level.BLUE]


def test_bands_of_a_low_rule_lie_under_their_thresholds():
    chart = charts.draw_chart(
        {"JFK": curve([20, 5, -20])}, {Level.YELLOW: 0.0, Level.ORANGE: -15.0},
        first=FIRST, last=FIRST + timedelta(hours=2), zone=ZONE, is_low=True,
    )  # fmt: skip
    yellow, orange = chart.bands
    assert yellow.y == yellow.line_y
    assert orange.line_y > yellow.line_y
    assert yellow.y + yellow.height == pytest.approx(orange.line_y)


def test_a_gap_breaks_the_line():
    rows = [*curve([90, 91, 92]), *((FIRST + timedelta(hours=20 + hour), 95) for hour in range(3))]
    chart = charts.draw_chart(
        {"JFK": rows}, LIMITS, first=FIRST, last=FIRST + timedelta(hours=30), zone=ZONE
    )
    assert len(chart.lines[0].pieces) == 2


def test_a_long_series_keeps_its_peak_and_few_points():
    values = [80.0] * 5000
    values[3333] = 104.0
    chart = drawn(values)
    points = [
        tuple(map(float, p.split(","))) for piece in chart.lines[0].pieces for p in piece.split()
    ]
    assert len(points) < 600
    top = min(y for _x, y in points)
    assert top == pytest.approx(
        chart.floor - (chart.floor - chart.size.top) * (104 - 80) / (105 - 80), abs=0.2
    )


def test_days_are_marked_at_local_midnight():
    chart = drawn([90 + hour % 24 for hour in range(100)])
    assert [tick.value.astimezone(ZONE).hour for tick in chart.time_ticks] == [0] * len(
        chart.time_ticks
    )


def test_days_stay_at_midnight_over_the_change_of_clocks():
    first = datetime(2013, 11, 1, tzinfo=UTC)
    rows = [(first + timedelta(hours=hour), 90.0) for hour in range(120)]
    chart = charts.draw_chart({"JFK": rows}, LIMITS, first=first, last=rows[-1][0], zone=ZONE)
    assert {tick.value.astimezone(ZONE).hour for tick in chart.time_ticks} == {0}
    assert len(chart.time_ticks) == 5


@pytest.mark.parametrize("values", [[None, None], []])
def test_no_value_is_no_chart(values):
    rows = curve(values)
    assert (
        charts.draw_chart(
            {"JFK": rows}, LIMITS, first=FIRST, last=FIRST + timedelta(hours=5), zone=ZONE
        )
        is None
    )


def test_one_constant_value_still_has_an_axis():
    assert len(drawn([95.0, 95.0]).value_ticks) >= 2


def test_the_moment_of_issue_is_marked_where_it_lies_inside():
    inside = FIRST + timedelta(hours=2)
    assert drawn([90, 96, 102, 99], issued=inside).issued.y is not None
    assert drawn([90, 96], issued=FIRST + timedelta(days=3)).issued is None
