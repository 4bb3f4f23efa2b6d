"""SCRAM against another implementation of it, both ways (RFC 5802, RFC 7677)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import scramp
from hypothesis import given
from hypothesis import strategies as st

from xmpp_core.sasl import (
    Authenticated,
    Failed,
    KeyDerivation,
    Need,
    Password,
    Respond,
    SaslContext,
    ScramVerifier,
    StoredKeys,
    Verified,
)
from xmpp_core.sasl.scram_client import ScramClient
from xmpp_core.sasl.scram_server import ScramServer

HASHES = ("SHA-1", "SHA-256", "SHA-512", "SHA3-512")
DATA = b"binding data of the channel"
TYPES = ("tls-unique", "tls-server-end-point")  # scramp knows no tls-exporter
ROWS = [(hash, type) for hash in HASHES for type in (None, *TYPES)]
# scramp prepares with SASLprep alone; what PRECIS and SASLprep make the same of is compared.
NAMES = st.text(st.sampled_from("abcXYZ019=,- é"), min_size=1, max_size=12).filter(lambda text: text.strip() == text)
PASSWORDS = st.text(st.sampled_from("abcXYZ019=,-% ~!é中"), min_size=1, max_size=20)


def seen(type: str | None, hash: str, data: bytes = DATA) -> SaslContext:
    """A channel that has one type, offered with its mechanism."""
    plus = () if type is None else (f"SCRAM-{hash}-PLUS",)
    return SaslContext(
        secure=True,
        tls_version="TLSv1.2",
        extended_master_secret=True,
        channel_bindings={} if type is None else {type: data},
        binding_types=None if type is None else (type,),
        offered=(f"SCRAM-{hash}", *plus),
        secret=bytes(16),
    )


def settled(mechanism: Any, outcome: Any, context: SaslContext, stored: Any = None) -> Any:
    while isinstance(outcome, Need):
        value = outcome.request.derive() if isinstance(outcome.request, KeyDerivation) else stored
        outcome = mechanism.answered(outcome.state, value, context)
    return outcome


def name_of(hash: str, type: str | None) -> str:
    return f"SCRAM-{hash}" + ("-PLUS" if type else "")


def theirs_logs_in_here(hash: str, type: str | None, name: str, password: str, right: str, data: bytes = DATA) -> Any:
    """Their client, our server: what our server says last, and what their client makes of it."""
    channel = None if type is None else (type, data)
    client = scramp.ScramClient([name_of(hash, type)], name, password, channel_binding=channel)
    server, context = ScramServer(hash=hash, plus=type is not None, downgrade_protection=True), seen(type, hash)
    keys = StoredKeys.derive(right, (hash,), iterations=4096, salt=b"0123456789abcdef")
    first = settled(server, server.start(client.get_client_first().encode(), context), context, keys)
    if isinstance(first, Failed):
        return first
    assert isinstance(first, Respond)
    client.set_server_first((first.data or b"").decode())
    end = settled(server, server.responded(first.state, client.get_client_final().encode(), context), context, keys)
    if isinstance(end, Authenticated):
        client.set_server_final((end.data or b"").decode())
        assert end.authcid == name
    return end


def ours_logs_in_there(hash: str, type: str | None, name: str, password: str, right: str, data: bytes = DATA) -> Any:
    """Our client, their server: what our client makes of it."""
    mechanism = scramp.ScramMechanism(name_of(hash, type))
    made = mechanism.make_auth_info(
        right, iteration_count=max(4096, int(mechanism.iteration_count)), salt=b"0123456789abcd"
    )
    channel = None if type is None else (type, data)
    server = mechanism.make_server(lambda _: made, channel_binding=channel)
    client = ScramClient(hash=hash, plus=type is not None, authcid=name, credentials=Password(password))
    context = seen(type, hash)
    said = client.start(context)
    assert isinstance(said, Respond)
    server.set_client_first((said.data or b"").decode())
    answer = server.get_server_first().encode()
    final = settled(client, client.challenged(said.state, answer, context), context)
    assert isinstance(final, Respond)
    try:
        server.set_client_final((final.data or b"").decode())
    except scramp.ScramException:
        refused = server.get_server_final()
        assert refused.startswith("e=")
        return client.challenged(final.state, refused.encode(), context)
    return client.succeeded(final.state, server.get_server_final().encode(), context)


@pytest.mark.feature("SASL-05", "SASL-06", "SASL-07")
@pytest.mark.parametrize(("hash", "type"), ROWS)
def test_each_logs_in_at_the_other(hash: str, type: str | None) -> None:
    assert isinstance(theirs_logs_in_here(hash, type, "user", "pencil", "pencil"), Authenticated)
    ended = ours_logs_in_there(hash, type, "user", "pencil", "pencil")
    assert isinstance(ended, Verified)
    assert ended.server_proved


@pytest.mark.feature("SASL-05", "SASL-06", "SASL-07")
@pytest.mark.parametrize(("hash", "type"), ROWS)
@pytest.mark.parametrize("way", [theirs_logs_in_here, ours_logs_in_there])
def test_each_refuses_what_the_other_must_not_get(way: Callable[..., Any], hash: str, type: str | None) -> None:
    assert isinstance(way(hash, type, "user", "pencil", "crayon"), Failed)
    if type is not None:
        assert isinstance(way(hash, type, "user", "pencil", "pencil", b"another channel"), Failed)


@pytest.mark.feature("SASL-05", "SASL-06", "SASL-17")
@given(name=NAMES, password=PASSWORDS)
def test_names_and_passwords_are_written_alike(name: str, password: str) -> None:
    assert isinstance(theirs_logs_in_here("SHA-256", None, name, password, password), Authenticated)
    assert isinstance(ours_logs_in_there("SHA-256", None, name, password, password), Verified)


@pytest.mark.feature("SASL-06", "SASL-18")
@pytest.mark.parametrize("hash", HASHES)
def test_what_is_stored_is_the_same(hash: str) -> None:
    mechanism = scramp.ScramMechanism(f"SCRAM-{hash}")
    count = max(4096, int(mechanism.iteration_count))
    salt, stored, server, iterations = mechanism.make_auth_info("pencil", iteration_count=count, salt=b"0123456789abcd")
    ours = StoredKeys.derive("pencil", (hash,), iterations=iterations, salt=salt).of(hash)
    assert ours == ScramVerifier(hash, salt, iterations, stored, server)
