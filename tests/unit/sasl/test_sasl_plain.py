"""PLAIN, both sides (RFC 4616 section 2)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from xmpp_core.errors import LocalProtocolError
from xmpp_core.sasl.conditions import SaslCondition
from xmpp_core.sasl.credentials import Disabled, Keys, NoSuchUser, Password, StoredKeys, Unavailable
from xmpp_core.sasl.derivation import derivations_made
from xmpp_core.sasl.mechanism import (
    AuthorizationRequest,
    CredentialsRequest,
    Failed,
    KeyDerivation,
    Need,
    RefusalReason,
    Respond,
    SaslContext,
    Verified,
)
from xmpp_core.sasl.plain import Authorizing, PlainClient, PlainServer

CONTEXT = SaslContext(secure=True)
SERVER = SaslContext(secure=True, secret=bytes(16))
MECHANISM = PlainServer()


def client(**changes: Any) -> PlainClient:
    return PlainClient(**{"authcid": "juliet", "credentials": Password("r0m30myr0m30"), **changes})


@pytest.mark.feature("SASL-11")
def test_the_message_of_the_rfc() -> None:
    for mechanism, expected in (
        (client(authcid="tim", credentials=Password("tanstaaftanstaaf")), b"\0tim\0tanstaaftanstaaf"),
        (client(authcid="Kurt", authzid="Ursel", credentials=Password("xipj3plmq")), b"Ursel\0Kurt\0xipj3plmq"),
    ):
        outcome = mechanism.start(CONTEXT)
        assert isinstance(outcome, Respond)
        assert outcome.data == expected


@pytest.mark.feature("SASL-11")
def test_the_client_after_its_message() -> None:
    outcome = client().start(CONTEXT)
    assert isinstance(outcome, Respond)
    assert client().succeeded(outcome.state, None, CONTEXT) == Verified()
    assert client().succeeded(outcome.state, b"", CONTEXT) == Verified()
    assert isinstance(client().succeeded(outcome.state, b"x", CONTEXT), Failed)
    assert isinstance(client().challenged(outcome.state, b"", CONTEXT), Failed)
    assert client().resumed(outcome.state, CONTEXT) is None
    steps: tuple[Callable[[], object], ...] = (
        lambda: client().answered(outcome.state, b"", CONTEXT),
        lambda: client().succeeded(object(), None, CONTEXT),
        lambda: client().challenged(object(), b"", CONTEXT),
        lambda: client().resumed(object(), CONTEXT),
    )
    for step in steps:
        with pytest.raises(LocalProtocolError):
            step()


@pytest.mark.parametrize(
    "changes",
    [
        {"authcid": ""},
        {"authcid": "a\0b"},
        {"authzid": ""},
        {"authzid": "a\0b"},
        {"authzid": "\ud800"},
        {"credentials": Password("")},
        {"credentials": Password("a\0b")},
        {"form": 1},
    ],
)
def test_what_the_caller_may_not_ask(changes: dict[str, Any]) -> None:
    with pytest.raises(LocalProtocolError):
        client(**changes)


def test_the_client_needs_a_password_and_an_honest_offer() -> None:
    refusal = client(credentials=Keys()).refusal(CONTEXT)
    assert refusal is not None
    assert refusal.reason is RefusalReason.NO_CREDENTIALS
    stripped = replace(
        CONTEXT,
        channel_bindings={"tls-server-end-point": b"x"},
        offered=("PLAIN",),
        binding_types=("tls-server-end-point",),
    )
    refusal = client().refusal(stripped)
    assert refusal is not None
    assert refusal.reason is RefusalReason.BINDINGS_TAMPERED
    assert isinstance(client().start(stripped), Failed)


@pytest.mark.feature("SASL-11", "SASL-02")
@pytest.mark.parametrize(
    ("message", "told"),
    [
        (b"", SaslCondition.MALFORMED_REQUEST),
        (b"juliet", SaslCondition.MALFORMED_REQUEST),
        (b"juliet\0pencil", SaslCondition.MALFORMED_REQUEST),
        (b"\0juliet\0pencil\0", SaslCondition.MALFORMED_REQUEST),
        (b"\0\0pencil", SaslCondition.MALFORMED_REQUEST),
        (b"\0juliet\0", SaslCondition.MALFORMED_REQUEST),
        (b"\0juliet\0\xff", SaslCondition.MALFORMED_REQUEST),
        (b"\0jul\x01iet\0pencil", SaslCondition.NOT_AUTHORIZED),
        (b"\0juliet\0pen\x01cil", SaslCondition.NOT_AUTHORIZED),
    ],
)
def test_messages_the_server_refuses(message: bytes, told: SaslCondition) -> None:
    before = derivations_made()
    outcome = MECHANISM.start(message, SERVER)
    assert isinstance(outcome, Failed)
    assert outcome.condition is told
    assert derivations_made() == before


@pytest.mark.feature("SASL-11")
def test_255_octets_of_each_part_are_taken() -> None:
    outcome = MECHANISM.start(b"\0".join((b"z" * 255, b"c" * 255, b"p" * 255)), SERVER)
    assert isinstance(outcome, Need)
    assert outcome.request == CredentialsRequest("c" * 255, "PLAIN")


@pytest.mark.feature("SASL-11")
def test_a_right_password(converse: Any, pencil: StoredKeys) -> None:
    mechanism = client(credentials=Password("pencil"))
    talk = converse(mechanism, MECHANISM, CONTEXT, SERVER, pencil).run()
    assert talk.verified == Verified()
    assert talk.authenticated is not None
    assert (talk.authenticated.authcid, talk.authenticated.authzid) == ("juliet", None)
    assert [type(one) for one in talk.requests] == [CredentialsRequest, KeyDerivation]
    asked = talk.requests[1]
    assert asked.hash == "SHA-256"


def test_the_message_may_be_asked_for(pencil: StoredKeys) -> None:
    asked = MECHANISM.start(None, SERVER)
    assert isinstance(asked, Respond)
    assert asked.data == b""
    assert isinstance(MECHANISM.responded(asked.state, b"\0juliet\0pencil", SERVER), Need)
    with pytest.raises(LocalProtocolError):
        MECHANISM.responded(object(), b"", SERVER)


@pytest.mark.feature("SASL-11", "SASL-06")
def test_an_unknown_user_looks_like_a_wrong_password(converse: Any, pencil: StoredKeys) -> None:
    seen = []
    sha_1 = StoredKeys.derive("pencil", ("SHA-1",), iterations=4096)
    for stored in (pencil, NoSuchUser(iterations=4096), Disabled(pencil)):
        before = derivations_made()
        talk = converse(client(), MECHANISM, CONTEXT, SERVER, stored).run()
        asked = [(one.iterations, one.hash, len(one.salt)) for one in talk.requests if isinstance(one, KeyDerivation)]
        seen.append((talk.server_failure, asked, derivations_made() - before))
    assert seen[0][0] == Failed(SaslCondition.NOT_AUTHORIZED, "the password is wrong")
    assert seen[0] == seen[1] == seen[2]
    for nothing in (StoredKeys(()), Disabled()):
        talk = converse(client(), MECHANISM, CONTEXT, SERVER, nothing).run()
        assert talk.server_failure == seen[0][0]
    talk = converse(client(credentials=Password("pencil")), MECHANISM, CONTEXT, SERVER, sha_1).run()
    assert talk.authenticated is not None


@pytest.mark.feature("SASL-17")
def test_a_password_with_two_forms_is_tried_in_both(converse: Any) -> None:
    # U+2168 is one character to OpaqueString and "IX" to SASLprep.
    for stored, derivations in (("\u2168", 1), ("IX", 2), ("X", 2)):
        keys = StoredKeys.derive(stored, ("SHA-256",), iterations=4096)
        before = derivations_made()
        talk = converse(client(credentials=Password("\u2168")), MECHANISM, CONTEXT, SERVER, keys).run()
        assert derivations_made() - before == derivations
        assert (talk.authenticated is not None) is (stored != "X")
    before = derivations_made()
    converse(client(credentials=Password("\u2168")), MECHANISM, CONTEXT, SERVER, NoSuchUser(iterations=4096)).run()
    assert derivations_made() - before == 2


@pytest.mark.feature("SASL-02")
def test_conditions_after_the_password(converse: Any, pencil: StoredKeys) -> None:
    right = client(credentials=Password("pencil"), authzid="nurse@example.com")
    disabled = converse(right, MECHANISM, CONTEXT, SERVER, Disabled(pencil)).run()
    assert disabled.server_failure.condition is SaslCondition.ACCOUNT_DISABLED
    away = converse(right, MECHANISM, CONTEXT, SERVER, Unavailable()).run()
    assert away.server_failure.condition is SaslCondition.TEMPORARY_AUTH_FAILURE
    denied = converse(right, MECHANISM, CONTEXT, SERVER, pencil).run()
    assert denied.server_failure.condition is SaslCondition.INVALID_AUTHZID
    assert AuthorizationRequest("juliet", "nurse@example.com") in denied.requests
    allowed = converse(right, MECHANISM, CONTEXT, SERVER, pencil, authorize=True).run()
    assert allowed.authenticated.authzid == "nurse@example.com"
    same = converse(replace(right, authzid="juliet"), MECHANISM, CONTEXT, SERVER, pencil).run()
    assert same.authenticated is not None


def test_answers_of_another_kind_raise(pencil: StoredKeys) -> None:
    need = MECHANISM.start(b"\0juliet\0pencil", SERVER)
    assert isinstance(need, Need)
    derive = MECHANISM.answered(need.state, pencil, SERVER)
    assert isinstance(derive, Need)
    for state, value in (
        (need.state, None),
        (need.state, b"x"),
        (derive.state, b"short"),
        (derive.state, True),
        (Authorizing("a", "b"), 1),
        (object(), True),
    ):
        with pytest.raises(LocalProtocolError):
            MECHANISM.answered(state, value, SERVER)
    with pytest.raises(LocalProtocolError):
        MECHANISM.resumed(object(), SERVER)
    assert PlainServer().refusal(SERVER) is None
    assert PlainServer().refusal(CONTEXT) is not None
