"""Turn the XML of a CAP message into an alert, noting each thing that is not as it should be.

Every deviation is read in the only way it can be meant, or left out, and noted as a
:class:`Repair`; :mod:`tocsin.cap.parse` decides whether repairs are allowed.
Hostile XML is refused before the parser sees it: no DTD, no entities, bounded size and depth.
"""

from __future__ import annotations

import re
import threading
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, cast

from lxml import etree

from tocsin.cap import values
from tocsin.cap.catalogue import Finding, report
from tocsin.cap.codes import CODES
from tocsin.cap.message import (
    NAMESPACE,
    SEQUENCE,
    Alert,
    Element,
    EventCode,
    Geocode,
    Parameter,
)
from tocsin.errors import CapError

__all__ = ["MAX_BYTES", "MAX_FINDINGS", "SIGNATURE", "UNREADABLE", "Reader", "Repair", "safe_root"]

MAX_BYTES = 2_000_000
"""The largest real message we have seen has 0.5 MB; hostile ones of this size take seconds."""
MAX_FINDINGS = 1000
"""Nobody reads more; a file with more faults in its XML than this is refused."""
SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}Signature"
UNREADABLE = datetime.min.replace(tzinfo=UTC)
"""Stands for a ``sent`` that cannot be read; such an alert is never handed out."""

