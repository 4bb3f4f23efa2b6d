"""The scripts of a string, and how it mixes them (UTS 39 section 5)."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from idna.idnadata import scripts as idna_scripts
from idna.intranges import intranges_contain

from xmpp_core.strings.scripts import (
    RestrictionLevel,
    mixed_scripts,
    resolved_scripts,
    restriction_level,
    scripts,
    spans,
)
from xmpp_core.strings.scripts_table import EXTENSIONS, SCRIPTS, UNICODE_VERSION

ASCII, SINGLE, HIGHLY, MODERATELY, MINIMALLY, UNRESTRICTED = RestrictionLevel
HAN = {"Hani", "Hanb", "Jpan", "Kore"}


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
        ("\u1401\u0966", {"CANADIAN_ABORIGINAL", "DEVANAGARI"}, True),
        ("\u0301\u30fc", set(), False),
        ("a\ue000", {"LATIN"}, True),
    ],
    ids=ascii,
)
def test_scripts(text: str, found: set[str], mixed: bool) -> None:
    assert scripts(text) == found
    assert mixed_scripts(text) is mixed


@pytest.mark.feature("JID-06")
@pytest.mark.parametrize(
    ("text", "resolved"),
    [
        # The examples of UTS 39 section 5.1.
        ("Circle", {"Latn"}),
        ("\u0421\u0456\u0433\u0441\u04c0\u0435", {"Cyrl"}),
        ("\u0421i\u0433\u0441l\u0435", set()),
        ("Circ1e", {"Latn"}),
        ("C\U0001d5c2\U0001d5cb\U0001d5bc\U0001d5c5\U0001d5be", {"Latn"}),
        ("\U0001d5a2\U0001d5c2\U0001d5cb\U0001d5bc\U0001d5c5\U0001d5be", None),
        ("\u3006\u5207", HAN),
        ("\u306d\u30ac", {"Jpan"}),
        ("", None),
        ("\u30fc", {"Hira", "Kana", "Jpan"}),
        ("\u30fc\u30ab", {"Kana", "Jpan"}),
        ("\u3105\u6f22", {"Hanb"}),
        ("\uc904\u6f22", {"Kore"}),
        ("\u0660\u0661", {"Arab", "Thaa", "Yezi"}),
    ],
    ids=ascii,
)
def test_section_5_1_resolved_script_sets(text: str, resolved: set[str] | None) -> None:
    assert resolved_scripts(text) == resolved


@pytest.mark.feature("JID-06")
@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("juliet-1", ASCII),
        ("", ASCII),
        ("m\xfcller", SINGLE),
        ("\u0434\u0436", SINGLE),
        ("\u65e5\u672c\u306e\u30ab\u30ca", SINGLE),
        ("\u65e5\u672c\u306e\u30ab\u30caab", HIGHLY),
        ("\u3105\u6f22a", HIGHLY),
        ("\uc904\u6f22a", HIGHLY),
        ("\u0e01a", MODERATELY),
        ("\u0627a", MODERATELY),
        ("\u0430a", MINIMALLY),  # Cyrillic and Greek are excepted
        ("\u03b1a", MINIMALLY),
        ("\u13a0a", MINIMALLY),  # Cherokee is not in common use (UAX 31 table 7)
        ("\u0e01\u05d0a", MINIMALLY),
        ("\u0e01\u05d0", MINIMALLY),
        ("\u265a", UNRESTRICTED),
        ("a b", UNRESTRICTED),
        ("\u2163", UNRESTRICTED),
    ],
    ids=ascii,
)
def test_section_5_2_restriction_levels(text: str, level: RestrictionLevel) -> None:
    assert restriction_level(text) is level
    if level is not UNRESTRICTED:
        assert mixed_scripts(text) is (level > HIGHLY)


@pytest.mark.feature("JID-06")
@given(st.text(), st.text())
def test_what_is_added_never_makes_a_string_stricter(text: str, more: str) -> None:
    level = restriction_level(text)
    assert restriction_level(text + more) >= level
    assert restriction_level(text[::-1]) is level
    assert (resolved_scripts(text) != frozenset()) is (restriction_level(text) <= SINGLE) or level is UNRESTRICTED
    resolved, longer = resolved_scripts(text), resolved_scripts(text + more)
    assert resolved is None or (longer is not None and longer <= resolved)
    assert scripts(text) <= scripts(text + more)


@pytest.mark.feature("JID-06")
def test_the_tables_are_whole() -> None:
    assert UNICODE_VERSION == "17.0.0"
    found: dict[int, str] = {}
    for said, first, last in spans(SCRIPTS):
        code, _, name = said.partition("/")
        assert len(code) == 4
        assert name
        for one in range(first, last + 1):
            assert one not in found
            found[one] = code
    assert len(set(found.values())) == 174
    codes = set(found.values())
    seen: set[int] = set()
    for said, first, last in spans(EXTENSIONS):
        assert set(said.split("+")) <= codes
        assert seen.isdisjoint(range(first, last + 1))
        seen.update(range(first, last + 1))
    # What the interpreter knows has a script, but for what is private, a surrogate or nothing.
    for one in range(0x110000):
        assert (one in found) or unicodedata.category(chr(one)) in ("Cn", "Co", "Cs"), hex(one)
    words = ("LATIN", "CYRILLIC", "ARMENIAN", "HEBREW", "THAI", "CHEROKEE", "ETHIOPIC", "KHMER", "HANGUL", "TIBETAN")
    for one in found:
        word = unicodedata.name(chr(one), "").split(" ")[0]
        if word in words and unicodedata.category(chr(one)) in ("Ll", "Lu", "Lo"):
            assert scripts(chr(one)) == {word}, hex(one)


@pytest.mark.feature("JID-06")
@pytest.mark.parametrize(
    ("name", "code"),
    [("Greek", "Grek"), ("Han", "Hani"), ("Hebrew", "Hebr"), ("Hiragana", "Hira"), ("Katakana", "Kana")],
)
def test_the_scripts_are_those_that_domain_names_are_checked_by(name: str, code: str) -> None:
    ours = {one for said, first, last in spans(SCRIPTS) if said[:4] == code for one in range(first, last + 1)}
    # That package may be of another version of Unicode: what the interpreter knows is in both.
    for one in range(0x32000):
        if unicodedata.category(chr(one)) != "Cn":
            assert intranges_contain(one, idna_scripts[name]) is (one in ours), hex(one)
