"""Payloads declared like plain data: the decorator, and the names a declaration needs.

    @payload("urn:xmpp:delay", "delay")
    class Delay:
        stamp: datetime = attribute(codec=XMPP_DATETIME)
        from_: JID | None = attribute("from", default=None)
        reason: str = text(default="")

A payload class is a frozen dataclass with slots; values are checked when one is made as they are when one
is read. `message.get(Delay)` reads, `message.with_payload(Delay(...))` writes; `decode` and `encode` do the
same with an element.
"""

from __future__ import annotations

import dataclasses
import inspect
import sys
import types
import typing
from collections.abc import Callable
from enum import Enum
from typing import Any, Final, TypeVar, dataclass_transform
from xml.etree.ElementTree import Element

from ..jid import JID
from ..xml.names import clark, equal
from .payload_check import constructor
from .payload_codecs import (
    ADDRESS,
    BASE64,
    BASE64_LINES,
    BOOL,
    BOOL_DIGIT,
    BYTE,
    DECIMAL,
    HEX,
    INTEGER,
    LANGUAGE,
    SOME_TEXT,
    TEXT,
    UNSIGNED_BYTE,
    UNSIGNED_INT,
    UNSIGNED_LONG,
    UNSIGNED_SHORT,
    URI,
    Codec,
    enum,
    integer,
    pattern,
)
from .payload_dates import DATE, LEGACY_DATETIME, OFFSET, TIME, XMPP_DATETIME, date, datetime, time, timedelta
from .payload_fields import (
    ABSENT,
    Field,
    any_child,
    attribute,
    child,
    child_attribute,
    child_attributes,
    child_name,
    child_text,
    child_texts,
    children,
    choice,
    choices,
    element_name,
    flag,
    localized,
    raw,
    rest,
    text,
)
from .payload_read import decoder
from .payload_write import encoder
from .shape import Shape, Spec, Unknown, element_of, is_payload, shape_of, unknown_of
from .trusted import TRUSTED

__all__ = [
    "ADDRESS",
    "BASE64",
    "BASE64_LINES",
    "BOOL",
    "BOOL_DIGIT",
    "BYTE",
    "DATE",
    "DECIMAL",
    "HEX",
    "IGNORE",
    "INTEGER",
    "KEEP",
    "LANGUAGE",
    "LEGACY_DATETIME",
    "OFFSET",
    "REFUSE",
    "SOME_TEXT",
    "TEXT",
    "TIME",
    "UNSIGNED_BYTE",
    "UNSIGNED_INT",
    "UNSIGNED_LONG",
    "UNSIGNED_SHORT",
    "URI",
    "XMPP_DATETIME",
    "Codec",
    "Shape",
    "Spec",
    "Unknown",
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
    "date",
    "datetime",
    "decode",
    "element_name",
    "element_of",
    "encode",
    "enum",
    "flag",
    "integer",
    "is_payload",
    "localized",
    "pattern",
    "payload",
    "raw",
    "rest",
    "shape_of",
    "text",
    "time",
    "timedelta",
    "unknown_of",
]

T = TypeVar("T")

KEEP: Final = "keep"
"""What is not declared is kept and written again."""
IGNORE: Final = "ignore"
"""What is not declared is dropped."""
REFUSE: Final = "refuse"
"""What is not declared is an error."""

_INFERRED: Final[dict[type, Codec[Any]]] = {
    str: TEXT,
    JID: ADDRESS,
    bool: BOOL,
    int: INTEGER,
    bytes: BASE64,
    datetime: XMPP_DATETIME,
    date: DATE,
    time: TIME,
    timedelta: OFFSET,
}
_OF_CHILDREN: Final = frozenset({"child_text", "child_texts", "child_attribute", "child_attributes"})
_WITH_CODEC: Final = _OF_CHILDREN | {"attribute", "text", "element_name"}
_NAMED: Final = _OF_CHILDREN | {"attribute", "flag", "localized", "raw"}
_RAW: Final = frozenset({"raw", "any_child", "rest"})
_MIXIN: Final = "__mixin__"


