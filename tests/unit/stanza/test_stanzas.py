from __future__ import annotations

import json
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement, fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st

import xmpp_core as xmpp
from xmpp_core.stanza import CONDITIONS, IqRefused, StanzaError, check, refusal_answer
from xmpp_core.stanza.conditions import ERROR_TYPES

TABLE = json.loads((Path(__file__).parents[2] / "data" / "errors_rfc6120.json").read_text())
KINDS: dict[str, type[xmpp.Stanza]] = {"message": xmpp.Message, "presence": xmpp.Presence, "iq": xmpp.IQ}


def view(xml: str) -> xmpp.Message | xmpp.Presence | xmpp.IQ:
    element = fromstring(f"<s xmlns='jabber:client'>{xml}</s>")[0]
    found = KINDS[element.tag.rpartition("}")[2]].view(element)
    assert isinstance(found, xmpp.Message | xmpp.Presence | xmpp.IQ)
    return found


@pytest.mark.feature("STZ-04")
def test_the_conditions_are_those_of_the_rfc() -> None:
    assert sorted(CONDITIONS) == sorted(name for name, _ in TABLE["stanza"])
    for name, kinds in TABLE["stanza"]:
        assert CONDITIONS[name].type in kinds or name == "undefined-condition"


@pytest.mark.feature("STZ-04")
@pytest.mark.parametrize("name", CONDITIONS)
def test_each_stanza_error_round_trips(name: str) -> None:
    message = view("<message from='a@b' to='c@d' id='1'/>")
    error = StanzaError(name, texts={"en": "words", None: "others"}, by="b", application=Element("{urn:app}x"))
    answer = message.error_answer(error)
    assert (str(answer.to), str(answer.from_), answer.id, answer.type) == ("a@b", "c@d", "1", "error")
    assert answer.error == error
    with pytest.raises(xmpp.LocalProtocolError):
        answer.error_answer("bad-request")


@pytest.mark.feature("STZ-04")
@pytest.mark.parametrize(
    ("inside", "condition", "kind"),
    [
        ("<error type='wait'/>", "undefined-condition", "wait"),
        ("<error/>", "undefined-condition", "cancel"),
        ("<error type='odd'><conflict xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>", "conflict", "cancel"),
        ("<error><payment-required xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>",
         "undefined-condition", "auth"),
    ],
)  # fmt: skip
def test_errors_are_read_with_tolerance(inside: str, condition: str, kind: str) -> None:
    error = view(f"<message type='error'>{inside}</message>").error
    assert error is not None
    assert (error.condition, error.type) == (condition, kind)


def test_an_error_is_checked_when_made() -> None:
    for condition, kind, address in (("x", "", None), ("conflict", "x", None), ("conflict", "", "a")):
        with pytest.raises(ValueError, match="RFC 6120"):
            StanzaError(condition, kind, address=address)
    assert StanzaError("gone", address="xmpp:a@b").text is None


@pytest.mark.feature("STZ-01", "I18N-02")
def test_a_message_says_what_was_built() -> None:
    message = xmpp.Message(
        to="a@b/c", type="chat", id="7", lang="en", body={None: "hi", "de": "hallo"}, subject="s", thread="t"
    )
    assert (str(message.to), message.type, message.id, message.lang) == ("a@b/c", "chat", "7", "en")
    assert (message.body, message.bodies, message.subject) == ("hi", {None: "hi", "de": "hallo"}, "s")
    assert (message.subjects, message.thread, message.parent_thread) == ({None: "s"}, "t", None)
    assert message.from_ is None
    assert message.error is None
    assert message.copy() == message
    more = message.with_payload(Element("{u}x"))
    assert more != message
    assert more.payloads[0].tag == "{u}x"
    assert more.child("u") is not None
    assert message.child("{u}x") is None
    assert "hi" not in repr(message)
    asked = view("<message from='a@b/c' type='chat'><thread>t</thread></message>")
    assert isinstance(asked, xmpp.Message)
    answer = asked.reply("yes")
    assert (str(answer.to), answer.type, answer.thread, answer.body) == ("a@b/c", "chat", "t", "yes")
    match message:
        case xmpp.Message(body=str(text), type="chat"):
            assert text == "hi"
        case _:
            pytest.fail("a message matches by its parts")


def test_an_unknown_type_of_message_is_normal() -> None:
    assert view("<message type='odd'/>").type == "normal"
    with pytest.raises(xmpp.LocalProtocolError):
        xmpp.Message(type="odd")


@pytest.mark.parametrize(
    ("text", "priority"),
    [("5", 5), ("-128", -128), ("127", 127), ("128", 0), ("x", 0), ("", 0), ("\u0663", 0), ("99999", 0), ("+1", 1)],
)
def test_priorities(text: str, priority: int) -> None:
    presence = view(f"<presence from='a@b'><priority>{text}</priority><show>odd</show></presence>")
    assert isinstance(presence, xmpp.Presence)
    assert presence.priority == priority
    assert presence.show is None


