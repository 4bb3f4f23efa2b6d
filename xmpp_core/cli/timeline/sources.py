"""From a file to what was said, by whom and when: transcripts, and raw octets of one or both directions."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from xml.etree.ElementTree import Element

from ...namespaces import SASL, STREAM, TLS
from ...stream.context import Side
from ...testing.transcript import Transcript, TranscriptError
from ...xml.parser import RootStart
from .causality import interleaved
from .direction import Direction, Said

__all__ = ["Happened", "Noted", "Source", "Spoken", "from_both", "from_one", "from_transcript", "is_transcript"]

_TITLE: Final = b"xmpp transcript "
# Only the receiving entity says these.
_RECEIVING: Final = frozenset(
    {
        f"{{{STREAM}}}features",
        f"{{{TLS}}}proceed",
        f"{{{SASL}}}challenge",
        f"{{{SASL}}}success",
        f"{{{SASL}}}failure",
    }
)
_LINE: Final = re.compile(r"line (\d+)")


@dataclass(frozen=True, slots=True)
class Spoken:
    """One item of a stream. `at` is in seconds, None where no time is on record."""

    at: float | None
    side: Side
    said: Said
    base: int
    """Octets before the stream of the item in its direction."""


@dataclass(frozen=True, slots=True)
class Noted:
    """What else is on record: an event of the engine, an act of its host, or a remark of the reader."""

    at: float | None
    what: str
    data: dict[str, Any] = field(default_factory=dict)


Happened = Spoken | Noted


class Source:
    """What happened, in order, and how much was said. Iterate once, then ask."""

    def __init__(self, recorded_by: Side | None, sides: frozenset[Side]) -> None:
        self.recorded_by = recorded_by
        self.sides = sides
        """The sides that can be heard."""
        self.directions = {side: Direction() for side in Side}
        self.happened: Iterator[Happened] = iter(())


def is_transcript(octets: bytes) -> bool:
    """Whether a file is a transcript and no raw stream."""
    return octets.startswith(_TITLE)


def from_transcript(octets: bytes) -> Source:
    """Read a transcript as far as it is one; what is wrong with the rest is noted.

    Raises `TranscriptError` for another version of the format.
    """
    text = octets.decode("utf-8", "backslashreplace")
    fault = None
    try:
        transcript = Transcript.loads(text)
    except TranscriptError as error:
        number = int(found[1]) if (found := _LINE.match(str(error))) else 1
        if number < 2:
            raise
        transcript = Transcript.loads("\n".join(text.splitlines()[: number - 1]))
        fault = str(error)
    first = next((entry.what for entry in transcript.entries if entry.what in ("sent", "received")), "sent")
    ours, theirs = Side.INITIATING, Side.RECEIVING
    if first == "received":
        ours, theirs = theirs, ours
    source = Source(ours, frozenset(Side))
    source.happened = _entries(source, transcript, {"sent": ours, "received": theirs}, fault)
    return source


def _entries(source: Source, transcript: Transcript, sides: dict[str, Side], fault: str | None) -> Iterator[Happened]:
    at = None
    for entry in transcript.entries:
        at = entry.at
        side = sides.get(entry.what)
        if side is not None:
            direction = source.directions[side]
            direction.receive(entry.octets)
            for said, base in direction.items():
                if isinstance(said, Element) and said.tag == f"{{{SASL}}}success":
                    source.directions[Side.INITIATING].restart()
                yield Spoken(at, side, said, base)
        elif entry.what == "event":
            yield _event(at, entry.text)
        elif entry.what in ("eof", "deadline") or (entry.what, bool(entry.text)) == ("start", True):
            yield Noted(at, "start with TLS" if entry.what == "start" else entry.what)
    if fault is not None:
        yield Noted(at, "unreadable", {"reason": fault})


def _event(at: float, text: str) -> Noted:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict) or not isinstance(data.get("event"), str):
        return Noted(at, "unreadable", {"reason": "an event that cannot be read"})
    return Noted(at, data["event"], data)


def from_one(octets: bytes) -> Source:
    """Read one direction; whose it is tells the header's id, or what only a receiving entity says."""
    direction = Direction()
    direction.receive(octets)
    items = direction.items()
    first = [one for _, one in zip(range(2), items, strict=False)]
    side = Side.INITIATING
    for said, _ in first:
        has_id = isinstance(said, RootStart) and "id" in said.attributes
        if has_id or said_by_receiving(said):
            side = Side.RECEIVING
    source = Source(None, frozenset({side}))
    source.directions[side] = direction

    def happened() -> Iterator[Happened]:
        for said, base in first:
            yield Spoken(None, side, said, base)
        for said, base in items:
            yield Spoken(None, side, said, base)

    source.happened = happened()
    return source


def said_by_receiving(said: Said) -> bool:
    """Whether only a receiving entity says this."""
    return isinstance(said, Element) and said.tag in _RECEIVING


def from_both(initiating: bytes, receiving: bytes) -> Source:
    """Read both directions, put in an order in which they can have been said."""
    source = Source(None, frozenset(Side))
    for side, octets in ((Side.INITIATING, initiating), (Side.RECEIVING, receiving)):
        source.directions[side].receive(octets)
    heard = {side: list(direction.items()) for side, direction in source.directions.items()}
    source.happened = (Spoken(None, side, said, base) for side, (said, base) in interleaved(heard))
    return source
