"""Where tokens end. Expat is only ever given complete ones, so that no build of it can hold one back."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["DECLARATION", "TAG", "Malformed", "MarkupScanner", "beginning", "other_than_tags"]

TAG: Final = re.compile(rb"""</[^<>]*+>|<(?![/!?])[^<>"']*+(?:(?:"[^"<]*+"|'[^'<]*+')[^<>"']*+)*>""")
"""A complete tag. Each octet fits one place in the pattern only, so what does not match is found out in one pass.

The group is not possessive: CPython before 3.11.5 matches possessive groups wrongly.
"""

DECLARATION: Final = re.compile(rb"<[!?]")
"""The beginning of what is no tag."""

_PATIENCE: Final = 16
"""Marks looked at one by one before the whole piece is searched."""
_CDATA: Final = b"<![CDATA["
_STOP: Final = {0: re.compile(rb"""["'<>]"""), 0x22: re.compile(rb'["<]'), 0x27: re.compile(rb"['<]")}
_END_STOP: Final = re.compile(rb"[<>]")


class Malformed(Exception):
    """The markup at the head of the buffer can never become a token. Never leaves this folder."""

    def __init__(self, at: int) -> None:
        super().__init__(at)
        self.at = at
        """Offset of the octet that decides it."""


class MarkupScanner:
    """Finds the end of the first tag or CDATA section in a growing buffer, looking at each octet once."""

    __slots__ = ("_at", "_quote", "_start", "scanned")

    def __init__(self) -> None:
        self.scanned = 0
        """Octets looked at in all: what tests of linear work count."""
        self.reset()

    def reset(self, at: int = 0) -> None:
        """Begin anew at an offset: the buffer was cut behind the last end found."""
        self._at = at
        self._start = -1
        self._quote = 0

    def end(self, buffer: bytearray) -> int:
        """Give the offset behind the first complete markup, -1 when it is not complete.

        Raises `Malformed` when the markup can be no tag and no CDATA section: a comment, a
        processing instruction, a declaration, a `<` inside a tag.
        """
        if self._start < 0:
            found = buffer.find(b"<", self._at)
            self.scanned += (len(buffer) if found < 0 else found + 1) - self._at
            if found < 0:
                self._at = len(buffer)
                return -1
            self._start = found
            self._at = found + 1
        if len(buffer) < self._start + 2:
            return -1
        second = buffer[self._start + 1]
        if second == 0x21:
            return self._cdata_end(buffer)
        if second == 0x3F:
            raise Malformed(self._start + 1)
        return self._tag_end(buffer, end_tag=second == 0x2F)

    def _cdata_end(self, buffer: bytearray) -> int:
        for place, octet in enumerate(_CDATA):
            if self._start + place >= len(buffer):
                return -1
            if buffer[self._start + place] != octet:
                raise Malformed(self._start + place)
        begin = max(self._at - 2, self._start + len(_CDATA))
        found = buffer.find(b"]]>", begin)
        self.scanned += (len(buffer) if found < 0 else found + 3) - begin
        if found < 0:
            self._at = len(buffer)
            return -1
        return found + 3

    def _tag_end(self, buffer: bytearray, *, end_tag: bool) -> int:
        while True:
            found = (_END_STOP if end_tag else _STOP[self._quote]).search(buffer, self._at)
            if found is None:
                self.scanned += len(buffer) - self._at
                self._at = len(buffer)
                return -1
            place = found.start()
            self.scanned += place + 1 - self._at
            self._at = place + 1
            octet = buffer[place]
            if octet == 0x3C:
                # Stay on it: asked again, the answer is the same.
                self._at = place
                raise Malformed(place)
            if octet == 0x3E:
                return place + 1
            self._quote = 0 if self._quote else octet


def other_than_tags(piece: bytes | bytearray, mark: bytes, whole: bytes) -> bool:
    """Whether a `<` with the mark behind it is in the piece. Marks are rare, and `<` is not."""
    at = piece.find(mark)
    for _ in range(_PATIENCE):
        if at < 0:
            return False
        if piece[at - 1] == 0x3C:
            return True
        at = piece.find(mark, at + 1)
    return whole in piece


def beginning(piece: bytes | bytearray, elements: int) -> int:
    """Give where the unfinished element begins that has so many elements in `piece`.

    It is that many start tags from the end. There is no CDATA section in the piece.
    """
    at = len(piece)
    while elements:
        at = piece.rfind(b"<", 0, at)
        if piece[at + 1] != 0x2F:
            elements -= 1
    return at
