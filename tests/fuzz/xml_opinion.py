"""A second opinion on streams: `pyexpat` with handlers of its own, and mutations to ask it about.

It shares nothing with the parser but expat itself, and is fed everything at once. Standard library
only, so that it runs on any interpreter.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NoReturn
from xml.etree.ElementTree import Element
from xml.parsers import expat

from xml_scenes import BAD, GOOD, HEADER

from xmpp_core.xml.names import canonical

__all__ = ["Opinion", "ask", "mutations"]


@dataclass
class Opinion:
    """What the oracle makes of octets: elements whole before the end or the fault."""

    elements: list[bytes]
    ended: bool
    failed_at: int | None
    """Octet of the fault, None without one."""
    condition: str | None
    """The condition, where a handler saw what it was or expat's code leaves no doubt; None otherwise."""


# Codes of expat that mean one thing. Code 4 is not among them: it stands for bad UTF-8, `<!DOCTYPE` and more.
_PLAIN_CODES = {
    expat.errors.codes[expat.errors.XML_ERROR_UNDEFINED_ENTITY]: "restricted-xml",
    expat.errors.codes[expat.errors.XML_ERROR_TAG_MISMATCH]: "not-well-formed",
    expat.errors.codes[expat.errors.XML_ERROR_DUPLICATE_ATTRIBUTE]: "not-well-formed",
    expat.errors.codes[expat.errors.XML_ERROR_UNBOUND_PREFIX]: "not-well-formed",
    expat.errors.codes[expat.errors.XML_ERROR_BAD_CHAR_REF]: "not-well-formed",
}


class _Fault(Exception):
    pass


class _Oracle:
    def __init__(self) -> None:
        parser = self.parser = expat.ParserCreate("utf-8", "}")
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.text
        parser.CommentHandler = self.restricted
        parser.ProcessingInstructionHandler = self.restricted
        parser.StartDoctypeDeclHandler = self.restricted
        parser.StartCdataSectionHandler = self.cdata
        self.open: list[Element] = []
        self.elements: list[bytes] = []
        self.depth = 0
        self.ended = False
        self.condition: str | None = None

    def fault(self, condition: str) -> NoReturn:
        self.condition = condition
        raise _Fault

    def restricted(self, *_: object) -> None:
        if not self.ended:
            self.fault("restricted-xml")

    def cdata(self) -> None:
        if not self.ended and self.depth == 1:
            self.fault("bad-format")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth == 1:
            return
        given = {_clark(key): value for key, value in attributes.items()}
        element = Element(_clark(name), given)
        if self.open:
            self.open[-1].append(element)
        self.open.append(element)

    def end(self, _name: str) -> None:
        self.depth -= 1
        if self.depth == 0:
            self.ended = True
            return
        element = self.open.pop()
        if not self.open:
            self.elements.append(canonical(element))

    def text(self, text: str) -> None:
        if self.open:
            above = self.open[-1]
            if len(above):
                above[-1].tail = (above[-1].tail or "") + text
            else:
                above.text = (above.text or "") + text
        elif self.depth == 1 and text.strip(" \t\r\n"):
            self.fault("bad-format")


def _clark(name: str) -> str:
    return "{" + name if "}" in name else name


def ask(octets: bytes) -> Opinion:
    """Ask about everything at once. White space written as references at depth 1 passes here."""
    oracle = _Oracle()
    failed_at = None
    try:
        oracle.parser.Parse(octets, False)
        if hasattr(oracle.parser, "SetReparseDeferralEnabled"):
            oracle.parser.SetReparseDeferralEnabled(False)
            oracle.parser.Parse(b"", False)
    except _Fault:
        failed_at = oracle.parser.CurrentByteIndex
    except expat.ExpatError as error:
        failed_at = None if oracle.ended else oracle.parser.ErrorByteIndex
        # Between elements every reference is text, whatever it refers to (RFC 6120 section 11.7).
        if failed_at is not None and (oracle.open or octets[failed_at : failed_at + 1] != b"&"):
            oracle.condition = _PLAIN_CODES.get(error.code)
    return Opinion(oracle.elements, oracle.ended, failed_at, oracle.condition)


_PIECES: Sequence[bytes] = (
    *(octets for octets, _, _ in BAD.values()),
    *GOOD.values(),
    b"<", b">", b"&", b"'", b'"', b"/", b"!", b"?", b"<!", b"<?", b"<!--", b"-->", b"<![CDATA[", b"]]>", b"]]", b"&#",
    b"&#32;", b"&lt;", b"&#x0;", b"xmlns", b"xmlns:p='u'", b"p:", b":", b"=", b" ", b"\r", b"\n", b"\x00", b"\x7f",
    b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xef\xbf\xbe", b"\xef\xbb\xbf", b"\xf0\x9f\x98\x80", b"\xe4\xbd\xa0", b"<a>",
    b"</a>", b"<a/>", b"</", b"/>", b"x", b"<a b='", b"'>", b"xml:lang='x'", b"</stream:stream>", b"<stream:x/>",
)  # fmt: skip


def mutations(count: int, seed: int = 0, more: Sequence[bytes] = ()) -> Iterator[bytes]:
    """Give streams whose header is good and whose content was damaged in up to six places.

    The content is made of the good scenes and of `more`, each of which comes in its turn.
    """
    drawn = random.Random(seed)
    good = list(GOOD.values())
    bad = [octets for octets, _, _ in BAD.values()]
    for number in range(count):
        body = bytearray(b"".join(drawn.choice(good) for _ in range(drawn.randrange(1, 4))))
        if more and number & 1:
            body = bytearray(more[(number >> 1) % len(more)])
        if drawn.random() < 0.2:
            body += drawn.choice(bad)
        for _ in range(drawn.choice((0, 1, 1, 1, 2, 3, 6))):
            place = drawn.randrange(len(body) + 1)
            kind = drawn.randrange(6)
            if kind == 0:
                body[place:place] = drawn.choice(_PIECES)
            elif kind == 1:
                del body[place : place + drawn.choice((1, 1, 2, 5, 20))]
            elif kind == 2 and place < len(body):
                body[place] = drawn.randrange(256)
            elif kind == 3:
                other = drawn.randrange(len(body) + 1)
                low, high = min(place, other), max(place, other)
                body[low:low] = body[low:high]
            elif kind == 4:
                body[place : place + drawn.choice((1, 3))] = drawn.choice(_PIECES)
            elif place < len(body):
                body[place] = drawn.choice(b"<>&'\"/!?[]=: \r\n")
        yield HEADER + bytes(body)
