"""What a SCRAM server refuses, and what it does not tell (RFC 5802 section 5.1, RFC 6120 section 6.5)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from xmpp_core.errors import LocalProtocolError
from xmpp_core.sasl.attributes import encode_base64, read_server_first
from xmpp_core.sasl.conditions import SaslCondition
from xmpp_core.sasl.credentials import Disabled, NoSuchUser, Password, ScramVerifier, StoredKeys, Unavailable
from xmpp_core.sasl.derivation import client_key, client_proof, derivations_made, derive
from xmpp_core.sasl.mechanism import (
    Authenticated,
    AuthorizationRequest,
    CredentialsRequest,
    Failed,
    KeyDerivation,
    Need,
    Respond,
    SaslContext,
)
from xmpp_core.sasl.scram_client import ScramClient
from xmpp_core.sasl.scram_server import Authorizing, Challenged, ScramServer, invented, stored_or_invented

CONTEXT = SaslContext(secure=True)
SERVER = SaslContext(secure=True, secret=bytes(range(16)))
MECHANISM = ScramServer(hash="SHA-256", plus=False)


def client(**changes: Any) -> ScramClient:
    given = {"hash": "SHA-256", "plus": False, "authcid": "user", "credentials": Password("pencil")}
    return ScramClient(**{**given, **changes})


def challenge_for(first: bytes, answer: object) -> Respond:
    need = MECHANISM.start(first, SERVER)
    assert isinstance(need, Need)
    outcome = MECHANISM.answered(need.state, answer, SERVER)
    assert isinstance(outcome, Respond)
    return outcome


def condition(outcome: object) -> SaslCondition:
    assert isinstance(outcome, Failed)
    assert not outcome.try_another
    return outcome.condition


@pytest.mark.feature("SASL-06", "SASL-02")
@pytest.mark.parametrize(
    "first",
    [
        b"",
        b"n",
        b"n,,",
        b"n,,n=user",
        b"n,,r=abc,n=user",
        b"n,,n=,r=abc",
        b"n,,n=user,r=",
        b"n,,n=user,r=a\x7fb",
        b"n,,n=user,r=a b",
        b"n,,n=us=er,r=abc",
        b"n,,n=us=2cer,r=abc",
        b"n,,n=us=,r=abc",
        b"n,,n=us\0er,r=abc",
        b"n,,n=us\xffer,r=abc",
        b"n,,m=x,n=user,r=abc",
        b"n,,n=user,r=abc,m=x",
        b"n,,n=user,r=abc,r=abc",
        b"n,,n=user,r=abc,",
        b"n,a=,n=user,r=abc",
        b"n,a=x=4,n=user,r=abc",
        b"n,x,n=user,r=abc",
        b"N,,n=user,r=abc",
        b"F,n,,n=user,r=abc",
        b" n,,n=user,r=abc",
        b"w,,n=user,r=abc",
        b"p,,n=user,r=abc",
        b"p=,,n=user,r=abc",
        b"p=tls unique,,n=user,r=abc",
        b"p=tls-unique,,n=user,r=abc",
    ],
)
def test_a_first_message_that_breaks_the_grammar_is_malformed(first: bytes) -> None:
    assert condition(MECHANISM.start(first, SERVER)) is SaslCondition.MALFORMED_REQUEST


@pytest.mark.feature("SASL-17")
@pytest.mark.parametrize("name", ["a\x01b", "\u00ad"])
def test_a_name_that_cannot_be_prepared_is_not_authorized(name: str) -> None:
    assert condition(MECHANISM.start(f"n,,n={name},r=abc".encode(), SERVER)) is SaslCondition.NOT_AUTHORIZED


def test_the_name_is_looked_up_unquoted_and_prepared() -> None:
    need = MECHANISM.start("n,a=x=3Dy,n=a=2Cb\u00a0=3D,r=abc,z=1".encode(), SERVER)
    assert isinstance(need, Need)
    assert need.request == CredentialsRequest("a,b =", "SCRAM-SHA-256")


def test_without_initial_response_an_empty_challenge_asks_for_it(pencil: StoredKeys) -> None:
    asked = MECHANISM.start(None, SERVER)
    assert isinstance(asked, Respond)
    assert asked.data == b""
    need = MECHANISM.responded(asked.state, b"n,,n=user,r=abc", SERVER)
    assert isinstance(need, Need)
    assert isinstance(MECHANISM.answered(need.state, pencil, SERVER), Respond)


@pytest.mark.feature("SASL-06")
def test_proofs_that_are_not_the_one(converse: Any, pencil: StoredKeys) -> None:
    expected = {
        b"": SaslCondition.MALFORMED_REQUEST,
        b"c=biws,r=%s,p=AAAA,x=1": SaslCondition.MALFORMED_REQUEST,
        b"c=biws,r=%s": SaslCondition.MALFORMED_REQUEST,
        b"c=biws,r=%s,p=": SaslCondition.MALFORMED_REQUEST,
        b"c=biws,r=%s,p=A": SaslCondition.MALFORMED_REQUEST,
        b"c=biws,r=%s,m=x,p=AAAA": SaslCondition.MALFORMED_REQUEST,
        b"c=biws,r=%s,c=biws,p=AAAA": SaslCondition.MALFORMED_REQUEST,
        b"c=biws,r=%s,p=AAAA": SaslCondition.NOT_AUTHORIZED,
        b"c=eSws,r=%s,p=" + b"A" * 43 + b"=": SaslCondition.NOT_AUTHORIZED,
        b"c=biws,r=%sx,p=" + b"A" * 43 + b"=": SaslCondition.NOT_AUTHORIZED,
        b"c=biws,r=%s,p=" + b"A" * 43 + b"=": SaslCondition.NOT_AUTHORIZED,
    }
    for template, told in expected.items():

        def swapped(number: int, data: bytes, template: bytes = template) -> bytes:
            if number != 2:
                return data
            nonce = data.split(b",")[1][2:]
            return template % nonce if b"%s" in template else template

        talk = converse(client(), MECHANISM, CONTEXT, SERVER, pencil, tamper=swapped).run()
        assert talk.server_failure is not None, template
        assert talk.server_failure.condition is told, template


@pytest.mark.feature("SASL-06")
def test_an_unknown_user_looks_like_a_wrong_password(converse: Any, pencil: StoredKeys) -> None:
    like = NoSuchUser(iterations=4096)
    seen = []
    for stored in (pencil, like, Disabled(pencil), Disabled()):
        before = derivations_made()
        talk = converse(client(credentials=Password("wrong")), MECHANISM, CONTEXT, SERVER, stored).run()
        challenge = read_server_first(talk.messages[1])
        seen.append(
            (
                len(talk.messages),
                len(challenge.salt),
                len(challenge.nonce),
                talk.server_failure,
                [type(one) for one in talk.requests],
                derivations_made() - before,
            )
        )
    assert seen[0][3] == Failed(SaslCondition.NOT_AUTHORIZED, "the proof is wrong")
    assert seen[0] == seen[1] == seen[2] == seen[3]


@pytest.mark.feature("SASL-06")
def test_an_invented_salt_is_stable_for_the_name_the_hash_and_the_secret() -> None:
    def salt(name: str, context: SaslContext = SERVER, hash: str = "SHA-256") -> bytes:
        mechanism = ScramServer(hash=hash, plus=False)
        need = mechanism.start(f"n,,n={name},r=abc".encode(), context)
        assert isinstance(need, Need)
        outcome = mechanism.answered(need.state, NoSuchUser(iterations=5000, salt_octets=12), context)
        assert isinstance(outcome, Respond)
        assert outcome.data is not None
        first = read_server_first(outcome.data)
        assert first.iterations == 5000
        return first.salt

    assert salt("nobody") == salt("nobody") == salt("NoBody")
    different = {salt("nobody"), salt("nobody2"), salt("nobody", hash="SHA-1")}
    different.add(salt("nobody", replace(SERVER, secret=bytes(16))))
    assert len(different) == 4
    assert {len(one) for one in different} == {12}


def test_a_user_without_keys_for_this_hash_looks_unknown(converse: Any) -> None:
    stored = StoredKeys.derive("pencil", ("SHA-1",), iterations=4096)
    talk = converse(client(), MECHANISM, CONTEXT, SERVER, stored).run()
    assert talk.server_failure == Failed(SaslCondition.NOT_AUTHORIZED, "the proof is wrong")


@pytest.mark.feature("SASL-02")
@pytest.mark.parametrize("told", [SaslCondition.ACCOUNT_DISABLED, SaslCondition.CREDENTIALS_EXPIRED])
def test_a_disabled_account_is_told_only_to_who_knows_the_password(
    converse: Any, pencil: StoredKeys, told: SaslCondition
) -> None:
    right = converse(client(), MECHANISM, CONTEXT, SERVER, Disabled(pencil, told)).run()
    assert right.server_failure is not None
    assert right.server_failure.condition is told
    assert right.authenticated is None
    wrong = converse(client(credentials=Password("x")), MECHANISM, CONTEXT, SERVER, Disabled(pencil, told)).run()
    assert wrong.server_failure is not None
    assert wrong.server_failure.condition is SaslCondition.NOT_AUTHORIZED
    with pytest.raises(LocalProtocolError):
        Disabled(pencil, SaslCondition.ABORTED)


@pytest.mark.feature("SASL-02")
@pytest.mark.parametrize(
    ("authzid", "allowed", "asked", "told"),
    [
        (None, False, False, None),
        ("user", False, False, None),
        ("admin@example.com", True, True, None),
        ("admin@example.com", False, True, SaslCondition.INVALID_AUTHZID),
    ],
)
def test_who_may_act_as_whom_is_asked_after_the_proof(
    converse: Any, pencil: StoredKeys, authzid: str | None, allowed: bool, asked: bool, told: SaslCondition | None
) -> None:
    talk = converse(client(authzid=authzid), MECHANISM, CONTEXT, SERVER, pencil, authorize=allowed).run()
    assert (AuthorizationRequest("user", authzid or "") in talk.requests) is asked
    assert (talk.server_failure and talk.server_failure.condition) == told
    if told is None:
        assert talk.authenticated is not None
        # A name that only repeats who logs in is no address: it must never be read as one.
        told_apart = None if authzid == "user" else authzid
        assert (talk.authenticated.authcid, talk.authenticated.authzid) == ("user", told_apart)
    wrong = converse(
        client(authzid=authzid, credentials=Password("x")), MECHANISM, CONTEXT, SERVER, pencil, authorize=True
    ).run()
    assert not any(isinstance(one, AuthorizationRequest) for one in wrong.requests)


@pytest.mark.feature("SASL-02")
def test_a_store_out_of_reach_is_a_temporary_failure() -> None:
    need = MECHANISM.start(b"n,,n=user,r=abc", SERVER)
    assert isinstance(need, Need)
    assert condition(MECHANISM.answered(need.state, Unavailable(), SERVER)) is SaslCondition.TEMPORARY_AUTH_FAILURE


def test_states_and_answers_of_another_kind_raise() -> None:
    need = MECHANISM.start(b"n,,n=user,r=abc", SERVER)
    assert isinstance(need, Need)
    for step in (
        lambda: MECHANISM.answered(need.state, None, SERVER),
        lambda: MECHANISM.answered(need.state, True, SERVER),
        lambda: MECHANISM.answered(object(), True, SERVER),
        lambda: MECHANISM.responded(need.state, b"", SERVER),
        lambda: MECHANISM.answered(Authorizing("a", "b", b"v=x"), 1, SERVER),
        lambda: MECHANISM.resumed(object(), SERVER),
        lambda: ScramServer(hash="MD5", plus=False),
        lambda: ScramServer(hash="SHA-1", plus=False, nonce=lambda _: "a,b").answered(need.state, NoSuchUser(), SERVER),
    ):
        with pytest.raises(LocalProtocolError):
            step()


def test_without_a_secret_nothing_is_offered_and_nothing_invented() -> None:
    bare = replace(SERVER, secret=b"short")
    assert MECHANISM.refusal(bare) is not None
    need = MECHANISM.start(b"n,,n=user,r=abc", bare)
    assert isinstance(need, Need)
    assert condition(MECHANISM.answered(need.state, NoSuchUser(), bare)) is SaslCondition.TEMPORARY_AUTH_FAILURE


def test_keys_that_changed_during_a_snapshot_are_not_authorized(kept: Any, pencil: StoredKeys) -> None:
    state = kept(challenge_for(b"n,,n=user,r=abc", pencil).state)
    assert isinstance(state, Challenged)
    need = MECHANISM.responded(state, b"c=biws,r=abc,p=AAAA", SERVER)
    assert isinstance(need, Need)
    other = StoredKeys.derive("other", ("SHA-256",), iterations=4096)
    assert condition(MECHANISM.answered(need.state, other, SERVER)) is SaslCondition.NOT_AUTHORIZED
    with pytest.raises(LocalProtocolError):
        MECHANISM.answered(kept(need.state), pencil, SERVER)


def test_an_account_disabled_or_lost_during_a_snapshot(kept: Any, pencil: StoredKeys) -> None:
    mechanism = client(nonce=lambda _: "abc")
    first = mechanism.start(CONTEXT)
    assert isinstance(first, Respond)
    assert first.data is not None
    for before, after, told in (
        (pencil, Disabled(pencil), SaslCondition.ACCOUNT_DISABLED),
        (Disabled(pencil), pencil, SaslCondition.ACCOUNT_DISABLED),
        (pencil, NoSuchUser(), SaslCondition.NOT_AUTHORIZED),
        (pencil, Unavailable(), SaslCondition.TEMPORARY_AUTH_FAILURE),
    ):
        challenge = challenge_for(first.data, before)
        assert challenge.data is not None
        derive = mechanism.challenged(first.state, challenge.data, CONTEXT)
        assert isinstance(derive, Need)
        assert isinstance(derive.request, KeyDerivation)
        final = mechanism.answered(derive.state, derive.request.derive(), CONTEXT)
        assert isinstance(final, Respond)
        assert final.data is not None
        need = MECHANISM.responded(kept(challenge.state), final.data, SERVER)
        assert isinstance(need, Need)
        assert condition(MECHANISM.answered(need.state, after, SERVER)) is told


@pytest.mark.feature("SASL-06")
@pytest.mark.parametrize("nonce", ["{}x", "x{}", "abc"])
def test_a_right_proof_over_another_nonce_is_not_authorized(nonce: str, pencil: StoredKeys) -> None:
    challenge = challenge_for(b"n,,n=user,r=abc", pencil)
    entry = pencil.of("SHA-256")
    assert challenge.data is not None
    assert entry is not None
    key = client_key("SHA-256", derive("pencil", entry.salt, entry.iterations, "SHA-256"))
    ours = read_server_first(challenge.data).nonce
    for said, accepted in ((ours, True), (nonce.format(ours), False)):
        without_proof = f"c=biws,r={said}"
        auth_message = f"n=user,r=abc,{challenge.data.decode()},{without_proof}".encode()
        proof = encode_base64(client_proof("SHA-256", key, auth_message))
        outcome = MECHANISM.responded(challenge.state, f"{without_proof},p={proof}".encode(), SERVER)
        if accepted:
            assert isinstance(outcome, Authenticated)
        else:
            assert condition(outcome) is SaslCondition.NOT_AUTHORIZED


def test_nothing_invented_is_ever_accepted() -> None:
    sha_1 = StoredKeys.derive("pencil", ("SHA-1",), iterations=4096)
    for answer in (NoSuchUser(), Disabled(), Disabled(sha_1), sha_1, StoredKeys(())):
        found = stored_or_invented(answer, "SHA-256", "user", SERVER)
        assert not isinstance(found, Failed)
        verifier, refused_with = found
        like = NoSuchUser(iterations=4096) if sha_1 in (answer, getattr(answer, "keys", None)) else NoSuchUser()
        assert verifier == invented("SHA-256", "USER", like, SERVER)
        assert refused_with is SaslCondition.NOT_AUTHORIZED
        assert verifier.salt != verifier.stored_key[:16]


def test_stored_keys_are_made_whole() -> None:
    keys = StoredKeys.derive("pencil", ("SHA-1", "SHA-256"), iterations=4096, entropy=lambda n: bytes(n))
    assert [len(one.salt) for one in keys.entries] == [16, 16]
    assert keys.of("SHA-512") is None
    entry = keys.of("SHA-1")
    assert entry is not None
    for step in (
        lambda: StoredKeys((entry, entry)),
        lambda: replace(entry, hash="MD5"),
        lambda: replace(entry, stored_key=b"short"),
        lambda: replace(entry, salt=b""),
        lambda: replace(entry, iterations=0),
        lambda: StoredKeys.derive("pencil", ("MD5",)),
        lambda: StoredKeys.derive("pencil", iterations=0),
        lambda: StoredKeys.derive(""),
        lambda: NoSuchUser(iterations=0),
        lambda: NoSuchUser(salt_octets=33),
        lambda: NoSuchUser(hash="MD5"),
    ):
        with pytest.raises(LocalProtocolError):
            step()
    assert isinstance(ScramVerifier.of("pencil", "SHA-1", b"salt", 1), ScramVerifier)
