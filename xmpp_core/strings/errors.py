"""What the rooms of text rules raise."""

from __future__ import annotations

import unicodedata
from typing import Final

from ..errors import XMPPError

__all__ = ["StringError", "name_of", "shown"]

_LABELS: Final = {"Cc": "control", "Cs": "surrogate", "Co": "private-use"}


def name_of(code_point: str) -> str:
    """Give the Unicode name of a code point, or its label in angle brackets (Unicode section 4.8)."""
    name = unicodedata.name(code_point, "")
    if name:
        return name
    code = ord(code_point)
    label = _LABELS.get(unicodedata.category(code_point), "reserved")
    if 0xFDD0 <= code <= 0xFDEF or code & 0xFFFE == 0xFFFE:
        label = "noncharacter"
    return f"<{label}-{code:04X}>"


def shown(code_point: str | None, position: int | None) -> str:
    """Name a code point and its place for a person: "U+2163 ROMAN NUMERAL FOUR at index 5", or ""."""
    if code_point is None:
        return ""
    where = "" if position is None else f" at index {position}"
    return f"U+{ord(code_point):04X} {name_of(code_point)}{where}"


class StringError(XMPPError, ValueError):
    """A string breaks a rule.

    `rule` says which, `section` where it is written, `position` is the index of the offending code point
    in the string as given (None when the whole string is at fault), `code_point` that point (a str of
    length 1; after mapping, so it may differ from what stands at `position`) and `name` its Unicode name.
    """

    def __init__(self, rule: str, section: str, position: int | None = None, code_point: str | None = None) -> None:
        where = shown(code_point, position)
        super().__init__(f"{rule} ({where}), {section}" if where else f"{rule}, {section}")
        self.rule = rule
        self.section = section
        self.position = position
        self.code_point = code_point

    @property
    def name(self) -> str | None:
        """The Unicode name of the offending code point, None if there is no such point."""
        return None if self.code_point is None else name_of(self.code_point)

    def at(self, position: int | None) -> StringError:
        """Give the same error for another place."""
        return StringError(self.rule, self.section, position, self.code_point)

    def __reduce__(self) -> tuple[type[StringError], tuple[str, str, int | None, str | None]]:
        return StringError, (self.rule, self.section, self.position, self.code_point)
