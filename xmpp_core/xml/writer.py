"""Elements to octets: restricted XML, the content namespace never prefixed (RFC 6120 sections 4.8.5, 11)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from xml.etree.ElementTree import Element

from ..errors import WriteError
from ..limits import DEEPEST
from ..namespaces import XML
from .characters import ILLEGAL, NAME

__all__ = ["escape_attribute", "escape_text", "write"]

_MOST_NAMES: Final = 2048
_LONGEST_NAME: Final = 256
"""Longer names, their namespaces with them, are not remembered."""
_SPECIAL: Final = bytes(range(32)) + b"&<>'"
"""What is written otherwise or refused, in values at least: in UTF-8 these octets stand for nothing else."""
_SPECIAL_IN_VALUES_ALONE: Final = b"\t\n'"

_Table = dict[str, str]


class _Memory:
    """How names are written. They may come from peers: there are not too many, of all kinds together.

    One that is full stays as it is for the element that filled it. The element after that begins a new one.
    """

    __slots__ = ("further", "insides", "room")

    def __init__(self) -> None:
        self.room = _MOST_NAMES
        self.insides: dict[str | None, _Inside] = {}
        self.further: _Table = {}
        """What is written before the values of attributes, the first of an element excepted."""

    def inside(self, namespace: str | None) -> _Inside:
        """Give what stands where this default namespace is in force."""
        found = self.insides.get(namespace)
        if found is None:
            found = _Inside(namespace, self)
            if len(namespace or "") <= _LONGEST_NAME and self.has_room():
                self.insides[namespace] = found
        return found

    def has_room(self) -> bool:
        """Take the room of one name, if there is any."""
        if not self.room:
            return False
        self.room -= 1
        return True


class _Inside(dict[str, "tuple[_Table, str, str, str, _Inside]"]):
    """What elements are written as where one default namespace is in force: one look-up an element, no key to build.

    Maps a tag to what is written before the value of the first attribute (by the attribute's name), the opening
    without attributes, the whole of an element that has nothing at all, the closing, and the same for what stands
    inside.
    """

    __slots__ = ("memory", "namespace")

    def __init__(self, namespace: str | None, memory: _Memory) -> None:
        super().__init__()
        self.namespace = namespace
        self.memory = memory

    def __missing__(self, tag: str) -> tuple[_Table, str, str, str, _Inside]:
        namespace, local = _split(tag)
        if namespace == XML:
            # It has its prefix always and cannot be declared (Namespaces in XML section 3).
            entry = _entry(f"xml:{local}", "", self)
        elif namespace == self.namespace:
            entry = _entry(local, "", self)
        else:
            entry = _entry(local, f" xmlns='{escape_attribute(namespace or '')}'", self.memory.inside(namespace))
        if len(tag) <= _LONGEST_NAME and self.memory.has_room():
            self[tag] = entry
        return entry


_memory = _Memory()


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
    memory = _memory if _memory.room else _renewed()
    inside = memory.insides.get(parent_namespace) or memory.inside(parent_namespace)
    try:
        if prefixes and element.tag[:1] == "{" and element.tag[1:].partition("}")[0] in prefixes:
            inside = _prefixed(element.tag, prefixes, inside)
        parts = _parts(element, inside)
        said = "".join(parts[1::2])
        if not said.isascii() or (octets := said.encode()).translate(None, _SPECIAL) != octets:
            _escape(parts, said, element)
        return "".join(parts).encode()
    except (TypeError, AttributeError) as error:
        raise WriteError("a tag, attribute or text of the element is no string") from error
    except UnicodeEncodeError as error:
        raise WriteError("a surrogate cannot be written") from error


def _parts(root: Element, inside: _Inside) -> list[str]:
    """Give what the element is written as, but for escapes.

    Parts are by turns markup, which comes from tables, and texts or values of attributes as the element has them, empty
    where there are none. So a name costs a look-up and a value an append, and one look at them all together tells
    whether anything needs an escape. What follows a value begins with its closing quote.
    """
    parts: list[str] = []
    around: list[tuple[Element, str, int, _Inside]] = []
    left = 0
    further = inside.memory.further
    for element in root.iter():
        before, opening, empty, closing, within = inside[element.tag]
        if items := element.items():
            try:
                for name, value in items:
                    parts.append(before[name])
                    parts.append(value)
                    before = further
            except KeyError:
                rest = list(items)
                _attributes(rest[rest.index((name, value)) :], before, opening, inside.memory, parts)
            opening = "'>"
            empty = "'/>"
        if count := len(element):
            if len(around) >= DEEPEST:
                raise WriteError("the element is nested too deeply")
            parts.append(opening)
            parts.append(element.text or "")
            around.append((element, closing, left, inside))
            left = count
            inside = within
            continue
        if text := element.text:
            parts.append(opening)
            parts.append(text)
            parts.append(closing)
        else:
            parts.append(empty)
        parts.append(element.tail or "")
        left -= 1
        while not left:
            element, closing, left, inside = around.pop()
            parts.append(closing)
            parts.append(element.tail or "")
            left -= 1
    # The tail of the whole is not written.
    parts[-1] = ""
    return parts


def _attributes(items: list[tuple[str, str]], before: _Table, opening: str, memory: _Memory, parts: list[str]) -> None:
    """Add attributes, the first of which is not remembered: a new one, or one in a namespace of its own.

    How the latter is written depends on those before it.
    """
    fresh = 0
    for name, value in items:
        written = before.get(name)
        if written is None:
            namespace, local = _split(name)
            if name[:2] == "{}":
                raise WriteError("an attribute in no namespace is named without braces")
            begin = "'" if before is memory.further else opening[:-1]
            if namespace not in (None, XML):
                declared = f"xmlns:ns{fresh}='{escape_attribute(namespace)}'"
                written = f"{begin} {declared} ns{fresh}:{local}='"
                fresh += 1
            elif namespace is None and local == "xmlns":
                raise WriteError("a namespace declaration is no attribute")
            else:
                written = f"{begin} {'xml:' if namespace else ''}{local}='"
                if len(name) <= _LONGEST_NAME and memory.has_room():
                    before[name] = written
        parts.append(written)
        parts.append(value)
        before = memory.further


def _escape(parts: list[str], said: str, element: Element) -> None:
    """Escape the texts and values among the parts, which joined are `said`, unless none needs it."""
    octets = said.encode()
    special = len(octets) - len(octets.translate(None, _SPECIAL))
    if special:
        # A text of several lines or with an apostrophe is nothing special, unless there is more.
        texts = "".join(element.itertext()).encode()
        special -= len(texts) - len(texts.translate(None, _SPECIAL_IN_VALUES_ALONE))
    if special or "\ufffe" in said or "\uffff" in said:
        for at in range(1, len(parts) - 1, 2):
            if parts[at]:
                parts[at] = (escape_attribute if parts[at + 1][0] == "'" else escape_text)(parts[at])


def _entry(name: str, declared: str, within: _Inside) -> tuple[_Table, str, str, str, _Inside]:
    return {}, f"<{name}{declared}>", f"<{name}{declared}/>", f"</{name}>", within


def _prefixed(tag: str, prefixes: Mapping[str, str], inside: _Inside) -> _Inside:
    """Give what has an element of this tag written with a prefix.

    What stands inside it keeps the default namespace of its surroundings, and prefixes declared on the stream are used
    for its direct children alone.
    """
    namespace, local = _split(tag)
    around = _Inside(inside.namespace, inside.memory)
    around[tag] = _entry(f"{prefixes[namespace or '']}:{local}", "", inside)
    return around


def _renewed() -> _Memory:
    global _memory
    _memory = _Memory()
    return _memory


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
