"""The examples of the specifications: all parse, are written and parse again to the same; what is declared is typed."""

from __future__ import annotations

import functools
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, ParseError, fromstring

import pytest
from payload_shapes import classes

from xmpp_core import PayloadError
from xmpp_core.stanza.payload import decode, encode, shape_of
from xmpp_core.xml.names import equal
from xmpp_core.xml.writer import write

FILES = ("corpora/xep-examples.jsonl", "specs/tables/xep-examples.jsonl")
# Prefixes that the text of a specification has declared around its examples.
HEAD = (
    "<example xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' xmlns:db='jabber:server:dialback'>"
)

# What an example shows and its own specification forbids, or leaves out to save space: class, path, why.
# An example may show an error on purpose; those are found by their path alone.
EXCUSED: dict[tuple[str, str], str] = {
    ("Forwarded", "forwarded/*"): "the example leaves the stanza out, or shows it in no content namespace",
    ("Carbon", "received/forwarded/*"): "the example leaves the stanza out, or shows it in no content namespace",
    ("FileSharing", "file-sharing/file"): "the example leaves the file out",
    ("Delay", "delay/@stamp"): "the example writes an ellipsis, or a stamp without its zone",
}


@functools.cache
def examples(root: Path, name: str) -> tuple[tuple[str, Element], ...]:
    found = []
    for line in (root / name).read_text().splitlines():
        row = json.loads(line)
        for element in parsed(row["xml"]):
            found.append((f"XEP-{row['xep']}: {row['caption']}", element))
    return tuple(found)


def parsed(text: str) -> list[Element]:
    text = text.strip()
    if text.startswith("<?xml"):
        text = text.partition("?>")[2]
    try:
        return list(fromstring(f"{HEAD}{text}</example>"))
    except ParseError:
        return [fromstring(text)]


@pytest.mark.shared
@pytest.mark.feature("EXT-06")
@pytest.mark.parametrize("name", FILES)
def test_every_example_is_written_and_parsed_to_the_same(name: str, shared: Path) -> None:
    count = 0
    for caption, element in examples(shared, name):
        element.tail = None
        assert equal(fromstring(write(element)), element), caption
        count += 1
    assert count >= {FILES[0]: 2082, FILES[1]: 2594}[name]


def declared() -> dict[str, type[Any]]:
    return {tag: kind for kind in classes() for tag in shape_of(kind).tags}


def typed(root: Element, table: dict[str, type[Any]]) -> Iterator[tuple[type[Any], Element]]:
    """The outermost elements that are declared; what is inside them is read with them."""
    waiting = [root]
    while waiting:
        one = waiting.pop()
        kind = table.get(one.tag)
        if kind is not None:
            yield kind, one
        else:
            waiting.extend(one)


@pytest.mark.shared
@pytest.mark.feature("EXT-06", "STZ-07")
@pytest.mark.parametrize("name", FILES)
def test_every_declared_payload_of_an_example_is_typed(name: str, shared: Path) -> None:
    table = declared()
    seen: Counter[str] = Counter()
    excused: Counter[str] = Counter()
    wrong = []
    for caption, root in examples(shared, name):
        for kind, element in typed(root, table):
            seen[kind.__name__] += 1
            try:
                value = decode(kind, element)
            except PayloadError as error:
                if (kind.__name__, error.path) in EXCUSED:
                    excused[kind.__name__] += 1
                else:
                    wrong.append(f"{caption}: {error}")
                continue
            again = decode(kind, encode(value))
            if again != value:
                wrong.append(f"{caption}: {kind.__name__} is not the same again")
    total = seen.total()
    print(f"{name}: {total - excused.total()} of {total} declared payloads typed, {excused.total()} excused")
    assert not wrong, "\n".join(wrong)
    assert total
    assert excused.total() * 20 < total, excused
