"""Which presented name stands for which domain: every row decided by hand."""

from __future__ import annotations

import json
import ssl
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from handshakes import Wire, authority, client
from hypothesis import given
from hypothesis import strategies as st
from issuing import NOW, der_of, issue, issuer, tlv

from xmpp_core import LocalProtocolError, TlsInfo
from xmpp_core.adapters.tls import ServerTls
from xmpp_core.adapters.tls_names import is_for
from xmpp_core.identity import NameKind, Role, examine
from xmpp_core.server.authority import Authority

DATA = Path(__file__).parents[2] / "data"
ROWS = json.loads((DATA / "certificate_names.json").read_text())
DIFFERENCES = json.loads((DATA / "certificate_names_openssl.json").read_text())


def report_of(names: tuple[str, ...], role: Role, domain: str) -> Any:
    return examine(issue(*names, by=issuer()), role=role, domain=domain, now=NOW, trusted=True)


@pytest.mark.feature("TLS-04")
@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['role']} {row['domain']} {row['names']}"[:80])
def test_each_name_is_judged_as_the_section_says(row: dict[str, Any]) -> None:
    report = report_of(tuple(row["names"]), Role[row["role"]], row["domain"])
    assert report.unreadable is None
    own = [one for one in report.names if one.name.kind is not NameKind.COMMON_NAME]
    assert [one.verdict.name.lower() for one in own] == row["verdicts"]
    assert report.acceptable == ("match" in row["verdicts"])
    assert (report.objection is None) == report.acceptable
    assert all(one.reason and one.section for one in report.names)


@pytest.mark.feature("TLS-04")
def test_the_table_has_every_verdict_of_every_role() -> None:
    seen = {(row["role"], verdict) for row in ROWS for verdict in row["verdicts"]}
    assert seen >= set(product(("C2S_SERVER", "C2S_CLIENT"), ("match", "different", "ignored", "malformed")))
    assert seen >= set(product(("S2S_RECEIVING", "S2S_INITIATING"), ("match", "different")))
    assert len(ROWS) == 110


@pytest.mark.feature("TLS-04")
@pytest.mark.parametrize("role", Role)
def test_a_common_name_is_shown_and_never_counts(role: Role) -> None:
    """RFC 9525 section 2."""
    for names in ((), ("dns:other.example",)):
        octets = issue(*names, by=issuer(), subject="example.com")
        report = examine(octets, role=role, domain="example.com", now=NOW, trusted=True)
        last = report.names[-1]
        assert (last.name.kind, last.name.text, last.matches) == (NameKind.COMMON_NAME, "example.com", False)
        assert not report.acceptable


@pytest.mark.feature("TLS-04")
@pytest.mark.parametrize("domain", ["", "juliet@example.com", "*.example.com", "a..b", "xn--a", "example.com/x"])
def test_what_is_no_domain_is_misuse(domain: str) -> None:
    with pytest.raises(LocalProtocolError):
        report_of(("dns:example.com",), Role.C2S_SERVER, domain)


# What OpenSSL says of the same names, in a handshake.

PRESENTED = (
    "dns:example.com", "dns:EXAMPLE.COM", "dns:*.example.com", "dns:*.com", "dns:*", "dns:*.*.example.com",
    "dns:f*.example.com", "dns:*o.example.com", "dns:im.*.example.com", "dns:example.com.", "dns:.example.com",
    "dns:example..com", "dns:a_b.example.com", "dns:-a.example.com", "dns:a-.example.com", "dns:xn--mller-kva.example",
    "dns:*.xn--mller-kva.example", "dns:xn--*.example", "dns:192.0.2.1", "dns:*.0.2.1", "ip:192.0.2.1",
    "ip:2001:db8::1", "ip:::ffff:192.0.2.1", "dns:example.com\x00.evil.example", "dns:com", "dns:a.example.com.net",
    "uri:https://example.com", "email:a@example.com",
)  # fmt: skip
HOSTS = (
    "example.com", "im.example.com", "foo.example.com", "a.im.example.com", "a_b.example.com", "com",
    "xn--mller-kva.example", "im.xn--mller-kva.example", "192.0.2.1", "192.0.2.2", "[2001:db8::1]",
    "xn--a-fka.example.com", "evil.example", "a.b.example.com",
)  # fmt: skip


@cache
def _root() -> Authority:
    return authority()


