"""SASLprep (RFC 4013) over the tables of stringprep (RFC 3454)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from xmpp_core.sasl.preparation import PreparationError, forms, prepare
from xmpp_core.strings.errors import StringError
from xmpp_core.strings.stringprep import saslprep

DATA: dict[str, Any] = json.loads((Path(__file__).parents[2] / "data" / "saslprep_rfc4013.json").read_text())


@pytest.mark.feature("SASL-17")
@pytest.mark.parametrize("row", DATA["examples"], ids=lambda row: f"example {row['n']}")
@pytest.mark.parametrize("stored", [True, False])
def test_rfc4013_section_3(row: dict[str, Any], stored: bool) -> None:
    if row["prepared"] is not None:
        assert saslprep(row["text"], allow_unassigned=not stored) == row["prepared"]
        return
    with pytest.raises(StringError) as caught:
        saslprep(row["text"], allow_unassigned=not stored)
    assert caught.value.section == row["section"]


PROHIBITED = [(table, one) for table, several in DATA["prohibited"].items() for one in several]


@pytest.mark.feature("SASL-17")
@pytest.mark.parametrize(("table", "character"), PROHIBITED, ids=lambda value: ascii(value))
def test_what_a_table_prohibits_is_refused_where_it_stands(table: str, character: str) -> None:
    with pytest.raises(StringError) as caught:
        saslprep(f"ab{character}", allow_unassigned=True)
    assert (caught.value.position, caught.value.code_point) == (2, character), table
    assert caught.value.section == "RFC 4013 section 2.3"


def test_a_surrogate_is_refused() -> None:
    with pytest.raises(StringError, match="surrogate"):
        saslprep("a\ud800", allow_unassigned=True)


@pytest.mark.feature("SASL-17")
@pytest.mark.parametrize("character", DATA["mapped_to_nothing"], ids=ascii)
def test_table_b1_vanishes(character: str) -> None:
    assert saslprep(f"a{character}b", allow_unassigned=False) == "ab"
    assert saslprep(character, allow_unassigned=False) == ""


@pytest.mark.feature("SASL-17")
@pytest.mark.parametrize("character", DATA["mapped_to_space"], ids=ascii)
def test_table_c12_becomes_a_space(character: str) -> None:
    assert saslprep(f"a{character}b", allow_unassigned=False) == "a b"


@pytest.mark.feature("SASL-17")
@pytest.mark.parametrize("character", DATA["unassigned"], ids=ascii)
def test_unassigned_is_for_queries_alone(character: str) -> None:
    assert saslprep(f"x{character}", allow_unassigned=True) == f"x{character}"
    with pytest.raises(StringError) as caught:
        saslprep(f"x{character}", allow_unassigned=False)
    assert (caught.value.section, caught.value.position) == ("RFC 4013 section 2.5", 1)


@pytest.mark.feature("SASL-17")
@pytest.mark.parametrize("text", ["\u06271\u0628", "\u05d0", "\u05d0-\u05d1", "é1"], ids=ascii)
def test_one_direction_is_good(text: str) -> None:
    assert saslprep(text, allow_unassigned=False) == text


@pytest.mark.feature("SASL-17")
@pytest.mark.parametrize(
    ("text", "position"), [("\u0627a\u0628", 1), ("\u0627\u0628z", 2), ("1\u0627", 0), ("\u06271", 1)], ids=ascii
)
def test_two_directions_are_refused(text: str, position: int | None) -> None:
    with pytest.raises(StringError) as caught:
        saslprep(text, allow_unassigned=False)
    assert (caught.value.section, caught.value.position) == ("RFC 3454 section 6", position)


@pytest.mark.feature("SASL-17")
@pytest.mark.parametrize(
    ("text", "both"),
    [
        ("pencil", ("pencil",)),
        ("Ａ", ("Ａ", "A")),
        ("I\u00adX", ("IX",)),
        ("\u1fbf", ("\u1fbf", " \u0313")),
        ("\u05d01", ("\u05d01",)),
        ("é", ("é",)),
    ],
    ids=ascii,
)
def test_both_forms_of_a_password_precis_first(text: str, both: tuple[str, ...]) -> None:
    assert forms(text) == both
    assert prepare(text) == both[0]


@pytest.mark.feature("SASL-17", "SEC-04")
@pytest.mark.parametrize("text", ["", "secret\x07", "\u00ad"], ids=ascii)
def test_what_neither_accepts_is_named_without_being_shown(text: str) -> None:
    with pytest.raises(PreparationError) as caught:
        forms(text)
    assert "secret" not in str(caught.value)
