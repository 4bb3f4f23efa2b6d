"""Offers by policy by bindings (RFC 6120 sections 6.3.3 and 13.9.4)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest

from xmpp_core.errors import LocalProtocolError
from xmpp_core.sasl.catalogue import client_mechanisms, server_mechanisms
from xmpp_core.sasl.choice import ChoicePolicy, announced_types, choose, offer, select
from xmpp_core.sasl.conditions import SaslCondition
from xmpp_core.sasl.credentials import ClientKeys, Keys, Password, StoredKeys
from xmpp_core.sasl.mechanism import (
    ClientMechanism,
    ClientOutcome,
    Failed,
    Refusal,
    RefusalReason,
    Respond,
    SaslContext,
    Strength,
    Verified,
)

END_POINT = {"tls-server-end-point": b"end point"}
CLIENTS = client_mechanisms("juliet", Password("pencil"))
ALL = (
    "PLAIN",
    "SCRAM-SHA-1",
    "SCRAM-SHA-1-PLUS",
    "SCRAM-SHA-256",
    "SCRAM-SHA-256-PLUS",
    "SCRAM-SHA-512",
    "SCRAM-SHA-512-PLUS",
)
BARE = ("PLAIN", "SCRAM-SHA-1", "SCRAM-SHA-256", "SCRAM-SHA-512")
PLAIN_POLICY = ChoicePolicy()
LOUD = ChoicePolicy(insecure_plaintext_authentication=True)


@dataclass(frozen=True)
class Certificate:
    """A mechanism of somebody else: strong, and not concerned by channel binding."""

    name: str = "EXTERNAL"
    strength: int = Strength.CERTIFICATE
    binds: bool = False

    def refusal(self, context: SaslContext) -> Refusal | None:
        return None

    def start(self, context: SaslContext) -> ClientOutcome:
        return Respond(b"", None)

    def challenged(self, state: object, data: bytes, context: SaslContext) -> ClientOutcome:
        return Failed(SaslCondition.ABORTED, "no challenge expected")

    def answered(self, state: object, value: object, context: SaslContext) -> ClientOutcome:
        raise LocalProtocolError("nothing was asked")

    def succeeded(self, state: object, data: bytes | None, context: SaslContext) -> ClientOutcome:
        return Verified()

    def resumed(self, state: object, context: SaslContext) -> ClientOutcome | None:
        return None


def chosen(
    offered: tuple[str, ...],
    policy: ChoicePolicy = PLAIN_POLICY,
    failed: tuple[str, ...] = (),
    clients: tuple[ClientMechanism, ...] = CLIENTS,
    **context: Any,
) -> str | RefusalReason:
    given = SaslContext(**{"secure": True, "tls_version": "TLSv1.3", "offered": offered, **context})
    got = choose(clients, given, policy, failed)
    return got.reason if isinstance(got, Refusal) else got.name


@pytest.mark.feature("SASL-03")
@pytest.mark.parametrize(
    ("offered", "policy", "failed", "secure", "expected"),
    [
        (BARE, ChoicePolicy(), (), True, "SCRAM-SHA-512"),
        (BARE[::-1], ChoicePolicy(), (), True, "SCRAM-SHA-512"),
        ((*BARE, "SCRAM-SHA3-512"), ChoicePolicy(), (), True, "SCRAM-SHA3-512"),
        (BARE, ChoicePolicy(), ("SCRAM-SHA-512",), True, "SCRAM-SHA-256"),
        (BARE, ChoicePolicy(), ("SCRAM-SHA-512", "SCRAM-SHA-256"), True, "SCRAM-SHA-1"),
        (BARE, ChoicePolicy(), BARE[1:], True, "PLAIN"),
        (BARE, ChoicePolicy(), BARE, True, RefusalReason.ALL_FAILED),
        (("PLAIN",), ChoicePolicy(), (), True, "PLAIN"),
        (("PLAIN",), ChoicePolicy(minimum=Strength.SCRAM_SHA_1), (), True, RefusalReason.TOO_WEAK),
        (BARE, ChoicePolicy(minimum=Strength.SCRAM_SHA_256), ("SCRAM-SHA-512",), True, "SCRAM-SHA-256"),
        (
            BARE,
            ChoicePolicy(minimum=Strength.SCRAM_SHA_256),
            ("SCRAM-SHA-512", "SCRAM-SHA-256"),
            True,
            RefusalReason.ALL_FAILED,
        ),
        (BARE, ChoicePolicy(minimum=Strength.SCRAM_SHA_1_PLUS), (), True, RefusalReason.TOO_WEAK),
        ((), ChoicePolicy(), (), True, RefusalReason.NOTHING_IN_COMMON),
        (("X-OTHER", "plain"), ChoicePolicy(), (), True, RefusalReason.NOTHING_IN_COMMON),
        (BARE, ChoicePolicy(), (), False, RefusalReason.NOT_SECURE),
        (("PLAIN",), ChoicePolicy(), (), False, RefusalReason.NOT_SECURE),
        (BARE, LOUD, (), False, "SCRAM-SHA-512"),
        (("PLAIN",), LOUD, (), False, "PLAIN"),
    ],
)
def test_without_bindings(
    offered: tuple[str, ...],
    policy: ChoicePolicy,
    failed: tuple[str, ...],
    secure: bool,
    expected: str | RefusalReason,
) -> None:
    assert chosen(offered, policy, failed, secure=secure) == expected


PLUS = tuple(name for name in ALL if name.endswith("-PLUS"))


@pytest.mark.feature("SASL-03", "SASL-07")
@pytest.mark.parametrize(
    ("offered", "announced", "failed", "expected"),
    [
        (ALL, ("tls-server-end-point",), (), "SCRAM-SHA-512-PLUS"),
        (("SCRAM-SHA-1-PLUS", "SCRAM-SHA-512", "PLAIN"), ("tls-server-end-point",), (), "SCRAM-SHA-1-PLUS"),
        (ALL, ("tls-server-end-point",), ("SCRAM-SHA-512-PLUS",), "SCRAM-SHA-256-PLUS"),
        (ALL, ("tls-server-end-point",), PLUS, RefusalReason.ALL_FAILED),
        (ALL, ("tls-exporter",), (), "SCRAM-SHA-512"),
        (("SCRAM-SHA-1-PLUS", "PLAIN"), ("tls-exporter",), (), RefusalReason.BINDINGS_TAMPERED),
        (BARE, ("tls-server-end-point",), (), RefusalReason.BINDINGS_TAMPERED),
        (("PLAIN",), ("tls-server-end-point",), (), RefusalReason.BINDINGS_TAMPERED),
        (PLUS, None, (), RefusalReason.NO_BINDING),
        (ALL, None, (), "SCRAM-SHA-512"),
        (BARE, None, (), "SCRAM-SHA-512"),
    ],
)
def test_with_a_binding(
    offered: tuple[str, ...], announced: tuple[str, ...] | None, failed: tuple[str, ...], expected: str | RefusalReason
) -> None:
    assert chosen(offered, failed=failed, channel_bindings=END_POINT, binding_types=announced) == expected


def test_a_guessed_type_that_failed_is_not_held_against_the_rest() -> None:
    context: dict[str, Any] = {"tls_version": "TLSv1.2", "channel_bindings": {"tls-unique": b"u"}}
    assert chosen(ALL, **context) == "SCRAM-SHA-512-PLUS"
    assert chosen(ALL, failed=PLUS, **context) == "SCRAM-SHA-512"


def test_a_stronger_mechanism_of_another_kind_stays_possible() -> None:
    clients = (*CLIENTS, Certificate())
    context: dict[str, Any] = {
        "channel_bindings": END_POINT,
        "binding_types": ("tls-server-end-point",),
        "clients": clients,
    }
    assert chosen((*ALL, "EXTERNAL"), **context) == "EXTERNAL"
    assert chosen((*ALL, "EXTERNAL"), failed=("EXTERNAL",), **context) == "SCRAM-SHA-512-PLUS"
    # The offer shows tampering; a certificate does not depend on what was taken away.
    assert chosen((*BARE, "EXTERNAL"), **context) == "EXTERNAL"
    assert chosen((*BARE, "EXTERNAL"), failed=("EXTERNAL",), **context) == RefusalReason.ALL_FAILED


def test_keys_only_reach_the_hashes_they_are_for() -> None:
    keys = Keys((ClientKeys("SHA-256", b"salt", 4096, bytes(32), bytes(32)),))
    clients = client_mechanisms("juliet", keys)
    assert chosen(BARE, clients=clients) == "SCRAM-SHA-256"
    assert chosen(("PLAIN", "SCRAM-SHA-1"), clients=clients) == RefusalReason.NO_CREDENTIALS


@pytest.mark.feature("SASL-17")
def test_a_password_with_two_forms_gets_two_tries(converse: Any) -> None:
    clients = client_mechanisms("juliet", Password("\u2168"))
    context = SaslContext(secure=True, offered=("SCRAM-SHA-256", "SCRAM-SHA-1"))
    server = SaslContext(secure=True, offered=context.offered, secret=bytes(16))
    servers = server_mechanisms()
    stored = StoredKeys.derive("IX", ("SHA-256", "SHA-1"), iterations=4096)
    failed: list[str] = []
    for expected in (False, True):
        one = choose(clients, context, failed=failed)
        assert not isinstance(one, Refusal)
        other = select(servers, one.name, server)
        assert not isinstance(other, Failed)
        talk = converse(one, other, context, server, stored).run()
        assert (talk.verified is not None) is expected
        failed.append(one.name)
    assert failed == ["SCRAM-SHA-256", "SCRAM-SHA-256"]
    third = choose(clients, context, failed=failed)
    assert not isinstance(third, Refusal)
    assert third.name == "SCRAM-SHA-1"


@pytest.mark.feature("SASL-03", "SASL-10")
def test_what_a_server_offers_and_announces() -> None:
    servers = server_mechanisms()
    context = SaslContext(secure=True, tls_version="TLSv1.3", secret=bytes(16))
    bare = ("SCRAM-SHA-512", "SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN")
    assert offer(servers, context) == bare
    assert announced_types(servers, context) == ()
    bound = replace(context, channel_bindings={**END_POINT, "tls-unique": b"u", "tls-exporter": b"e"})
    assert offer(servers, bound) == ("SCRAM-SHA-512-PLUS", "SCRAM-SHA-256-PLUS", "SCRAM-SHA-1-PLUS", *bare)
    assert announced_types(servers, bound) == ("tls-exporter", "tls-server-end-point")
    only_bare = [one for one in servers if not one.binds]
    assert announced_types(only_bare, bound) == ()
    assert offer(servers, replace(context, secure=False)) == ()
    assert offer(servers, replace(context, secure=False), LOUD) == bare
    assert offer(servers, context, ChoicePolicy(minimum=Strength.SCRAM_SHA_256)) == bare[:2]
    assert offer(servers, replace(context, secret=b"")) == ()
    assert offer(server_mechanisms(("SHA-1",), plain=False), context) == ("SCRAM-SHA-1",)


@pytest.mark.feature("SASL-02")
@pytest.mark.parametrize(
    ("name", "secure", "policy", "expected"),
    [
        ("PLAIN", True, ChoicePolicy(), "PLAIN"),
        ("SCRAM-SHA-1", True, ChoicePolicy(), "SCRAM-SHA-1"),
        ("CRAM-MD5", True, ChoicePolicy(), SaslCondition.INVALID_MECHANISM),
        ("", True, ChoicePolicy(), SaslCondition.INVALID_MECHANISM),
        ("SCRAM-SHA-1-PLUS", True, ChoicePolicy(), SaslCondition.INVALID_MECHANISM),
        ("PLAIN", False, ChoicePolicy(), SaslCondition.ENCRYPTION_REQUIRED),
        ("SCRAM-SHA-1", False, ChoicePolicy(), SaslCondition.ENCRYPTION_REQUIRED),
        ("PLAIN", False, LOUD, "PLAIN"),
        ("PLAIN", True, ChoicePolicy(minimum=Strength.SCRAM_SHA_1), SaslCondition.MECHANISM_TOO_WEAK),
    ],
)
def test_what_a_server_selects(name: str, secure: bool, policy: ChoicePolicy, expected: str | SaslCondition) -> None:
    context = SaslContext(secure=secure, tls_version="TLSv1.3" if secure else None, secret=bytes(16))
    got = select(server_mechanisms(), name, context, policy)
    assert (got.condition if isinstance(got, Failed) else got.name) == expected


def test_conditions_by_name() -> None:
    assert len(SaslCondition) == 11
    assert SaslCondition.named("account-disabled") is SaslCondition.ACCOUNT_DISABLED
    assert SaslCondition.named("made-up") is SaslCondition.NOT_AUTHORIZED
