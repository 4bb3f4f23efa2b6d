"""Ranges of languages and what they match: RFC 4647."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xmpp_core.strings.languages import (
    basic_filter,
    best,
    extended_filter,
    is_basic_range,
    is_extended_range,
    lookup,
    matches_basic,
    matches_extended,
)

RANGES = st.lists(st.sampled_from(["de", "en", "Latn", "CH", "1996", "x", "a", "*"]), min_size=1, max_size=5).map(
    "-".join
)


@pytest.mark.feature("I18N-04")
@pytest.mark.parametrize(
    ("text", "basic", "extended"),
    [
        ("de-CH", True, True), ("*", True, True), ("de-*-1996", False, True), ("*-CH", False, True),
        ("de-*", False, True), ("art-lojban", True, True), ("x-1", True, True), ("de-a-1", True, True),
        ("1", False, False), ("", False, False), ("de-", False, False), ("-de", False, False), ("de_CH", False, False),
        ("abcdefghi", False, False),
        ("de-abcdefghi", False, False), ("d\u00e9", False, False), ("de\n", False, False), ("**", False, False),
    ],
)  # fmt: skip
def test_sections_2_1_and_2_2_ranges(text: str, basic: bool, extended: bool) -> None:
    assert is_basic_range(text) is basic
    assert is_extended_range(text) is extended


@pytest.mark.feature("I18N-04")
def test_section_3_3_1_basic_filtering() -> None:
    assert matches_basic("de-de", "de-DE-1996")
    assert not matches_basic("de-de", "de-Deva")
    assert not matches_basic("de-de", "de-Latn-DE")
    assert not matches_basic("de-CH", "de")
    assert not matches_basic("d", "de")
    assert matches_basic("*", "tlh")
    assert basic_filter(["de-CH", "fr", "de"], ["fr-FR", "de", "de-CH-1996", "en"]) == ["de-CH-1996", "fr-FR", "de"]
    assert basic_filter(["*"], ["fr", "de"]) == ["fr", "de"]
    assert basic_filter([], ["fr"]) == []


@pytest.mark.feature("I18N-04")
@pytest.mark.parametrize("wanted", ["de-*-DE", "de-DE", "DE-*-*-de", "de-de-*"])
def test_section_3_3_2_extended_filtering(wanted: str) -> None:
    matched = ["de-DE", "de-de", "de-Latn-DE", "de-Latf-DE", "de-DE-x-goethe", "de-Latn-DE-1996", "de-Deva-DE"]
    refused = ["de", "de-x-DE", "de-Deva"]
    assert extended_filter([wanted], [*refused, *matched]) == matched
    assert not any(matches_extended(wanted, tag) for tag in refused)


@pytest.mark.feature("I18N-04")
def test_section_3_3_2_a_wildcard_first_counts() -> None:
    tags = ["de-CH", "fr-CH", "it-Latn-CH", "en-US"]
    assert extended_filter(["*-CH"], tags) == tags[:3]
    assert extended_filter(["*"], tags) == tags
    assert extended_filter(["fr", "*-CH"], tags) == ["fr-CH", "de-CH", "it-Latn-CH"]


@pytest.mark.feature("I18N-04")
def test_section_3_4_the_fallback_pattern() -> None:
    wanted = "zh-Hant-CN-x-private1-private2"
    tags = [wanted, "zh-Hant-CN-x-private1", "zh-Hant-CN", "zh-Hant", "zh"]
    for _ in range(5):
        assert lookup([wanted.upper()], ["zh-Hant-CN-x", *reversed(tags)], "default") == tags.pop(0)
    assert lookup([wanted], ["zh-Hant-CN-x"], "default") == "default"


@pytest.mark.feature("I18N-04")
def test_section_3_4_1_the_default_comes_after_every_range() -> None:
    wanted = ["fr-FR", "zh-Hant", "ja-JP"]
    assert lookup(wanted, ["ja", "zh", "fr"]) == "fr"
    assert lookup(wanted, ["ja", "zh", "fr-CA"]) == "zh"
    assert lookup(wanted, ["ja", "fr-CA"]) == "ja"
    assert lookup(wanted, ["fr-CA"], "i-default") == "i-default"


@pytest.mark.feature("I18N-04")
def test_section_3_4_wildcards_in_lookup() -> None:
    assert lookup(["*", "de"], ["en", "de"]) == "de"
    assert lookup(["*"], ["en", "de"], "the default") == "the default"
    assert lookup(["en-*-US"], ["en-US"]) == "en-US"
    assert lookup(["*-CH"], ["de-CH"]) is None
    assert lookup(["de-ch"], ["de-CH-1996"]) is None
    assert lookup(["de-ch"], [None, "de-CH-1996", "de"]) == "de"


@pytest.mark.feature("I18N-02")
def test_best_prefers_what_is_close_to_what_is_foreign() -> None:
    texts = {None: "unmarked", "en": "english", "de-CH": "swiss"}
    assert best(["de-CH", "en"], texts, "x") == "swiss"
    assert best(["de"], texts, "x") == "swiss"
    assert best(["de-DE"], texts, "x") == "x"
    assert best(["de", "en"], texts, "x") == "english"  # lookup finds the second before anything near the first
    assert best(["*"], texts, "x") == best([], texts, "x") == "x"


@pytest.mark.feature("I18N-04")
@given(wanted=RANGES, tag=RANGES)
def test_what_basic_filtering_matches_extended_filtering_does(wanted: str, tag: str) -> None:
    if "*" not in wanted and "*" not in tag and matches_basic(wanted, tag):
        assert matches_extended(wanted, tag)
        assert lookup([tag], [wanted]) is not None or any(len(one) == 1 for one in tag.split("-"))


@pytest.mark.feature("I18N-04")
@given(
    wanted=st.lists(st.text("ab-*x1", max_size=8), max_size=3), tags=st.lists(st.text("ab-*x1", max_size=8), max_size=3)
)
def test_no_range_and_no_tag_makes_trouble(wanted: list[str], tags: list[str]) -> None:
    assert lookup(wanted, tags) in {None, *tags}
    for chosen in (basic_filter(wanted, tags), extended_filter(wanted, tags)):
        assert set(chosen) <= set(tags)
        assert len(chosen) == len(set(chosen))


@pytest.mark.heavy
@pytest.mark.feature("I18N-04")
@pytest.mark.parametrize("call", [lookup, extended_filter, basic_filter], ids=lambda call: call.__name__)
@pytest.mark.parametrize("piece", ["-a", "-*", "-ab", "-x-1"])
def test_work_is_linear(call: Callable[[list[str], list[str]], object], piece: str) -> None:
    lines = 0

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal lines
        lines += event == "line"
        return trace

    counts = []
    for size in (1000, 2000, 4000):
        before, lines = sys.gettrace(), 0
        sys.settrace(trace)
        try:
            call(["de" + piece * size], ["de" + piece * (size + 1), "de", "de-ab-ab"])
        finally:
            sys.settrace(before)
        counts.append(lines)
    assert counts[1] <= 2.3 * counts[0] + 100
    assert counts[2] <= 2.3 * counts[1] + 100
