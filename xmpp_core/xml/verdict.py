"""The slow strict judge: after something was refused, it says what, where, and by which rule.

It is never asked about good input, so it may walk its octets token by token. What it says depends
on those octets alone, never on the build of expat that refused them, and its answer is always the
first fault in the order of the document: whatever else was received with it does not matter.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from ..limits import XMLLimits
from ..namespaces import XML
from .characters import ILLEGAL, NCNAME, QNAME

__all__ = ["StartTag", "Verdict", "judge", "judge_header", "stray", "too_long"]

_REFERENCE: Final = re.compile(f"&(?:#([0-9]+)|#x([0-9a-fA-F]+)|({NCNAME}));")
_SPACE: Final = re.compile("[ \t\r\n]*")
_PREDEFINED: Final = {"amp": "&", "lt": "<", "gt": ">", "apos": "'", "quot": '"'}
_XMLNS: Final = "http://www.w3.org/2000/xmlns/"
_CDATA: Final = "<![CDATA["


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is wrong: the stream error condition, words of our own, the section, the octet where."""

    condition: str
    reason: str
    section: str
    offset: int
    complete: int = 0
    """Top-level elements that ended before the fault."""


@dataclass(frozen=True, slots=True)
class StartTag:
    """A start tag by its own words: what its names look like before namespaces are put in."""

    name: str
    prefix: str | None
    namespaces: dict[str | None, str]


class _Fault(Exception):
    def __init__(self, condition: str, reason: str, section: str, place: int) -> None:
        super().__init__(reason)
        self.condition, self.reason, self.section, self.place = condition, reason, section, place


def judge(
    octets: bytes, root: str, namespaces: Mapping[str | None, str], limits: XMLLimits | None = None
) -> Verdict | None:
    """Give the first fault in what stands between two children of the root, None if there is none.

    `octets` begin at a clean boundary; `root` is the root's name as written and `namespaces` what it
    declares. Limits on octets are not looked at: those are kept before anything is interpreted.
    """
    text, undecodable = _decode(octets)
    walk = _Walk(text, namespaces, root, limits)
    try:
        walk.run()
    except _Fault as fault:
        return _verdict(fault, text, walk.complete)
    if undecodable is None or walk.ended:
        return None
    if not walk.open and walk.place == len(text):
        # It begins a text where none may be: that is refused at its first octet, so the rest has no say.
        return replace(stray(octets[undecodable], undecodable), complete=walk.complete)
    return Verdict(*_ENCODING, undecodable, walk.complete)


def judge_header(octets: bytes) -> Verdict | StartTag | None:
    """Read the root's start tag; an unbound prefix in it is `bad-namespace-prefix`.

    Gives None when the octets end inside the tag and hold no fault.
    """
    text, undecodable = _decode(octets)
    walk = _Walk(text, {}, None, None)
    try:
        if text.startswith("</"):
            raise _not_well_formed("an end tag before the root element", 0)
        found = walk.start_tag()
    except _Fault as fault:
        return _verdict(fault, text, 0)
    if undecodable is not None:
        return Verdict(*_ENCODING, undecodable)
    return found


def stray(octet: int, position: int, *, header: bool = False) -> Verdict:
    """Say what is wrong with text beside top-level elements: its first octet decides.

    Before the root XML allows no text at all. Under the root it is well-formed, but RFC 6120 section
    11.7 lets white space alone stand there: that is `bad-format`, XML that cannot be processed.
    """
    if octet > 0xF4 or 0x80 <= octet < 0xC2 or (header and not octet):
        return Verdict(*_ENCODING, position)
    if octet < 0x20 and octet not in b" \t\r\n":
        return Verdict("not-well-formed", "a character that XML 1.0 forbids", _WELL_FORMED, position)
    if header:
        return Verdict("not-well-formed", "text before the root element", _WELL_FORMED, position)
    return Verdict("bad-format", "text between top-level elements", "RFC 6120 section 4.9.3.1", position)


def too_long(reason: str, position: int) -> Verdict:
    """Say that a limit was passed (RFC 6120 section 13.12)."""
    return Verdict("policy-violation", reason, _LIMITS, position)


_WELL_FORMED: Final = "RFC 6120 section 11.3"
_LIMITS: Final = "RFC 6120 section 13.12"
_ENCODING: Final = ("unsupported-encoding", "octets that are no UTF-8", "RFC 6120 section 4.9.3.22")


def _decode(octets: bytes) -> tuple[str, int | None]:
    try:
        return octets.decode(), None
    except UnicodeDecodeError as error:
        return octets[: error.start].decode(), error.start


def _verdict(fault: _Fault, text: str, complete: int) -> Verdict:
    offset = len(text[: fault.place].encode())
    return Verdict(fault.condition, fault.reason, fault.section, offset, complete)


def _not_well_formed(reason: str, place: int) -> _Fault:
    return _Fault("not-well-formed", reason, _WELL_FORMED, place)


def _restricted(reason: str, place: int) -> _Fault:
    return _Fault("restricted-xml", reason, "RFC 6120 section 11.1", place)


def _above(reason: str, place: int) -> _Fault:
    return _Fault("policy-violation", reason, _LIMITS, place)


