"""XEP-0424 and XEP-0425: messages taken back, by who wrote them and by moderators."""

from __future__ import annotations

from datetime import datetime
from xml.etree.ElementTree import Element

import pytest
from payload_shapes import both_ways, refused

from xmpp_core import JID, Message
from xmpp_core.stanza.payloads.fallback import Fallback, without_fallback
from xmpp_core.stanza.payloads.hints import Hint, Wish, wishes
from xmpp_core.stanza.payloads.moderation import Moderate, Moderated
from xmpp_core.stanza.payloads.occupant_id import OccupantId
from xmpp_core.stanza.payloads.retraction import (
    NAMESPACE,
    Retract,
    Retracted,
    retract,
    retraction_id,
    tombstone,
)
from xmpp_core.stanza.payloads.retraction import (
    retracts as _retracts,
)
from xmpp_core.stanza.payloads.stanza_ids import OriginId, StanzaId

ROOM = JID("room@muc.example.com")
REASON = "This message contains inappropriate content for this forum"
MACBETH = "dd72603deec90a38ba552f7c68cbcc61bca202cd"
HAG = "ef73b09de9c90a38ba552f7c68cbeef1dca24429"
SAID = Message(
    from_="romeo@montague.example/orchard", id="wrong-recipient-1", type="chat", body="Have not saints lips?"
)
IN_ROOM = Message(
    from_="room@muc.example.com/oldhag",
    to="room@muc.example.com/macbeth",
    id="inappropriate-1",
    type="groupchat",
    body="DM me for free magic potions!",
    payloads=[StanzaId("stanza-id-1", ROOM), OccupantId(HAG)],
)


def retracts(original: Message, retraction: Message, *, room_ids: bool = True, **more: bool) -> bool:
    return _retracts(original, retraction, announced=room_ids, **more)


def taken_back(id: str, from_: str, type: str = "chat", *payloads: object, **given: object) -> Message:
    return Message(from_=from_, id="r", type=type, payloads=[Retract(id, **given), *payloads])  # type: ignore[arg-type]


@pytest.mark.feature("X-0424")
def test_section_3_a_retraction() -> None:
    """Example 4."""
    both_ways("<retract id='wrong-recipient-1' xmlns='urn:xmpp:message-retract:1'/>", Retract("wrong-recipient-1"))
    refused(Retract, "<retract xmlns='urn:xmpp:message-retract:1'/>", "retract/@id")
    made = retract("lord@capulet.example", "wrong-recipient-1", "/me retracted a message", own_id="retract-message-1")
    assert made == Message(
        to="lord@capulet.example",
        id="retract-message-1",
        type="chat",
        body="/me retracted a message",
        payloads=[Retract("wrong-recipient-1"), Fallback(NAMESPACE), Hint(Wish.STORE)],
    )
    assert wishes(made) == {Wish.STORE}
    assert without_fallback(made, {NAMESPACE}).body is None


@pytest.mark.feature("X-0424")
def test_section_5_in_conversation_the_account_must_be_the_same() -> None:
    assert retracts(SAID, taken_back("wrong-recipient-1", "romeo@montague.example/other"))
    assert not retracts(SAID, taken_back("wrong-recipient-1", "tybalt@capulet.example/other"))
    assert not retracts(SAID, taken_back("another", "romeo@montague.example/other"))
    assert not retracts(SAID, taken_back("wrong-recipient-1", "romeo@montague.example/orchard", "groupchat"))
    assert not retracts(SAID, taken_back("wrong-recipient-1", "romeo@montague.example/orchard", "error"))
    assert not retracts(SAID, Message(from_="romeo@montague.example", body="x"))
    own = Message(id="1", type="chat", body="x")
    assert retracts(own, Message(type="chat", payloads=[Retract("1")])), "both of the own account"
    assert not retracts(own, taken_back("1", "romeo@montague.example/orchard"))
    assert not retracts(SAID, taken_back("wrong-recipient-1", "romeo@montague.example/other"), of_room=True)


@pytest.mark.feature("X-0424")
def test_section_5_in_a_room_the_occupant_must_be_the_same() -> None:
    hag = taken_back("stanza-id-1", "room@muc.example.com/newname", "groupchat", OccupantId(HAG))
    assert retracts(IN_ROOM, hag), "by the occupant id, whatever the name"
    other = taken_back("stanza-id-1", "room@muc.example.com/oldhag", "groupchat", OccupantId(MACBETH))
    assert not retracts(IN_ROOM, other)
    without = taken_back("stanza-id-1", "room@muc.example.com/oldhag", "groupchat")
    assert not retracts(IN_ROOM, without)
    assert not retracts(IN_ROOM.without(OccupantId), without), "two that have none are not the same"
    assert retracts(IN_ROOM, without, semi_anonymous=False)
    elsewhere = taken_back("stanza-id-1", "other@muc.example.com/oldhag", "groupchat", OccupantId(HAG))
    assert not retracts(IN_ROOM, elsewhere)
    own_id = taken_back("inappropriate-1", "room@muc.example.com/oldhag", "groupchat", OccupantId(HAG))
    assert not retracts(IN_ROOM, own_id), "the id of the stanza is not the room's"


