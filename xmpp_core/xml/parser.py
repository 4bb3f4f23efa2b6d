"""Octets to the start of a root element, its children one by one, and its end (RFC 6120 section 11).

Two speeds, one state: `next` goes tag by tag and stops exactly at the end of an element, `take`
feeds as much as it may at once. Whichever runs, and however the octets were cut into pieces, the
items and the place of a failure are the same: expat is given complete tokens only, so what it has
seen depends on what was received and on nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import chain
from typing import Final, Self, TypeVar
from xml.etree.ElementTree import Element

from ..errors import LocalProtocolError
from ..limits import XMLLimits
from .items import Failure, ParserState, RootEnd, RootStart
from .prolog import Prolog, PrologReader
from .tally import Bounds, Growth
from .tokens import DECLARATION, TAG, Malformed, MarkupScanner, beginning, other_than_tags
from .tree import REFUSALS, Tree, fitting_tree
from .verdict import StartTag, Verdict, judge, stray, too_long

__all__ = ["Failure", "Item", "ParserState", "RootEnd", "RootStart", "XMLStreamParser"]

_Last = TypeVar("_Last", RootEnd, Failure)

Item = RootStart | Element | RootEnd | Failure

_LESS: Final = 0x3C
_SLASH: Final = 0x2F
_BANG: Final = 0x21
_QUERY: Final = 0x3F
_SPACE: Final = re.compile(rb"[ \t\r\n]+")
_SPACE_BY_NUMBER: Final = re.compile(rb"&#(?:0*(?:9|10|13|32)|x0*(?:9|[aA]|[dD]|20));")
_CDATA: Final = b"<![CDATA["
_UNKNOWN: Final = ("not-well-formed", "refused by the XML parser", "RFC 6120 section 11.3")


class XMLStreamParser:
    """A parser of one stream after another on the same connection.

    `tree` builds elements; by default the fastest builder this interpreter has. Raises
    `UnsafeExpat` when its expat accepts what XML forbids.
    """

    __slots__ = (
        "_base",
        "_begun",
        "_bounds",
        "_careful",
        "_ended",
        "_growth",
        "_heard",
        "_held",
        "_limits",
        "_looked",
        "_make",
        "_open",
        "_open_octets",
        "_prolog",
        "_restarted",
        "_root",
        "_root_ended",
        "_scanner",
        "_scans",
        "_source",
        "_tree",
        "_volume",
        "octets_fed",
    )

    def __init__(self, limits: XMLLimits, *, tree: Callable[[bytes], Tree] | None = None) -> None:
        self._make = fitting_tree() if tree is None else tree
        self.octets_fed = 0
        """Octets given to expat in all, replays included: what tests of linear work count."""
        self._scans = 0
        self._held = bytearray()
        """Octets that were not fed: at most one of their tokens has begun, none is complete."""
        self._looked = 0
        self.limits = limits
        self._begin()

    def _begin(self) -> None:
        self._prolog: PrologReader | None = PrologReader()
        self._scanner = MarkupScanner()
        self._looked = 0
        """Octets of `_held` known to hold no end of a tag that began in them."""
        self._careful = 0
        """Octets of `_held` among which something other than a tag begins."""
        self._open: list[bytes | bytearray] = []
        """What was fed of the unfinished element, from its `<` on once `_begun` is 0."""
        self._open_octets = 0
        self._begun = 0
        """Elements of the unfinished one at the end of the first of `_open`, while what precedes it is still there."""
        self._growth: Growth | None = None
        self._base = 0
        """Octets of this stream before `_open`, or before `_held` without one."""
        self._tree: Tree | None = None
        self._volume = 0
        """Octets fed to this `_tree`."""
        self._source = b""
        self._root = StartTag("", None, {})
        self._root_ended = False
        self._heard = False
        self._restarted = False
        self._ended = False

    # What goes in.

    @property
    def limits(self) -> XMLLimits:
        """The limits; may be replaced at a clean boundary."""
        return self._limits

    @limits.setter
    def limits(self, limits: XMLLimits) -> None:
        self._limits = limits
        self._bounds = Bounds(limits)
        self._looked = 0

    def receive(self, data: bytes) -> None:
        """Keep octets. Nothing is interpreted; after the end they are dropped."""
        if not self._ended:
            self._held += data

    @property
    def unread(self) -> int:
        """Octets received and not interpreted, an unfinished element among them."""
        self._settle()
        return self._open_octets + len(self._held)

    @property
    def has_unread(self) -> bool:
        """Whether any octet, white space included, came after the last item."""
        return self._heard or bool(self._open) or bool(self._held)

    @property
    def at_boundary(self) -> bool:
        """Whether the root has begun and everything received belongs to items delivered."""
        return self._prolog is None and not (self._ended or self._root_ended or self._open or self._held)

    @property
    def octets_scanned(self) -> int:
        """Octets looked at by this parser itself: what tests of linear work count."""
        return self._scans + (0 if self._prolog is None else self._prolog.scanned)

    # What comes out.

    def next(self) -> Item | None:
        """Give the next item, or None when more octets are needed. What follows it is not looked at."""
        if self._prolog is not None:
            item: Item | None = self._next_header()
        elif self._ended:
            return None
        else:
            items: Sequence[Item] | None = ()
            while items is not None and not items and not self._root_ended:
                items = self._step()
            if not items and self._root_ended:
                items = [self._finish(RootEnd())]
            item = items[0] if items else None
        if item is not None:
            self._heard = False
        return item

    def take(self) -> Sequence[Item]:
        """Give every item that is complete; an end of the root or a failure is the last.

        The start of the root comes alone: whoever reads it may have something to say before the rest.
        """
        if self._prolog is not None or self._root_ended or self._ended:
            item = self.next()
            return [] if item is None else [item]
        items: Sequence[Item] = []
        while not self._ended:
            if not self._open and not self._at_element():
                if self._held:
                    return [*items, self._fail(stray(self._held[0], 0), self._base)]
                break
            got = self._bulk()
            if got is None:
                got = self._step()
                if got is None:
                    break
            if got:
                self._heard = False
                items = [*items, *got] if items else got
            if self._root_ended:
                self._heard = False
                return [*items, self._finish(RootEnd())]
            if self._looked and self._looked == len(self._held):
                break
        return items

    # From one stream to the next, and to rest.

    def restart(self) -> None:
        """Begin a new stream with the octets that were not interpreted (RFC 6120 section 6.4.6).

        White space before its header still belongs to the stream before (section 11.7).
        """
        octets = self._drop()
        self._begin()
        self._restarted = True
        self._held += octets

    def discard(self) -> bytes:
        """Begin a new stream with nothing; gives the octets that were not interpreted."""
        octets = self._drop()
        self._begin()
        return octets

    def hibernate(self) -> None:
        """Let expat go at a clean boundary; elsewhere this does nothing. The next octets wake it."""
        if self.at_boundary:
            self._tree = None

    def snapshot(self) -> ParserState:
        """Give everything the parser holds. A half received element is kept as its octets."""
        self._settle()
        return ParserState(
            source=self._source,
            uninterpreted=b"".join((*self._open, self._held)),
            position=self._base,
            heard=self._heard,
            restarted=self._restarted,
            root_ended=self._root_ended,
            ended=self._ended,
        )

    @classmethod
    def restore(cls, state: ParserState, limits: XMLLimits) -> Self:
        """Give a parser that goes on where the snapshot was taken.

        Raises `LocalProtocolError` when the state is none that a parser gave.
        """
        parser = cls(limits)
        if state.source:
            found = PrologReader().read(bytearray(state.source), len(state.source))
            if not isinstance(found, Prolog) or found.end != len(state.source):
                raise LocalProtocolError("the state is none that a parser gave")
            parser._source = state.source
            parser._root = found.tag
            parser._prolog = None
        parser._held += state.uninterpreted
        parser._base = state.position
        parser._heard = state.heard
        parser._restarted = state.restarted
        parser._root_ended = state.root_ended
        if state.ended:
            parser._prolog = None
            parser._ended = True
        return parser

    # The header.

    def _next_header(self) -> Item | None:
        held = self._held
        if self._restarted and not self._skip_space():
            return None
        self._restarted = False
        assert self._prolog is not None
        found = self._prolog.read(held, self._limits.header_bytes)
        if found is None:
            return None
        self._scans += self._prolog.scanned
        self._prolog = None
        if isinstance(found, Verdict):
            return self._fail(found, self._base)
        most = self._limits.namespace_bytes
        if any(len(uri.encode()) > most for uri in found.tag.namespaces.values()):
            return self._fail(too_long("a namespace above its limit", found.end - 1), self._base)
        self._source = bytes(held[: found.end])
        self._root = found.tag
        try:
            tree = self._wake()
        except REFUSALS:
            return self._fail(Verdict(*_UNKNOWN, found.end - 1), self._base)
        self._cut(found.end)
        self._base += found.end
        root = tree.root
        item = RootStart(root.tag, dict(root.attrib), dict(found.tag.namespaces), found.tag.prefix, self._source)
        self._root_ended = bool(tree.ended)
        return item

    # Children, tag by tag.

    def _step(self) -> Sequence[Item] | None:
        """Feed the first token held; None when it is not complete."""
        held = self._held
        self._settle()
        if not self._open and not self._at_element():
            return [self._fail(stray(self._held[0], 0), self._base)] if held else None
        if not self._open and held.startswith(_CDATA):
            return self._refused(_CDATA)
        room = self._limits.stanza_bytes - self._open_octets
        self._looked = len(held)
        try:
            end = self._scanner.end(held)
        except Malformed as malformed:
            if malformed.at < room:
                return self._refused(bytes(held[: malformed.at + 1]))
            end = malformed.at + 1
        if end < 0 and len(held) <= room:
            return None
        if end < 0 or end > room:
            verdict = too_long("a top-level element above its limit", self._limits.stanza_bytes)
            return [self._fail(verdict, self._base)]
        return self._feed(end, held[:end])

    def _at_element(self) -> bool:
        """Whether, between elements, the next octet is markup. White space before it is taken away."""
        held = self._held
        if held and held[0] != _LESS:
            return self._skip_space() and held[0] == _LESS
        return bool(held)

    def _skip_space(self) -> bool:
        """Take white space away; whether anything is left."""
        held = self._held
        found = _SPACE.match(held)
        if found is not None:
            end = found.end()
            # The pattern holds on to the buffer until the match is gone.
            del found
            self._cut(end)
            self._base += 0 if self._restarted else end
            self._heard = True
        return bool(held)

    # Children, in bulk.

    def _bulk(self) -> Sequence[Item] | None:
        """Feed up to the last tag that is surely complete; None when only `_step` can tell."""
        held = self._held
        size = len(held)
        bounds = self._bounds
        room = bounds.stanza - self._open_octets
        window = bounds.window
        most = size if size <= room and size <= window else min(room, window)
        looked = self._looked
        if self._careful:
            other = DECLARATION.search(held, 0, most)
            most = most if other is None else other.start()
            del other
        if most > looked:
            self._scans += most - looked
        greater = held.rfind(b">", looked, most)
        less = held.rfind(b"<", looked, greater) if greater > 0 else -1
        if less < 0:
            return None
        if held[less + 1] == _SLASH:
            end = held.find(b">", less) + 1  # no quote can hide a `>` in an end tag
        else:
            found = TAG.match(held, less, most)
            if found is None:
                return None
            end = found.end()
            del found
        piece = held[:end]
        if (_BANG in piece and other_than_tags(piece, b"!", b"<!")) or (
            _QUERY in piece and other_than_tags(piece, b"?", b"<?")
        ):
            self._careful = end
            return None
        items = self._feed(end, piece)
        if most == size and end > greater:
            # What is left holds no end of a tag. With one beginning at most there is nothing to do before more comes.
            held = self._held
            left = len(held)
            if not left or left + self._open_octets > bounds.stanza:
                return items
            less = held.rfind(b"<")
            if less < 0:
                quiet = bool(self._open)
            else:
                begun = less + 1 < left and held[less + 1] not in b"!?"
                quiet = begun and (not less or (bool(self._open) and held.find(b"<", 0, less) < 0))
            if quiet:
                self._looked = left
                self._scans += left
        return items

    def _feed(self, end: int, piece: bytes | bytearray) -> Sequence[Item]:
        """Feed the first `end` octets held, which are `piece` and end with a token."""
        tree = self._tree
        if tree is None or (self._volume > self._bounds.renewal and self._worth_renewal()):
            tree = self._wake()
        if self._careful or self._scanner.scanned:
            self._cut(end)
        else:
            del self._held[:end]
            self._looked = 0
        self._volume += end
        self.octets_fed += end
        try:
            tree.feed(piece)
            if not piece.isascii():
                # Expat waits for the rest of a character that a piece cuts short, and so holds a whole token back.
                piece.decode()
            failed = False
        except REFUSALS:
            failed = True
        root, ended = tree.root, tree.ended
        last = ended[0][1] if ended else None
        elements = root[:]
        count = len(elements)
        if last is root:
            # Whatever came after the end of the root is refused by expat, and is nothing to us.
            failed, self._root_ended, unfinished = False, True, 0
        else:
            unfinished = 1 if count and last is not elements[-1] else 0
        bounds = self._bounds
        fine = (
            not failed
            and (
                # So few elements cannot be nested too deep; and that is what nearly everything is.
                (
                    self._growth is None
                    and self._open_octets + end <= bounds.few
                    and len(list(root.iter())) <= bounds.depth
                )
                or self._within(elements, end)
            )
            and (end <= bounds.short or not bounds.long_run(piece) or self._plain(elements, piece))
        )
        if fine:
            for element in elements:
                if element.tail:
                    fine = _only_space(elements, piece)
                    break
        if not fine:
            self._settle()
            verdict = judge(b"".join((*self._open, piece)), self._root.name, self._root.namespaces, self._limits)
            if verdict is None and failed:
                verdict = Verdict(*_UNKNOWN, self._open_octets + end, count - unfinished)
            if verdict is not None:
                whole = elements[: min(verdict.complete, count - unfinished)]
                for element in whole:
                    element.tail = None
                return [*whole, self._fail(verdict, self._base)]
        if not unfinished:
            root.clear()
            ended.clear()
            self._base += self._open_octets + end
            self._open = []
            self._open_octets = self._begun = 0
            self._growth = None
            return elements
        if count == 1 and self._open:
            if self._growth is None:
                self._growth = Growth(self._bounds, elements[0])
            self._open.append(piece)
            self._open_octets += end
            return []
        # Where it begins is looked for when somebody must know: nearly always it has ended by then.
        self._begun = len(list(elements.pop().iter()))
        del root[:-1]
        self._growth = None
        self._base += self._open_octets
        self._open = [piece]
        self._open_octets = end
        return elements

    def _settle(self) -> None:
        """Cut off from `_open` what precedes the unfinished element."""
        if not self._begun:
            return
        piece = self._open[0]
        begin = beginning(piece, self._begun)
        self._open[0] = piece[begin:]
        self._begun = 0
        self._base += begin
        self._open_octets -= begin

    def _worth_renewal(self) -> bool:
        """Whether what must be fed anew to another expat, now cut to that, is little beside what this one was fed."""
        self._settle()
        return self._open_octets * 8 <= self._volume

    def _within(self, elements: list[Element], end: int) -> bool:
        """Whether the limits on depth, nodes and children hold, counted out."""
        bounds, growth = self._bounds, self._growth
        octets = self._open_octets + end
        if growth is None:
            return bounds.within(elements, octets)
        return growth.within(octets) and (len(elements) < 2 or bounds.within(elements[1:], end))

    def _plain(self, elements: list[Element], piece: bytes | bytearray) -> bool:
        """Whether the limits on a single tag hold; what grew is known from `_within`."""
        bounds, growth = self._bounds, self._growth
        if not piece.startswith(_CDATA) and bounds.long_declaration(piece):
            return False
        known = [] if growth is None else growth.fresh
        others = elements if growth is None else elements[1:]
        return bounds.plain(chain(known, chain.from_iterable(element.iter() for element in others)))

    def _refused(self, piece: bytes) -> list[Item]:
        """Fail for what begins with `piece`, which was not fed."""
        verdict = judge(b"".join((*self._open, piece)), self._root.name, self._root.namespaces, self._limits)
        if verdict is None:
            verdict = Verdict(*_UNKNOWN, self._open_octets + len(piece) - 1)
        return [self._fail(verdict, self._base)]

    def _fail(self, verdict: Verdict, base: int) -> Failure:
        failure = Failure(verdict.condition, verdict.reason, verdict.section, base + verdict.offset)
        self._finish(failure)
        return failure

    def _finish(self, item: _Last) -> _Last:
        self._drop()
        self._prolog = None
        self._ended = True
        return item

    def _cut(self, end: int) -> None:
        del self._held[:end]
        self._looked = 0
        scanner = self._scanner
        if scanner.scanned:
            self._scans += scanner.scanned
            scanner.scanned = 0
            scanner.reset()
        if self._careful:
            self._careful = max(self._careful - end, 0)

    def _wake(self) -> Tree:
        tree = self._make(self._source)
        self._volume = len(self._source) + self._open_octets
        self.octets_fed += self._volume
        if self._open:
            tree.feed(b"".join(self._open))
            self._growth = None
        self._tree = tree
        return tree

    def _drop(self) -> bytes:
        self._settle()
        octets = b"".join((*self._open, self._held))
        self._held = bytearray()
        self._open = []
        self._open_octets = 0
        self._tree = None
        self._growth = None
        self._root_ended = False
        return octets


def _only_space(elements: list[Element], piece: bytes | bytearray) -> bool:
    """Whether nothing but white space, written as itself, follows these elements; takes it away."""
    odd = any((element.tail or "").strip(" \t\r\n") for element in elements)
    for element in elements:
        element.tail = None
    return not odd and not _SPACE_BY_NUMBER.search(piece)
