"""The names in a certificate, and whether it is for a host (RFC 9525 section 6)."""

from __future__ import annotations

import ipaddress
import re
from typing import Final

__all__ = ["is_for", "names_in"]

_NAME: Final = re.compile(r"[A-Za-z0-9*._:-]{1,253}")


def names_in(certificate: bytes) -> tuple[str, ...]:
    """Give the DNS names and addresses in the subjectAltName of a DER certificate, those that are well-formed.

    () for a certificate that cannot be read.
    """
    from cryptography import x509

    try:
        found = x509.load_der_x509_certificate(certificate).extensions.get_extension_for_class(
            x509.SubjectAlternativeName
        )
        names = [
            *found.value.get_values_for_type(x509.DNSName),
            *(str(one) for one in found.value.get_values_for_type(x509.IPAddress)),
        ]
    except (ValueError, x509.ExtensionNotFound, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
        return ()
    return tuple(name for name in names if _NAME.fullmatch(name))


def is_for(certificate: bytes, host: str) -> bool:
    """Whether a DER certificate names the host: A-labels, or an IP address without brackets.

    As OpenSSL does it for `ssl`: a wildcard is the whole first label and stands for one label
    (RFC 9525 section 6.3), with two labels or more after it; the common name counts for nothing.
    """
    names = names_in(certificate)
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        wanted = host.lower()
        return any(_matches(name.lower(), wanted) for name in names if not _is_address(name))
    return any(_is_address(name) and ipaddress.ip_address(name) == address for name in names)


def _matches(name: str, wanted: str) -> bool:
    if name == wanted:
        return "*" not in name
    if not name.startswith("*.") or name.count(".") < 2 or "*" in name[1:]:
        return False
    first, _, rest = wanted.partition(".")
    return bool(first) and rest == name[2:]


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
