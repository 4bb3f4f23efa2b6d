"""Look-alikes (RFC 7622 section 7.3, XEP-0165, UTS 39 section 4)."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xmpp_core.jid import JID, look_alikes, mimicry, mixed_parts
from xmpp_core.strings import confusables_table, scripts_table
from xmpp_core.strings.confusables import confusable, likeness, skeleton
from xmpp_core.strings.scripts import spans

ROOT = Path(__file__).parents[3]
STPETER = "\u13da\u13a2\u13b5\u13ac\u13a2\u13ac\u13d2@\u13ab\u13aa\u13f4\u13f4\u13ac\u13d2.org"
# Code point and prototype, as the table says it.
ROWS = {
    chr(code): "".join(chr(int(one, 16)) for one in said.split("+"))
    for said, first, last in spans(confusables_table.CONFUSABLES)
    for code in range(first, last + 1)
}
# Code points whose skeleton has another skeleton: their prototypes hold a letter with its mark, as DZ with caron, which
# the standard takes apart first, and the letter alone has another prototype or the mark moves.
UNSTABLE = "\u01c4\u01c5\u01c6\u048b\u321d\ufba4\ufba5\ufbb0\ufbb1\ufe81\ufe82\ufef5\ufef6"


def nfd(text: str) -> str:
    return unicodedata.normalize("NFD", text)


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
        # UTS 39 section 4: in one script, in a mixture, in whole scripts.
        ("\u01c9eto", "ljeto"),
        ("p\u0430yp\u0430l", "paypal"),
        ("\u0455\u0441\u043e\u0440\u0435", "scope"),
        ("s\xf8s", "so\u0338s"),
        ("ju1iet", "juliet"),
        ("juIiet", "juliet"),
        ("\u0440\u0430\u0443\u0440\u0430l", "paypal"),
        ("r\u03bfme\u03bf", "romeo"),
        ("\u0391\u0392C", "ABC"),
        ("rnorning", "morning"),
        ("\u0451", "e\u0308"),
        ("\u0585k", "ok"),
        ("jul\u200biet", "juliet"),  # what is not drawn
        ("\u2fa3", "\u9149"),
        ("\u30ab", "\u529b"),  # kana and ideographs
        ("\u06a9", "\u0643"),  # Arabic letters
        ("\u0c02", "\u0d02"),  # scripts of India
        ("A\u0326", "A\u0321"),  # marks
    ],
    ids=ascii,
)
def test_they_look_alike(one: str, other: str) -> None:
    assert confusable(one, other)
    assert confusable(other, one)
    assert not confusable(one, one)
    assert likeness(one) == likeness(other)


@pytest.mark.feature("JID-06")
@pytest.mark.parametrize(
    ("one", "other"),
    [("ABC", "abc"), ("r0meo", "romeo"), ("vvww", "wvvw"), ("\u043a\u0442\u043c", "ktm"), ("\u13a4", "O'"), ("J", "j")],
    ids=ascii,
)
def test_in_addresses_more_of_them_do(one: str, other: str) -> None:
    assert likeness(one) == likeness(other)


@pytest.mark.feature("JID-06")
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("juliet", "romeo"),
        ("\u0436", "x"),
        ("fu\u00dfball", "fussball"),
        ("a", "b"),
        ("bill", "bili"),  # their capitals look like nothing that is shown of an address
        ("m\xfcller", "muller"),
    ],
    ids=ascii,
)
def test_they_do_not(one: str, other: str) -> None:
    assert not confusable(one, other)
    assert likeness(one) != likeness(other)


@pytest.mark.feature("JID-06")
def test_every_row_of_the_table_counts() -> None:
    assert (len(ROWS), len(set(ROWS.values())), confusables_table.UNICODE_VERSION) == (6565, 3416, "17.0.0")
    for one, prototype in ROWS.items():
        # Otherwise it is another text before the table is looked at.
        if nfd(one) == one and one not in "\u3164":
            assert skeleton(one) == nfd(prototype), hex(ord(one))
    missed = [one for one, prototype in ROWS.items() if skeleton(one) != nfd(prototype)]
    assert len(missed) == 28
    assert all(nfd(one) != one for one in missed if one != "\u3164")


@pytest.mark.heavy
@pytest.mark.feature("JID-06")
def test_a_skeleton_is_its_own() -> None:
    unstable = []
    for one in map(chr, [*range(0xD800), *range(0xE000, 0x110000)]):
        drawn = skeleton(one)
        if drawn == one and likeness(one) == one:
            continue
        if skeleton(drawn) != drawn:
            unstable.append(one)
        assert likeness(drawn) == likeness(one) == likeness(likeness(one)), hex(ord(one))
        assert len(drawn) <= 18
        assert len(likeness(one)) <= 18
    assert "".join(unstable) == UNSTABLE


@pytest.mark.feature("JID-06")
@given(st.text(max_size=40))
def test_what_a_skeleton_promises(text: str) -> None:
    drawn = skeleton(text)
    assert nfd(drawn) == drawn
    assert skeleton(nfd(text)) == drawn
    assert skeleton("\u200b".join(text)) == skeleton("".join(text))
    assert likeness(drawn) == likeness(text) == likeness(likeness(text))
    assert not confusable(text, text)


@pytest.mark.feature("JID-06")
@given(st.lists(st.sampled_from(sorted(one for one in ROWS if not any(map(unicodedata.combining, nfd(one)))))))
def test_letters_stand_for_their_prototypes(letters: list[str]) -> None:
    assert skeleton("".join(letters)) == "".join(map(skeleton, letters))
    assert likeness("".join(map(skeleton, letters))) == likeness("".join(letters))


# The letters of other scripts that look like the letters in front, as people see them who read names in capitals too.
BY_HAND = {
    "a": "\u0251\u03b1\u0430\u0391\u0410\u13aa\uab7a",
    "b": "\u0392\u0412\u042c\u044c\u13cf\u13f4\u13fc\uab9f",
    "c": "\u03f2\u03f9\u0421\u0441\u13df\u1d04\uabaf\u2ca5",
    "d": "\u0501\u13a0\u13e7\uab70\uabb7",
    "e": "\u0395\u0415\u0435\u04bd\u13ac\uab7c",
    "f": "\u03dc\u0584\ua799",
    "g": "\u0261\u0581\u050c\u13c0\u13f3\u13fb\uab90",
    "h": "\u0397\u041d\u04bb\u0570\u13bb\u13c2\uab8b\uab92",
    "i": "\u0131\u0269\u026a\u03b9\u0456\u13a5\uab75",
    "j": "\u03f3\u037f\u0408\u0458\u13ab\uab7b",
    "k": "\u039a\u03ba\u041a\u043a\u0138\u13e6\uabb6",
    "l": "I1|\u0196\u01c0\u0399\u0406\u04c0\u04cf\u13de\uabae",
    "n": "\u039d\u0578\u057c",
    "o": "0\u039f\u03bf\u03c3\u041e\u043e\u0555\u0585\u10ff\u1d0f",
    "p": "\u03a1\u03c1\u0420\u0440\u13b5\uab85\u13e2\uabb2\u2ca3",
    "q": "\u051b\u0563\u0566",
    "r": "\u01a6\u0433\u13a1\u13d2\uab71\uab81\uaba2",
    "s": "\u01bd\u0405\u0455\u054f\u13d5\u13da\ua731\uaba5\uabaa",
    "t": "\u03a4\u03c4\u0422\u0442\u13a2\uab72",
    "u": "\u028b\u03c5\u054d\u057d\u1d1c",
    "v": "\u03bd\u0474\u0475\u13d9\u1d20\uaba9",
    "x": "\u03a7\u03c7\u0425\u0445",
    "y": "\u0263\u028f\u03a5\u03b3\u0423\u0443\u04ae\u04af\u10e7\u13a9\u13bd\uab79\uab8d",
    "z": "\u0396\u13c3\u1d22\uab93",
    "4": "\u13ce\uab9e",
    "6": "\u0431\u13ee\uabbe",
    "8": "\u0223\u0222",
    "rn": "mM\u039c\u041c\u043c\u13b7\uab87",
    "vv": "wW\u026f\u0461\u051c\u051d\u0561\u13b3\u13d4\u1d21\uab83\uaba4",
}
# Of these Unicode's table says something else, and why they are found in addresses all the same.
OTHERWISE = {
    "Cherokee small letters, if they are in the table, are small capitals: a client may show the capitals":
        "\uab7a\u13fc\uab9f\uab70\uabb7\uab7c\u13fb\uab90\uab8b\uab92\uab7b\uabb6\uabae\uabb2\uab71\uaba2\uaba5"
        "\uab72\uab79\uab8d\uab9e\uabbe\uab87\uab83\uaba4",
    "small letters drawn as their capitals have their own prototypes":
        "\u03ba\u043a\u0138\u03c4\u0442\u043c\u03c7\u044c",
    "capitals do not look like two letters, as their small letters do": "M\u039c\u041c\u13b7",
    "two letters for one, but not in the table": "wW\u026f\u0461\u051c\u051d\u0561\u13b3\u13d4\u1d21",
    "the example of XEP-0165 section 1, but not in the table": "\u13b5\uab85",
}  # fmt: skip


@pytest.mark.feature("JID-06")
def test_letters_chosen_by_hand_are_found() -> None:
    assert sum(map(len, BY_HAND.values())) == 188
    lost = [(plain, one) for plain, alike in BY_HAND.items() for one in alike if likeness(one) != likeness(plain)]
    assert lost == []


@pytest.mark.feature("JID-06")
def test_where_the_standard_decides_otherwise() -> None:
    apart = {
        one
        for plain, alike in BY_HAND.items()
        for one in alike
        if skeleton(one) not in (skeleton(plain), skeleton(plain.upper()))
    }
    assert apart == set("".join(OTHERWISE.values()))


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


@pytest.mark.feature("JID-06")
def test_a_roster_is_reduced_once_and_strangers_do_not_fill_memory() -> None:
    known = mimicry._known_likeness
    known.cache_clear()
    roster = [JID(f"contact{number}@example.org") for number in range(1000)]
    assert look_alikes(JID("contact1O0@example.org"), roster) == (roster[100],)
    assert known.cache_info().misses == 1002
    assert look_alikes(JID("stranger@example.org"), roster) == ()
    assert known.cache_info().misses == 1003
    for number in range(3000):
        look_alikes(JID(f"{'x' * 200}{number}@example.org"), ())
    look_alikes(JID("x" * 1000 + "@example.org"), ())
    assert known.cache_info().currsize == known.cache_info().maxsize == 2048
    before = known.cache_info().misses
    look_alikes(JID("x" * 1000 + "@example.org"), ())
    assert known.cache_info().misses == before


@pytest.mark.heavy
@pytest.mark.feature("JID-06")
@pytest.mark.parametrize(
    "part", ["m", "\u0301\u0316", "\u0348\u030d", "\u064b\u0655", "\u1161", "\u200b", "\ufdfa", "\u13a0"], ids=ascii
)
def test_long_texts_are_no_more_work_than_they_are_long(part: str) -> None:
    """Marks that are sorted one by one, or a few rounds too many, would take hours here."""
    count = 100_000
    drawn = skeleton("a" + part * count)
    assert len(drawn) == 1 + (len(skeleton("a" + part)) - 1) * count
    assert likeness("a" + part * count) == likeness(drawn)


@pytest.mark.feature("JID-06")
def test_the_tables_are_read_when_asked_for() -> None:
    script = (
        "import sys, xmpp_core, xmpp_core.jid as jid\n"
        "def tables(): return sorted(name for name in sys.modules if name.endswith('_table'))\n"
        "assert not tables(), tables()\n"
        "assert 'xmpp_core.strings.confusables' not in sys.modules\n"
        "jid.mixed_parts(jid.JID('a@b.example')); assert not tables(), tables()\n"
        "jid.look_alikes(jid.JID('a@b'), ()); assert tables() == ['xmpp_core.strings.confusables_table'], tables()\n"
        "jid.mixed_parts(jid.JID('\\u0430@b')); assert len(tables()) == 2\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, cwd=ROOT, timeout=60)


def test_the_notice_of_unicode_goes_with_the_tables() -> None:
    notice = (ROOT / "LICENSE-UNICODE").read_text(encoding="utf-8")
    assert notice.startswith("UNICODE LICENSE V3\n")
    assert re.search(r"Copyright © [0-9]{4}-[0-9]{4} Unicode, Inc\.", notice)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert "LICENSE-UNICODE" in project["project"]["license-files"]
    assert "LICENSE-UNICODE" in project["tool"]["hatch"]["build"]["targets"]["sdist"]["include"]
    for table in (confusables_table, scripts_table):
        assert "LICENSE-UNICODE" in str(table.__doc__)
        assert table.UNICODE_VERSION == confusables_table.UNICODE_VERSION
