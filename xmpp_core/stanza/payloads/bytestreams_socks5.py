"""SOCKS5 bytestreams: where a connection beside the stream can be made, directly or through a proxy.

XEP-0065, version 1.8.2, Draft; sections 5 to 9.
"""

from __future__ import annotations

import hashlib
from enum import Enum
from typing import Final

from ...errors import PayloadError
from ...jid import JID
from ..payload import ADDRESS, SOME_TEXT, Spec, attribute, child_attribute, child_text, children, enum, integer, payload

__all__ = [
    "DEFAULT_PORT",
    "NAMESPACE",
    "SPEC",
    "Bytestream",
    "Mode",
    "StreamHost",
    "UdpSuccess",
    "destination",
]

SPEC: Final = Spec(65, "1.8.2", "Draft", "SOCKS5 Bytestreams")
NAMESPACE: Final = "http://jabber.org/protocol/bytestreams"
DEFAULT_PORT: Final = 1080


class Mode(Enum):
    """Over what the octets go (section 9.1)."""

    TCP = "tcp"
    UDP = "udp"


@payload(NAMESPACE, "streamhost")
class StreamHost:
    """Where to connect to (section 9.2)."""

    jid: JID = attribute()
    host: str = attribute(codec=SOME_TEXT)
    """An IP address or a domain name."""
    port: int = attribute(codec=integer(0, 65535), default=DEFAULT_PORT)


@payload(NAMESPACE, "query")
class Bytestream:
    """An offer of hosts, which of them was used, an order to a proxy, or a question to it (section 9.1)."""

    sid: str | None = attribute(default=None)
    """The session; a proxy is asked for its address without one (section 4)."""
    mode: Mode = attribute(codec=enum(Mode), default=Mode.TCP)
    dstaddr: str | None = attribute(default=None)
    """The destination, for who cannot know it himself: in a room (section 7)."""
    hosts: tuple[StreamHost, ...] = children(StreamHost, default=(), kw_only=True)
    used: JID | None = child_attribute("jid", "streamhost-used", default=None, kw_only=True)
    activate: JID | None = child_text(codec=ADDRESS, default=None, kw_only=True)
    """Who is at the other end: an order to the proxy to let octets through."""

    def validate(self) -> None:
        """One of the three at most (section 9.1)."""
        if bool(self.hosts) + (self.used is not None) + (self.activate is not None) > 1:
            raise PayloadError(".", "hosts, or the one used, or an order to activate (XEP-0065 section 9.1)")


@payload(NAMESPACE, "udpsuccess")
class UdpSuccess:
    """The first packet over UDP has come (section 9.5)."""

    dstaddr: str = attribute()


def destination(sid: str, requester: JID, target: JID) -> str:
    """Give the host name that is asked for by SOCKS5 (section 5.3.2): the addresses as those of the IQs."""
    return hashlib.sha1(f"{sid}{requester}{target}".encode(), usedforsecurity=False).hexdigest()
