"""Language tags (RFC 5646) and how ranges of them are matched (RFC 4647)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self, TypeVar

from .errors import StringError

__all__ = [
    "LanguageTag",
    "basic_filter",
    "best",
    "extended_filter",
    "formatted",
    "is_basic_range",
    "is_extended_range",
    "lookup",
    "matches_basic",
    "matches_extended",
    "well_formed",
]

_Item = TypeVar("_Item")

_TAG: Final = re.compile(
    r"(?:(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4}|[a-z]{5,8})"
    r"(?:-[a-z]{4})?(?:-(?:[a-z]{2}|[0-9]{3}))?"
    r"(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*"
    r"(?:-[0-9a-wyz](?:-[a-z0-9]{2,8})+)*"
    r"(?:-x(?:-[a-z0-9]{1,8})+)?"
    r"|x(?:-[a-z0-9]{1,8})+"
    r"|en-gb-oed|i-(?:ami|bnn|default|enochian|hak|klingon|lux|mingo|navajo|pwn|tao|tay|tsu)"
    r"|sgn-(?:be-fr|be-nl|ch-de)|art-lojban|cel-gaulish|no-bok|no-nyn"
    r"|zh-(?:guoyu|hakka|min|min-nan|xiang))",
    re.IGNORECASE,
)
_GRANDFATHERED: Final = re.compile(
    r"en-gb-oed|i-[a-z]+|sgn-(?:be-fr|be-nl|ch-de)|art-lojban|cel-gaulish|no-bok|no-nyn"
    r"|zh-(?:guoyu|hakka|min|min-nan|xiang)"
)
_BASIC_RANGE: Final = re.compile(r"\*|[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*")
_EXTENDED_RANGE: Final = re.compile(r"(?:[A-Za-z]{1,8}|\*)(?:-(?:[A-Za-z0-9]{1,8}|\*))*")
_LONGEST: Final = 255
_SYNTAX: Final = "RFC 5646 section 2.1"


def well_formed(tag: str) -> bool:
    """Whether `tag` is a well-formed language tag (RFC 5646 section 2.2.9); subtags are not looked up."""
    return len(tag) <= _LONGEST and _TAG.fullmatch(tag) is not None and tag.isascii()


@dataclass(frozen=True, slots=True)
class LanguageTag:
    """The subtags of a well-formed tag, by what they are (RFC 5646 section 2.1), written as section 2.1.1 asks.

    A grandfathered tag means something as a whole only and is in `grandfathered` alone. `extensions` are
    singleton and subtags, in their order. Which subtags are registered is not known here.
    """

    language: str | None = None
    extlangs: tuple[str, ...] = ()
    script: str | None = None
    region: str | None = None
    variants: tuple[str, ...] = ()
    extensions: tuple[tuple[str, tuple[str, ...]], ...] = ()
    private_use: tuple[str, ...] = ()
    grandfathered: str | None = None

    @classmethod
    def parse(cls, tag: str) -> Self:
        """Read a tag in any case; raises `StringError` if it is not well-formed, and says at which index."""
        _check_characters(tag)
        if well_formed(tag) and _GRANDFATHERED.fullmatch(tag.lower()) is not None:
            return cls(grandfathered=_cased(tag))
        subtags = _cased(tag).split("-")
        starts = [0]
        for one in subtags:
            starts.append(starts[-1] + len(one) + 1)
        at = 0
        language: str | None = None
        extlangs: tuple[str, ...] = ()
        script = region = None
        variants: tuple[str, ...] = ()
        if subtags[0] != "x":
            if not (len(subtags[0]) >= 2 and subtags[0].isalpha()):
                raise StringError("a tag that begins with no language", _SYNTAX, 0)
            language, at = subtags[0], 1
            if len(language) <= 3:
                while at <= 3 and at < len(subtags) and len(subtags[at]) == 3 and subtags[at].isalpha():
                    at += 1
                extlangs = tuple(subtags[1:at])
            if at < len(subtags) and len(subtags[at]) == 4 and subtags[at].isalpha():
                script, at = subtags[at], at + 1
            if at < len(subtags) and _is_region(subtags[at]):
                region, at = subtags[at], at + 1
            first = at
            while at < len(subtags) and _is_variant(subtags[at]):
                at += 1
            variants = tuple(subtags[first:at])
        extensions = []
        while at < len(subtags) and len(subtags[at]) == 1 and subtags[at] != "x":
            first = at = at + 1
            while at < len(subtags) and len(subtags[at]) >= 2:
                at += 1
            if at == first:
                raise StringError("a singleton that nothing follows", "RFC 5646 section 2.2.6", starts[at - 1])
            extensions.append((subtags[first - 1], tuple(subtags[first:at])))
        private: tuple[str, ...] = ()
        if at < len(subtags) and subtags[at] == "x":
            private = tuple(subtags[at + 1 :])
            if not private:
                raise StringError('an "x" that nothing follows', "RFC 5646 section 2.2.7", starts[at])
            at = len(subtags)
        if at < len(subtags):
            raise StringError("a subtag that cannot stand where it does", _SYNTAX, starts[at])
        return cls(language, extlangs, script, region, variants, tuple(extensions), private)

    def check_valid(self) -> None:
        """Raise `StringError` if the tag, well-formed as it is, is valid under no registry (RFC 5646 section 2.2.9)."""
        if len(self.extlangs) > 1:
            raise StringError("more than one extended language subtag", "RFC 5646 section 2.2.2")
        if len(set(self.variants)) < len(self.variants):
            raise StringError("a variant twice", "RFC 5646 section 2.2.5")
        if len({singleton for singleton, _ in self.extensions}) < len(self.extensions):
            raise StringError("a singleton twice", "RFC 5646 section 2.2.6")

    @property
    def canonical(self) -> LanguageTag:
        """The tag with its extensions in order: all of RFC 5646 section 4.5 that needs no registry."""
        ordered = tuple(sorted(self.extensions, key=lambda extension: extension[0]))
        return LanguageTag(
            self.language,
            self.extlangs,
            self.script,
            self.region,
            self.variants,
            ordered,
            self.private_use,
            self.grandfathered,
        )

    def __str__(self) -> str:
        if self.grandfathered is not None:
            return self.grandfathered
        parts = [one for one in (self.language, *self.extlangs, self.script, self.region, *self.variants) if one]
        for singleton, subtags in self.extensions:
            parts += (singleton, *subtags)
        if self.private_use:
            parts += ("x", *self.private_use)
        return "-".join(parts)


def formatted(tag: str) -> str:
    """Give a tag in the usual case, "zh-Hant-TW" (RFC 5646 section 2.1.1); raises `StringError` if it is none."""
    if not well_formed(tag):
        LanguageTag.parse(tag)
        raise StringError(f"more than {_LONGEST} characters", "RFC 5646 section 4.4")
    return _cased(tag)


def is_basic_range(text: str) -> bool:
    """Whether `text` is a basic language range (RFC 4647 section 2.1): "de-CH", or "*"."""
    return _BASIC_RANGE.fullmatch(text) is not None


def is_extended_range(text: str) -> bool:
    """Whether `text` is an extended language range (RFC 4647 section 2.2): "*-CH" or "de-*-1996" too."""
    return _EXTENDED_RANGE.fullmatch(text) is not None


def matches_basic(wanted: str, tag: str) -> bool:
    """Whether a basic range matches a tag: it is the tag, or the beginning of it (RFC 4647 section 3.3.1)."""
    wanted, tag = wanted.lower(), tag.lower()
    return wanted in ("*", tag) or tag.startswith(wanted + "-")


def matches_extended(wanted: str, tag: str) -> bool:
    """Whether an extended range matches a tag: its subtags are there, in order (RFC 4647 section 3.3.2)."""
    ranges, subtags = wanted.lower().split("-"), tag.lower().split("-")
    if ranges[0] not in ("*", subtags[0]):
        return False
    at = 1
    for one in ranges[1:]:
        if one == "*":
            continue
        while at < len(subtags) and subtags[at] != one:
            if len(subtags[at]) == 1:
                return False
            at += 1
        if at == len(subtags):
            return False
        at += 1
    return True


def basic_filter(ranges: Iterable[str], tags: Iterable[str]) -> list[str]:
    """Give the tags that the ranges match, those of the first range first (RFC 4647 section 3.3.1)."""
    tags = list(tags)
    return list(dict.fromkeys(tag for wanted in ranges for tag in tags if matches_basic(wanted, tag)))


def extended_filter(ranges: Iterable[str], tags: Iterable[str]) -> list[str]:
    """Give the tags that the extended ranges match, those of the first range first (RFC 4647 section 3.3.2)."""
    tags = list(tags)
    return list(dict.fromkeys(tag for wanted in ranges for tag in tags if matches_extended(wanted, tag)))


def lookup(ranges: Sequence[str], available: Iterable[str | None], default: str | None = None) -> str | None:
    """Give the available tag that suits best, by RFC 4647 section 3.4, else `default`.

    An extended range counts as the basic range that section 3.2 makes of it; "*" is passed over.
    """
    have: dict[str, str] = {}
    for tag in available:
        if tag is not None:
            have.setdefault(tag.lower(), tag)
    lengths = {len(tag) for tag in have}
    for wanted in ranges:
        wanted = wanted.lower()
        if "*" in wanted:
            wanted = "" if wanted[0] == "*" else "-".join(one for one in wanted.split("-") if one != "*")
        end = len(wanted)
        while end > 0:
            # Only what is as long as a tag is looked up: the work stays linear in the range.
            found = have.get(wanted[:end]) if end in lengths else None
            if found is not None:
                return found
            end = wanted.rfind("-", 0, end)
            if end == 1 or (end >= 2 and wanted[end - 2] == "-"):
                end -= 2
    return default


def best(ranges: Sequence[str], available: Mapping[str | None, _Item], default: _Item) -> _Item:
    """Give what is there in the language that suits best, else `default`.

    `available` is by language tag. First lookup (RFC 4647 section 3.4); where all of it finds nothing, what is more
    special than was asked for, "de-CH" for "de": a default that is sought, as section 3.4.1 permits.
    """
    tag = lookup(ranges, available)
    if tag is None:
        close = basic_filter((one for one in ranges if one != "*"), (one for one in available if one is not None))
        tag = close[0] if close else None
    return default if tag is None else available[tag]


def _check_characters(tag: str) -> None:
    length = 0
    for position, one in enumerate(tag):
        if one == "-":
            if length == 0:
                raise StringError("an empty subtag", _SYNTAX, position)
            length = 0
            continue
        if not (one.isascii() and one.isalnum()):
            raise StringError("a character that no subtag has", _SYNTAX, position, one)
        length += 1
        if length > 8:
            raise StringError("a subtag of more than eight characters", _SYNTAX, position - 8)
    if length == 0:
        raise StringError("an empty subtag", _SYNTAX, len(tag))


def _cased(tag: str) -> str:
    """Section 2.1.1: lower case, but for two letters (capitals) and four (one capital) before any singleton."""
    parts = tag.lower().split("-")
    for index in range(1, len(parts)):
        if len(parts[index - 1]) == 1:
            break
        if len(parts[index]) == 2:
            parts[index] = parts[index].upper()
        elif len(parts[index]) == 4:
            parts[index] = parts[index].capitalize()
    return "-".join(parts)


def _is_region(subtag: str) -> bool:
    return (len(subtag) == 2 and subtag.isalpha()) or (len(subtag) == 3 and subtag.isdecimal())


def _is_variant(subtag: str) -> bool:
    return len(subtag) >= 5 or (len(subtag) == 4 and subtag[0].isdecimal())