def test_presence_says_what_was_built() -> None:
    presence = xmpp.Presence(show="dnd", status={"en": "busy"}, priority=-3)
    assert (presence.show, presence.status, presence.statuses, presence.priority) == ("dnd", "busy", {"en": "busy"}, -3)
    assert xmpp.Presence().status is None
    with pytest.raises(xmpp.LocalProtocolError):
        xmpp.Presence(show="x")
    with pytest.raises(xmpp.LocalProtocolError):
        xmpp.Presence(priority=128)
    asked = view("<presence from='a@b' type='subscribe' id='1'/>")
    assert isinstance(asked, xmpp.Presence)
    assert asked.reply("subscribed").type == "subscribed"


@pytest.mark.feature("STZ-03", "STZ-05")
def test_a_router_answers_each_request_once() -> None:
    def answer(iq: xmpp.IQ) -> Element | None:
        if iq.id == "bad":
            raise IqRefused("forbidden")
        return Element("{u}done")

    router = xmpp.IqRouter({("get", "{u}q"): answer})
    for kind in ("get", "result"):
        with pytest.raises(xmpp.LocalProtocolError):
            router.add(kind, "{u}q", answer)
    good = router.reply(xmpp.IQ(type="get", id="1", payload=Element("{u}q")))
    assert (good.type, good.id) == ("result", "1")
    assert good.payload is not None
    for kind, identifier, condition in (("get", "bad", "forbidden"), ("set", "1", "service-unavailable")):
        refused = router.reply(xmpp.IQ(type=kind, id=identifier, payload=Element("{u}q")))
        assert refused.error is not None
        assert refused.error.condition == condition
    with pytest.raises(xmpp.LocalProtocolError):
        router.reply(good)


OWN = xmpp.JID("me@example.com/here")


@pytest.mark.feature("STZ-03")
@pytest.mark.parametrize(
    ("to", "sender", "strict", "lenient"),
    [
        (None, None, True, True),
        (None, "me@example.com", True, True),
        (None, "me@example.com/here", False, True),
        (None, "example.com", False, True),
        (None, "eve@example.com", False, False),
        ("me@example.com", None, True, True),
        ("peer@example.net/x", "peer@example.net/x", True, True),
        ("peer@example.net/x", "PEER@example.net/x", True, True),
        ("peer@example.net/x", "peer@example.net", False, False),
        ("peer@example.net", None, False, False),
        ("example.com", "example.com", True, True),
    ],
)
def test_an_answer_counts_only_from_the_one_asked(
    to: str | None, sender: str | None, strict: bool, lenient: bool
) -> None:
    for expected, tracker in (
        (strict, xmpp.IqTracker[str](OWN)),
        (lenient, xmpp.IqTracker[str](OWN, lenient_own_server=True)),
    ):
        tracker.sent(xmpp.IQ(type="get", id="1", to=to, payload=Element("{u}q")), 10.0, "context")
        answer = xmpp.IQ(type="result", id="1", from_=sender)
        found = tracker.received(answer)
        assert (found is not None) is expected
        assert len(tracker) == (0 if expected else 1)
        assert tracker.received(answer) is None


@pytest.mark.feature("STZ-03")
def test_a_request_has_one_outcome() -> None:
    tracker: xmpp.IqTracker[int] = xmpp.IqTracker(OWN)
    for number in range(3):
        tracker.sent(xmpp.IQ(type="get", id=str(number), payload=Element("{u}q")), 10.0 + number, number)
    for again in (xmpp.IQ(type="get", id="1", payload=Element("{u}q")), xmpp.IQ(type="result", id="9")):
        with pytest.raises(xmpp.LocalProtocolError):
            tracker.sent(again, 1.0, 9)
    assert tracker.next_deadline() == 10.0
    assert [late.pending.context for late in tracker.expired(11.0)] == [0, 1]
    assert tracker.received(xmpp.IQ(type="result", id="0")) is None
    assert tracker.withdraw("2") is not None
    assert tracker.withdraw("2") is None
    assert tracker.next_deadline() is None


@pytest.mark.feature("STZ-04")
@given(
    st.sampled_from(["message", "presence", "iq"]),
    st.dictionaries(st.sampled_from(["to", "from", "id", "type"]), st.text(max_size=12)),
    st.integers(0, 3),
)
def test_what_passes_never_raises_and_what_does_not_is_answered_well(
    name: str, attributes: dict[str, str], children: int
) -> None:
    element = Element(f"{{jabber:client}}{name}", attributes)
    for _ in range(children):
        SubElement(element, "{u}x")
    refusal = check(element)
    if refusal is None:
        stanza = KINDS[name].view(element)
        assert (stanza.to is None) is ("to" not in attributes)
        assert (stanza.from_ is None) is ("from" not in attributes)
        assert stanza.id == attributes.get("id")
        assert stanza.type is None or isinstance(stanza.type, str)
        return
    answer = refusal_answer(element, refusal)
    if answer is None:
        assert not refusal.answerable or attributes.get("type") in ("error", "result")
        return
    assert answer.get("type") == "error"
    assert answer.get("to") == attributes.get("from")
    error = StanzaError.read(answer)
    assert error is not None
    assert error.condition == refusal.condition
    assert error.type in ERROR_TYPES
