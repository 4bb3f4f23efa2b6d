"""FAST as XEP-0484 shows it, on both sides. Its examples leave the SASL data out: that is made here by the HT draft."""

from __future__ import annotations

import base64
import hmac
from typing import Any
from xml.etree.ElementTree import fromstring

import pytest
from rfc_examples import STREAM, play

import xmpp_core as xmpp
from xmpp_core.entropy import token as fresh_token
from xmpp_core.features.fast import Fast, TokenIssue, TokenKept, TokenStays, TokenUsed
from xmpp_core.features.logins import TokenLookup
from xmpp_core.features.user_agent import UserAgent
from xmpp_core.sasl.credentials import Token
from xmpp_core.sasl.logins import StoredTokens
from xmpp_core.testing.entropy import CountedEntropy

NS = "xmlns='urn:xmpp:sasl:2'"
FAST = "xmlns='urn:xmpp:fast:0'"
AGENT = UserAgent("d4565fa7-4d72-4749-b3d3-740edbf87770")
ELEMENT = f"<user-agent id='{AGENT.id}'/>"
END_POINT = b"\x05" * 32
TLS = xmpp.TlsInfo(version="TLSv1.3", verified=True, channel_bindings={"tls-server-end-point": END_POINT})
MECHANISM = "HT-SHA-256-ENDP"
TOKEN = "WXZzciBwYmFmdmZnZiBqdmd1IGp2eXFhcmZm"
NEXT = "R3VyIHpiZmcgbnl2aXIgdmYgZ3VyIGp2eXFyZmcu"
JID = "user@example.com/AwesomeXMPP.4232f4d4"
I_HEADER = "<stream:stream from='user@example.com' to='example.com' version='1.0' " + STREAM
R_HEADER = "<stream:stream from='example.com' to='user@example.com' id='1' version='1.0' " + STREAM
METADATA = (
    "<metadata xmlns='urn:xmpp:mam:2'><start id='YWxwaGEg' timestamp='2008-08-22T21:09:04Z'/>"
    "<end id='b21lZ2Eg' timestamp='2020-04-20T14:34:21Z'/></metadata>"
)
# Example 1; what it does not show is Bind 2, which Examples 2 and 4 ask for.
EXAMPLE_1 = (
    f"<stream:features><authentication {NS}><mechanism>PLAIN</mechanism><inline><bind xmlns='urn:xmpp:bind:0'/>"
    f"<fast {FAST} tls-0rtt='true'><mechanism>HT-SHA-256-ENDP</mechanism><mechanism>HT-SHA-256-EXPR</mechanism>"
    "<mechanism>HT-SHA-256-NONE</mechanism></fast></inline></authentication><sasl-channel-binding "
    "xmlns='urn:xmpp:sasl-cb:0'><channel-binding type='tls-server-end-point'/></sasl-channel-binding></stream:features>"
)
BIND = "<bind xmlns='urn:xmpp:bind:0'><tag>AwesomeXMPP</tag></bind>"
PLAIN = base64.b64encode(b"\0user\0pencil").decode()
HT = base64.b64encode(b"user\0" + hmac.digest(TOKEN.encode(), b"Initiator" + END_POINT, "sha256")).decode()
PROOF = base64.b64encode(hmac.digest(TOKEN.encode(), b"Responder" + END_POINT, "sha256")).decode()
SESSION = "<session xmlns='urn:ietf:params:xml:ns:xmpp-session'><optional/></session>"
AFTERWARDS = f"<stream:features>{SESSION}</stream:features>"


def authenticate(mechanism: str, data: str, *more: str) -> str:
    return (
        f"<authenticate {NS} mechanism='{mechanism}'><initial-response>{data}</initial-response>{ELEMENT}"
        f"{''.join(more)}</authenticate>"
    )


def success(*more: str, proof: str | None = PROOF, jid: str = JID) -> str:
    additional = f"<additional-data>{proof}</additional-data>" if proof else ""
    bound = f"<bound xmlns='urn:xmpp:bind:0'>{METADATA}</bound>" if "/" in jid else ""
    return (
        f"<success {NS}>{additional}<authorization-identifier>{jid}</authorization-identifier>{bound}"
        f"{''.join(more)}</success>"
    )


def token(text: str, expiry: str) -> str:
    return f"<token {FAST} expiry='{expiry}' token='{text}'/>"


EXAMPLE_2 = authenticate("PLAIN", PLAIN, BIND, f"<request-token {FAST} mechanism='{MECHANISM}'/>")
EXAMPLE_3 = success(token(TOKEN, "2020-03-12T14:36:15Z"), proof=None)
EXAMPLE_4 = authenticate(MECHANISM, HT, BIND, f"<fast {FAST} count='123'/>")
EXAMPLE_5 = success(token(NEXT, "2020-03-31T14:36:15Z"))
EXAMPLE_6 = authenticate(MECHANISM, HT, f"<fast {FAST} count='123' invalidate='true'/>")


def client(fast: Fast, **changes: Any) -> xmpp.ClientConfig:
    settings: dict[str, Any] = {"jid": "user@example.com", "user_agent": AGENT, "bind_tag": "AwesomeXMPP", **changes}
    settings |= {"password": "pencil", "mechanisms": ("PLAIN",)} if fast.token is None else {"credentials": fast.token}
    return xmpp.ClientConfig(entropy=CountedEntropy("client"), fast=fast, **settings)


