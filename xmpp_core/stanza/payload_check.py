"""From the declaration of a payload to the function that checks a value which is made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, Self
from xml.etree.ElementTree import Element

from ..errors import PayloadError
from ..xml.names import clark
from .payload_fields import Field
from .payload_source import MISSING, Source, count_checked, located, path_of

__all__ = ["checker"]


def checker(
    fields: tuple[Field, ...], namespaces: tuple[str, ...], names: tuple[str, ...], *, validated: bool
) -> Callable[[Any], None]:
    """Compile the check of a value that is made, the same that an element is held to."""
    out = Source(names)
    out.constants["put"] = object.__setattr__
    out("try:")
    out.depth = 2
    for one in fields:
        path, rule = repr(path_of(one)), repr(_expected(one))
        out(f"v = o.{one.field}")
        test = f"{out.constant('accepts', _accepts(one, namespaces))}({{}})"
        if Self in one.targets:
            test = f"(type({{0}}) is type(o) or {test.format('{0}')})"
        if one.many:
            tuples = out.constant("tuple", partial(_to_tuple, path_of(one)))
            out(f"if type(v) is not tuple: v = {tuples}(v); put(o, {one.field!r}, v)")
            out("for x in v:")
            out(f"if not {test.format('x')}: raise Error({path}, {rule})", 1)
            count_checked(out, one, "v")
        else:
            guard = "v is not None and " if one.default is None else ""
            out(f"if {guard}not {test.format('v')}: raise Error({path}, {rule})")
            if one.kind == "localized" and not one.optional:
                out(f"if not v: raise Error({path}, {MISSING!r})")
    out("o.validate()" if validated else "return None")
    located(out, names[0])
    function: Callable[[Any], None] = out.compiled("def check(o):", "check")
    return function


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
    if one.kind == "flag":
        return lambda value: value is True or value is False
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
