"""What of the octets on their way proves an identity: it is left out where a connection is written down.

Received octets keep their number and their markup, so the peer's stream goes on and its exchange alone
fails. `LEFT_OUT` stands where text was: a character that XML allows (section 2.2) and base64 does not.
"""

from __future__ import annotations

import re
from typing import Final
from xml.etree.ElementTree import Element

from ..namespaces import FAST, SASL, SASL2
from .context import Side

__all__ = ["LEFT_OUT", "proves", "was_left_out", "without_proofs"]

LEFT_OUT: Final = "\x7f"

# What a client proves itself by (RFC 6120 section 6.4; XEP-0388 sections 2.3 to 2.6), or a task (section 2.6.3).
_NAMES: Final = frozenset({b"auth", b"response", b"initial-response", b"next", b"task-data"})
_PROVING: Final = frozenset(
    {f"{{{SASL}}}auth", f"{{{SASL}}}response"}
    | {f"{{{SASL2}}}{name}" for name in ("authenticate", "response", "next", "task-data")}
)
_SUCCESS: Final = f"{{{SASL2}}}success"
_TOKEN: Final = f"{{{FAST}}}token"

# Any of them may be cut off by the end of what was received. XML has no way to write a name in disguise.
_TOKENS: Final = re.compile(
    rb"(?P<cdata><!\[CDATA\[)(?P<verbatim>.*?)(?:\]\]>|\Z)"
    rb"|</(?P<end>[^>]*)>?"
    rb"|<(?P<start>[^\s/>'\"]*+)(?P<rest>(?:[^>'\"]++|'[^']*+(?:'|\Z)|\"[^\"]*+(?:\"|\Z))*+)(?P<whole>>?)"
    rb"|(?P<text>[^<]+)",
    re.DOTALL,
)
_TOKEN_VALUE: Final = re.compile(rb"(?<=[\s:'\"])(token\s*=\s*)('[^']*+|\"[^\"]*+)")
_VISIBLE: Final = re.compile(rb"[^ \t\r\n]")
_MASK: Final = LEFT_OUT.encode()


def proves(element: Element) -> bool:
    """Whether something proves an identity in an element we send: a client's part of an exchange, or a token."""
    if element.tag == _SUCCESS:
        return any(one.tag == _TOKEN for one in element.iter())
    return element.tag in _PROVING


def without_proofs(octets: bytes, side: Side) -> bytes:
    """Give as many octets as `side` received before authentication, with `LEFT_OUT` for what proves an identity."""
    pieces: list[bytes] = []
    depth = 0
    """How many elements are open, from one that proves something on."""
    for found in _TOKENS.finditer(octets):
        piece = found[0]
        if found["start"] is not None:
            piece = _TOKEN_VALUE.sub(_without_value, piece)
            name = found["start"].rpartition(b":")[2]
            proof = side is Side.RECEIVING and name in _NAMES
            if found["whole"] and not found["rest"].endswith(b"/") and (depth or proof):
                depth += 1
        elif found["end"] is not None:
            depth -= depth > 0
        elif depth:
            begin = len(found["cdata"] or b"")
            text = found["text"] if found["verbatim"] is None else found["verbatim"]
            piece = piece[:begin] + _VISIBLE.sub(_MASK, text) + piece[begin + len(text) :]
        pieces.append(piece)
    return b"".join(pieces)


def was_left_out(element: Element | None) -> bool:
    """Whether text of this element was left out of a snapshot, and with it the proof that the peer sent."""
    return element is not None and any(LEFT_OUT in text for text in element.itertext())


def _without_value(found: re.Match[bytes]) -> bytes:
    return found[1] + found[2][:1] + _MASK * (len(found[2]) - 1)