_Attribute = tuple[str | None, str, str, int]
"""Prefix, local name, value as written, place."""


class _Open:
    """An element that has begun and not ended."""

    __slots__ = ("children", "declared", "name")

    def __init__(self, name: str, declared: Mapping[str | None, str]) -> None:
        self.name = name
        self.declared = declared
        self.children = 0


class _Walk:
    def __init__(
        self, text: str, namespaces: Mapping[str | None, str], root: str | None, limits: XMLLimits | None
    ) -> None:
        self.text = text
        self.root = root
        self.outer: Mapping[str | None, str] = {**namespaces, "xml": XML}
        self.limits = limits
        self.open: list[_Open] = []
        self.place = 0
        self.nodes = 0
        self.complete = 0
        self.ended = False

    def run(self) -> None:
        text = self.text
        while self.place < len(text) and not self.ended:
            less = text.find("<", self.place)
            end = len(text) if less < 0 else less
            self.character_data(self.place, end)
            self.place = end
            if less < 0 or not self.markup():
                return

    def character_data(self, start: int, end: int) -> None:
        piece = self.text[start:end]
        if self.open:
            self.first_of(piece, start, self.brackets, self.legal, self.references)
            return
        solid = piece.lstrip(" \t\r\n")
        if solid:
            verdict = stray(solid[0].encode()[0], 0)
            raise _Fault(verdict.condition, verdict.reason, verdict.section, end - len(solid))

    def first_of(self, piece: str, start: int, *checks: Callable[[str, int], None]) -> None:
        """Raise the fault that stands first in the text, whichever check finds it."""
        faults = []
        for check in checks:
            try:
                check(piece, start)
            except _Fault as fault:
                faults.append(fault)
        if faults:
            raise min(faults, key=lambda fault: fault.place)

    def brackets(self, piece: str, start: int) -> None:
        found = piece.find("]]>")
        if found >= 0:
            raise _not_well_formed("the end of a CDATA section without its beginning", start + found)

    def less_than(self, piece: str, start: int) -> None:
        found = piece.find("<")
        if found >= 0:
            raise _not_well_formed("a less-than sign in a value", start + found)

    def legal(self, piece: str, start: int) -> None:
        found = ILLEGAL.search(piece)
        if found is not None:
            raise _not_well_formed("a character that XML 1.0 forbids", start + found.start())

    def references(self, piece: str, start: int) -> None:
        at = piece.find("&")
        while at >= 0:
            found = _REFERENCE.match(piece, at)
            if found is None:
                raise _not_well_formed("an ampersand that begins no reference", start + at)
            decimal, hexadecimal, name = found.groups()
            if name is not None:
                if name not in _PREDEFINED:
                    raise _restricted("a reference to an entity that is not predefined", start + at)
            elif not _is_character(decimal, hexadecimal):
                raise _not_well_formed("a reference to a character that XML 1.0 forbids", start + at)
            at = piece.find("&", found.end())

    def markup(self) -> bool:
        """Go over one tag or section; False when the text ends inside it."""
        text, place = self.text, self.place
        if text.startswith(_CDATA, place):
            if not self.open:
                raise _Fault("bad-format", "CDATA between top-level elements", "RFC 6120 section 4.9.3.1", place)
            end = text.find("]]>", place)
            self.legal(text[place : len(text) if end < 0 else end], place)
            self.place = len(text) if end < 0 else end + 3
            return end >= 0
        if text.startswith("<!", place):
            if _CDATA.startswith(text[place : place + len(_CDATA)]):
                return False
            raise _restricted("a comment or a declaration", place)
        if text.startswith("<?", place):
            raise _restricted("a processing instruction", place)
        if text.startswith("</", place):
            return self.end_tag()
        tag = self.start_tag()
        return tag is not None

    def end_tag(self) -> bool:
        text, place = self.text, self.place
        name = QNAME.match(text, place + 2)
        if name is None:
            if place + 2 >= len(text):
                return False
            raise _not_well_formed("an end tag without a name", place)
        at = self.space(name.end())
        if at >= len(text):
            return False
        if text[at] != ">":
            raise _not_well_formed("an end tag that does not end", place)
        fits = self.open[-1].name if self.open else self.root
        if name[0] != fits:
            raise _not_well_formed("an end tag that fits no start tag", place)
        self.place = at + 1
        if not self.open:
            self.ended = True
            return True
        self.open.pop()
        self.close_one()
        return True

    def close_one(self) -> None:
        if not self.open:
            self.complete += 1
            self.nodes = 0

    def space(self, at: int) -> int:
        found = _SPACE.match(self.text, at)
        return at if found is None else found.end()

    def start_tag(self) -> StartTag | None:
        text, place = self.text, self.place
        name = QNAME.match(text, place + 1)
        if name is None:
            if place + 1 >= len(text):
                return None
            raise _not_well_formed("a start tag without a name", place)
        attributes: list[_Attribute] = []
        seen: set[str] = set()
        at = name.end()
        while True:
            begin = self.space(at)
            if begin >= len(text):
                return None
            if text[begin] == ">" or text.startswith("/>", begin):
                break
            attribute = QNAME.match(text, begin)
            if attribute is None or begin == at:
                raise _not_well_formed("a start tag that is badly written", begin)
            if attribute[0] in seen:
                raise _not_well_formed("an attribute that is given twice", begin)
            seen.add(attribute[0])
            value, after = self.value(attribute.end())
            if after < 0:
                return None
            attributes.append((attribute[1] if attribute[2] else None, attribute[2] or attribute[1], value, begin))
            at = after
        prefix = name[1] if name[2] else None
        declared = self.declare(attributes)
        self.resolve(prefix, attributes, declared, place)
        self.count(name[2] or name[1], attributes, place)
        if text[begin] == "/":
            self.place = begin + 2
            self.close_one()
        else:
            self.place = begin + 1
            self.open.append(_Open(name[0], declared))
        return StartTag(name[0], prefix, declared)

    def value(self, at: int) -> tuple[str, int]:
        """Read `= 'value'` of an attribute; the second is -1 when the text ends inside it."""
        text = self.text
        equals = self.space(at)
        if equals >= len(text):
            return "", -1
        if text[equals] != "=":
            raise _not_well_formed("an attribute without a value", equals)
        begin = self.space(equals + 1)
        if begin >= len(text):
            return "", -1
        mark = text[begin]
        if mark not in "\"'":
            raise _not_well_formed("a value without quotes", begin)
        end = text.find(mark, begin + 1)
        value = text[begin + 1 : len(text) if end < 0 else end]
        less = value.find("<")
        # What follows a less-than sign is no part of the tag: it may not even have been received.
        self.first_of(value if less < 0 else value[: less + 1], begin + 1, self.less_than, self.legal, self.references)
        return value, -1 if end < 0 else end + 1

    def declare(self, attributes: list[_Attribute]) -> dict[str | None, str]:
        declared: dict[str | None, str] = {}
        for prefix, local, value, at in attributes:
            limits = self.limits
            if (prefix or local) == "xmlns" and limits is not None and len(value.encode()) > limits.namespace_bytes:
                raise _above("a namespace above its limit", at)
            if prefix is None and local == "xmlns":
                uri = _resolved(value)
                if uri in (XML, _XMLNS) or "}" in uri:
                    raise _not_well_formed("a namespace that cannot be declared", at)
                declared[None] = uri
            elif prefix == "xmlns":
                uri = _resolved(value)
                if local == "xmlns" or uri == _XMLNS or not uri or "}" in uri or (local == "xml") != (uri == XML):
                    raise _not_well_formed("a namespace declaration that is not allowed", at)
                declared[local] = uri
        return declared

    def resolve(
        self, prefix: str | None, attributes: list[_Attribute], declared: Mapping[str | None, str], place: int
    ) -> None:
        if prefix is not None:
            self.bound(prefix, declared, place)
        names: set[tuple[str, str]] = set()
        for one, local, _value, at in attributes:
            if one is None or one == "xmlns":
                continue
            expanded = self.bound(one, declared, at), local
            if expanded in names:
                raise _not_well_formed("an attribute that is given twice", at)
            names.add(expanded)

    def bound(self, prefix: str, declared: Mapping[str | None, str], place: int) -> str:
        if prefix in declared:
            return declared[prefix]
        for element in reversed(self.open):
            if prefix in element.declared:
                return element.declared[prefix]
        if prefix in self.outer:
            return self.outer[prefix]
        if self.root is None:
            raise _Fault("bad-namespace-prefix", "a prefix that is not declared", "RFC 6120 section 4.9.3.2", place)
        raise _not_well_formed("a prefix that is not declared", place)

    def count(self, local: str, attributes: list[_Attribute], place: int) -> None:
        """Hold the tag against the limits that are counted, not measured in octets."""
        limits = self.limits
        if limits is None:
            return
        named = [one[1] for one in attributes if one[0] != "xmlns" and (one[0] is not None or one[1] != "xmlns")]
        if len(self.open) >= limits.depth:
            raise _above("elements nested above their limit", place)
        if self.open:
            self.open[-1].children += 1
            if self.open[-1].children > limits.children:
                raise _above("children above their limit", place)
        if len(named) > limits.attributes:
            raise _above("attributes above their limit", place)
        if any(len(name) > limits.name_length for name in (local, *named)):
            raise _above("a name above its limit", place)
        self.nodes += 1 + len(named)
        if self.nodes > limits.nodes:
            raise _above("elements and attributes above their limit", place)


def _is_character(decimal: str | None, hexadecimal: str | None) -> bool:
    digits = (decimal or hexadecimal or "").lstrip("0")
    if not digits or len(digits) > 7:
        return False
    number = int(digits, 10 if decimal else 16)
    return number < 0x110000 and not ILLEGAL.match(chr(number))


def _resolved(value: str) -> str:
    def one(found: re.Match[str]) -> str:
        decimal, hexadecimal, name = found.groups()
        if name is not None:
            return _PREDEFINED[name]
        return chr(int(decimal or hexadecimal, 10 if decimal else 16))

    return _REFERENCE.sub(one, value)
