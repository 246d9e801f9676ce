"""Every quantity a feed can bring has a word in both languages and a sign for its unit."""

from __future__ import annotations

import pytest
from django.utils import translation

from tocsin.intake import QUANTITIES
from tocsin.office.atlas.wording import display_value, quantity_word, unit_symbol, value_text
from tocsin.office.watch.labels import quantity_name

CANONICAL = {one.unit for one in QUANTITIES.values()}


@pytest.mark.parametrize("name", QUANTITIES)
def test_it_has_a_word_of_its_own_in_both_languages(name: str) -> None:
    with translation.override("en"):
        english = (quantity_word(name), quantity_name(name))
    with translation.override("zh-hans"):
        chinese = (quantity_word(name), quantity_name(name))
    for word in english:
        assert word.isascii()
        assert "_" not in word
    for word in chinese:
        assert any("\u4e00" <= letter <= "\u9fff" for letter in word)


@pytest.mark.parametrize("unit", sorted(CANONICAL))
def test_its_unit_is_printed_as_a_sign_and_not_as_code(unit: str) -> None:
    assert unit_symbol(unit)
    assert not set(unit_symbol(unit)) & set("-_*^")
    assert " " not in unit_symbol(unit)
    assert value_text(12.0, unit).endswith(unit_symbol(unit))


def test_no_two_quantities_are_called_alike() -> None:
    for language in ("en", "zh-hans"):
        with translation.override(language):
            words = [quantity_word(name) for name in QUANTITIES]
        assert len(set(words)) == len(words)


def test_values_of_a_day_are_shown_in_the_units_of_the_region() -> None:
    shown = display_value(
        20.0, "air_temperature (time: maximum over a day)", "degC", {"temperature": "degF"}
    )
    assert shown == (pytest.approx(68.0), "degF")
    assert display_value(1.5, "surface_snow_thickness", "cm", {"rain": "inch"}) == (1.5, "cm")
