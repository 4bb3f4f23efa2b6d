"""Exchanges of the RFCs and XEPs, octet for octet, with their nonces put in place of entropy."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

import pytest

from xmpp_core.jid import JID
from xmpp_core.sasl import (
    Anonymous,
    AnonymousRequest,
    Authorized,
    BearerDenied,
    BearerRequest,
    Certificate,
    CertificateRequest,
    CredentialsRequest,
    Failed,
    Need,
    Password,
    Respond,
    SaslContext,
    StoredDigest,
    StoredKeys,
    StoredTokens,
    Token,
    TokensRequest,
    derive,
)
from xmpp_core.sasl.anonymous import AnonymousClient, AnonymousServer
from xmpp_core.sasl.digest_md5 import DigestMd5Client, DigestMd5Server, digest_key
from xmpp_core.sasl.downgrade import offer_hash
from xmpp_core.sasl.external import ExternalClient, ExternalServer
from xmpp_core.sasl.ht import HtClient, HtServer
from xmpp_core.sasl.oauthbearer import OAuthBearerClient, OAuthBearerServer, read_denial
from xmpp_core.sasl.plain import PlainClient, PlainServer
from xmpp_core.sasl.scram_client import ScramClient
from xmpp_core.sasl.scram_server import ScramServer

DATA = Path(__file__).parents[2] / "data"
EXCHANGES = json.loads((DATA / "sasl_exchanges.json").read_text())


def context(row: dict[str, Any]) -> SaslContext:
    types = row.get("types")
    return SaslContext(
        secure=True,
        tls_version="TLSv1.3",
        channel_bindings={"tls-exporter": row["binding"].encode()} if "binding" in row else {},
        offered=tuple(row.get("offered", ())),
        binding_types=None if types is None else tuple(types),
        domain=row.get("domain", "example.com"),
        certified=True,
        secret=bytes(16),
    )


def sides(row: dict[str, Any]) -> tuple[Any, Any, Any]:
    """Both mechanisms, and what is answered to the server's request."""
    match row["mechanism"]:
        case "PLAIN":
            stored = StoredKeys.derive(row["password"], iterations=1)
            return PlainClient(authcid=row["authcid"], credentials=Password(row["password"])), PlainServer(), stored
        case "ANONYMOUS":
            return AnonymousClient(credentials=Anonymous(row["trace"])), AnonymousServer(), Authorized(JID("a@b"))
        case "EXTERNAL":
            client = ExternalClient(credentials=Certificate(), authzid=row.get("authzid"))
            return client, ExternalServer(), Authorized(JID("juliet@example.com"))
        case "DIGEST-MD5":
            ours, theirs = row["nonces"]
            key = digest_key(row["authcid"], row["domain"], row["password"])
            return (
                DigestMd5Client(
                    authcid=row["authcid"],
                    credentials=Password(row["password"]),
                    service=row["service"],
                    nonce=lambda _: theirs,
                ),
                DigestMd5Server(service=row["service"], nonce=lambda _: ours),
                StoredDigest(row["domain"], key),
            )
        case "SCRAM-SHA-1-PLUS":
            first, second = row["nonces"]
            salt = base64.b64decode(row["salt"])
            return (
                ScramClient(
                    hash="SHA-1",
                    plus=True,
                    authcid=row["authcid"],
                    credentials=Password(row["password"]),
                    nonce=lambda _: first,
                ),
                ScramServer(hash="SHA-1", plus=True, downgrade_protection=True, nonce=lambda _: second),
                StoredKeys.derive(row["password"], ("SHA-1",), iterations=row["iterations"], salt=salt),
            )
    raise AssertionError(row)


@pytest.mark.feature("SASL-12", "SASL-13", "SASL-15")
@pytest.mark.parametrize("row", EXCHANGES, ids=lambda row: row["source"])
def test_both_sides_say_what_was_published(row: dict[str, Any], converse: Any) -> None:
    client, server, stored = sides(row)
    talk = converse(client, server, context(row), context(row), stored).run()
    assert [one.decode() for one in talk.messages if one is not None] == row["messages"]
    assert talk.verified is not None
    assert talk.authenticated is not None
    assert talk.verified.server_proved is (row["mechanism"] in ("DIGEST-MD5", "SCRAM-SHA-1-PLUS"))


@pytest.mark.feature("SASL-05", "SASL-06")
@pytest.mark.shared
def test_every_row_of_the_shared_table_is_one_of_ours(shared: Path) -> None:
    theirs = json.loads((shared / "specs" / "tables" / "scram-vectors.json").read_text())
    ours = json.loads((DATA / "scram_vectors.json").read_text())
    steps = ("mechanism", "password", "client_first", "server_first", "client_final", "server_final")
    known = {tuple(row[step] for step in steps) for row in ours}
    assert theirs
    assert all(tuple(row[step] for step in steps) in known for row in theirs)


@pytest.mark.feature("SASL-08", "SASL-09")
def test_the_hash_of_what_was_offered() -> None:
    # XEP-0474 section 6.3: in any order, and without XEP-0440 no separator.
    names, types = ("SCRAM-SHA-1-PLUS", "SCRAM-SHA-1"), ("tls-server-end-point", "tls-exporter")
    assert offer_hash("SHA-1", names, types) == "G6k/rBLDqgOhRRaCuuatSDFkJ08="
    assert offer_hash("SHA-1", names[::-1], types[::-1]) == "G6k/rBLDqgOhRRaCuuatSDFkJ08="
    plain = hashlib.sha256(b"SCRAM-SHA-1\x1eSCRAM-SHA-1-PLUS").digest()
    assert offer_hash("SHA-256", names, None) == base64.b64encode(plain).decode()
    empty = hashlib.sha256(b"SCRAM-SHA-1\x1eSCRAM-SHA-1-PLUS\x1f").digest()
    assert offer_hash("SHA-256", names, ()) == base64.b64encode(empty).decode()


