"""What every payload class is held to: found by looking, filled from its declaration, bent out of shape.

`both_ways` and `refused` are for the tests of one specification, with elements typed by hand.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from types import ModuleType
from typing import Any, Self, TypeVar
from xml.etree.ElementTree import Element, SubElement, fromstring

import pytest
from hypothesis import assume
from hypothesis import strategies as st

import xmpp_core.stanza.payloads as package
from xmpp_core import IQ, JID, Message, PayloadError, Presence, Stanza
from xmpp_core.stanza.payload import Shape, decode, encode, is_payload, shape_of
from xmpp_core.stanza.payload_codecs import Codec
from xmpp_core.stanza.payload_fields import Field
from xmpp_core.xml.names import canonical, copy, equal
from xmpp_core.xml.writer import write

T = TypeVar("T")
FOREIGN = "urn:example:foreign"


# For the tests of one specification.


def element(text: str) -> Element:
    """Parse an element typed by hand, without the white space that only lays it out."""
    root = fromstring(text.strip())
    for one in root.iter():
        if len(one) and not (one.text or "").strip():
            one.text = None
        for child in one:
            if not (child.tail or "").strip():
                child.tail = None
    return root


def both_ways(text: str, value: T, *, written: str | None = None) -> T:
    """Check that `text` is read as `value`, and `value` written as `text`; gives what was read.

    `written` is what is written where that may differ: another order of children, a default left out.
    """
    source = element(text)
    before = canonical(source)
    read = decode(type(value), source)
    assert read == value
    assert canonical(source) == before, "reading changed the element"
    expected = source if written is None else element(written)
    made = encode(value)
    assert equal(made, expected), f"written as {write(made).decode()}"
    assert fromstring(write(made)).tag == source.tag
    again = decode(type(value), encode(read))
    assert again == value
    return read


def refused(kind: type, text: str, path: str, condition: str = "bad-request") -> None:
    """Check that an element is refused, and that the error says where without a word of the peer's."""
    with pytest.raises(PayloadError) as caught:
        decode(kind, element(text))
    assert caught.value.path == path
    assert caught.value.condition == condition


# To look at all of them.


@cache
def modules() -> tuple[ModuleType, ...]:
    names = [found.name for found in pkgutil.iter_modules(package.__path__)]
    return tuple(importlib.import_module(f"{package.__name__}.{name}") for name in sorted(names))


@cache
def classes() -> tuple[type, ...]:
    """Every payload class, by its module and name."""
    return tuple(
        thing
        for module in modules()
        for thing in vars(module).values()
        if isinstance(thing, type) and is_payload(thing) and thing.__module__ == module.__name__
    )


def named(kind: object) -> str:
    assert isinstance(kind, type)
    return f"{kind.__module__.rpartition('.')[2]}.{kind.__name__}"


# Values of a declaration.

WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"), max_size=12)
LANGUAGES = st.sampled_from(["de", "en-GB", "zh-Hant", "x-klingon"])
ZONES = st.sampled_from([UTC, timezone(timedelta(hours=-5)), timezone(timedelta(hours=5, minutes=45))])
MOMENTS = st.datetimes(datetime(1970, 1, 1), datetime(9990, 1, 1), timezones=ZONES)
ADDRESSES = st.sampled_from([JID("juliet@example.com/balcony"), JID("room@muc.example.org"), JID("example.net")])


def _elements() -> st.SearchStrategy[Element]:
    def build(name: str, value: str, words: str) -> Element:
        made = Element(f"{{{FOREIGN}}}{name}", {"value": value})
        SubElement(made, f"{{{FOREIGN}}}inner").text = words or None
        return made

    return st.builds(build, st.sampled_from(["one", "two"]), WORDS, WORDS)


STANZAS: dict[type[Stanza], st.SearchStrategy[Any]] = {
    Message: st.builds(lambda body, to: Message(to=to, body=body), WORDS, ADDRESSES),
    Presence: st.builds(lambda show, to: Presence(to=to, show=show), st.sampled_from(["away", "dnd"]), ADDRESSES),
    IQ: st.builds(lambda to: IQ(type="result", id="1", to=to), ADDRESSES),
}


