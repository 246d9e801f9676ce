"""Scores against published tables, and what is not known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tocsin.errors import ShapeError
from tocsin.triggers.scores import Table, bootstrap, brier, reliability, table_of

# Finley's tornado forecasts of 1884, the most quoted table of the field: JWGFVR, "Methods for
# dichotomous forecasts"; Wilks (2011), example 8.1 and table 8.1.
FINLEY = Table(hits=28, misses=23, false_alarms=72, correct_negatives=2680)
# The rain example of the same JWGFVR page: 82 hits, 38 false alarms, 23 misses, 222 dry.
RAIN = Table(hits=82, misses=23, false_alarms=38, correct_negatives=222)


@pytest.mark.validation
@pytest.mark.parametrize(
    ("table", "score", "published", "digits"),
    [
        (FINLEY, "pod", 0.549, 3),
        (FINLEY, "far", 0.720, 3),
        (FINLEY, "csi", 0.228, 3),
        (FINLEY, "bias", 1.96, 2),
        (FINLEY, "pofd", 0.0262, 4),
        (FINLEY, "hss", 0.355, 3),
        (FINLEY, "pss", 0.523, 3),
        (FINLEY, "ets", 0.216, 3),
        (RAIN, "pod", 0.78, 2),
        (RAIN, "far", 0.32, 2),
        (RAIN, "csi", 0.57, 2),
        (RAIN, "bias", 1.14, 2),
        (RAIN, "pofd", 0.15, 2),
        (RAIN, "ets", 0.44, 2),
        (RAIN, "pss", 0.63, 2),
        (RAIN, "hss", 0.61, 2),
    ],
)
def test_published_tables(table, score, published, digits) -> None:
    assert round(getattr(table, score), digits) == published


def test_what_cannot_be_known_is_nan() -> None:
    nothing = Table(0, 0, 0)
    for score in ("pod", "far", "csi", "bias", "pofd", "pss", "hss", "ets"):
        assert math.isnan(getattr(nothing, score)), score
    assert Table(0, 3, 0).pod == 0
    assert math.isnan(Table(0, 3, 0).far)


def test_a_sum_of_tables_knows_quiet_only_where_both_do() -> None:
    assert Table(110, 46, 110, 2902) == FINLEY + RAIN
    assert (FINLEY + Table(1, 0, 0)).correct_negatives is None


def test_cells_are_counted_where_they_are_known() -> None:
    warned = [[True, True], [False, False]]
    happened = [[True, False], [True, False]]
    assert table_of(warned, happened) == Table(1, 1, 1, 1)
    assert table_of(warned, happened, [[True, False], [False, True]]) == Table(1, 0, 0, 1)
    with pytest.raises(ShapeError, match="expected one shape"):
        table_of(warned, [True])


def test_the_interval_covers_the_score_and_is_the_same_each_time() -> None:
    blocks = [Table(1, 0, 0)] * 12 + [Table(0, 1, 0)] * 8
    one = bootstrap(blocks, lambda table: table.pod)
    assert one == bootstrap(blocks, lambda table: table.pod)
    assert one.low < one.value == 0.6 < one.high
    # The binomial's own 95 % interval of 12 in 20 is 0.36 to 0.81 (Clopper and Pearson).
    assert 0.33 < one.low < 0.45
    assert 0.75 < one.high < 0.85


def test_one_block_has_no_interval() -> None:
    only = bootstrap([Table(1, 1, 0)], lambda table: table.pod)
    assert only.value == 0.5
    assert math.isnan(only.low)
    assert math.isnan(bootstrap([], lambda table: table.pod).value)


def test_reliability_by_hand() -> None:
    found = reliability([0.1, 0.1, 0.1, 0.9, 0.9, 1.0, math.nan], [0, 0, 1, 1, 1, 1, 1], bins=2)
    assert found.count.tolist() == [3, 3]
    np.testing.assert_allclose(found.forecast, [0.1, 2.8 / 3])
    np.testing.assert_allclose(found.happened, [1 / 3, 1])
    np.testing.assert_allclose(brier([0.1, 0.9], [0, 1]), 0.01)


def test_percent_is_refused() -> None:
    with pytest.raises(ValueError, match="probability 30 lies outside"):
        brier([30], [1])
