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
    ],
)
def test_a_domain_is_prepared_and_stays(text: str, prepared: str) -> None:
    assert domainpart(text) == prepared
    assert domainpart(prepared) == prepared


@pytest.mark.feature("JID-01")
@pytest.mark.parametrize(
    ("text", "section", "position"),
    [
        ("", "3.2", None),
        (".", "3.2", None),
        ("a..b", "3.2", None),
        ("a..", "3.2", None),
        ("b\u00fccher..", "3.2", None),
        ("b\u00fccher\u3002\u3002", "3.2", None),
        ("\u00fc..b", "3.2", None),
        ("-a.b", "3.2", None),
        ("a-.b", "3.2", None),
        ("a" * 64, "3.2", None),
        ("a b", "3.2", 1),
        ("a/b", "3.2", 1),
        ("\u00fc.a b", "3.2", None),
        ("\u00ad", "3.2", None),
        ("[::1", "3.2.1", None),
        ("[::1%eth0]", "3.2.1", None),
        ("[192.0.2.1]", "3.2.1", None),
        ("[]", "3.2.1", None),
        ("xn--a", "4.2", None),
        ("xn--", "4.2", None),
        ("I\u2665NY.de", "4.2", None),
        ("\u0627a", "4.2", None),
        ("\u200c.de", "4.2", None),
        ("b\u00fccher" * 20, "4.2", None),
        ("\u0378.de", "section 2", None),
    ],
    ids=ascii,
)
def test_no_domain_is_refused_by_its_rule(text: str, section: str, position: int | None) -> None:
    with pytest.raises(StringError) as caught:
        domainpart(text)
    assert caught.value.section.endswith(section)
    assert caught.value.position == position
