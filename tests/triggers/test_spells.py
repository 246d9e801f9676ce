from __future__ import annotations

import numpy as np

from tocsin.triggers.rules import Level
from tocsin.triggers.spells import Spell, spells

from .make import column


def test_each_run_at_one_level_is_a_spell_with_its_worst_hour():
    levels = np.array([[0], [1], [1], [2], [0], [1]], np.int8)
    values = column(20, 31, 33, 36, 20, 30)
    assert spells(levels, values, low_is_bad=False) == [
        Spell(0, Level.BLUE, 1, 2, 2),
        Spell(0, Level.YELLOW, 3, 3, 3),
        Spell(0, Level.BLUE, 5, 5, 5),
    ]


def test_low_is_bad_turns_the_peak():
    levels = np.array([[1], [1], [1]], np.int8)
    assert spells(levels, column(-5, -9, -7), low_is_bad=True)[0].peak == 1


def test_nothing_gives_nothing():
    assert spells(np.zeros((0, 2), np.int8), np.zeros((0, 2)), low_is_bad=False) == []
    assert spells(np.zeros((5, 2), np.int8), np.zeros((5, 2)), low_is_bad=False) == []
