"""PRECIS by the examples and rules of RFC 8264, RFC 8265, RFC 5892 and RFC 5893."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from xmpp_core.strings.errors import StringError
from xmpp_core.strings.precis import (
    Property,
    check_class,
    opaque_string,
    property_of,
    username_case_mapped,
    username_case_preserved,
)

DATA = Path(__file__).parents[2] / "data"
TABLES: dict[str, Any] = json.loads((DATA / "precis_rfc8265.json").read_text())
CONTEXTS: dict[str, Any] = json.loads((DATA / "contextual_rules_rfc5892.json").read_text())


def example(row: dict[str, Any]) -> str:
    return f"example {row['n']}" if "n" in row else f"{row['rule']} {row['text']!a}"


@pytest.mark.feature("JID-03")
@pytest.mark.parametrize("row", TABLES["userparts"], ids=example)
def test_rfc8265_table_1_userparts(row: dict[str, Any]) -> None:
    assert username_case_preserved(row["text"]) == row["text"]
    assert username_case_mapped(row["text"]) == row.get("mapped", row["text"])


@pytest.mark.feature("JID-03")
@pytest.mark.parametrize("profile", [username_case_mapped, username_case_preserved])
@pytest.mark.parametrize("row", TABLES["not_userparts"], ids=example)
def test_rfc8265_table_2_no_userparts(row: dict[str, Any], profile: Any) -> None:
    with pytest.raises(StringError) as caught:
        profile(row["text"])
    assert caught.value.position == row["position"]
    assert caught.value.section.startswith("RFC 826")


@pytest.mark.feature("JID-03")
def test_final_sigma_is_another_letter() -> None:
    capital, small, final = (TABLES["userparts"][number]["text"] for number in (4, 5, 6))
    assert username_case_mapped(capital) == username_case_mapped(small)
    assert username_case_mapped(final) not in (username_case_mapped(capital), username_case_mapped(small))


@pytest.mark.feature("JID-03", "SASL-17")
@pytest.mark.parametrize("row", TABLES["passwords"], ids=example)
def test_rfc8265_table_3_passwords(row: dict[str, Any]) -> None:
    assert opaque_string(row["text"]) == row.get("mapped", row["text"])


@pytest.mark.feature("JID-03", "SASL-17")
@pytest.mark.parametrize("row", TABLES["not_passwords"], ids=example)
def test_rfc8265_table_4_no_passwords(row: dict[str, Any]) -> None:
    with pytest.raises(StringError) as caught:
        opaque_string(row["text"])
    assert caught.value.position == row["position"]


@pytest.mark.feature("JID-03")
@pytest.mark.parametrize("row", CONTEXTS["rows"], ids=example)
def test_rfc5892_appendix_a(row: dict[str, Any]) -> None:
    if row["good"]:
        check_class(row["text"], freeform=False)
        check_class(row["text"], freeform=True)
        return
    with pytest.raises(StringError, match="context") as caught:
        check_class(row["text"], freeform=False)
    assert caught.value.position == row["position"]
    assert caught.value.code_point == row["text"][row["position"]]


@pytest.mark.feature("JID-03")
@pytest.mark.parametrize(
    ("code", "derived"),
    [
        (0x0041, Property.PVALID),
        (0x007E, Property.PVALID),
        (0x0020, Property.FREE_PVAL),
        (0x007F, Property.DISALLOWED),
        (0x0085, Property.DISALLOWED),
        (0x00DF, Property.PVALID),
        (0x00B7, Property.CONTEXTO),
        (0x0660, Property.CONTEXTO),
        (0x06F9, Property.CONTEXTO),
        (0x200C, Property.CONTEXTJ),
        (0x0640, Property.DISALLOWED),
        (0x302E, Property.DISALLOWED),
        (0x1100, Property.DISALLOWED),
        (0xA960, Property.DISALLOWED),
        (0xD7B0, Property.DISALLOWED),
        (0xAC00, Property.PVALID),
        (0x00AD, Property.DISALLOWED),
        (0xFDD0, Property.DISALLOWED),
        (0x1FFFE, Property.DISALLOWED),
        (0x0378, Property.UNASSIGNED),
        (0x2163, Property.FREE_PVAL),
        (0x01C5, Property.FREE_PVAL),
        (0x16EE, Property.FREE_PVAL),
        (0x20DD, Property.FREE_PVAL),
        (0x1680, Property.FREE_PVAL),
        (0x221E, Property.FREE_PVAL),
        (0x203F, Property.FREE_PVAL),
        (0xE000, Property.DISALLOWED),
        (0xD800, Property.DISALLOWED),
        (0x2028, Property.DISALLOWED),
    ],
    ids=lambda value: f"{value:04X}" if isinstance(value, int) else value.name,
)
def test_rfc8264_section_8_properties(code: int, derived: Property) -> None:
    assert property_of(chr(code)) is derived


@pytest.mark.feature("JID-03")
def test_every_assigned_letter_of_no_other_form_is_allowed(full: bool) -> None:
    step = 1 if full else 61
    seen = 0
    for code in range(0x80, 0x110000, step):
        character = chr(code)
        derived = property_of(character)
        category = unicodedata.category(character)
        assert (derived is Property.UNASSIGNED) <= (category == "Cn")
        if derived is Property.PVALID:
            seen += 1
            assert category in {"Ll", "Lu", "Lo", "Nd", "Lm", "Mn", "Mc"} | ({"Po"} if code == 0x0F0B else {"Nl", "So"})
            assert unicodedata.normalize("NFKC", character) == character
    assert seen > 1000


@pytest.mark.feature("JID-03")
@pytest.mark.parametrize("text", ["ab\u0378", "a\ue000", "a\ufdd0"])
def test_what_is_unassigned_private_or_no_character_is_refused_everywhere(text: str) -> None:
    for profile in (username_case_mapped, opaque_string):
        with pytest.raises(StringError) as caught:
            profile(text)
        assert caught.value.position == len(text) - 1
        assert f"U+{ord(text[-1]):04X}" in str(caught.value)


@pytest.mark.feature("JID-03")
@pytest.mark.parametrize(
    ("text", "mapped"),
    [("ＡＢ１", "ab1"), ("ｱ", "ア"), ("A\u030a", "å"), ("\u1e9e", "ß"), ("STRASSE", "strasse"), ("İ", "i\u0307")],
)
def test_width_case_and_normal_form(text: str, mapped: str) -> None:
    assert username_case_mapped(text) == mapped


@pytest.mark.feature("JID-03")
def test_case_is_preserved_where_the_profile_says_so() -> None:
    assert username_case_preserved("ＡbC") == "AbC"
    assert username_case_preserved("A\u030a") == "Å"


@pytest.mark.feature("SASL-17")
@pytest.mark.parametrize(
    ("text", "prepared"),
    [
        ("a\u00a0b\u3000c", "a b c"),
        ("Ａ", "Ａ"),
        ("A\u030a", "Å"),
        (" ", " "),
        ("\u2163", "\u2163"),
        ("\U0001f600", "\U0001f600"),
    ],
)
def test_a_password_keeps_case_and_width(text: str, prepared: str) -> None:
    assert opaque_string(text) == prepared


# RFC 5893 section 2.
RIGHT_TO_LEFT = "\u05d0\u05d1"


@pytest.mark.feature("JID-03")
@pytest.mark.parametrize(
    "text",
    [
        RIGHT_TO_LEFT,
        RIGHT_TO_LEFT + "1",
        "\u0627\u0661",
        "\u05d0\u05b0",
        "\u05d01\u05b0",
        "\u05d0-\u05d1",
    ],
    ids=ascii,
)
def test_a_right_to_left_name_is_good(text: str) -> None:
    assert username_case_mapped(text) == text


@pytest.mark.feature("JID-03")
@pytest.mark.parametrize(
    ("text", "rule", "condition", "position"),
    [
        ("1\u05d0", "begins neither way", 1, 0),
        ("\u0661a", "begins neither way", 1, 0),
        ("\u05d0a", "other direction", 2, 1),
        ("\u05d0a\u05d1", "other direction", 2, 1),
        ("a\u05d0", "other direction", 5, 1),
        ("a\u0661", "other direction", 5, 1),
        ("\u05d0-", "ends in the wrong direction", 3, 1),
        ("\u05d0-\u05b0", "ends in the wrong direction", 3, 1),
        ("\u06271\u0661\u0627", "digits of two kinds", 4, 2),
    ],
    ids=ascii,
)
def test_the_bidi_rule(text: str, rule: str, condition: int, position: int) -> None:
    with pytest.raises(StringError, match=rule) as caught:
        username_case_mapped(text)
    assert (caught.value.section, caught.value.position) == (f"RFC 5893 section 2, condition {condition}", position)


def test_a_password_has_no_direction() -> None:
    assert opaque_string("1\u05d0a") == "1\u05d0a"


def test_an_error_names_what_has_no_name() -> None:
    with pytest.raises(StringError, match=r"U\+0007 <control-0007> at index 1"):
        opaque_string("a\x07")
    assert str(StringError("a rule", "a section", None, "x")) == "a rule (U+0078 LATIN SMALL LETTER X), a section"
