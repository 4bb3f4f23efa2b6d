"""Every client with every server under every attacker (RFC 5802 section 6, XEP-0440 section 3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest

from xmpp_core.sasl.binding import Flag, binds, client_flag, usable
from xmpp_core.sasl.catalogue import client_mechanisms, server_mechanisms
from xmpp_core.sasl.choice import announced_types, choose, offer, select
from xmpp_core.sasl.conditions import SaslCondition
from xmpp_core.sasl.credentials import Password, StoredKeys
from xmpp_core.sasl.mechanism import Failed, Need, Refusal, RefusalReason, Respond, SaslContext
from xmpp_core.sasl.scram_client import ScramClient
from xmpp_core.sasl.scram_server import ScramServer

SECRET = bytes(16)
DATA = {"tls-exporter": b"exporter", "tls-unique": b"unique", "tls-server-end-point": b"end point"}
V12, V13 = "TLSv1.2", "TLSv1.3"
EXPORTER, UNIQUE, END_POINT = "tls-exporter", "tls-unique", "tls-server-end-point"


@pytest.mark.feature("SASL-07")
@pytest.mark.parametrize(
    ("version", "unique_secrets", "expected"),
    [
        (V13, None, (EXPORTER, END_POINT)),
        (V13, True, (EXPORTER, END_POINT)),
        (V13, False, (EXPORTER, END_POINT)),
        (V12, True, (EXPORTER, UNIQUE, END_POINT)),
        (V12, False, (END_POINT,)),
        (V12, None, (END_POINT, UNIQUE)),
        ("TLSv1.1", True, (EXPORTER, UNIQUE, END_POINT)),
        ("TLSv1", True, (EXPORTER, UNIQUE, END_POINT)),
        ("TLSv2.0", None, (EXPORTER, END_POINT)),
        (None, None, (END_POINT,)),
    ],
)
def test_which_types_a_channel_has(version: str | None, unique_secrets: bool | None, expected: tuple[str, ...]) -> None:
    context = SaslContext(
        secure=True,
        tls_version=version,
        extended_master_secret=unique_secrets,
        channel_bindings={**DATA, "other": b"x"},
    )
    assert usable(context) == expected
    assert usable(replace(context, secure=False)) == ()
    assert usable(replace(context, channel_bindings={})) == ()
    assert usable(replace(context, channel_bindings=dict.fromkeys(DATA, b""))) == ()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("SCRAM-SHA-1-PLUS", True),
        ("SCRAM-SHA-1", False),
        ("HT-SHA-256-EXPR", True),
        ("HT-SHA-256-NONE", False),
        ("PLAIN", False),
    ],
)
def test_names_that_bind(name: str, expected: bool) -> None:
    assert binds(name) is expected


PLUS = ("SCRAM-SHA-256-PLUS", "SCRAM-SHA-256")
BARE = ("SCRAM-SHA-256",)
TAMPERED, NO_BINDING, POSSIBLE = (
    RefusalReason.BINDINGS_TAMPERED,
    RefusalReason.NO_BINDING,
    RefusalReason.BINDING_POSSIBLE,
)


@pytest.mark.feature("SASL-07", "SASL-10")
@pytest.mark.parametrize(
    ("ours", "version", "offered", "announced", "plus", "bare"),
    [
        # Nothing of our own: rule 2.
        ((), V13, PLUS, (EXPORTER,), NO_BINDING, "n"),
        ((), V13, PLUS, None, NO_BINDING, "n"),
        ((), V13, BARE, (EXPORTER,), NO_BINDING, "n"),
        ((), V13, BARE, None, NO_BINDING, "n"),
        # tls-unique under TLS 1.3 is nothing, whatever the host says.
        ((UNIQUE,), V13, PLUS, (UNIQUE,), NO_BINDING, "n"),
        ((UNIQUE,), V13, PLUS, None, NO_BINDING, "n"),
        ((UNIQUE,), V13, BARE, None, NO_BINDING, "n"),
        # Neither types nor -PLUS: rule 3, the only y.
        ((END_POINT,), V13, BARE, None, NO_BINDING, "y"),
        ((UNIQUE,), V12, BARE, None, "p=tls-unique", "y"),
        ((EXPORTER, END_POINT), V13, BARE, (), NO_BINDING, "y"),
        # -PLUS without types: tls-unique under TLS 1.2, else plain SCRAM.
        ((UNIQUE, END_POINT), V12, PLUS, None, "p=tls-unique", "n"),
        ((END_POINT,), V12, PLUS, None, NO_BINDING, "n"),
        ((EXPORTER, END_POINT), V13, PLUS, None, NO_BINDING, "n"),
        # Types without -PLUS: rule 5.
        ((END_POINT,), V13, BARE, (END_POINT,), TAMPERED, TAMPERED),
        ((END_POINT,), V13, BARE, (EXPORTER,), TAMPERED, TAMPERED),
        # Types in common: the preferred one, and nothing else.
        ((EXPORTER, UNIQUE, END_POINT), V13, PLUS, (END_POINT, EXPORTER), "p=tls-exporter", POSSIBLE),
        ((EXPORTER, UNIQUE, END_POINT), V12, PLUS, (END_POINT, UNIQUE), "p=tls-unique", POSSIBLE),
        ((EXPORTER, UNIQUE, END_POINT), V13, PLUS, (END_POINT, UNIQUE), "p=tls-server-end-point", POSSIBLE),
        ((END_POINT,), V13, PLUS, (EXPORTER, END_POINT), "p=tls-server-end-point", POSSIBLE),
        # No type in common: rule 6 as XEP-0474 section 7 has it, which -PLUS cannot keep; n otherwise.
        ((END_POINT,), V13, PLUS, (EXPORTER,), TAMPERED, "n"),
        ((END_POINT,), V13, PLUS, (), TAMPERED, "n"),
        ((END_POINT,), V13, PLUS, ("invented",), TAMPERED, "n"),
        ((EXPORTER,), V13, PLUS, (END_POINT,), NO_BINDING, "n"),
        # Another hash has -PLUS and the wanted one has not.
        ((END_POINT,), V13, ("SCRAM-SHA-1-PLUS", "SCRAM-SHA-256"), (END_POINT,), "p=tls-server-end-point", "n"),
    ],
)
def test_what_the_client_says(
    ours: tuple[str, ...],
    version: str,
    offered: tuple[str, ...],
    announced: tuple[str, ...] | None,
    plus: str | RefusalReason,
    bare: str | RefusalReason,
) -> None:
    context = SaslContext(
        secure=True,
        tls_version=version,
        extended_master_secret=True,
        channel_bindings={one: DATA[one] for one in ours},
        offered=offered,
        binding_types=announced,
    )
    for name, expected in (("SCRAM-SHA-256-PLUS", plus), ("SCRAM-SHA-256", bare)):
        got = client_flag(context, name)
        assert (got.reason if isinstance(got, Refusal) else str(got)) == expected, name
        mechanism = ScramClient(
            hash="SHA-256", plus=name.endswith("-PLUS"), authcid="user", credentials=Password("pencil")
        )
        assert mechanism.refusal(context) == (got if isinstance(got, Refusal) else None)
        outcome = mechanism.start(context)
        if isinstance(expected, RefusalReason):
            assert isinstance(outcome, Failed)
            assert outcome.try_another is (expected is not TAMPERED)
        else:
            assert isinstance(outcome, Respond)
            assert outcome.data is not None
            assert outcome.data.startswith(f"{expected},,n=user,r=".encode())


def test_extensible_sasl_wants_types_with_plus() -> None:
    context = SaslContext(
        secure=True, tls_version=V12, channel_bindings=DATA, offered=PLUS, types_must_be_announced=True
    )
    for name in PLUS:
        got = client_flag(context, name)
        assert isinstance(got, Refusal)
        assert got.reason is TAMPERED


@pytest.mark.feature("SASL-07")
@pytest.mark.parametrize(
    ("plus", "flag", "types", "offered", "told"),
    [
        (True, "p=tls-exporter", (EXPORTER,), PLUS, None),
        (True, "p=tls-server-end-point", (EXPORTER,), PLUS, SaslCondition.NOT_AUTHORIZED),
        (True, "p=tls-unique", (EXPORTER, UNIQUE), PLUS, SaslCondition.NOT_AUTHORIZED),
        (True, "n", (EXPORTER,), PLUS, SaslCondition.MALFORMED_REQUEST),
        (True, "y", (EXPORTER,), PLUS, SaslCondition.MALFORMED_REQUEST),
        (False, "p=tls-exporter", (EXPORTER,), PLUS, SaslCondition.MALFORMED_REQUEST),
        (False, "n", (EXPORTER,), PLUS, None),
        (False, "y", (EXPORTER,), PLUS, SaslCondition.NOT_AUTHORIZED),
        (False, "y", (EXPORTER,), BARE, None),
        (False, "y", (), BARE, None),
        (False, "n", (), BARE, None),
    ],
)
def test_what_the_server_takes(
    plus: bool, flag: str, types: tuple[str, ...], offered: tuple[str, ...], told: SaslCondition | None
) -> None:
    context = SaslContext(
        secure=True,
        tls_version=V13,
        channel_bindings={one: DATA[one] for one in types},
        offered=offered,
        secret=SECRET,
    )
    outcome = ScramServer(hash="SHA-256", plus=plus).start(f"{flag},,n=user,r=abc".encode(), context)
    if told is None:
        assert isinstance(outcome, Need)
    else:
        assert isinstance(outcome, Failed)
        assert outcome.condition is told


CLIENTS: Mapping[str, tuple[str, ...]] = {"none": (), "end point": (END_POINT,), "all": (EXPORTER, END_POINT)}
SERVERS: Mapping[str, tuple[str, ...]] = {"none": (), "end point": (END_POINT,), "all": (EXPORTER, END_POINT)}


@dataclass(frozen=True)
class Attacker:
    """Sits between, with a TLS connection of its own to each side: the binding data differ, and lists are rewritten."""

    strip_plus: bool = False
    types: str = "kept"


ATTACKERS = {
    "nobody": None,
    "relay": Attacker(),
    "strips -PLUS": Attacker(strip_plus=True),
    "strips types": Attacker(types="stripped"),
    "strips both": Attacker(strip_plus=True, types="stripped"),
    "empties types": Attacker(types="emptied"),
    "invents types": Attacker(types="invented"),
    "leaves the end point": Attacker(types="end point"),
}

# What a pair that shares a binding makes of each attacker; a pair that shares none ends as `UNSHARED` says.
SHARED = {
    "nobody": "bound",
    "relay": "server",
    "strips -PLUS": "client",
    "strips types": "unbound",  # RFC 6120 has no rule; XEP-0440 rule 4 forbids it under XEP-0388, tested above
    "strips both": "server",
    "empties types": "client",
    "invents types": "client",
    "leaves the end point": "server",
}


@pytest.mark.feature("SASL-07", "SASL-10")
@pytest.mark.parametrize("attacker", ATTACKERS)
@pytest.mark.parametrize("theirs", SERVERS)
@pytest.mark.parametrize("ours", CLIENTS)
def test_client_by_server_by_attacker(ours: str, theirs: str, attacker: str, converse: Any, pencil: StoredKeys) -> None:
    mechanisms = server_mechanisms(plain=False)
    between = ATTACKERS[attacker]
    server = SaslContext(
        secure=True,
        tls_version=V13,
        channel_bindings={one: DATA[one] for one in SERVERS[theirs]},
        secret=SECRET,
    )
    names = offer(mechanisms, server)
    server = replace(server, offered=names)
    types: tuple[str, ...] | None = announced_types(mechanisms, server) or None
    assert any(binds(name) for name in names) is (types is not None)
    seen, ends = names, "" if between is None else "another channel: "
    if between is not None:
        seen = tuple(name for name in names if not (between.strip_plus and binds(name)))
        types = {
            "kept": types,
            "stripped": None,
            "emptied": (),
            "invented": ("invented",),
            "end point": (END_POINT,),
        }[between.types]
    client = SaslContext(
        secure=True,
        tls_version=V13,
        channel_bindings={one: ends.encode() + DATA[one] for one in CLIENTS[ours]},
        offered=seen,
        binding_types=types,
    )
    chosen = choose(client_mechanisms("user", Password("pencil")), client)
    if isinstance(chosen, Refusal):
        got = "client"
    else:
        selected = select(mechanisms, chosen.name, server)
        assert not isinstance(selected, Failed)
        talk = converse(chosen, selected, client, server, pencil).run()
        assert (talk.verified is None) is (talk.authenticated is None)
        got = (
            "client"
            if talk.client_failure
            else "server"
            if talk.server_failure
            else "bound"
            if chosen.binds
            else "unbound"
        )

    if CLIENTS[ours] and SERVERS[theirs]:
        expected = SHARED[attacker]
    elif not CLIENTS[ours]:
        expected = "unbound"  # rule 2: such a client can tell nothing
    else:
        # The server binds nothing, so types without -PLUS can only be an invention: rule 5.
        expected = "client" if attacker in ("invents types", "leaves the end point") else "unbound"
    assert got == expected


@pytest.mark.feature("SASL-07")
@pytest.mark.parametrize("announced", [(EXPORTER, END_POINT), (END_POINT,)])
def test_the_data_of_the_channel_decides(announced: tuple[str, ...], converse: Any, pencil: StoredKeys) -> None:
    client = SaslContext(secure=True, tls_version=V13, channel_bindings=DATA, offered=PLUS, binding_types=announced)
    server = SaslContext(secure=True, tls_version=V13, channel_bindings=DATA, offered=PLUS, secret=SECRET)
    mechanism = ScramClient(hash="SHA-256", plus=True, authcid="user", credentials=Password("pencil"))
    good = converse(mechanism, ScramServer(hash="SHA-256", plus=True), client, server, pencil).run()
    assert good.verified is not None
    for data in ({**DATA, announced[0]: b"other"}, {**DATA, announced[0]: DATA[announced[0]] + b"\0"}):
        bad = converse(
            mechanism, ScramServer(hash="SHA-256", plus=True), replace(client, channel_bindings=data), server, pencil
        ).run()
        assert bad.verified is None
        assert bad.server_failure is not None
        assert bad.server_failure.condition is SaslCondition.NOT_AUTHORIZED


def test_binding_data_that_vanish_end_the_exchange(pencil: StoredKeys) -> None:
    client = SaslContext(secure=True, tls_version=V13, channel_bindings=DATA, offered=PLUS, binding_types=(EXPORTER,))
    mechanism = ScramClient(hash="SHA-256", plus=True, authcid="user", credentials=Password("pencil"))
    first = mechanism.start(client)
    assert isinstance(first, Respond)
    assert first.data is not None
    server = SaslContext(secure=True, tls_version=V13, channel_bindings=DATA, offered=PLUS, secret=SECRET)
    responder = ScramServer(hash="SHA-256", plus=True)
    need = responder.start(first.data, server)
    assert isinstance(need, Need)
    challenge = responder.answered(need.state, pencil, server)
    assert isinstance(challenge, Respond)
    assert challenge.data is not None
    assert isinstance(mechanism.challenged(first.state, challenge.data, replace(client, channel_bindings={})), Failed)
    nonce = challenge.data.split(b",")[0]
    gone = responder.responded(
        challenge.state, b"c=biws," + nonce + b",p=" + b"A" * 43 + b"=", replace(server, channel_bindings={})
    )
    assert isinstance(gone, Failed)
    assert gone.condition is SaslCondition.NOT_AUTHORIZED


def test_a_flag_reads_as_it_is_written() -> None:
    assert (str(Flag("n")), str(Flag("p", END_POINT))) == ("n", "p=tls-server-end-point")
