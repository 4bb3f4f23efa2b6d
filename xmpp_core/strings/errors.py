"""What the rooms of text rules raise."""

from __future__ import annotations

import unicodedata

from ..errors import XMPPError

__all__ = ["StringError"]


class StringError(XMPPError, ValueError):
    """A string breaks a rule.

    `rule` says which, `section` where it is written, `position` is the index of the offending code
    point in the string as given (None when the whole string is at fault), `code_point` that point.
    """

    def __init__(self, rule: str, section: str, position: int | None = None, code_point: str | None = None) -> None:
        where = ""
        if code_point is not None:
            where = f" (U+{ord(code_point):04X} {unicodedata.name(code_point, 'without a name')}"
            where += f" at index {position})" if position is not None else ")"
        super().__init__(f"{rule}{where}, {section}")
        self.rule = rule
        self.section = section
        self.position = position
        self.code_point = code_point
