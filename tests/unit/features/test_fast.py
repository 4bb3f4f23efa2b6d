"""Tokens: handed out, used in one round trip, replaced, taken back, and everything that may go wrong (XEP-0484)."""

from __future__ import annotations

import base64
import gc
import itertools
from dataclasses import replace
from typing import Any, cast

import pytest
from sasl2_stages import (
    AGENT,
    CLIENT_TLS,
    HT,
    JULIET,
    NOW,
    SERVER_TLS,
    client_config,
    elements_sent,
    flights,
    over_tls,
    server_answers,
    server_config,
    token_of,
    with_token,
)

import xmpp_core as xmpp
from xmpp_core.features.fast import (
    Fast,
    TokenDenied,
    TokenIssue,
    TokenKept,
    TokenReceived,
    TokenRejected,
    TokenStays,
    TokenUsed,
)
from xmpp_core.features.logins import TokenLookup
from xmpp_core.features.user_agent import UserAgent
from xmpp_core.sasl.conditions import SaslCondition
from xmpp_core.sasl.credentials import Token
from xmpp_core.server.tokens import MemoryTokens, TokenPolicy
from xmpp_core.testing.pair import Pair

DAY = 86_400.0
NUMBERS = itertools.count()
FAST = "<fast xmlns='urn:xmpp:fast:0'/>"
SHORT = TokenPolicy(lifetime=20 * DAY, rotate_before=5 * DAY)


def by_token(tokens: MemoryTokens, token: Token, now: float = NOW, **changes: Any) -> Pair:
    """A client that has a token and, unless told otherwise, nothing else."""
    fast = changes.pop("fast", Fast(token))
    settings = {"fast": fast, **changes} if "password" in changes else {"credentials": token, "fast": fast, **changes}
    server = server_config(seed=f"server {next(NUMBERS)}", fast=HT)
    both = over_tls(client_config(**settings), server, answers=server_answers(tokens, now))
    both.pump()
    return both


@pytest.mark.feature("SA2-04")
def test_a_token_is_asked_for_given_and_used() -> None:
    tokens = MemoryTokens()
    token = with_token(tokens)
    assert token.mechanism == "HT-SHA-256-EXPR"
    # 256 bits of entropy, twice what HT asks for.
    assert len(base64.urlsafe_b64decode(token.token + "=")) == 32
    both = by_token(tokens, token)
    (authenticated,) = both.initiating.of(xmpp.Authenticated)
    assert authenticated.mechanism == "HT-SHA-256-EXPR"
    assert both.initiating.connection.can_send
    assert both.initiating.of(TokenReceived) == []
    assert b"<fast xmlns='urn:xmpp:fast:0'/>" in both.initiating.sent
    assert token.token.encode() not in both.initiating.sent + both.receiving.sent


@pytest.mark.feature("SA2-04", "SA2-09")
def test_a_token_login_takes_one_round_trip_from_the_features() -> None:
    """Header and features; `<authenticate/>` and success with a bound resource: two flights each way in all."""
    tokens = MemoryTokens()
    client = client_config(credentials=with_token(tokens))
    who, _ = flights(client, server_config(fast=HT), server_answers(tokens))
    assert who == ["client", "server", "client", "server"]


@pytest.mark.feature("SA2-09", "SA2-01")
def test_a_password_login_takes_two_round_trips_from_the_features() -> None:
    who, _ = flights(client_config(), server_config(), server_answers())
    assert len(who) == 6
    # The older profile and binding: authentication 2, the new stream 1, the resource 1.
    older, _ = flights(client_config(), server_config(sasl2=False), server_answers())
    assert len(older) == 10


