"""Domainparts (RFC 7622 section 3.2): IDNA 2008 labels, and literals of IP addresses."""

from __future__ import annotations

import ipaddress
import re
from typing import Final

from .errors import StringError

__all__ = ["domainpart"]

_LABEL: Final = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_ASCII: Final = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*")
# RFC 5895 section 2.2 and UTS 46: the ideographic full stops separate labels as "." does.
_DOTS: Final = (".", "\u3002", "\uff0e", "\uff61")
_SECTION: Final = "RFC 7622 section 3.2"


def domainpart(text: str) -> str:
    """Prepare a domainpart: lower case, U-labels, no trailing dot; raises `StringError`."""
    if text.endswith(_DOTS):
        text = text[:-1]
    if not text:
        raise StringError("an empty domainpart", _SECTION)
    if text[0] == "[":
        return _literal(text)
    if text.isascii():
        text = text.lower()
        if "xn--" not in text:
            if _ASCII.fullmatch(text) is None:
                raise _ascii_fault(text)
            return text
    return _international(text)


def _literal(text: str) -> str:
    try:
        if not text.endswith("]") or "%" in text:
            raise ValueError
        address = ipaddress.IPv6Address(text[1:-1])
        # Written alike by every Python: only from 3.13 on does str() follow RFC 5952 section 5 here.
        inner = str(address) if address.ipv4_mapped is None else f"::ffff:{address.ipv4_mapped}"
        return f"[{inner}]"
    except ValueError:
        raise StringError("no IPv6 address in brackets", "RFC 7622 section 3.2.1") from None


def _ascii_fault(text: str) -> StringError:
    for position, one in enumerate(text):
        if not (one.isalnum() or one in "-_."):
            return StringError("a code point that domain names exclude", _SECTION, position, one)
    return StringError("a label that is empty, too long, or begins or ends with a hyphen", _SECTION)


def _international(text: str) -> str:
    import idna

    try:
        # RFC 5895 mappings: width, case and normalisation; never transitional.
        mapped = idna.uts46_remap(text, std3_rules=False, transitional=False)
    except idna.IDNAError:
        raise StringError("a code point that IDNA 2008 excludes", "RFC 5892 section 2") from None
    labels = []
    for label in mapped.split("."):
        if label.isascii() and not label.startswith("xn--"):
            if _LABEL.fullmatch(label) is None:
                fault = _ascii_fault(label)  # its position is one in the mapped label
                raise StringError(fault.rule, fault.section, None, fault.code_point)
            labels.append(label)
            continue
        try:
            labels.append(idna.ulabel(label))
            idna.alabel(labels[-1])
        except (idna.IDNAError, UnicodeError):
            raise StringError("a label that IDNA 2008 excludes", "RFC 5891 section 4.2") from None
    return ".".join(labels)
