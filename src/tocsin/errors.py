"""The whole error tree of Tocsin.

Every error says which value was wrong, where it stands, what the limit is and what to do.
Several faults of one input are gathered as :class:`Fault` rows, so that a person mends a file
in one go and not one line a run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = [
    "AddressRefusedError",
    "CapError",
    "ConflictError",
    "DraftError",
    "Fault",
    "FetchError",
    "GridError",
    "IntakeError",
    "LedgerError",
    "NotAllowedError",
    "RegionError",
    "RuleError",
    "SettingError",
    "ShapeError",
    "SigningError",
    "StateError",
    "StorageError",
    "TocsinError",
    "UnitError",
]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in one place of an input file.

    ``line`` counts from 1 and is 0 where the whole file is meant; ``field`` is a column or a
    dotted key; ``remedy`` is a sentence a person can act on.
    """

    file: str
    line: int
    field: str
    value: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        value = f" = {self.value}" if self.value else ""
        return f"{place}: {self.field}{value}: {self.problem} {self.remedy}".rstrip()


class TocsinError(Exception):
    """Anything that Tocsin refuses, with a sentence for the person in front of it."""


class UnitError(TocsinError, ValueError):
    """An input has no unit, an unknown unit, or a unit of the wrong dimension."""


class ShapeError(TocsinError, ValueError):
    """Inputs whose shapes or time axes do not fit together."""


class GridError(TocsinError):
    """A grid, its file or its result that cannot be used as it is; says which, where and why."""


class _FaultsError(TocsinError):
    """An input with one or more faults, all of them listed."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


class RegionError(_FaultsError):
    """A region folder that cannot be used as it is."""


class RuleError(_FaultsError):
    """A rule file that cannot be used as it is."""


class IntakeError(_FaultsError):
    """A feed or file from which nothing at all can be read."""


class CapError(TocsinError):
    """A CAP message that cannot be read, or that must not be written."""


class AddressRefusedError(TocsinError):
    """An address that must not be called: inside, disguised, or not the web's; says which."""


class FetchError(TocsinError):
    """A request to another machine that came to nothing; says what came back instead."""

    def __init__(
        self, problem: str, *, retry_after_s: float | None = None, status: int | None = None
    ) -> None:
        super().__init__(problem)
        self.retry_after_s = retry_after_s
        """How long the other side asked to be left alone, if it did."""
        self.status = status
        """What it answered, where it answered at all: 404."""


class SettingError(TocsinError):
    """A feed's settings name what is not to be had on this machine: no time heals it."""


class DraftError(_FaultsError):
    """A draft that cannot go on as it is: each fault names the field it is in."""


class LedgerError(TocsinError):
    """The ledger's chain does not add up: a message was altered, lost or put in between."""


class SigningError(TocsinError):
    """A message that has to be signed and cannot be; it stays unissued, never goes out unsigned."""


class StorageError(TocsinError):
    """The database cannot write: disk full, locked, read-only. Nothing was written."""


class NotAllowedError(TocsinError):
    """The person or post may not do this here; says which role could."""


class StateError(TocsinError):
    """The thing is not in a state in which this can be done; says in which it is."""


class ConflictError(StateError):
    """Another officer saved first. Nothing is lost: both contents are kept as revisions.

    ``theirs`` is the newest saved revision of the draft, ``yours`` the one kept as unsaved.
    """

    def __init__(self, message: str, *, theirs: object, yours: object) -> None:
        self.theirs, self.yours = theirs, yours
        super().__init__(message)
