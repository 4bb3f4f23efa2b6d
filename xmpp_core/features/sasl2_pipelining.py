"""Initial authentication pipelining (XEP-0509): what a client remembers of a server, and says of it."""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree.ElementTree import Element

from ..errors import LocalProtocolError
from ..stream.events import Event
from . import sasl2_elements as xml

__all__ = ["KnownServer", "ServerKnown", "known_server"]


@dataclass(frozen=True, slots=True)
class KnownServer:
    """The announcement of an earlier stream over TLS, with the version the server gave it.

    Raises `LocalProtocolError` for an announcement without a version or without SASL2.
    """

    features: Element

    def __post_init__(self) -> None:
        if known_server(self.features) is None:
            raise LocalProtocolError("the server's announcement has no version to refer to (XEP-0509 section 2.1)")

    @property
    def value(self) -> str:
        """The version: opaque, compared octet by octet (section 2.3.1)."""
        return self.version().get("value", "")

    def version(self) -> Element:
        """Write `<config-version/>` for `<authenticate/>`: what the server wrote, its scheme included (section 2.2)."""
        found = self.features.find(xml.CONFIG_VERSION)
        assert found is not None
        given = {name: found.get(name, "") for name in ("scheme", "value") if found.get(name) is not None}
        return Element(xml.CONFIG_VERSION, given)


@dataclass(frozen=True, slots=True)
class ServerKnown(Event):
    """The server takes an authentication along with the stream header, if it refers to `server` (XEP-0509).

    Keep it, in place of the one before, and give it as `ClientConfig.pipelining` the next time.
    """

    server: KnownServer


def known_server(features: Element) -> Element | None:
    """Give the `<config-version/>` of an announcement that can be pipelined to, None where it cannot."""
    found = features.find(xml.CONFIG_VERSION)
    if found is None or not found.get("value") or features.find(xml.AUTHENTICATION) is None:
        return None
    return found
