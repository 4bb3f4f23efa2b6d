"""Elements to octets: restricted XML, the content namespace never prefixed (RFC 6120 sections 4.8.5, 11)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final
from xml.etree.ElementTree import Element

from ..errors import WriteError
from ..namespaces import XML
from .characters import ILLEGAL, NAME

__all__ = ["escape_attribute", "escape_text", "write"]

_DEEPEST: Final = 500
_MOST_NAMES: Final = 2048


class _Inside(dict[str, "tuple[str, str, _Inside]"]):
    """What elements are written as where one default namespace is in force.

    Maps a tag to its opening without '>', its closing, and the same for what stands inside it: one look-up
    an element, with no key to build.
    """

    __slots__ = ("namespace",)

    def __init__(self, namespace: str | None) -> None:
        super().__init__()
        self.namespace = namespace


# Tags and names of attributes may come from peers: bounded, all entries together.
_NAMESPACES: dict[str | None, _Inside] = {}
_ATTRIBUTES: dict[str, str] = {}


def escape_text(text: str) -> str:
    """Escape character data so that a parser gives the same text; raises `WriteError` for illegal characters."""
    if "&" in text:
        text = text.replace("&", "&amp;")
    if "<" in text:
        text = text.replace("<", "&lt;")
    if ">" in text:
        text = text.replace(">", "&gt;")
    if "\r" in text:
        text = text.replace("\r", "&#13;")
    if not text.isprintable() and ILLEGAL.search(text):
        raise WriteError("a text holds a character that XML 1.0 forbids")
    return text


def escape_attribute(text: str) -> str:
    """Escape a value for single quotes, white space included; raises `WriteError` for illegal characters."""
    if text.isalnum():
        return text
    if "&" in text:
        text = text.replace("&", "&amp;")
    if "<" in text:
        text = text.replace("<", "&lt;")
    if "'" in text:
        text = text.replace("'", "&apos;")
    if not text.isprintable():
        if ILLEGAL.search(text):
            raise WriteError("an attribute holds a character that XML 1.0 forbids")
        text = text.replace("\t", "&#9;").replace("\n", "&#10;").replace("\r", "&#13;")
    return text


def write(element: Element, parent_namespace: str | None = None, *, prefixes: Mapping[str, str] | None = None) -> bytes:
    """Write an element without its tail, as UTF-8.

    `parent_namespace` is the default namespace in force around it; `prefixes` maps namespaces to
    prefixes declared around it (a stream declares `stream`). Raises `WriteError` for what XML cannot
    hold: illegal characters or names, values that are no strings, nesting beyond 500.
    """
    parts: list[str] = []
    inside = _NAMESPACES.get(parent_namespace) or _inside(parent_namespace)
    try:
        if prefixes and (namespace := _split(element.tag)[0]) in prefixes:
            # What stands inside a prefixed element keeps the default namespace of its surroundings.
            name = f"{prefixes[namespace or '']}:{_split(element.tag)[1]}"
            _content(element, f"<{name}", f"</{name}>", inside, parts.append, 0)
        else:
            _write(element, inside, parts.append, 0)
        return "".join(parts).encode()
    except (TypeError, AttributeError) as error:
        raise WriteError("a tag, attribute or text of the element is no string") from error
    except UnicodeEncodeError as error:
        raise WriteError("a surrogate cannot be written") from error


def _write(element: Element, inside: _Inside, append: Callable[[str], None], depth: int) -> None:
    opening, closing, within = inside.get(element.tag) or _entry(element.tag, inside)
    _content(element, opening, closing, within, append, depth)


def _content(
    element: Element, opening: str, closing: str, inside: _Inside, append: Callable[[str], None], depth: int
) -> None:
    """Write an element whose tag is written; the checks that nearly every text passes are made on the spot."""
    append(opening)
    fresh = 0
    for name, value in element.items():
        written = _ATTRIBUTES.get(name)
        if written is None:
            written, fresh = _attribute(name, fresh)
        if not value.isalnum() and ("&" in value or "<" in value or "'" in value or not value.isprintable()):
            value = escape_attribute(value)
        append(f"{written}{value}'")
    text = element.text
    count = len(element)
    if not count:
        if not text:
            append("/>")
            return
        if "&" in text or "<" in text or ">" in text or not text.isprintable():
            text = escape_text(text)
        append(f">{text}{closing}")
        return
    append(f">{escape_text(text)}" if text else ">")
    if depth >= _DEEPEST:
        raise WriteError("the element is nested too deeply")
    for child in element:
        # Prefixes declared on the stream are used for its direct children alone.
        opening, childs_closing, within = inside.get(child.tag) or _entry(child.tag, inside)
        _content(child, opening, childs_closing, within, append, depth + 1)
        if child.tail:
            append(escape_text(child.tail))
    append(closing)


def _inside(namespace: str | None) -> _Inside:
    found = _NAMESPACES.get(namespace)
    if found is None:
        found = _NAMESPACES[namespace] = _Inside(namespace)
    return found


def _entry(tag: str, inside: _Inside) -> tuple[str, str, _Inside]:
    namespace, local = _split(tag)
    if sum(map(len, _NAMESPACES.values())) + len(_NAMESPACES) >= _MOST_NAMES:
        _NAMESPACES.clear()
    if namespace == inside.namespace:
        entry = f"<{local}", f"</{local}>", inside
    else:
        entry = f"<{local} xmlns='{escape_attribute(namespace or '')}'", f"</{local}>", _inside(namespace)
    # A table that was given up is not filled any more: it goes with the element being written.
    if _NAMESPACES.get(inside.namespace) is inside:
        inside[tag] = entry
    return entry


def _attribute(name: str, fresh: int) -> tuple[str, int]:
    namespace, local = _split(name)
    if namespace is None:
        if local == "xmlns":
            raise WriteError("a namespace declaration is no attribute")
        written = f" {local}='"
    elif namespace == XML:
        written = f" xml:{local}='"
    else:
        return f" xmlns:ns{fresh}='{escape_attribute(namespace)}' ns{fresh}:{local}='", fresh + 1
    if len(_ATTRIBUTES) >= _MOST_NAMES:
        _ATTRIBUTES.clear()
    _ATTRIBUTES[name] = written
    return written, fresh


def _split(name: str) -> tuple[str | None, str]:
    namespace, local = None, name
    if name[:1] == "{":
        namespace, _, local = name[1:].rpartition("}")
        if namespace == "http://www.w3.org/2000/xmlns/" or "}" in namespace:
            raise WriteError("a namespace cannot be used for names")
        namespace = namespace or None
    if not NAME.fullmatch(local):
        raise WriteError("a name is none that XML 1.0 allows")
    return namespace, local
