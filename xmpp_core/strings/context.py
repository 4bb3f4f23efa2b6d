"""The contextual rules of RFC 5892 appendix A, and the classes of RFC 8264 section 4 that need them."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Final

from .errors import StringError
from .properties import Property, excluded, property_of

__all__ = ["check_class", "check_contexts", "script_of"]

_VIRAMA: Final = 9
_DUAL_JOINING: Final = "\u0628"
_ZWNJ: Final = "\u200c"
_APPENDIX: Final = "RFC 5892 appendix A"
_SECTIONS: Final = {0x200C: 1, 0x200D: 2, 0x00B7: 3, 0x0375: 4, 0x05F3: 5, 0x05F4: 6, 0x30FB: 7}
_ARABIC: Final = frozenset(map(chr, range(0x0660, 0x066A)))
_EXTENDED: Final = frozenset(map(chr, range(0x06F0, 0x06FA)))


def check_class(text: str, *, freeform: bool) -> None:
    """Check every code point against the FreeformClass or the IdentifierClass (RFC 8264 section 4).

    Raises `StringError`. Work grows as the text does: what a rule asks of the whole text is found once.
    """
    contexts: Contexts | None = None
    for position, character in enumerate(text):
        derived = property_of(character)
        if derived is Property.PVALID or (freeform and derived is Property.FREE_PVAL):
            continue
        if derived is Property.CONTEXTJ or derived is Property.CONTEXTO:
            if contexts is None:
                contexts = Contexts(text)
            if contexts.allow(position):
                continue
            raise outside(position, character)
        raise excluded(position, character, freeform=freeform)


def check_contexts(text: str) -> None:
    """Check the contextual rules alone, whatever else stands in the text; raises `StringError`."""
    contexts = Contexts(text)
    for position, character in enumerate(text):
        if property_of(character) in (Property.CONTEXTJ, Property.CONTEXTO) and not contexts.allow(position):
            raise outside(position, character)


def outside(position: int, character: str) -> StringError:
    """Say that a code point lacks its context."""
    return StringError("a code point outside the context it needs", section_of(character), position, character)


def section_of(character: str) -> str:
    """Give the section of the contextual rule for a code point."""
    number = _SECTIONS.get(ord(character), 8 if character in _ARABIC else 9)
    return f"{_APPENDIX}.{number}"


class Contexts:
    """What the rules ask of one text, each asked at most once."""

    __slots__ = ("_kana", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._kana: bool | None = None

    def allow(self, position: int) -> bool:
        """Whether the code point there stands in the context its rule demands."""
        text = self._text
        code = ord(text[position])
        before = text[position - 1] if position else ""
        after = text[position + 1] if position + 1 < len(text) else ""
        if code in (0x200C, 0x200D):
            if before and unicodedata.combining(before) == _VIRAMA:
                return True
            return code == 0x200C and self._joins(position)
        if code == 0x00B7:
            return before == after == "l"
        if code == 0x0375:
            return script_of(after) == "Greek"
        if code in (0x05F3, 0x05F4):
            return script_of(before) == "Hebrew"
        if code == 0x30FB:
            if self._kana is None:
                self._kana = any(script_of(one) in ("Hiragana", "Katakana", "Han") for one in text)
            return self._kana
        # Neither kind of digit stands beside the other: the sets look for ten characters, not at each place.
        return not any(one in text for one in (_EXTENDED if text[position] in _ARABIC else _ARABIC))

    def _joins(self, position: int) -> bool:
        """Appendix A.1: a joining letter on either side, transparent ones between.

        A non-joiner is itself not transparent, so each run of transparent code points is walked twice.
        """
        text = self._text
        left = position - 1
        while left >= 0 and joins(text[left])[2]:
            left -= 1
        if left < 0 or not joins(text[left])[0]:
            return False
        right = position + 1
        while right < len(text) and joins(text[right])[2]:
            right += 1
        return right < len(text) and joins(text[right])[1]


@lru_cache(maxsize=4096)
def joins(character: str) -> tuple[bool, bool, bool]:
    """Whether a code point joins what follows (L, D), joins what precedes (R, D), or is transparent (T).

    The joining types are those of the `idna` package, which tells them by its own verdict on short labels.
    """
    from idna import IDNAError
    from idna.core import valid_contextj

    def verdict(text: str) -> bool:
        try:
            # Behind a virama anything goes; the rule is about letters.
            return unicodedata.combining(text[text.index(_ZWNJ) - 1]) != _VIRAMA and bool(
                valid_contextj(text, text.index(_ZWNJ))
            )
        except (IDNAError, ValueError):  # a code point the interpreter does not know
            return False

    follows = verdict(f"{character}{_ZWNJ}{_DUAL_JOINING}")
    precedes = verdict(f"{_DUAL_JOINING}{_ZWNJ}{character}")
    through = verdict(f"{_DUAL_JOINING}{_ZWNJ}{character}{_DUAL_JOINING}")
    return follows, precedes, through and not precedes


@lru_cache(maxsize=4096)
def script_of(character: str) -> str:
    """Give "Greek", "Hebrew", "Hiragana", "Katakana" or "Han", the scripts the rules ask for, else ""."""
    if not character:
        return ""
    from idna import idnadata
    from idna.intranges import intranges_contain

    for script in ("Greek", "Hebrew", "Hiragana", "Katakana", "Han"):
        if intranges_contain(ord(character), idnadata.scripts[script]):
            return script
    return ""
