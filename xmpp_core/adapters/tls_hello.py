"""Whether a TLS 1.2 handshake has the extended master secret (RFC 7627): read from its ServerHello.

Neither `ssl` nor pyOpenSSL tells, and channel binding before TLS 1.3 depends on it (RFC 9266 section 4.2,
RFC 7627 section 6.1). The ServerHello of TLS 1.2 crosses the network in the clear.
"""

from __future__ import annotations

from typing import Final

__all__ = ["ServerHello"]

_HANDSHAKE: Final = 22
_SERVER_HELLO: Final = 2
_EXTENDED_MASTER_SECRET: Final = 23
_MOST: Final = 4096
"""A ServerHello has a few hundred octets."""


class ServerHello:
    """Keeps the first octets a server sent until its ServerHello is complete."""

    __slots__ = ("_done", "_octets", "extended_master_secret")

    def __init__(self) -> None:
        self._octets = bytearray()
        self._done = False
        self.extended_master_secret: bool | None = None
        """None until it is known, and for good when what came cannot be read."""

    def take(self, octets: bytes) -> None:
        """Note what the server sent next."""
        if self._done:
            return
        self._octets += octets[:_MOST]
        try:
            message = self._message()
            if message is not None:
                self.extended_master_secret = _EXTENDED_MASTER_SECRET in _extensions(message)
                self._finish()
            elif len(self._octets) >= _MOST:
                self._finish()
        except (ValueError, IndexError):
            self._finish()

    def _finish(self) -> None:
        self._done = True
        self._octets = bytearray()

    def _message(self) -> bytes | None:
        """Join the fragments of the first handshake message (RFC 5246 section 6.2.1)."""
        joined = bytearray()
        place = 0
        data = self._octets
        while len(data) - place >= 5:
            if data[place] != _HANDSHAKE:
                raise ValueError
            end = place + 5 + int.from_bytes(data[place + 3 : place + 5], "big")
            joined += data[place + 5 : end]
            if len(joined) >= 4:
                if joined[0] != _SERVER_HELLO:
                    raise ValueError
                size = int.from_bytes(joined[1:4], "big")
                if len(joined) - 4 >= size:
                    return bytes(joined[4 : 4 + size])
            if end > len(data):
                return None
            place = end
        return None


def _extensions(message: bytes) -> set[int]:
    """Give the types of the extensions of a ServerHello (RFC 5246 section 7.4.1.3)."""
    place = 34  # version and random
    place += 1 + message[place]  # session id
    place += 3  # cipher suite and compression method
    if place == len(message):
        return set()
    end = place + 2 + int.from_bytes(message[place : place + 2], "big")
    if end > len(message):
        raise ValueError
    place += 2
    found = set()
    while place < end:
        found.add(int.from_bytes(message[place : place + 2], "big"))
        place += 4 + int.from_bytes(message[place + 2 : place + 4], "big")
    if place != end:
        raise ValueError
    return found
