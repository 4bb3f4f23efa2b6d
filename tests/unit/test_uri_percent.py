"""Between IRIs and URIs of any scheme: RFC 3987 section 3."""

from __future__ import annotations

import pytest

from xmpp_core.uri import URIError, iri_to_uri, uri_to_iri


@pytest.mark.feature("URI-01")
@pytest.mark.parametrize(
    ("uri", "iri"),
    [
        ("http://www.example.org/D%C3%BCrst", "http://www.example.org/D\u00fcrst"),
        ("http://www.example.org/D%FCrst", "http://www.example.org/D%FCrst"),
        ("http://www.example.org/r%E9sum%E9.html", "http://www.example.org/r%E9sum%E9.html"),
        ("http://xn--99zt52a.example.org/%e2%80%ae", "http://xn--99zt52a.example.org/%E2%80%AE"),
        ("xmpp:ji%C5%99i@%C4%8Dechy.example/v%20Praze", "xmpp:ji\u0159i@\u010dechy.example/v%20Praze"),
        ("a:%41%7e%2f%25%7F%00", "a:A~%2F%25%7F%00"),
        ("a:%C5%99%C5%C5%99", "a:\u0159%C5\u0159"),
        ("a:%EE%80%80%F4%8F%BF%BD", "a:%EE%80%80%F4%8F%BF%BD"),
        ("a:%EF%BF%BE%F0%9F%98%80", "a:%EF%BF%BE\U0001f600"),
        ("a:%ED%A0%80%C0%AF", "a:%ED%A0%80%C0%AF"),
    ],
)
def test_section_3_2_a_uri_becomes_an_iri(uri: str, iri: str) -> None:
    assert uri_to_iri(uri) == iri
    assert uri_to_iri(iri) == iri
    # "an IRI that maps back to the URI", but for the case of digits and what was encoded without need
    assert uri_to_iri(iri_to_uri(iri)) == iri


@pytest.mark.feature("URI-01")
def test_section_3_1_an_iri_becomes_a_uri() -> None:
    assert iri_to_uri("http://r\u00e9sum\u00e9.example.org") == "http://r%C3%A9sum%C3%A9.example.org"
    assert iri_to_uri("http://example.com/\U00010300\U00010301\U00010302") == (
        "http://example.com/%F0%90%8C%80%F0%90%8C%81%F0%90%8C%82"
    )
    assert iri_to_uri("http://www.example.org/red%09ros\u00e9#red") == "http://www.example.org/red%09ros%C3%A9#red"
    assert iri_to_uri("a:b?\ue000") == "a:b?%EE%80%80"
    assert iri_to_uri("a:%c3") == "a:%c3"


@pytest.mark.feature("URI-01")
@pytest.mark.parametrize(
    "text", ["a: ", "a:<", "a:%4", "a:%gg", "a:\x7f", "a:\u200e", "a:\u2066", "a:\ud800", "a:\ufffe"]
)
def test_what_no_iri_holds_is_refused(text: str) -> None:
    for turn in (iri_to_uri, uri_to_iri):
        with pytest.raises(URIError) as caught:
            turn(text)
        assert caught.value.position == 2
        assert caught.value.code_point == text[2]


@pytest.mark.feature("URI-01")
def test_every_code_point_is_bare_in_an_iri_or_encoded(full: bool) -> None:
    """RFC 3987 section 2.2, `ucschar`, by its numbers; section 4.1 for the six that are left out of it."""
    allowed = {(0xA0, 0xD7FF), (0xF900, 0xFDCF), (0xFDF0, 0xFFEF), (0xE1000, 0xEFFFD)}
    allowed |= {(plane << 16, (plane << 16) + 0xFFFD) for plane in range(1, 14)}
    left_out = {0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)}
    edges = (
        {edge + step for pair in allowed for edge in pair for step in (-1, 0, 1)} | left_out | set(range(0x80, 0x3000))
    )
    for code in range(0x80, 0x110000) if full else sorted(edges):
        if 0xD800 <= code <= 0xDFFF or code > 0x10FFFF:
            continue
        bare = any(low <= code <= high for low, high in allowed) and code not in left_out
        octets = "".join(f"%{octet:02X}" for octet in chr(code).encode())
        assert uri_to_iri(f"a:{octets}") == (f"a:{chr(code)}" if bare else f"a:{octets}"), hex(code)
