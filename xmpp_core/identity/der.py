"""Reading DER (X.690 section 10): one octet string, one way to read it, anything else refused."""

from __future__ import annotations

from typing import Final

__all__ = [
    "BIT_STRING",
    "BOOLEAN",
    "GENERALIZED_TIME",
    "INTEGER",
    "OBJECT_IDENTIFIER",
    "OCTET_STRING",
    "SEQUENCE",
    "SET",
    "UTC_TIME",
    "DerError",
    "Reader",
    "context",
    "oid_text",
]

BOOLEAN: Final = 0x01
INTEGER: Final = 0x02
BIT_STRING: Final = 0x03
OCTET_STRING: Final = 0x04
OBJECT_IDENTIFIER: Final = 0x06
UTC_TIME: Final = 0x17
GENERALIZED_TIME: Final = 0x18
SEQUENCE: Final = 0x30
SET: Final = 0x31

_HIGH_TAG: Final = 0x1F
_CONSTRUCTED: Final = 0x20
# Longer identifiers than any registered one; each further octet makes the number of an arc larger.
_LONGEST_OID: Final = 128


class DerError(ValueError):
    """Octets that are no DER of the type expected; the text says what is wrong and holds none of them."""


def context(number: int, *, constructed: bool) -> int:
    """Give the identifier octet of a context-specific tag below 31 (X.690 section 8.1.2)."""
    return 0x80 | (_CONSTRUCTED if constructed else 0) | number


class Reader:
    """A place in octets, and where they end. Every method that reads raises `DerError` and moves on."""

    __slots__ = ("_at", "_data", "_end")

    def __init__(self, data: bytes, begin: int = 0, end: int | None = None) -> None:
        self._data = data
        self._at = begin
        self._end = len(data) if end is None else end

    @property
    def more(self) -> bool:
        """Whether anything is left."""
        return self._at < self._end

    def is_next(self, tag: int) -> bool:
        """Whether a value with this identifier octet comes next."""
        return self._at < self._end and self._data[self._at] == tag

    def any(self) -> tuple[int, bytes]:
        """Read whatever value comes: its identifier octet and its contents."""
        tag, begin, end = self._value()
        return tag, self._data[begin:end]

    def contents(self, tag: int) -> bytes:
        """Read the contents of a value with this identifier octet."""
        begin, end = self._expected(tag)
        return self._data[begin:end]

    def enter(self, tag: int) -> Reader:
        """Read a value with this identifier octet as a reader of its contents."""
        return Reader(self._data, *self._expected(tag))

    def whole(self, tag: int) -> bytes:
        """Read a value with this identifier octet, and give it with identifier and length."""
        begin = self._at
        self._expected(tag)
        return self._data[begin : self._at]

    def optional(self, tag: int) -> Reader | None:
        """Read a value if it has this identifier octet; None: something else comes, or nothing."""
        return self.enter(tag) if self.is_next(tag) else None

    def boolean(self, default: bool) -> bool:
        """Read a BOOLEAN that may be left out (X.690 section 11.1)."""
        if not self.is_next(BOOLEAN):
            return default
        octets = self.contents(BOOLEAN)
        if octets not in (b"\x00", b"\xff"):
            raise DerError("a BOOLEAN that is neither 0 nor 255")
        return octets == b"\xff"

    def integer(self) -> int:
        """Read an INTEGER (X.690 section 8.3)."""
        octets = self.contents(INTEGER)
        if not octets:
            raise DerError("an INTEGER without octets")
        if len(octets) > 1 and (octets[0], octets[1] >> 7) in ((0, 0), (0xFF, 1)):
            raise DerError("an INTEGER with octets too many")
        return int.from_bytes(octets, "big", signed=True)

    def bits(self) -> tuple[bytes, int]:
        """Read a BIT STRING: its octets, and how many bits of the last are unused (X.690 section 11.2)."""
        octets = self.contents(BIT_STRING)
        if not octets or octets[0] > 7 or (octets[0] and len(octets) == 1):
            raise DerError("a BIT STRING with a wrong count of unused bits")
        if octets[0] and octets[-1] & ((1 << octets[0]) - 1):
            raise DerError("a BIT STRING with unused bits that are set")
        return octets[1:], octets[0]

    def oid(self) -> str:
        """Read an OBJECT IDENTIFIER as its numbers with dots between them."""
        return oid_text(self.contents(OBJECT_IDENTIFIER))

    def done(self) -> None:
        """Refuse what is left."""
        if self.more:
            raise DerError("octets after the end of a value")

    def _expected(self, tag: int) -> tuple[int, int]:
        found, begin, end = self._value()
        if found != tag:
            raise DerError(f"a value with identifier {found:#04x} where {tag:#04x} is expected")
        return begin, end

    def _value(self) -> tuple[int, int, int]:
        data, at, end = self._data, self._at, self._end
        if end - at < 2:
            raise DerError("a value that is cut off")
        tag, size = data[at], data[at + 1]
        if tag & _HIGH_TAG == _HIGH_TAG:
            raise DerError("a tag of more than one octet")
        at += 2
        if size & 0x80:
            count = size & 0x7F
            if not count or count > 4:
                raise DerError("a length that is indefinite or too long")
            if end - at < count:
                raise DerError("a value that is cut off")
            size = int.from_bytes(data[at : at + count], "big")
            if size < 0x80 or not data[at]:
                raise DerError("a length that is not in its shortest form")
            at += count
        if end - at < size:
            raise DerError("a value that is cut off")
        self._at = at + size
        return tag, at, at + size


def oid_text(octets: bytes) -> str:
    """Give an OBJECT IDENTIFIER as its numbers with dots between them (X.690 section 8.19); raises `DerError`."""
    if not octets or octets[-1] & 0x80 or len(octets) > _LONGEST_OID:
        raise DerError("an OBJECT IDENTIFIER that is empty, cut off or too long")
    numbers = []
    number = 0
    fresh = True
    for octet in octets:
        if fresh and octet == 0x80:
            raise DerError("an OBJECT IDENTIFIER with octets too many")
        number = number << 7 | octet & 0x7F
        fresh = not octet & 0x80
        if fresh:
            numbers.append(number)
            number = 0
    first = min(numbers[0] // 40, 2)
    return ".".join(map(str, (first, numbers[0] - 40 * first, *numbers[1:])))
