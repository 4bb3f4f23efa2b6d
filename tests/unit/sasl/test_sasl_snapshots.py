"""States after a snapshot: nothing secret is in them, and the exchange still ends as it would have."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from xmpp_core.sasl import (
    anonymous,
    digest_md5,
    external,
    ht,
    oauthbearer,
    one_message,
    plain,
    scram_client,
    scram_server,
)
from xmpp_core.sasl.conditions import SaslCondition
from xmpp_core.sasl.credentials import ClientKeys, Keys, Password, StoredKeys
from xmpp_core.sasl.derivation import derivations_made
from xmpp_core.sasl.mechanism import (
    AuthorizationRequest,
    CredentialsRequest,
    Failed,
    KeyDerivation,
    Need,
    Respond,
    SaslContext,
    Verified,
)
from xmpp_core.sasl.plain import PlainServer
from xmpp_core.sasl.scram_client import ScramClient
from xmpp_core.sasl.scram_server import Authorizing, AwaitingFirst, Proving, ScramServer

CONTEXT = SaslContext(secure=True)
SERVER = SaslContext(secure=True, secret=bytes(16))
STATES = [
    getattr(module, name)
    for module in (scram_client, scram_server, one_message, plain, anonymous, digest_md5, external, ht, oauthbearer)
    for name in module.__all__
    if isinstance(getattr(module, name), type)
    and dataclasses.is_dataclass(getattr(module, name))
    and not hasattr(getattr(module, name), "start")
]
PLAIN_TYPES = {"str", "bytes", "int", "bool", "None", "SaslCondition", "Challenged", "ClientKeys", "ScramVerifier"}


@pytest.mark.feature("SEC-04")
@pytest.mark.parametrize("state", STATES, ids=lambda one: f"{one.__module__.rpartition('.')[2]}.{one.__name__}")
def test_states_are_frozen_plain_data(state: Any) -> None:
    assert state.__dataclass_params__.frozen
    assert "__dict__" not in dir(state)
    for field in dataclasses.fields(state):
        kinds = {one.strip() for one in str(field.type).replace("tuple[str, ...]", "str").split("|")}
        assert kinds <= PLAIN_TYPES
        if {"ClientKeys", "ScramVerifier"} & kinds or field.name in {"passwords", "response"}:
            assert field.metadata.get("secret")
            assert "None" in kinds
        if field.metadata.get("secret"):
            assert not field.repr


@pytest.mark.feature("SASL-05", "SASL-06")
@pytest.mark.parametrize("early", [False, True])
@pytest.mark.parametrize("authzid", [None, "admin@example.com"])
def test_scram_with_a_snapshot_after_every_step(
    early: bool, authzid: str | None, converse: Any, pencil: StoredKeys
) -> None:
    talk = converse(
        ScramClient(hash="SHA-256", plus=False, authcid="user", credentials=Password("pencil"), authzid=authzid),
        ScramServer(hash="SHA-256", plus=False),
        CONTEXT,
        SERVER,
        pencil,
        authorize=True,
        early_signature=early,
    )
    before = derivations_made()
    assert dataclasses.replace(talk, messages=[], requests=[], outcomes=[]).run().verified is not None
    assert derivations_made() == before + 1
    # With snapshots the proof must be kept on its way: only what waits for the peer is one here.
    client, server = talk.client, talk.server
    first = client.start(CONTEXT)
    need = server.start(first.data, SERVER)
    challenge = server.answered(server.resumed(need.state, SERVER).state, pencil, SERVER)
    derive = client.challenged(first.state, challenge.data, CONTEXT)
    derive = client.resumed(derive.state, CONTEXT)
    final = client.answered(derive.state, _salted(derive), CONTEXT)
    kept = _forget(challenge.state)
    asked = server.responded(kept, final.data, SERVER)
    assert isinstance(asked, Need)
    assert asked.request == CredentialsRequest("user", "SCRAM-SHA-256")
    assert isinstance(server.resumed(asked.state, SERVER), Need)
    done = server.answered(asked.state, pencil, SERVER)
    if authzid is not None:
        assert isinstance(done, Need)
        again = server.resumed(_forget(done.state), SERVER)
        assert isinstance(again, Need)
        assert again.request == AuthorizationRequest("user", authzid)
        done = server.answered(again.state, True, SERVER)
    forgotten = _forget(final.state)
    assert client.resumed(forgotten, CONTEXT) is None
    checking = client.challenged(forgotten, done.data, CONTEXT) if early else None
    if early:
        assert isinstance(checking, Need)
        checking = client.resumed(_forget(checking.state), CONTEXT)
        assert isinstance(checking, Need)
        proved = client.answered(checking.state, _salted(checking), CONTEXT)
        assert isinstance(proved, Respond)
        assert client.succeeded(_forget(proved.state), None, CONTEXT).server_proved
    else:
        checking = client.succeeded(forgotten, done.data, CONTEXT)
        assert isinstance(checking, Need)
        verified = client.answered(checking.state, _salted(checking), CONTEXT)
        assert verified.server_proved
        wrong = client.succeeded(forgotten, b"v=" + b"A" * 43 + b"=", CONTEXT)
        assert isinstance(wrong, Need)
        assert isinstance(client.answered(wrong.state, _salted(wrong), CONTEXT), Failed)


def test_kept_keys_answer_what_a_snapshot_lost(converse: Any, pencil: StoredKeys) -> None:
    password = ScramClient(hash="SHA-256", plus=False, authcid="user", credentials=Password("pencil"))
    first = converse(password, ScramServer(hash="SHA-256", plus=False), CONTEXT, SERVER, pencil).run()
    assert isinstance(first.verified.keys, ClientKeys)
    client = dataclasses.replace(password, credentials=Keys((first.verified.keys,)))
    before = derivations_made()
    talk = converse(client, ScramServer(hash="SHA-256", plus=False), CONTEXT, SERVER, pencil).run()
    final = [one for one in talk.outcomes if isinstance(one, Respond)][-1]
    verified = client.succeeded(_forget(final.state), talk.messages[-1], CONTEXT)
    assert isinstance(verified, Verified)
    assert verified.server_proved
    assert derivations_made() == before


def test_what_cannot_be_asked_again_fails_for_now(pencil: StoredKeys, kept: Callable[[object], object]) -> None:
    server = PlainServer()
    looking = server.start(b"\0juliet\0pencil", SERVER)
    assert isinstance(looking, Need)
    deriving = server.answered(looking.state, pencil, SERVER)
    assert isinstance(deriving, Need)
    for state in (looking.state, deriving.state):
        assert server.resumed(state, SERVER) == Need((looking if state is looking.state else deriving).request, state)
        failed = server.resumed(kept(state), SERVER)
        assert isinstance(failed, Failed)
        assert failed.condition is SaslCondition.TEMPORARY_AUTH_FAILURE
    asked = server.start(None, SERVER)
    assert isinstance(asked, Respond)
    assert server.resumed(asked.state, SERVER) is None
    assert server.resumed(plain.Authorizing("a", "b"), SERVER) == Need(
        AuthorizationRequest("a", "b"), plain.Authorizing("a", "b")
    )
    scram = ScramServer(hash="SHA-256", plus=False)
    assert scram.resumed(AwaitingFirst(), SERVER) is None
    assert isinstance(scram.resumed(Authorizing("a", "b", b"v=x"), SERVER), Need)
    need = scram.start(b"n,,n=user,r=abc", SERVER)
    assert isinstance(need, Need)
    challenge = scram.answered(need.state, pencil, SERVER)
    assert isinstance(challenge, Respond)
    assert scram.resumed(kept(challenge.state), SERVER) is None
    proving = scram.responded(kept(challenge.state), b"c=biws", SERVER)
    assert isinstance(proving, Need)
    assert isinstance(proving.state, Proving)
    lost = scram.resumed(kept(proving.state), SERVER)
    assert isinstance(lost, Failed)
    assert lost.condition is SaslCondition.TEMPORARY_AUTH_FAILURE


def _salted(need: Need) -> bytes:
    assert isinstance(need.request, KeyDerivation)
    return need.request.derive()


def _forget(state: Any) -> Any:
    changes = {one.name: None for one in dataclasses.fields(state) if one.metadata.get("secret")}
    return dataclasses.replace(state, **changes)