@dataclass_transform(
    frozen_default=True,
    field_specifiers=(
        any_child,
        attribute,
        child,
        child_attribute,
        child_attributes,
        child_name,
        child_text,
        child_texts,
        children,
        choice,
        choices,
        element_name,
        flag,
        localized,
        raw,
        rest,
        text,
    ),
)
def payload(
    namespace: str | tuple[str, ...] = (), name: str | tuple[str, ...] = (), *, unknown: str = KEEP
) -> Callable[[type[T]], type[T]]:
    """Make a class a payload: an element `name` in `namespace`.

    Of several namespaces (versions of one protocol) the one that was read is the one written; a new value
    is written in the first, or in the one asked for. Of several names one field, declared by
    `element_name`, says which. `unknown` says what becomes of attributes and children that no field
    declares. A method `validate(self)` may check what concerns several fields: it raises `PayloadError`.

    Without namespace and name the class is a mixin: no payload, but payload classes that have it as a base
    begin with its fields. Only a decorated base is one to a type checker.

    Raises `TypeError` for a declaration that cannot be meant.
    """
    namespaces = (namespace,) if isinstance(namespace, str) else tuple(namespace)
    names = (name,) if isinstance(name, str) else tuple(name)
    caller = sys._getframe(1)
    scope = (caller.f_globals, dict(caller.f_locals))

    def make(cls: type[T]) -> type[T]:
        if not namespaces and not names:
            mixin: type[T] = _mixin(cls, scope)
            return mixin
        return _make(cls, namespaces, names, unknown, scope)

    return make


def decode(kind: type[T], element: Element) -> T:
    """Read an element; raises `PayloadError` for one that breaks the rules and for one of another name."""
    value: T = shape_of(kind).decode(element)
    return value


def encode(value: object, namespace: str | None = None) -> Element:
    """Write a payload, in another of its namespaces if asked to.

    Raises `ValueError` for a namespace that is none of its own.
    """
    shape = shape_of(value)
    if namespace is not None and namespace not in shape.namespaces:
        raise ValueError("not a namespace of this payload")
    return shape.encode(value, namespace)


def _mixin(cls: type, scope: tuple[dict[str, Any], dict[str, Any]]) -> Any:
    """Keep the declarations for the classes that inherit them; without slots of its own, which these have."""
    own = inspect.get_annotations(cls)
    fields = tuple(one for one in _declared(cls, scope) if one.field in own)
    left_out = {"__dict__", "__weakref__", *(one.field for one in fields)}
    body = {name: value for name, value in vars(cls).items() if name not in left_out}
    made = type(cls.__name__, cls.__bases__, {**body, "__slots__": (), _MIXIN: fields})
    made.__qualname__ = cls.__qualname__
    return made


def _make(
    cls: type[T],
    namespaces: tuple[str, ...],
    names: tuple[str, ...],
    unknown: str,
    scope: tuple[dict[str, Any], dict[str, Any]],
) -> type[T]:
    if unknown not in (KEEP, IGNORE, REFUSE) or not namespaces or not names:
        raise TypeError("a payload has a namespace, a name and a policy for what is unknown")
    if "__post_init__" in cls.__dict__:
        raise TypeError(f"{cls.__name__}: rules for several fields are a method `validate`")
    fields = _declared(cls, scope)
    if (len(names) > 1) != any(one.kind == "element_name" for one in fields):
        raise TypeError(f"{cls.__name__}: several names need a field `element_name`, one name has none")
    # What a value keeps besides its fields, where there is need to.
    hidden = (*(("_unknown",) if unknown == KEEP else ()), *(("_namespace",) if len(namespaces) > 1 else ()))
    bases = [one for one in reversed(cls.__mro__) if one is cls or _MIXIN in vars(one)]
    hints = {name: hint for one in bases for name, hint in inspect.get_annotations(one).items()}
    for name in hidden:
        compared = name == "_unknown"
        setattr(cls, name, dataclasses.field(default=None, kw_only=True, repr=False, compare=compared))
    # The standard library need not make sense of annotations, which may name what is only imported for checking.
    cls.__annotations__ = dict.fromkeys((*(one.field for one in fields), *hidden), object)
    raws = frozenset(one.field for one in fields if one.kind in _RAW)
    if raws and "__eq__" not in cls.__dict__:
        _set(cls, __eq__=_equality((*(one.field for one in fields), *hidden[: unknown == KEEP]), raws))
    made: type[T] = dataclasses.dataclass(frozen=True, slots=True, init=False)(cls)
    if raws:
        _set(made, __hash__=None)  # an element has no hash by what it says
    made.__annotations__ = hints
    for each in dataclasses.fields(made):  # type: ignore[arg-type]
        each.type = hints.get(each.name, object)
    _set(made, __init__=constructor(made, fields, namespaces, names, hidden))
    tags = tuple(clark(space, one) for space in namespaces for one in names)
    decoders = {}
    for space in namespaces:
        function = decoder(made, fields, space, names, unknown, versioned=len(namespaces) > 1)
        decoders.update({clark(space, one): function for one in names})
    trust = next((TRUSTED[tag] for tag in tags if tag in TRUSTED), None)
    write = encoder(fields, namespaces, names, kept=unknown == KEEP)
    _set(made, __payload__=Shape(made, namespaces, names, tags, fields, decoders, write, unknown, trust))
    return made


def _set(cls: type, **given: object) -> None:
    for name, value in given.items():
        setattr(cls, name, value)


