"""XEP-0428: fallback indication. XEP-0426: how its characters are counted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from payload_shapes import both_ways, refused

from xmpp_core import Message
from xmpp_core.stanza.payloads.fallback import Fallback, Part, Region, genuine, without_fallback

REPLY = "urn:xmpp:reply:0"
BODY = "> Anna wrote:\n> Hi, how are you?\nGreat"


@pytest.mark.feature("X-0428")
def test_section_2_2_a_part_of_a_body() -> None:
    """Example 1."""
    value = Fallback(REPLY, (Region(Part.BODY, 0, 33),))
    both_ways(
        "<fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'><body start='0' end='33'/></fallback>", value
    )
    message = Message(id="message-id2", type="groupchat", body=BODY, payloads=[value])
    assert without_fallback(message, {REPLY}).body == "Great"
    assert without_fallback(message, {"urn:xmpp:reactions:0"}) == message, "we do not understand it"
    assert message.body == BODY


@pytest.mark.feature("X-0428")
def test_section_2_2_a_whole_text_and_all_texts() -> None:
    whole = Fallback("urn:xmpp:sfs:0", (Region(Part.SUBJECT), Region(Part.BODY)))
    both_ways(
        "<fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:sfs:0'><subject/><body/></fallback>",
        whole,
    )
    both_ways("<fallback xmlns='urn:xmpp:fallback:0'/>", Fallback())
    texts = {None: "one", "de": "eins"}
    for fallback in (whole, Fallback("urn:xmpp:sfs:0")):
        left = without_fallback(Message(body=texts, subject=texts, payloads=[fallback]), {"urn:xmpp:sfs:0"})
        assert (left.bodies, left.subjects) == ({}, {})
    body_alone = Fallback("urn:xmpp:sfs:0", (Region(),))
    left = without_fallback(Message(body=texts, subject="s", payloads=[body_alone]), {"urn:xmpp:sfs:0"})
    assert (left.body, left.subject) == (None, "s")


def test_what_is_wrong_is_named() -> None:
    for bad in ("start='-1'", "end='x'", "start='4294967296'"):
        refused(
            Fallback,
            f"<fallback xmlns='urn:xmpp:fallback:0'><body {bad}/></fallback>",
            f"fallback/body/@{bad.partition('=')[0]}",
        )


@pytest.mark.feature("X-0428", "X-0426")
@pytest.mark.parametrize(
    ("regions", "left"),
    [
        ([(0, 2)], "c\U0001f600e"),
        ([(2, 4)], "abe"),
        ([(3, 4), (0, 1)], "bce"),
        ([(0, 3), (1, 2)], "\U0001f600e"),
        ([(1, 1)], "abc\U0001f600e"),
        ([(0, 5)], ""),
        ([(None, 2)], "c\U0001f600e"),
        ([(3, None)], "abc"),
        ([(0, 6)], "abc\U0001f600e"),  # not within the text: counted in UTF-16
        ([(3, 1)], "abc\U0001f600e"),
        ([(9, 9), (0, 1)], "bc\U0001f600e"),
        ([], "abc\U0001f600e"),
        ([(None, None), (0, 1)], None),
    ],
)
def test_regions_are_code_points(regions: list[tuple[int | None, int | None]], left: str | None) -> None:
    assert genuine("abc\U0001f600e", [Region(Part.BODY, *one) for one in regions]) == left


@pytest.mark.feature("X-0428")
@given(st.text(max_size=20), st.lists(st.tuples(st.integers(0, 25), st.integers(0, 25)), max_size=5))
def test_what_is_left_is_what_no_region_holds(text: str, spans: list[tuple[int, int]]) -> None:
    good = [(start, end) for start, end in spans if start <= end <= len(text)]
    expected = "".join(one for at, one in enumerate(text) if not any(start <= at < end for start, end in good))
    assert genuine(text, [Region(Part.BODY, *one) for one in spans]) == expected


def test_a_body_of_which_nothing_is_left_is_taken_away() -> None:
    message = Message(body="abc", payloads=[Fallback(REPLY, (Region(Part.BODY, 0, 2), Region(Part.BODY, 2, 3)))])
    assert without_fallback(message, {REPLY}).body is None


def test_characters_are_counted_in_one_of_several_languages() -> None:
    fallback = Fallback(REPLY, (Region(Part.BODY, 0, 3),))
    message = Message(body={"de": "eins zwei", None: "one two"}, payloads=[fallback])
    assert without_fallback(message, {REPLY}).bodies == {"de": "eins zwei", None: " two"}
    assert without_fallback(Message(payloads=[fallback]), {REPLY}).bodies == {}


def test_several_indications_count_together() -> None:
    message = Message(
        body="abcdef",
        payloads=[Fallback(REPLY, (Region(Part.BODY, 0, 1),)), Fallback("urn:x", (Region(Part.BODY, 5, 6),))],
    )
    assert without_fallback(message, {REPLY, "urn:x"}).body == "bcde"
    assert without_fallback(message, {REPLY}).body == "bcdef"