def _text(codec: Codec[Any]) -> st.SearchStrategy[Any]:
    facts = codec.facts
    makers: dict[str, Callable[[], st.SearchStrategy[Any]]] = {
        "text": lambda: WORDS,
        "some-text": lambda: WORDS.filter(bool),
        "address": lambda: ADDRESSES,
        "bool": st.booleans,
        "integer": lambda: st.integers(facts["least"], facts["most"]),
        "decimal": lambda: st.decimals(-(10**6), 10**6, allow_nan=False, allow_infinity=False, places=5),
        "enum": lambda: st.sampled_from(list(facts["members"])),
        "pattern": lambda: st.from_regex(facts["pattern"], fullmatch=True).filter(_writable),
        "bytes": lambda: st.binary(max_size=40),
        "uri": lambda: st.sampled_from(["https://example.org/a?b=c#d", "xmpp:a@example.org?message", "urn:x:y%20z"]),
        "language": lambda: LANGUAGES,
        "datetime": lambda: MOMENTS,
        "legacy-datetime": lambda: MOMENTS.map(lambda one: one.replace(microsecond=0)),
        "date": st.dates,
        "time": lambda: st.times(timezones=st.none() | ZONES),
        "offset": lambda: st.integers(-840, 840).map(lambda minutes: timedelta(minutes=minutes)),
    }
    return makers[codec.kind]()


def _writable(text: str) -> bool:
    try:
        write(Element("a", {"b": text}))
    except ValueError:
        return False
    return "\r" not in text


def _target(target: Any, own: type, depth: int) -> st.SearchStrategy[Any]:
    if target is Self:
        return values(own, depth - 1)
    return STANZAS[target] if target in STANZAS else values(target, depth)


def _field(one: Field, kind: type, depth: int) -> st.SearchStrategy[Any]:
    """Values for one field, its default among them."""
    if Self in one.targets and depth <= 0 and one.optional:
        return st.just(one.default)
    if one.kind == "flag":
        return st.booleans()
    if one.kind == "localized":
        least = 0 if one.optional else 1
        return st.dictionaries(st.none() | LANGUAGES, WORDS, min_size=least, max_size=3)
    if one.kind == "raw":
        space = one.namespace or shape_of(kind).namespaces[0]
        value: st.SearchStrategy[Any] = WORDS.map(lambda words: _raw(f"{{{space}}}{one.name}", words))
    elif one.kind in ("any_child", "rest"):
        value = _elements()
    elif one.codec is not None:
        value = _text(one.codec).filter(one.codec.accepts)
    else:
        value = st.one_of([_target(target, kind, depth) for target in one.targets])
    if one.many:
        most = min(one.most or 3 + one.least, 3 + one.least)
        several = st.lists(value, min_size=one.least, max_size=most).map(tuple)
        return several if not one.optional else st.just(()) | several
    return value if not one.optional else st.just(one.default) | value


def _raw(tag: str, words: str) -> Element:
    made = Element(tag)
    made.text = words or None
    return made


@st.composite
def values(draw: st.DrawFn, kind: type, depth: int = 2) -> Any:
    """Valid instances of a payload class."""
    given = {one.field: draw(_field(one, kind, depth)) for one in shape_of(kind).fields}
    try:
        return kind(**given)
    except PayloadError:
        assume(False)
    raise AssertionError


# Elements bent out of shape.


def _all(root: Element) -> list[Element]:
    return list(root.iter())


@st.composite
def bent(draw: st.DrawFn, kind: type) -> Element:
    """An element that was valid before something was done to it."""
    root = copy(encode(draw(values(kind))))
    for _ in range(draw(st.integers(1, 3))):
        one = draw(st.sampled_from(_all(root)))
        names = sorted(one.attrib)
        action = draw(st.integers(0, 8))
        if action == 0 and names:
            del one.attrib[draw(st.sampled_from(names))]
        elif action == 1 and names:
            one.set(draw(st.sampled_from(names)), draw(WORDS))
        elif action == 2:
            one.text = draw(WORDS)
        elif action == 3 and len(one):
            one.remove(draw(st.sampled_from(list(one))))
        elif action == 4 and len(one):
            one.append(copy(draw(st.sampled_from(list(one)))))
        elif action == 5:
            one.append(draw(_elements()))
        elif action == 6 and one is not root:
            one.tag = f"{{{FOREIGN}}}{one.tag.rpartition('}')[2]}"
        elif action == 7:
            one.set(draw(st.sampled_from(["foreign", f"{{{FOREIGN}}}foreign"])), draw(WORDS))
        elif action == 8 and len(one):
            one[0].tail = draw(WORDS)
    return root


def local_texts(shape: Shape) -> Iterator[str]:
    """Every name a path of this shape's errors may hold: those of its declaration and of what it holds."""
    seen: set[type] = set()
    waiting = [shape]
    while waiting:
        one = waiting.pop()
        if one.cls in seen:
            continue
        seen.add(one.cls)
        yield from one.names
        for field in one.fields:
            yield from re.findall(r"[^/@]+", f"{field.name or ''}/{field.attribute}")
            waiting += [shape_of(target) for target in field.targets if is_payload(target)]
