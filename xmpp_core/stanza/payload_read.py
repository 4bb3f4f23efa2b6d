"""From the declaration of a payload to the function that reads it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Self
from xml.etree.ElementTree import Element

from ..errors import PayloadError
from ..namespaces import XML_LANG
from ..xml.names import clark
from .base import Stanza
from .check import VIEWS, check
from .payload_fields import Field
from .payload_source import MISSING, TWICE, Source, count_checked, local_name, located, path_of, setter
from .shape import Unknown, shape_of

__all__ = ["decoder", "tags_of"]

Reader = Callable[[Element], Any]


def decoder(
    cls: type, fields: tuple[Field, ...], space: str, names: tuple[str, ...], unknown: str, *, versioned: bool
) -> Reader:
    """Compile the function that reads an element of one namespace; it raises `PayloadError`."""
    out = Source(names)
    out.constants["new"] = object.__new__
    out.constants["cls"] = cls
    out("try:")
    out.depth = 2
    attributes = [one for one in fields if one.kind == "attribute"]
    inner = [one for one in fields if one.kind not in ("attribute", "text", "element_name")]
    _read_attributes(out, attributes, unknown)
    for one in fields:
        if one.kind == "element_name":
            table = out.constant("named", _names_read(one, space, names))
            out(f"v_{one.field} = {table}.get(e.tag)")
            out(f"if v_{one.field} is None: raise Error('.', {_rule(one)})")
    _read_text(out, next((one for one in fields if one.kind == "text"), None), unknown)
    _read_children(out, cls, inner, space, unknown)
    out("o = new(cls)")
    for one in fields:
        out(f"{setter(out, cls, one.field)}(o, v_{one.field})")
    if unknown == "keep":
        kept = f"{out.constant('Unknown', Unknown)}(ua, tuple(ue), ut)"
        out(f"{setter(out, cls, '_unknown')}(o, {kept} if ua or ue or ut is not None else None)")
    if versioned:
        out(f"{setter(out, cls, '_namespace')}(o, {space!r})")
    if hasattr(cls, "validate"):
        out("o.validate()")
    out("return o")
    # Only an element of one of the names gets here, so what a path says is in the declaration all the same.
    located(out, repr(names[0]) if len(names) == 1 else "e.tag.rpartition('}')[2]")
    function: Reader = out.compiled("def read(e):", "read")
    return function


def _rule(one: Field) -> str:
    return repr(one.codec.rule) if one.codec is not None else repr(MISSING)


def _names_read(one: Field, space: str | None, names: Iterable[str]) -> dict[str, Any]:
    """Give what each Clark name means to the codec of the field; names it refuses are left out."""
    assert one.codec is not None
    found = {}
    for name in names:
        try:
            found[clark(space, name)] = one.codec.read(name)
        except ValueError:
            raise TypeError(f"{one.field}: its codec does not know the name {name}") from None
    return found


def _converted(out: Source, one: Field, text: str, path: str) -> None:
    """Have `text` read by the codec into the variable of the field."""
    _convert(out, one, text, f"v_{one.field}", path)


def _convert(out: Source, one: Field, text: str, target: str, path: str) -> None:
    assert one.codec is not None
    if one.codec.kind == "text":
        if text != target:
            out(f"{target} = {text}")
        return
    if one.codec.kind == "some-text":
        if text != target:
            out(f"{target} = {text}")
        out(f"if not {target}: raise Error({path!r}, {one.codec.rule!r})")
        return
    out(f"try: {target} = {out.constant('read', one.codec.read)}({text})")
    out(f"except ValueError: raise Error({path!r}, {one.codec.rule!r}) from None")


def _default(out: Source, one: Field) -> str:
    if isinstance(one.default, dict):
        return "{}"
    if one.default is None or one.default == () or isinstance(one.default, bool):
        return repr(one.default)
    return out.constant("default", one.default)


def _read_attributes(out: Source, attributes: list[Field], unknown: str) -> None:
    if unknown == "keep":
        out("ua = None")
    if not attributes and unknown == "ignore":
        return
    if not attributes:
        out("n = len(e.keys())")
    else:
        out("a = e.attrib")
    if attributes and unknown != "ignore":
        out("n = len(a)")
    for one in attributes:
        variable, path = f"v_{one.field}", f"@{local_name(one.name or '')}"
        out(f"{variable} = a.get({one.name!r})")
        absent = f"{variable} = {_default(out, one)}" if one.optional else f"raise Error({path!r}, {MISSING!r})"
        out(f"if {variable} is None: {absent}")
        out("else:")
        out.depth += 1
        if unknown != "ignore":
            out("n -= 1")
        _converted(out, one, variable, path)
        if unknown == "ignore" and one.codec is not None and one.codec.kind == "text":
            out("pass")
        out.depth -= 1
    if unknown == "refuse":
        out("if n: raise Error('.', 'an attribute that is not defined')")
    elif unknown == "keep":
        known = out.constant("known", frozenset(one.name for one in attributes))
        out(f"if n: ua = {{k: v for k, v in e.items() if k not in {known}}}")


def _read_text(out: Source, one: Field | None, unknown: str) -> None:
    if unknown == "keep":
        out("ut = None")
    if one is None:
        if unknown != "ignore":
            out("t = e.text")
            found = "ut = t" if unknown == "keep" else "raise Error('.', 'a text where none is defined')"
            out(f"if t and not t.isspace(): {found}")
        return
    assert one.codec is not None
    out("t = e.text")
    blank = "not t" if one.codec.kind == "text" else "not t or t.isspace()"
    if one.optional:
        out(f"if {blank}: v_{one.field} = {_default(out, one)}")
        out("else:")
    else:
        out("if t is None: t = ''")
        out("if True:")
    out.depth += 1
    _converted(out, one, "t", "text()")
    out.depth -= 1


def tags_of(target: Any, cls: type, own: Iterable[str]) -> dict[str, Reader]:
    """Give the Clark names that a payload class, a stanza class or `Self` (of names `own`) is read from, and how."""
    if target is Self:
        return dict.fromkeys(own, lambda element: shape_of(cls).decoders[element.tag](element))
    if isinstance(target, type) and issubclass(target, Stanza):
        return {tag: partial(_stanza, view) for tag, view in VIEWS.items() if issubclass(view, target)}
    return dict(shape_of(target).decoders)


def _stanza(view: type[Stanza], element: Element) -> Stanza:
    refusal = check(element)
    if refusal is not None:
        raise PayloadError(local_name(element.tag), f"{refusal.rule} ({refusal.section})")
    return view.view(element)


def _read_children(out: Source, cls: type, inner: list[Field], space: str, unknown: str) -> None:
    if unknown == "keep":
        out("ue = ()")
    if not inner and unknown == "ignore":
        return
    for one in inner:
        start = {"flag": "False", "localized": "{}"}.get(one.kind, "[]" if one.many else "None")
        out(f"v_{one.field} = {start}")
    out("for c in e:")
    out.depth += 1
    out("t = c.tag")
    word = "if"
    last: Field | None = None
    # Those there may be very many of are looked for first.
    for one in sorted(inner, key=lambda one: one.kind not in ("child_attributes", "child_texts")):
        if one.kind in ("rest", "any_child"):
            last = one
            continue
        word = _branch(out, one, cls, space, word)
    if word == "elif":
        out("else:")
        out.depth += 1
    if last is not None and last.kind == "rest":
        out(f"v_{last.field}.append(c)")
    elif last is not None:
        out(f"if v_{last.field} is not None: raise Error('*', {TWICE!r})")
        out(f"v_{last.field} = c")
    elif unknown == "keep":
        out("if not ue: ue = []")
        out("ue.append(c)")
    elif unknown == "refuse":
        out("raise Error('.', 'a child that is not defined')")
    else:
        out("pass")
    if word == "elif":
        out.depth -= 1
    out.depth -= 1
    for one in inner:
        _conclude(out, one)


def _branch(out: Source, one: Field, cls: type, space: str, word: str) -> str:
    """Write the branch of the loop that takes the children of one field."""
    variable, name = f"v_{one.field}", one.name or ""
    tag = clark(one.namespace or space, name)
    if one.kind in ("child", "children", "choice", "choices"):
        table: dict[str, Reader] = {}
        for target in one.targets:
            table.update(tags_of(target, cls, [clark(space, each) for each in out.names]))
        if len(table) == 1:
            ((tag, reader),) = table.items()
            out(f"{word} t == {tag!r}:")
            call = f"{out.constant('read', reader)}(c)"
        else:
            readers = out.constant("readers", table)
            out(f"{word} t in {readers}:")
            call = f"{readers}[t](c)"
        if one.many:
            out(f"{variable}.append({call})", 1)
        else:
            path = repr(path_of(one))
            if len(one.targets) == 1 and len({local_name(each) for each in table}) > 1:
                path = "t.rpartition('}')[2]"
            out(f"if {variable} is not None: raise Error({path}, {TWICE!r})", 1)
            out(f"{variable} = {call}", 1)
        return "elif"
    if one.kind == "child_name":
        assert one.codec is not None
        names = _names_read(one, one.namespace or space, [each.value for each in one.codec.facts["members"]])
        table_name = out.constant("named", names)
        out(f"{word} t in {table_name}:")
        out(f"if {variable} is not None: raise Error('*', {TWICE!r})", 1)
        out(f"{variable} = {table_name}[t]", 1)
        return "elif"
    out(f"{word} t == {tag!r}:")
    out.depth += 1
    if one.kind == "localized":
        out(f"l = c.get({XML_LANG!r})")
        out(f"if l in {variable}: raise Error({name!r}, 'two texts in one language')")
        out(f"{variable}[l] = c.text or ''")
    elif one.kind == "flag":
        out(f"{variable} = True")
    elif one.many:
        _value(out, one, "x", name)
        out(f"{variable}.append(x)")
    else:
        out(f"if {variable} is not None: raise Error({name!r}, {TWICE!r})")
        if one.kind == "raw":
            out(f"{variable} = c")
        else:
            _value(out, one, variable, name)
    out.depth -= 1
    return "elif"


def _value(out: Source, one: Field, target: str, name: str) -> None:
    """Have the text or attribute of a child read."""
    if one.attribute:
        path = f"{name}/@{local_name(one.attribute)}"
        out(f"x = c.get({one.attribute!r})")
        out(f"if x is None: raise Error({path!r}, {MISSING!r})")
        _convert(out, one, "x", target, path)
    else:
        _convert(out, one, "c.text or ''", target, name)


def _conclude(out: Source, one: Field) -> None:
    """Write what becomes of a field when all children were seen."""
    variable = f"v_{one.field}"
    path = path_of(one)
    if one.many:
        count_checked(out, one, variable)
        out(f"{variable} = tuple({variable})")
    elif one.kind == "flag":
        return
    elif one.optional:
        if one.default is not None and one.kind != "localized":
            out(f"if {variable} is None: {variable} = {_default(out, one)}")
    else:
        empty = f"not {variable}" if one.kind == "localized" else f"{variable} is None"
        out(f"if {empty}: raise Error({path!r}, {MISSING!r})")
