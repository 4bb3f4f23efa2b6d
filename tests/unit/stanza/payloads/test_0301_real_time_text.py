"""XEP-0301: real-time text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from payload_shapes import both_ways, refused

from xmpp_core.stanza.payloads.real_time_text import (
    EraseText,
    InsertText,
    RealTimeMessage,
    RealTimeText,
    RttEvent,
    Wait,
    edits,
)

NEW, RESET, EDIT, INIT, CANCEL = RttEvent


def written(*actions: InsertText | EraseText | Wait) -> str:
    return RealTimeMessage().after(RealTimeText(0, NEW, actions=actions)).text


@pytest.mark.feature("X-0301")
def test_section_4_1_the_elements() -> None:
    """Example 1, and section 4.6.3."""
    both_ways(
        "<rtt xmlns='urn:xmpp:rtt:0' seq='0' event='new'><t>Hello, </t></rtt>",
        RealTimeText(0, NEW, actions=(InsertText("Hello, "),)),
    )
    both_ways(
        "<rtt xmlns='urn:xmpp:rtt:0' seq='7' id='a01'><t p='5'> Bob</t><w n='100'/><e/><e n='4' p='9'/></rtt>",
        RealTimeText(7, id="a01", actions=(InsertText(" Bob", 5), Wait(100), EraseText(), EraseText(4, 9))),
    )
    both_ways("<rtt xmlns='urn:xmpp:rtt:0' seq='0' event='init'/>", RealTimeText(0, INIT))


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("<rtt xmlns='urn:xmpp:rtt:0'/>", "rtt/@seq"),
        ("<rtt xmlns='urn:xmpp:rtt:0' seq='2147483648'/>", "rtt/@seq"),
        ("<rtt xmlns='urn:xmpp:rtt:0' seq='0' event='dance'/>", "rtt/@event"),
        ("<rtt xmlns='urn:xmpp:rtt:0' seq='0'><w/></rtt>", "rtt/w/@n"),
        ("<rtt xmlns='urn:xmpp:rtt:0' seq='0' event='cancel'><t>x</t></rtt>", "rtt/*"),
    ],
)
def test_what_is_wrong_is_named(text: str, path: str) -> None:
    refused(RealTimeText, text, path)


@pytest.mark.feature("X-0301")
def test_section_4_1_hello_juliet() -> None:
    """Example 1, as it is seen."""
    message = RealTimeMessage().after(RealTimeText(0, NEW, actions=(InsertText("Hello, "),)))
    message = message.after(RealTimeText(1, actions=(InsertText("my J"),)))
    message = message.after(RealTimeText(2, actions=(InsertText("uliet!"),)))
    assert message == RealTimeMessage("Hello, my Juliet!", 2)


@pytest.mark.feature("X-0301")
def test_section_8_3_its_edits() -> None:
    """8.3.1 to 8.3.4."""
    assert written(InsertText("Hello Bob, this is Alice!"), EraseText(4, 9)) == "Hello, this is Alice!"
    assert written(InsertText("Hello, this is Alice!"), InsertText(" Bob", 5)) == "Hello Bob, this is Alice!"
    corrected = written(InsertText("Hello Bob, tihsd is Alice!"), EraseText(5, 16), InsertText("this", 11))
    assert corrected == "Hello Bob, this is Alice!"
    several = (
        InsertText("Helo"),
        EraseText(),
        InsertText("lo...planet"),
        EraseText(6),
        InsertText(" World"),
        EraseText(3, 8),
        InsertText(" there,", 5),
    )
    seen = ["Helo", "Hel", "Hello...planet", "Hello...", "Hello... World", "Hello World", "Hello there, World"]
    assert [written(*several[: at + 1]) for at in range(len(several))] == seen


@pytest.mark.feature("X-0301")
def test_section_4_6_2_places_outside_the_text() -> None:
    assert written(InsertText("abc"), InsertText("x", 99)) == "abcx"
    assert written(InsertText("abc"), InsertText("x", -5)) == "xabc"
    assert written(InsertText("abc"), EraseText(99, 2)) == "c"
    assert written(InsertText("abc"), EraseText(1, -1)) == "abc"
    assert written(InsertText("abc"), EraseText(-1)) == "abc"
    assert written(InsertText("\U0001f600\U0001f600x"), EraseText(1, 2)) == "\U0001f600x"
    assert written(InsertText("a"), Wait(10), InsertText("b")) == "ab"


@pytest.mark.feature("X-0301")
def test_section_4_7_who_missed_a_step_waits_for_a_reset() -> None:
    message = RealTimeMessage().after(RealTimeText(5, NEW, actions=(InsertText("a"),)))
    lost = message.after(RealTimeText(7, actions=(InsertText("c"),)))
    assert (lost.text, lost.in_sync) == ("a", False)
    assert lost.after(RealTimeText(6, actions=(InsertText("b"),))) == lost, "not even the one that was missed"
    again = lost.after(RealTimeText(100, RESET, actions=(InsertText("abcd"),)))
    assert again == RealTimeMessage("abcd", 100)
    assert not RealTimeMessage().after(RealTimeText(0, actions=(InsertText("x"),))).in_sync, "there is no message"
    for same in (message.after(RealTimeText(5)), message.after(RealTimeText(4))):
        assert not same.in_sync


@pytest.mark.feature("X-0301")
def test_section_4_3_turned_on_and_off() -> None:
    message = RealTimeMessage().after(RealTimeText(5, NEW, "old", (InsertText("a"),)))
    assert message.id == "old"
    assert message.after(RealTimeText(0, INIT)) == message
    assert message.after(RealTimeText(0, CANCEL)) == RealTimeMessage()


TEXTS = st.text(st.sampled_from("ab\U0001f600"), max_size=12)


@pytest.mark.feature("X-0301")
@given(TEXTS, TEXTS)
def test_section_7_3_1_what_changed_leads_from_one_text_to_the_other(old: str, new: str) -> None:
    actions = edits(old, new)
    assert written(InsertText(old), *actions) == new
    assert len(actions) <= 2
    assert (actions == ()) is (old == new)
