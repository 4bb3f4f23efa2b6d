"""What the room of URIs raises."""

from __future__ import annotations

from ..errors import XMPPError
from ..strings.errors import name_of, shown

__all__ = ["URIError"]


class URIError(XMPPError, ValueError):
    """A text is no URI of the kind asked for, or a value cannot be written as one.

    `part` is "scheme", "authority", "localpart", "domainpart", "resourcepart", "query", "headers", "fragment" or
    "text" (of any scheme); `rule` says what is broken and `section` where that is written; `position` is the
    index in the text as given (None when the whole part is at fault), `code_point` the character at fault there
    and `name` its Unicode name.
    """

    def __init__(
        self, part: str, rule: str, section: str, position: int | None = None, code_point: str | None = None
    ) -> None:
        where = f": {shown(code_point, position)}" if code_point is not None else ""
        if code_point is None and position is not None:
            where = f" at index {position}"
        super().__init__(f"the {part} holds {rule}{where} ({section})")
        self.part = part
        self.rule = rule
        self.section = section
        self.position = position
        self.code_point = code_point

    @property
    def name(self) -> str | None:
        """The Unicode name of the character at fault, None if there is none."""
        return None if self.code_point is None else name_of(self.code_point)

    def __reduce__(self) -> tuple[type[URIError], tuple[str, str, str, int | None, str | None]]:
        return URIError, (self.part, self.rule, self.section, self.position, self.code_point)
