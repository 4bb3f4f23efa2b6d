"""Octets to top-level elements, at two speeds, the same at every chunking.

One at a time (`next`) while what follows an element may belong to another layer; in bulk (`take`)
once it cannot. Expat sees complete tokens only and never what stands between top-level elements.
"""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree.ElementTree import Element

from ..limits import XMLLimits
from .bounds import Bounds
from .expat import Expat, ParseError, Refused
from .prolog import declared, read_prolog
from .tokens import TAG, Malformed, MarkupScanner
from .verdict import Verdict, judge

__all__ = ["Failure", "Item", "ParserState", "RootEnd", "RootStart", "XMLStreamParser"]

_SPACE = b" \t\r\n"
_RECYCLE_AFTER = 1_048_576
"""Octets after which expat is made anew: it never frees a name it has seen."""
_JOIN_FROM = 64


@dataclass(slots=True)
class RootStart:
    """The root's start tag. `source` holds the octets from the start of the stream to its end."""

    tag: str
    attributes: dict[str, str]
    namespaces: dict[str | None, str]
    prefix: str | None
    source: bytes


@dataclass(slots=True)
class RootEnd:
    """The root's end tag."""


@dataclass(slots=True)
class Failure:
    """What is wrong with the octets: stream error condition, words of our own, section, octet offset."""

    condition: str
    reason: str
    section: str
    position: int


Item = RootStart | Element | RootEnd | Failure


@dataclass(frozen=True, slots=True)
class ParserState:
    """A parser as plain data."""

    header: bytes
    partial: bytes
    buffer: bytes
    position: int
    ended: bool
    fresh: bool