@pytest.mark.feature("SA2-04")
def test_the_strongest_binding_of_the_connection_is_asked_for() -> None:
    nothing = xmpp.TlsInfo(version="TLSv1.3", verified=True)
    both = over_tls(client_config(fast=Fast()), server_config(fast=HT), tls=(nothing, nothing))
    both.pump()
    assert token_of(both).mechanism == "HT-SHA-256-NONE"
    assert b"HT-SHA-256-EXPR" not in both.receiving.sent
    # The server can bind and the client cannot: what it asks for is what it can prove.
    both = over_tls(client_config(fast=Fast()), server_config(fast=HT), tls=(nothing, SERVER_TLS))
    both.pump()
    assert b"HT-SHA-256-EXPR" in both.receiving.sent
    assert token_of(both).mechanism == "HT-SHA-256-NONE"


@pytest.mark.feature("SA2-04")
def test_a_token_is_good_for_its_mechanism_alone() -> None:
    tokens = MemoryTokens()
    token = replace(with_token(tokens), mechanism="HT-SHA-256-NONE")
    both = by_token(tokens, token)
    assert both.initiating.of(TokenRejected) == [TokenRejected("HT-SHA-256-NONE", "not-authorized")]
    (end,) = both.initiating.of(xmpp.StreamFailed)
    assert (end.cause, end.retry) == (xmpp.Cause.AUTHENTICATION_FAILED, xmpp.Retry.NEVER)


@pytest.mark.feature("SA2-04")
def test_a_token_belongs_to_one_client_of_one_account() -> None:
    tokens = MemoryTokens()
    token = with_token(tokens)
    other = UserAgent("a4565fa7-4d72-4749-b3d3-740edbf87771")
    both = by_token(tokens, token, user_agent=other)
    assert both.initiating.of(TokenRejected)
    both = by_token(tokens, token, jid=xmpp.JID("romeo@example.com"))
    assert both.initiating.of(TokenRejected)
    # The id is compared without regard to case: it is a number.
    both = by_token(tokens, token, user_agent=UserAgent(AGENT.id.upper() if AGENT.id else None))
    assert both.initiating.connection.can_send


@pytest.mark.feature("SA2-04")
def test_an_expired_token_falls_back_to_the_password_and_brings_a_new_one() -> None:
    tokens = MemoryTokens(SHORT)
    token = with_token(tokens)
    both = by_token(tokens, token, now=NOW + 21 * DAY, password="pencil")
    assert both.initiating.of(TokenRejected) == [TokenRejected("HT-SHA-256-EXPR", "credentials-expired")]
    (authenticated,) = both.initiating.of(xmpp.Authenticated)
    assert authenticated.mechanism == "SCRAM-SHA-256-PLUS"
    assert token_of(both) != token
    assert both.initiating.connection.can_send


@pytest.mark.feature("SA2-04")
def test_a_token_close_to_its_end_is_replaced_and_stays_good_until_the_new_one_is_used() -> None:
    tokens = MemoryTokens(SHORT)
    old = with_token(tokens)
    late = NOW + 16 * DAY
    both = by_token(tokens, old, now=late)
    new = token_of(both)
    assert new.mechanism == old.mechanism
    # The new one was lost on the way: the old one still does, and the new one that nobody used is forgotten.
    both = by_token(tokens, old, now=late)
    newer = token_of(both)
    assert by_token(tokens, new, now=late).initiating.of(TokenRejected)
    assert by_token(tokens, newer, now=late).initiating.connection.can_send
    assert by_token(tokens, old, now=late).initiating.of(TokenRejected)


@pytest.mark.feature("SA2-04")
def test_a_token_is_invalidated_by_its_last_login() -> None:
    tokens = MemoryTokens(SHORT)
    token = with_token(tokens)
    both = by_token(tokens, token, now=NOW + 16 * DAY, fast=Fast(token, count=1, invalidate=True))
    assert both.initiating.connection.can_send
    assert b"<fast xmlns='urn:xmpp:fast:0' count='1' invalidate='true'/>" in both.initiating.sent
    assert both.initiating.of(TokenReceived) == []
    assert by_token(tokens, token).initiating.of(TokenRejected)


