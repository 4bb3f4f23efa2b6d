"""What a test server may do wrong: plain values, given to `LoopbackServer.misbehave`.

Each says what happens and, where it matters, when. A fault is of one connection; several together
are one behaviour.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TypeAlias

from ..stream.conditions import StreamError

__all__ = [
    "BadCertificate",
    "Delay",
    "Drop",
    "DropAfter",
    "Fault",
    "Flaw",
    "Garbage",
    "HalfClose",
    "Moment",
    "OnStanza",
    "RefuseTls",
    "SeeOtherHost",
    "SendStreamError",
    "Silence",
    "SplitWrites",
    "StopReading",
    "Way",
    "When",
    "WrongNonce",
    "WrongSignature",
]


class Moment(enum.Enum):
    """A point in the life of a connection.

    The last three are where the server has sent the header of a stream and its features would follow (RFC 6120
    section 4.3.2). Under direct TLS the first stream is the first over TLS, too.
    """

    AT_ONCE = "when the connection is accepted; of one that lives already: now"
    STREAM = "in place of the features of the first stream"
    SECURED = "in place of the features of the first stream over TLS"
    AUTHENTICATED = "in place of the features of the stream after authentication"


@dataclass(frozen=True, slots=True)
class OnStanza:
    """In place of whatever the server would do about the n-th stanza from the client, which goes nowhere.

    Counted from 1, beginning when the session is ready or, if it is already, when the fault is given.
    """

    number: int = 1

    def __post_init__(self) -> None:
        if self.number < 1:
            raise ValueError("stanzas are counted from 1")


When: TypeAlias = Moment | OnStanza


class Way(enum.Enum):
    """A direction."""

    TO_CLIENT = "from the server to the client"
    TO_SERVER = "from the client to the server"


class Flaw(enum.Enum):
    """What is wrong with a certificate."""

    EXPIRED = "its time is over"
    NOT_YET_VALID = "its time has not come"
    WRONG_HOST = "it is for another domain"
    SELF_SIGNED = "it signed itself"
    UNKNOWN_AUTHORITY = "an authority issued it that nobody trusts"


@dataclass(frozen=True, slots=True)
class DropAfter:
    """Cut the TCP connection once `octets` octets of the transport, TLS included, have gone `way`.

    That many arrive and no more. With `reset` a TCP reset is sent, which may overtake what was sent last.
    """

    octets: int
    way: Way = Way.TO_CLIENT
    reset: bool = False

    def __post_init__(self) -> None:
        if self.octets < 0:
            raise ValueError("octets are a number of octets")


@dataclass(frozen=True, slots=True)
class Drop:
    """Cut the TCP connection, without a closing tag or close_notify; `reset`: by a TCP reset.

    A reset `AT_ONCE` may arrive before the client knows that it is connected.
    """

    at: When = Moment.AT_ONCE
    reset: bool = False


@dataclass(frozen=True, slots=True)
class HalfClose:
    """End the server's direction of the TCP connection without a closing tag; what comes is thrown away."""

    at: When = Moment.AT_ONCE


@dataclass(frozen=True, slots=True)
class Silence:
    """Say nothing any more; what comes is read and thrown away, and the connection stays."""

    at: When = Moment.AT_ONCE


@dataclass(frozen=True, slots=True)
class StopReading:
    """Read nothing more once at least `octets` octets were read: the client's writes fill all buffers."""

    octets: int = 0


@dataclass(frozen=True, slots=True)
class SplitWrites:
    """Write in pieces of `octets` octets, each a segment of its own as far as the system plays along."""

    octets: int = 1

    def __post_init__(self) -> None:
        if self.octets < 1:
            raise ValueError("a piece has at least one octet")


@dataclass(frozen=True, slots=True)
class Garbage:
    """Say these octets; `below_tls`: on the transport itself, where TLS is expected once it is in place."""

    octets: bytes = b"\x00\xff<<garbage>>"
    at: When = Moment.STREAM
    below_tls: bool = False


@dataclass(frozen=True, slots=True)
class Delay:
    """Hold back, for `seconds`, each write with a top-level element named `of` in it, and what follows it.

    `of` is an element name ("iq", "features", "success"), a Clark name, or None for every write.
    """

    seconds: float
    of: str | None = None


@dataclass(frozen=True, slots=True)
class SendStreamError:
    """End the stream with an error (RFC 6120 section 4.9). `AT_ONCE`: as `STREAM`, or now.

    Raises `ValueError` for a condition that RFC 6120 does not define.
    """

    condition: str
    at: When = Moment.STREAM
    text: str | None = None

    def __post_init__(self) -> None:
        self.error()

    def error(self) -> StreamError:
        """Give the error to send."""
        return StreamError(self.condition, self.text)


@dataclass(frozen=True, slots=True)
class SeeOtherHost:
    """Send the client to another host (RFC 6120 section 4.9.3.19): `host`, `host:port` or `[IPv6]:port`."""

    other_host: str
    at: When = Moment.STREAM

    def __post_init__(self) -> None:
        self.error()

    def error(self) -> StreamError:
        """Give the error to send."""
        return StreamError("see-other-host", other_host=self.other_host)


@dataclass(frozen=True, slots=True)
class RefuseTls:
    """Answer `<starttls/>` with `<failure/>` and close (RFC 6120 section 5.4.2.2)."""


@dataclass(frozen=True, slots=True)
class BadCertificate:
    """Show a certificate with this flaw, with STARTTLS and direct TLS alike."""

    flaw: Flaw


@dataclass(frozen=True, slots=True)
class WrongNonce:
    """Answer SCRAM with a nonce that does not extend the client's (RFC 5802 section 5.1)."""


@dataclass(frozen=True, slots=True)
class WrongSignature:
    """Claim success with a server signature that is not that of the account (RFC 5802 section 5)."""


Fault: TypeAlias = (
    DropAfter
    | Drop
    | HalfClose
    | Silence
    | StopReading
    | SplitWrites
    | Garbage
    | Delay
    | SendStreamError
    | SeeOtherHost
    | RefuseTls
    | BadCertificate
    | WrongNonce
    | WrongSignature
)
