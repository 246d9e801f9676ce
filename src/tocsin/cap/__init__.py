"""The Common Alerting Protocol 1.2 (OASIS): message, codes, parse, validate, write, feeds."""

from __future__ import annotations

from tocsin.cap.catalogue import RULES, Finding
from tocsin.cap.message import (
    Alert,
    Area,
    Circle,
    EventCode,
    Geocode,
    Info,
    Parameter,
    Reference,
    Resource,
)
from tocsin.cap.parse import Checked, Parsed, check, parse
from tocsin.cap.reading import Repair
from tocsin.cap.validate import validate
from tocsin.cap.write import write

__all__ = [
    "RULES",
    "Alert",
    "Area",
    "Checked",
    "Circle",
    "EventCode",
    "Finding",
    "Geocode",
    "Info",
    "Parameter",
    "Parsed",
    "Reference",
    "Repair",
    "Resource",
    "check",
    "parse",
    "validate",
    "write",
]
