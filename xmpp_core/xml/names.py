"""Clark names, and functions over the standard library's `Element`."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from ..namespaces import XML_LANG

__all__ = ["canonical", "clark", "copy", "equal", "language_of", "pretty", "split"]


def clark(namespace: str | None, local: str) -> str:
    """Give `{namespace}local`, or `local` alone."""
    return f"{{{namespace}}}{local}" if namespace else local


def split(tag: str) -> tuple[str | None, str]:
    """Give namespace (None for none) and local name of a Clark name."""
    if tag[:1] != "{":
        return None, tag
    namespace, _, local = tag[1:].rpartition("}")
    return namespace, local


def equal(one: Element, other: Element) -> bool:
    """Whether two elements say the same: names, attributes, text and children, in order; not `tail`."""
    stack = [(one, other)]
    while stack:
        a, b = stack.pop()
        if a.tag != b.tag or a.attrib != b.attrib or (a.text or "") != (b.text or "") or len(a) != len(b):
            return False
        for left, right in zip(a, b, strict=True):
            if (left.tail or "") != (right.tail or ""):
                return False
            stack.append((left, right))
    return True


def canonical(element: Element) -> bytes:
    """Give octets that are the same for equal elements and for no others. For comparing, not for sending."""
    parts: list[str] = []
    stack: list[Element | str] = [element]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            parts.append(item)
            continue
        parts.append(f"<{item.tag}")
        parts.extend(f" {name}={value!r}" for name, value in sorted(item.attrib.items()))
        parts.append(">" + repr(item.text or ""))
        stack.append("</>")
        for child in reversed(item):
            stack.append(repr(child.tail or ""))
            stack.append(child)
    return "".join(parts).encode("utf-8", "surrogatepass")


def pretty(element: Element) -> str:
    """Give an element as text for people: one line, namespaces declared where they change."""
    parts: list[str] = []
    stack: list[tuple[Element | str, str | None]] = [(element, None)]
    while stack:
        item, parent = stack.pop()
        if isinstance(item, str):
            parts.append(item)
            continue
        namespace, local = split(item.tag)
        attributes = "".join(f" {split(name)[1]}={_quoted(value)}" for name, value in item.attrib.items())
        declared = f" xmlns={_quoted(namespace or '')}" if namespace != parent else ""
        if not len(item) and not item.text:
            parts.append(f"<{local}{declared}{attributes}/>")
            continue
        parts.append(f"<{local}{declared}{attributes}>{_shown(item.text or '')}")
        stack.append((f"</{local}>", None))
        for child in reversed(item):
            stack.append((_shown(child.tail or ""), None))
            stack.append((child, namespace))
    return "".join(parts)


def language_of(element: Element, default: str | None = None) -> str | None:
    """Give the element's own `xml:lang`, else what it inherits: `default`."""
    return element.get(XML_LANG, default)


def copy(element: Element) -> Element:
    """Give a copy that may be changed: a received element never is. `tail` is left behind."""
    root = Element(element.tag, dict(element.attrib))
    root.text = element.text
    stack = [(element, root)]
    while stack:
        source, target = stack.pop()
        for child in source:
            twin = Element(child.tag, dict(child.attrib))
            twin.text, twin.tail = child.text, child.tail
            target.append(twin)
            stack.append((child, twin))
    return root


def _shown(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def _quoted(text: str) -> str:
    return "'" + _shown(text).replace("'", "&apos;") + "'"
