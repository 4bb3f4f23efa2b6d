"""ANONYMOUS: no identity, but perhaps a trace for whoever runs the server (RFC 4505, XEP-0175)."""

from __future__ import annotations

import stringprep as tables
from dataclasses import dataclass
from typing import Final

from ..errors import LocalProtocolError
from .conditions import SaslCondition
from .credentials import Anonymous
from .logins import AnonymousRequest, Authorized, Denied
from .mechanism import (
    Authenticated,
    ClientOutcome,
    Failed,
    Need,
    Refusal,
    Respond,
    SaslContext,
    ServerOutcome,
    Strength,
)
from .one_message import MessageSent, OneMessage

__all__ = ["MOST_TRACE", "AnonymousClient", "AnonymousServer", "Asking", "fault_of_trace"]

MOST_TRACE: Final = 255
"""Characters of trace information (RFC 4505 section 2)."""

_PROHIBITED: Final = (
    tables.in_table_c21,
    tables.in_table_c22,
    tables.in_table_c3,
    tables.in_table_c4,
    tables.in_table_c5,
    tables.in_table_c6,
    tables.in_table_c8,
    tables.in_table_c9,
)


def fault_of_trace(text: str) -> str | None:
    """Say why `text` is no trace information under the profile of RFC 4505 section 3; None if it is."""
    if len(text) > MOST_TRACE:
        return f"more than {MOST_TRACE} characters"
    if any(prohibited(one) for one in text for prohibited in _PROHIBITED):
        return "a prohibited character"
    right = [tables.in_table_d1(one) for one in text]
    if any(right) and (any(tables.in_table_d2(one) for one in text) or not (right[0] and right[-1])):
        return "directions that do not go together (RFC 3454 section 6)"
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnonymousClient(OneMessage):
    """ANONYMOUS, the initiating side. Raises `LocalProtocolError` for a trace that breaks RFC 4505 section 3."""

    credentials: Anonymous

    def __post_init__(self) -> None:
        fault = fault_of_trace(self.credentials.trace or "")
        if fault is not None:
            raise LocalProtocolError(f"the trace has {fault}")

    @property
    def name(self) -> str:
        """`ANONYMOUS`."""
        return "ANONYMOUS"

    @property
    def strength(self) -> int:
        """None at all."""
        return Strength.ANONYMOUS

    @property
    def binds(self) -> bool:
        """Never."""
        return False

    def refusal(self, context: SaslContext) -> Refusal | None:
        """Nothing is given away, so nothing is refused."""
        return None

    def start(self, context: SaslContext) -> ClientOutcome:
        """Send the trace. XEP-0175 section 3 wants no octets without one, and RFC 6120 section 6.4.2 an equals sign."""
        return Respond((self.credentials.trace or "").encode(), MessageSent(self.name))


@dataclass(frozen=True, slots=True)
class Asking:
    """Server: which address the client gets is being asked."""

    trace: str | None


@dataclass(frozen=True, slots=True)
class AnonymousServer:
    """ANONYMOUS, the receiving side. Never offered unless it is named (XEP-0175 section 3)."""

    @property
    def name(self) -> str:
        """`ANONYMOUS`."""
        return "ANONYMOUS"

    @property
    def strength(self) -> int:
        """None at all."""
        return Strength.ANONYMOUS

    @property
    def binds(self) -> bool:
        """Never."""
        return False

    def refusal(self, context: SaslContext) -> Refusal | None:
        """Nothing is proved, so nothing is refused."""
        return None

    def start(self, initial: bytes | None, context: SaslContext) -> ServerOutcome:
        """Take the trace. A client that sends none is not asked for one: XEP-0175 section 4 has `<auth/>` empty."""
        return _message(initial or b"")

    def responded(self, state: object, data: bytes, context: SaslContext) -> ServerOutcome:
        """Raise `LocalProtocolError`: nothing was asked of the client."""
        raise LocalProtocolError("no state of ANONYMOUS waits for the client")

    def answered(self, state: object, value: object, context: SaslContext) -> ServerOutcome:
        """Take the address."""
        if not isinstance(state, Asking):
            raise LocalProtocolError("no state of ANONYMOUS that waits for an answer")
        match value:
            case Authorized():
                return Authenticated(str(value.jid), str(value.jid))
            case Denied():
                return Failed(value.condition, value.reason)
        raise LocalProtocolError("the answer to an AnonymousRequest is Authorized or Denied")

    def resumed(self, state: object, context: SaslContext) -> ServerOutcome | None:
        """Ask again."""
        if not isinstance(state, Asking):
            raise LocalProtocolError("no state of ANONYMOUS")
        return Need(AnonymousRequest(state.trace), state)


def _message(data: bytes) -> ServerOutcome:
    try:
        trace = data.decode()
    except UnicodeDecodeError:
        return Failed(SaslCondition.MALFORMED_REQUEST, "the message breaks RFC 4505 section 2: not UTF-8")
    fault = fault_of_trace(trace)
    if fault is not None:
        return Failed(SaslCondition.MALFORMED_REQUEST, f"the message breaks RFC 4505 section 3: {fault}")
    return Need(AnonymousRequest(trace or None), Asking(trace or None))
