"""JID escaping by the tables of XEP-0106."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xmpp_core.jid import JID, JIDError, escape_localpart, unescape_localpart
from xmpp_core.strings.errors import StringError

DATA: dict[str, Any] = json.loads((Path(__file__).parents[2] / "data" / "jid_escaping_xep0106.json").read_text())


@pytest.mark.feature("JID-05")
@pytest.mark.parametrize(("plain", "escaped"), DATA["characters"].items(), ids=ascii)
def test_xep0106_section_3_2_table(plain: str, escaped: str) -> None:
    assert escape_localpart(f"a{plain}b") == f"a{escaped}b"
    assert unescape_localpart(f"a{escaped}b") == f"a{plain}b"
    assert escape_localpart(f"a{escaped}b") == f"a\\5c{escaped[1:]}b"
    assert JID.of(escape_localpart(f"a{plain}b"), "b").local == f"a{escaped}b"


@pytest.mark.feature("JID-05")
@pytest.mark.parametrize("row", DATA["rows"], ids=lambda row: row["where"])
def test_xep0106_examples(row: dict[str, str]) -> None:
    assert escape_localpart(row["plain"]) == row["escaped"]
    assert unescape_localpart(row["escaped"]) == row["plain"]


@pytest.mark.feature("JID-05")
@pytest.mark.parametrize(("text", "position"), [(" a", 0), ("a ", 1), (" ", 0)])
def test_xep0106_section_3_2_no_space_at_either_end(text: str, position: int) -> None:
    with pytest.raises(StringError) as caught:
        escape_localpart(text)
    assert (caught.value.section, caught.value.position) == ("XEP-0106 section 3.2", position)


@pytest.mark.feature("JID-05")
@pytest.mark.parametrize("text", ["\\20a", "a\\20", "\\20"])
def test_xep0106_section_3_2_at_either_end_it_is_no_escape(text: str) -> None:
    assert unescape_localpart(text) == text


@pytest.mark.feature("JID-05")
@given(st.text(st.sampled_from("ab2457cfe03 \"&'/:<>@\\"), max_size=12))
def test_what_is_escaped_comes_back(text: str) -> None:
    if text[:1] == " " or text[-1:] == " ":
        return
    escaped = escape_localpart(text)
    assert not set(escaped) & set(" \"&'/:<>@")
    assert unescape_localpart(escaped) == text


def test_nothing_is_escaped_unasked() -> None:
    with pytest.raises(JIDError):
        JID("d'artagnan@musketeers.lit")
    assert str(JID("d\\27artagnan@musketeers.lit")) == "d\\27artagnan@musketeers.lit"
