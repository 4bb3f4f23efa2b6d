"""XEP-0308: last message correction."""

from __future__ import annotations

import pytest
from payload_shapes import both_ways, refused

from xmpp_core import Message
from xmpp_core.stanza.payloads.correction import Replace, corrected, corrects, sender_of

ROMEO, JULIET = "romeo@montague.net/orchard", "juliet@capulet.net/balcony"


def said(id: str | None, body: str, replaces: str | None = None, *, from_: str = ROMEO, type: str = "chat") -> Message:
    payloads = [] if replaces is None else [Replace(replaces)]
    return Message(from_=from_, to=JULIET, id=id, type=type, body=body, payloads=payloads)


BAD = said("bad1", "But soft, what light through yonder airlock breaks?")
GOOD = said("good1", "But soft, what light through yonder window breaks?", "bad1")


@pytest.mark.feature("X-0308")
def test_section_3_a_correction() -> None:
    both_ways("<replace id='bad1' xmlns='urn:xmpp:message-correct:0'/>", Replace("bad1"))
    refused(Replace, "<replace xmlns='urn:xmpp:message-correct:0'/>", "replace/@id")
    assert corrects(BAD, GOOD)
    (one,) = corrected([BAD, GOOD])
    assert (one.original, one.shown, one.edited) == (BAD, GOOD, True)


@pytest.mark.feature("X-0308")
@pytest.mark.parametrize(
    "correction",
    [
        said("x", "y"),
        said("x", "y", "good1"),
        said("x", "y", "bad1", from_=JULIET),
        said("x", "y", "bad1", type="groupchat"),
        said("x", "y", "bad1", type="error"),
    ],
)
def test_section_4_what_corrects_nothing(correction: Message) -> None:
    assert not corrects(BAD, correction)
    assert [one.shown for one in corrected([BAD, correction])] == [BAD, correction]


@pytest.mark.feature("X-0308")
def test_section_4_another_client_of_the_sender_may_correct() -> None:
    assert corrects(BAD, said("x", "y", "bad1", from_="romeo@montague.net/other"))


@pytest.mark.feature("X-0308")
def test_section_4_in_a_room_only_the_same_occupant_may() -> None:
    nick, other = "room@muc.example/nick", "room@muc.example/other"
    first = said("1", "a", from_=nick, type="groupchat")
    assert corrects(first, said("2", "b", "1", from_=nick, type="groupchat"))
    assert not corrects(first, said("2", "b", "1", from_=other, type="groupchat"))
    private = said("1", "a", from_=nick)
    assert not corrects(private, said("2", "b", "1", from_=other), of_room=True)
    assert corrects(private, said("2", "b", "1", from_=nick), of_room=True)


@pytest.mark.feature("X-0308")
def test_section_4_several_corrections_of_one_message() -> None:
    """Each names the first; one that names the second means the first all the same."""
    messages = [said("1", "a"), said("2", "b", "1"), said("3", "other"), said("4", "c", "1"), said("5", "d", "2")]
    shown = corrected(messages)
    assert [one.shown.body for one in shown] == ["d", "other"]
    assert [one.body for one in shown[0].versions] == ["a", "b", "c", "d"]
    assert not shown[1].edited


def test_another_with_the_same_id_is_not_in_the_way() -> None:
    messages = [BAD, said("bad1", "mine", from_=JULIET), GOOD]
    assert [one.shown.body for one in corrected(messages)] == [GOOD.body, "mine"]


def test_who_sent_it_may_be_told_otherwise() -> None:
    """By an occupant id: who entered again with the name of another corrects nothing of his (section 5)."""
    occupants = {"1": "a", "2": "b", "3": "a"}
    first, second, third = (
        said(id, id, None if id == "1" else "1", from_="room@muc.example/nick", type="groupchat") for id in occupants
    )
    shown = corrected([first, second, third], sender=lambda one: occupants[one.id or ""])
    assert [one.shown.body for one in shown] == ["3", "2"]


def test_messages_without_id_sender_or_sense_stand_for_themselves() -> None:
    nobody = Message(body="x")
    broken = Message(from_=ROMEO, body="x", payloads=[Replace("")]).copy()
    del broken.element[-1].attrib["id"]
    messages = [nobody, broken, said("1", "x", type="error"), said("2", "y", "1")]
    assert [one.shown for one in corrected(messages)] == messages
    assert not corrects(nobody, GOOD)
    assert not corrects(BAD, broken)
    assert sender_of(nobody) == (False, None)


def test_the_work_is_in_proportion_to_the_messages() -> None:
    """Ten thousand messages of one id, each corrected by the next: senders are asked for once a message."""
    asked = 0

    def sender(message: Message) -> str:
        nonlocal asked
        asked += 1
        return "one"

    messages = [said("1", "x", "1") for _ in range(10_000)]
    assert len(corrected(messages, sender=sender)) == 1
    assert asked == len(messages)
