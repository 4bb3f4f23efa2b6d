"""Private XML storage: elements that the server keeps for the account.

XEP-0049, version 1.2, Active; section 2.
"""

from __future__ import annotations

from typing import Final, TypeVar
from xml.etree.ElementTree import Element

from ...errors import PayloadError
from ...xml.names import split
from ..payload import Spec, decode, element_of, payload, rest, shape_of

__all__ = ["NAMESPACE", "SPEC", "PrivateStorage"]

SPEC: Final = Spec(49, "1.2", "Active", "Private XML Storage")
NAMESPACE: Final = "jabber:iq:private"

T = TypeVar("T")


@payload(NAMESPACE, "query")
class PrivateStorage:
    """What is stored, or, as an empty element of its name, what is asked for (section 2.3)."""

    elements: tuple[Element, ...] = rest()

    def validate(self) -> None:
        """Hold what is stored to a namespace of its own, of which there is one at a time (section 2.3)."""
        spaces = {split(one.tag)[0] for one in self.elements}
        if not spaces.isdisjoint((None, "", NAMESPACE)):
            raise PayloadError("*", "a namespace of its own (XEP-0049 section 2.1)")
        if len(spaces) > 1:
            raise PayloadError("*", "one namespace at a time (XEP-0049 section 2.3)", "not-acceptable")

    @classmethod
    def of(cls, *stored: Element | object) -> PrivateStorage:
        """Store elements or payloads."""
        return cls(tuple(map(element_of, stored)))

    @classmethod
    def asking(cls, kind: type[object]) -> PrivateStorage:
        """Ask for a payload class."""
        return cls((Element(shape_of(kind).tags[0]),))

    def read(self, kind: type[T]) -> T | None:
        """Read the first that is of a payload class; None if there is none."""
        tags = shape_of(kind).tags
        return next((decode(kind, one) for one in self.elements if one.tag in tags), None)
