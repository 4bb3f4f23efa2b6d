"""Published exchanges, octet for octet (RFC 5802 section 5, RFC 7677 section 3, RFC 6120 section 9.1.2)."""

from __future__ import annotations

import base64
import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from xmpp_core.errors import LocalProtocolError
from xmpp_core.sasl.credentials import Password, StoredKeys
from xmpp_core.sasl.derivation import HASHES, client_key, derivations_made, derive, server_key, stored_key
from xmpp_core.sasl.mechanism import SaslContext
from xmpp_core.sasl.scram_client import ScramClient
from xmpp_core.sasl.scram_server import ScramServer

VECTORS = json.loads((Path(__file__).parents[2] / "data" / "scram_vectors.json").read_text(encoding="utf-8"))
SECRET = bytes(range(32))


@pytest.mark.feature("SASL-05", "SASL-06")
@pytest.mark.parametrize("vector", VECTORS, ids=lambda one: one["source"].split(" ")[1] + one["mechanism"])
def test_both_sides_send_what_was_published(vector: dict[str, Any], converse: Any) -> None:
    hash = vector["mechanism"].removeprefix("SCRAM-")
    attributes = dict(part.split("=", 1) for part in vector["server_first"].split(","))
    stored = StoredKeys.derive(
        vector["password"], (hash,), iterations=int(attributes["i"]), salt=base64.b64decode(attributes["s"])
    )
    server_nonce = attributes["r"].removeprefix(vector["client_nonce"])
    talk = converse(
        ScramClient(
            hash=hash,
            plus=False,
            authcid=vector["username"],
            credentials=Password(vector["password"]),
            nonce=lambda _: vector["client_nonce"],
        ),
        ScramServer(hash=hash, plus=False, nonce=lambda _: server_nonce),
        SaslContext(secure=True),
        SaslContext(secure=True, secret=SECRET),
        stored,
    ).run()
    steps = ("client_first", "server_first", "client_final", "server_final")
    assert [message.decode() for message in talk.messages] == [vector[step] for step in steps]
    assert talk.verified is not None
    assert talk.verified.server_proved
    assert talk.authenticated is not None
    assert talk.authenticated.authcid == vector["username"]


@pytest.mark.feature("SASL-05")
@pytest.mark.parametrize("hash", HASHES)
def test_a_derivation_is_pbkdf2_of_the_standard_library(hash: str) -> None:
    before = derivations_made()
    got = derive("pencil", b"salt of some kind", 17, hash)
    assert derivations_made() == before + 1
    assert got == hashlib.pbkdf2_hmac(HASHES[hash].algorithm, b"pencil", b"salt of some kind", 17)
    assert len(got) == len(client_key(hash, got)) == len(server_key(hash, got)) == HASHES[hash].octets
    assert stored_key(hash, b"x") == hashlib.new(HASHES[hash].algorithm, b"x").digest()


@pytest.mark.parametrize("hash", HASHES)
def test_without_cryptography_the_standard_library_derives(hash: str, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = derive("pencil", b"salt", 3, hash)
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives", None)
    monkeypatch.setattr("xmpp_core.sasl.derivation._chosen", None)
    assert derive("pencil", b"salt", 3, hash) == usual


@pytest.mark.parametrize(
    ("password", "iterations", "hash"), [("x", 0, "SHA-1"), ("x", 1, "MD5"), ("\ud800", 1, "SHA-1")]
)
def test_a_derivation_without_sense_is_refused_before_it_is_made(password: str, iterations: int, hash: str) -> None:
    before = derivations_made()
    with pytest.raises(LocalProtocolError):
        derive(password, b"salt", iterations, hash)
    assert derivations_made() == before
