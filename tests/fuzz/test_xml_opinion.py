"""The parser against a second opinion, against itself in other pieces, and against its other builder."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import pytest
import scenes_hostile
import scenes_sessions
from xml_opinion import ask, mutations
from xml_scenes import HEADER, LIMITS, ParserFactory, feed, random_pieces

from xmpp_core.testing.scenario import Receive
from xmpp_core.xml.parser import XMLStreamParser
from xmpp_core.xml.tree import CTree, ExpatTree

pytestmark = pytest.mark.heavy

# Ends whatever may still be going on: a section, a comment, an instruction, a quoted value, a tag.
_ENDS = b"?>]]>'>\">--></a></a>"
_PARSERS: dict[str, ParserFactory] = {
    "C": partial(XMLStreamParser, tree=CTree),
    "pyexpat": partial(XMLStreamParser, tree=ExpatTree),
}
_LONGEST = 4_000


def scenes() -> list[bytes]:
    """What scenarios receive, without the stream headers before it: each once, floods left out."""
    found: dict[bytes, None] = {}
    for scene in (*scenes_sessions.SCENARIOS, *scenes_hostile.SCENARIOS):
        for act in scene.acts:
            data = act.data if isinstance(act, Receive) else b""
            if data.startswith(b"<?xml version='1.0'?><stream:stream "):
                data = data[data.index(b">", data.index(b"?>") + 2) + 1 :]
            if 0 < len(data) < _LONGEST:
                found[data] = None
    return list(found)


def compare(octets: bytes, number: int, parser: ParserFactory) -> bool:
    """Compare what the parser makes of a stream with the opinion; gives whether it was refused."""
    items = feed([octets], factory=parser)
    pieces = random_pieces(octets, number)
    assert feed(pieces, bulk=bool(number & 1), factory=parser) == items, octets
    opinion = ask(octets)
    elements = [item[1] for item in items if item[0] == "element"]
    assert elements == opinion.elements[: len(elements)], octets
    if items[-1][0] == "failure":
        # An unfinished comment is refused at once; the oracle waits for its end. A space written as a
        # reference is refused between elements; the oracle cannot tell it from a space. It knows no limits either.
        spaced = items[-1][1] == "bad-format" and b"&#" in octets
        limited = items[-1][1] == "policy-violation"
        assert spaced or limited or opinion.failed_at is not None or ask(octets + _ENDS).failed_at is not None, octets
        if opinion.condition is not None and opinion.failed_at == items[-1][2]:
            assert items[-1][1] == opinion.condition, octets
        return True
    if opinion.failed_at is not None:
        # The fault is in a token that has not ended: it is refused once it has.
        assert feed([octets + _ENDS], factory=parser)[-1][0] == "failure", octets
    else:
        assert (elements, items[-1] == ("end",)) == (opinion.elements, opinion.ended), octets
    return False


@pytest.mark.feature("XML-01", "XML-02", "ENG-09")
@pytest.mark.parametrize("name", _PARSERS)
def test_mutated_streams_agree_with_the_oracle_in_any_pieces(name: str, full: bool) -> None:
    more = scenes()
    assert len(more) > 60
    count = 100_000 if name == "C" else 10_000
    refused = sum(
        compare(octets, number, _PARSERS[name])
        for number, octets in enumerate(mutations(10 * count if full else count, seed=17, more=more))
    )
    assert count // 2 < refused < (10 * count if full else count)


@pytest.mark.shared
@pytest.mark.feature("XML-02", "EXT-06")
@pytest.mark.parametrize("name", _PARSERS)
def test_mutated_examples_of_extensions_are_read_alike(name: str, shared: Path, full: bool) -> None:
    rows = (shared / "corpora" / "xep-examples.jsonl").read_text().splitlines()
    examples = [json.loads(row)["xml"].encode() for row in rows[:: 1 if full else 10]]
    short = [example for example in examples if len(example) < _LONGEST]
    assert len(short) > 100
    for number, example in enumerate(examples):
        compare(HEADER + example, number, _PARSERS[name])
    for number, octets in enumerate(mutations(20 * len(short) if name == "C" else len(short), seed=21, more=short)):
        compare(octets, number, _PARSERS[name])


@pytest.mark.feature("XML-02")
def test_the_judge_knows_what_every_refusal_is(full: bool) -> None:
    for octets in mutations(20_000 if full else 2_000, seed=23):
        parser = XMLStreamParser(LIMITS)
        parser.receive(octets)
        parser.next()
        for item in parser.take():
            assert getattr(item, "reason", "") != "refused by the XML parser", octets