@cache
def _serving(name: str) -> tuple[ServerTls, bytes]:
    """A server with a certificate for this name, valid now and trusted by the client."""
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization
    from issuing import SERVER_AUTH, Issuer, general_name, key_of

    root = _root()
    by = Issuer(der_of(root), root._key)
    begin, end = by.certificate.not_valid_before_utc, by.certificate.not_valid_after_utc
    alternative = tlv(0x30, general_name(name))
    octets = issue(by=by, subject="odd", alternative=alternative, purposes=[SERVER_AUTH], begin=begin, end=end)
    pem = x509.load_der_x509_certificate(octets).public_bytes(serialization.Encoding.PEM).decode()
    secret = key_of("P-256", 0).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return ServerTls(certificate=pem, key=secret), octets


@pytest.mark.feature("TLS-04")
def test_names_of_hosts_are_judged_as_openssl_does() -> None:
    """Equal, or a row of the data file with its reason."""
    differences = []
    here = client()
    for name, host in product(PRESENTED, HOSTS):
        there, octets = _serving(name)
        report = examine(octets, role=Role.C2S_SERVER, domain=host, now=NOW, trusted=True)
        theirs = isinstance(Wire.between(here, there, host=host).client, TlsInfo)
        assert is_for(octets, host.strip("[]")) == bool(report.matches)
        if theirs != bool(report.matches):
            differences.append({"name": name, "host": host, "ours": bool(report.matches), "openssl": theirs})
    assert differences == [{key: row[key] for key in ("name", "host", "ours", "openssl")} for row in DIFFERENCES]
    assert all(row["reason"] and row["section"] for row in DIFFERENCES)
    assert ssl.OPENSSL_VERSION_INFO >= (3, 0)


# Properties.

LABELS = st.from_regex(r"[a-z][a-z0-9]{0,8}", fullmatch=True)
DOMAINS = st.lists(LABELS, min_size=2, max_size=4).map(".".join)
LETTERS = st.text(alphabet="abcäöüßéñжшя", min_size=1, max_size=8)
SERVERS = st.sampled_from([Role.C2S_SERVER, Role.S2S_RECEIVING, Role.S2S_INITIATING])


@pytest.mark.feature("TLS-04")
@given(DOMAINS, DOMAINS, SERVERS)
def test_a_name_stands_for_itself_alone(domain: str, other: str, role: Role) -> None:
    service = "_xmpp-client" if role is Role.C2S_SERVER else "_xmpp-server"
    names = (f"dns:{domain.upper()}", f"srv:{service}.{domain}", f"xmpp:{domain}")
    assert len(report_of(names, role, domain).matches) == 3
    assert bool(report_of(names, role, other).matches) == (domain == other)


@pytest.mark.feature("TLS-04")
@given(DOMAINS, LABELS, LABELS, SERVERS)
def test_a_wildcard_stands_for_one_label(domain: str, label: str, another: str, role: Role) -> None:
    names = (f"dns:*.{domain}",)
    assert report_of(names, role, f"{label}.{domain}").matches
    assert not report_of(names, role, domain).matches
    assert not report_of(names, role, f"{another}.{label}.{domain}").matches


@pytest.mark.feature("TLS-04")
@given(LETTERS, SERVERS)
def test_both_forms_of_a_label_are_one(label: str, role: Role) -> None:
    import idna

    a_label = idna.alabel(label).decode()
    for names in ((f"dns:{a_label}.example",), (f"xmpp:{label}.example",), (f"xmpp:{a_label}.example",)):
        assert report_of(names, role, f"{label}.example").matches
        assert report_of(names, role, f"{a_label}.example").matches


@pytest.mark.feature("TLS-04")
@given(st.lists(st.sampled_from([name for row in ROWS for name in row["names"]]), max_size=6), st.randoms())
def test_neither_order_nor_company_changes_what_a_name_is_worth(names: list[str], random: Any) -> None:
    def judged(some: list[str]) -> list[tuple[str, str]]:
        report = report_of(tuple(some), Role.C2S_SERVER, "example.com")
        return [(one.name.text, one.verdict.name) for one in report.names]

    alone = [one for name in names for one in judged([name])[:-1]]
    assert judged(names)[: len(alone)] == alone
    shuffled = list(names)
    random.shuffle(shuffled)
    assert sorted(judged(shuffled)) == sorted(judged(names))
