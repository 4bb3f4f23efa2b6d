"""Domainparts as RFC 7622 section 3.2 prepares them, the package's text room alone."""

from __future__ import annotations

import pytest

from xmpp_core.strings.errors import StringError
from xmpp_core.strings.idna import domainpart


@pytest.mark.feature("JID-01")
@pytest.mark.parametrize(
    ("text", "prepared"),
    [
        ("Example.COM", "example.com"),
        ("example.com.", "example.com"),
        ("b\u00fccher\u3002", "b\u00fccher"),
        ("a\u3002b", "a.b"),
        ("a_b.c", "a_b.c"),
        ("XN--BCHER-KVA.example", "b\u00fccher.example"),
        ("B\u00dcCHER.xn--bcher-kva", "b\u00fccher.b\u00fccher"),
        ("fa\u00df.de", "fa\u00df.de"),
        ("\uff21\uff22.c", "ab.c"),
        ("\u05d0\u05d1.example", "\u05d0\u05d1.example"),
        ("192.0.2.1", "192.0.2.1"),
        ("[2001:DB8::0001]", "[2001:db8::1]"),
        ("[::ffff:192.0.2.1]", "[::ffff:192.0.2.1]"),
        ("a" * 63 + ".b", "a" * 63 + ".b"),
        ("[FE80::1%25eth0]", "[fe80::1%25eth0]"),
        ("[::1].", "[::1]"),
        ("\u03a3\u03a3.example", "\u03c3\u03c3.example"),
        ("\uff76\uff9e\uff61jp", "\u30ac.jp"),
        ("ab--cd.example", "ab--cd.example"),
        ("999.1.1.1", "999.1.1.1"),
        (".".join(["a" * 62] * 4), ".".join(["a" * 62] * 4)),
    ],
)
def test_a_domain_is_prepared_and_stays(text: str, prepared: str) -> None:
    assert domainpart(text) == prepared
    assert domainpart(prepared) == prepared


@pytest.mark.feature("JID-01")
@pytest.mark.parametrize(
    ("text", "section", "position"),
    [
        ("", "RFC 7622 section 3.2", None),
        (".", "RFC 7622 section 3.2", None),
        ("a..b", "RFC 7622 section 3.2", None),
        ("a..", "RFC 7622 section 3.2", None),
        ("b\u00fccher..", "RFC 7622 section 3.2", None),
        ("b\u00fccher\u3002\u3002", "RFC 7622 section 3.2", None),
        ("\u00fc..b", "RFC 7622 section 3.2", None),
        ("-a.b", "RFC 5891 section 4.2.3.1", 0),
        ("b.a-.b", "RFC 5891 section 4.2.3.1", 3),
        ("\u00fc-", "RFC 5891 section 4.2.3.1", 1),
        ("\u00fca--b", "RFC 5891 section 4.2.3.1", 2),
        ("b.\u0301a", "RFC 5891 section 4.2.3.2", 2),
        ("a" * 64, "RFC 1034 section 3.1", None),
        (".".join(["a" * 50] * 5), "RFC 1034 section 3.1", None),
        (".".join(["\u00fc" * 40] * 6), "RFC 1034 section 3.1", None),
        ("b\u00fccher" * 20, "RFC 5891 section 4.2.4", None),
        ("a b", "RFC 7622 section 3.2", 1),
        ("a/b", "RFC 7622 section 3.2", 1),
        ("\u00fc.a b", "RFC 7622 section 3.2", 3),
        ("a\uff20b", "RFC 7622 section 3.2", 1),
        ("[::1", "RFC 7622 section 3.2.1", None),
        ("[::1%eth0]", "RFC 7622 section 3.2.1", None),
        ("[::1%25]", "RFC 7622 section 3.2.1", None),
        ("[::1%25a b]", "RFC 7622 section 3.2.1", None),
        ("[192.0.2.1]", "RFC 7622 section 3.2.1", None),
        ("[]", "RFC 7622 section 3.2.1", None),
        ("[v1.a]", "RFC 7622 section 3.2.1", None),
        ("c.xn--a", "RFC 5892 section 2", 2),
        ("xn--", "RFC 5890 section 2.3.2.1", 0),
        ("xn--abc-", "RFC 5890 section 2.3.2.1", 0),
        ("xn--b\u00fccher", "RFC 5890 section 2.3.2.1", 0),
        ("b.xn--tda\u3002a-", "RFC 5891 section 4.2.3.1", 11),
        ("I\u2665NY.de", "RFC 5892 section 2", 1),
        ("\u00ad", "RFC 5892 section 2", 0),
        ("\u00b2.example", "RFC 5892 section 2", 0),
        ("a.\ufb01", "RFC 5892 section 2", 2),
        ("\u0627a", "RFC 5893 section 2, condition 2", 1),
        ("a.1\u05d0", "RFC 5893 section 2, condition 1", 2),
        ("\u200c.de", "RFC 5892 appendix A.1", 0),
        ("de.a\u00b7l", "RFC 5892 appendix A.3", 4),
        ("\u0378.de", "RFC 5892 section 2", 0),
        ("\ud800.de", "RFC 5892 section 2", 0),
    ],
    ids=ascii,
)
def test_no_domain_is_refused_by_its_rule(text: str, section: str, position: int | None) -> None:
    with pytest.raises(StringError) as caught:
        domainpart(text)
    assert caught.value.section == section
    assert caught.value.position == position
