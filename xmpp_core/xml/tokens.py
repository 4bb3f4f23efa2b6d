"""Where tokens end. Expat is only ever given complete ones, so that no build of it can hold one back."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["TAG", "Malformed", "MarkupScanner"]

TAG: Final = re.compile(rb"""<[^<>"'!?][^<>"']*(?:"[^"<]*"[^<>"']*|'[^'<]*'[^<>"']*)*>""")
"""A complete tag. Without possessive quantifiers: the regular expressions of CPython 3.11.2 get them wrong."""

_CDATA: Final = b"<![CDATA["
_STOP: Final = {0: re.compile(rb"""["'<>]"""), 0x22: re.compile(rb'["<]'), 0x27: re.compile(rb"['<]")}


class Malformed(Exception):
    """The markup at the head of the buffer can never become a token. Never leaves the parser."""


class MarkupScanner:
    """Finds the end of the first tag or CDATA section in a growing buffer, looking at each octet once."""

    __slots__ = ("_at", "_quote", "_start", "scanned")

    def __init__(self) -> None:
        self.scanned = 0
        """Octets looked at in all: what tests of linear work count."""
        self.reset()

    def reset(self) -> None:
        """The buffer was cut behind the last end found."""
        self._at = 0
        self._start = -1
        self._quote = 0

    @property
    def start(self) -> int:
        """Where the markup begins, -1 while only text was seen."""
        return self._start

    @property
    def fault_end(self) -> int:
        """Behind the octets that show what is malformed."""
        return max(self._at, self._start + len(_CDATA))

    def end(self, buffer: bytearray) -> int:
        """Give the offset behind the first complete markup, -1 when it is not complete.

        Raises `Malformed` when the markup can be no tag and no CDATA section: a comment, a
        processing instruction, a declaration, a `<` inside a tag.
        """
        if self._start < 0:
            self._start = buffer.find(b"<", self._at)
            self.scanned += len(buffer) - self._at
            if self._start < 0:
                self._at = len(buffer)
                return -1
            self._at = self._start + 1
        second = buffer[self._start + 1 : self._start + 2]
        if second == b"!":
            return self._cdata_end(buffer)
        if second == b"?":
            raise Malformed
        return self._tag_end(buffer)

    def _cdata_end(self, buffer: bytearray) -> int:
        head = bytes(buffer[self._start : self._start + len(_CDATA)])
        if not _CDATA.startswith(head):
            raise Malformed
        if len(head) < len(_CDATA):
            return -1
        begin = max(self._at - 2, self._start + len(_CDATA))
        found = buffer.find(b"]]>", begin)
        self.scanned += (len(buffer) if found < 0 else found + 3) - begin
        if found < 0:
            self._at = len(buffer)
            return -1
        return found + 3

    def _tag_end(self, buffer: bytearray) -> int:
        while True:
            found = _STOP[self._quote].search(buffer, self._at)
            if found is None:
                self.scanned += len(buffer) - self._at
                self._at = len(buffer)
                return -1
            self.scanned += found.end() - self._at
            self._at = found.end()
            octet = buffer[found.start()]
            if octet == 0x3C:
                raise Malformed
            if octet == 0x3E:
                return self._at
            self._quote = 0 if self._quote else octet
