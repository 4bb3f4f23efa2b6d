"""The slow strict judge: after something was refused, it says what, where, and by which rule.

It is never asked about good input, so it may walk its octets character by character. What it says
depends on those octets alone, never on the build of expat that refused them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ..namespaces import XML

__all__ = ["Verdict", "judge", "resolved"]

_NAME_START: Final = (
    "A-Z_a-z\xc0-\xd6\xd8-\xf6\xf8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d\u2070-\u218f"
    "\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_NCNAME: Final = f"[{_NAME_START}][{_NAME_START}\\-.0-9\xb7\u0300-\u036f\u203f\u2040]*"
_QNAME: Final = re.compile(f"({_NCNAME})(?::({_NCNAME}))?")
_ILLEGAL: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_REFERENCE: Final = re.compile(f"&(?:#([0-9]+)|#x([0-9a-fA-F]+)|({_NCNAME}));")
_SPACE: Final = re.compile("[ \t\r\n]*")
_PREDEFINED: Final = frozenset({"amp", "lt", "gt", "apos", "quot"})
_LEADING: Final = range(0xC2, 0xF5)
"""Octets that may begin a character of several octets in UTF-8."""
_XMLNS: Final = "http://www.w3.org/2000/xmlns/"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is wrong: the stream error condition, words of our own, the section, the octet where."""

    condition: str
    reason: str
    section: str
    offset: int


class _Fault(Exception):
    def __init__(self, condition: str, reason: str, section: str, place: int) -> None:
        super().__init__(reason)
        self.condition, self.reason, self.section, self.place = condition, reason, section, place


def judge(octets: bytes, prefixes: Mapping[str | None, str], *, header: bool = False) -> Verdict | None:
    """Give the first fault in what stands between two children of the root, or None if there is none.

    `octets` begin at a clean boundary; `prefixes` are the namespaces the root declares. With `header`
    the octets are the root's start tag itself, whose unbound prefixes are `bad-namespace-prefix`.
    """
    text, undecodable = _decode(octets)
    walk = _Walk(text, prefixes, header)
    try:
        walk.run()
    except _Fault as fault:
        offset = len(text[: fault.place].encode("utf-8", "surrogatepass"))
        return Verdict(fault.condition, fault.reason, fault.section, offset)
    if undecodable is not None:
        if walk.between and octets[undecodable] in _LEADING:
            # Text may not stand here whatever it says, so one octet decides.
            return Verdict("bad-format", "text between top-level elements", "RFC 6120 section 4.9.3.1", undecodable)
        return Verdict("unsupported-encoding", "octets that are no UTF-8", "RFC 6120 section 4.9.3.22", undecodable)
    return None


def _decode(octets: bytes) -> tuple[str, int | None]:
    try:
        return octets.decode(), None
    except UnicodeDecodeError as error:
        return octets[: error.start].decode(), error.start


def _not_well_formed(reason: str, place: int) -> _Fault:
    return _Fault("not-well-formed", reason, "RFC 6120 section 11.3", place)


def _restricted(reason: str, place: int) -> _Fault:
    return _Fault("restricted-xml", reason, "RFC 6120 section 11.1", place)


