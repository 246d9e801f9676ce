"""The one catalogue of rules that CAP messages are held to.

A rule says what is wrong and what to do; a finding is a rule broken at one place of one message.
``clause`` is a section of OASIS CAP 1.2. Warnings are good practice or our own reading of the
text, errors are what the standard forbids or leaves no receiver able to use.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from tocsin.cap.catalogue_zh import CHINESE

__all__ = ["RULES", "Finding", "Rule", "SeverityOfFinding", "errors", "listed", "report"]

SeverityOfFinding = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its id is stable and may be quoted."""

    id: str
    clause: str
    severity: SeverityOfFinding
    problem: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule broken in one place; ``line`` is 0 where no file was read."""

    rule: str
    clause: str
    severity: SeverityOfFinding
    path: str
    value: str
    problem: str
    remedy: str
    line: int = 0

    def at_line(self, line: int) -> Finding:
        """Return the same finding with its line in a file."""
        return Finding(
            self.rule, self.clause, self.severity, self.path,
            self.value, self.problem, self.remedy, line,
        )  # fmt: skip

    def words(self, language: str) -> tuple[str, str]:
        """Return problem and remedy in ``language``: Chinese for any Chinese tag, else English."""
        own = (self.problem, self.remedy)
        return CHINESE.get(self.rule, own) if language.lower().startswith("zh") else own

    def __str__(self) -> str:
        place = f"line {self.line}: " if self.line else ""
        value = f" = {self.value!r}" if self.value else ""
        return (
            f"{place}{self.severity} {self.rule}: {self.path}{value}: {self.problem} {self.remedy}"
        )


_ROWS: tuple[tuple[str, str, SeverityOfFinding, str, str], ...] = (
    # Structure: found while reading the XML.
    ("not-cap", "3.4", "error", "The root is not a CAP alert.",
     "Start with <alert xmlns=\"urn:oasis:names:tc:emergency:cap:1.2\">."),
    ("old-namespace", "3.4", "error", "The namespace is not that of CAP 1.2.",
     "Use urn:oasis:names:tc:emergency:cap:1.2."),
    ("unexpected-element", "3.4", "error", "CAP 1.2 has no such element here.",
     "Remove it; own values go into a parameter."),
    ("unexpected-attribute", "3.4", "error", "CAP 1.2 has no such attribute here.", "Remove it."),
    ("stray-text", "3.4", "error", "There is text between the elements.", "Remove it."),
    ("wrong-order", "3.4", "error", "The element stands after one it must come before.",
     "Keep the sequence of the standard."),
    ("repeated", "3.4", "error", "The element may stand only once.", "Keep one."),
    ("missing", "3.2", "error", "A required element is missing or empty.", "Add it."),
    ("time-format", "3.3.2", "error", "This is not a time as CAP writes it.",
     "Write YYYY-MM-DDThh:mm:ss and the offset, UTC as -00:00, without Z or fractions."),
    ("number-format", "3.2", "error", "This is not a plain number.", "Write digits only."),
    ("polygon-format", "3.2.4", "error", "This is not a list of pairs.",
     "Write lat,lon lat,lon ... with white space between the pairs only."),
    ("circle-format", "3.2.4", "error", "This is not a circle.", "Write lat,lon radius_km."),
    ("reference-format", "3.2.1", "error", "This does not name a message.",
     "Write sender,identifier,sent for each, with one space between."),
    ("item-quotes", "3.2.1", "error", "The quotes of this list do not match.",
     "Quote an item that holds white space; no quotes inside an item."),
    ("code-spelling", "3.2", "error", "The code is not spelt as the standard prints it.",
     "Write it exactly, without white space around it."),
    # alert
    ("alert-name", "3.2.1", "error", "identifier and sender take no space, comma, < or &.",
     "Use letters, digits, dots, hyphens."),
    ("code-value", "3.2", "error", "The standard has no such code.",
     "Use one of those it prints for this element."),
    ("restriction-missing", "3.2.1", "error", "A Restricted message says to whom.",
     "Add restriction, or change the scope."),
    ("restriction-unused", "3.2.1", "warning", "Only a Restricted message has a restriction.",
     "Remove it, or set the scope to Restricted."),
    ("addresses-missing", "3.2.1", "error", "A Private message names its readers.",
     "Add addresses, or change the scope."),
    ("references-missing", "3.2.1", "error", "This message type acts on earlier messages.",
     "Name them in references."),
    ("reference-self", "3.2.1", "error", "The message refers to itself.", "Remove that reference."),
    ("reference-later", "3.2.1", "error", "The message refers to one sent later.",
     "Check both times."),
    ("reference-repeated", "3.2.1", "warning", "The message is referred to twice.", "Keep one."),
    ("note-for-error", "3.2.1", "warning", "An Error message explains itself in note.",
     "Add a note."),
    ("note-for-exercise", "3.2.1", "warning", "An Exercise is named in note.", "Add a note."),
    ("info-missing", "3.2.1", "warning", "A warning without info says nothing to people.",
     "Add an info, unless this only acts on earlier messages."),
    ("time-value", "3.3.2", "error", "The time has no offset, a fraction, or an odd offset.",
     "Use an aware time in whole seconds with an offset in whole minutes, up to 14:00."),
    ("character", "3.3.3", "error", "The text holds a character that XML cannot carry.",
     "Remove the control character."),
    ("empty", "3.2", "warning", "The element is there and empty.", "Fill it or leave it out."),
    # info
    ("language", "3.2.2", "error", "This is not a language tag.", "Write en-US, zh-CN, fr."),
    ("language-repeated", "3.2.2", "warning", "Two infos with one language and event.",
     "Merge them, or give each its language."),
    ("same-text", "3.2.2", "warning", "The same text stands under two languages.",
     "Translate it, or leave one out."),
    ("languages-differ", "3.2.2", "warning", "The languages of one event differ beyond words.",
     "Give all the same category, codes and times."),
    ("expires-missing", "3.2.2", "warning", "Without expires each receiver guesses an end.",
     "Add expires."),
    ("expires-early", "3.2.2", "error", "The message ends before it takes effect.",
     "Set expires after effective, which is sent where it is left out."),
    ("expires-at-once", "3.2.2", "warning", "The message ends the moment it takes effect.",
     "Use msgType Cancel to end a warning."),
    ("expires-before-onset", "3.2.2", "warning", "The message ends before the event begins.",
     "Check that a new message will come before then."),
    ("very-likely", "3.2.2", "error", "Very Likely was withdrawn; receivers read it as Likely.",
     "Write Likely."),
    ("web-address", "3.2.2", "error", "web is not a full address.",
     "Write an absolute URI: https://..."),
    ("markup", "3.2.2", "warning", "The text holds HTML; receivers show the marks.",
     "Write plain text."),
    # resource
    ("mime-type", "3.2.3", "warning", "This is not a media type.", "Write image/png, text/plain."),
    ("size-negative", "3.2.3", "error", "A size cannot be below 0.", "Write the size in bytes."),
    ("digest", "3.2.3", "error", "The digest is not SHA-1 in hex.", "Write its 40 hex digits."),
    ("deref-missing", "3.2.3", "error", "A relative uri names content that must be enclosed.",
     "Add derefUri, or write a full address."),
    # area
    ("polygon-short", "3.2.4", "error", "A polygon has at least 4 pairs.", "Add points."),
    ("polygon-open", "3.2.4", "error", "First and last pair differ.", "Repeat the first pair."),
    ("polygon-crossing", "3.2.4", "error", "The polygon crosses or touches itself.",
     "Order the points along the edge, or split it."),
    ("coordinate-range", "3.3.1", "error", "Latitude is -90..90 and longitude -180..180.",
     "Check the order: latitude first."),
    ("radius", "3.2.4", "error", "A radius cannot be below 0.", "Write kilometres."),
    ("ceiling-alone", "3.2.4", "error", "ceiling needs altitude.", "Add altitude."),
    ("ceiling-below", "3.2.4", "error", "ceiling lies below altitude.", "Exchange them."),
    ("area-unplaced", "3.2.4", "warning", "The area has words but no place.",
     "Add a polygon, circle or geocode."),
)  # fmt: skip

RULES: Mapping[str, Rule] = {row[0]: Rule(*row) for row in _ROWS}
"""Rule id -> rule."""


def report(rule: str, path: str, value: object = "", line: int = 0) -> Finding:
    """Return the finding that ``rule`` is broken at ``path``; long values are cut short."""
    known = RULES[rule]
    text = str(value)
    text = text if len(text) <= 80 else text[:77] + "..."
    return Finding(
        rule, known.clause, known.severity, path, text, known.problem, known.remedy, line
    )


def errors(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return the findings that forbid the message, without the warnings."""
    return tuple(finding for finding in findings if finding.severity == "error")


def listed(findings: Sequence[Finding], most: int = 50) -> str:
    """Return the findings, one a line; of very many only the first, and how many are left out."""
    lines = [str(finding) for finding in findings[:most]]
    if len(findings) > most:
        lines.append(f"... and {len(findings) - most} more")
    return "\n".join(lines)
