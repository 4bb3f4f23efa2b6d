"""Other libraries give the same for every code point, or a row of the data file says which section decides.

Sampled by default, every nth with a start that moves by the day; all of them with `--full`.
"""

from __future__ import annotations

import encodings.idna
import json
import stringprep as tables
import unicodedata
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import idna
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from xmpp_core.strings.errors import StringError
from xmpp_core.strings.idna import domainpart
from xmpp_core.strings.precis import NICKNAME, OPAQUE_STRING, USERNAME_CASE_MAPPED, USERNAME_CASE_PRESERVED
from xmpp_core.strings.precis import NICKNAME_COMPARISON as COMPARISON
from xmpp_core.strings.properties import Property, property_of
from xmpp_core.strings.stringprep import NAMEPREP_QUERY, NODEPREP, RESOURCEPREP, SASLPREP

precis = pytest.importorskip("precis_i18n")
scramp = pytest.importorskip("scramp.utils")
slixmpp = pytest.importorskip("slixmpp.jid")
pytestmark = pytest.mark.heavy

DATA: dict[str, list[dict[str, Any]]] = json.loads(
    (Path(__file__).parents[1] / "data" / "strings_differences.json").read_text()
)
ROWS, TEXTS = DATA["rows"], DATA["texts"]
Prepare = Callable[[str], str]
CORRECTED = frozenset("\U0002f868\U0002f874\U0002f91f\U0002f95f\U0002f9bf")


def newer(one: str) -> bool:
    return tables.in_table_a1(one)


CLASSES: dict[str, Callable[[str], bool]] = {
    "a code point that only a later rule maps to an allowed one": lambda one: (
        property_of(one) is Property.FREE_PVAL and unicodedata.normalize("NFC", one.lower()) != one
    ),
    "a code point that UTS 46 maps beyond RFC 5895": lambda one: idna.uts46_remap(one, std3_rules=False) != one,
    "an underscore": lambda one: one in "_\uff3f",
    "a letter whose small form came after Unicode 3.2, or that came itself": lambda one: (
        newer(one) or any(map(newer, one.lower()))
    ),
    "a code point whose decomposition Corrigendum 4 changed": lambda one: one in CORRECTED,
    "a code point that came after Unicode 3.2, with a mapping or decomposition": newer,
    "a code point that has another direction since Unicode 3.2": lambda one: (
        unicodedata.bidirectional(one) != unicodedata.ucd_3_2_0.bidirectional(one)
    ),
}


def _only_normalized(text: str) -> bool:
    """Whether each joiner without a virama before it, of which there is one, has it before it in normal form C."""
    lonely = [at for at, one in enumerate(text) if one == "\u200d" and not _virama(text[:at])]
    return bool(lonely) and all(_virama(unicodedata.normalize("NFC", text[:at])) for at in lonely)


def _virama(text: str) -> bool:
    return text != "" and unicodedata.combining(text[-1]) == 9


OF_TEXTS: dict[str, Callable[[str], bool]] = {
    "a joiner that normalization alone puts behind a virama": _only_normalized
}


def _idna(text: str) -> str:
    return ".".join(map(idna.ulabel, idna.encode(text, uts46=True).decode().split(".")))


PAIRS: dict[tuple[str, str], tuple[Prepare, Prepare, tuple[str, ...]]] = {
    ("precis-i18n", "UsernameCaseMapped"): (
        USERNAME_CASE_MAPPED.enforce,
        precis.get_profile("UsernameCaseMapped").enforce,
        ("{}", "a{}a", "l{}l", "\u05d0{}", "\u30a2{}", "\u0628\u200c{}"),
    ),
    ("precis-i18n", "UsernameCasePreserved"): (
        USERNAME_CASE_PRESERVED.enforce,
        precis.get_profile("UsernameCasePreserved").enforce,
        ("{}", "A{}a", "\u094d{}"),
    ),
    ("precis-i18n", "OpaqueString"): (
        OPAQUE_STRING.enforce,
        precis.get_profile("OpaqueString").enforce,
        ("{}", "a{}a", "l{}l", "{}\u03b1", "\u05d0{}"),
    ),
    ("precis-i18n", "NicknameCasePreserved"): (
        NICKNAME.enforce,
        precis.get_profile("NicknameCasePreserved").enforce,
        ("{}", "A {}a", "{} "),
    ),
    ("precis-i18n", "NicknameCaseMapped"): (
        COMPARISON.enforce,
        precis.get_profile("NicknameCaseMapped").enforce,
        ("{}", "A {}a", "{} "),
    ),
    ("idna", "domainpart"): (domainpart, _idna, ("a{}b", "\u0628{}\u0628.example")),
    ("encodings.idna", "nameprep"): (NAMEPREP_QUERY.enforce, encodings.idna.nameprep, ("{}", "a{}a")),
    ("scramp", "SASLprep"): (SASLPREP.enforce, scramp.saslprep, ("{}", "a{}a", "\u0627{}\u0628")),
    ("slixmpp", "nodeprep"): (
        NODEPREP.enforce,
        lambda text: str(slixmpp.JID(f"{text}@b").node),
        ("a{}a", "\u0627{}\u0628"),
    ),
    ("slixmpp", "resourceprep"): (
        RESOURCEPREP.enforce,
        lambda text: str(slixmpp.JID(f"b/{text}").resource),
        ("a{}a", "\u0627{}\u0628"),
    ),
}


