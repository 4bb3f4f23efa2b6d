"""From the declaration of a payload to its constructor, which checks what it is given."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, Self
from xml.etree.ElementTree import Element

from ..errors import PayloadError
from ..jid import JID
from ..xml.names import clark
from .payload_fields import ABSENT, Field
from .payload_source import MISSING, Source, count_checked, located, path_of, setter
from .shape import is_payload

__all__ = ["constructor"]


def constructor(
    cls: type, fields: tuple[Field, ...], namespaces: tuple[str, ...], names: tuple[str, ...], hidden: tuple[str, ...]
) -> Callable[..., None]:
    """Compile `__init__`: it holds values to the same rules as an element, and raises `PayloadError`."""
    out = Source(names)
    head = ["self"]
    for one in (*(one for one in fields if not one.kw_only), None, *(one for one in fields if one.kw_only)):
        head.append("*" if one is None else _parameter(out, one))
    head += [f"{name}=None" for name in hidden]
    out("try:")
    out.depth = 2
    for one in fields:
        _check(out, one, namespaces)
        out(f"{setter(out, cls, one.field)}(self, {one.field})")
    for name in hidden:
        out(f"{setter(out, cls, name)}(self, {name})")
    out("self.validate()" if hasattr(cls, "validate") else "pass")
    located(out, repr(names[0]))
    signature = ", ".join(part for at, part in enumerate(head) if part != "*" or at + 1 < len(head))
    function: Callable[..., None] = out.compiled(f"def __init__({signature}):", "__init__")
    function.__qualname__ = f"{cls.__qualname__}.__init__"
    return function


def _parameter(out: Source, one: Field) -> str:
    if one.default is ABSENT:
        return one.field
    if isinstance(one.default, dict):
        return f"{one.field}=None"
    return f"{one.field}={out.constant('default', one.default)}"


def _check(out: Source, one: Field, namespaces: tuple[str, ...]) -> None:
    """Write the check of one field."""
    name, path, rule = one.field, repr(path_of(one)), repr(_expected(one))
    if one.many:
        tuples = out.constant("tuple", partial(_to_tuple, path_of(one)))
        out(f"if _type({name}) is not _tuple: {name} = {tuples}({name})")
        if one.codec is not None and one.codec.kind == "text":
            # Joining them takes texts alone, and is the quickest look at all of them.
            out(f"try: {out.constant('join', ''.join)}({name})")
            out(f"except _TypeError: raise Error({path}, {rule}) from None")
        else:
            out(f"for _x in {name}:")
            out(f"if {_wrong(out, one, '_x', namespaces)}: raise Error({path}, {rule})", 1)
        count_checked(out, one, name)
        return
    if isinstance(one.default, dict):
        out(f"if {name} is None: {name} = {{}}")
    guard = f"{name} is not None and " if one.default is None else ""
    out(f"if {guard}{_wrong(out, one, name, namespaces)}: raise Error({path}, {rule})")
    if one.kind == "localized" and not one.optional:
        out(f"if not {name}: raise Error({path}, {MISSING!r})")


def _wrong(out: Source, one: Field, value: str, namespaces: tuple[str, ...]) -> str:
    """Give the quickest expression that is true for a value which may not be written."""
    kind = one.codec.kind if one.codec is not None else one.kind
    if kind == "text":
        return f"_type({value}) is not _str and not _isinstance({value}, _str)"
    if kind == "some-text":
        return f"(not {value} or _type({value}) is not _str and not _isinstance({value}, _str))"
    if kind in ("bool", "flag"):
        return f"{value} is not True and {value} is not False"
    if kind == "address":
        return f"_type({value}) is not {out.constant('JID', JID)}"
    if kind == "enum" and one.codec is not None:
        return f"_type({value}) is not {out.constant('enum', one.codec.facts['members'])}"
    if one.codec is None and len(one.targets) == 1 and is_payload(one.targets[0]):
        return f"_type({value}) is not {out.constant('payload', one.targets[0])}"
    right = f"{out.constant('accepts', _accepts(one, namespaces))}({value})"
    if Self in one.targets:
        right = f"(_type({value}) is _type(self) or {right})"
    return f"not {right}"


def _to_tuple(path: str, value: Any) -> tuple[Any, ...]:
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable) or isinstance(value, Element):
        raise PayloadError(path, "several values: a tuple")
    return tuple(value)


def _expected(one: Field) -> str:
    if one.codec is not None:
        return one.codec.rule
    return {"flag": "True or False", "localized": "texts by language", "raw": "an element"}.get(
        one.kind, "an element" if one.kind in ("rest", "any_child") else "a payload of the kind declared"
    )


def _accepts(one: Field, namespaces: tuple[str, ...]) -> Callable[[object], bool]:
    if one.codec is not None:
        return one.codec.accepts
    if one.kind == "localized":
        return _is_localized
    if one.kind == "raw":
        tags = frozenset(clark(space, one.name or "") for space in ((one.namespace,) if one.namespace else namespaces))
        return lambda value: isinstance(value, Element) and value.tag in tags
    if one.kind in ("any_child", "rest"):
        return lambda value: isinstance(value, Element)
    classes = tuple(target for target in one.targets if target is not Self)
    return lambda value: isinstance(value, classes)


def _is_localized(value: object) -> bool:
    return isinstance(value, Mapping) and all(
        (lang is None or isinstance(lang, str)) and isinstance(words, str) for lang, words in value.items()
    )
