"""The life of a stream as a table: legal transitions, each with its section (RFC 6120 section 4)."""

from __future__ import annotations

import enum
from typing import Final, NamedTuple

__all__ = ["TRANSITIONS", "StreamState", "Transition", "Turn", "next_state"]


class StreamState(enum.Enum):
    """Where a stream is. Whether a question waits is a matter beside it."""

    UNSTARTED = "unstarted"
    """`start` was not called."""
    OPENING = "opening"
    """The peer's stream header is awaited, at the start or after a restart."""
    AWAITING_FEATURES = "awaiting features"
    """Initiating only: the header came, the features did not."""
    NEGOTIATING = "negotiating"
    """Stream features are negotiated."""
    OPEN = "open"
    """Negotiation is complete: stanzas flow both ways."""
    CLOSING = "closing"
    """Our closing tag was sent, the peer's is awaited; its stanzas are still delivered."""
    PEER_CLOSED = "peer closed"
    """The peer's closing tag came; ours leaves before the next event."""
    ENDED = "ended"
    """The terminal event was made: nothing follows."""


class Turn(enum.Enum):
    """What moves a stream from state to state."""

    START = "start"
    HEADER_OF_INITIATING = "header of the initiating entity"
    HEADER_OF_RECEIVING = "header of the receiving entity"
    OLD_HEADER_OF_RECEIVING = "header of a receiving entity before XMPP 1.0"
    FEATURES = "features"
    RESTART = "restart"
    RESENT_FEATURES = "features follow again"
    COMPLETE = "complete"
    CLOSE = "close"
    PEER_CLOSE = "peer's closing tag"
    END = "end"


class Transition(NamedTuple):
    """One row of the table."""

    state: StreamState
    turn: Turn
    to: StreamState
    section: str


_S, _T = StreamState, Turn

TRANSITIONS: Final = (
    Transition(_S.UNSTARTED, _T.START, _S.OPENING, "RFC 6120 section 4.2"),
    Transition(_S.OPENING, _T.HEADER_OF_INITIATING, _S.NEGOTIATING, "RFC 6120 section 4.3.2"),
    Transition(_S.OPENING, _T.HEADER_OF_RECEIVING, _S.AWAITING_FEATURES, "RFC 6120 section 4.3.2"),
    Transition(_S.OPENING, _T.OLD_HEADER_OF_RECEIVING, _S.NEGOTIATING, "RFC 6120 section 4.7.5"),
    Transition(_S.AWAITING_FEATURES, _T.FEATURES, _S.NEGOTIATING, "RFC 6120 section 4.3.5"),
    Transition(_S.NEGOTIATING, _T.FEATURES, _S.NEGOTIATING, "RFC 6120 section 4.3.4"),
    Transition(_S.NEGOTIATING, _T.RESTART, _S.OPENING, "RFC 6120 section 4.3.3"),
    Transition(_S.NEGOTIATING, _T.RESENT_FEATURES, _S.AWAITING_FEATURES, "RFC 6120 section 4.3.4"),
    Transition(_S.NEGOTIATING, _T.COMPLETE, _S.OPEN, "RFC 6120 section 4.3.5"),
    Transition(_S.OPENING, _T.CLOSE, _S.CLOSING, "RFC 6120 section 4.4"),
    Transition(_S.AWAITING_FEATURES, _T.CLOSE, _S.CLOSING, "RFC 6120 section 4.4"),
    Transition(_S.NEGOTIATING, _T.CLOSE, _S.CLOSING, "RFC 6120 section 4.4"),
    Transition(_S.OPEN, _T.CLOSE, _S.CLOSING, "RFC 6120 section 4.4"),
    Transition(_S.AWAITING_FEATURES, _T.PEER_CLOSE, _S.PEER_CLOSED, "RFC 6120 section 4.4"),
    Transition(_S.NEGOTIATING, _T.PEER_CLOSE, _S.PEER_CLOSED, "RFC 6120 section 4.4"),
    Transition(_S.OPEN, _T.PEER_CLOSE, _S.PEER_CLOSED, "RFC 6120 section 4.4"),
    Transition(_S.CLOSING, _T.PEER_CLOSE, _S.ENDED, "RFC 6120 section 4.4"),
    Transition(_S.PEER_CLOSED, _T.CLOSE, _S.ENDED, "RFC 6120 section 4.4"),
    *(
        Transition(state, _T.END, _S.ENDED, "RFC 6120 section 4.9.1.1")
        for state in StreamState
        if state is not StreamState.ENDED
    ),
)

_NEXT: Final = {(row.state, row.turn): row.to for row in TRANSITIONS}


def next_state(state: StreamState, turn: Turn) -> StreamState | None:
    """Give the state after `turn`, None when the table has no such row."""
    return _NEXT.get((state, turn))
