"""What each input earns in each state: every pair of (state, input) has one row (RFC 6120 section 4.9).

The table is what a peer may do. `ACCEPT` means that the input is handled; whether it is good in
itself (a header's attributes, a stanza's addresses) is judged by the room that handles it.
"""

from __future__ import annotations

import enum
from typing import Final, NamedTuple

from .context import Side
from .state import StreamState

__all__ = ["VIOLATIONS", "Earns", "Input", "Row", "verdict_on"]


class Input(enum.Enum):
    """What a peer may put on a stream, as far as the stream layer tells it apart."""

    HEADER = "opening stream tag"
    FEATURES = "<stream:features/>"
    STREAM_ERROR = "<stream:error/>"
    FEATURE_ELEMENT = "element that a feature or extension accepts"
    STANZA = "stanza"
    FOREIGN_STANZA = "stanza in another content namespace"
    STREAM_ELEMENT = "other element in the stream namespace"
    UNKNOWN_ELEMENT = "element nobody accepts"
    CLOSING_TAG = "closing stream tag"
    BROKEN_XML = "octets that are no restricted XML"
    END_OF_DATA = "end of the transport"


class Earns(enum.Enum):
    """What the input earns."""

    ACCEPT = "handled"
    IGNORE = "ignored"
    STREAM_ERROR = "stream error, end"
    STANZA_ERROR = "stanza error, or stream error when addressed to others"
    END = "end without an error"
    NOTHING = "cannot occur: nothing is interpreted"


class Row(NamedTuple):
    """One row: on our `side` in `state` the `input` earns `earns`, with `condition` if an error is sent."""

    side: Side
    state: StreamState
    input: Input
    earns: Earns
    condition: str | None
    section: str


_S, _I, _E = StreamState, Input, Earns
_BOTH: Final = (Side.INITIATING, Side.RECEIVING)
_ELEMENTS: Final = (
    _I.FEATURES,
    _I.STREAM_ERROR,
    _I.FEATURE_ELEMENT,
    _I.STANZA,
    _I.FOREIGN_STANZA,
    _I.STREAM_ELEMENT,
    _I.UNKNOWN_ELEMENT,
)


def _rows() -> list[Row]:
    rows: list[Row] = []

    def add(
        states: tuple[StreamState, ...],
        inputs: tuple[Input, ...],
        earns: Earns,
        condition: str | None,
        section: str,
        sides: tuple[Side, ...] = _BOTH,
    ) -> None:
        rows.extend(
            Row(side, state, one, earns, condition, f"RFC 6120 section {section}")
            for side in sides
            for state in states
            for one in inputs
        )

    everything = tuple(Input)
    live = (_S.OPENING, _S.AWAITING_FEATURES, _S.NEGOTIATING, _S.OPEN)
    after_header = (_S.AWAITING_FEATURES, _S.NEGOTIATING, _S.OPEN)
    talking = (_S.NEGOTIATING, _S.OPEN)
    # Nothing is interpreted before the start, after the peer's closing tag, or after the end.
    add((_S.UNSTARTED, _S.PEER_CLOSED, _S.ENDED), everything, _E.NOTHING, None, "4.4")
    # The header comes first and once.
    add((_S.OPENING,), (_I.HEADER,), _E.ACCEPT, None, "4.2")
    add((_S.OPENING,), (*_ELEMENTS, _I.CLOSING_TAG), _E.NOTHING, None, "4.2")
    add(after_header, (_I.HEADER,), _E.NOTHING, None, "4.2")
    # What is wrong as XML is wrong everywhere; while closing the goodbye has been said.
    add(live, (_I.BROKEN_XML,), _E.STREAM_ERROR, "not-well-formed", "4.9.3.13")
    add((_S.CLOSING,), (_I.BROKEN_XML, _I.END_OF_DATA), _E.END, None, "4.4")
    add(live, (_I.END_OF_DATA,), _E.END, None, "4.6.1")
    # A stream error ends the stream in every state (4.9.1.1).
    add((*after_header, _S.CLOSING), (_I.STREAM_ERROR,), _E.ACCEPT, None, "4.9.1.1")
    add((*after_header, _S.CLOSING), (_I.CLOSING_TAG,), _E.ACCEPT, None, "4.4")
    # Features come from the receiving entity alone, and not once negotiation is complete.
    initiating, receiving = (Side.INITIATING,), (Side.RECEIVING,)
    add((_S.AWAITING_FEATURES, _S.NEGOTIATING), (_I.FEATURES,), _E.ACCEPT, None, "4.3.2", initiating)
    add((_S.OPEN,), (_I.FEATURES,), _E.IGNORE, None, "4.3.4", initiating)
    add(after_header, (_I.FEATURES,), _E.STREAM_ERROR, "unsupported-stanza-type", "4.9.3.24", receiving)
    # Features before anything else: what comes in their place is out of order.
    add(
        (_S.AWAITING_FEATURES,),
        (_I.FEATURE_ELEMENT, _I.STREAM_ELEMENT, _I.UNKNOWN_ELEMENT),
        _E.STREAM_ERROR,
        "unsupported-stanza-type",
        "4.9.3.24",
    )
    add((_S.AWAITING_FEATURES,), (_I.STANZA,), _E.STREAM_ERROR, "not-authorized", "4.9.3.12")
    add(talking, (_I.FEATURE_ELEMENT,), _E.ACCEPT, None, "4.3.2")
    add(after_header, (_I.FOREIGN_STANZA,), _E.STREAM_ERROR, "invalid-namespace", "4.9.3.10")
    add(talking, (_I.STREAM_ELEMENT, _I.UNKNOWN_ELEMENT), _E.STREAM_ERROR, "unsupported-stanza-type", "4.9.3.24")
    add((_S.NEGOTIATING,), (_I.STANZA,), _E.STANZA_ERROR, "not-authorized", "4.9.3.12")
    add((_S.OPEN,), (_I.STANZA,), _E.ACCEPT, None, "8")
    # After our closing tag what still comes is delivered if it is a stanza, else of no matter (4.4).
    add((_S.CLOSING,), (_I.STANZA,), _E.ACCEPT, None, "4.4")
    # A receiving entity that has not answered the header has said nothing that it could close.
    add((_S.CLOSING,), (_I.HEADER,), _E.IGNORE, None, "4.4", initiating)
    add((_S.CLOSING,), (_I.HEADER,), _E.NOTHING, None, "4.4", receiving)
    add(
        (_S.CLOSING,),
        (_I.FEATURES, _I.FEATURE_ELEMENT, _I.FOREIGN_STANZA, _I.STREAM_ELEMENT, _I.UNKNOWN_ELEMENT),
        _E.IGNORE,
        None,
        "4.4",
    )
    return rows


VIOLATIONS: Final = tuple(_rows())

_VERDICTS: Final = {(row.side, row.state, row.input): row for row in VIOLATIONS}


def verdict_on(side: Side, state: StreamState, given: Input) -> Row:
    """Give the one row for this pair on our `side`."""
    return _VERDICTS[side, state, given]
