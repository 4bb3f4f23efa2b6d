"""Validation of data forms: of what datatype a field's values are, and within which bounds.

XEP-0122, version 1.0.2, Draft; sections 3 and 4.
"""

from __future__ import annotations

from typing import Any, Final

from ..payload import (
    BOOL,
    BYTE,
    DATE,
    DECIMAL,
    INTEGER,
    LANGUAGE,
    TEXT,
    TIME,
    UNSIGNED_INT,
    URI,
    XMPP_DATETIME,
    Codec,
    Spec,
    attribute,
    child,
    choice,
    integer,
    payload,
    text,
)

__all__ = ["NAMESPACE", "SPEC", "Basic", "ListRange", "Open", "Range", "Regex", "Validation"]

SPEC: Final = Spec(122, "1.0.2", "Draft", "Data Forms Validation")
NAMESPACE: Final = "http://jabber.org/protocol/xdata-validate"

_DATATYPES: Final[dict[str, Codec[Any]]] = {
    "xs:anyURI": URI,
    "xs:boolean": BOOL,
    "xs:byte": BYTE,
    "xs:date": DATE,
    "xs:dateTime": XMPP_DATETIME,
    "xs:decimal": DECIMAL,
    "xs:int": integer(-(2**31), 2**31 - 1),
    "xs:integer": INTEGER,
    "xs:language": LANGUAGE,
    "xs:long": INTEGER,
    "xs:short": integer(-(2**15), 2**15 - 1),
    "xs:time": TIME,
}


@payload(NAMESPACE, "basic")
class Basic:
    """By the datatype alone (section 3.2.1)."""


@payload(NAMESPACE, "open")
class Open:
    """What a list offers is no limit: other values of the datatype may be given (section 3.2.2)."""


@payload(NAMESPACE, "range")
class Range:
    """Between two bounds, written as the datatype is (section 3.2.3)."""

    min: str | None = attribute(default=None)
    max: str | None = attribute(default=None)


@payload(NAMESPACE, "regex")
class Regex:
    """By a regular expression of POSIX (section 3.2.4). It is not applied here: a peer's may run for ever."""

    expression: str = text(default="")


@payload(NAMESPACE, "list-range")
class ListRange:
    """How many values may be chosen (section 3.3)."""

    min: int | None = attribute(codec=UNSIGNED_INT, default=None)
    max: int | None = attribute(codec=UNSIGNED_INT, default=None)


@payload(NAMESPACE, "validate")
class Validation:
    """What a value has to be (section 3)."""

    datatype: str = attribute(default="xs:string")
    method: Basic | Open | Range | Regex | None = choice(Basic, Open, Range, Regex, default=None)
    """None: by the datatype alone."""
    list_range: ListRange | None = child(ListRange, default=None)

    def allows_other_values(self) -> bool:
        """Whether a list's options are no limit: any method but `basic` says so (section 3.2)."""
        return self.method is not None and not isinstance(self.method, Basic)

    def accepts(self, value: str) -> bool:
        """Whether a value is of the datatype and within the range; an unknown datatype is text (section 4.1).

        A range whose bounds are not of the datatype is none. Regular expressions are left to the application.
        """
        codec = _DATATYPES.get(self.datatype, TEXT)
        try:
            read = codec.read(value)
        except ValueError:
            return False
        if not isinstance(self.method, Range):
            return True
        least, most = _bound(codec, self.method.min), _bound(codec, self.method.max)
        try:
            return (least is None or least <= read) and (most is None or read <= most)
        except TypeError:  # times with a zone and without
            return True


def _bound(codec: Codec[Any], written: str | None) -> Any:
    if written is None or codec is TEXT:
        return None
    try:
        return codec.read(written)
    except ValueError:
        return None