def answer(prepare: Prepare, text: str) -> str | None:
    """What comes out, None for what is refused, by whatever exception the library has."""
    try:
        return prepare(text)
    except (ValueError, KeyError, UnicodeError, IndexError, slixmpp.InvalidJID):
        return None
    except Exception as error:
        if type(error).__module__.split(".")[0] not in ("idna", "scramp", "slixmpp", "precis_i18n"):
            raise
        return None


def kind(found: str | None) -> str:
    return "refused" if found is None else "given"


def code_points(full: bool, step: int) -> Iterator[str]:
    for code in range(0 if full else date.today().toordinal() % step, 0x110000, 1 if full else step):
        if not 0xD800 <= code < 0xE000:  # no UTF-8, so no text that Rust takes
            yield chr(code)


@pytest.mark.feature("JID-02", "JID-03", "SASL-17")
@pytest.mark.parametrize("pair", PAIRS, ids=" ".join)
def test_every_code_point_is_prepared_alike_or_a_row_says_why_not(pair: tuple[str, str], full: bool) -> None:
    ours, theirs, places = PAIRS[pair]
    rows = [row for row in ROWS if row["peer"] == pair[0] and pair[1] in row["profiles"]]
    seen = 0
    for one in code_points(full, 251):
        if one in "/@" and pair[0] == "slixmpp":
            continue
        for place in places:
            text = place.format(one)
            mine, other = answer(ours, text), answer(theirs, text)
            seen += 1
            if mine == other:
                continue
            kinds = (kind(mine), kind(other))
            assert any((row["ours"], row["theirs"]) == kinds and CLASSES[row["class"]](one) for row in rows), (
                ascii(text), ascii(mine), ascii(other)
            )  # fmt: skip
    assert seen > 4000 * len(places)


@pytest.mark.feature("JID-02", "JID-03")
@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['peer']}: {row['class']}")
def test_every_row_has_an_example_that_differs(row: dict[str, Any]) -> None:
    assert CLASSES[row["class"]](row["example"])
    # A direction shows beside a right-to-left letter alone.
    differs(row, f"\u0627{row['example']}\u0628" if "direction" in row["class"] else f"a{row['example']}b")


def differs(row: dict[str, Any], text: str) -> None:
    """Check that a row tells the truth of a text, under each of its profiles."""
    assert row["section"].startswith("RFC ")
    for profile in row["profiles"]:
        ours, theirs, _ = PAIRS[row["peer"], profile]
        mine, other = answer(ours, text), answer(theirs, text)
        assert mine != other
        assert (kind(mine), kind(other)) == (row["ours"], row["theirs"])


def test_the_rows_are_counted() -> None:
    assert (len(ROWS), len(TEXTS)) == (8, 1)
    assert {row["class"] for row in ROWS} == set(CLASSES)
    assert {row["class"] for row in TEXTS} == set(OF_TEXTS)
    assert {(row["peer"], profile) for row in ROWS + TEXTS for profile in row["profiles"]} <= set(PAIRS)


LETTERS = st.text(
    st.sampled_from("aZ\u00df\u03a3\u03c2\u0130\u05d0\u0627\u0661\u06f11-. \u0301\u0323\u094d\u200d\uff21\u00e9"),
    max_size=7,
)


@pytest.mark.feature("JID-03", "SASL-17")
@given(text=LETTERS)
@example(*[row["example"] for row in TEXTS])
def test_texts_are_prepared_alike_or_a_row_says_why_not(text: str) -> None:
    for (peer, profile), (ours, theirs, _) in PAIRS.items():
        if peer not in ("precis-i18n", "scramp"):
            continue
        mine, other = answer(ours, text), answer(theirs, text)
        rows = [row for row in TEXTS if row["peer"] == peer and profile in row["profiles"]]
        kinds = (kind(mine), kind(other))
        assert mine == other or any(
            (row["ours"], row["theirs"]) == kinds and OF_TEXTS[row["class"]](text) for row in rows
        ), (profile, ascii(text))  # fmt: skip


@pytest.mark.feature("JID-03", "SASL-17")
@pytest.mark.parametrize("row", TEXTS, ids=lambda row: f"{row['peer']}: {row['class']}")
def test_every_text_of_a_row_differs(row: dict[str, Any]) -> None:
    assert OF_TEXTS[row["class"]](row["example"])
    differs(row, row["example"])


def test_what_we_refuse_we_refuse_with_our_own_error() -> None:
    for ours, _, _ in PAIRS.values():
        with pytest.raises(StringError):
            ours("a\ue000")