_OLDER = ("urn:oasis:names:tc:emergency:cap:1.1", "http://www.incident.com/cap/1.0", "")
_SPELLINGS = {element: {code.lower(): code for code in codes} for element, codes in CODES.items()}
_PAIRS = {EventCode, Parameter, Geocode}
_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
_PROLOG = re.compile(rb"(?:\xef\xbb\xbf)?(?:\s++|<\?.*?\?>|<!--.*?-->)*+", re.DOTALL)
_ENCODING = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._\-]+)["']""")
# All of these keep "<!DOCTYPE" readable as ASCII once the zero bytes of UTF-16 are gone.
_ENCODINGS = {
    "utf-8", "utf8", "utf-16", "us-ascii", "ascii", "iso-8859-1", "iso-8859-15", "windows-1252",
    "gb2312", "gbk", "gb18030", "big5",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Repair:
    """What was wrong, and how it was read all the same."""

    finding: Finding
    done: str


_own = threading.local()


def _parser() -> etree.XMLParser:
    """Return this thread's parser: one shared by threads would make them wait for each other."""
    parser: etree.XMLParser | None = getattr(_own, "parser", None)
    if parser is None:
        parser = _own.parser = etree.XMLParser(
            resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
            remove_comments=True, remove_pis=True,
        )  # fmt: skip
    return parser


def safe_root(raw: bytes, max_bytes: int = MAX_BYTES) -> etree._Element:
    """Parse the bytes as XML without ever loading, expanding or fetching anything.

    Raises
    ------
    CapError
        Too large, a DTD or entity, an unknown encoding, nested too deeply, or not XML.
    """
    if len(raw) > max_bytes:
        raise CapError(
            f"the message has {len(raw)} bytes; the limit is {max_bytes}. Link to large files "
            "with a resource."
        )
    plain = raw.replace(b"\0", b"").removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff")
    found = _PROLOG.match(plain)
    start = found.end() if found else 0
    if plain[start : start + 2] == b"<!":
        raise CapError("the message has a DTD; CAP forbids DTDs and entities. Remove it.")
    named = _ENCODING.match(plain.removeprefix(b"\xef\xbb\xbf"))
    if named and named.group(1).decode().lower() not in _ENCODINGS:
        raise CapError(f"encoding {named.group(1).decode()} is not read here. Write UTF-8.")
    try:
        root = etree.fromstring(raw, _parser())
    except (etree.XMLSyntaxError, ValueError) as error:
        line = getattr(error, "lineno", 0) or 0
        raise CapError(f"line {line}: this is not well-formed XML: {error}") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise CapError("the message has a DTD; CAP forbids DTDs and entities. Remove it.")
    return root


@lru_cache(maxsize=32)
def _table(namespace: str, kind: type) -> Mapping[str, tuple[int, Element, str, Any]]:
    """Return element tag -> (place in the sequence, row, attribute, texts taken as they are)."""
    prefix = f"{{{namespace}}}" if namespace else ""
    return {
        f"{prefix}{row.element}": (at, row, row.name, _taken_as_it_is(row))
        for at, row in enumerate(SEQUENCE[kind])
    }


class _AnyText:
    def __contains__(self, text: object) -> bool:
        return True


def _taken_as_it_is(row: Element) -> Any:
    """Return which texts of single elements need no reading; it saves a call for most."""
    if row.many:
        return ()
    return _AnyText() if row.kind == "text" else CODES.get(row.element, ())


_REQUIRED = {kind: tuple(r for r in rows if r.required) for kind, rows in SEQUENCE.items()}


def _line(node: etree._Element) -> int:
    return int(cast("int | None", node.sourceline) or 0)


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


class Reader:
    """Reads one message; ``repairs`` fills up on the way."""

    def __init__(self, root: etree._Element) -> None:
        self.root = root
        self.repairs: list[Repair] = []
        self.dropped: set[etree._Element] = set()
        self.children: dict[tuple[etree._Element, str], list[etree._Element]] = {}
        self.has_signature = False
        namespace, _, name = root.tag.rpartition("}")
        self.namespace = namespace[1:]
        if name != "alert" or (self.namespace != NAMESPACE and self.namespace not in _OLDER):
            finding = report("not-cap", "alert", root.tag, _line(root))
            raise CapError(str(finding))
        prefix = f"{{{self.namespace}}}" if self.namespace else ""
        self.pair_tags = (f"{prefix}valueName", f"{prefix}value")
        self._many = defaultdict(lambda: self._leaf, part=self._child)
        if self.namespace != NAMESPACE:
            self._note("old-namespace", "alert", self.namespace, root, "read as CAP 1.2")

    def alert(self) -> Alert:
        """Return the alert; its ``sent`` is UNREADABLE if it has none."""
        return self._part(self.root, Alert, "alert")  # type: ignore[no-any-return]

    def line(self, path: str) -> int:
        """Return the line of the element at ``path``, or of the nearest element above it."""
        node = self.root
        for step in path.split("/")[1:]:
            name, _, number = step.rstrip("]").partition("[")
            same = self._named(node, name)
            at = int(number or 1) - 1
            if at >= len(same):
                break
            node = same[at]
        return _line(node)

    def _named(self, node: etree._Element, name: str) -> list[etree._Element]:
        """Return the children called ``name``; kept, since hostile files have a lot to say."""
        same = self.children.get((node, name))
        if same is None:
            tag = f"{{{self.namespace}}}{name}" if self.namespace else name
            same = [child for child in node.iterchildren(tag) if child not in self.dropped]
            self.children[(node, name)] = same
        return same

    def _note(self, rule: str, path: str, value: object, at: etree._Element, done: str) -> None:
        if len(self.repairs) == MAX_FINDINGS:
            raise CapError(
                f"line {_line(at)}: more than {MAX_FINDINGS} faults so far; this is not read on"
            )
        self.repairs.append(Repair(report(rule, path, value, _line(at)), done))

    def _drop(self, rule: str, path: str, value: object, at: etree._Element) -> None:
        self.dropped.add(at)
        self._note(rule, path, value, at, "left out")

    def _part(self, node: etree._Element, kind: type, path: str) -> Any:
        table = _table(self.namespace, kind)
        if node.keys():
            self._attributes(node, path)
        self._stray(node.text, node, path)
        found: dict[str, Any] = {}
        several: dict[str, list[Any]] = {}
        furthest = 0
        for child in node:
            entry = table.get(child.tag)
            if (tail := child.tail) and not tail.isspace():
                self._stray(tail, child, path)
            if entry is None:
                if kind is Alert and child.tag == SIGNATURE:
                    self.has_signature = True
                    furthest = len(table)  # nothing may follow
                else:
                    self._drop("unexpected-element", f"{path}/{_local(child.tag)}", "", child)
                continue
            at, row, name, plain = entry
            text = child.text or ""
            if at < furthest:
                self._note("wrong-order", f"{path}/{row.element}", "", child, "read all the same")
            else:
                furthest = at
            if text in plain and name not in found and not len(child) and not child.keys():
                found[name] = text
            elif row.many:
                same = several.setdefault(name, [])
                where = f"{path}/{row.element}[{len(same) + 1}]"
                same.append(self._many[row.kind](child, row, where))
            elif name in found:
                self._drop("repeated", f"{path}/{row.element}", text, child)
            else:
                found[name] = self._leaf(child, row, f"{path}/{row.element}")
        for name, values_read in several.items():
            found[name] = tuple([one for one in values_read if one is not None])
        for row in _REQUIRED[kind]:
            if found.get(row.name) is None:
                self._absent(node, row, path, found)
        return kind(**found)

    def _child(self, node: etree._Element, row: Element, path: str) -> Any:
        kind = cast("type", row.of)
        if kind not in _PAIRS or len(node) != 2 or node.keys():
            return self._part(node, kind, path)
        # Pairs are the most frequent part by far, and nearly all look like this.
        name, value = node
        if (
            name.tag == self.pair_tags[0]
            and value.tag == self.pair_tags[1]
            and not (len(name) or len(value) or name.keys() or value.keys())
            and not f"{node.text or ''}{name.tail or ''}{value.tail or ''}".strip()
        ):
            return kind(name.text or "", value.text or "")
        return self._part(node, kind, path)

    def _absent(self, node: etree._Element, row: Element, path: str, found: dict[str, Any]) -> None:
        if row.name not in found:
            self._note("missing", f"{path}/{row.element}", "", node, "read as empty")
        found[row.name] = () if row.many else UNREADABLE if row.kind == "time" else ""

    def _stray(self, text: str | None, at: etree._Element, path: str) -> None:
        if text and not text.isspace():
            self._note("stray-text", path, text.strip(), at, "left out")

    def _attributes(self, node: etree._Element, path: str) -> None:
        for name, value in node.attrib.items():
            if not str(name).startswith(_XSI):
                self._note("unexpected-attribute", path, f"{name!s}={value!s}", node, "left out")

    def _leaf(self, node: etree._Element, row: Element, path: str) -> Any:
        text = node.text or ""
        if node.keys():
            self._attributes(node, path)
        if len(node):
            for child in node:
                where = f"{path}/{_local(str(child.tag))}"
                self._note("unexpected-element", where, "", child, "read as its words")
            text = "".join(str(words) for words in node.itertext())
        kind = row.kind
        if kind == "text":
            return text
        if kind == "code":
            return self._code(node, row, path, text)
        return getattr(self, f"_{kind}")(node, path, text)

    def _code(self, node: etree._Element, row: Element, path: str, text: str) -> str:
        codes = _SPELLINGS[row.element]
        wanted = text.strip().lower()
        code = codes.get(wanted, text)
        if row.element == "certainty" and wanted == "very likely":
            self._note("very-likely", path, text, node, "read as Likely")
            return "Likely"
        if text == code:
            return text
        self._note("code-spelling", path, text, node, f"read as {code}")
        return code

    def _token(self, node: etree._Element, path: str, text: str) -> str:
        return text.strip()

    def _time(self, node: etree._Element, path: str, text: str) -> datetime | None:
        time = values.read_time(text)
        if time is None:
            time = values.mend_time(text)
            if time is None:
                self._drop("time-format", path, text, node)
            else:
                self._note("time-format", path, text, node, f"read as {values.write_time(time)}")
        return time

    def _integer(self, node: etree._Element, path: str, text: str) -> int | None:
        if re.fullmatch(r"\s*[-+]?[0-9]{1,18}\s*", text):
            return int(text)
        self._drop("number-format", path, text, node)
        return None

    def _decimal(self, node: etree._Element, path: str, text: str) -> float | None:
        number = values.read_number(text)
        if number is None:
            self._drop("number-format", path, text, node)
        return number

    def _polygon(self, node: etree._Element, path: str, text: str) -> Any:
        polygon = values.read_polygon(text)
        if polygon is None:
            polygon = values.mend_polygon(text)
            if polygon is None:
                self._drop("polygon-format", path, text, node)
            else:
                self._note("polygon-format", path, text, node, f"read {len(polygon)} pairs")
        return polygon

    def _circle(self, node: etree._Element, path: str, text: str) -> Any:
        circle = values.read_circle(text)
        if circle is None:
            self._drop("circle-format", path, text, node)
        return circle

    def _items(self, node: etree._Element, path: str, text: str) -> tuple[str, ...]:
        items = values.read_items(text)
        if items is None:
            self._note("item-quotes", path, text, node, "read without quotes")
            items = tuple(text.replace('"', " ").split())
        return items

    def _references(self, node: etree._Element, path: str, text: str) -> Any:
        good, mended, bad = values.read_references(text)
        for item in mended:
            self._note("reference-format", path, item, node, "read with its time mended")
        for item in bad:
            self._note("reference-format", path, item, node, "left out")
        return good