BEARER = "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg=="


@pytest.mark.feature("SASL-14")
def test_the_bearer_token_of_rfc_7628_section_4_1() -> None:
    """Ours has no port: a client of XMPP found the server by its domain, and RFC 7628 asks only who signs for it."""
    seen = SaslContext(secure=True, domain="server.example.com")
    published = f"n,a=user@example.com,\x01host=server.example.com\x01port=143\x01auth=Bearer {BEARER}\x01\x01".encode()
    asked = OAuthBearerServer().start(published, seen)
    assert isinstance(asked, Need)
    assert asked.request == BearerRequest(BEARER, "user@example.com", "OAUTHBEARER")
    said = OAuthBearerClient(credentials=Token(BEARER), authzid="user@example.com").start(seen)
    assert isinstance(said, Respond)
    assert said.data == published.replace(b"port=143\x01", b"")
    smtp = f"n,user=someuser@example.com,\x01auth=Bearer {BEARER}\x01\x01".encode()
    assert isinstance(OAuthBearerServer().start(smtp, seen), Failed)  # the example of section 4.4 has no GS2 header


@pytest.mark.feature("SASL-14")
def test_the_failed_exchange_of_rfc_7628_section_4_3() -> None:
    seen = SaslContext(secure=True, domain="server.example.com")
    asking = b"n,a=user@example.com,\x01host=server.example.com\x01port=143\x01auth=\x01\x01"
    server = OAuthBearerServer()
    asked = server.start(asking, seen)
    assert isinstance(asked, Need)
    assert asked.request == BearerRequest("", "user@example.com", "OAUTHBEARER")
    denial = BearerDenied("invalid_token", "example_scope", "https://example.com/.well-known/openid-config")
    told = server.answered(asked.state, denial, seen)
    assert isinstance(told, Respond)
    assert json.loads(told.data or b"") == {
        "status": "invalid_token",
        "scope": "example_scope",
        "openid-configuration": "https://example.com/.well-known/openid-config",
    }
    assert read_denial(told.data or b"") == denial
    client = OAuthBearerClient(credentials=Token(BEARER))
    begun = client.start(seen)
    assert isinstance(begun, Respond)
    closing = client.challenged(begun.state, told.data or b"", seen)
    assert isinstance(closing, Respond)
    assert closing.data == b"\x01"
    assert isinstance(server.responded(told.state, b"\x01", seen), Failed)
    claimed = client.succeeded(closing.state, None, seen)
    assert isinstance(claimed, Failed)


@pytest.mark.feature("SA2-04")
@pytest.mark.parametrize(
    ("name", "algorithm", "binding"),
    [
        ("HT-SHA-256-NONE", "sha256", b""),
        ("HT-SHA-256-ENDP", "sha256", b"end point"),
        ("HT-SHA-512-EXPR", "sha512", b"exported"),
        ("HT-SHA3-512-NONE", "sha3_512", b""),
    ],
)
def test_the_messages_of_ht(name: str, algorithm: str, binding: bytes, converse: Any) -> None:
    """As section 9 of the draft has them: no published exchange exists, so they are computed apart."""
    token = "secret-token:fast-Hi6M-\u00e9"
    seen = SaslContext(
        secure=True,
        tls_version="TLSv1.3",
        channel_bindings={"tls-exporter": b"exported", "tls-server-end-point": b"end point"},
    )
    client = HtClient(name=name, authcid="juliet", credentials=Token(token, name))
    talk = converse(client, HtServer(name=name), seen, seen, StoredTokens(("another", token))).run()
    assert talk.messages == [
        b"juliet\0" + hmac.digest(token.encode(), b"Initiator" + binding, algorithm),
        hmac.digest(token.encode(), b"Responder" + binding, algorithm),
    ]
    assert talk.authenticated.token == 1
    assert talk.verified.server_proved
    assert talk.requests == [TokensRequest("juliet", name)]


@pytest.mark.feature("SA2-02")
def test_the_upgrade_of_xep_0480_section_3() -> None:
    """With its salt and iterations; it does not say of which password its hash is made."""
    from xmpp_core.sasl.upgrade import UpgradeSalt, request, upgraded

    salt = UpgradeSalt("SHA-256", base64.b64decode("QV9TWENSWFE2c2VrOGJmX1o="), 4096)
    salted = request(salt, Password("pencil"), SaslContext(secure=True)).derive()
    assert salted == derive("pencil", salt.salt, 4096, "SHA-256")
    old = StoredKeys.derive("pencil", ("SHA-1",), iterations=4096)
    new = upgraded(old, salt, salted)
    assert new.of("SHA-1") == old.of("SHA-1")
    assert new.of("SHA-256") == StoredKeys.derive("pencil", ("SHA-256",), iterations=4096, salt=salt.salt).of("SHA-256")


def test_requests_are_those_that_were_expected() -> None:
    """What a host is asked by the mechanisms that prove nothing themselves."""
    seen = SaslContext(secure=True, certified=True)
    for server, message, wanted in (
        (ExternalServer(), b"", CertificateRequest(None)),
        (ExternalServer(), b"a@b", CertificateRequest("a@b")),
        (AnonymousServer(), b"", AnonymousRequest(None)),
        (AnonymousServer(), b"sirhc", AnonymousRequest("sirhc")),
        (PlainServer(), b"\0a\0b", CredentialsRequest("a", "PLAIN")),
    ):
        asked = server.start(message, seen)
        assert isinstance(asked, Need)
        assert asked.request == wanted
