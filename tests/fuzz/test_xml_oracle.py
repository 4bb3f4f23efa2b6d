"""The parser against a plain one over mutated streams: what one delivers the other delivers."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from xml_oracle import Oracle
from xml_scenes import BAD, GOOD, HEADER, feed, random_pieces

from xmpp_core.limits import XMLLimits

pytestmark = pytest.mark.heavy

LIMITS = XMLLimits(stanza_bytes=100_000)
# Nothing well-formed survives this, so that both readers come to an end.
CODA = b" ]]>'>\"></coda>"
ALPHABET = [b"<", b">", b"/", b"&", b";", b"'", b'"', b"=", b" ", b"!", b"?", b"-", b"[", b"]", b":", b"#", b"\n", b"x",
            b"\x00", b"\xff", b"\xc3", b"\xed\xa0\x80", b"<!--", b"-->", b"<?", b"?>", b"<![CDATA[", b"]]>", b"&lt;",
            b"&#x41;", b"xmlns='u'", b"xmlns:p='u'", b"p:", b"</", b"/>", b"<a>", b"</a>"]  # fmt: skip


def mutated(seed: bytes, drawn: random.Random) -> bytes:
    data = bytearray(seed)
    for _ in range(drawn.choice((1, 1, 1, 2, 3))):
        place = drawn.randrange(len(data) + 1)
        kind = drawn.randrange(4)
        if kind == 0:
            data[place:place] = drawn.choice(ALPHABET)
        elif kind == 1:
            del data[place : place + drawn.choice((1, 1, 2, 5))]
        elif kind == 2:
            data[place : place + 1] = drawn.choice(ALPHABET)
        else:
            other = drawn.randrange(len(data) + 1)
            data[place:place] = data[other : other + drawn.randrange(12)]
    return bytes(data)


def compare(data: bytes, drawn: random.Random) -> bool:
    """Compare both readers over one stream; False when they may differ, see below."""
    oracle = Oracle()
    oracle.feed(HEADER + data + CODA)
    whole = feed([HEADER + data + CODA], limits=LIMITS)
    ours = [item[1] for item in whole if item[0] == "element"]
    assert whole[-1][0] in ("failure", "end")
    pieces = random_pieces(HEADER + data + CODA, drawn.randrange(1 << 30))
    assert feed(pieces, bulk=drawn.random() < 0.5, limits=LIMITS) == whole, data
    if ours != oracle.delivered:
        # A reference to white space between elements is text to us (RFC 6120 section 11.7), and the plain reader
        # cannot see it.
        assert ours == oracle.delivered[: len(ours)], data
        assert whole[-1][1] == "bad-format", data
        assert b"&#" in data, data
        return False
    if oracle.reason in ("comment", "instruction", "doctype") and whole[-1][0] == "failure":
        assert whole[-1][1] == "restricted-xml", data
    return True


@pytest.mark.feature("XML-01", "XML-02", "ENG-09")
def test_mutated_streams_are_read_alike(full: bool) -> None:
    drawn = random.Random(20)
    seeds = [*GOOD.values(), *(octets for octets, _, _ in BAD.values())]
    differ = 0
    count = 1_000_000 if full else 100_000
    for number in range(count):
        differ += not compare(mutated(seeds[number % len(seeds)], drawn), drawn)
    assert differ < count / 100


@pytest.mark.shared
@pytest.mark.feature("XML-02", "EXT-06")
def test_mutated_examples_of_extensions_are_read_alike(shared: Path, full: bool) -> None:
    drawn = random.Random(21)
    rows = (shared / "corpora" / "xep-examples.jsonl").read_text().splitlines()
    for row in rows[:: 1 if full else 10]:
        xml = json.loads(row)["xml"].encode()
        compare(xml, drawn)
        for _ in range(20):
            compare(mutated(xml, drawn), drawn)
