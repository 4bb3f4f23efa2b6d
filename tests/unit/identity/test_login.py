"""Whom a certificate logs in: each row of XEP-0178 and RFC 6120 section 13.7.2.2, and what else may happen."""

from __future__ import annotations

import datetime

import pytest
from issuing import BEGIN, END, NOW, SERVER_AUTH, issue, issuer

from xmpp_core.identity import Authorized, Denied, Report, Role, authorize, examine
from xmpp_core.jid import JID
from xmpp_core.sasl import SaslCondition

ONE = ("xmpp:juliet@example.com",)
TWO = ("xmpp:juliet@example.com", "xmpp:romeo@example.com")
JULIET, ROMEO = JID("juliet@example.com"), JID("romeo@example.com")
LATER = END + datetime.timedelta(days=1)


def report_of(
    names: tuple[str, ...],
    role: Role = Role.C2S_CLIENT,
    domain: str = "example.com",
    *,
    trusted: bool = True,
    now: float = NOW,
    **settings: object,
) -> Report:
    octets = issue(*names, by=issuer(), **settings)  # type: ignore[arg-type]
    return examine(octets, role=role, domain=domain, now=now, trusted=trusted)


@pytest.mark.feature("TLS-04", "SASL-12")
@pytest.mark.parametrize(
    ("names", "authzid", "stream_from", "expected"),
    [
        # XEP-0178 section 2, step 11, rule 1: one address, nothing asked for.
        (ONE, None, None, JULIET),
        (ONE, "", None, JULIET),
        (ONE, None, "romeo@example.com", JULIET),
        # One address, and it is asked for, in whatever form.
        (ONE, "juliet@example.com", None, JULIET),
        (ONE, "JULIET@Example.com", None, JULIET),
        # One address, and another is asked for: only a host that knows more can allow it.
        (ONE, "romeo@example.com", None, "invalid-authzid"),
        (ONE, "example.com", None, "invalid-authzid"),
        (ONE, "juliet@example.net", None, "invalid-authzid"),
        # Rule 2: several addresses.
        (TWO, "juliet@example.com", None, JULIET),
        (TWO, "romeo@example.com", None, ROMEO),
        (TWO, "nurse@example.com", None, "invalid-authzid"),
        (TWO, None, None, "invalid-authzid"),
        # RFC 6120 section 13.7.2.2.1, sub-case 2: the stream header chooses, if it names one of them.
        (TWO, None, "romeo@example.com/hall", ROMEO),
        (TWO, None, "nurse@example.com", "invalid-authzid"),
        (TWO, "juliet@example.com", "romeo@example.com", JULIET),
        # The same address twice, in two forms, is one.
        (("xmpp:juliet@example.com", "xmpp:JULIET@EXAMPLE.COM"), None, None, JULIET),
        # Addresses of other domains do not count (sub-case 3).
        (("xmpp:juliet@example.net",), None, None, "not-authorized"),
        (("xmpp:juliet@example.net", *ONE), None, None, JULIET),
        (("xmpp:juliet@example.net", *ONE), "juliet@example.net", None, "invalid-authzid"),
        # Rule 3: no address at all, whatever else it names.
        ((), None, None, "not-authorized"),
        (("dns:example.com", "email:juliet@example.com"), None, None, "not-authorized"),
        (("xmpp:example.com",), None, None, "not-authorized"),
        (("xmpp-bmp:juliet@example.com",), None, None, "not-authorized"),
        # What is no bare address (RFC 6120 section 6.3.8).
        (ONE, "juliet@example.com/balcony", None, "invalid-authzid"),
        (ONE, "@example.com", None, "invalid-authzid"),
        (ONE, "juliet@example.com\x00", None, "invalid-authzid"),
    ],
)
def test_a_client_logs_in_as_its_certificate_says(
    names: tuple[str, ...], authzid: str | None, stream_from: str | None, expected: JID | str
) -> None:
    decision = authorize(
        report_of(names), authzid, "example.com", stream_from=JID(stream_from) if stream_from else None
    )
    if isinstance(expected, JID):
        assert decision == Authorized(expected)
    else:
        assert isinstance(decision, Denied)
        assert decision.condition == expected
        assert SaslCondition.named(decision.condition).value == expected
        assert decision.reason
        assert "juliet" not in decision.reason


