"""The kinds of fields a payload is declared with.

Each function stands where the default of a dataclass field stands. `default` makes the field optional:
what is absent is read as it, and what equals it is not written (unless `always`). Without one, what is
absent is an error. `name` is the name of the field unless given, an underscore at its end left out and
others written as hyphens. Children are in the namespace of the payload unless `namespace` says otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from .payload_codecs import Codec

__all__ = [
    "ABSENT",
    "Field",
    "any_child",
    "attribute",
    "child",
    "child_attribute",
    "child_attributes",
    "child_name",
    "child_text",
    "child_texts",
    "children",
    "choice",
    "choices",
    "element_name",
    "flag",
    "localized",
    "raw",
    "rest",
    "text",
]


class _Absent:
    __slots__ = ()

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = _Absent()
"""Stands for no default."""

MANY: Final = frozenset({"children", "choices", "child_texts", "child_attributes", "rest"})
"""The kinds whose value is a tuple."""


@dataclass(slots=True, eq=False)
class Field:
    """The declaration of one field."""

    kind: str
    name: str | None = None
    default: Any = ABSENT
    kw_only: bool = False
    codec: Codec[Any] | None = None
    namespace: str | None = None
    attribute: str = ""
    targets: tuple[Any, ...] = ()
    least: int = 0
    most: int | None = None
    always: bool = False
    field: str = ""
    """The name in the class; filled in when the class is made."""

    @property
    def optional(self) -> bool:
        """Whether it may be absent."""
        return self.default is not ABSENT

    @property
    def many(self) -> bool:
        """Whether its value is a tuple."""
        return self.kind in MANY


def attribute(
    name: str | None = None,
    *,
    codec: Codec[Any] | None = None,
    default: Any = ABSENT,
    always: bool = False,
    kw_only: bool = False,
) -> Any:
    """Declare an attribute of the element; a Clark name for one in a namespace (`XML_LANG`)."""
    return Field("attribute", name, default, kw_only, codec, always=always)


def text(*, codec: Codec[Any] | None = None, default: Any = ABSENT, kw_only: bool = False) -> Any:
    """Declare the text of the element."""
    return Field("text", "", default, kw_only, codec)


def element_name(*, codec: Codec[Any] | None = None, default: Any = ABSENT, kw_only: bool = False) -> Any:
    """Declare which of its names the element has: for payloads made with several."""
    return Field("element_name", "", default, kw_only, codec)


def flag(
    name: str | None = None, *, namespace: str | None = None, default: bool | Any = ABSENT, kw_only: bool = False
) -> Any:
    """Declare an empty child that is there or is not."""
    return Field("flag", name, default, kw_only, namespace=namespace)


def child_text(
    name: str | None = None,
    *,
    codec: Codec[Any] | None = None,
    namespace: str | None = None,
    default: Any = ABSENT,
    always: bool = False,
    kw_only: bool = False,
) -> Any:
    """Declare the text of a child."""
    return Field("child_text", name, default, kw_only, codec, namespace, always=always)


def child_texts(
    name: str | None = None,
    *,
    codec: Codec[Any] | None = None,
    namespace: str | None = None,
    default: Any = ABSENT,
    least: int = 0,
    most: int | None = None,
    kw_only: bool = False,
) -> Any:
    """Declare the texts of all children of one name: a tuple."""
    return Field("child_texts", name, default, kw_only, codec, namespace, least=least, most=most)


def child_attribute(
    attribute: str,
    name: str | None = None,
    *,
    codec: Codec[Any] | None = None,
    namespace: str | None = None,
    default: Any = ABSENT,
    kw_only: bool = False,
) -> Any:
    """Declare one attribute of a child that holds nothing else."""
    return Field("child_attribute", name, default, kw_only, codec, namespace, attribute)


def child_attributes(
    attribute: str,
    name: str | None = None,
    *,
    codec: Codec[Any] | None = None,
    namespace: str | None = None,
    default: Any = ABSENT,
    least: int = 0,
    most: int | None = None,
    kw_only: bool = False,
) -> Any:
    """Declare one attribute of each child of a name, where the children hold nothing else: a tuple."""
    return Field("child_attributes", name, default, kw_only, codec, namespace, attribute, (), least, most)


def localized(
    name: str | None = None, *, namespace: str | None = None, default: Any = ABSENT, kw_only: bool = False
) -> Any:
    """Declare a text in several languages: `{language tag or None: text}`, one child each (`xml:lang`)."""
    return Field("localized", name, default, kw_only, namespace=namespace)


def child_name(*, codec: Codec[Any], namespace: str | None = None, default: Any = ABSENT, kw_only: bool = False) -> Any:
    """Declare a choice of empty children by their name, the values of an enumeration (`codec=enum(...)`)."""
    return Field("child_name", "", default, kw_only, codec, namespace)


def child(target: Any, /, *, default: Any = ABSENT, kw_only: bool = False) -> Any:
    """Declare a child that is a payload, a stanza, or `Self`."""
    return Field("child", "", default, kw_only, targets=(target,))


def children(
    target: Any,
    /,
    *,
    default: Any = ABSENT,
    least: int = 0,
    most: int | None = None,
    kw_only: bool = False,
) -> Any:
    """Declare all the children that are one payload: a tuple. Without `default` there is at least one."""
    return Field("children", "", default, kw_only, targets=(target,), least=least, most=most)


def choice(*targets: Any, default: Any = ABSENT, kw_only: bool = False) -> Any:
    """Declare a child that is one of several payloads or stanzas."""
    return Field("choice", "", default, kw_only, targets=targets)


def choices(
    *targets: Any,
    default: Any = ABSENT,
    least: int = 0,
    most: int | None = None,
    kw_only: bool = False,
) -> Any:
    """Declare all the children that are one of several payloads or stanzas, in their order: a tuple."""
    return Field("choices", "", default, kw_only, targets=targets, least=least, most=most)


def raw(name: str | None = None, *, namespace: str | None = None, default: Any = ABSENT, kw_only: bool = False) -> Any:
    """Declare a child that is kept as an `Element`."""
    return Field("raw", name, default, kw_only, namespace=namespace)


def any_child(*, default: Any = ABSENT, kw_only: bool = False) -> Any:
    """Declare the one child that no other field declares, whatever it is: an `Element`."""
    return Field("any_child", "", default, kw_only)


def rest(*, default: Any = ABSENT, least: int = 0, most: int | None = None, kw_only: bool = False) -> Any:
    """Declare all the children that no other field declares: a tuple of `Element`."""
    return Field("rest", "", default, kw_only, least=least, most=most)