@pytest.mark.feature("SA2-04")
@pytest.mark.parametrize(("counts", "taken"), [((1, 2), True), ((1, 1), False), ((5, 3), False), ((1, None), True)])
def test_a_count_only_ever_grows(counts: tuple[int | None, int | None], taken: bool) -> None:
    tokens = MemoryTokens()
    token = with_token(tokens)
    assert by_token(tokens, token, fast=Fast(token, count=counts[0])).initiating.connection.can_send
    both = by_token(tokens, token, fast=Fast(token, count=counts[1]))
    assert both.initiating.connection.can_send is taken
    if not taken:
        assert both.initiating.of(TokenRejected) == [TokenRejected("HT-SHA-256-EXPR", "not-authorized")]
        assert b"<success" not in both.receiving.sent


@pytest.mark.feature("SA2-04")
@pytest.mark.parametrize(
    ("client", "server"),
    [
        # No binding for a token that needs one; a server without FAST.
        ({"tls": xmpp.TlsInfo(version="TLSv1.3", verified=True)}, {}),
        ({"tls": CLIENT_TLS}, {"fast": ()}),
        ({"tls": CLIENT_TLS}, {"fast": ("HT-SHA-512-EXPR",)}),
    ],
)
def test_a_token_that_cannot_be_used_is_not_shown(client: dict[str, Any], server: dict[str, Any]) -> None:
    tokens = MemoryTokens()
    token = with_token(tokens)
    settings: dict[str, Any] = {"fast": HT, **server}
    alone = over_tls(
        client_config(credentials=token),
        server_config(**settings),
        answers=server_answers(tokens),
        tls=(client["tls"], SERVER_TLS),
    )
    alone.pump()
    assert b"<authenticate" not in alone.initiating.sent
    (end,) = alone.initiating.of(xmpp.StreamFailed)
    assert end.cause in (xmpp.Cause.AUTHENTICATION_FAILED, xmpp.Cause.NEGOTIATION_FAILED)
    both = over_tls(
        client_config(fast=Fast(token), mechanisms=("SCRAM-SHA-256",)),
        server_config(mechanisms=("SCRAM-SHA-256",), **settings),
        answers=server_answers(tokens),
        tls=(client["tls"], SERVER_TLS),
    )
    both.pump()
    (authenticated,) = both.initiating.of(xmpp.Authenticated)
    assert authenticated.mechanism == "SCRAM-SHA-256"


def said_to_a_server(text: str, tokens: MemoryTokens | None = None, **changes: Any) -> tuple[xmpp.Connection, str]:
    """What a server with tokens answers to an element after the header."""
    conn = xmpp.Connection(server_config(fast=HT, **changes))
    conn.start(0.0, tls=SERVER_TLS)
    conn.receive_data(
        b"<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
        b"to='example.com' version='1.0'>",
        0.0,
    )
    list(conn.events())
    conn.data_to_send(0.0)
    conn.receive_data(text.encode(), 0.0)
    answers = server_answers(tokens)
    for event in conn.events():
        if isinstance(event, xmpp.Question):
            conn.answer(event, answers[type(event)](event))
    return conn, conn.data_to_send(0.0).decode()


def authenticate(mechanism: str, data: bytes, *within: str, agent: str = AGENT.id or "") -> str:
    encoded = base64.b64encode(data).decode()
    described = f"<user-agent id='{agent}'/>" if agent else ""
    return (
        f"<authenticate xmlns='urn:xmpp:sasl:2' mechanism='{mechanism}'><initial-response>{encoded}"
        f"</initial-response>{described}{''.join(within)}</authenticate>"
    )


