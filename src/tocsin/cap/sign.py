"""Sign a CAP message: an enveloped XML signature as the last child of alert.

Nothing here falls back to an unsigned message: what cannot be signed well raises.
Source: OASIS CAP 1.2, section 3.3.4; W3C XML Signature 1.1, exclusive canonicalisation.
"""

from __future__ import annotations

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from lxml import etree
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureMethod
from signxml.signer import XMLSigner

from tocsin.cap.parse import parse
from tocsin.cap.reading import safe_root
from tocsin.cap.verify import read_certificates, verify
from tocsin.errors import CapError

__all__ = ["MIN_RSA_BITS", "sign"]

MIN_RSA_BITS = 2048


def sign(
    raw: bytes, key_pem: bytes, certificates_pem: bytes, *, passphrase: bytes | None = None
) -> bytes:
    """Return the message with its signature.

    Parameters
    ----------
    raw : bytes
        An unsigned CAP 1.2 message without errors.
    key_pem : bytes
        The private key, RSA of at least 2048 bits or ECDSA, as PEM.
    certificates_pem : bytes
        The certificate of that key, then any intermediate ones, as PEM.
    passphrase : bytes, optional
        Opens an encrypted key.

    Returns
    -------
    bytes
        UTF-8 XML. With RSA the same input gives the same bytes; ECDSA signatures differ each time.

    Raises
    ------
    CapError
        The message has errors or is signed already, the key or certificate cannot be read, they
        do not belong together, or the certificate is not valid at the time of ``sent``.
    """
    parsed = parse(raw)
    if parsed.has_signature:
        raise CapError("the message is signed already; sign the unsigned file")
    key = _key(key_pem, passphrase)
    certificates = read_certificates(certificates_pem)
    own = certificates[0]
    if own.public_key() != key.public_key():
        raise CapError(
            f"certificate {own.subject.rfc4514_string()} does not belong to this key; "
            "the certificate of the key must stand first"
        )
    method = (
        SignatureMethod.RSA_SHA256
        if isinstance(key, rsa.RSAPrivateKey)
        else SignatureMethod.ECDSA_SHA256
    )
    signer = XMLSigner(
        signature_algorithm=method,
        digest_algorithm=DigestAlgorithm.SHA256,
        c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
    )
    root = signer.sign(safe_root(raw), key=key, cert=certificates)
    signed: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True) + b"\n"
    # The outcome is judged as a receiver would: an expired certificate fails here.
    verdict = verify(signed, [own])
    if verdict.word != "valid":
        raise CapError(f"the message must not go out: its signature is {verdict.word}: "
                       f"{verdict.reason}")  # fmt: skip
    return signed


def _key(pem: bytes, passphrase: bytes | None) -> rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey:
    try:
        key = load_pem_private_key(pem, passphrase)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise CapError(f"the signing key cannot be read: {error}") from error
    if isinstance(key, rsa.RSAPrivateKey):
        if key.key_size < MIN_RSA_BITS:
            raise CapError(f"the RSA key has {key.key_size} bits; at least {MIN_RSA_BITS} are due")
        return key
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key
    raise CapError(f"a key of type {type(key).__name__} cannot sign CAP; use RSA or ECDSA")
