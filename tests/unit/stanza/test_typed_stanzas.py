"""Payloads on stanzas: asked for by type, added, taken away, answered; forged ones are None; errors, too, are typed."""

from __future__ import annotations

import subprocess
import sys
from xml.etree.ElementTree import Element, SubElement, fromstring

import pytest

import xmpp_core as xmpp
from xmpp_core import IQ, JID, IqRouter, LocalProtocolError, Message, PayloadError, Presence, StanzaError
from xmpp_core.stanza.application_conditions import APPLICATION_CONDITIONS, application_condition, with_application
from xmpp_core.stanza.conditions import CONDITIONS, LEGACY_CODES
from xmpp_core.stanza.payload import attribute, child_text, datetime, encode, payload, text
from xmpp_core.stanza.payloads.delay import Delay
from xmpp_core.stanza.payloads.disco import DiscoInfo, Identity
from xmpp_core.stanza.trusted import TRUSTED
from xmpp_core.xml.names import canonical

STAMP = datetime.fromisoformat("2002-09-10T23:08:25Z")
ME, ROOM = JID("romeo@montague.example/home"), JID("room@muc.example.org")


@pytest.mark.feature("EXT-01", "STZ-07")
def test_a_payload_is_asked_for_by_its_type() -> None:
    message = Message(to="a@b", body="x", payloads=(Delay(STAMP), Element("{urn:x}y"), Delay(STAMP, reason="again")))
    first = message.get(Delay)
    assert first == Delay(STAMP)
    assert message.get(Delay) is first, "read once"
    assert message.get_all(Delay) == [Delay(STAMP), Delay(STAMP, reason="again")]
    assert message.get(DiscoInfo) is None
    assert message.get(DiscoInfo) is None
    assert message.get_all(DiscoInfo) == []
    with pytest.raises(TypeError):
        message.get(str)


def test_what_is_wrong_is_told_each_time() -> None:
    message = Message.view(fromstring("<message xmlns='jabber:client'><delay xmlns='urn:xmpp:delay'/></message>"))
    for _ in range(2):
        with pytest.raises(PayloadError):
            message.get(Delay)


def test_payloads_are_added_and_taken_away_in_copies() -> None:
    message = Message(to="a@b", body="x")
    before = canonical(message.element)
    more = message.with_payload(Delay(STAMP), Element("{urn:x}y"))
    assert canonical(message.element) == before
    assert more.get(Delay) == Delay(STAMP)
    assert [one.tag for one in more.payloads] == ["{urn:xmpp:delay}delay", "{urn:x}y"]
    assert [one.tag for one in more.without(Delay).payloads] == ["{urn:x}y"]
    assert more.get(Delay) is not None
    assert Presence(payloads=[Delay(STAMP)]).without(Delay) == Presence()


def test_a_reply_keeps_the_conversation_and_takes_payloads() -> None:
    """RFC 6121 section 5.2.5: a thread may name the one it grew from."""
    message = Message(from_="a@b", type="chat", body="x", thread="t2", parent_thread="t1")
    assert (message.thread, message.parent_thread) == ("t2", "t1")
    answer = message.reply("y", payloads=[Delay(STAMP)])
    assert (answer.thread, answer.parent_thread, answer.type) == ("t2", "t1", "chat")
    assert answer.get(Delay) == Delay(STAMP)
    other = message.reply("y", thread="t3")
    assert (other.thread, other.parent_thread) == ("t3", None)
    with pytest.raises(LocalProtocolError):
        Message(parent_thread="t1")


# Requests.


def question(inside: str = "", kind: str = "get") -> IQ:
    return IQ.view(
        fromstring(
            f"<iq xmlns='jabber:client' type='{kind}' id='1' from='a@b'>"
            f"<query xmlns='http://jabber.org/protocol/disco#info'>{inside}</query></iq>"
        )
    )


