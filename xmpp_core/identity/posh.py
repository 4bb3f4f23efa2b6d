"""PKIX over Secure HTTP (RFC 7711, as RFC 7712 section 5.2 uses it): judging documents that were fetched already.

Who fetches asks `well_known` for the address, over HTTPS with all its checks, follows HTTP redirects to https
alone, and gives the octets to `read_posh`. A `Delegation` is fetched once more, and only once: see `delegated`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NoReturn
from urllib.parse import urlsplit

from ..errors import LocalProtocolError
from .matching import Role, reference

__all__ = [
    "Delegation",
    "Fingerprints",
    "PoshError",
    "PoshVerdict",
    "check_posh",
    "delegated",
    "read_posh",
    "well_known",
]

LARGEST: Final = 64 * 1024
"""More octets than this are not read."""
_SERVICES: Final = {
    Role.C2S_SERVER: "xmpp-client",
    Role.S2S_RECEIVING: "xmpp-server",
    Role.S2S_INITIATING: "xmpp-server",
}
# By their names in the registry of RFC 4572 section 8; what is weaker is not trusted and does not count.
_HASHES: Final = {"sha-256": "sha256", "sha-384": "sha384", "sha-512": "sha512"}


class PoshError(ValueError):
    """A document is no POSH document; the text says why and holds none of it."""


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """Certificates that stand for the domain (RFC 7711 section 3.1).

    Each descriptor maps names of hash functions to the digest of one DER certificate. `expires` counts seconds
    from when the document was fetched; 0: it must not be used.
    """

    descriptors: tuple[Mapping[str, bytes], ...]
    expires: int


@dataclass(frozen=True, slots=True)
class Delegation:
    """The document is elsewhere (RFC 7711 section 3.2)."""

    url: str
    expires: int


@dataclass(frozen=True, slots=True)
class PoshVerdict:
    """Whether a certificate stands for the domain by its POSH document, and why."""

    matches: bool
    reason: str


def well_known(domain: str, role: Role) -> str:
    """Give the address of the document of a domain (RFC 7712 section 5.2).

    Raises `LocalProtocolError` for what is no domain, and for clients, who have no such document.
    """
    wanted = reference(domain, role)
    service = _SERVICES.get(role)
    if service is None:
        raise LocalProtocolError("only servers have POSH documents")
    host = f"[{wanted.host}]" if ":" in wanted.host else wanted.host
    return f"https://{host}/.well-known/posh/{service}.json"


def read_posh(octets: bytes) -> Fingerprints | Delegation:
    """Read a document; raises `PoshError` and nothing else."""
    if len(octets) > LARGEST:
        raise PoshError(f"it has more than {LARGEST} octets")
    try:
        found = json.loads(octets.decode("utf-8"), object_pairs_hook=_once, parse_constant=_refuse, parse_float=_refuse)
    except PoshError:
        raise
    except (ValueError, RecursionError):
        raise PoshError("it is no JSON in UTF-8") from None
    if not isinstance(found, dict):
        raise PoshError("it is no JSON object")
    expires = found.get("expires")
    if type(expires) is not int or expires < 0:
        raise PoshError("`expires` is no number of seconds")
    if "fingerprints" in found and "url" in found:
        raise PoshError("it holds fingerprints and says that they are elsewhere")
    if "url" in found:
        return Delegation(_url(found["url"]), expires)
    listed = found.get("fingerprints")
    if not isinstance(listed, list) or not listed:
        raise PoshError("`fingerprints` is no list with anything in it")
    return Fingerprints(tuple(_descriptor(one) for one in listed), expires)


def delegated(by: Delegation, document: Fingerprints | Delegation) -> Fingerprints:
    """Take what was fetched from where a document pointed; raises `PoshError` for one that points on.

    The shorter of both times counts: who delegates may take it back that soon.
    """
    if isinstance(document, Delegation):
        raise PoshError("what was pointed to points elsewhere again")
    return Fingerprints(document.descriptors, min(by.expires, document.expires))


def check_posh(document: Fingerprints, certificate: bytes, *, fetched: float, now: float) -> PoshVerdict:
    """Judge the end-entity certificate of TLS, DER, by the document of the domain.

    `fetched` and `now` are of the same clock. A match is in place of a path to a trust anchor and of the names in
    the certificate; no match says nothing against what these prove (RFC 7711 section 3.3, RFC 7712 section 5.2).
    """
    if now >= fetched + document.expires or now < fetched:
        return PoshVerdict(False, "the document is out of date: fetch it anew")
    digests: dict[str, bytes] = {}
    for descriptor in document.descriptors:
        usable = {name: digest for name, digest in descriptor.items() if name in _HASHES}
        for name in usable:
            if name not in digests:
                digests[name] = hashlib.new(_HASHES[name], certificate).digest()
        # They are digests of one certificate: all that can be computed must agree.
        if usable and all(digests[name] == digest for name, digest in usable.items()):
            return PoshVerdict(True, "a fingerprint of the document is that of the certificate")
    return PoshVerdict(False, "no fingerprint of the document is that of the certificate")


def _descriptor(found: object) -> Mapping[str, bytes]:
    if not isinstance(found, dict) or not found:
        raise PoshError("a fingerprint is no JSON object with anything in it")
    digests = {}
    for name, text in found.items():
        if name not in _HASHES:
            continue
        try:
            digest = base64.b64decode(text, validate=True) if isinstance(text, str) else b""
        except (binascii.Error, ValueError):
            digest = b""
        if len(digest) != hashlib.new(_HASHES[name]).digest_size:
            raise PoshError("a fingerprint is no digest of its hash function in base64")
        digests[name] = digest
    return digests


def _url(found: object) -> str:
    if not isinstance(found, str) or not found.isascii() or not found.isprintable() or " " in found:
        raise PoshError("`url` is no address")
    try:
        parts = urlsplit(found)
        _ = parts.port
    except ValueError:
        raise PoshError("`url` is no address") from None
    if parts.scheme != "https" or not parts.hostname or parts.username is not None or parts.fragment:
        raise PoshError("`url` is no https address")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise PoshError("a member stands twice in an object")
    return found


def _refuse(_: str) -> NoReturn:
    raise PoshError("a number in it is no integer")
