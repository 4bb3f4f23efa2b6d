"""What the room of URIs raises."""

from __future__ import annotations

import unicodedata

from ..errors import XMPPError

__all__ = ["URIError"]


class URIError(XMPPError, ValueError):
    """A text is no URI of the kind asked for, or a value cannot be written as one.

    `part` is "scheme", "authority", "localpart", "domainpart", "resourcepart", "query", "headers" or "fragment";
    `rule` says what is broken and `section` where that is written; `position` is the index in the text
    as given (None when the whole part is at fault), `code_point` the character at fault there.
    """

    def __init__(
        self, part: str, rule: str, section: str, position: int | None = None, code_point: str | None = None
    ) -> None:
        where = ""
        if code_point is not None:
            where = f": U+{ord(code_point):04X} {unicodedata.name(code_point, 'without a name')}"
        if position is not None:
            where += f" at index {position}"
        super().__init__(f"the {part} holds {rule}{where} ({section})")
        self.part = part
        self.rule = rule
        self.section = section
        self.position = position
        self.code_point = code_point
