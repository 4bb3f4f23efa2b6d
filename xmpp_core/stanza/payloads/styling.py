"""Message styling: what is strong, quoted or preformatted in a body, by the characters around it.

XEP-0393, version 1.1.1, Draft; sections 4, 6 and 7.

`styled` gives places in the body and takes nothing away, since the characters that style are shown too (section 8).
What quotes and spans hold is told by numbers, not by nesting: no body makes a deep tree of them. The work is in
proportion to the length of the body, whatever it holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from ..message import Message
from ..payload import Spec, payload

__all__ = ["NAMESPACE", "SPEC", "Line", "LineKind", "Span", "SpanKind", "Unstyled", "styled", "styled_body"]

SPEC: Final = Spec(393, "1.1.1", "Draft", "Message Styling")
NAMESPACE: Final = "urn:xmpp:styling:0"

_FENCE: Final = "```"
# The property White_Space, or category Z (section 4), without the line feed, at which lines end.
_WHITE: Final = frozenset(
    "\t\v\f\r \x85\xa0\u1680"
    "\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)


@payload(NAMESPACE, "unstyled")
class Unstyled:
    """Says that the body is to be shown as it is (section 7)."""


class SpanKind(Enum):
    """What a span is, by the character around it (section 6.2)."""

    EMPHASIS = "_"
    STRONG = "*"
    STRIKE = "~"
    PREFORMATTED = "`"
    """Holds no spans."""


class LineKind(Enum):
    """What a line is, once the quotes around it are taken away (section 6.1)."""

    PLAIN = "plain"
    OPENING = "opening"
    """Begins a preformatted block; what follows the three accents is of no meaning here."""
    PREFORMATTED = "preformatted"
    CLOSING = "closing"
    """Ends one; without it, the block ends with the quote it is in, or with the body."""


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a line from its opening character up to, not including, what follows its closing one."""

    kind: SpanKind
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Line:
    """One line. Neighbours of a depth of n at least are in the same quote of that depth (section 6.1.3)."""

    kind: LineKind
    depth: int
    """In how many quotes it is."""
    begin: int
    """Where it begins in the body, with the signs of the quotes."""
    start: int
    """Where its text begins."""
    end: int
    """Where it ends, before the line feed."""
    spans: tuple[Span, ...] = ()
    """In the order of their beginnings; a span that is in another follows it, and ends before it."""


def styled_body(message: Message) -> tuple[Line, ...] | None:
    """Style the body of a message; None if there is none, or its sender wants it as it is (section 7)."""
    body = message.body
    if body is None or message.child(f"{{{NAMESPACE}}}unstyled") is not None:
        return None
    return styled(body)


def styled(body: str) -> tuple[Line, ...]:
    """Give the lines of a body, with the quotes, preformatted blocks and spans they are in (section 6)."""
    lines = []
    inside: int | None = None  # the depth of the preformatted block we are in
    begin = 0
    while True:
        end = body.find("\n", begin)
        end = len(body) if end < 0 else end
        start, depth = begin, 0
        while start < end and body[start] == ">" and depth != inside:
            depth += 1
            start += 1
            if start < end and body[start] in _WHITE:
                start += 1
        if inside is not None and depth < inside:
            inside = None  # the block ended with the quote
        spans: tuple[Span, ...] = ()
        if inside is not None:
            kind = LineKind.PREFORMATTED
            if end - start == len(_FENCE) and body.startswith(_FENCE, start):
                kind, inside = LineKind.CLOSING, None
        elif body.startswith(_FENCE, start, end):
            kind, inside = LineKind.OPENING, depth
        else:
            kind, spans = LineKind.PLAIN, _spans(body, start, end)
        lines.append(Line(kind, depth, begin, start, end, spans))
        if end == len(body):
            return tuple(lines)
        begin = end + 1


_KINDS: Final = {one.value: one for one in SpanKind}


def _spans(body: str, start: int, end: int) -> tuple[Span, ...]:
    """Find the spans of a line: from the left, each as short as can be, the outer before the inner (section 6.2)."""
    # For each character, the places where it may close a span: where no white space stands before it. From the left
    # to the right, so that the next of them is at the end.
    closing: dict[str, list[int]] = {}
    for place in range(end - 1, start, -1):
        one = body[place]
        if one in _KINDS and body[place - 1] not in _WHITE:
            closing.setdefault(one, []).append(place)
    found: list[Span] = []
    around: list[Span] = []  # the spans we are in, the innermost last
    opened = -1  # where a span was opened last
    place = start
    while place < end:
        while around and place >= around[-1].end - 1:
            around.pop()
        kind = _KINDS.get(body[place])
        within = around[-1].end - 1 if around else end
        before = place == start or body[place - 1] in _WHITE or opened == place - 1
        if kind is None or not before or place + 1 >= within or body[place + 1] in _WHITE:
            place += 1
            continue
        if body[place + 1] == body[place]:  # nothing between: neither counts
            place += 2
            continue
        closers = closing.get(body[place], [])
        while closers and closers[-1] <= place:
            closers.pop()
        if not closers or closers[-1] >= within:
            place += 1
            continue
        span = Span(kind, place, closers[-1] + 1)
        found.append(span)
        if kind is SpanKind.PREFORMATTED:
            place = span.end
        else:
            around.append(span)
            opened = place
            place += 1
    return tuple(found)
