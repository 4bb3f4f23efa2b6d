"""`xmpp:` URIs and IRIs, by the sections of RFC 5122."""

from __future__ import annotations

import copy
import json
import pickle
from dataclasses import FrozenInstanceError
from pathlib import Path
from typing import Any

import pytest

from xmpp_core.jid import JID, JIDError
from xmpp_core.uri import Query, URIError, XmppURI

DATA: dict[str, Any] = json.loads((Path(__file__).parents[1] / "data" / "uri_rfc5122.json").read_text())
NASTY = "nasty!#$%()*+,-.;=?[\\]^_`{|}~node"
REPULSIVE = "repulsive !#\"$%&'()*+,-./:;<=>?@[\\]^_`{|}~resource"


@pytest.mark.feature("URI-01")
@pytest.mark.parametrize("row", DATA["examples"], ids=lambda row: f"section {row['section']}: {row['uri'][:40]}")
def test_the_examples_of_rfc_5122(row: dict[str, Any]) -> None:
    query = None if row["type"] is None else Query(row["type"], tuple(map(tuple, row["pairs"])))
    expected = XmppURI(
        None if row["jid"] is None else JID(row["jid"]),
        query,
        authority=None if row["authority"] is None else JID(row["authority"]),
    )
    assert XmppURI.parse(row["uri"], strict=True) == expected
    assert str(expected) == expected.uri == row["uri"]


@pytest.mark.feature("URI-01")
def test_section_2_3_an_authority_is_not_a_path() -> None:
    with_authority = XmppURI.parse("xmpp://guest@example.com/support@example.com?message")
    assert with_authority.authority == JID("guest@example.com")
    assert with_authority.jid == JID("support@example.com")
    assert with_authority != XmppURI.parse("xmpp:support@example.com?message")
    assert XmppURI.parse("xmpp://guest@example.com/") == XmppURI.parse("xmpp://guest@example.com")
    assert XmppURI.parse("xmpp://guest@example.com?message").query == Query("message")
    assert XmppURI.parse("xmpp://guest@example.com#x").fragment == "x"


@pytest.mark.feature("URI-01")
def test_section_2_5_what_is_not_understood_is_ignored_and_kept() -> None:
    uri = XmppURI.parse("xmpp:a@b.example?nobody-knows;key=value;other=1;key=2")
    assert uri.action is None
    assert uri.query == Query("nobody-knows", (("key", "value"), ("other", "1"), ("key", "2")))
    assert uri.query.get("key") == "value"
    assert uri.query.get("none") is None
    assert uri.query.all("key") == ("value", "2")
    assert str(uri) == "xmpp:a@b.example?nobody-knows;key=value;other=1;key=2"


@pytest.mark.feature("URI-01")
def test_section_2_5_pairs_are_decoded_after_they_are_split() -> None:
    uri = XmppURI.parse("xmpp:a@b.example?message;body=1%3B2%3D3%26%25;subject=%E2%82%AC", strict=True)
    assert uri.query == Query("message", (("body", "1;2=3&%"), ("subject", "\u20ac")))
    assert uri.uri == "xmpp:a@b.example?message;body=1%3B2%3D3%26%25;subject=%E2%82%AC"
    assert uri.iri == "xmpp:a@b.example?message;body=1%3B2%3D3%26%25;subject=\u20ac"


@pytest.mark.feature("URI-01")
@pytest.mark.parametrize(
    ("written", "understood", "rewritten"),
    [
        ("", Query(""), ""),
        ("message;", Query("message"), "message"),
        ("message;;body=a", Query("message", (("body", "a"),)), "message;body=a"),
        ("message;body", Query("message", (("body", ""),)), "message;body="),
        ("invite;jid=a@b.example/c?d", Query("invite", (("jid", "a@b.example/c?d"),)),
         "invite;jid=a%40b.example%2Fc%3Fd"),
        ("omemo-sid-1=05ab;omemo-sid-2=05cd", Query("", (("omemo-sid-1", "05ab"), ("omemo-sid-2", "05cd"))),
         ";omemo-sid-1=05ab;omemo-sid-2=05cd"),
        ("message;body=a=b", Query("message", (("body", "a=b"),)), "message;body=a%3Db"),
        ("message;body=a&b+c", Query("message", (("body", "a&b+c"),)), "message;body=a%26b%2Bc"),
    ],
)  # fmt: skip
def test_a_tolerant_reader_writes_what_a_strict_one_reads(written: str, understood: Query, rewritten: str) -> None:
    uri = XmppURI.parse(f"xmpp:b.example?{written}")
    assert uri.query == understood
    assert str(uri) == f"xmpp:b.example?{rewritten}"
    assert XmppURI.parse(str(uri), strict=True) == uri
    if written != rewritten:
        with pytest.raises(URIError) as caught:
            XmppURI.parse(f"xmpp:b.example?{written}", strict=True)
        assert caught.value.part == "query"