@pytest.mark.feature("SA2-04")
@pytest.mark.parametrize(
    ("text", "condition"),
    [
        # HT without <fast/>, <fast/> with another mechanism, no id, no UUID, counts that are none.
        (authenticate("HT-SHA-256-NONE", b"juliet\0x"), "invalid-mechanism"),
        (authenticate("PLAIN", b"\0juliet\0pencil", FAST), "invalid-mechanism"),
        (
            authenticate("HT-SHA-256-NONE", b"juliet\0x", FAST, agent=""),
            "malformed-request",
        ),
        (
            authenticate("HT-SHA-256-NONE", b"juliet\0x", FAST, agent="1"),
            "malformed-request",
        ),
        *(
            (
                authenticate("HT-SHA-256-NONE", b"j\0x", f"<fast xmlns='urn:xmpp:fast:0' count='{one}'/>"),
                "malformed-request",
            )
            for one in ("0", "-1", "", "x", "1.5", "2147483648", "99999999999999999999", "\u0661")
        ),
        (authenticate("HT-SHA-256-NONE", b"juliet\0x", FAST), "not-authorized"),
        (authenticate("HT-SHA-256-NONE", b"nobody\0x", FAST), "not-authorized"),
        (authenticate("HT-SHA-256-NONE", b"no separator", FAST), "malformed-request"),
    ],
)
def test_a_server_refuses_what_is_no_use_of_a_token(text: str, condition: str) -> None:
    conn, said = said_to_a_server(text)
    assert said == (
        f"<failure xmlns='urn:xmpp:sasl:2'><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/></failure>"
    )
    assert xmpp.Milestone.AUTHENTICATED not in conn.milestones


@pytest.mark.feature("SA2-04")
@pytest.mark.parametrize("mechanism", ["", "SCRAM-SHA-256", "HT-SHA-512-NONE", "HT-SHA-256-ENDP"])
def test_a_token_for_what_was_not_offered_is_not_issued(mechanism: str) -> None:
    plain = authenticate(
        "PLAIN", b"\0juliet\0pencil", f"<request-token xmlns='urn:xmpp:fast:0' mechanism='{mechanism}'/>"
    )
    _, said = said_to_a_server(plain)
    assert "<success" in said
    assert "<token" not in said
    _, said = said_to_a_server(plain.replace(f"mechanism='{mechanism}'/>", "mechanism='HT-SHA-256-NONE'/>"))
    assert "<token xmlns='urn:xmpp:fast:0' expiry='2027-02-05T08:00:00Z' token='" in said


@pytest.mark.feature("SA2-04")
def test_no_token_without_success() -> None:
    """XEP-0484 section 3.3, and XEP-0388 section 2.6.2: a failed request runs nothing inline."""
    asked: list[object] = []
    answers = {
        **server_answers(),
        TokenIssue: lambda question: asked.append(question),
        xmpp.BindRequested: asked.append,
    }
    both = over_tls(client_config(fast=Fast(), password="wrong"), server_config(fast=HT), answers=answers)
    both.pump()
    assert b"<request-token" in both.initiating.sent
    assert asked == []
    assert b"<token" not in both.receiving.sent


@pytest.mark.feature("SA2-04", "ENG-12")
def test_a_host_that_errs_is_told() -> None:
    tokens = MemoryTokens()
    token = with_token(tokens)
    for fast, wrong in ((Fast(token, invalidate=True), TokenKept("2027-03-12T14:36:15Z")), (Fast(token), True)):
        answers = server_answers(tokens)
        del answers[TokenUsed]
        both = over_tls(client_config(credentials=token, fast=fast), server_config(fast=HT), answers=answers)
        both.pump()
        server = both.receiving.connection
        question = server.waiting_for
        assert isinstance(question, TokenUsed)
        assert token.token not in repr(question)
        with pytest.raises(xmpp.LocalProtocolError):
            server.answer(question, cast("TokenKept", wrong))
        assert server.answer(question, TokenStays())
        both.pump()
        assert both.initiating.connection.can_send
    for bad in ("soon", "2027-03-12", ""):
        with pytest.raises(xmpp.LocalProtocolError):
            TokenKept(bad)
    settings: list[dict[str, Any]] = [
        {"token": Token("x", "OAUTHBEARER")},
        {"count": 1},
        {"invalidate": True},
        {"token": token, "count": 0},
    ]
    for one in settings:
        with pytest.raises(xmpp.LocalProtocolError):
            Fast(**one)
    for agent in (None, UserAgent(), UserAgent("d4565fa7-4d72-1749-b3d3-740edbf87770")):
        with pytest.raises(xmpp.LocalProtocolError, match="UUID v4"):
            client_config(fast=Fast(token), user_agent=agent)


