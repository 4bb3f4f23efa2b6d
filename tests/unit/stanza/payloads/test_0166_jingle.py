"""XEP-0166: the elements of Jingle."""

from __future__ import annotations

from payload_shapes import both_ways, element, refused

from xmpp_core import JID
from xmpp_core.stanza.application_conditions import APPLICATION_CONDITIONS
from xmpp_core.stanza.payloads.jingle import (
    ERRORS,
    AlternativeSession,
    Jingle,
    JingleAction,
    JingleCondition,
    JingleContent,
    JingleError,
    JingleReason,
    Party,
    Reason,
    Senders,
)

NS = "urn:xmpp:jingle:1"
DESCRIPTION = "<description xmlns='urn:xmpp:example'/>"
TRANSPORT = "<transport xmlns='urn:xmpp:example'/>"


def test_a_session_begins_and_ends() -> None:
    """Sections 2 and 7, examples of a session."""
    content = JingleContent(Party.INITIATOR, "this-is-a-stub", parts=(element(DESCRIPTION), element(TRANSPORT)))
    read = both_ways(
        f"""<jingle xmlns='{NS}' action='session-initiate' sid='a73sjjvkla37jfea'
          initiator='romeo@montague.lit/orchard'>
        <content creator='initiator' name='this-is-a-stub'>{DESCRIPTION}{TRANSPORT}</content></jingle>""",
        Jingle(
            JingleAction.SESSION_INITIATE,
            "a73sjjvkla37jfea",
            initiator=JID("romeo@montague.lit/orchard"),
            contents=(content,),
        ),
    )
    assert read.contents[0].part("transport") is not None
    assert read.contents[0].part("security") is None
    both_ways(
        f"""<jingle xmlns='{NS}' action='session-terminate' sid='a'><reason><success/><text>Sorry, gotta go!</text>
        </reason></jingle>""",
        Jingle(JingleAction.SESSION_TERMINATE, "a", reason=JingleReason(Reason.SUCCESS, text="Sorry, gotta go!")),
    )
    both_ways(
        f"<reason xmlns='{NS}'><alternative-session><sid>b84tkkwlmb48kgfb</sid></alternative-session></reason>",
        JingleReason(alternative=AlternativeSession("b84tkkwlmb48kgfb")),
    )
    both_ways(
        f"<content xmlns='{NS}' creator='responder' name='a' senders='none' disposition='early-session'/>",
        JingleContent(Party.RESPONDER, "a", Senders.NONE, "early-session"),
    )
    refused(Jingle, f"<jingle xmlns='{NS}' action='dance' sid='a'/>", "jingle/@action")
    refused(Jingle, f"<jingle xmlns='{NS}' action='session-info'/>", "jingle/@sid")


def test_errors() -> None:
    """Section 10."""
    both_ways("<tie-break xmlns='urn:xmpp:jingle:errors:1'/>", JingleError(JingleCondition.TIE_BREAK))
    assert {one.value for one in JingleCondition} == APPLICATION_CONDITIONS[ERRORS][0]
