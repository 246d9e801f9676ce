"""The ledger as a bundle that anyone can verify without Tocsin.

A zip file: each message's exact bytes, an index with hashes and links, the certificates of the
signatures, and the script that recomputes all of it (``verify_bundle.py``, printed in the guide
as well). The same ledger gives the same bytes, so two bundles can be compared by their hash.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from cryptography import x509
from lxml import etree

from tocsin.cap.message import NAMESPACE
from tocsin.cap.reading import SIGNATURE, safe_root
from tocsin.errors import LedgerError, StateError

from . import ledger
from .models import Message

__all__ = ["SCRIPT", "Exported", "export_ledger", "write_bundle"]

SCRIPT = Path(__file__).with_name("verify_bundle.py")
_CERTIFICATE = "{http://www.w3.org/2000/09/xmldsig#}X509Certificate"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the first moment a zip file knows
_README = """\
This is the whole ledger of a Tocsin: every warning message it sent, exactly as it went out.

  index.json      a row for each message: number, hashes, link to the one before, what it is
  messages/       the messages, CAP 1.2 (OASIS), byte for byte
  certificates/   the certificates that came inside the signatures
  verify.py       recomputes every hash and link; read it first, it is short

Verify it with Python 3.9 or later, on any machine:

  python3 verify.py BUNDLE.zip [HEAD]

HEAD is a chain hash that you wrote down earlier, or were given by somebody else. It must occur in
the ledger: only this shows that the ledger was not made anew as a whole, or cut off at its end.

  link of message n = SHA-256( link of n-1 + sha256 of its bytes + sha256 of its row ), in hex
  link of message 0 = 64 zeros

The row is the text `row` of the index, exactly as it stands there: what pages and exports say of
the message. Messages from before rows were hashed have none, and an empty hash in its place.

Signatures are judged by any XML signature tool, or by `tocsin cap verify --pin ISSUER.pem FILE`.
"""


@dataclass(frozen=True, slots=True)
class Exported:
    """What went into a bundle; ``fault`` says what the ledger itself failed on, if it did."""

    messages: int
    head: str
    sha256: str
    fault: str


def export_ledger(target: Path) -> Exported:
    """Write the bundle to ``target``, whole or not at all.

    A ledger that does not add up is exported all the same, for it is evidence; ``fault`` says so.

    Raises
    ------
    StateError
        There is a file of this name already.
    """
    if target.exists():
        raise StateError(f"{target} is there already: choose another name.")
    part = target.with_name(f"{target.name}.part")
    try:
        with part.open("wb") as file:
            count, head = write_bundle(file)
        with part.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        part.rename(target)
    finally:
        part.unlink(missing_ok=True)
    try:
        ledger.verify()
    except LedgerError as error:
        return Exported(count, head, digest, str(error))
    return Exported(count, head, digest, "")


def write_bundle(file: BinaryIO) -> tuple[int, str]:
    """Write the bundle; return how many messages it holds and the newest chain hash."""
    rows: list[dict[str, Any]] = []
    certificates: dict[str, bytes] = {}
    with zipfile.ZipFile(file, "w") as bundle:
        _put(bundle, "README.txt", _README.encode())
        _put(bundle, "verify.py", SCRIPT.read_bytes())
        for message in _messages():
            raw = bytes(message.raw)
            rows.append(_row(message, raw, certificates))
            _put(bundle, rows[-1]["file"], raw)
        for fingerprint, pem in sorted(certificates.items()):
            _put(bundle, f"certificates/{fingerprint}.pem", pem)
        lines = ",\n".join(json.dumps(row, ensure_ascii=False, sort_keys=True) for row in rows)
        _put(bundle, "index.json", f'{{"messages": [\n{lines}\n]}}\n'.encode())
    return len(rows), rows[-1]["chain"] if rows else ledger.GENESIS


def _messages() -> Iterator[Message]:
    return Message.objects.select_related("warning").order_by("number").iterator(chunk_size=200)


def _put(bundle: zipfile.ZipFile, name: str, data: bytes) -> None:
    """Store one file; unpacked, since no two versions of zlib pack to the same bytes."""
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.create_system = 3  # the same on every machine
    entry.external_attr = 0o644 << 16
    bundle.writestr(entry, data)


def _row(message: Message, raw: bytes, certificates: dict[str, bytes]) -> dict[str, Any]:
    """Return a message's row of the index; its certificates are added to ``certificates``."""
    root = safe_root(raw)
    words = {
        name: root.findtext(f"{{{NAMESPACE}}}{name}")
        for name in ("identifier", "sender", "sent", "status", "msgType")
    }
    enclosed = dict(_certificates(root))
    certificates.update(enclosed)
    return {
        **words,
        "number": message.number,
        "file": f"messages/{message.number:08d}.xml",
        "warning": message.warning.slug,
        "sha256": message.sha256,
        "row": ledger.row_of(message) if message.row_sha256 else "",
        "row_sha256": message.row_sha256,
        "chain": message.chain,
        "is_signed": root.find(f".//{SIGNATURE}") is not None,
        "certificates": sorted(enclosed),
    }


def _certificates(root: etree._Element) -> Iterator[tuple[str, bytes]]:
    """Yield SHA-256 and PEM of each certificate that came inside a signature."""
    for node in root.iter(_CERTIFICATE):
        der = base64.b64decode("".join((node.text or "").split()))
        pem = "\n".join(base64.encodebytes(der).decode().split())
        fingerprint = hashlib.sha256(der).hexdigest()
        try:
            subject = x509.load_der_x509_certificate(der).subject.rfc4514_string()
            words = f"# {' '.join(subject.split())}\n"
        except ValueError:
            words = "# a certificate whose subject cannot be read\n"
        frame = f"{words}-----BEGIN CERTIFICATE-----\n{pem}\n-----END CERTIFICATE-----\n"
        yield fingerprint, frame.encode()
