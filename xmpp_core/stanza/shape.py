"""What a payload class knows of itself, and the specification it is from. Light: stanzas need no more than this."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from xml.etree.ElementTree import Element

from ..errors import LocalProtocolError, PayloadError
from ..xml.names import copy, equal, split

__all__ = ["PAYLOAD", "Shape", "Spec", "Unknown", "attached", "element_of", "is_payload", "shape_of", "unknown_of"]

PAYLOAD: Final = "__payload__"
"""The attribute of a payload class that holds its `Shape`."""


@dataclass(frozen=True, slots=True)
class Spec:
    """The document a module of payloads is written from. `docs/standards` and the DOAP file are made of these."""

    number: int
    version: str
    status: str
    """As the document says: Final, Draft (XEP-0001 also says Stable), Experimental, Active, Deferred ..."""
    title: str
    series: str = "XEP"
    """`XEP` or `RFC`."""
    sections: tuple[str, ...] = ()
    """The sections that the module covers; empty: all that define elements."""

    def __str__(self) -> str:
        return f"{self.series}-{self.number:04}" if self.series == "XEP" else f"{self.series} {self.number}"


class Unknown:
    """What an element held that its declaration does not name: kept, so that writing gives it back."""

    __slots__ = ("attributes", "elements", "text")

    def __init__(
        self, attributes: Mapping[str, str] | None = None, elements: tuple[Element, ...] = (), text: str | None = None
    ) -> None:
        self.attributes: dict[str, str] = dict(attributes or {})
        self.elements = elements
        self.text = text

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Unknown):
            return NotImplemented
        return (
            self.attributes == other.attributes
            and self.text == other.text
            and len(self.elements) == len(other.elements)
            and all(map(equal, self.elements, other.elements))
        )

    __hash__ = None  # type: ignore[assignment]  # elements have no hash by what they say

    def __repr__(self) -> str:
        return f"Unknown({len(self.attributes)} attributes, {len(self.elements)} elements)"

    def write(self, element: Element) -> None:
        """Put it back."""
        for name, value in self.attributes.items():
            if name not in element.attrib:
                element.set(name, value)
        if self.text is not None:
            element.text = (element.text or "") + self.text
        element.extend([attached(one) for one in self.elements])


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """The declaration of one payload class with the functions compiled from it."""

    cls: type
    namespaces: tuple[str, ...]
    """The first is written unless another was read, or is asked for."""
    names: tuple[str, ...]
    tags: tuple[str, ...]
    """The Clark names, the preferred first."""
    fields: tuple[Any, ...]
    """The declarations of the fields, in their order (`payload_fields.Field`)."""
    decoders: Mapping[str, Callable[[Element], Any]]
    """By Clark name. They raise `PayloadError`."""
    encode: Callable[..., Element]
    """Takes a value and, if need be, the namespace to write."""
    unknown: str
    """What is done with content that is not declared: `keep`, `ignore` or `refuse`."""
    trust: Any = field(default=None)
    """The row of the table of trusted payloads (`trusted.TRUSTED`), None if anyone may send it."""

    def decode(self, element: Element) -> Any:
        """Read an element; raises `PayloadError` for one that breaks the rules and for one of another name."""
        decoder = self.decoders.get(element.tag)
        if decoder is None:
            raise PayloadError(self.names[0], "an element of another name")
        try:
            return decoder(element)
        except RecursionError:
            raise PayloadError(split(element.tag)[1], "nested too deeply") from None

    def find(self, parent: Element) -> Element | None:
        """Give the first child of this shape."""
        if len(self.tags) == 1:
            return parent.find(self.tags[0])
        decoders = self.decoders
        return next((child for child in parent if child.tag in decoders), None)

    def find_all(self, parent: Element) -> Iterator[Element]:
        """Give the children of this shape, in their order."""
        decoders = self.decoders
        return (child for child in parent if child.tag in decoders)


def is_payload(thing: object) -> bool:
    """Whether it is a payload class or a payload."""
    return isinstance(getattr(thing, PAYLOAD, None), Shape)


def shape_of(thing: object) -> Shape:
    """Give the shape of a payload class, or of a payload; raises `TypeError` for anything else."""
    shape = getattr(thing, PAYLOAD, None)
    if not isinstance(shape, Shape):
        raise TypeError("not a payload: a class made by @payload is asked for")
    return shape


def element_of(payload: object) -> Element:
    """Give the element of a payload; an element is its own. Raises `LocalProtocolError` for anything else."""
    shape = getattr(type(payload), PAYLOAD, None)
    if isinstance(shape, Shape):
        return shape.encode(payload)
    if isinstance(payload, Element):
        return payload
    raise LocalProtocolError("a payload is an element or an instance of a payload class")


def unknown_of(payload: object) -> Unknown:
    """Give what was read with this payload and is not declared; empty if there was nothing."""
    shape_of(payload)
    found: Unknown | None = getattr(payload, "_unknown", None)
    return Unknown() if found is None else found


def attached(element: Element) -> Element:
    """Give an element that may be put into another: itself, or a copy without the text that followed it."""
    return copy(element) if element.tail else element
