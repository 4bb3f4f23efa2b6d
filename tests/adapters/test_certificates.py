"""Certificates of every kind over TLS on loopback: what TLS lets through, and what is found in it."""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable
from functools import cache

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from issuing import CLIENT_AUTH, SERVER_AUTH, Issuer, der_of, issue, key_of
from networks import DOMAIN, Net, authority

import xmpp_core as xmpp
from xmpp_core.adapters.tls import ClientTls, ServerTls
from xmpp_core.identity import Authorized, Denied, NameKind, Path, Report, Role, authorize, examine, verify_chain

DAY = datetime.timedelta(days=1)
EXPORTER = pytest.mark.parametrize("exporter", [False, True], ids=["ssl", "pyOpenSSL"])
ALL = (f"dns:{DOMAIN}", f"srv:_xmpp-client.{DOMAIN}", f"xmpp:{DOMAIN}")


@cache
def by_authority() -> Issuer:
    return Issuer(der_of(authority()), authority()._key)


def period(begin: int = 0, end: int = 30) -> dict[str, datetime.datetime]:
    start = by_authority().certificate.not_valid_before_utc
    return {"begin": start + begin * DAY, "end": start + end * DAY}


def pem(octets: bytes) -> str:
    return x509.load_der_x509_certificate(octets).public_bytes(serialization.Encoding.PEM).decode()


@cache
def key() -> bytes:
    octets: bytes = key_of("P-256", 0).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return octets


def made(*names: str, begin: int = 0, end: int = 30, **settings: object) -> bytes:
    whole = {"by": by_authority(), "purposes": [SERVER_AUTH], **period(begin, end), **settings}
    return issue(*names, **whole)  # type: ignore[arg-type]


# What the server shows, whether TLS lets it through, what the report says of it.
SHOWN: dict[str, tuple[Callable[[], bytes], bool, bool]] = {
    "every name": (lambda: made(*ALL), True, True),
    "a host alone": (lambda: made(ALL[0]), True, True),
    "a wildcard": (lambda: made("dns:*.example.com", f"dns:{DOMAIN}"), True, True),
    "several names": (lambda: made("dns:a.example", "dns:b.example", f"dns:{DOMAIN}", "ip:192.0.2.1"), True, True),
    "no extKeyUsage": (lambda: made(*ALL, purposes=None), True, True),
    "names and another common name": (lambda: made(*ALL, subject="other.example"), True, True),
    # `ssl` and OpenSSL know nothing of these names: stricter than the report, and never looser.
    "SRVName alone": (lambda: made(ALL[1]), False, True),
    "xmppAddr alone": (lambda: made(ALL[2]), False, True),
    "another host": (lambda: made("dns:other.example"), False, False),
    "a wildcard below": (lambda: made("dns:*.example.com"), False, False),
    "a common name alone": (lambda: made(subject=DOMAIN), False, False),
    "SRVName of servers": (lambda: made(f"srv:_xmpp-server.{DOMAIN}"), False, False),
    "a user": (lambda: made(f"xmpp:juliet@{DOMAIN}"), False, False),
    "clientAuth alone": (lambda: made(*ALL, purposes=[CLIENT_AUTH]), False, False),
    "expired": (lambda: made(*ALL, begin=-20, end=-10), False, False),
    "not yet valid": (lambda: made(*ALL, begin=10, end=20), False, False),
}


async def idle(session: object) -> None:
    async for _ in session:  # type: ignore[attr-defined]
        pass


def report_of(octets: bytes | tuple[bytes, ...], role: Role, domain: str = DOMAIN) -> Report:
    chain = [octets] if isinstance(octets, bytes) else list(octets)
    now = time.time()
    path = verify_chain(chain, anchors=[by_authority().octets], role=role, now=now)
    return examine(chain, role=role, domain=domain, now=now, trusted=isinstance(path, Path))


@pytest.mark.feature("TLS-04", "TLS-09")
@EXPORTER
@pytest.mark.parametrize("case", SHOWN)
async def test_a_server_is_checked_by_tls_and_by_the_report(loopback: Net, case: str, exporter: bool) -> None:
    make, through, acceptable = SHOWN[case]
    octets = make()
    here = ClientTls(ca=authority().certificate, exporter=exporter)
    there = ServerTls(certificate=pem(octets), key=key(), exporter=exporter)
    report = report_of(octets, Role.C2S_SERVER)
    assert report.acceptable == acceptable, report.objection
    # TLS never lets through what the report refuses.
    assert acceptable or not through
    async with loopback.serve(idle, tls=there) as serving:
        if through:
            async with loopback.login(serving.port, tls=here) as session:
                info = session.connection.tls
                assert info is not None
                assert info.verified
                assert info.peer_certificates[0] == octets
                assert report_of(info.peer_certificates, Role.C2S_SERVER) == report_of(octets, Role.C2S_SERVER)
        else:
            with pytest.raises(loopback.module.TlsNotEstablished):
                async with loopback.login(serving.port, tls=here):
                    pass


