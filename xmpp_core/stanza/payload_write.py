"""From the declaration of a payload to the function that writes it. What a value holds was checked when it was made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Self
from xml.etree.ElementTree import Element

from ..namespaces import XML_LANG
from ..xml.names import clark
from .base import Stanza
from .payload_fields import Field
from .payload_source import Source
from .shape import attached, shape_of

__all__ = ["encoder"]


def encoder(
    fields: tuple[Field, ...], namespaces: tuple[str, ...], names: tuple[str, ...], *, kept: bool
) -> Callable[..., Element]:
    """Compile the function that writes a value; what it holds was checked when it was made."""
    if len(namespaces) == 1:
        return _writer(fields, namespaces[0], names, kept)
    table = {space: _writer(fields, space, names, kept) for space in namespaces}
    first = namespaces[0]

    def write(value: Any, space: str | None = None) -> Element:
        if space is None or space not in table:
            space = value._namespace or first
        return table[space](value, space)

    return write


def _writer(fields: tuple[Field, ...], space: str, names: tuple[str, ...], kept: bool) -> Callable[..., Element]:
    out = Source(names)
    out.constants["attached"] = attached
    attributes = [one for one in fields if one.kind == "attribute"]
    # Those that are always there begin the dictionary.
    first = [one for one in attributes if not one.optional]
    if attributes:
        out("a = {" + ", ".join(f"{one.name!r}: {_written(out, one, f'o.{one.field}')}" for one in first) + "}")
    tag = repr(clark(space, names[0]))
    for one in fields:
        value = f"o.{one.field}"
        if one.kind == "element_name":
            assert one.codec is not None
            tag = f"{'{' + space + '}'!r} + {_written(out, one, value)}"
        elif one.kind == "attribute" and one.optional:
            with _given(out, one, value) as given:
                out(f"a[{one.name!r}] = {_written(out, one, given)}")
    out(f"e = Element({tag}, a)" if attributes else f"e = Element({tag})")
    for one in fields:
        if one.kind == "text":
            with _given(out, one, f"o.{one.field}") as given:
                out(f"e.text = {_written(out, one, given)}")
    inner = [one for one in fields if one.kind not in ("attribute", "text", "element_name")]
    if inner:
        out("add = e.append")
    for one in inner:
        _write_children(out, one, space)
    if kept:
        out("u = o._unknown")
        out("if u is not None: u.write(e)")
    out("return e")
    function: Callable[..., Element] = out.compiled("def write(o, space=None):", "write")
    return function


def _written(out: Source, one: Field, value: str) -> str:
    assert one.codec is not None
    if one.codec.kind in ("text", "some-text", "pattern", "uri", "language"):
        return value
    if one.codec.kind == "enum":
        return f"{value}._value_"
    return f"{out.constant('write', one.codec.write)}({value})"


@contextmanager
def _given(out: Source, one: Field, value: str) -> Iterator[str]:
    """Write what follows only for a value that is there and is not the default; gives its name."""
    if not one.optional:
        yield value
        return
    out(f"v = {value}")
    if one.default is None:
        out("if v is not None:")
    elif one.always:
        out("if True:")
    elif one.default == "":
        out("if v:")
    else:
        out(f"if v != {out.constant('default', one.default)}:")
    out.depth += 1
    yield "v"
    out.depth -= 1


def _write_children(out: Source, one: Field, space: str) -> None:
    value, tag = f"o.{one.field}", clark(one.namespace or space, one.name or "")
    kind = one.kind
    if kind in ("children", "choices"):
        out(f"for x in {value}: add({_encoded(out, one)}(x, space))")
    elif kind in ("child", "choice"):
        with _given(out, one, value) as given:
            out(f"add({_encoded(out, one)}({given}, space))")
    elif kind == "rest":
        out(f"for x in {value}: add(attached(x))")
    elif kind in ("raw", "any_child"):
        with _given(out, one, value) as given:
            out(f"add(attached({given}))")
    elif kind == "flag":
        out(f"if {value}: add(Element({tag!r}))")
    elif kind == "localized":
        out(f"for k, x in {value}.items():")
        out(f"c = Element({tag!r}) if k is None else Element({tag!r}, {{{XML_LANG!r}: k}})", 1)
        out("c.text = x", 1)
        out("add(c)", 1)
    elif kind == "child_name":
        assert one.codec is not None
        prefix = "{" + (one.namespace or space) + "}"
        with _given(out, one, value) as given:
            out(f"add(Element({prefix!r} + {_written(out, one, given)}))")
    elif kind == "child_texts":
        out(f"for x in {value}:")
        out(f"c = Element({tag!r})", 1)
        out(f"c.text = {_written(out, one, 'x')}", 1)
        out("add(c)", 1)
    elif kind == "child_text":
        with _given(out, one, value) as given:
            out(f"c = Element({tag!r})")
            out(f"c.text = {_written(out, one, given)}")
            out("add(c)")
    elif kind == "child_attributes":
        out(f"for x in {value}:")
        out(f"c = Element({tag!r})", 1)
        # Quicker than a dictionary, which would be copied.
        out(f"c.set({one.attribute!r}, {_written(out, one, 'x')})", 1)
        out("add(c)", 1)
    else:
        with _given(out, one, value) as given:
            out(f"add(Element({tag!r}, {{{one.attribute!r}: {_written(out, one, given)}}}))")


def _encoded(out: Source, one: Field) -> str:
    """Give the function that writes a value of the field's targets."""
    (target, *others) = one.targets
    if not others and target is not Self and not (isinstance(target, type) and issubclass(target, Stanza)):
        return out.constant("write", shape_of(target).encode)
    return out.constant("write", _encode_any)


def _encode_any(value: Any, space: str | None) -> Element:
    if isinstance(value, Stanza):
        return attached(value.element)
    return shape_of(value).encode(value, space)