@pytest.mark.feature("SA2-04")
def test_a_host_may_deny_a_token_and_the_session_goes_on() -> None:
    answers = {**server_answers(), TokenIssue: lambda _: TokenDenied()}
    both = over_tls(client_config(fast=Fast()), server_config(fast=HT), answers=answers)
    both.pump()
    assert both.initiating.connection.can_send
    assert both.initiating.of(TokenReceived) == []


@pytest.mark.feature("SA2-04")
@pytest.mark.parametrize("condition", ["account-disabled", "credentials-expired"])
def test_a_disabled_account_is_told_only_to_who_has_the_token(condition: str) -> None:
    tokens = MemoryTokens()
    token = with_token(tokens)
    stored = tokens.tokens(JULIET, AGENT.id or "", token.mechanism, NOW)
    found = xmpp.Disabled(condition=SaslCondition(condition), tokens=stored)
    for given, told in ((token, condition), (replace(token, token="another"), "not-authorized")):
        answers = {**server_answers(tokens), TokenLookup: lambda _: found}
        both = over_tls(client_config(credentials=given), server_config(fast=HT), answers=answers)
        both.pump()
        assert both.initiating.of(TokenRejected) == [TokenRejected("HT-SHA-256-EXPR", told)]


@pytest.mark.feature("SA2-04", "ENG-07")
def test_a_token_survives_nothing_it_should_not() -> None:
    """Snapshots in every state of a login by token: no token in them, and the server asks again or fails for now."""
    tokens = MemoryTokens()
    token = with_token(tokens)
    for kind in (TokenLookup, TokenUsed, xmpp.BindRequested):
        answers = server_answers(tokens)
        del answers[kind]
        both = over_tls(client_config(credentials=token), server_config(fast=HT), answers=answers)
        both.pump()
        server, client = both.receiving.connection, both.initiating.connection
        assert isinstance(server.waiting_for, kind)
        for one in (server, client):
            assert token.token.encode() not in one.snapshot()
        restored = xmpp.Connection.restore(server_config(fast=HT), server.snapshot())
        again = [event for event in restored.events() if isinstance(event, xmpp.Question)]
        said = restored.data_to_send(0.0)
        if kind is xmpp.BindRequested:
            assert [type(one) for one in again] == [kind]
            assert restored.answer(again[0], xmpp.Bound(JULIET.with_resource("x")))
            said = restored.data_to_send(0.0)
            back = xmpp.Connection.restore(client_config(credentials=token), client.snapshot())
            back.receive_data(said, 0.0)
            assert any(isinstance(event, xmpp.SessionReady) for event in back.events())
        else:
            assert b"<temporary-auth-failure" in said


@pytest.mark.feature("SA2-04", "ENG-07")
def test_a_token_not_yet_taken_is_lost_with_a_snapshot() -> None:
    both = over_tls(client_config(fast=Fast()), server_config(fast=HT))
    both.pump()
    token = token_of(both)
    octets = bytes(both.receiving.sent)
    conn = xmpp.Connection(client_config(fast=Fast()))
    conn.start(0.0, tls=CLIENT_TLS)
    conn.receive_data(octets, 0.0)
    first = conn.next_event()
    assert isinstance(first, xmpp.StreamOpened)
    while not isinstance(conn.next_event(), xmpp.Authenticated):
        pass
    snapshot = conn.snapshot()
    assert token.token.encode() not in snapshot
    restored = xmpp.Connection.restore(client_config(fast=Fast()), snapshot)
    (event,) = [one for one in restored.events() if isinstance(one, TokenReceived)]
    assert (event.token, event.mechanism) == (None, "HT-SHA-256-EXPR")