@pytest.mark.feature("URI-01")
def test_section_2_6_a_fragment_stays_encoded() -> None:
    uri = XmppURI.parse("xmpp:a@b.example#x%2fy/%41%c3%a9\u00e9?%ff")
    assert uri.fragment == "x%2Fy/A\u00e9\u00e9?%FF"
    assert uri.uri == "xmpp:a@b.example#x%2Fy/A%C3%A9%C3%A9?%FF"
    assert uri.iri == "xmpp:a@b.example#x%2Fy/A\u00e9\u00e9?%FF"
    assert XmppURI.parse("xmpp:a@b.example#").fragment == ""
    assert str(XmppURI.parse("xmpp:a@b.example#")) == "xmpp:a@b.example#"
    with pytest.raises(URIError, match="U\\+0023 NUMBER SIGN at index 1"):
        XmppURI(JID("a@b.example"), fragment="x#y")


@pytest.mark.feature("URI-01")
def test_section_2_7_2_exactly_these_are_encoded() -> None:
    for code in range(0x21, 0x7F):
        one = chr(code)
        try:
            jid = JID(f"a{one}b@example.com/c{one}d" if one not in "\"&'/:<>@" else f"ab@example.com/c{one}d")
        except JIDError:
            continue
        local, _, resource = str(XmppURI(jid)).removeprefix("xmpp:").partition("@example.com/")
        bare = one.isalnum() or one in "-._~!$()*+,;="
        if jid.local != "ab":
            assert (local == jid.local) is bare, one
        assert (resource == f"c{one}d") is (bare or one in "&':"), one


@pytest.mark.feature("URI-01")
def test_section_2_7_3_iri_and_uri_are_one() -> None:
    uri = XmppURI.parse("xmpp:ji%C5%99i@%C4%8Dechy.example/v%20Praze")
    assert uri.iri == DATA["iri"]
    assert XmppURI.parse(DATA["iri"]) == uri
    assert hash(XmppURI.parse(DATA["iri"])) == hash(uri)


@pytest.mark.feature("URI-01")
def test_section_2_8_1_the_address_is_prepared() -> None:
    assert XmppURI.parse("XMPP:%4Auliet@EXAMPLE.com/Balcony").jid == JID("juliet@example.com/Balcony")
    assert XmppURI.parse("xmpp:a@[2001:DB8::1]/x").uri == "xmpp:a@[2001:db8::1]/x"