@pytest.mark.feature("TLS-04", "SASL-12")
@pytest.mark.parametrize(
    ("names", "authzid", "expected"),
    [
        # XEP-0178 section 3, step 11: the domain of the stream header, by any name that may stand for it.
        (("dns:example.org",), None, "no"),
        (("dns:conference.example.org",), None, "yes"),
        (("dns:*.example.org",), None, "yes"),
        (("srv:_xmpp-server.conference.example.org",), None, "yes"),
        (("srv:_xmpp-client.conference.example.org",), None, "no"),
        (("xmpp:conference.example.org",), None, "yes"),
        (("xmpp:romeo@conference.example.org",), None, "no"),
        # Step 10: it may be asked for, and nothing else may.
        (("dns:conference.example.org",), "conference.example.org", "yes"),
        (("dns:conference.example.org", "dns:example.org"), "example.org", "invalid-authzid"),
        (("dns:conference.example.org",), "romeo@conference.example.org", "invalid-authzid"),
        (("dns:conference.example.org",), "..", "invalid-authzid"),
    ],
)
def test_a_server_is_the_domain_of_its_stream_header(
    names: tuple[str, ...], authzid: str | None, expected: str
) -> None:
    domain = "conference.example.org"
    report = report_of(names, Role.S2S_INITIATING, domain, purposes=[SERVER_AUTH])
    decision = authorize(report, authzid, domain)
    if expected == "yes":
        assert decision == Authorized(JID(domain))
    else:
        assert isinstance(decision, Denied)
        assert decision.condition == ("not-authorized" if expected == "no" else expected)


@pytest.mark.feature("TLS-04", "SASL-12")
def test_a_certificate_that_cannot_be_used_logs_nobody_in() -> None:
    late, early = LATER.timestamp(), BEGIN.timestamp() - 1
    for report, condition in (
        # RFC 6120 sections 13.7.2.2.2 and 13.7.2.2.3: nobody that is trusted vouches for it.
        (report_of(ONE, trusted=False), "not-authorized"),
        (report_of(ONE, trusted=False, now=late), "not-authorized"),
        # Section 6.5.3.
        (report_of(ONE, now=late), "credentials-expired"),
        (report_of(ONE, now=early), "not-authorized"),
        (report_of(ONE, now=late, purposes=[SERVER_AUTH]), "not-authorized"),
        (report_of(ONE, purposes=[SERVER_AUTH]), "not-authorized"),
        (report_of(ONE, ca=True), "not-authorized"),
        (report_of(ONE, key="rsa1024"), "not-authorized"),
        (examine(b"", role=Role.C2S_CLIENT, domain="example.com", now=NOW, trusted=True), "not-authorized"),
        (examine([], role=Role.C2S_CLIENT, domain="example.com", now=NOW, trusted=True), "not-authorized"),
        # Looked at for something else.
        (report_of(ONE, Role.C2S_SERVER), "not-authorized"),
        (report_of(ONE, domain="example.net"), "not-authorized"),
    ):
        for authzid in (None, "juliet@example.com", "nonsense@@"):
            decision = authorize(report, authzid, "example.com")
            assert isinstance(decision, Denied)
            assert decision.condition == condition
            assert decision.reason


def test_the_domain_may_be_written_otherwise() -> None:
    report = report_of(("xmpp:juliet@müller.example",), domain="xn--mller-kva.example")
    for domain in ("müller.example", "MÜLLER.example", "xn--mller-kva.example"):
        assert authorize(report, None, domain) == Authorized(JID("juliet@müller.example"))
    assert isinstance(authorize(report, None, "a..b"), Denied)
