"""Nicknames by the examples and rules of RFC 8266."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from xmpp_core.strings.errors import StringError
from xmpp_core.strings.precis import NICKNAME, NICKNAME_COMPARISON, nickname, same_nickname

DATA: dict[str, Any] = json.loads((Path(__file__).parents[2] / "data" / "precis_rfc8266.json").read_text())


@pytest.mark.feature("JID-03")
@pytest.mark.parametrize("row", DATA["nicknames"], ids=lambda row: f"example {row['n']}")
def test_rfc8266_section_3(row: dict[str, Any]) -> None:
    assert nickname(row["text"]) == row["stored"]
    assert NICKNAME_COMPARISON.enforce(row["text"]) == row["compared"]
    assert same_nickname(row["text"], row["compared"])


@pytest.mark.feature("JID-03")
def test_rfc8266_section_3_sigmas() -> None:
    assert same_nickname("\u03a3", "\u03c3")
    assert not same_nickname("\u03c3", "\u03c2")


@pytest.mark.feature("JID-03")
@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("stpeter ", "stpeter"),
        ("  stpeter", "stpeter"),
        ("St  Peter", "St Peter"),
        ("St\u00a0\u3000Peter\u2003", "St Peter"),
        ("a \u00a8", "a \u0308"),
        ("\uff21\uff22", "AB"),
    ],
    ids=ascii,
)
def test_rfc8266_section_2_1_spaces(text: str, stored: str) -> None:
    assert nickname(text) == stored
    assert nickname(stored) == stored


@pytest.mark.feature("JID-03")
@pytest.mark.parametrize("text", ["", " ", "\u3000\u00a0"], ids=ascii)
def test_rfc8266_section_2_3_no_nickname_is_empty(text: str) -> None:
    with pytest.raises(StringError, match="an empty nickname") as caught:
        nickname(text)
    assert caught.value.section == "RFC 8266 section 2.3"


@pytest.mark.feature("JID-03")
def test_rfc8266_section_2_2_what_is_no_text_is_refused_where_it_stands() -> None:
    with pytest.raises(StringError) as caught:
        nickname("  St  Peter\u0007")
    assert (caught.value.position, caught.value.code_point, caught.value.name) == (11, "\u0007", "<control-0007>")


@pytest.mark.feature("JID-03")
def test_rfc8264_section_7_the_rules_are_applied_again_and_not_for_ever() -> None:
    # Each pass of NFKC gives another space to collapse; three passes more are allowed.
    steps = NICKNAME.steps("a \u00a8")
    assert [step.name for step in steps] == [
        "FreeformClass",
        "spaces",
        "single spaces inside",
        "normalization NFKC",
        "length",
        "single spaces inside",
    ]
    assert [step.after for step in steps][-2:] == ["a  \u0308", "a \u0308"]
