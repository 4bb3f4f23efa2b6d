"""What an address that is none raises."""

from __future__ import annotations

from ..errors import XMPPError
from ..strings.errors import StringError, name_of, shown

__all__ = ["JIDError"]


class JIDError(XMPPError, ValueError):
    """A string is no address.

    `part` is "localpart", "domainpart", "resourcepart" or None (the address as a whole), `rule` what is
    broken, `section` where that is written, `position` the index of the offending code point in the text
    that was given: the whole address to `JID(...)`, the part to `JID.of` and `with_resource`; None when all
    of the part is at fault. `code_point` is that point after mapping and `name` its Unicode name.
    """

    def __init__(
        self, part: str | None, rule: str, section: str, position: int | None = None, code_point: str | None = None
    ) -> None:
        where = shown(code_point, position)
        super().__init__(f"the {part or 'address'} holds {rule}{': ' if where else ''}{where} ({section})")
        self.part = part
        self.rule = rule
        self.section = section
        self.position = position
        self.code_point = code_point

    @classmethod
    def of(cls, part: str, error: StringError, offset: int = 0) -> JIDError:
        """Say of which part a rule is broken, `offset` being where the part begins in the text given."""
        position = None if error.position is None else error.position + offset
        return cls(part, error.rule, error.section, position, error.code_point)

    @property
    def name(self) -> str | None:
        """The Unicode name of the offending code point, None if there is no such point."""
        return None if self.code_point is None else name_of(self.code_point)

    def __reduce__(self) -> tuple[type[JIDError], tuple[str | None, str, str, int | None, str | None]]:
        return JIDError, (self.part, self.rule, self.section, self.position, self.code_point)
