"""`im:` and `pres:` URIs: RFC 3860, RFC 3859, their resolution (RFC 3861) and their XMPP addresses (RFC 3922)."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xmpp_core.jid import JID, JIDError
from xmpp_core.uri import CommonProfileURI, URIError


@pytest.mark.feature("URI-03")
@pytest.mark.parametrize("scheme", ["im", "pres"])
def test_rfc_3860_section_3_2_and_rfc_3859_an_example(scheme: str) -> None:
    uri = CommonProfileURI.parse(f"{scheme}:fred@example.com")
    assert uri == CommonProfileURI(scheme, JID("fred@example.com"))
    assert str(uri) == f"{scheme}:fred@example.com"
    assert CommonProfileURI.parse(f"{scheme.upper()}:fred@EXAMPLE.com") == uri


@pytest.mark.feature("URI-03")
def test_rfc_3861_section_3_the_names_to_look_up() -> None:
    assert CommonProfileURI.parse("im:fred@example.com").srv_names(["bip"]) == ("_im._bip.example.com.",)
    assert CommonProfileURI.parse("pres:fred@example.com").srv_names(["bip"]) == ("_pres._bip.example.com.",)


@pytest.mark.feature("URI-03")
def test_rfc_3921_section_15_the_label_of_xmpp() -> None:
    assert CommonProfileURI.parse("im:fred@example.com").srv_names() == ("_im._xmpp.example.com.",)
    assert CommonProfileURI.parse("pres:fred@example.com").srv_names(["xmpp", "simple"]) == (
        "_pres._xmpp.example.com.", "_pres._simple.example.com.",
    )  # fmt: skip


@pytest.mark.feature("URI-03")
def test_names_are_those_the_dns_has() -> None:
    uri = CommonProfileURI("im", JID("fred@\u010dechy.example"))
    assert uri.srv_names() == ("_im._xmpp.xn--echy-fua.example.",) == CommonProfileURI.parse(str(uri)).srv_names()
    assert CommonProfileURI.parse("im:").srv_names() == ()
    assert CommonProfileURI("im", JID("a@[::1]")).srv_names() == ()
    assert CommonProfileURI.parse("im:a@192.0.2.1").srv_names() == ()
    for label in ("_xmpp", "", "a.b", "x" * 64):
        with pytest.raises(ValueError, match="label"):
            uri.srv_names([label])


@pytest.mark.feature("URI-03")
def test_rfc_3922_section_3_characters_no_localpart_has() -> None:
    uri = CommonProfileURI.parse("im:o'neil%26sons/x@example.com")
    assert uri.jid == JID("o#27;neil#26;sons#2f;x@example.com")
    assert str(uri) == "im:o%27neil%26sons%2Fx@example.com"
    assert CommonProfileURI.parse(str(uri)) == uri


@pytest.mark.feature("URI-03")
def test_rfc_3860_appendix_b_2_a_source_route() -> None:
    uri = CommonProfileURI.parse("im:pepp=example.com/fred@relay-domain")
    assert uri.jid == JID("pepp=example.com#2f;fred@relay-domain")
    assert str(uri) == "im:pepp=example.com%2Ffred@relay-domain"


@pytest.mark.feature("URI-03")
def test_rfc_3922_section_3_3_octets_are_utf_8() -> None:
    uri = CommonProfileURI.parse("pres:ji%C5%99i@example.com")
    assert uri.jid == JID("ji\u0159i@example.com")
    assert str(uri) == "pres:ji%C5%99i@example.com"


@pytest.mark.feature("URI-03")
def test_headers_are_kept_in_order() -> None:
    uri = CommonProfileURI.parse("im:a@b.example?subject=a%26b&body=1=2%0A?&subject=")
    assert uri.headers == (("subject", "a&b"), ("body", "1=2\n?"), ("subject", ""))
    assert str(uri) == "im:a@b.example?subject=a%26b&body=1%3D2%0A%3F&subject="
    assert CommonProfileURI.parse(str(uri)) == uri
    assert CommonProfileURI.parse("im:?subject=x") == CommonProfileURI("im", None, (("subject", "x"),))
    assert str(CommonProfileURI.parse("im:?subject=x")) == "im:?subject=x"
    assert pickle.loads(pickle.dumps(uri)) == uri


@pytest.mark.feature("URI-03")
@pytest.mark.parametrize(
    ("text", "part", "position"),
    [
        ("", "scheme", None),
        ("fred@example.com", "scheme", 0),
        ("xmpp:fred@example.com", "scheme", 0),
        ("im:example.com", "localpart", 3),
        ("im:@example.com", "localpart", 3),
        ("im:fred@", "domainpart", 8),
        ("im:fred@a@b", "domainpart", 9),
        ("im:fred@[::1]", "domainpart", 8),
        ("im:fred@%5B%3A%3A1%5D", "domainpart", 8),
        ("im:fr ed@b.example", "localpart", 5),
        ("im:fr\u00e9d@b.example", "localpart", 5),
        ("im:fr%zzd@b.example", "localpart", 5),
        ("im:fr%ffd@b.example", "localpart", 5),
        ("im:a@b.example#x", "domainpart", 14),
        ("im:a@b.example?", "headers", 15),
        ("im:a@b.example?subject", "headers", 15),
        ("im:a@b.example?subject=a b", "headers", 24),
        ("im:a@b.example?subject=%ff", "headers", 23),
    ],
)
def test_an_error_says_what_is_wrong_and_where(text: str, part: str, position: int | None) -> None:
    with pytest.raises(URIError) as caught:
        CommonProfileURI.parse(text)
    assert (caught.value.part, caught.value.position) == (part, position)
    assert caught.value.section.startswith("RFC ")


@pytest.mark.feature("URI-03")
def test_a_value_that_no_uri_can_say_is_refused() -> None:
    for scheme, jid in (("sip", None), ("im", JID("a@b.example/c")), ("pres", JID("b.example"))):
        with pytest.raises(URIError):
            CommonProfileURI(scheme, jid)
    with pytest.raises(URIError):
        CommonProfileURI("im", None, (("a", "\ud800"),))


@pytest.mark.feature("URI-03")
@given(
    local=st.text(min_size=1, max_size=12),
    headers=st.lists(st.tuples(st.text(max_size=5), st.text(max_size=5)), max_size=3),
)
def test_what_is_written_is_read_again(local: str, headers: list[tuple[str, str]]) -> None:
    try:
        uri = CommonProfileURI("im", JID.of(local, "b.example"), tuple(headers))
    except (JIDError, URIError):
        return
    again = CommonProfileURI.parse(str(uri))
    assert again == CommonProfileURI.parse(str(again))
    assert again == uri


@pytest.mark.feature("URI-03")
@given(text=st.one_of(st.text(), st.text("im:pres%@?&=[]#2f; /'a.0\u00e9\ud800").map("im:".__add__)))
def test_nothing_but_its_own_error(text: str) -> None:
    try:
        uri = CommonProfileURI.parse(text)
    except URIError:
        return
    assert CommonProfileURI.parse(str(uri)) == uri