@pytest.mark.feature("STZ-03", "STZ-05")
def test_a_router_answers_with_payloads() -> None:
    def answer(iq: IQ, *, node: str = "n") -> object:
        asked = iq.get(DiscoInfo)
        assert asked is not None
        return DiscoInfo(node, (Identity("client", "pc"),))

    router = IqRouter({("get", DiscoInfo): answer})
    reply = router.reply(question())
    assert reply.type == "result"
    assert reply.get(DiscoInfo) == DiscoInfo("n", (Identity("client", "pc"),))
    assert IQ(type="get", id="1", payload=DiscoInfo()).reply(DiscoInfo("n")).get(DiscoInfo) == DiscoInfo("n")
    # A malformed request gets the condition its error names, an unknown one `service-unavailable`.
    error = router.reply(question("<identity/>")).error
    assert error is not None
    assert error.condition == "bad-request"
    error = router.reply(question(kind="set")).error
    assert error is not None
    assert error.condition == "service-unavailable"
    error = router.reply(question(kind="ask")).error
    assert error is not None
    assert error.condition == "bad-request"
    for kind in ("result", "error"):
        with pytest.raises(LocalProtocolError):
            router.reply(question(kind=kind))
    with pytest.raises(LocalProtocolError):
        router.add("get", "{http://jabber.org/protocol/disco#info}query", answer)
    with pytest.raises(TypeError):
        router.add("get", Message, answer)


# Forged ones.


def test_the_table_of_trusted_payloads_cites_its_sections() -> None:
    assert all(row.section.startswith(("XEP-", "RFC ")) for row in TRUSTED.values())
    assert {"{urn:xmpp:carbons:2}sent", "{urn:xmpp:mam:2}result", "{jabber:iq:roster}query"} <= set(TRUSTED)


@payload("urn:xmpp:mam:2", "result")
class Archived:
    """As XEP-0313 has it, as far as this test goes."""

    id: str = attribute()


@payload("jabber:iq:roster", "query")
class Roster:
    """As RFC 6121 has it, as far as this test goes."""


@pytest.mark.feature("STZ-01")
@pytest.mark.parametrize(
    ("sender", "by", "archived", "pushed"),
    [
        (None, None, True, True),
        ("romeo@montague.example", None, True, True),
        ("romeo@montague.example", JID("romeo@montague.example"), True, True),
        ("romeo@montague.example/home", None, False, False),
        ("montague.example", None, False, False),
        ("room@muc.example.org", None, False, False),
        ("room@muc.example.org", ROOM, True, False),  # XEP-0313 section 8.2: whoever was asked
        ("room@muc.example.org/nick", ROOM, False, False),
        (None, ROOM, False, False),
        ("romeo@montague.example", ROOM, False, False),
    ],
)
def test_a_forged_payload_is_none(sender: str | None, by: JID | None, archived: bool, pushed: bool) -> None:
    message = Message(from_=sender, payloads=[Archived("1")])
    assert (message.get(Archived, account=ME, by=by) is not None) is archived
    assert len(message.get_all(Archived, account=ME, by=by)) == archived
    push = IQ(type="set", id="1", from_=sender, payload=Roster())
    assert (push.get(Roster, account=ME, by=by) is not None) is pushed
    for ask in (message.get, message.get_all):
        with pytest.raises(LocalProtocolError):
            ask(Archived)


def test_what_was_admitted_once_is_judged_each_time() -> None:
    message = Message(from_="romeo@montague.example", payloads=[Archived("1")])
    assert message.get(Archived, account=ME) is not None
    assert message.get(Archived, account=JID("tybalt@capulet.example")) is None


# Errors.


@payload("http://jabber.org/protocol/pubsub#errors", "unsupported")
class Unsupported:
    """An application-specific condition with a value of its own (XEP-0060 section 6.1.3)."""

    feature: str = attribute()


@pytest.mark.feature("STZ-10")
def test_application_conditions_are_typed() -> None:
    message = Message(from_="a@b")
    answer = message.error_answer("feature-not-implemented", application=Unsupported("subscribe"))
    error = answer.error
    assert error is not None
    assert error.get(Unsupported) == Unsupported("subscribe")
    assert error.get(Delay) is None
    assert StanzaError("conflict", application=Unsupported("x")).get(Unsupported) == Unsupported("x")
    assert StanzaError("conflict").get(Unsupported) is None
    assert application_condition(error) == ("http://jabber.org/protocol/pubsub#errors", "unsupported")


