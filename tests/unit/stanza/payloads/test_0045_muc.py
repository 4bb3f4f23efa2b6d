"""XEP-0045: what clients and rooms say to each other."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from payload_shapes import both_ways, element, refused

from xmpp_core import JID, Message, Presence
from xmpp_core.stanza.payload import decode, encode
from xmpp_core.stanza.payloads.form_types import typed_form
from xmpp_core.stanza.payloads.forms import Form, FormType
from xmpp_core.stanza.payloads.muc import (
    MUC_ROOMCONFIG,
    Actor,
    AdminActor,
    AdminItem,
    Affiliation,
    Continue,
    Decline,
    Destroy,
    Destroyed,
    History,
    Invite,
    Item,
    Join,
    Role,
    Room,
    RoomAdmin,
    RoomOwner,
    Status,
    is_subject,
)
from xmpp_core.stanza.payloads.muc_codes import StatusCode
from xmpp_core.stanza.payloads.muc_presence import Exit, occupant_presence

CODES = (100, 101, 102, 103, 104, 110, 170, 171, 172, 173, 201, 210, 301, 303, 307, 321, 322, 332, 333)


def presence(inside: str, *, type: str = "", sender: str = "coven@chat.shakespeare.lit/thirdwitch") -> Presence:
    kind = f"type='{type}'" if type else ""
    return Presence.view(
        element(
            f"<presence xmlns='jabber:client' from='{sender}' {kind}>"
            f"<x xmlns='http://jabber.org/protocol/muc#user'>{inside}</x></presence>"
        )
    )


@pytest.mark.feature("X-0045")
def test_entering() -> None:
    """Sections 7.2.1, 7.2.5 and 7.2.14: examples 18, 29 and 35 to 38."""
    start = "<x xmlns='http://jabber.org/protocol/muc'"
    both_ways(f"{start}/>", Join())
    both_ways(f"{start}><password>cauldronburn</password></x>", Join(password="cauldronburn"))
    for inside, history in (
        ("maxchars='65000'", History(maxchars=65000)),
        ("maxchars='0'", History(maxchars=0)),
        ("maxstanzas='20'", History(maxstanzas=20)),
        ("seconds='180'", History(seconds=180)),
        ("since='1970-01-01T00:00:00Z'", History(since=datetime(1970, 1, 1, tzinfo=UTC))),
    ):
        both_ways(f"{start}><history {inside}/></x>", Join(history))
    refused(Join, f"{start}><history seconds='-1'/></x>", "x/history/@seconds")


@pytest.mark.feature("X-0045")
def test_the_own_presence_in_a_new_room() -> None:
    """Section 10.1.1, example 154."""
    text = """
    <x xmlns='http://jabber.org/protocol/muc#user'>
      <item affiliation='owner' role='moderator'/>
      <status code='110'/>
      <status code='201'/>
    </x>
    """
    room = both_ways(
        text,
        Room((Item(Affiliation.OWNER, Role.MODERATOR),), (Status(StatusCode.SELF), Status(StatusCode.CREATED))),
    )
    assert room.item.affiliation is Affiliation.OWNER
    assert Room().item == Item()
    both_ways("<x xmlns='http://jabber.org/protocol/muc#user'/>", Room())  # section 7.5: a private message


@pytest.mark.feature("X-0045")
def test_invitations_through_the_room() -> None:
    """Sections 7.8.2 and 7.9: examples 57, 58 and 64."""
    start = "<x xmlns='http://jabber.org/protocol/muc#user'>"
    both_ways(
        f"""{start}
          <invite from='crone1@shakespeare.lit/desktop'><reason>Hey Hecate!</reason></invite>
          <password>cauldronburn</password>
        </x>""",
        Room(
            invites=(Invite(from_=JID("crone1@shakespeare.lit/desktop"), reason="Hey Hecate!"),),
            password="cauldronburn",
        ),
    )
    both_ways(
        f"{start}<decline to='crone1@shakespeare.lit'><reason>Sorry, I'm too busy right now.</reason></decline></x>",
        Room(decline=Decline(JID("crone1@shakespeare.lit"), reason="Sorry, I'm too busy right now.")),
    )
    both_ways(
        f"""{start}
          <invite to='wiccarocks@shakespeare.lit/laptop'>
            <reason>This coven needs both.</reason><continue thread='e0ffe42b28561960c6b12b944a092794b9683a38'/>
          </invite>
          <invite to='hag66@shakespeare.lit'><continue/></invite>
        </x>""",
        Room(
            invites=(
                Invite(
                    JID("wiccarocks@shakespeare.lit/laptop"),
                    reason="This coven needs both.",
                    continue_=Continue("e0ffe42b28561960c6b12b944a092794b9683a38"),
                ),
                Invite(JID("hag66@shakespeare.lit"), continue_=Continue()),
            )
        ),
    )


@pytest.mark.feature("X-0045")
def test_administration() -> None:
    """Sections 8.2, 9.1 and 9.2: examples 89, 111 and 118."""
    start = "<query xmlns='http://jabber.org/protocol/muc#admin'>"
    both_ways(
        f"{start}<item nick='pistol' role='none'><reason>Avaunt, you cullion!</reason></item></query>",
        RoomAdmin((AdminItem(role=Role.NONE, nick="pistol", reason="Avaunt, you cullion!"),)),
    )
    both_ways(
        f"""{start}
          <item affiliation='outcast' jid='lordscroop@shakespeare.lit'>
            <actor nick='The King'/><reason>Treason</reason>
          </item>
          <item affiliation='outcast' jid='sirthomasgrey@shakespeare.lit'/>
        </query>""",
        RoomAdmin(
            (
                AdminItem(
                    Affiliation.OUTCAST,
                    jid=JID("lordscroop@shakespeare.lit"),
                    actor=AdminActor(nick="The King"),
                    reason="Treason",
                ),
                AdminItem(Affiliation.OUTCAST, jid=JID("sirthomasgrey@shakespeare.lit")),
            )
        ),
    )
    refused(RoomAdmin, f"{start}<item affiliation='king'/></query>", "query/item/@affiliation")


@pytest.mark.feature("X-0045")
def test_what_owners_say() -> None:
    """Sections 10.1.2, 10.1.3 and 10.9: examples 155, 158 and 201."""
    start = "<query xmlns='http://jabber.org/protocol/muc#owner'"
    both_ways(f"{start}/>", RoomOwner())
    both_ways(f"{start}><x xmlns='jabber:x:data' type='submit'/></query>", RoomOwner(Form(FormType.SUBMIT)))
    both_ways(
        f"""{start}><x xmlns='jabber:x:data' type='submit'>
          <field var='FORM_TYPE' type='hidden'><value>http://jabber.org/protocol/muc#roomconfig</value></field>
          <field var='muc#roomconfig_roomname'><value>A Dark Cave</value></field>
          <field var='muc#roomconfig_enablelogging'><value>0</value></field>
        </x></query>""",
        RoomOwner(
            typed_form(
                MUC_ROOMCONFIG, {"muc#roomconfig_roomname": "A Dark Cave", "muc#roomconfig_enablelogging": False}
            )
        ),
    )
    both_ways(
        f"""{start}><destroy jid='coven@chat.shakespeare.lit'>
          <password>cauldronburn</password><reason>Macbeth doth come.</reason>
        </destroy></query>""",
        RoomOwner(Destroy(JID("coven@chat.shakespeare.lit"), "cauldronburn", "Macbeth doth come.")),
    )
    refused(RoomOwner, f"{start}><destroy/><x xmlns='jabber:x:data' type='cancel'/></query>", "query/*")


@pytest.mark.feature("X-0045")
def test_the_codes_are_those_of_the_registry() -> None:
    """Section 16.6.2."""
    assert tuple(StatusCode) == CODES
    assert all(code.meaning for code in StatusCode)
    assert len({code.meaning for code in StatusCode}) == len(CODES)


def test_other_codes_are_numbers() -> None:
    """Section 16.6.1: more may be registered; section 19.2: 100 to 999."""
    start = "<x xmlns='http://jabber.org/protocol/muc#user'>"
    read = decode(Room, element(f"{start}<status code='110'/><status code='666'/></x>"))
    assert [one.code for one in read.statuses] == [110, 666]
    assert [type(one.code) for one in read.statuses] == [StatusCode, int]
    assert StatusCode.SELF in read.codes
    assert encode(Room(statuses=(Status(666), Status(StatusCode.SELF))))[1].get("code") == "110"
    inside = f"{start}<status code='110'><self-presence xmlns='urn:xmpp:muc:conditions:1'/></status></x>"
    assert len(encode(decode(Room, element(inside)))[0]) == 1
    for code in ("99", "1000", "kick", ""):
        refused(Room, f"{start}<status code='{code}'/></x>", "x/status/@code")


@pytest.mark.feature("X-0045")
def test_presence_of_one_who_is_there() -> None:
    """Section 7.2.3, example 25; 7.2.2: the code 110 says whose it is."""
    read = occupant_presence(
        presence("<item affiliation='none' jid='hag66@shakespeare.lit/pda' role='participant'/><status code='110'/>")
    )
    assert read is not None
    assert (read.room, read.nick) == (JID("coven@chat.shakespeare.lit"), "thirdwitch")
    assert (read.own, read.created, read.exit) == (True, False, None)
    assert (read.affiliation, read.role) == (Affiliation.NONE, Role.PARTICIPANT)
    assert read.jid == JID("hag66@shakespeare.lit/pda")
    made = occupant_presence(presence("<item role='moderator'/><status code='110'/><status code='201'/>"))
    assert made is not None
    assert made.created


@pytest.mark.feature("X-0045")
@pytest.mark.parametrize(
    ("codes", "end"),
    [
        ((), Exit.LEFT),
        ((303,), Exit.RENAMED),
        ((307,), Exit.KICKED),
        ((301,), Exit.BANNED),
        ((321,), Exit.AFFILIATION),
        ((322,), Exit.NOT_MEMBER),
        ((332,), Exit.SHUTDOWN),
        ((333,), Exit.ERROR),
        ((307, 333), Exit.ERROR),  # section 11.1: the 307 is ignored
        ((301, 307), Exit.BANNED),
        ((110, 999), Exit.LEFT),
    ],
)
def test_why_one_is_gone(codes: tuple[int, ...], end: Exit) -> None:
    statuses = "".join(f"<status code='{code}'/>" for code in codes)
    read = occupant_presence(presence(f"<item role='none' nick='oldhag'/>{statuses}", type="unavailable"))
    assert read is not None
    assert read.exit is end
    assert read.codes == set(codes)
    assert read.new_nick == ("oldhag" if end is Exit.RENAMED else None)
    # The same codes on one who is there do not put him out.
    there = occupant_presence(presence(f"<item role='participant'/>{statuses}"))
    assert there is not None
    assert there.exit is None


@pytest.mark.feature("X-0045")
def test_who_did_it_and_why() -> None:
    """Section 9.1, example 113, and section 10.9, example 202."""
    banned = "<item affiliation='outcast' role='none'><actor nick='The King'/><reason>Treason</reason></item>"
    both_ways(
        f"<x xmlns='http://jabber.org/protocol/muc#user'>{banned}<status code='301'/></x>",
        Room(
            (Item(Affiliation.OUTCAST, Role.NONE, actor=Actor(nick="The King"), reason="Treason"),),
            (Status(StatusCode.BANNED),),
        ),
    )
    read = occupant_presence(presence(f"{banned}<status code='301'/>", type="unavailable"))
    assert read is not None
    assert (read.exit, read.actor, read.reason) == (Exit.BANNED, "The King", "Treason")
    destroyed = """
      <item affiliation='none' role='none'/>
      <destroy jid='coven@chat.shakespeare.lit'><reason>Macbeth doth come.</reason></destroy>
    """
    both_ways(
        f"<x xmlns='http://jabber.org/protocol/muc#user'>{destroyed}</x>",
        Room(
            (Item(Affiliation.NONE, Role.NONE),),
            destroy=Destroyed(JID("coven@chat.shakespeare.lit"), "Macbeth doth come."),
        ),
    )
    read = occupant_presence(presence(destroyed, type="unavailable"))
    assert read is not None
    assert (read.exit, read.alternative) == (Exit.DESTROYED, JID("coven@chat.shakespeare.lit"))
    assert read.reason == "Macbeth doth come."
    assert read.actor is None


def test_other_presence_is_of_no_occupant() -> None:
    assert occupant_presence(presence("", sender="coven@chat.shakespeare.lit")) is None
    assert occupant_presence(presence("", type="error")) is None
    assert occupant_presence(presence("", type="subscribe")) is None
    plain = "<presence xmlns='jabber:client' from='romeo@montague.lit/orchard'/>"
    assert occupant_presence(Presence.view(element(plain))) is None


@pytest.mark.feature("X-0045")
@pytest.mark.parametrize(
    ("inside", "type", "answer"),
    [
        ("<subject>Fire Burn and Cauldron Bubble!</subject>", "groupchat", True),
        ("<subject/>", "groupchat", True),  # section 7.2.15, example 41: none is set
        ("<subject>a</subject><body>b</body>", "groupchat", False),
        ("<subject>a</subject><thread>b</thread>", "groupchat", False),  # section 8.1
        ("<body>b</body>", "groupchat", False),
        ("<subject>a</subject>", "chat", False),
        ("<subject>a</subject><body xmlns='urn:example:other'/>", "groupchat", True),
    ],
)
def test_what_sets_the_subject(inside: str, type: str, answer: bool) -> None:
    message = Message.view(element(f"<message xmlns='jabber:client' type='{type}'>{inside}</message>"))
    assert is_subject(message) is answer