@pytest.mark.feature("URI-01")
@pytest.mark.parametrize(
    ("text", "part", "position", "code_point", "section"),
    [
        ("", "scheme", None, None, "RFC 3986 section 3.1"),
        ("a@b.example", "scheme", 0, None, "RFC 3986 section 3.1"),
        ("a@b.example/c:d", "scheme", 0, None, "RFC 3986 section 3.1"),
        ("mailto:a@b.example", "scheme", 0, None, "RFC 5122 section 3.1"),
        ("xmpp:", "domainpart", 5, None, None),
        ("xmpp:?message", "domainpart", 5, None, None),
        ("xmpp:a@", "domainpart", 7, None, None),
        ("xmpp:@b.example", "localpart", 5, None, None),
        ("xmpp:b.example/", "resourcepart", 15, None, None),
        ("xmpp://", "authority", 7, None, "RFC 5122 section 2.3"),
        ("xmpp://b.example", "authority", 7, None, "RFC 5122 section 2.3"),
        ("xmpp:///a@b.example", "authority", 7, None, "RFC 5122 section 2.3"),
        ("xmpp://a@/c@d.example", "domainpart", 9, None, None),
        ("xmpp:a@b.example:5222", "domainpart", 16, ":", "RFC 5122 section 5.2"),
        ("xmpp:a@[::1]:5222", "domainpart", 7, "[", "RFC 3986 section 3.2.2"),
        ("xmpp:a@[::1", "domainpart", 7, "[", "RFC 3986 section 3.2.2"),
        ("xmpp:a b@c.example", "localpart", 6, " ", "RFC 5122 section 2.2"),
        ("xmpp:a|b@c.example", "localpart", 6, "|", "RFC 5122 section 2.2"),
        ("xmpp:a'b@c.example", "localpart", 6, "'", "RFC 5122 section 2.2"),
        ("xmpp:a@b@c.example", "domainpart", 8, "@", "RFC 5122 section 2.2"),
        ("xmpp:a@b.example/c/d", "resourcepart", 18, "/", "RFC 5122 section 2.2"),
        ("xmpp:a@b.example/c@d", "resourcepart", 18, "@", "RFC 5122 section 2.2"),
        ("xmpp:a@b.example/\u202ec", "resourcepart", 17, "\u202e", "RFC 5122 section 2.2"),
        ("xmpp:a@b.example/\ue000", "resourcepart", 17, "\ue000", "RFC 5122 section 2.2"),
        ("xmpp:a@b.example/\ud800", "resourcepart", 17, "\ud800", "RFC 5122 section 2.2"),
        ("xmpp:a\x00@b.example", "localpart", 6, "\x00", "RFC 5122 section 2.2"),
        ("xmpp:a%@b.example", "localpart", 6, "%", "RFC 3986 section 2.1"),
        ("xmpp:a%2@b.example", "localpart", 6, "%", "RFC 3986 section 2.1"),
        ("xmpp:a%2g@b.example", "localpart", 6, "%", "RFC 3986 section 2.1"),
        ("xmpp:\u0159%C5%99%C5@b.example", "localpart", 12, None, "RFC 3987 section 3.2"),
        ("xmpp:a%C0%80@b.example", "localpart", 6, None, "RFC 3987 section 3.2"),
        ("xmpp:a%ED%A0%80@b.example", "localpart", 6, None, "RFC 3987 section 3.2"),
        ("xmpp:a%40b@c.example", "localpart", 6, "@", None),
        ("xmpp:\u0159%C5%99%26@c.example", "localpart", 12, "&", None),
        ("xmpp:a@b.example?m;a=b#c#d", "fragment", 24, "#", "RFC 3986 section 3.5"),
        ("xmpp:a@b.example?message;body= ", "query", 30, " ", "RFC 5122 section 2.2"),
        ("xmpp:a@b.example?message;bo dy=", "query", 27, " ", "RFC 5122 section 2.2"),
        ("xmpp:a@b.example?message;body=%ff", "query", 30, None, "RFC 3987 section 3.2"),
        ("xmpp:a@b.example?message&body=x", "query", 24, "&", "RFC 5122 section 2.5"),
    ],
    ids=ascii,
)
def test_an_error_says_what_is_wrong_and_where(
    text: str, part: str, position: int | None, code_point: str | None, section: str | None
) -> None:
    with pytest.raises(URIError) as caught:
        XmppURI.parse(text)
    error = caught.value
    if section is None:
        # The rules of addresses are broken: their section is the one to name.
        assert isinstance(error.__cause__, JIDError)
        section = error.__cause__.section
        assert section.startswith("RFC ")
    assert (error.part, error.position, error.code_point, error.section) == (part, position, code_point, section)
    assert part in str(error)
    assert section in str(error)
    if code_point is not None and position is not None:
        assert f"U+{ord(code_point):04X}" in str(error)
        assert text[position] in (code_point, "%")


@pytest.mark.feature("URI-01")
def test_an_address_at_fault_is_the_cause() -> None:
    with pytest.raises(URIError) as caught:
        XmppURI.parse("xmpp:a%40b@c.example")
    error = caught.value
    assert isinstance(error.__cause__, JIDError)
    assert error.name == "COMMERCIAL AT"
    again = pickle.loads(pickle.dumps(error))
    assert str(again) == str(error)
    assert (again.part, again.rule, again.section, again.position, again.code_point, again.name) == (
        error.part, error.rule, error.section, error.position, error.code_point, error.name,
    )  # fmt: skip


@pytest.mark.feature("URI-01")
@pytest.mark.parametrize(
    ("jid", "authority", "part"),
    [(None, None, "domainpart"), ("a@b.example", "b.example", "authority"), (None, "a@b.example/c", "authority")],
)
def test_a_value_that_no_uri_can_say_is_refused(jid: str | None, authority: str | None, part: str) -> None:
    with pytest.raises(URIError) as caught:
        XmppURI(jid and JID(jid), authority=authority and JID(authority))  # type: ignore[arg-type]
    assert caught.value.part == part


@pytest.mark.feature("URI-01")
def test_a_surrogate_has_no_octets() -> None:
    with pytest.raises(URIError, match="U\\+D800") as caught:
        Query("message", (("body", "a\ud800"),))
    assert caught.value.part == "query"


@pytest.mark.feature("URI-01")
def test_a_value_is_frozen_hashable_and_copied() -> None:
    uri = XmppURI.parse("xmpp://x@y.example/a@b.example/c?message;body=d#e")
    assert pickle.loads(pickle.dumps(uri)) == uri == copy.deepcopy(uri)
    assert {uri: 1}[XmppURI.parse(str(uri))] == 1
    assert not hasattr(uri, "__dict__")
    with pytest.raises(FrozenInstanceError):
        uri.jid = None  # type: ignore[misc]


@pytest.mark.feature("URI-01")
def test_nasty_and_repulsive_at_once() -> None:
    jid = JID.of(NASTY, "example.com", REPULSIVE)
    assert XmppURI.parse(XmppURI(jid).uri, strict=True).jid == jid
