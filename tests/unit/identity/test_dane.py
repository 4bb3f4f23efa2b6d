"""DANE: the records of RFC 6698 and RFC 7671, and the decisions of RFC 7673."""

from __future__ import annotations

import hashlib
from itertools import product
from typing import Any

import pytest
from issuing import NOW, Issuer, issue, issuer

from xmpp_core import LocalProtocolError
from xmpp_core.identity import (
    DaneOutcome,
    DaneVerdict,
    Dnssec,
    Path,
    Role,
    TlsaRecord,
    check_dane,
    read_certificate,
    tlsa_name,
    verify_chain,
)

DOMAIN, TARGET = "im.example.com", "xmpp23.hosting.example.net"
AUTHENTICATED, NOT_APPLICABLE, REFUSED = DaneOutcome.AUTHENTICATED, DaneOutcome.NOT_APPLICABLE, DaneOutcome.REFUSED

# RFC 7671 section 9: three records of one key.
KEY = bytes.fromhex(
    "3059301306072A8648CE3D020106082A8648CE3D0301070342000471CB1F504F9E4B33971376C005445DACD33CD79A2881C3DED1981F18E7"
    "AAA76609DD0E4EF28265C82703030AD60C5DBA6FB8A9397AC0FCF06D424C885D484887"
)
BY_SHA256 = "3 1 1 ( 3FE246A848798236DD2AB78D39F0651D 6B6E7CA8E2984012EB0A2E1AC8A87B72 )"
BY_SHA512 = """3 1 2 (
    D4F5AF015B46C5057B841C7E7BAB759C BF029526D29520C5BE6A32C67475439E
    54AB3A945D80C743347C9BD4DADC9D8D 57FAB78EAA835362F3CA07CCC19A3214 )"""


def anchor() -> Issuer:
    return issuer("the authority of the Web")


def selected(certificate: bytes, selector: int, matching: int) -> bytes:
    octets = read_certificate(certificate).key.octets if selector else certificate
    return octets if not matching else hashlib.new(("sha256", "sha512")[matching - 1], octets).digest()


def record(usage: int, selector: int, matching: int, certificate: bytes) -> TlsaRecord:
    return TlsaRecord(usage, selector, matching, selected(certificate, selector, matching))


def decided(
    records: list[TlsaRecord],
    chain: list[bytes],
    *,
    dnssec: Dnssec = Dnssec.SECURE,
    srv: Dnssec = Dnssec.SECURE,
    anchors: tuple[bytes, ...] = (),
    now: float = NOW,
    role: Role = Role.S2S_RECEIVING,
) -> DaneVerdict:
    path = verify_chain(chain, anchors=anchors, role=role, now=now) if chain else None
    return check_dane(
        records,
        dnssec=dnssec,
        srv=srv,
        chain=chain,
        role=role,
        domain=DOMAIN,
        target=TARGET,
        now=now,
        path=path if isinstance(path, Path) else None,
    )


@pytest.mark.feature("TLS-07")
def test_the_records_of_the_standards_are_read() -> None:
    first = TlsaRecord.from_text(BY_SHA256)
    assert (first.usage, first.selector, first.matching) == (3, 1, 1)
    assert first.data == hashlib.sha256(KEY).digest()
    assert first.usable
    second = TlsaRecord.from_text(BY_SHA512)
    assert second.data == hashlib.sha512(KEY).digest()
    assert second.usable
    # RFC 6698 section 2.3.
    third = TlsaRecord.from_text("0 0 1 d2abde240d7cd3ee6b4b28c54df034b9 7983a1d16e8a410e4561cb106618e971")
    assert third.usable
    assert TlsaRecord.from_octets(bytes([0, 0, 1]) + third.data) == third
    for text in ("", "3 1 1", "3 1 x 00", "256 1 1 00", "3 1 1 0", "3 1 1 zz", "-1 1 1 00"):
        with pytest.raises(ValueError):
            TlsaRecord.from_text(text)
    for octets in (b"", b"\x03\x01\x01"):
        with pytest.raises(ValueError):
            TlsaRecord.from_octets(octets)


