"""The query component of an XMPP URI (RFC 5122 section 2.5): a query type and pairs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Self

from .errors import URIError
from .percent import SUBDELIMS, UNRESERVED, decoded, encoded, measured

__all__ = ["Query"]

_SECTION: Final = "RFC 5122 section 2.2"
_STRICT: Final = re.compile(rf"(?:[{UNRESERVED}\x80-\U0010ffff]++|%[0-9A-Fa-f]{{2}})*+")
# RFC 3987 section 2.2, `iquery` without `iprivate`; section 16.7.2 of XEP-0045 leaves "@" bare in an address.
_TOLERANT: Final = re.compile(rf"(?:[{UNRESERVED}{SUBDELIMS}:@/?\x80-\U0010ffff]++|%[0-9A-Fa-f]{{2}})*+")
_BARE: Final = re.compile(f"[{UNRESERVED}]+")


@dataclass(frozen=True, slots=True)
class Query:
    """A query type, "" if none is named, and pairs of key and value in their order; nothing is percent-encoded.

    What nobody has registered is kept as it is. Raises `URIError` for a surrogate.
    """

    type: str
    pairs: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        for text in (self.type, *(one for pair in self.pairs for one in pair)):
            encoded(text, _BARE, iri=False, part="query")

    @classmethod
    def parse(cls, text: str, *, strict: bool = False, start: int = 0) -> Self:
        """Read what stands between "?" and "#". Decoding comes after splitting (RFC 3986 section 2.4).

        `strict` asks for the syntax of RFC 5122 section 2.2 to the letter. Otherwise a character that a query
        may hold (RFC 3986 section 3.4) need not be percent-encoded, a key may stand without "=", for an empty
        value, pairs may begin without a query type, and empty pairs are passed over.
        `start` is where the query begins in the whole text, for `URIError.position`.
        """
        kind, *rest = text.split(";")
        pairs: list[tuple[str, str]] = []
        if not strict and "=" in kind:
            kind, rest = "", [kind, *rest]
            at = start
        else:
            at = start + len(kind) + 1
        allowed = _STRICT if strict else _TOLERANT
        kind = _text(kind, allowed, start)
        for one in rest:
            key, equals, value = one.partition("=")
            if equals or (one and not strict):
                pairs.append((_text(key, allowed, at), _value(value, allowed, at + len(key) + 1)))
            elif strict:
                raise URIError("query", 'a key without "="', _SECTION, at)
            at += len(one) + 1
        return cls(kind, tuple(pairs))

    def get(self, key: str, default: str | None = None) -> str | None:
        """Give the first value of `key`."""
        return next((value for name, value in self.pairs if name == key), default)

    def all(self, key: str) -> tuple[str, ...]:
        """Give every value of `key`, in order."""
        return tuple(value for name, value in self.pairs if name == key)

    def written(self, *, iri: bool) -> str:
        """Give it as it stands after "?", in a URI or an IRI."""
        parts = [encoded(self.type, _BARE, iri=iri)]
        parts.extend(f";{encoded(key, _BARE, iri=iri)}={encoded(value, _BARE, iri=iri)}" for key, value in self.pairs)
        return "".join(parts)


def _text(text: str, allowed: re.Pattern[str], start: int) -> str:
    """A query type or a key: an "&" there is a separator of other schemes."""
    wrong = text.find("&")
    if wrong >= 0:
        raise URIError("query", 'an "&" where ";" separates pairs', "RFC 5122 section 2.5", start + wrong, "&")
    return _value(text, allowed, start)


def _value(text: str, allowed: re.Pattern[str], start: int) -> str:
    measured(text, allowed, "query", _SECTION, start)
    return decoded(text, "query", start)
