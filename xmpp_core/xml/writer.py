"""Elements to octets: restricted XML, the content namespace never prefixed (RFC 6120 sections 4.8.5, 11)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from xml.etree.ElementTree import Element

from ..errors import WriteError
from ..namespaces import XML
from .characters import ILLEGAL, NAME

__all__ = ["escape_attribute", "escape_text", "write"]

_DEEPEST: Final = 500
_MOST_NAMES: Final = 2048

# (tag, parent namespace) -> opening without '>', closing, namespace. Tags may come from peers, so bounded.
_TAGS: dict[tuple[str, str | None], tuple[str, str, str | None]] = {}
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
    try:
        _write(element, parent_namespace, prefixes or {}, parts, 0)
        return "".join(parts).encode()
    except (TypeError, AttributeError) as error:
        raise WriteError("a tag, attribute or text of the element is no string") from error
    except UnicodeEncodeError as error:
        raise WriteError("a surrogate cannot be written") from error


def _write(element: Element, parent: str | None, prefixes: Mapping[str, str], parts: list[str], depth: int) -> None:
    tag = element.tag
    entry = _TAGS.get((tag, parent))
    if entry is None or (prefixes and entry[2] in prefixes):
        entry = _entry(tag, parent, prefixes)
    opening, closing, namespace = entry
    append = parts.append
    append(opening)
    if element.attrib:
        fresh = 0
        for name, value in element.attrib.items():
            written = _ATTRIBUTES.get(name)
            if written is None:
                written, fresh = _attribute(name, fresh)
            append(f"{written}{value if value.isalnum() else escape_attribute(value)}'")
    text = element.text
    if not text and not len(element):
        append("/>")
        return
    append(">")
    if text:
        append(escape_text(text))
    if len(element):
        if depth >= _DEEPEST:
            raise WriteError("the element is nested too deeply")
        for child in element:
            # Prefixes declared on the stream are used for its direct children alone.
            _write(child, namespace, _NO_PREFIXES, parts, depth + 1)
            if child.tail:
                append(escape_text(child.tail))
    append(closing)


_NO_PREFIXES: Final[Mapping[str, str]] = {}


def _entry(tag: str, parent: str | None, prefixes: Mapping[str, str]) -> tuple[str, str, str | None]:
    namespace, local = _split(tag)
    prefix = prefixes.get(namespace or "")
    if prefix is not None:
        # What stands inside a prefixed element keeps the default namespace of its surroundings.
        return f"<{prefix}:{local}", f"</{prefix}:{local}>", parent
    if namespace == parent:
        entry = (f"<{local}", f"</{local}>", namespace)
    else:
        entry = (f"<{local} xmlns='{escape_attribute(namespace or '')}'", f"</{local}>", namespace)
    if len(_TAGS) >= _MOST_NAMES:
        _TAGS.clear()
    _TAGS[tag, parent] = entry
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