def _in_order(cls: type, fields: list[Field]) -> None:
    """Refuse a field that must be given after one that need not be."""
    optional = False
    for one in fields:
        if not one.kw_only:
            if optional and not one.optional:
                raise TypeError(f"{cls.__name__}.{one.field} has no default and follows one that has: kw_only=True")
            optional = one.optional


def _declared(cls: type, scope: tuple[dict[str, Any], dict[str, Any]]) -> tuple[Field, ...]:
    inherited = [one for base in reversed(cls.__mro__) for one in vars(base).get(_MIXIN, ())]
    found = [dataclasses.replace(one) for one in inherited]
    for name, hint in inspect.get_annotations(cls).items():
        given = cls.__dict__.get(name)
        if name.startswith("_"):
            raise TypeError(f"{cls.__name__}.{name}: names that begin with an underscore are taken")
        if not isinstance(given, Field):
            if "ClassVar" in str(hint):
                continue
            raise TypeError(f"{cls.__name__}.{name} does not say what it is: attribute, text, child ...")
        one = dataclasses.replace(given, field=name)
        if one.name is None and one.kind in _NAMED:
            one.name = name.rstrip("_").replace("_", "-")
        if one.codec is None and one.kind in _WITH_CODEC:
            one.codec = _inferred(cls, name, hint, scope)
        if one.kind == "text" and one.optional and not _absent_is_empty(one):
            raise TypeError(f"{cls.__name__}.{name}: no text is an empty text, so that is its default")
        if one.optional and (one.many or one.kind == "localized") and one.default:
            raise TypeError(f"{cls.__name__}.{name}: none of several is none, so the default is empty")
        if one.many and not one.optional:
            one.least = max(one.least, 1)
        found.append(one)
        setattr(cls, name, _plain(one))
    if len({one.field for one in found}) < len(found):
        raise TypeError(f"{cls.__name__} declares a field that a mixin has, or two mixins have")
    for one in inherited:
        setattr(cls, one.field, _plain(one))
    for kind in ("text", "element_name", "rest", "any_child"):
        if sum(one.kind == kind for one in found) > 1:
            raise TypeError(f"{cls.__name__} has more than one field `{kind}`")
    _in_order(cls, found)
    return tuple(found)


def _absent_is_empty(one: Field) -> bool:
    """Whether the default of a text is what an empty text means, if that means anything."""
    assert one.codec is not None
    try:
        return bool(one.codec.read("") == one.default)
    except ValueError:
        return True


def _plain(one: Field) -> Any:
    """Give the field as the standard library's dataclass wants it."""
    default = one.default
    if default is ABSENT:
        return dataclasses.field(kw_only=one.kw_only)
    if isinstance(default, dict):
        return dataclasses.field(default_factory=lambda: dict(default), kw_only=one.kw_only)
    return dataclasses.field(default=default, kw_only=one.kw_only)


def _inferred(cls: type, name: str, hint: object, scope: tuple[dict[str, Any], dict[str, Any]]) -> Codec[Any]:
    """Give the codec that the annotation asks for."""
    holder = types.SimpleNamespace(__annotations__={name: hint})
    try:
        resolved = typing.get_type_hints(holder, *scope)[name]
    except NameError:
        raise TypeError(f"{cls.__name__}.{name} needs a codec: its annotation names what is not known here") from None
    parts = [one for one in _members(resolved) if one is not type(None)]
    if len(parts) == 1 and typing.get_origin(parts[0]) is tuple:
        parts = [one for one in typing.get_args(parts[0]) if one is not Ellipsis]
    kind = parts[0] if len(parts) == 1 else None
    codec = _INFERRED.get(kind) if isinstance(kind, type) else None
    if codec is None and isinstance(kind, type) and issubclass(kind, Enum):
        codec = enum(kind)
    if codec is None:
        raise TypeError(f"{cls.__name__}.{name} needs a codec: its annotation has none of its own")
    return codec


def _members(hint: object) -> tuple[object, ...]:
    return typing.get_args(hint) if typing.get_origin(hint) in (typing.Union, types.UnionType) else (hint,)


def _equality(names: tuple[str, ...], raws: frozenset[str]) -> Callable[[Any, object], Any]:
    """Compare elements by what they say."""

    def same(one: Any, other: Any) -> bool:
        if isinstance(one, tuple) and isinstance(other, tuple):
            return len(one) == len(other) and all(map(equal, one, other))
        return one is other or (one is not None and other is not None and equal(one, other))

    def alike(self: Any, other: object) -> Any:
        if type(other) is not type(self):
            return NotImplemented
        for name in names:
            one, two = getattr(self, name), getattr(other, name)
            if not (same(one, two) if name in raws else one == two):
                return False
        return True

    return alike
