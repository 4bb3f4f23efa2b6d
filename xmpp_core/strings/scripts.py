"""The scripts of a string and how it mixes them (UTS 39 section 5): an optional check, for people's eyes only.

Never decides whether addresses are equal or allowed.
"""

from __future__ import annotations

import enum
from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from .properties import Property, property_of

__all__ = ["RestrictionLevel", "mixed_scripts", "resolved_scripts", "restriction_level", "scripts", "spans"]


class RestrictionLevel(enum.IntEnum):
    """How freely a string mixes scripts (UTS 39 section 5.2); a greater one is a freer one."""

    ASCII_ONLY = 1
    """Nothing but ASCII."""
    SINGLE_SCRIPT = 2
    """All of it may be of one script, by its resolved script set (section 5.1)."""
    HIGHLY_RESTRICTIVE = 3
    """Latin, and what Japanese, Korean or Chinese is written with."""
    MODERATELY_RESTRICTIVE = 4
    """Latin, and one other script in common use that is neither Cyrillic nor Greek."""
    MINIMALLY_RESTRICTIVE = 5
    """Any scripts, of code points that identifiers may hold."""
    UNRESTRICTED = 6
    """Code points that identifiers may not hold."""


# Section 5.1: what is added to a set of scripts that has one of these: writing systems that are made of several.
_SYSTEMS: Final = {
    "Hani": frozenset({"Hanb", "Jpan", "Kore"}),
    "Hira": frozenset({"Jpan"}),
    "Kana": frozenset({"Jpan"}),
    "Hang": frozenset({"Kore"}),
    "Bopo": frozenset({"Hanb"}),
}
# Section 5.2, Highly Restrictive.
_WRITTEN_TOGETHER: Final = tuple(frozenset({"Latn", system}) for system in ("Jpan", "Hanb", "Kore"))
# UAX 31 table 5 (Recommended Scripts), as it is in the version of the tables, without Latin, Cyrillic and Greek.
_RECOMMENDED: Final = (
    "Arab", "Armn", "Beng", "Deva", "Ethi", "Geor", "Gujr", "Guru", "Hang", "Hani", "Hebr", "Hira", "Kana", "Khmr",
    "Knda", "Laoo", "Mlym", "Mymr", "Orya", "Sinh", "Taml", "Telu", "Thaa", "Thai", "Tibt",
)  # fmt: skip
_WITH_LATIN: Final = tuple(frozenset({"Latn", script}) for script in _RECOMMENDED)
# Common and Inherited: of any script.
_ANY: Final = frozenset({"Zyyy", "Zinh"})
# The identifier profile: the IdentifierClass (RFC 8264 section 4.2), which localparts and labels are made of.
_IN_IDENTIFIERS: Final = frozenset({Property.PVALID, Property.CONTEXTJ, Property.CONTEXTO})


def scripts(text: str) -> frozenset[str]:
    """Give the scripts of a string by name, in capitals ("LATIN", "CYRILLIC", "HAN").

    Code points that every script uses, as digits and hyphens are (Common, Inherited), add none.
    """
    found = (_script(character) for character in set(text))
    return frozenset(name.upper() for code, name in found if code not in _ANY and name)


def resolved_scripts(text: str) -> frozenset[str] | None:
    """Give the resolved script set (UTS 39 section 5.1), by codes of ISO 15924; None stands for all scripts.

    A string is single-script if the set is not empty. "Hanb", "Jpan" and "Kore" stand for writing systems.
    """
    resolved: frozenset[str] | None = None
    for found in _sets(text):
        resolved = found if resolved is None else resolved & found
    return resolved


def restriction_level(text: str) -> RestrictionLevel:
    """Say how freely a string mixes scripts (UTS 39 section 5.2), as the strictest level that it is of.

    The identifier profile is the IdentifierClass (RFC 8264 section 4.2).
    """
    if not all(property_of(character) in _IN_IDENTIFIERS for character in set(text)):
        return RestrictionLevel.UNRESTRICTED
    return RestrictionLevel.ASCII_ONLY if text.isascii() else _level(text)


def mixed_scripts(text: str) -> bool:
    """Whether scripts stand together that are not written together: beyond Highly Restrictive (UTS 39 section 5.2)."""
    return not text.isascii() and _level(text) > RestrictionLevel.HIGHLY_RESTRICTIVE


def spans(table: str) -> Iterator[tuple[str, int, int]]:
    """Read a table: what it says, and the first and last of the code points that it says it of."""
    said = ""
    for word in table.split():
        if word[-1] == ":":
            said = word[:-1]
            continue
        first, _, last = word.partition("-")
        yield said, int(first, 16), int(last or first, 16)


def _level(text: str) -> RestrictionLevel:
    if resolved_scripts(text) != frozenset():
        return RestrictionLevel.SINGLE_SCRIPT
    found = _sets(text)
    if any(all(one & cover for one in found) for cover in _WRITTEN_TOGETHER):
        return RestrictionLevel.HIGHLY_RESTRICTIVE
    if any(all(one & cover for one in found) for cover in _WITH_LATIN):
        return RestrictionLevel.MODERATELY_RESTRICTIVE
    return RestrictionLevel.MINIMALLY_RESTRICTIVE


def _sets(text: str) -> set[frozenset[str]]:
    """The distinct augmented script sets (section 5.1) of a string; there are some hundred in all."""
    return {found for found in map(_augmented, set(text)) if not found & _ANY}


class _Spans:
    """Ranges of code points, and what a table says of each."""

    def __init__(self, table: str) -> None:
        ordered = sorted((first, last, said) for said, first, last in spans(table))
        self._firsts = [first for first, _, _ in ordered]
        self._lasts = [last for _, last, _ in ordered]
        self._said = [said for _, _, said in ordered]

    def of(self, code: int) -> str:
        """Give what is said of a code point, or nothing."""
        at = bisect_right(self._firsts, code) - 1
        return self._said[at] if at >= 0 and code <= self._lasts[at] else ""


@lru_cache(maxsize=1)
def _tables() -> tuple[_Spans, _Spans]:
    # Few programs ask for scripts, and none should pay for the tables before.
    from .scripts_table import EXTENSIONS, SCRIPTS

    return _Spans(SCRIPTS), _Spans(EXTENSIONS)


@lru_cache(maxsize=4096)
def _script(character: str) -> tuple[str, str]:
    """Code and name of the script of a code point (UAX 24); "Zzzz", which has no name here, is that of none."""
    code, _, name = _tables()[0].of(ord(character)).partition("/")
    return code or "Zzzz", name


@lru_cache(maxsize=4096)
def _augmented(character: str) -> frozenset[str]:
    return _set(_tables()[1].of(ord(character)) or _script(character)[0])


@lru_cache(maxsize=512)
def _set(said: str) -> frozenset[str]:
    codes = frozenset(said.split("+"))
    return codes.union(*(_SYSTEMS[code] for code in codes & _SYSTEMS.keys()))