def server() -> xmpp.ServerConfig:
    drawn = CountedEntropy("server")
    octets = base64.urlsafe_b64decode(NEXT)
    return xmpp.ServerConfig(
        domains={"example.com"},
        mechanisms=("PLAIN",),
        fast=(MECHANISM, "HT-SHA-256-EXPR", "HT-SHA-256-NONE"),
        announce_limits=False,
        entropy=lambda count: octets + b"." * (count - len(octets)) if count == 32 else drawn(count),
    )


def bound(question: xmpp.BindRequested) -> xmpp.Bound:
    return xmpp.Bound(xmpp.JID(JID), told=(fromstring(METADATA),))


ANSWERS: dict[type, Any] = {
    xmpp.CredentialsLookup: lambda _: xmpp.StoredKeys.derive("pencil", ("SHA-256",), iterations=4096, salt=b"salt"),
    xmpp.BindRequested: bound,
    TokenLookup: lambda question: StoredTokens((TOKEN,) if question.client == AGENT.id else ()),
}


@pytest.mark.feature("SA2-04")
def test_3_2_and_3_3_a_token_is_asked_for_and_given() -> None:
    outcome = play(
        "XEP-0484 3.2, initiating",
        lambda: client(Fast()),
        (R_HEADER + EXAMPLE_1, EXAMPLE_3 + "<stream:features/>"),
        (EXAMPLE_2,),
        tls=TLS,
    )
    (received,) = [event for event in outcome.events if event["event"] == "TokenReceived"]
    assert (received["mechanism"], received["expiry"]) == (MECHANISM, "2020-03-12T14:36:15Z")
    asked: list[TokenIssue] = []

    def issue(question: TokenIssue) -> TokenKept:
        asked.append(question)
        return TokenKept("2020-03-12T14:36:15Z")

    outcome = play_server("XEP-0484 3.2, receiving", EXAMPLE_2, EXAMPLE_3.replace(TOKEN, ours()), {TokenIssue: issue})
    assert {(one.mechanism, one.client) for one in asked} == {(MECHANISM, AGENT.id)}


def ours() -> str:
    """What our server draws: the entropy of the test begins as the token of Example 5 does."""
    return fresh_token(server().entropy, 32)


def play_server(name: str, given: str, said: str, answers: dict[type, Any]) -> Any:
    offer = (
        f"<stream:features><authentication {NS}><mechanism>PLAIN</mechanism><inline><bind xmlns='urn:xmpp:bind:0'/>"
        f"<fast {FAST}><mechanism>HT-SHA-256-ENDP</mechanism><mechanism>HT-SHA-256-NONE</mechanism></fast></inline>"
        "</authentication><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism>"
        "</mechanisms></stream:features>"
    )
    after = AFTERWARDS if "<bound" in said else AFTERWARDS.replace("<session", OLDER + "<session")
    return play(name, server, (I_HEADER, given), (offer, said, after), answers={**ANSWERS, **answers}, tls=TLS)


def noting(used: list[TokenUsed], answer: TokenKept | TokenStays) -> dict[type, Any]:
    """Answer `TokenUsed` with this, and remember it."""

    def note(question: TokenUsed) -> TokenKept | TokenStays:
        used.append(question)
        return answer

    return {TokenUsed: note}


OLDER = "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>"


@pytest.mark.feature("SA2-04")
def test_3_4_and_3_5_a_token_logs_in_and_is_replaced() -> None:
    fast = Fast(Token(TOKEN, MECHANISM), count=123)
    for answer, told in ((success(), []), (EXAMPLE_5, ["2020-03-31T14:36:15Z"])):
        outcome = play(
            "XEP-0484 3.4, initiating",
            lambda: client(fast),
            (R_HEADER + EXAMPLE_1, answer + "<stream:features/>"),
            (EXAMPLE_4,),
            tls=TLS,
        )
        assert [event["expiry"] for event in outcome.events if event["event"] == "TokenReceived"] == told
        assert outcome.events[-1]["jid"] == JID
    used: list[TokenUsed] = []

    play_server("XEP-0484 3.4, receiving", EXAMPLE_4, success(), noting(used, TokenStays()))
    kept = TokenKept("2020-03-31T14:36:15Z")
    play_server("XEP-0484 3.5, receiving", EXAMPLE_4, EXAMPLE_5.replace(NEXT, ours()), noting(used, kept))
    assert {(one.proof.token, one.proof.count, one.proof.invalidate) for one in used} == {(TOKEN, 123, False)}


@pytest.mark.feature("SA2-04")
def test_3_6_a_token_is_invalidated() -> None:
    fast = Fast(Token(TOKEN, MECHANISM), count=123, invalidate=True)
    done = success(jid="user@example.com")
    outcome = play(
        "XEP-0484 3.6, initiating",
        lambda: client(fast, jid="user@example.com/balcony"),
        (R_HEADER + EXAMPLE_1, done),
        (EXAMPLE_6,),
        tls=TLS,
    )
    assert outcome.events[-1]["event"] == "Authenticated"
    used: list[TokenUsed] = []
    play_server("XEP-0484 3.6, receiving", EXAMPLE_6, done, noting(used, TokenStays()))
    assert {one.proof.invalidate for one in used} == {True}
