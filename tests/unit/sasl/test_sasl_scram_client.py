"""What a SCRAM client refuses from a server (RFC 5802 sections 5, 5.1 and 7)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from xmpp_core.errors import LocalProtocolError
from xmpp_core.sasl.conditions import SaslCondition
from xmpp_core.sasl.credentials import MOST_KEYS, ClientKeys, Keys, Password, StoredKeys
from xmpp_core.sasl.derivation import derivations_made
from xmpp_core.sasl.mechanism import Failed, KeyDerivation, Need, RefusalReason, Respond, SaslContext, Verified
from xmpp_core.sasl.preparation import forms, prepare
from xmpp_core.sasl.scram_client import Deriving, FinalSent, FirstSent, ScramClient
from xmpp_core.sasl.scram_server import ScramServer

CONTEXT = SaslContext(secure=True)
SERVER = SaslContext(secure=True, secret=bytes(16))
NONCE = "fyko+d2lbbFgONRv9qkxdawL"
GOOD = f"r={NONCE}3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096"
SIGNATURE = b"v=rmF9pqV8S7suAoZWja4dJRkFsKQ="


def client(**changes: Any) -> ScramClient:
    given = {"hash": "SHA-1", "plus": False, "authcid": "user", "credentials": Password("pencil")}
    return ScramClient(**{**given, "nonce": lambda _: NONCE, **changes})


def sent(mechanism: ScramClient) -> Respond:
    outcome = mechanism.start(CONTEXT)
    assert isinstance(outcome, Respond)
    return outcome


def proved(mechanism: ScramClient) -> FinalSent:
    need = mechanism.challenged(sent(mechanism).state, GOOD.encode(), CONTEXT)
    assert isinstance(need, Need)
    assert isinstance(need.request, KeyDerivation)
    final = mechanism.answered(need.state, need.request.derive(), CONTEXT)
    assert isinstance(final, Respond)
    assert isinstance(final.state, FinalSent)
    return final.state


@pytest.mark.feature("SASL-05", "SEC-03")
@pytest.mark.parametrize(
    "challenge",
    [
        b"",
        b",",
        b"e=",
        b"e=invalid-proof,m=x",
        b"\xff",
        f"r={NONCE},s=QSXCR+Q6sek8bf92,i=4096",
        "r=otherNonceAltogether,s=QSXCR+Q6sek8bf92,i=4096",
        f"r=x{NONCE}y,s=QSXCR+Q6sek8bf92,i=4096",
        f"r={NONCE} y,s=QSXCR+Q6sek8bf92,i=4096",
        f"r={NONCE}\u00e9,s=QSXCR+Q6sek8bf92,i=4096",
        f"r={NONCE}y,s=,i=4096",
        f"r={NONCE}y,s=QSXCR+Q6sek8bf9,i=4096",
        f"r={NONCE}y,s=QSXCR-Q6sek8bf92,i=4096",
        f"r={NONCE}y,s=QSXC R+Q6sek8bf9,i=4096",
        f"r={NONCE}y,s=QQ==QSXC,i=4096",
        f"r={NONCE}y,s=QR==,i=4096",
        f"r={NONCE}y,s=QSXCR+Q6sek8bf92",
        f"r={NONCE}y,i=4096,s=QSXCR+Q6sek8bf92",
        f"s=QSXCR+Q6sek8bf92,r={NONCE}y,i=4096",
        f"m=x,r={NONCE}y,s=QSXCR+Q6sek8bf92,i=4096",
        f"{GOOD},m=x",
        f"{GOOD},i=1",
        f"{GOOD},",
        f"{GOOD},x",
        f"{GOOD},x=",
        f"{GOOD},\u00e9=1",
        f"{GOOD}\0",
        f"{GOOD}\n",
        f"r={NONCE}y,s=QSXCR+Q6sek8bf92,i=04096",
        f"r={NONCE}y,s=QSXCR+Q6sek8bf92,i=+4096",
        f"r={NONCE}y,s=QSXCR+Q6sek8bf92,i=4096.0",
        f"r={NONCE}y,s=QSXCR+Q6sek8bf92,i=4_096",
        f"r={NONCE}y,s=QSXCR+Q6sek8bf92,i=\u0664\u0660\u0669\u0666",
        f"r={NONCE}y,s=QSXCR+Q6sek8bf92,i=-1",
        f"r={NONCE}y,s=QSXCR+Q6sek8bf92,i=0",
        f"r={NONCE}y,s=QSXCR+Q6sek8bf92,i=4095",
        f"r={NONCE}y,s=QSXCR+Q6sek8bf92,i=1000001",
        f"r={NONCE}y,s=QSXCR+Q6sek8bf92,i={'9' * 4000}",
    ],
)
def test_a_first_message_that_breaks_a_rule_costs_no_derivation(challenge: str | bytes) -> None:
    before = derivations_made()
    data = challenge if isinstance(challenge, bytes) else challenge.encode()
    outcome = client().challenged(sent(client()).state, data, CONTEXT)
    assert isinstance(outcome, Failed)
    assert outcome.condition is SaslCondition.ABORTED
    assert not outcome.try_another
    assert derivations_made() == before


@pytest.mark.parametrize("iterations", [4096, 1_000_000])
def test_the_bounds_of_iterations_are_inside(iterations: int) -> None:
    challenge = GOOD.replace("i=4096", f"i={iterations}")
    outcome = client().challenged(sent(client()).state, challenge.encode(), CONTEXT)
    assert isinstance(outcome, Need)
    assert isinstance(outcome.request, KeyDerivation)
    assert outcome.request.iterations == iterations


def test_an_unknown_extension_is_ignored_and_signed() -> None:
    outcome = client().challenged(sent(client()).state, f"{GOOD},x=a=b,Z=1".encode(), CONTEXT)
    assert isinstance(outcome, Need)
    assert isinstance(outcome.state, Deriving)
    assert f"{GOOD},x=a=b,Z=1" in outcome.state.auth_message


@pytest.mark.feature("SASL-05")
@pytest.mark.parametrize(
    "data",
    [
        None,
        b"",
        b"v=",
        b"v=AAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        SIGNATURE[:-1],
        SIGNATURE + b"=",
        SIGNATURE + b"\n",
        SIGNATURE + b",",
        SIGNATURE + b",m=x",
        SIGNATURE + b",v=AAAA",
        SIGNATURE.replace(b"sKQ=", b"sKR="),
        b"x=1," + SIGNATURE,
        b"m=1," + SIGNATURE,
        b"v=cm1GOXBxVjhTN3N1QW9aV2phNGRKUmtGc0tRPQ==",
        b"e=",
        b"e=other-error",
        b"e=invalid-proof,m=x",
        b"e=invalid-proof," + SIGNATURE,
        b"\xff",
    ],
)
@pytest.mark.parametrize("claimed", [True, False])
def test_no_success_without_the_right_signature(data: bytes | None, claimed: bool) -> None:
    mechanism = client()
    state = proved(mechanism)
    if claimed:
        outcome = mechanism.succeeded(state, data, CONTEXT)
    else:
        outcome = mechanism.challenged(state, data or b"", CONTEXT)
    assert isinstance(outcome, Failed)


def test_the_right_signature_is_success_in_either_place() -> None:
    mechanism = client()
    state = proved(mechanism)
    outcome = mechanism.succeeded(state, SIGNATURE, CONTEXT)
    assert isinstance(outcome, Verified)
    assert outcome.server_proved
    early = mechanism.challenged(state, SIGNATURE + b",x=ignored", CONTEXT)
    assert isinstance(early, Respond)
    assert early.data == b""
    assert isinstance(mechanism.succeeded(early.state, None, CONTEXT), Verified)
    assert isinstance(mechanism.succeeded(early.state, b"", CONTEXT), Verified)
    assert isinstance(mechanism.succeeded(early.state, b"more", CONTEXT), Failed)
    assert isinstance(mechanism.challenged(early.state, b"", CONTEXT), Failed)


def test_success_before_the_proof_is_a_failure() -> None:
    assert isinstance(client().succeeded(sent(client()).state, SIGNATURE, CONTEXT), Failed)
    assert isinstance(client().succeeded(sent(client()).state, None, CONTEXT), Failed)


@pytest.mark.feature("SASL-05")
@pytest.mark.parametrize(
    ("value", "told", "another"),
    [
        ("invalid-proof", "invalid-proof", True),
        ("unknown-user", "unknown-user", True),
        ("no-resources", "no-resources", True),
        ("channel-bindings-dont-match", "channel-bindings-dont-match", False),
        ("server-does-support-channel-binding", "server-does-support-channel-binding", False),
        ("invalid-encoding", "invalid-encoding", False),
        ("canary-of-the-peer", "other-error", True),
    ],
)
def test_errors_of_the_server_are_told_by_their_defined_names_only(value: str, told: str, another: bool) -> None:
    mechanism = client()
    for outcome in (
        mechanism.challenged(proved(mechanism), f"e={value}".encode(), CONTEXT),
        mechanism.challenged(sent(mechanism).state, f"e={value},x=1".encode(), CONTEXT),
        mechanism.succeeded(proved(mechanism), f"e={value}".encode(), CONTEXT),
    ):
        assert isinstance(outcome, Failed)
        assert told in outcome.reason
        assert "canary" not in outcome.reason
        assert outcome.try_another is another


def test_names_are_quoted() -> None:
    mechanism = client(authcid="a,b=c", authzid="x=1,y@example.com")
    assert sent(mechanism).data == f"n,a=x=3D1=2Cy@example.com,n=a=2Cb=3Dc,r={NONCE}".encode()


@pytest.mark.feature("SASL-17")
@pytest.mark.parametrize(
    "changes",
    [
        {"authcid": ""},
        {"authcid": "a\0b"},
        {"authcid": "\ud800"},
        {"authzid": ""},
        {"authzid": "a\0b"},
        {"authzid": "\ud800"},
        {"credentials": Password("")},
        {"credentials": Password("pen\0cil")},
        {"form": 1},
        {"form": -1},
        {"hash": "MD5"},
    ],
)
def test_what_the_caller_may_not_ask(changes: dict[str, Any]) -> None:
    with pytest.raises(LocalProtocolError):
        client(**changes)


@pytest.mark.parametrize("nonce", ["", "a,b", "a b", "\u00e9"])
def test_a_nonce_source_must_make_nonces(nonce: str) -> None:
    with pytest.raises(LocalProtocolError):
        client(nonce=lambda _: nonce).start(CONTEXT)


def test_states_and_answers_of_another_kind_raise_and_change_nothing() -> None:
    mechanism = client()
    first = sent(mechanism).state
    need = mechanism.challenged(first, GOOD.encode(), CONTEXT)
    assert isinstance(need, Need)
    for value in (None, "text", b"", b"short", 5):
        with pytest.raises(LocalProtocolError):
            mechanism.answered(need.state, value, CONTEXT)
    steps: tuple[Callable[[], object], ...] = (
        lambda: mechanism.answered(first, bytes(20), CONTEXT),
        lambda: mechanism.challenged(need.state, b"", CONTEXT),
        lambda: mechanism.succeeded(need.state, b"", CONTEXT),
        lambda: mechanism.challenged(object(), b"", CONTEXT),
        lambda: mechanism.resumed(object(), CONTEXT),
    )
    for step in steps:
        with pytest.raises(LocalProtocolError):
            step()
    assert isinstance(need.request, KeyDerivation)
    assert isinstance(mechanism.answered(need.state, need.request.derive(), CONTEXT), Respond)


def test_a_nonce_is_fresh_entropy_each_time() -> None:
    asked: list[int] = []

    def entropy(octets: int) -> bytes:
        asked.append(octets)
        return bytes([len(asked)]) * octets

    mechanism = ScramClient(hash="SHA-256", plus=False, authcid="user", credentials=Password("pencil"))
    context = replace(CONTEXT, entropy=entropy)
    states = [mechanism.start(context) for _ in range(2)]
    nonces = {one.state.nonce for one in states if isinstance(one, Respond) and isinstance(one.state, FirstSent)}
    assert len(nonces) == 2
    assert asked == [18, 18]


def test_kept_keys_save_the_derivation(converse: Any, pencil: StoredKeys) -> None:
    password = Password("pencil")
    first = converse(
        client(hash="SHA-256", credentials=password), ScramServer(hash="SHA-256", plus=False), CONTEXT, SERVER, pencil
    ).run()
    assert first.verified is not None
    assert first.verified.keys is not None
    for credentials in (password.having(first.verified.keys), Keys().having(first.verified.keys)):
        before = derivations_made()
        again = converse(
            client(hash="SHA-256", credentials=credentials),
            ScramServer(hash="SHA-256", plus=False),
            CONTEXT,
            SERVER,
            pencil,
        ).run()
        assert again.verified is not None
        assert again.verified.keys == first.verified.keys
        assert derivations_made() == before


def test_kept_keys_that_do_not_fit_fall_back_to_the_password_or_fail(converse: Any, pencil: StoredKeys) -> None:
    old = ClientKeys("SHA-256", b"an old salt", 4096, bytes(32), bytes(32))
    server = ScramServer(hash="SHA-256", plus=False)
    both = converse(
        client(hash="SHA-256", credentials=Password("pencil").having(old)), server, CONTEXT, SERVER, pencil
    ).run()
    assert both.verified is not None
    only = converse(client(hash="SHA-256", credentials=Keys((old,))), server, CONTEXT, SERVER, pencil).run()
    assert only.client_failure is not None
    assert only.client_failure.try_another
    refusal = client(hash="SHA-512", credentials=Keys((old,))).refusal(CONTEXT)
    assert refusal is not None
    assert refusal.reason is RefusalReason.NO_CREDENTIALS


@pytest.mark.feature("SASL-17")
def test_kept_keys_are_of_the_first_form_only() -> None:
    kept = ClientKeys("SHA-1", b"A%\xc2G\xe4:\xb1\xe9<m\xffv", 4096, bytes(20), bytes(20))
    for form, kind in ((0, Respond), (1, Need)):
        mechanism = client(credentials=Password("\u2168").having(kept), form=form)
        outcome = mechanism.challenged(sent(mechanism).state, GOOD.encode(), CONTEXT)
        assert isinstance(outcome, kind)


@pytest.mark.feature("SASL-17")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("pencil and paper", ("pencil and paper",)),
        ("\u00e9", ("\u00e9",)),
        ("e\u0301", ("\u00e9",)),
        ("a\u00a0b", ("a b",)),
        ("I\u00adX", ("IX",)),
        ("\u2168", ("\u2168", "IX")),
        ("\u00aa", ("\u00aa", "a")),
        ("\u06271", ("\u06271",)),
        ("a\u0378", ("a\u0378",)),
    ],
)
def test_forms_of_a_password(text: str, expected: tuple[str, ...]) -> None:
    assert forms(text) == expected
    assert prepare(text) == expected[0]


@pytest.mark.parametrize("message", [f"m=x,{GOOD}", f"r={NONCE}y,m=x,s=QSXCR+Q6sek8bf92,i=4096"])
def test_a_mandatory_extension_is_named(message: str) -> None:
    outcome = client().challenged(sent(client()).state, message.encode(), CONTEXT)
    assert isinstance(outcome, Failed)
    assert "mandatory extension" in outcome.reason


def test_kept_keys_are_bounded_and_the_newest_stays() -> None:
    keys = Keys()
    for number in range(1, 3 * MOST_KEYS):
        keys = keys.having(ClientKeys("SHA-1", b"%d" % number, 4096, bytes(20), bytes(20)))
        keys = keys.having(ClientKeys("SHA-1", b"%d" % number, 4096, bytes(20), bytes(20)))
    assert len(keys.entries) == MOST_KEYS
    assert keys.entries[0].salt == b"%d" % (3 * MOST_KEYS - 1)
    assert keys.find("SHA-1", b"1", 4096) is None
    with pytest.raises(LocalProtocolError):
        Keys(keys.entries * 2)
