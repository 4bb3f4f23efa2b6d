"""The examples of the specifications: all are written and parsed to the same, and what is declared is typed.

What an example shows and its own specification forbids, or leaves out to save space, stands in
`tests/data/xep_examples_excused.json`: under `broken` the class, the path of the error, in how many examples and why;
under `untyped` the elements of a declared namespace that have no class, and why. No row may be stale.
"""

from __future__ import annotations

import functools
import importlib
import json
import pkgutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, ParseError, fromstring

import pytest

import xmpp_core.stanza.payloads as package
from xmpp_core import PayloadError
from xmpp_core.limits import XMLLimits
from xmpp_core.namespaces import CLIENT, SERVER, STREAM
from xmpp_core.stanza.payload import decode, encode, is_payload, shape_of
from xmpp_core.xml.names import equal, split
from xmpp_core.xml.parser import XMLStreamParser
from xmpp_core.xml.writer import write

FILES = {"corpora/xep-examples.jsonl": 2082, "specs/tables/xep-examples.jsonl": 2594}
EXCUSED = json.loads((Path(__file__).parent.parent / "data" / "xep_examples_excused.json").read_text())
# Prefixes that the text of a specification has declared around its examples.
HEAD = f"<example xmlns='{CLIENT}' xmlns:stream='{STREAM}' xmlns:db='jabber:server:dialback'>"


@functools.cache
def examples(root: Path, name: str) -> tuple[tuple[str, Element], ...]:
    """Caption and element of each; some examples hold several elements."""
    found = []
    for line in (root / name).read_text().splitlines():
        row = json.loads(line)
        for element in parsed(row["xml"]):
            element.tail = None
            found.append((f"XEP-{row['xep']}: {row['caption']}", element))
    return tuple(found)


def parsed(text: str) -> list[Element]:
    text = text.strip()
    if text.startswith("<?xml"):
        text = text.partition("?>")[2]
    try:
        return list(fromstring(f"{HEAD}{text}</example>"))
    except ParseError:  # it declares the prefixes itself
        return [fromstring(text)]


@functools.cache
def declared() -> dict[str, type[Any]]:
    """The classes by the Clark names of their elements; of several that of the module whose namespace it is."""
    found: dict[str, type[Any]] = {}
    for one in sorted(pkgutil.iter_modules(package.__path__), key=lambda one: one.name):
        module = importlib.import_module(f"{package.__name__}.{one.name}")
        for kind in vars(module).values():
            if not isinstance(kind, type) or not is_payload(kind) or kind.__module__ != module.__name__:
                continue
            for tag in shape_of(kind).tags:
                own = split(tag)[0] == getattr(module, "NAMESPACE", None)
                if own or tag not in found:
                    found[tag] = kind
    return found


def typed(root: Element) -> Iterator[tuple[type[Any] | None, Element]]:
    """The outermost elements that are of a declared namespace; what is inside them is read with them."""
    table = declared()
    spaces = {split(tag)[0] for tag in table} - {CLIENT, SERVER, STREAM}
    waiting = [root]
    while waiting:
        one = waiting.pop()
        if one.tag in table or split(one.tag)[0] in spaces:
            yield table.get(one.tag), one
        else:
            waiting.extend(one)


@pytest.mark.shared
@pytest.mark.feature("EXT-06")
@pytest.mark.parametrize("name", FILES)
def test_every_example_is_written_and_parsed_to_the_same(name: str, shared: Path) -> None:
    given = examples(shared, name)
    parser = XMLStreamParser(XMLLimits(stanza_bytes=100_000))
    parser.receive(f"<stream:stream xmlns='{CLIENT}' xmlns:stream='{STREAM}'>".encode())
    parser.take()
    for caption, element in given:
        assert equal(fromstring(write(element)), element), caption
        parser.receive(write(element, CLIENT, prefixes={STREAM: "stream"}))
        [again] = parser.take()
        assert isinstance(again, Element), caption
        assert equal(again, element), caption
    print(f"{name}: {len(given)} elements of {FILES[name]} examples are the same again")
    assert len(given) >= FILES[name]


@pytest.mark.shared
@pytest.mark.feature("EXT-06", "STZ-07")
def test_every_declared_payload_of_an_example_is_typed(shared: Path) -> None:
    total, broken, untyped, wrong = 0, Counter[tuple[str, str]](), set(), []
    reasons = {(one["class"], one["path"]) for one in EXCUSED["broken"]}
    for name in FILES:
        for caption, root in examples(shared, name):
            for kind, element in typed(root):
                total += 1
                if kind is None:
                    untyped.add(element.tag)
                    continue
                try:
                    value = decode(kind, element)
                except PayloadError as error:
                    broken[kind.__name__, error.path] += 1
                    if (kind.__name__, error.path) not in reasons:
                        wrong.append(f"{caption}: {kind.__name__}: {error}")
                    continue
                if decode(kind, encode(value)) != value:
                    wrong.append(f"{caption}: {kind.__name__} is not the same again")
    print(f"{total - broken.total()} of {total} payloads of declared namespaces are typed, {broken.total()} excused")
    assert not wrong, "\n".join(wrong)
    assert {(one["class"], one["path"]): one["count"] for one in EXCUSED["broken"]} == dict(broken)
    assert {one["element"] for one in EXCUSED["untyped"]} == untyped
    assert all(one["reason"] for part in EXCUSED.values() for one in part)
    assert broken.total() * 20 < total


@pytest.mark.shared
@pytest.mark.feature("EXT-06")
def test_what_the_contents_of_jingle_hold_is_typed(shared: Path) -> None:
    """Descriptions, transports and informations are elements to `jingle`: they are looked for wherever they are."""
    found = Counter[str]()
    for name in FILES:
        for caption, root in examples(shared, name):
            for element in root.iter():
                kind = declared().get(element.tag)
                if kind is not None and kind.__module__.rpartition(".")[2].startswith("jingle_"):
                    value = decode(kind, element)
                    assert decode(kind, encode(value)) == value, caption
                    found[kind.__name__] += 1
    assert min(found[one] for one in ("RtpDescription", "RtpInfo", "IceTransport", "Fingerprint")) >= 4
