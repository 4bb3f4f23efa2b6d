"""Addresses that mimic others (RFC 7622 section 7.3, XEP-0165): for a warning, never for a decision."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from .address import JID

__all__ = ["look_alikes", "mixed_parts"]

_KEPT: Final = 256


def look_alikes(address: JID, known: Iterable[JID]) -> tuple[JID, ...]:
    """Give those of the known addresses that `address` could be taken for: other ones that look like it.

    Only the bare addresses are looked at. A client warns when a stranger's address has look-alikes in the
    roster. What it finds and does not find: docs/explanation/addresses.md.
    """
    looks = _looks(address)
    itself = address.local, address.domain
    alike = (one.bare for one in known if (one.local, one.domain) != itself and _looks(one) == looks)
    return tuple(dict.fromkeys(alike))


def mixed_parts(address: JID) -> tuple[str, ...]:
    """Name the parts, "localpart" or "domainpart", in which scripts stand that are not written together.

    Of a domainpart each label counts for itself.
    """
    from ..strings.scripts import mixed_scripts

    found = []
    if address.local is not None and mixed_scripts(address.local):
        found.append("localpart")
    if any(map(mixed_scripts, address.domain.split("."))):
        found.append("domainpart")
    return tuple(found)


def _looks(address: JID) -> tuple[str, str]:
    return _likeness(address.local or ""), _likeness(address.domain)


def _likeness(part: str) -> str:
    return _known_likeness(part) if len(part) <= _KEPT else _known_likeness.__wrapped__(part)


@lru_cache(maxsize=2048)
def _known_likeness(part: str) -> str:
    """Of the names of a roster: they are asked for whenever a stranger comes."""
    # Everybody imports this module and few ask it anything: what it needs is imported by those who do.
    from ..strings.confusables import likeness

    return likeness(part)