@pytest.mark.feature("SA2-04", "ENG-07")
def test_a_token_in_a_success_that_is_still_judged_is_in_no_snapshot() -> None:
    """The keys went with an earlier snapshot, so the server's proof waits for a derivation, and its token with it."""
    client = client_config(fast=Fast(), ask_for_derivations=True)
    answers: dict[type, Any] = {xmpp.DeriveKey: lambda question: question.derive()}
    _, octets = flights(client, server_config(fast=HT), {**server_answers(), **answers})
    token = octets[-1].partition(b" token='")[2].partition(b"'")[0]
    client = client_config(fast=Fast(), ask_for_derivations=True)  # with entropy from its beginning
    conn = xmpp.Connection(client)
    conn.start(0.0, tls=CLIENT_TLS)
    for said in octets[1::2]:
        conn = xmpp.Connection.restore(client, conn.snapshot())
        conn.receive_data(said, 0.0)
        for event in conn.events():
            if isinstance(event, xmpp.DeriveKey) and said is not octets[-1]:
                conn.answer(event, event.derive())
        conn.data_to_send(0.0)
    assert isinstance(conn.waiting_for, xmpp.DeriveKey)
    assert len(token) > 20
    assert token not in conn.snapshot()
    restored = xmpp.Connection.restore(client, conn.snapshot())
    (end,) = [event for event in restored.events() if isinstance(event, xmpp.StreamFailed)]
    assert "not kept in the snapshot" in end.detail


@pytest.mark.feature("SA2-04")
def test_what_a_client_asks_for_is_what_it_says() -> None:
    both = over_tls(client_config(fast=Fast()), server_config(fast=HT))
    both.pump()
    said = elements_sent(both.initiating.sent)
    assert (
        said.index("<initial-response>")
        < said.index("<user-agent ")
        < said.index("<bind ")
        < said.index("<request-token ")
    )
    assert "<request-token xmlns='urn:xmpp:fast:0' mechanism='HT-SHA-256-EXPR'/>" in said
    both = over_tls(client_config(fast=Fast(request=False)), server_config(fast=HT))
    both.pump()
    assert b"<request-token" not in both.initiating.sent


@pytest.mark.feature("SA2-04", "SASL-05")
def test_a_token_is_in_no_representation_and_no_trace(
    caplog: pytest.LogCaptureFixture, request: pytest.FixtureRequest
) -> None:
    """Issued, used, replaced and refused: every object of ours is looked at whenever something is asked."""
    caplog.set_level("DEBUG")
    # What other tests left behind is not looked at, and not what is looked at again and again.
    gc.collect()
    gc.freeze()
    request.addfinalizer(gc.unfreeze)
    tokens = MemoryTokens(SHORT)
    texts: list[str] = []
    records: list[xmpp.TraceRecord] = []
    secrets: set[str] = set()

    def watched(answer: Any) -> Any:
        def answering(question: Any) -> Any:
            found = answer(question)
            texts.extend(repr(one) for one in gc.get_objects() if type(one).__module__.startswith("xmpp_core"))
            return found

        return answering

    token: Token | None = None
    for now in (NOW, NOW + 16 * DAY, NOW + 60 * DAY):
        fast = Fast(token) if token is not None else Fast()
        both = over_tls(
            client_config(fast=fast, trace=records.append),
            server_config(seed=f"server {next(NUMBERS)}", fast=HT, trace=records.append),
            answers={kind: watched(answer) for kind, answer in server_answers(tokens, now).items()},
        )
        both.pump()
        assert both.initiating.connection.can_send
        token = token_of(both)
        secrets.add(token.token)
        assert token.token.encode() in both.receiving.sent
    assert len(secrets) == 3
    texts += [record.text for record in records] + caplog.messages
    assert len(texts) > 1000
    assert [text for text in texts if any(secret in text for secret in secrets)] == []
