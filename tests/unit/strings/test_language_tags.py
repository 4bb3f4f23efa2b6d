"""Language tags: RFC 5646 well-formedness, RFC 4647 lookup."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from xmpp_core.strings.languages import lookup, well_formed

DATA: dict[str, Any] = json.loads((Path(__file__).parents[2] / "data" / "language_tags.json").read_text())


@pytest.mark.feature("I18N-04")
@pytest.mark.parametrize("tag", DATA["good"])
def test_a_tag_is_well_formed(tag: str) -> None:
    assert well_formed(tag)
    assert well_formed(tag.upper())


@pytest.mark.feature("I18N-04")
@pytest.mark.parametrize("tag", DATA["bad"], ids=ascii)
def test_a_tag_is_not_well_formed(tag: str) -> None:
    assert not well_formed(tag)


@pytest.mark.feature("I18N-04")
def test_a_tag_has_a_length() -> None:
    assert well_formed("x" + "-a" * 127)
    assert not well_formed("x" + "-a" * 128)


@pytest.mark.feature("I18N-04")
@pytest.mark.parametrize("row", DATA["lookup"], ids=lambda row: " ".join(row["ranges"]) or "nothing wanted")
def test_lookup(row: dict[str, Any]) -> None:
    assert lookup(row["ranges"], row["available"]) == row["found"]
    assert lookup(row["ranges"], row["available"], "the default") == (row["found"] or "the default")
