"""Each indicator does with missing rows what its rule of gaps says, and says it in words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tocsin.indicators.catalogue import CATALOGUE
from tocsin.indicators.gaps import Gaps

from .over import over_the_catalogue
from .test_contract import ROWS, extras, sample

NAN = np.nan
LAST = ROWS - 1
BY_RULE: dict[str, list[str]] = {}
for _entry in CATALOGUE.values():
    BY_RULE.setdefault(_entry.gaps.rule, []).append(_entry.id)


def entries(rule):
    """Return the ids of a rule; a rule that no entry has is a rule to take away."""
    return pytest.mark.parametrize("name", sorted(BY_RULE[rule]))


def broken(entry, rows, arguments=None):
    """Compute with ``rows`` missing in all inputs, or in those named."""
    inputs = sample(entry)
    for argument in arguments or inputs:
        inputs[argument][rows] = NAN
    return np.asarray(entry.compute(**inputs, **extras(entry)), dtype=np.float64)


def whole(entry):
    return np.asarray(entry.compute(**sample(entry), **extras(entry)), dtype=np.float64)


def past(entry):
    return entry.gaps.arguments or tuple(entry.inputs)


def test_every_rule_is_tested_here():
    source = Path(__file__).read_text(encoding="utf-8")
    assert [rule for rule in BY_RULE if f'@entries("{rule}")' not in source] == []


@over_the_catalogue
def test_the_rule_is_a_sentence_in_both_languages(entry):
    text = entry.gaps.text
    assert text["en"].endswith(".")
    assert text["zh-Hans"].endswith("。")
    assert "{" not in "".join(text.values())


def test_a_whole_window_is_said_in_its_own_words():
    assert Gaps("window", 3).text["en"] == "All of the last 3 rows must be there."


@entries("row")
def test_only_the_row_itself_is_undefined(name):
    entry = CATALOGUE[name]
    got, expected = broken(entry, [100]), whole(entry)
    assert np.isnan(got[100])
    np.testing.assert_array_equal(np.delete(got, 100), np.delete(expected, 100))


@entries("window")
def test_as_many_rows_of_the_window_may_be_missing_and_no_more(name):
    entry = CATALOGUE[name]
    allowed = range(LAST - entry.gaps.tolerated, LAST)
    one_more = [*allowed, LAST - entry.gaps.tolerated - (entry.gaps.rows > 1)]
    for argument in past(entry):
        assert np.isfinite(broken(entry, list(allowed), [argument])[LAST])
        assert np.isnan(broken(entry, sorted({*one_more, LAST}), [argument])[LAST])
        if entry.gaps.rows > entry.gaps.tolerated + 1:
            assert np.isnan(broken(entry, one_more, [argument])[LAST])


@entries("window")
def test_rows_older_than_the_window_do_not_count(name):
    entry = CATALOGUE[name]
    older = slice(0, ROWS - entry.gaps.rows)
    assert np.isfinite(broken(entry, older, past(entry))[LAST])


@entries("ends")
def test_both_ends_count_and_nothing_between(name):
    entry = CATALOGUE[name]
    first = LAST - entry.gaps.rows + 1
    assert np.isfinite(broken(entry, slice(first + 1, LAST))[LAST])
    assert np.isnan(broken(entry, [first])[LAST])
    assert np.isnan(broken(entry, [LAST])[LAST])


@entries("still")
def test_the_state_stands_still_over_the_row(name):
    """A missing row gives what leaving it out gives; leaving rows out is told by ``time``."""
    entry = CATALOGUE[name]
    inputs = sample(entry)
    needs = extras(entry)
    kept = np.delete(np.arange(ROWS), 100)
    shorter = {argument: values[kept] for argument, values in inputs.items()}
    fewer = {**needs, "time": needs["time"][kept]} if "time" in needs else needs
    got = broken(entry, [100])
    assert np.isnan(got[100])
    expected = np.asarray(entry.compute(**shorter, **fewer))
    np.testing.assert_allclose(got[kept], expected, rtol=1e-12)


@entries("recedes")
def test_the_state_recedes_over_the_row(name):
    entry = CATALOGUE[name]
    inputs = sample(entry)
    inputs["rain"][100] = 0.0
    got = broken(entry, [100])
    expected = np.asarray(entry.compute(**inputs))
    assert np.isnan(got[100])
    np.testing.assert_array_equal(np.delete(got, 100), np.delete(expected, 100))


@entries("streak")
def test_a_missing_day_breaks_a_run(name):
    warm, cold = np.full(3, 15.0), np.full(3, 15.0)
    cold[1] = NAN
    entry = CATALOGUE[name]
    assert entry.compute(temperature=warm)[2] == 1.0
    assert entry.compute(temperature=[15.0, NAN, 15.0, 15.0])[3] == 0.0
    assert np.isnan(entry.compute(temperature=cold)[1])


@entries("recent")
def test_two_of_the_last_three_rows_are_enough(name):
    entry = CATALOGUE[name]
    assert np.isfinite(broken(entry, slice(LAST - 11, LAST - 1))[LAST])
    assert np.isnan(broken(entry, [LAST, LAST - 1])[LAST])


@entries("durations")
def test_short_durations_answer_for_long_ones(name):
    entry = CATALOGUE[name]
    assert np.isfinite(broken(entry, slice(0, LAST))[LAST])
    assert np.isfinite(broken(entry, [LAST])[LAST])
    assert np.isnan(broken(entry, slice(ROWS - entry.gaps.rows, ROWS))[LAST])


@entries("baseline")
def test_the_baseline_has_to_be_whole(name):
    entry = CATALOGUE[name]
    assert np.isnan(broken(entry, [LAST])[LAST])
    assert np.isnan(broken(entry, [LAST - entry.gaps.rows])[LAST])
    assert np.isfinite(broken(entry, slice(0, LAST - 9))[LAST])


@entries("half")
def test_half_of_the_weeks_compared_with_are_enough(name):
    entry = CATALOGUE[name]
    year = np.arange(LAST - 52 - 3, LAST - 52 + 4)
    assert np.isfinite(broken(entry, np.concatenate([year, year - 52]))[LAST])
    assert np.isnan(broken(entry, np.concatenate([year, year - 52, year - 104]))[LAST])
    assert np.isnan(broken(entry, [LAST])[LAST])


@entries("months")
def test_all_months_of_the_sum_and_twenty_years(name):
    entry = CATALOGUE[name]
    for argument in entry.inputs:
        assert np.isnan(broken(entry, [ROWS - entry.gaps.rows], [argument])[LAST])
    assert np.isfinite(broken(entry, [LAST - entry.gaps.rows])[LAST])
    assert np.isnan(broken(entry, slice(0, ROWS - 19 * 12))[LAST])


@entries("spell")
def test_the_past_counts_until_the_last_wet_day(name):
    entry = CATALOGUE[name]
    inputs = sample(entry)
    inputs["rain"][:] = 0.0
    inputs["rain"][LAST - 4] = 5.0
    inputs["rain"][LAST - 5] = NAN
    assert np.isfinite(entry.compute(**inputs, **extras(entry))[LAST])
    inputs["rain"][LAST - 4] = 0.0
    assert np.isnan(entry.compute(**inputs, **extras(entry))[LAST])


@entries("mean")
def test_a_mean_leaves_out_as_many_rows_and_no_more(name):
    entry = CATALOGUE[name]
    allowed = list(range(LAST - entry.gaps.tolerated, LAST))
    assert np.isfinite(broken(entry, allowed)[LAST])
    assert np.isnan(broken(entry, [*allowed, LAST])[LAST])
    assert np.isfinite(broken(entry, slice(0, ROWS - entry.gaps.rows))[LAST])


@entries("day")
def test_each_day_needs_its_value_at_whichever_hour(name):
    entry = CATALOGUE[name]
    newest = np.arange(ROWS - 24, ROWS)
    for hour in (ROWS - 24, ROWS - 9, LAST):
        assert np.isfinite(broken(entry, newest[newest != hour])[LAST])
    for day in range(entry.gaps.rows // 24):
        assert np.isnan(broken(entry, newest - 24 * day)[LAST])
    assert np.isfinite(broken(entry, slice(0, ROWS - entry.gaps.rows))[LAST])


@entries("any")
def test_what_is_there_decides(name):
    entry = CATALOGUE[name]
    for argument in entry.inputs:
        inputs = {one: np.array([0.05 if one == argument else NAN]) for one in entry.inputs}
        assert np.isfinite(entry.compute(**inputs)).all()
    assert np.isnan(broken(entry, [100])[100])
