"""The parser against a second opinion, against itself in other pieces, and against its other builder."""

from __future__ import annotations

from functools import partial

import pytest
from xml_opinion import ask, mutations
from xml_scenes import LIMITS, feed, random_pieces

from xmpp_core.xml.parser import XMLStreamParser
from xmpp_core.xml.tree import CTree, ExpatTree

pytestmark = pytest.mark.heavy

# Ends whatever may still be going on: a section, a comment, an instruction, a quoted value, a tag.
_ENDS = b"?>]]>'>\">--></a></a>"


@pytest.mark.feature("XML-01", "XML-02")
@pytest.mark.parametrize("tree", [CTree, ExpatTree])
def test_mutated_streams_agree_with_the_oracle_in_any_pieces(tree: type[CTree | ExpatTree], full: bool) -> None:
    factory = partial(XMLStreamParser, tree=tree)
    refused = 0
    for number, octets in enumerate(mutations(50_000 if full else 2_000, seed=17)):
        items = feed([octets], factory=factory)
        pieces = random_pieces(octets, number)
        assert feed(pieces, bulk=bool(number & 1), factory=factory) == items, octets
        opinion = ask(octets)
        elements = [item[1] for item in items if item[0] == "element"]
        assert elements == opinion.elements[: len(elements)], octets
        if items[-1][0] == "failure":
            refused += 1
            # An unfinished comment is refused at once; the oracle waits for its end. A space written as a
            # reference is refused between elements; the oracle cannot tell it from a space.
            spaced = items[-1][1] == "bad-format" and b"&#" in octets
            assert spaced or opinion.failed_at is not None or ask(octets + _ENDS).failed_at is not None, octets
            if opinion.condition is not None and opinion.failed_at == items[-1][2]:
                assert items[-1][1] == opinion.condition, octets
        elif opinion.failed_at is not None:
            # The fault is in a token that has not ended: it is refused once it has.
            assert feed([octets + _ENDS], factory=factory)[-1][0] == "failure", octets
        else:
            assert (elements, items[-1] == ("end",)) == (opinion.elements, opinion.ended), octets
    assert refused > 1_000


@pytest.mark.feature("XML-02")
def test_the_judge_knows_what_every_refusal_is(full: bool) -> None:
    for octets in mutations(20_000 if full else 2_000, seed=23):
        parser = XMLStreamParser(LIMITS)
        parser.receive(octets)
        parser.next()
        for item in parser.take():
            assert getattr(item, "reason", "") != "refused by the XML parser", octets
