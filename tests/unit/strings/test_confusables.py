"""Look-alikes (RFC 7622 section 7.3, XEP-0165)."""

from __future__ import annotations

import unicodedata

import pytest

from xmpp_core.jid import JID, look_alikes, mixed_parts
from xmpp_core.strings.confusables import confusable, mixed_scripts, scripts, skeleton

STPETER = "\u13da\u13a2\u13b5\u13ac\u13a2\u13ac\u13d2@\u13ab\u13aa\u13f4\u13f4\u13ac\u13d2.org"


@pytest.mark.feature("JID-06")
def test_xep0165_section_1_examples() -> None:
    assert look_alikes(JID("paypa1@jabber.org"), [JID("paypal@jabber.org/home"), JID("a@b")]) == (
        JID("paypal@jabber.org"),
    )
    assert look_alikes(JID(STPETER), [JID("stpeter@jabber.org")]) == (JID("stpeter@jabber.org"),)


@pytest.mark.feature("JID-06")
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ju1iet", "juliet"),
        ("juIiet", "juliet"),
        ("\u0440\u0430\u0443\u0440\u0430l", "paypal"),
        ("r\u03bfme\u03bf", "romeo"),
        ("\u0391\u0392C", "abc"),
        ("rnorning", "morning"),
        ("\u0451", "e\u0308"),
        ("\u0585k", "ok"),
        ("vvww", "wvvw"),
    ],
    ids=ascii,
)
def test_they_look_alike(one: str, other: str) -> None:
    assert confusable(one, other)
    assert confusable(other, one)
    assert not confusable(one, one)


@pytest.mark.feature("JID-06")
@pytest.mark.parametrize(
    ("one", "other"), [("juliet", "romeo"), ("\u0436", "x"), ("fu\u00dfball", "fussball"), ("a", "b")], ids=ascii
)
def test_they_do_not(one: str, other: str) -> None:
    assert not confusable(one, other)


@pytest.mark.feature("JID-06")
def test_a_skeleton_is_its_own() -> None:
    for code in range(0x21, 0x3100):
        one = chr(code)
        assert skeleton(skeleton(one)) == skeleton(one), unicodedata.name(one, hex(code))


@pytest.mark.feature("JID-06")
@pytest.mark.parametrize(
    ("text", "found", "mixed"),
    [
        ("juliet", {"LATIN"}, False),
        ("\u0434\u0436", {"CYRILLIC"}, False),
        ("p\u0430ypal", {"LATIN", "CYRILLIC"}, True),
        ("\u65e5\u672c\u306e\u30ab\u30caAB", {"HAN", "HIRAGANA", "KATAKANA", "LATIN"}, False),
        ("\uc904\u6f22a", {"HANGUL", "HAN", "LATIN"}, False),
        ("\uc904\u306e", {"HANGUL", "HIRAGANA"}, True),
        ("1-2", set(), False),
        ("\uff21b", {"LATIN"}, False),
    ],
    ids=ascii,
)
def test_scripts(text: str, found: set[str], mixed: bool) -> None:
    assert scripts(text) - ({""} if "" in found else set()) == found
    assert mixed_scripts(text) is mixed


@pytest.mark.feature("JID-06")
def test_mixed_parts_are_named() -> None:
    assert mixed_parts(JID("p\u0430ypal@example.org")) == ("localpart",)
    assert mixed_parts(JID("a@ex\u0430mple.org")) == ("domainpart",)
    assert mixed_parts(JID("\u0434@\u043f\u0440\u0438\u043c\u0435\u0440.example/x\u0434")) == ()


@pytest.mark.feature("JID-06")
def test_an_address_is_no_look_alike_of_itself() -> None:
    known = [JID("paypal@jabber.org/a"), JID("paypal@jabber.org/b")]
    assert look_alikes(JID("paypal@jabber.org/c"), known) == ()
    assert look_alikes(JID("PAYPAL@jabber.org"), known) == ()
    assert len(look_alikes(JID("paypa1@jabber.org"), known)) == 1
