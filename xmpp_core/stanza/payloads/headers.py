"""Stanza headers: what other protocols say in headers, beside a stanza.

XEP-0131, version 1.2, Draft; sections 3 to 5.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from ..payload import SOME_TEXT, Spec, attribute, children, payload, text
from .disco import DiscoInfo

__all__ = ["NAMESPACE", "SPEC", "Header", "Headers", "features"]

SPEC: Final = Spec(131, "1.2", "Draft", "Stanza Headers and Internet Metadata")
NAMESPACE: Final = "http://jabber.org/protocol/shim"
"""Also the node that is asked for the headers an entity knows (section 3.2)."""


@payload(NAMESPACE, "header")
class Header:
    """One header (section 4)."""

    name: str = attribute(codec=SOME_TEXT)
    value: str = text(default="")


@payload(NAMESPACE, "headers")
class Headers:
    """The headers of a message or presence, or of the payload of an IQ, never beside it (section 4)."""

    headers: tuple[Header, ...] = children(Header, default=())

    def values(self, name: str) -> tuple[str, ...]:
        """Give the values of a header, whatever the case of its name."""
        return tuple(one.value for one in self.headers if one.name.lower() == name.lower())

    def value(self, name: str) -> str | None:
        """Give the first of them."""
        return next(iter(self.values(name)), None)


def features(names: Iterable[str]) -> DiscoInfo:
    """Give the answer for the node: which headers are known (section 3.2)."""
    return DiscoInfo(NAMESPACE, features=tuple(f"{NAMESPACE}#{name}" for name in names))
