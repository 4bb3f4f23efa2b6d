"""The hosts in a certificate, and whether it is for one of them (RFC 9525 section 6)."""

from __future__ import annotations

import re
from typing import Final

from ..errors import LocalProtocolError
from ..identity import CertificateError, Name, NameKind, Role, match, read_certificate, reference

__all__ = ["is_for", "names_in"]

_HOSTS: Final = (NameKind.DNS_NAME, NameKind.IP_ADDRESS)
# Fit to be shown, whether it can match or not.
_PLAIN: Final = re.compile(r"[A-Za-z0-9*._:-]{1,253}")


def names_in(certificate: bytes) -> tuple[str, ...]:
    """Give the DNS names, then the addresses, in the subjectAltName of a DER certificate, those that can be shown.

    () for a certificate that cannot be read.
    """
    names = _hosts(certificate)
    return tuple(name.text for kind in _HOSTS for name in names if name.kind is kind and _PLAIN.fullmatch(name.text))


def is_for(certificate: bytes, host: str) -> bool:
    """Whether a DER certificate names the host: A-labels, or an IP address without brackets.

    By dNSName and iPAddress, as OpenSSL does it for `ssl`. What else a certificate of XMPP may name a server by
    `identity.examine` knows.
    """
    try:
        wanted = reference(f"[{host}]" if ":" in host else host, Role.C2S_SERVER)
    except LocalProtocolError:
        return False
    return any(match(name, wanted).matches for name in _hosts(certificate))


def _hosts(certificate: bytes) -> tuple[Name, ...]:
    try:
        names = read_certificate(certificate).names
    except CertificateError:
        return ()
    return tuple(name for name in names if name.kind in _HOSTS)
