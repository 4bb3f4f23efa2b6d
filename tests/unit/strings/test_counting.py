"""Counting characters: XEP-0426."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xmpp_core.strings.counting import (
    from_utf8_offset,
    from_utf16_offset,
    subsequence,
    to_utf8_offset,
    to_utf16_offset,
)
from xmpp_core.strings.errors import StringError

FAMILY = "\U0001f9db\U0001f3fe \U0001f468\u200d\U0001f468\u200d\U0001f466\u200d\U0001f466 \U0001f1fa\U0001f1f3"


@pytest.mark.feature("I18N-06", "X-0426")
@pytest.mark.parametrize(
    ("text", "octets", "units", "characters"),
    [
        ("Hello, world!", 13, 13, 13),
        ("You & Me", 8, 8, 8),
        ("\u3053\u3093\u306b\u3061\u306f\u4e16\u754c", 21, 7, 7),
        (FAMILY, 43, 21, 13),
    ],
)
def test_section_2_the_table(text: str, octets: int, units: int, characters: int) -> None:
    assert len(text) == characters
    assert to_utf8_offset(text, characters) == octets
    assert to_utf16_offset(text, characters) == units
    assert from_utf8_offset(text, octets) == from_utf16_offset(text, units) == characters


@pytest.mark.feature("I18N-06", "X-0426")
def test_section_3_a_region() -> None:
    assert subsequence(FAMILY, 0, 13) == FAMILY
    assert subsequence(FAMILY, 1, 2) == "\U0001f3fe"
    assert subsequence("", 0, 0) == ""
    for begin, end in ((-1, 1), (0, 14), (5, 4), (14, 14)):
        with pytest.raises(StringError) as caught:
            subsequence(FAMILY, begin, end)
        assert caught.value.section == "XEP-0426 section 3"


@pytest.mark.feature("I18N-06", "X-0426")
def test_an_offset_outside_or_within_a_character_is_refused() -> None:
    text = "a\U0001f600\u00e9"
    for call, wrong in (
        (from_utf16_offset, (-1, 2, 5)),
        (from_utf8_offset, (-1, 2, 3, 4, 6, 8)),
        (to_utf8_offset, (-1, 4)),
        (to_utf16_offset, (-1, 4)),
    ):
        for offset in wrong:
            with pytest.raises(StringError):
                call(text, offset)


@pytest.mark.feature("I18N-06", "X-0426")
@given(text=st.text(), data=st.data())
def test_offsets_are_those_of_the_encodings(text: str, data: st.DataObject) -> None:
    offset = data.draw(st.integers(0, len(text)))
    assert to_utf16_offset(text, offset) == len(text[:offset].encode("utf-16-le")) // 2
    assert to_utf8_offset(text, offset) == len(text[:offset].encode())
    assert from_utf16_offset(text, to_utf16_offset(text, offset)) == offset
    assert from_utf8_offset(text, to_utf8_offset(text, offset)) == offset
