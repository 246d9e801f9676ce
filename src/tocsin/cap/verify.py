"""Judge the signature of a CAP message at the time in ``sent``, against pinned issuers.

Judging at ``sent`` keeps old messages valid after their certificate has ended; it cannot see a
stolen key that is used with an old date, so a pinned issuer that lost its key must be unpinned.
Certificates on the machine play no part: only those the caller pins.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from lxml import etree
from signxml.algorithms import DigestAlgorithm, SignatureMethod
from signxml.exceptions import SignXMLException
from signxml.verifier import SignatureConfiguration, XMLVerifier

from tocsin.cap.parse import check
from tocsin.cap.reading import SIGNATURE, safe_root
from tocsin.errors import CapError

__all__ = ["Verdict", "Word", "read_certificates", "verify"]

Word = Literal["valid", "unsigned", "expired", "untrusted", "tampered"]

_DS = "{http://www.w3.org/2000/09/xmldsig#}"
_LONGEST_PATH = 6
_METHODS = frozenset(m for m in SignatureMethod if m.name.startswith(("RSA_SHA", "ECDSA_SHA"))
                     and "SHA1" not in m.name)  # fmt: skip
_DIGESTS = frozenset({DigestAlgorithm.SHA256, DigestAlgorithm.SHA384, DigestAlgorithm.SHA512})
_BAD_CERTIFICATE = (
    ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion, x509.DuplicateExtension,
    x509.ExtensionNotFound, x509.AttributeNotFound, x509.UnsupportedGeneralNameType,
)  # fmt: skip
_BROKEN = (
    *_BAD_CERTIFICATE, SignXMLException, InvalidSignature, etree.LxmlError,
    KeyError, AttributeError, NotImplementedError,
)  # fmt: skip
"""What the signature library raises on signatures that are malformed in one way or another."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a receiver may think of the message, and why."""

    word: Word
    reason: str
    signer: str = ""
    sent: datetime | None = None


def read_certificates(pem: bytes) -> list[x509.Certificate]:
    """Return all certificates of a PEM file.

    Raises
    ------
    CapError
        There is none, or one cannot be read.
    """
    try:
        return x509.load_pem_x509_certificates(pem)
    except _BAD_CERTIFICATE as error:
        raise CapError(f"the certificate cannot be read as PEM: {error}") from error


def verify(raw: bytes, pinned: Sequence[x509.Certificate]) -> Verdict:
    """Judge the signature of a message.

    Parameters
    ----------
    raw : bytes
        The message as it came.
    pinned : sequence of x509.Certificate
        Issuers, or certificates of the senders themselves, that the caller trusts.

    Returns
    -------
    Verdict
        ``valid``, ``unsigned``; ``tampered``: the signature does not fit the message or does not
        cover all of it; ``untrusted``: it fits, but no pinned issuer stands behind it, or its
        algorithm is too weak to tell; ``expired``: a certificate was not valid at ``sent``.

    Raises
    ------
    CapError
        The bytes are no CAP message at all.
    """
    alert = check(raw).alert
    sent = alert.sent if alert else None
    safe_root(raw)
    # Again, with remarks kept: a signature may cover them.
    root = etree.fromstring(raw, etree.XMLParser(resolve_entities=False, no_network=True))
    signatures = [node for node in root.iter(SIGNATURE) if node is not None]
    if not signatures:
        return Verdict("unsigned", "the message has no signature", sent=sent)
    last = list(root.iterchildren("{*}*"))[-len(signatures) :]
    if last != signatures:
        return Verdict("tampered", "the signature must be the last child of alert", sent=sent)
    if len(signatures) > 1:
        return Verdict("untrusted", "several signatures; only a single one is judged", sent=sent)
    signature = signatures[0]
    if fault := _form(signature):
        return Verdict(*fault, sent=sent)
    try:
        enclosed = _enclosed(signature)
    except _BROKEN as error:
        return Verdict("tampered", f"an enclosed certificate cannot be read: {error}", sent=sent)
    leaf, reason = _signer(root, enclosed or list(pinned))
    if leaf is None:
        return Verdict("tampered", reason, sent=sent)
    name = _name(leaf)
    path = _path(leaf, enclosed, pinned)
    if path is None:
        return Verdict("untrusted", "no pinned issuer stands behind the signer", name, sent)
    if sent is None:
        return Verdict("tampered", "without a readable sent it cannot be judged", name)
    for certificate in path:
        if ended := _validity(certificate, sent):
            return Verdict("expired", ended, name, sent)
    return Verdict("valid", f"signed by {name}", name, sent)