@pytest.mark.feature("TLS-07")
@pytest.mark.parametrize(
    ("written", "usable"),
    [
        ((3, 1, 1, b"x" * 32), True), ((3, 1, 2, b"x" * 64), True), ((0, 0, 1, b"x" * 32), True),
        ((4, 1, 1, b"x" * 32), False), ((255, 1, 1, b"x" * 32), False), ((3, 2, 1, b"x" * 32), False),
        ((3, 1, 3, b"x" * 32), False), ((3, 1, 1, b"x" * 31), False), ((3, 1, 2, b"x" * 32), False),
        ((3, 0, 0, b"no certificate"), False), ((3, 1, 0, b""), False), ((3, 1, 0, KEY), True),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_told(written: tuple[int, int, int, bytes], usable: bool) -> None:
    """RFC 6698 section 4.1."""
    assert TlsaRecord(*written).usable == usable


@pytest.mark.feature("TLS-07")
def test_the_query_is_for_the_host_and_the_port() -> None:
    """RFC 7673 section 3.3."""
    assert tlsa_name("imap.example.net", 9143) == "_9143._tcp.imap.example.net"
    assert tlsa_name("xmpp.MÜLLER.example.", 5269) == "_5269._tcp.xmpp.xn--mller-kva.example"
    with pytest.raises(LocalProtocolError):
        tlsa_name("a..b", 5269)


@pytest.mark.feature("TLS-07")
@pytest.mark.parametrize(("srv", "dnssec"), list(product(Dnssec, repeat=2)))
def test_the_state_of_both_answers_decides_first(srv: Dnssec, dnssec: Dnssec) -> None:
    """RFC 7673 sections 3.1 and 3.4, every pair."""
    chain = [issue("dns:elsewhere.example")]
    verdict = decided([record(3, 1, 1, chain[0])], chain, srv=srv, dnssec=dnssec)
    if srv is Dnssec.SECURE and dnssec is Dnssec.SECURE:
        assert verdict.outcome is AUTHENTICATED
    elif srv is Dnssec.INSECURE:
        # Section 4.1: the host is no name to look for then.
        assert (verdict.outcome, verdict.references) == (NOT_APPLICABLE, (DOMAIN,))
    elif srv is Dnssec.SECURE and dnssec is Dnssec.INSECURE:
        assert (verdict.outcome, verdict.references) == (NOT_APPLICABLE, (DOMAIN, TARGET))
    else:
        assert verdict.outcome is REFUSED
    assert verdict.reason
    assert verdict.section


@pytest.mark.feature("TLS-07")
@pytest.mark.parametrize(("selector", "matching"), list(product((0, 1), (0, 1, 2))))
def test_the_end_entity_of_the_domain_needs_nothing_else(selector: int, matching: int) -> None:
    """RFC 7671 section 5.1: neither names nor dates nor who issued it."""
    chain = [issue("dns:elsewhere.example", key="rsa1024", ca=True)]
    wanted = record(3, selector, matching, chain[0])
    for now in (NOW, NOW + 1e9):
        verdict = decided([wanted], chain, now=now)
        assert (verdict.outcome, verdict.record) == (AUTHENTICATED, wanted)
    other = [issue(f"dns:{DOMAIN}", by=anchor(), number=5)]
    assert decided([wanted], other, anchors=(anchor().octets,)).outcome is REFUSED


@pytest.mark.feature("TLS-07")
@pytest.mark.parametrize(("selector", "matching"), list(product((0, 1), (0, 1, 2))))
@pytest.mark.parametrize(
    ("name", "is_for"),
    [
        (f"dns:{DOMAIN}", True), (f"srv:_xmpp-server.{DOMAIN}", True), (f"xmpp:{DOMAIN}", True),
        (f"dns:{TARGET}", True), ("dns:*.hosting.example.net", True),
        # RFC 9525 section 6.5: no service was asked for of the host.
        (f"srv:_xmpp-server.{TARGET}", False), (f"xmpp:{TARGET}", False), ("dns:elsewhere.example", False),
    ],
)  # fmt: skip
def test_every_other_usage_needs_a_name(selector: int, matching: int, name: str, is_for: bool) -> None:
    """RFC 7673 sections 4 and 6."""
    own = issuer("the authority of the domain")
    by_web, by_own = issue(name, by=anchor()), issue(name, by=own)
    wanted = AUTHENTICATED if is_for else REFUSED
    web = (anchor().octets,)
    assert decided([record(1, selector, matching, by_web)], [by_web], anchors=web).outcome is wanted
    assert decided([record(0, selector, matching, anchor().octets)], [by_web], anchors=web).outcome is wanted
    assert decided([record(2, selector, matching, own.octets)], [by_own, own.octets]).outcome is wanted


@pytest.mark.feature("TLS-07")
def test_usages_ask_for_what_they_ask_for() -> None:
    own = issuer("the authority of the domain")
    leaf = issue(f"dns:{DOMAIN}", by=own)
    web = (anchor().octets,)

    def outcome(one: TlsaRecord, chain: list[bytes], **settings: Any) -> DaneOutcome:
        return decided([one], chain, **settings).outcome

    # A path the rest of the world trusts is needed for 0 and 1, and not for 2 and 3.
    for usage, expected in ((0, REFUSED), (1, REFUSED), (2, AUTHENTICATED), (3, AUTHENTICATED)):
        one = record(usage, 0, 1, own.octets if usage in (0, 2) else leaf)
        assert outcome(one, [leaf, own.octets], anchors=web) is expected
        assert outcome(one, [leaf, own.octets], anchors=(own.octets,)) is AUTHENTICATED
    # RFC 7671 section 5.2.2: a digest cannot stand in for an authority that was not sent, a whole one can.
    assert outcome(record(2, 0, 1, own.octets), [leaf]) is REFUSED
    assert outcome(record(2, 0, 0, own.octets), [leaf]) is AUTHENTICATED
    # Anybody may send a copy of the authority: it must have issued the certificate.
    stranger = issue(f"dns:{DOMAIN}", by=issuer("a stranger"))
    assert outcome(record(2, 0, 1, own.octets), [stranger, own.octets]) is REFUSED
    assert outcome(record(0, 0, 1, own.octets), [stranger, own.octets], anchors=web) is REFUSED
    # A record of an end entity says nothing of an authority, and the other way round.
    assert outcome(record(3, 0, 1, own.octets), [leaf, own.octets]) is REFUSED
    assert outcome(record(1, 0, 1, own.octets), [leaf, own.octets], anchors=(own.octets,)) is REFUSED
    # Dates count for all but 3.
    late = NOW + 1e9
    assert outcome(record(2, 0, 1, own.octets), [leaf, own.octets], now=late) is REFUSED


@pytest.mark.feature("TLS-07")
def test_one_record_is_enough_and_the_weaker_digest_is_not() -> None:
    chain = [issue("dns:elsewhere.example")]
    other = issue("dns:elsewhere.example", number=7)
    right = record(3, 1, 1, chain[0])
    assert decided([record(3, 1, 1, other), right], chain).outcome is AUTHENTICATED
    assert decided([record(2, 0, 1, other), right], chain).outcome is AUTHENTICATED
    # RFC 7671 section 9: what matches 3 1 1 only is refused where 3 1 2 is published; 3 1 0 always counts.
    stronger = record(3, 1, 2, other)
    assert decided([right, stronger], chain).outcome is REFUSED
    assert decided([right, stronger, record(3, 1, 0, chain[0])], chain).outcome is AUTHENTICATED
    # Of another selector it is another matter, and one that cannot be used is none.
    assert decided([right, record(3, 0, 2, other)], chain).outcome is AUTHENTICATED
    assert decided([right, TlsaRecord(3, 1, 2, b"x" * 63)], chain).outcome is AUTHENTICATED


@pytest.mark.feature("TLS-07")
def test_without_a_usable_record_the_rest_decides() -> None:
    for records in ([], [TlsaRecord(9, 9, 9, b"x")], [TlsaRecord(3, 1, 1, b"short")]):
        verdict = decided(records, [issue(f"dns:{DOMAIN}")])
        assert (verdict.outcome, verdict.references) == (NOT_APPLICABLE, (DOMAIN, TARGET))
    assert decided([TlsaRecord.from_text(BY_SHA256)], []).outcome is REFUSED
    assert decided([TlsaRecord.from_text(BY_SHA256)], [b"no certificate"]).outcome is REFUSED