@pytest.mark.feature("X-0424")
def test_section_5_1_which_id_is_meant() -> None:
    assert retraction_id(SAID.with_payload(OriginId("x")), announced=False) == "wrong-recipient-1"
    assert retraction_id(IN_ROOM, announced=True) == "stanza-id-1"
    assert retraction_id(IN_ROOM, announced=False) is None
    assert retraction_id(IN_ROOM.with_payload(OriginId("x")), announced=False) == "x"


@pytest.mark.feature("X-0424")
def test_section_4_a_tombstone() -> None:
    """Example 7."""
    stamp = datetime.fromisoformat("2019-09-20T23:09:32Z")
    both_ways(
        "<retracted stamp='2019-09-20T23:09:32Z' xmlns='urn:xmpp:message-retract:1' id='retract-message-1'/>",
        Retracted("retract-message-1", stamp),
    )
    secret = SAID.with_payload(Element("{urn:example}secret"), OriginId("x"))
    left = tombstone(
        secret, retract("lord@capulet.example", "wrong-recipient-1", "x", own_id="retract-message-1"), stamp
    )
    assert left == Message(
        from_="romeo@montague.example/orchard",
        id="wrong-recipient-1",
        type="chat",
        payloads=[Retracted("retract-message-1", stamp)],
    )
    assert secret.body == "Have not saints lips?"


@pytest.mark.feature("X-0425")
def test_xep_0425_section_3_a_moderator_asks() -> None:
    """Example 4."""
    both_ways(
        f"""
        <moderate id='stanza-id-1' xmlns='urn:xmpp:message-moderate:1'>
          <retract xmlns='urn:xmpp:message-retract:1'/>
          <reason>{REASON}</reason>
        </moderate>
        """,
        Moderate("stanza-id-1", retract=True, reason=REASON),
    )
    refused(Moderate, "<moderate xmlns='urn:xmpp:message-moderate:1'/>", "moderate/@id")


@pytest.mark.feature("X-0425")
def test_xep_0425_section_3_1_the_room_tells_all() -> None:
    """Example 5; from anyone else it is discarded (section 5)."""
    moderated = Moderated(JID("room@muc.example.com/macbeth"), OccupantId(MACBETH))
    told = both_ways(
        f"""
        <retract id='stanza-id-1' xmlns='urn:xmpp:message-retract:1'>
          <moderated by='room@muc.example.com/macbeth' xmlns='urn:xmpp:message-moderate:1'>
            <occupant-id xmlns='urn:xmpp:occupant-id:0' id='{MACBETH}'/>
          </moderated>
          <reason>{REASON}</reason>
        </retract>
        """,
        Retract("stanza-id-1", moderated, REASON),
    )
    assert retracts(IN_ROOM, Message(from_=ROOM, type="groupchat", payloads=[told]))
    for sender, kind in (
        ("room@muc.example.com/macbeth", "groupchat"),
        ("room@muc.example.com/oldhag", "groupchat"),
        ("other@muc.example.com", "groupchat"),
        ("room@muc.example.com", "chat"),
    ):
        forged = Message(from_=sender, type=kind, payloads=[told, OccupantId(HAG)])
        assert not retracts(IN_ROOM, forged)
    other_id = Retract("inappropriate-1", moderated, REASON)
    assert not retracts(IN_ROOM, Message(from_=ROOM, type="groupchat", payloads=[other_id]))
    announced = Message(from_=ROOM, type="groupchat", payloads=[told])
    assert not retracts(IN_ROOM, announced, room_ids=False), "an id that anybody may have put there"


@pytest.mark.feature("X-0425")
def test_xep_0425_section_4_its_tombstone() -> None:
    """Example 8: the author and the moderator are told by their occupant ids."""
    stamp = datetime.fromisoformat("2019-09-20T23:19:12Z")
    moderated = Moderated(JID("witch@shakespeare.example"), OccupantId(MACBETH))
    both_ways(
        f"""
        <retracted stamp='2019-09-20T23:19:12Z' xmlns='urn:xmpp:message-retract:1'>
          <moderated by='witch@shakespeare.example' xmlns='urn:xmpp:message-moderate:1'>
            <occupant-id xmlns='urn:xmpp:occupant-id:0' id='{MACBETH}'/>
          </moderated>
          <reason>{REASON}</reason>
        </retracted>
        """,
        Retracted(None, stamp, moderated=moderated, reason=REASON),
    )
    told = Message(
        from_=ROOM, id="retraction-id-1", type="groupchat", payloads=[Retract("stanza-id-1", moderated, REASON)]
    )
    left = tombstone(IN_ROOM, told, stamp)
    assert left.body is None
    assert left.get(OccupantId) == OccupantId(HAG)
    assert left.get(Retracted) == Retracted("retraction-id-1", stamp, moderated=moderated, reason=REASON)
    assert left.get(StanzaId) is None
    both_ways("<moderated xmlns='urn:xmpp:message-moderate:1'/>", Moderated())
