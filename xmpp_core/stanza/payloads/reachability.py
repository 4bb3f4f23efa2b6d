"""Reachability addresses: where else somebody can be reached for now.

XEP-0152, version 1.0, Draft; sections 3 and 4.
"""

from __future__ import annotations

from typing import Final

from ..payload import Spec, attribute, children, localized, pattern, payload

__all__ = ["NAMESPACE", "SPEC", "Reachability", "ReachableAt"]

SPEC: Final = Spec(152, "1.0", "Draft", "Reachability Addresses")
NAMESPACE: Final = "urn:xmpp:reach:0"
"""Also the node of personal events (section 4.2)."""

_IRI: Final = pattern(r"[A-Za-z][A-Za-z0-9+.\-]*:[^\x00-\x20<>\"{}|\\^`]+", "a URI or IRI (XEP-0152 section 3)")


@payload(NAMESPACE, "addr")
class ReachableAt:
    """One address (section 3)."""

    uri: str = attribute(codec=_IRI)
    """A URI or IRI: `tel:`, `sip:` ..."""
    descriptions: dict[str | None, str] = localized("desc", default={})
    """Left out of presence that all get."""


@payload(NAMESPACE, "reach")
class Reachability:
    """The addresses, in presence or as a personal event (section 3); none: reachable nowhere else any more."""

    addresses: tuple[ReachableAt, ...] = children(ReachableAt, default=())
