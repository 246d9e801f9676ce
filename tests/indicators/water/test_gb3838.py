"""Classes of surface water at the limits of the table."""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.indicators.standards import standard_on
from tocsin.indicators.water import water_class

ROWS = {row["item"]: row for row in standard_on("gb3838").rows}


@pytest.mark.parametrize(
    ("item", "value", "expected"),
    [
        ("DO", 8.0, 1), ("DO", 7.5, 1), ("DO", 7.4, 2), ("DO", 2.0, 5), ("DO", 1.9, 6),
        ("CODMn", 2.0, 1), ("CODMn", 2.1, 2), ("CODMn", 15.0, 5), ("CODMn", 15.1, 6),
        ("NH3-N", 0.0, 1), ("COD", 15.0, 1), ("COD", 15.1, 3), ("Hg", 0.0002, 4),
        ("DO", -1.0, np.nan), ("COD", np.inf, np.nan), ("COD", np.nan, np.nan),
    ],
)  # fmt: skip
def test_by_hand(item, value, expected):
    np.testing.assert_equal(water_class(value, item=item), expected)


@pytest.mark.parametrize("item", sorted(ROWS))
def test_a_limit_belongs_to_the_better_class(item):
    limits = [float(ROWS[item][name]) for name in ("I", "II", "III", "IV", "V")]
    got = water_class(limits, item=item)
    assert got.tolist() == [limits.index(limit) + 1 for limit in limits]


def test_an_unknown_item_is_refused():
    with pytest.raises(LookupError, match="item is 'gold'; give one of DO, "):
        water_class(1.0, item="gold")