class XMLStreamParser:
    """Reads one document after another: a root, then its children one by one.

    After a `Failure` or the root's end nothing more comes, and what is received is dropped.
    """

    def __init__(self, limits: XMLLimits) -> None:
        self._limits = limits
        self._bounds = Bounds(limits)
        self._buffer = bytearray()
        self._scanner = MarkupScanner()
        self._expat: Expat | None = None
        self._header = b""
        self._pieces: list[bytes] = []
        self._partial = 0
        """Octets of the unfinished element that were fed."""
        self._position = 0
        """Offset in the stream of the unfinished element, or of the buffer at a clean boundary."""
        self._ended = False
        self._fresh = True
        """Nothing has come since the last item."""
        self._pending: list[Item] = []
        self.octets_fed = 0
        """Octets given to expat in all."""

    # What a caller may ask.

    @property
    def limits(self) -> XMLLimits:
        """The limits in force; replaced at a clean boundary they hold from there on."""
        return self._limits

    @limits.setter
    def limits(self, limits: XMLLimits) -> None:
        self._limits = limits
        self._bounds = Bounds(limits)

    @property
    def unread(self) -> int:
        """Octets received and not yet part of an item."""
        return len(self._buffer) + self._partial

    @property
    def has_unread(self) -> bool:
        """Whether any octet, white space included, came after the last item."""
        return bool(self._buffer) or self._partial > 0 or not self._fresh

    @property
    def at_boundary(self) -> bool:
        """Whether no element is half received as far as it was looked at."""
        return self._partial == 0

    @property
    def octets_scanned(self) -> int:
        """Octets looked at in search of the end of a tag."""
        return self._scanner.scanned

    # What a caller does.

    def receive(self, data: bytes) -> None:
        """Keep octets."""
        if self._ended or not data:
            return
        if self._header and not self._buffer and self._partial == 0:
            # At a clean boundary white space is a sign of life and nothing else.
            solid = data.lstrip(_SPACE)
            if len(solid) != len(data):
                self._fresh = False
                self._position += len(data) - len(solid)
                data = solid
        self._buffer += data

    def next(self) -> Item | None:
        """Give the next item, looking at nothing behind it."""
        if self._pending:
            return self._pending.pop(0)
        if self._ended:
            return None
        if not self._header:
            return self._read_header()
        return self._step()

    def take(self) -> list[Item]:
        """Give every item that is complete."""
        items: list[Item] = self._pending
        self._pending = []
        while not self._ended:
            if not self._header:
                item = self._read_header()
            elif self._bulk(items):
                if self._holds_one_open_tag():
                    break
                continue
            else:
                item = self._step()
            if item is None:
                break
            items.append(item)
        return items

    def restart(self) -> None:
        """Begin a new document with the octets not yet looked at."""
        rest = bytes(self._buffer)
        self.discard()
        self._buffer += rest

    def discard(self) -> bytes:
        """Begin a new document and give the octets that nobody looked at."""
        rest = b"".join(self._pieces) + bytes(self._buffer)
        self._buffer.clear()
        self._scanner.reset()
        self._expat = None
        self._header = b""
        self._clear_partial()
        self._position = 0
        self._ended = False
        self._fresh = True
        self._pending.clear()
        return rest

    def hibernate(self) -> None:
        """Let go of expat's memory while nothing is half received; the header is replayed when needed."""
        if self._partial == 0:
            self._expat = None

    def snapshot(self) -> ParserState:
        """Give the parser as data, a half-received element included."""
        return ParserState(
            self._header, b"".join(self._pieces), bytes(self._buffer), self._position, self._ended, self._fresh
        )

    @classmethod
    def restore(cls, state: ParserState, limits: XMLLimits) -> XMLStreamParser:
        """Make a parser that goes on where `snapshot` was taken."""
        parser = cls(limits)
        parser._header = state.header
        parser._position = state.position
        parser._ended = state.ended
        parser._fresh = state.fresh
        if state.partial:
            parser._wake().feed(state.partial)
            parser._pieces.append(state.partial)
            parser._partial = len(state.partial)
        parser._buffer += state.buffer
        return parser

    # The root's start tag.

    def _read_header(self) -> Item | None:
        found = read_prolog(self._buffer, self._limits.header_bytes)
        if found is None:
            return None
        if isinstance(found, Verdict):
            return self._fail(found)
        source = bytes(self._buffer[: found.end])
        tag = source[found.start :]
        self._header = tag
        try:
            root = self._wake().root
        except (ParseError, Refused):
            return self._fail(
                Verdict("not-well-formed", "a start tag that is no XML", "RFC 6120 section 11.3", found.start)
            )
        del self._buffer[: found.end]
        self._position = found.end
        self._fresh = True
        name = tag[1:].split(None, 1)[0].rstrip(b"/>")
        prefix, colon, _ = name.partition(b":")
        start = RootStart(root.tag, dict(root.attrib), declared(tag), prefix.decode() if colon else None, source)
        if tag.endswith(b"/>"):
            self._pending.append(RootEnd())
            self._ended = True
        return start

    def _wake(self) -> Expat:
        expat = self._expat
        if expat is None or (expat.fed > _RECYCLE_AFTER and self._partial == 0):
            expat = self._expat = Expat(self._header)
        return expat

    # One token after another.

    def _step(self) -> Item | None:
        """Feed token by token until an item is complete."""
        buffer = self._buffer
        while True:
            if self._partial == 0 and not self._strip_boundary():
                return None
            if self._partial == 0 and buffer[0] != 0x3C:
                return self._fail_here("bad-format", "text between top-level elements", "RFC 6120 section 4.9.3.1")
            if self._partial == 0 and self._begins_wrongly():
                return self._fail_from_verdict(bytes(buffer[:3]))
            try:
                end = self._scanner.end(buffer)
            except Malformed:
                return self._fail_from_verdict(bytes(buffer[: self._scanner.fault_end]))
            if self._partial + (len(buffer) if end < 0 else end) > self._limits.stanza_bytes:
                verdict = Verdict(
                    "policy-violation",
                    "a stanza above the limit on its octets",
                    "RFC 6120 section 13.12",
                    self._limits.stanza_bytes,
                )
                return self._fail(verdict)
            if end < 0:
                return None
            item = self._feed_token(end)
            if item is not None:
                return item

    def _begins_wrongly(self) -> bool:
        """Whether markup that is no tag stands at a boundary, where not even CDATA may."""
        return self._buffer[:3] == b"<![" or self._buffer[:2] == b"<?"

    def _strip_boundary(self) -> bool:
        """Drop white space at a boundary; False when nothing else is there."""
        buffer = self._buffer
        if not buffer:
            return False
        if buffer[0] not in _SPACE:
            return True
        solid = buffer.lstrip(_SPACE)
        gone = len(buffer) - len(solid)
        self._position += gone
        self._fresh = False
        buffer[:] = solid
        self._scanner.reset()
        return bool(buffer)

    def _feed_token(self, end: int) -> Item | None:
        token = bytes(self._buffer[:end])
        expat = self._wake()
        try:
            self.octets_fed += end
            expat.feed(token)
        except (ParseError, Refused):
            if expat.last is not expat.root:
                return self._fail_from_verdict(token)
        del self._buffer[:end]
        self._scanner.reset()
        self._keep(token)
        last = expat.last
        if last is None:
            return None
        if last is expat.root:
            return self._end()
        if not len(expat.root) or last is not expat.root[-1]:
            return None
        octets = b"".join(self._pieces)
        excess = self._bounds.first_excess((last,), octets, len(octets))
        if excess is not None:
            return self._fail(self._excess(excess[1]))
        self._position += self._partial
        self._clear_partial()
        self._fresh = True
        return expat.deliver(1)[0]

    def _keep(self, piece: bytes) -> None:
        self._pieces.append(piece)
        self._partial += len(piece)
        if len(self._pieces) >= _JOIN_FROM and len(self._pieces[-1]) * 2 <= self._partial:
            self._join()

    def _join(self) -> None:
        """Join small neighbours so that their number grows with the logarithm of their size."""
        joined: list[bytes] = []
        run: list[bytes] = []
        for piece in self._pieces:
            if len(piece) >= 65536:
                if run:
                    joined.append(b"".join(run))
                    run = []
                joined.append(piece)
            else:
                run.append(piece)
        if run:
            joined.append(b"".join(run))
        self._pieces = joined

    def _clear_partial(self) -> None:
        self._pieces.clear()
        self._partial = 0

    # Everything at once.

    def _bulk(self, items: list[Item]) -> bool:
        """Feed all complete tokens in one piece; False when they must be looked at one by one."""
        buffer = self._buffer
        if self._partial == 0 and not self._strip_boundary():
            return False
        if self._partial + len(buffer) > self._limits.stanza_bytes:
            return False
        # Looking for one octet first is many times quicker, and most pieces have none.
        if (0x21 in buffer and b"<!" in buffer) or (0x3F in buffer and b"<?" in buffer):
            return False
        if self._partial == 0 and buffer[0] != 0x3C:
            return False
        if self._scanner.start >= 0:
            # A tag was held. Its quotes are known up to here, so only new octets are looked at.
            try:
                if self._scanner.end(buffer) < 0:
                    return False
            except Malformed:
                return False
            self._scanner.reset()
        end = self._last_tag_end()
        if end <= 0:
            return False
        piece = bytes(buffer[:end])
        expat = self._wake()
        error = False
        try:
            self.octets_fed += end
            expat.feed(piece)
        except (ParseError, Refused):
            error = True
        self._settle(expat, piece, items, error)
        return True

    def _holds_one_open_tag(self) -> bool:
        """Whether all that is left is text and the beginning of one tag: then there is no more to find."""
        buffer = self._buffer
        if not buffer:
            return True
        if self._partial + len(buffer) > self._limits.stanza_bytes:
            return False
        less = buffer.find(b"<")
        if self._partial == 0 and less != 0:
            return False
        if less < 0:
            return True
        second = buffer[less + 1 : less + 2]
        return (
            bytes(second) not in (b"", b"!", b"?") and buffer.find(b">", less) < 0 and buffer.find(b"<", less + 1) < 0
        )

    def _last_tag_end(self) -> int:
        """Give the offset behind the last complete tag, 0 when there is none to be sure of."""
        buffer = self._buffer
        before = len(buffer)
        for _ in range(2):
            greater = buffer.rfind(b">", 0, before)
            less = buffer.rfind(b"<", 0, greater) if greater > 0 else -1
            if less < 0:
                return 0
            found = TAG.match(buffer, less)
            if found is not None:
                return found.end()
            before = less
        return 0

    def _settle(self, expat: Expat, piece: bytes, items: list[Item], error: bool) -> None:
        """Take what a bulk feed completed, and find where what it began begins."""
        root, last = expat.root, expat.last
        closed = last is root
        whole = len(root)
        if not closed and whole and last is not root[-1]:
            whole -= 1
        before = self._partial
        if whole:
            fault = self._check_batch(expat, whole, piece, items)
            if fault:
                return
        if closed:
            self._end_with(items)
            return
        if error:
            items.append(self._fail_from_verdict(piece))
            return
        if not len(root):
            self._position += before + len(piece)
            self._clear_partial()
            self._fresh = True
        elif whole:
            begin = self._begin_of_last(root[-1], piece)
            self._position += before + begin
            self._clear_partial()
            self._keep(piece[begin:])
        else:
            self._keep(piece)
            if before == 0:
                self._fresh = True
        del self._buffer[: len(piece)]
        self._scanner.reset()

    def _check_batch(self, expat: Expat, whole: int, piece: bytes, items: list[Item]) -> bool:
        """Move complete elements to `items`; True when one of them, or what follows it, ends everything."""
        octets = piece if not self._pieces else b"".join((*self._pieces, piece))
        children = expat.deliver(whole)
        excess = self._bounds.first_excess(children, octets, len(octets))
        offset = 0
        if excess is not None:
            offset = _begin_of_next(children[: excess[0]], octets)
            children = children[: excess[0]]
        tails = [child.tail for child in children if child.tail is not None]
        for child in children:
            child.tail = None
        if tails:
            stray = any(tail.strip() for tail in tails)
            verdict = judge(octets, declared(self._header)) if stray or b"&#" in octets else None
            if verdict is not None and (stray or verdict.condition == "bad-format"):
                before = 0
                while before < len(children) and _begin_of_next(children[:before], octets) < verdict.offset:
                    before += 1
                items.extend(children[:before])
                items.append(self._fail(verdict))
                return True
        items.extend(children)
        if excess is not None:
            items.append(self._fail(self._excess(excess[1], offset)))
            return True
        return False

    def _begin_of_last(self, element: Element, piece: bytes) -> int:
        """Give where the unfinished element begins: as many start tags from the right as it has elements."""
        place = len(piece)
        for _ in range(sum(1 for _ in element.iter())):
            place = piece.rfind(b"<", 0, place)
            while piece[place + 1] == 0x2F:
                place = piece.rfind(b"<", 0, place)
        return place

    # Ends.

    def _end(self) -> RootEnd:
        self._ended = True
        self._buffer.clear()
        self._clear_partial()
        self._expat = None
        return RootEnd()

    def _end_with(self, items: list[Item]) -> None:
        items.append(self._end())

    def _excess(self, what: str, offset: int = 0) -> Verdict:
        return Verdict("policy-violation", f"a stanza above the limit on {what}", "RFC 6120 section 13.12", offset)

    def _fail_here(self, condition: str, reason: str, section: str) -> Failure:
        verdict = judge(bytes(self._buffer[:64]), declared(self._header))
        return self._fail(verdict or Verdict(condition, reason, section, 0))

    def _fail_from_verdict(self, token: bytes) -> Failure:
        octets = b"".join((*self._pieces, token))
        verdict = judge(octets, declared(self._header))
        if verdict is None:
            verdict = Verdict("not-well-formed", "markup that is no XML", "RFC 6120 section 11.3", self._partial)
        return self._fail(verdict)

    def _fail(self, verdict: Verdict) -> Failure:
        self._ended = True
        position = self._position + verdict.offset
        self._buffer.clear()
        self._clear_partial()
        self._expat = None
        return Failure(verdict.condition, verdict.reason, verdict.section, position)


def _begin_of_next(elements: list[Element], octets: bytes) -> int:
    """Give where the element behind these begins: past as many start tags as they have elements."""
    place = octets.find(b"<")
    for _ in range(sum(1 for element in elements for _ in element.iter())):
        place = octets.find(b"<", place + 1)
        while octets[place + 1] == 0x2F:
            place = octets.find(b"<", place + 1)
    return place
