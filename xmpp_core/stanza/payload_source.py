"""The source of a function made from a declaration, and its compilation.

It is put together from names and texts that a declaration gives, written as Python writes literals, and compiled
once, when the class is made. What a peer sends never gets near a compiler.
"""

from __future__ import annotations

from typing import Any, Final, Self
from xml.etree.ElementTree import Element

from ..errors import PayloadError
from ..namespaces import XML_LANG
from .base import Stanza
from .payload_fields import Field
from .shape import shape_of

__all__ = ["MISSING", "TWICE", "Source", "count_checked", "local_name", "located", "path_of", "setter"]

MISSING: Final = "what must be there is missing"
TWICE: Final = "more than one where one may be"


class Source:
    """Lines of a function and the constants they name."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names
        self.lines: list[str] = []
        # A field of a payload may be called `type` or `len`, never anything with an underscore before it.
        self.constants: dict[str, Any] = {
            "Error": PayloadError,
            "Element": Element,
            "_TypeError": TypeError,
            "_isinstance": isinstance,
            "_len": len,
            "_str": str,
            "_tuple": tuple,
            "_type": type,
        }
        self.depth = 1

    def __call__(self, line: str, deeper: int = 0) -> None:
        """Add a line, `deeper` blocks within the present one."""
        self.lines.append("    " * (self.depth + deeper) + line)

    def constant(self, stem: str, value: Any) -> str:
        """Give the name by which the function knows a value."""
        name = f"_{stem}_{len(self.constants)}"
        self.constants[name] = value
        return name

    def compiled(self, head: str, name: str) -> Any:
        """Compile and give the function `name`."""
        source = "\n".join([head, *self.lines])
        exec(compile(source, f"<payload {self.names[0]}>", "exec"), self.constants)
        return self.constants[name]


def located(out: Source, name: str) -> None:
    """End a `try` block: the path of an error begins with the name of the element, which an expression gives."""
    out.depth = 1
    out("except Error as error:")
    path = f"{name} + ('' if error.path == '.' else '/' + error.path)"
    out(f"raise Error({path}, error.rule, error.condition) from None", 1)


def setter(out: Source, cls: type, field: str) -> str:
    """Name what puts a value into a slot of a frozen instance: quicker than any other way."""
    return out.constant("set", getattr(cls, field).__set__)


def path_of(one: Field) -> str:
    """Give the path of a field in an error: a name of the declaration, never one of the peer."""
    if one.name:
        return f"@{local_name(one.name)}" if one.kind == "attribute" else one.name
    if one.kind == "text":
        return "text()"
    if one.kind == "element_name":
        return "."
    names = [
        target._name if isinstance(target, type) and issubclass(target, Stanza) else shape_of(target).names[0]
        for target in one.targets
        if target is not Self
    ]
    return names[0] if len(names) == 1 else "*"


def local_name(name: str) -> str:
    """Give the name of an attribute as people write it."""
    return "xml:lang" if name == XML_LANG else name.rpartition("}")[2]


def count_checked(out: Source, one: Field, variable: str) -> None:
    """Write the check of how many there are."""
    path = repr(path_of(one))
    if not one.least and one.most is None:
        return
    out(f"_k = _len({variable})")
    if one.least:
        rule = MISSING if one.least == 1 else f"fewer than {one.least}"
        out(f"if {'0 < ' if one.optional else ''}_k < {one.least}: raise Error({path}, {rule!r})")
    if one.most is not None:
        out(f"if _k > {one.most}: raise Error({path}, 'more than {one.most}')")