@pytest.mark.feature("STZ-10")
def test_the_list_of_application_conditions() -> None:
    """XEP-0182 section 1; XEP-0205 section 4.5 for the namespace of last resort."""
    made = with_application("policy-violation", "urn:xmpp:errors", "stanza-too-big")
    assert made.type == "modify"
    assert application_condition(made) == ("urn:xmpp:errors", "stanza-too-big")
    assert application_condition(StanzaError("conflict", application=Element("{urn:x}y"))) is None
    assert application_condition(StanzaError("conflict")) is None
    for namespace, name in (("urn:xmpp:errors", "too-big"), ("urn:x", "stanza-too-big")):
        with pytest.raises(ValueError):
            with_application("conflict", namespace, name)
    assert all(names and section for names, section in APPLICATION_CONDITIONS.values())


@pytest.mark.feature("STZ-09")
def test_codes_are_written_for_old_software() -> None:
    """XEP-0086 section 2, example 1."""
    error = StanzaError("item-not-found").element("jabber:client", legacy=True)
    assert dict(error.attrib) == {"type": "cancel", "code": "404"}
    assert "code" not in StanzaError("item-not-found").element("jabber:client").attrib
    assert set(LEGACY_CODES) == set(CONDITIONS)


@pytest.mark.feature("STZ-09")
@pytest.mark.parametrize(
    ("code", "condition", "kind"),
    [
        ("302", "redirect", "modify"), ("400", "bad-request", "modify"), ("401", "not-authorized", "auth"),
        ("402", "undefined-condition", "auth"), ("403", "forbidden", "auth"), ("404", "item-not-found", "cancel"),
        ("405", "not-allowed", "cancel"), ("406", "not-acceptable", "modify"),
        ("407", "registration-required", "auth"), ("408", "remote-server-timeout", "wait"),
        ("409", "conflict", "cancel"), ("500", "internal-server-error", "wait"),
        ("501", "feature-not-implemented", "cancel"), ("502", "service-unavailable", "wait"),
        ("503", "service-unavailable", "cancel"), ("504", "remote-server-timeout", "wait"),
        ("510", "service-unavailable", "cancel"), ("999", "undefined-condition", "cancel"),
    ],
)  # fmt: skip
def test_codes_of_old_are_read(code: str, condition: str, kind: str) -> None:
    """XEP-0086 section 3; the text was the content of the element then."""
    element = Message(type="error").element
    SubElement(element, "{jabber:client}error", code=code).text = "Words"
    error = StanzaError.read(element)
    assert error is not None
    assert (error.condition, error.type) == (condition, kind)
    assert error.text == ("Words" if code != "999" else None)


def test_a_code_beside_a_condition_says_nothing() -> None:
    element = Message(type="error").element
    element.append(StanzaError("conflict").element("jabber:client"))
    element[0].set("code", "404")
    error = StanzaError.read(element)
    assert error is not None
    assert error.condition == "conflict"


# The room as a whole.


def test_the_package_imports_no_payload() -> None:
    script = (
        "import sys, xmpp_core; "
        "heavy = [name for name in sys.modules if name.startswith('xmpp_core.stanza.payload')]; "
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)


@pytest.mark.feature("X-0113", "EXT-01")
def test_a_whiteboard_needs_no_change_of_the_engine() -> None:
    """XEP-0113 section 3 on public names only: what the charter's shared white-boards are made of."""

    @payload("http://jabber.org/protocol/swb", "path")
    class Path:
        """A stroke."""

        d: str = attribute()
        stroke: str = attribute(default="#000000")

    @payload("urn:example:caption", "caption")
    class Caption:
        """Words for people beside it."""

        words: str = text(default="")
        author: str | None = child_text(default=None)

    message = xmpp.Message(to="board@example.org", payloads=[Path("M 100 100 L 300 100"), Caption("a line")])
    assert message.get(Path) == Path("M 100 100 L 300 100")
    assert encode(Caption("x", "y"))[0].text == "y"
