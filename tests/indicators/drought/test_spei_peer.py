"""SPEI against another library, on the same rain and evapotranspiration."""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.indicators.drought import spei


@pytest.mark.slow
@pytest.mark.parametrize("scale", [3, 6, 12])
@pytest.mark.parametrize(("distribution", "suffix"), [("pearson3", ""), ("gamma", "_gamma")])
def test_climate_indices(table, scale, distribution, suffix):
    """Written to ten significant figures."""
    rows = table("spei_peer.csv")
    got = spei(
        rows["precip_mm"],
        rows["pet_mm"],
        scale_months=scale,
        first_month=1,
        distribution=distribution,
    )
    np.testing.assert_allclose(got, rows[f"spei_{scale}{suffix}"], atol=1e-9)
    assert np.isfinite(got).sum() == 480 - scale + 1


def test_a_balance_that_no_gamma_can_hold_is_undefined():
    rain = np.random.default_rng(3).gamma(2.0, 40.0, 480)
    evaporated = np.full(480, 90.0)
    evaporated[400] = 1200.0
    got = spei(rain, evaporated, scale_months=3, first_month=1, distribution="gamma")
    assert np.isnan(got[400:403]).all()
    assert np.isfinite(got[403:]).all()


def test_an_unknown_distribution_is_refused():
    with pytest.raises(ValueError, match="distribution is 'normal'; give 'gamma' or 'pearson3'"):
        spei([1.0], [1.0], scale_months=1, first_month=1, distribution="normal")