@pytest.mark.feature("TLS-04")
@EXPORTER
async def test_an_international_domain_is_checked_in_both_forms(loopback: Net, exporter: bool) -> None:
    domain, a_labels = "müller.example", "xn--mller-kva.example"
    octets = made(f"dns:{a_labels}", f"xmpp:{domain}")
    here = ClientTls(ca=authority().certificate, exporter=exporter)
    there = ServerTls(certificate=pem(octets), key=key(), exporter=exporter)
    config = xmpp.ServerConfig(domains={domain})
    async with loopback.serve(idle, tls=there, config=config) as serving:
        for written in (domain, "MÜLLER.example", a_labels):
            async with loopback.login(serving.port, tls=here, jid=f"juliet@{written}", password="pencil") as session:
                assert session.connection.tls is not None
                chain = session.connection.tls.peer_certificates
                report = report_of(chain, Role.C2S_SERVER, written)
                assert {one.name.kind for one in report.matches} == {NameKind.DNS_NAME, NameKind.XMPP_ADDR}


CLIENTS: dict[str, tuple[tuple[str, ...], str | None, str]] = {
    "one account": ((f"xmpp:juliet@{DOMAIN}",), None, f"juliet@{DOMAIN}"),
    "one of two accounts": ((f"xmpp:juliet@{DOMAIN}", f"xmpp:romeo@{DOMAIN}"), f"romeo@{DOMAIN}", f"romeo@{DOMAIN}"),
    "which of two": ((f"xmpp:juliet@{DOMAIN}", f"xmpp:romeo@{DOMAIN}"), None, "invalid-authzid"),
    "another account": ((f"xmpp:juliet@{DOMAIN}",), f"romeo@{DOMAIN}", "invalid-authzid"),
    "an account elsewhere": (("xmpp:juliet@example.net",), None, "not-authorized"),
    "no account": ((f"dns:{DOMAIN}",), None, "not-authorized"),
}


@pytest.mark.feature("TLS-04", "SASL-12")
@EXPORTER
@pytest.mark.parametrize("case", CLIENTS)
async def test_the_certificate_of_a_client_reaches_the_server(loopback: Net, case: str, exporter: bool) -> None:
    """TLS says that somebody trusted vouches for it, the report whom it names, `authorize` whom it logs in."""
    names, authzid, expected = CLIENTS[case]
    octets = made(*names, purposes=[CLIENT_AUTH])
    server = authority().issue([DOMAIN])
    here = ClientTls(ca=authority().certificate, certificate=pem(octets), key=key(), exporter=exporter)
    there = ServerTls(
        certificate=server.certificate, key=server.key, client_ca=authority().certificate, exporter=exporter
    )
    async with loopback.pair(client={"tls": here}, tls=there) as (session, far):
        assert session.connection.tls is not None
        assert session.connection.tls.local_certificate == octets
        info = far.connection.tls
        assert info is not None
        assert info.verified
        assert info.peer_certificates[0] == octets
        now = time.time()
        report = examine(info.peer_certificates, role=Role.C2S_CLIENT, domain=DOMAIN, now=now, trusted=info.verified)
        decision = authorize(report, authzid, DOMAIN)
    if isinstance(decision, Denied):
        assert decision.condition == expected
    else:
        assert decision == Authorized(xmpp.JID(expected))


@pytest.mark.feature("TLS-04", "SASL-12")
@EXPORTER
async def test_a_client_nobody_vouches_for_is_refused_by_tls(loopback: Net, exporter: bool) -> None:
    octets = issue(f"xmpp:juliet@{DOMAIN}", purposes=[CLIENT_AUTH], subject="juliet", **period())  # type: ignore[arg-type]
    server = authority().issue([DOMAIN])
    here = ClientTls(ca=authority().certificate, certificate=pem(octets), key=key(), exporter=exporter)
    there = ServerTls(
        certificate=server.certificate, key=server.key, client_ca=authority().certificate, exporter=exporter
    )
    async with loopback.serve(idle, tls=there) as serving:
        with pytest.raises(xmpp.XMPPError):
            async with loopback.login(serving.port, tls=here):
                pass
    report = report_of(octets, Role.C2S_CLIENT)
    assert isinstance(authorize(report, None, DOMAIN), Denied)