def _form(signature: etree._Element) -> tuple[Word, str] | None:
    """Return the fault of a signature that is weak, or covers only a part of the message."""
    references = signature.findall(f"{_DS}SignedInfo/{_DS}Reference")
    if len(references) != 1 or references[0].get("URI") != "":
        return "tampered", "the signature does not cover the whole message"
    for node, allowed in (
        (signature.find(f"{_DS}SignedInfo/{_DS}SignatureMethod"), _METHODS),
        (references[0].find(f"{_DS}DigestMethod"), _DIGESTS),
    ):
        named = "" if node is None else str(node.get("Algorithm"))
        if named not in {one.value for one in allowed}:
            return "untrusted", f"algorithm {named or 'none'} proves nothing today"
    return None


def _enclosed(signature: etree._Element) -> list[x509.Certificate]:
    texts = [node.text or "" for node in signature.iter(f"{_DS}X509Certificate")]
    frame = "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n"
    return [
        x509.load_pem_x509_certificate(frame.format("\n".join(text.split())).encode())
        for text in texts[:_LONGEST_PATH]
    ]


def _signer(
    root: etree._Element, candidates: Sequence[x509.Certificate]
) -> tuple[x509.Certificate | None, str]:
    """Return the first certificate whose key made the signature, else why none did."""
    reason = "it holds no certificate and none is pinned"
    for candidate in candidates:
        config = SignatureConfiguration(
            location="./",
            signature_methods=_METHODS,
            digest_algorithms=_DIGESTS,
            # Whether the certificate has ended is judged afterwards, at the time of sent.
            verification_time=candidate.not_valid_before_utc,
        )
        try:
            XMLVerifier().verify(root, x509_cert=candidate, expect_config=config)
        except _BROKEN as error:
            reason = f"the signature does not fit the message: {error}"
        else:
            return candidate, ""
    return None, reason


def _path(
    leaf: x509.Certificate,
    enclosed: Sequence[x509.Certificate],
    pinned: Sequence[x509.Certificate],
) -> list[x509.Certificate] | None:
    """Return the certificates from the signer up to a pinned one, None if there is no way."""
    if not _may_sign(leaf):
        return None
    path = [leaf]
    for _ in range(_LONGEST_PATH):
        if path[-1] in pinned:
            return path
        above = next(_issuers(path[-1], [*pinned, *enclosed]), None)
        if above is None or above in path:
            return None
        path.append(above)
    return None


def _issuers(
    certificate: x509.Certificate, candidates: Sequence[x509.Certificate]
) -> Iterator[x509.Certificate]:
    for candidate in candidates:
        if not _is_authority(candidate):
            continue
        try:
            certificate.verify_directly_issued_by(candidate)
        except (*_BAD_CERTIFICATE, InvalidSignature):
            continue  # not the issuer: the next one may be
        yield candidate


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except _BAD_CERTIFICATE:
        return False


def _may_sign(certificate: x509.Certificate) -> bool:
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return True
    except _BAD_CERTIFICATE:
        return False
    return usage.digital_signature or usage.content_commitment


def _name(certificate: x509.Certificate) -> str:
    try:
        return certificate.subject.rfc4514_string()
    except _BAD_CERTIFICATE:
        return "a signer whose name cannot be read"


def _validity(certificate: x509.Certificate, at: datetime) -> str:
    name = _name(certificate)
    if at < certificate.not_valid_before_utc:
        return f"{name} was valid from {certificate.not_valid_before_utc.isoformat()} only"
    if at > certificate.not_valid_after_utc:
        return f"{name} was valid until {certificate.not_valid_after_utc.isoformat()} only"
    return ""
