"""Mappings that several profiles share: width, case, spaces, normal forms."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, Literal

__all__ = ["Form", "each", "lower", "normal_form", "only_ascii_spaces", "segments", "width"]

Form = Literal["NFC", "NFKC"]


def each(mapping: Callable[[str], str]) -> Callable[[str], Iterator[tuple[int, str]]]:
    """Give the pieces of a rule that maps code point by code point."""

    def pieces(text: str) -> Iterator[tuple[int, str]]:
        return enumerate(map(mapping, text))

    return pieces


@lru_cache(maxsize=4096)
def narrowed(character: str) -> str:
    """Map a fullwidth or halfwidth code point to its decomposition mapping (UAX 11), another to itself."""
    kind, _, codes = unicodedata.decomposition(character).partition(" ")
    return "".join(chr(int(one, 16)) for one in codes.split()) if kind in ("<wide>", "<narrow>") else character


def width(text: str) -> str:
    """Map fullwidth and halfwidth code points to their decomposition mappings."""
    return text if text.isascii() else "".join(map(narrowed, text))


def lower(text: str) -> str:
    """Apply toLowerCase() (Unicode section 3.13), which knows the final sigma."""
    return text.lower()


def only_ascii_spaces(text: str) -> str:
    """Map every code point of category Zs to SPACE."""
    return text if text.isascii() else "".join(" " if unicodedata.category(one) == "Zs" else one for one in text)


def normal_form(form: Form) -> Callable[[str], str]:
    """Give the function that brings a text into a normal form."""

    def normalize(text: str) -> str:
        return unicodedata.normalize(form, text)

    return normalize


def segments(form: Form, data: Any = unicodedata) -> Callable[[str], Iterator[tuple[int, str]]]:
    """Give the pieces of a normalisation: each what one starter and all that leans on it become.

    `data` is `unicodedata` or one of its older databases.
    """

    def leans(near: str, character: str) -> bool:
        apart = data.normalize(form, near) + data.normalize(form, character)
        return bool(data.normalize(form, near + character) != apart)

    def composed(begin: int, segment: str) -> Iterator[tuple[int, str]]:
        made = data.normalize(form, segment)
        return enumerate(segment, begin) if made == segment else iter([(begin, made)])

    def pieces(text: str) -> Iterator[tuple[int, str]]:
        begin = 0
        for position in range(1, len(text)):
            if data.combining(data.normalize("NFKD", text[position])[0]):
                continue
            # A starter composes with starters next to it alone, three at most (Hangul syllables).
            if leans(text[max(begin, position - 3) : position], text[position]):
                continue
            yield from composed(begin, text[begin:position])
            begin = position
        if text:
            yield from composed(begin, text[begin:])

    return pieces