class _Walk:
    def __init__(self, text: str, prefixes: Mapping[str | None, str], header: bool) -> None:
        self.text = text
        self.header = header
        self.open: list[tuple[str, dict[str | None, str]]] = []
        self.scope: dict[str | None, str] = {**prefixes, "xml": XML}
        self.place = 0

    @property
    def between(self) -> bool:
        """Whether the walk ended in what stands between two children of the root."""
        return not self.header and not self.open and not self.text[self.place :].strip(" \t\r\n")

    def run(self) -> None:
        text = self.text
        while self.place < len(text):
            less = text.find("<", self.place)
            end = len(text) if less < 0 else less
            self.character_data(self.place, end)
            self.place = end
            if less < 0:
                return
            if not self.markup():
                return

    def character_data(self, start: int, end: int) -> None:
        piece = self.text[start:end]
        if not self.open:
            solid = piece.lstrip(" \t\r\n")
            if solid:
                place = end - len(solid)
                raise _Fault("bad-format", "text between top-level elements", "RFC 6120 section 4.9.3.1", place)
            return
        faults = []
        found = piece.find("]]>")
        if found >= 0:
            faults.append(_not_well_formed("the end of a CDATA section without its beginning", start + found))
        for check in (self.legal, self.references):
            try:
                check(piece, start)
            except _Fault as fault:
                faults.append(fault)
        if faults:
            raise min(faults, key=lambda fault: fault.place)

    def legal(self, piece: str, start: int) -> None:
        found = _ILLEGAL.search(piece)
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
        text, place = self.text, self.place
        if not self.open and text.startswith("<![", place):
            raise _Fault("bad-format", "CDATA between top-level elements", "RFC 6120 section 4.9.3.1", place)
        if text.startswith("<![CDATA[", place):
            end = text.find("]]>", place)
            self.legal(text[place : len(text) if end < 0 else end], place)
            self.place = len(text) if end < 0 else end + 3
            return end >= 0
        if text.startswith("<!", place):
            if "<![CDATA[".startswith(text[place : place + 9]):
                return False
            raise _restricted("a comment or a document type declaration", place)
        if text.startswith("<?", place):
            raise _restricted("a processing instruction", place)
        if text.startswith("</", place):
            return self.end_tag()
        return self.start_tag()

    def end_tag(self) -> bool:
        text, place = self.text, self.place
        name = _QNAME.match(text, place + 2)
        if name is None:
            if place + 2 >= len(text):
                return False
            raise _not_well_formed("an end tag without a name", place)
        after = _SPACE.match(text, name.end())
        assert after is not None
        if after.end() >= len(text):
            return False
        if text[after.end()] != ">":
            raise _not_well_formed("an end tag that does not end", place)
        if not self.open:
            # The root's own end tag: whether its name fits was for expat to see.
            self.place = len(text)
            raise _not_well_formed("an end tag that fits no start tag", place)
        opened, scope = self.open.pop()
        if opened != name[0]:
            raise _not_well_formed("an end tag that fits no start tag", place)
        self.scope = scope
        self.place = after.end() + 1
        return True

    def start_tag(self) -> bool:
        text, place = self.text, self.place
        name = _QNAME.match(text, place + 1)
        if name is None:
            if place + 1 >= len(text):
                return False
            raise _not_well_formed("a start tag without a name", place)
        attributes: list[tuple[str | None, str, str, int]] = []
        seen: set[str] = set()
        at = name.end()
        while True:
            space = _SPACE.match(text, at)
            assert space is not None
            at = space.end()
            if at >= len(text):
                return False
            if text[at] == ">" or text.startswith("/>", at):
                break
            attribute = _QNAME.match(text, at)
            if attribute is None or space.start() == space.end():
                raise _not_well_formed("a start tag that is badly written", at)
            if attribute[0] in seen:
                raise _not_well_formed("an attribute that is given twice", at)
            seen.add(attribute[0])
            value, after = self.value(attribute.end())
            if after < 0:
                return False
            attributes.append((attribute[1] if attribute[2] else None, attribute[2] or attribute[1], value, at))
            at = after
        empty = text[at] == "/"
        before = self.scope
        self.declare(attributes, place)
        self.resolve(name[1] if name[2] else None, attributes, place)
        if empty:
            self.scope = before
        else:
            self.open.append((name[0], before))
        self.place = at + (2 if empty else 1)
        return True

    def value(self, at: int) -> tuple[str, int]:
        text = self.text
        equals = _SPACE.match(text, at)
        assert equals is not None
        if equals.end() >= len(text):
            return "", -1
        if text[equals.end()] != "=":
            raise _not_well_formed("an attribute without a value", at)
        quote = _SPACE.match(text, equals.end() + 1)
        assert quote is not None
        begin = quote.end()
        if begin >= len(text):
            return "", -1
        mark = text[begin]
        if mark not in "\"'":
            raise _not_well_formed("a value without quotes", begin)
        end = text.find(mark, begin + 1)
        value = text[begin + 1 : len(text) if end < 0 else end]
        faults = []
        less = value.find("<")
        if less >= 0:
            faults.append(_not_well_formed("a less-than sign in a value", begin + 1 + less))
        checked = value if end >= 0 else _conclusive(value, less)
        for check in (self.legal, self.references):
            try:
                check(checked, begin + 1)
            except _Fault as fault:
                faults.append(fault)
        if faults:
            raise min(faults, key=lambda fault: fault.place)
        return value, -1 if end < 0 else end + 1

    def declare(self, attributes: list[tuple[str | None, str, str, int]], place: int) -> None:
        scope = dict(self.scope)
        for prefix, local, value, at in attributes:
            uri = resolved(value)
            if prefix is None and local == "xmlns":
                if uri in (XML, _XMLNS) or "}" in uri:
                    raise _not_well_formed("a namespace that cannot be declared", at)
                scope[None] = uri
            elif prefix == "xmlns":
                if local == "xmlns" or uri == _XMLNS or not uri or "}" in uri or (local == "xml") != (uri == XML):
                    raise _not_well_formed("a namespace declaration that is not allowed", at)
                scope[local] = uri
        self.scope = scope

    def resolve(self, prefix: str | None, attributes: list[tuple[str | None, str, str, int]], place: int) -> None:
        if prefix is not None:
            self.bound(prefix, place)
        names: set[tuple[str, str]] = set()
        for one, local, _value, at in attributes:
            if one is None or one == "xmlns":
                continue
            expanded = self.bound(one, at), local
            if expanded in names:
                raise _not_well_formed("an attribute that is given twice", at)
            names.add(expanded)

    def bound(self, prefix: str, place: int) -> str:
        found = self.scope.get(prefix)
        if found is None or prefix == "xmlns":
            if self.header:
                raise _Fault("bad-namespace-prefix", "a prefix that is not declared", "RFC 6120 section 4.9.3.2", place)
            raise _not_well_formed("a prefix that is not declared", place)
        return found


def _conclusive(value: str, less: int) -> str:
    """Give the part of an unfinished value that can be judged: not a reference that may still go on."""
    if less >= 0:
        return value[: less + 1]
    ampersand = value.rfind("&")
    return value if ampersand < 0 or ";" in value[ampersand:] else value[:ampersand]


def _is_character(decimal: str | None, hexadecimal: str | None) -> bool:
    digits = (decimal or hexadecimal or "").lstrip("0")
    if not digits or len(digits) > 7:
        return False
    number = int(digits, 10 if decimal else 16)
    return number < 0x110000 and not _ILLEGAL.match(chr(number))


def resolved(value: str) -> str:
    """Give an attribute value with its references resolved; the value has been judged before."""

    def one(found: re.Match[str]) -> str:
        decimal, hexadecimal, name = found.groups()
        if name is not None:
            return {"amp": "&", "lt": "<", "gt": ">", "apos": "'", "quot": '"'}.get(name, "")
        return chr(int(decimal or hexadecimal, 10 if decimal else 16))

    return _REFERENCE.sub(one, value)
