"""Secrets are in no representation, and are compared in constant time only."""

from __future__ import annotations

import ast
import base64
import dataclasses
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import xmpp_core.sasl.mechanism
from xmpp_core.errors import LocalProtocolError
from xmpp_core.sasl.catalogue import client_mechanisms
from xmpp_core.sasl.credentials import Password, StoredKeys
from xmpp_core.sasl.derivation import client_key, client_proof, derive, server_key
from xmpp_core.sasl.mechanism import SaslContext
from xmpp_core.sasl.plain import PlainClient, PlainServer
from xmpp_core.sasl.scram_client import ScramClient
from xmpp_core.sasl.scram_server import ScramServer

CANARY = "canary-7f3a-password"
SECRET = b"canary-of-the-server"
ROOM = Path(xmpp_core.sasl.mechanism.__file__).parent
SECRET_NAMES = {
    "password",
    "passwords",
    "prepared",
    "proof",
    "proved",
    "presented",
    "signature",
    "expected",
    "stored_key",
    "server_key",
    "client_key",
    "salted",
    "salted_password",
    "secret",
    "binding",
    "response",
    "token",
    "rspauth",
    "message",
}


def _forms(secret: bytes) -> Iterator[str]:
    yield repr(secret)[2:-1]
    yield secret.hex()
    yield base64.b64encode(secret).decode()


def _reachable(value: Any, depth: int = 6) -> Iterator[Any]:
    yield value
    if depth and dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            # A secret field is the secret; what counts is that nothing else shows it.
            if not field.metadata.get("secret") and field.repr:
                yield from _reachable(getattr(value, field.name), depth - 1)
    if depth and isinstance(value, list | tuple):
        for one in value:
            yield from _reachable(one, depth - 1)


@pytest.mark.feature("SEC-04")
@pytest.mark.parametrize("kind", ["right", "wrong", "plain"])
def test_no_representation_holds_a_secret(kind: str, converse: Any) -> None:
    stored = StoredKeys.derive(CANARY if kind != "wrong" else "other", ("SHA-256",), iterations=4096, salt=b"salt")
    client: Any = ScramClient(hash="SHA-256", plus=False, authcid="user", credentials=Password(CANARY))
    server: Any = ScramServer(hash="SHA-256", plus=False)
    if kind == "plain":
        client, server = PlainClient(authcid="user", credentials=Password(CANARY)), PlainServer()
    contexts = (
        SaslContext(secure=True, channel_bindings={"tls-exporter": b"canary-binding"}),
        SaslContext(secure=True, secret=SECRET),
    )
    talk = converse(client, server, *contexts, stored, authorize=True).run()
    salted = derive(CANARY, b"salt", 4096, "SHA-256")
    entry = stored.of("SHA-256")
    assert entry is not None
    secrets = [CANARY.encode(), SECRET, b"canary-binding", salted]
    secrets += [client_key("SHA-256", salted), server_key("SHA-256", salted), entry.stored_key, entry.server_key]
    if kind != "plain":
        auth_message = b",".join(
            (talk.messages[0].split(b",", 2)[2], talk.messages[1], talk.messages[2].rpartition(b",")[0])
        )
        secrets.append(client_proof("SHA-256", client_key("SHA-256", salted), auth_message))
        assert base64.b64encode(secrets[-1]) in talk.messages[2]
    texts = [
        repr(one)
        for root in (*talk.outcomes, *talk.requests, client, server, *contexts, stored, talk.verified)
        for one in _reachable(root)
    ]
    assert len(texts) > 20
    for secret in secrets:
        for form in _forms(secret):
            assert not [text for text in texts if form in text]


@pytest.mark.feature("SEC-04")
@pytest.mark.parametrize("password", [CANARY + "\0", CANARY + "\ud800", CANARY + "\u00e9\x01"])
def test_no_traceback_holds_a_password(password: str) -> None:
    with pytest.raises(LocalProtocolError) as caught:
        client_mechanisms("user", Password(password))
    assert caught.value.__context__ is None or CANARY not in str(caught.value.__context__)
    text = "".join(traceback.format_exception(caught.value))
    assert CANARY not in text
    with pytest.raises(LocalProtocolError) as caught:
        StoredKeys.derive(password)
    assert CANARY not in "".join(traceback.format_exception(caught.value))


def _names(node: ast.expr) -> set[str]:
    if isinstance(node, ast.Tuple | ast.List):
        return {name for one in node.elts for name in _names(one)}
    if isinstance(node, ast.Name):
        return {node.id}
    return {node.attr} if isinstance(node, ast.Attribute) else set()


def _compared(source: str) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Compare) and not any(isinstance(one, ast.Is | ast.IsNot) for one in node.ops):
            names = {name for one in (node.left, *node.comparators) for name in _names(one)}
            found += [f"{node.lineno}: {name}" for name in sorted(names & SECRET_NAMES)]
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in {"startswith", "endswith", "find", "index"}
            and _names(node.func.value) & SECRET_NAMES
        ):
            found.append(f"{node.lineno}: {node.func.attr}")
    return found


@pytest.mark.feature("SEC-04")
def test_only_compare_digest_touches_secrets() -> None:
    sources = {path.name: path.read_text(encoding="utf-8") for path in sorted(ROOM.glob("*.py"))}
    assert len(sources) > 10
    assert {name: _compared(source) for name, source in sources.items() if _compared(source)} == {}
    used = {name for name, source in sources.items() if "hmac.compare_digest(" in source}
    assert used == {"digest_md5.py", "ht.py", "plain.py", "scram_client.py", "scram_server.py"}
    assert _compared("a.stored_key == b") == ["1: stored_key"]
    assert _compared("proof in known") == ["1: proof"]
    assert _compared("signature.startswith(x)") == ["1: startswith"]
