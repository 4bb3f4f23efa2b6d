"""What a language tag says: RFC 5646 sections 2.1, 2.1.1, 2.2 and 4.5, and appendix A."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xmpp_core.strings.errors import StringError
from xmpp_core.strings.languages import LanguageTag, formatted, well_formed

DATA: dict[str, Any] = json.loads((Path(__file__).parents[2] / "data" / "language_tags.json").read_text())
SUBTAGS = st.sampled_from(
    ["de", "en", "zh", "i", "x", "a", "b", "1", "sl", "sgn", "BE", "FR", "oed", "GB", "419", "1901", "1ab", "Latn",
     "cmn", "yue", "abcd", "rozaj", "klingon", "min", "nan"]
)  # fmt: skip


@pytest.mark.feature("I18N-04")
@pytest.mark.parametrize(
    ("tag", "parts"),
    [
        ("de", LanguageTag("de")),
        ("i-enochian", LanguageTag(grandfathered="i-enochian")),
        ("zh-hant", LanguageTag("zh", script="Hant")),
        ("zh-cmn-hans-cn", LanguageTag("zh", ("cmn",), "Hans", "CN")),
        ("yue-HK", LanguageTag("yue", region="HK")),
        ("sl-rozaj-biske", LanguageTag("sl", variants=("rozaj", "biske"))),
        ("de-CH-1901", LanguageTag("de", region="CH", variants=("1901",))),
        ("hy-Latn-IT-arevela", LanguageTag("hy", script="Latn", region="IT", variants=("arevela",))),
        ("es-419", LanguageTag("es", region="419")),
        ("de-CH-x-phonebk", LanguageTag("de", region="CH", private_use=("phonebk",))),
        ("az-Arab-x-AZE-derbend", LanguageTag("az", script="Arab", private_use=("aze", "derbend"))),
        ("x-whatever", LanguageTag(private_use=("whatever",))),
        ("qaa-Qaaa-QM-x-southern", LanguageTag("qaa", script="Qaaa", region="QM", private_use=("southern",))),
        ("en-US-u-islamcal", LanguageTag("en", region="US", extensions=(("u", ("islamcal",)),))),
        ("zh-CN-a-myext-x-private",
         LanguageTag("zh", region="CN", extensions=(("a", ("myext",)),), private_use=("private",))),
        ("en-a-myext-b-another", LanguageTag("en", extensions=(("a", ("myext",)), ("b", ("another",))))),
        ("fr-a-Latn", LanguageTag("fr", extensions=(("a", ("latn",)),))),
        ("zh-min-nan", LanguageTag(grandfathered="zh-min-nan")),
        ("zh-min-hans", LanguageTag("zh", ("min",), "Hans")),
        ("art-lojban", LanguageTag(grandfathered="art-lojban")),
        ("SGN-be-fr", LanguageTag(grandfathered="sgn-BE-FR")),
        ("EN-gb-OED", LanguageTag(grandfathered="en-GB-oed")),
        ("abcd-abcd", LanguageTag("abcd", script="Abcd")),
        ("abcde-abc1x", LanguageTag("abcde", variants=("abc1x",))),
    ],
)  # fmt: skip
def test_appendix_a_and_section_2_2_the_subtags_of_a_tag(tag: str, parts: LanguageTag) -> None:
    assert LanguageTag.parse(tag) == parts
    assert str(parts).lower() == tag.lower()
    assert str(parts) == formatted(tag)


@pytest.mark.feature("I18N-04")
@pytest.mark.parametrize(
    ("tag", "usual"),
    [
        ("mN-cYrL-Mn", "mn-Cyrl-MN"),
        ("MN-cYRL-mn", "mn-Cyrl-MN"),
        ("EN-ca-X-CA", "en-CA-x-ca"),
        ("SGN-be-fr", "sgn-BE-FR"),
        ("AZ-latn-X-LATN", "az-Latn-x-latn"),
        ("I-AMI", "i-ami"),
        ("en-A-BB-CCCC-x-DD", "en-a-bb-cccc-x-dd"),
        ("tr-IN", "tr-IN"),
    ],
)
def test_section_2_1_1_the_usual_case(tag: str, usual: str) -> None:
    assert formatted(tag) == str(LanguageTag.parse(tag)) == usual


@pytest.mark.feature("I18N-04")
@pytest.mark.parametrize(
    ("tag", "section"),
    [
        ("de-DE-1901-1901", "2.2.5"),
        ("sl-ROZAJ-rozaj", "2.2.5"),
        ("en-a-bbb-a-ccc", "2.2.6"),
        ("ar-a-aaa-b-bbb-A-ccc", "2.2.6"),
        ("zh-gan-yue", "2.2.2"),
        ("zh-gan-yue-cmn", "2.2.2"),
    ],
)
def test_section_2_2_9_well_formed_but_never_valid(tag: str, section: str) -> None:
    assert well_formed(tag)
    with pytest.raises(StringError) as caught:
        LanguageTag.parse(tag).check_valid()
    assert caught.value.section == f"RFC 5646 section {section}"


@pytest.mark.feature("I18N-04")
@pytest.mark.parametrize("tag", ["en-a-bbb-x-a-ccc", "zh-gan", "de-1901-1996", "x-a-a", "i-klingon", "zh-min-nan"])
def test_section_2_2_9_may_be_valid(tag: str) -> None:
    LanguageTag.parse(tag).check_valid()


@pytest.mark.feature("I18N-04")
def test_section_4_5_the_order_of_extensions() -> None:
    assert str(LanguageTag.parse("en-b-ccc-bbb-a-aaa-X-xyz").canonical) == "en-a-aaa-b-ccc-bbb-x-xyz"
    for tag in ("en-a-aaa-b-ccc-bbb-x-xyz", "zh-cmn-Hans-CN", "sl-rozaj-biske", "i-klingon"):
        assert LanguageTag.parse(tag).canonical == LanguageTag.parse(tag)


@pytest.mark.feature("I18N-04")
@pytest.mark.parametrize(
    ("tag", "position", "section"),
    [
        ("", 0, "2.1"),
        ("de-", 3, "2.1"),
        ("de--DE", 3, "2.1"),
        ("de_DE", 2, "2.1"),
        ("d\u00e9", 1, "2.1"),
        ("de-\u0661\u0662\u0663", 3, "2.1"),
        ("de-abcdefghi", 3, "2.1"),
        ("a-DE", 0, "2.1"),
        ("a-value", 0, "2.1"),
        ("i-nosuch", 0, "2.1"),
        ("de-419-DE", 7, "2.1"),
        ("zh-cmn-yue-gan-nan", 15, "2.1"),
        ("abcd-cmn", 5, "2.1"),
        ("de-1ab", 3, "2.1"),
        ("tlh-a-b-foo", 4, "2.2.6"),
        ("en-a", 3, "2.2.6"),
        ("de-x", 3, "2.2.7"),
        ("x", 0, "2.2.7"),
    ],
    ids=ascii,
)
def test_what_is_wrong_with_a_tag_and_where(tag: str, position: int, section: str) -> None:
    assert not well_formed(tag)
    with pytest.raises(StringError) as caught:
        LanguageTag.parse(tag)
    assert (caught.value.position, caught.value.section) == (position, f"RFC 5646 section {section}")
    with pytest.raises(StringError):
        formatted(tag)


@pytest.mark.feature("I18N-04")
def test_a_tag_of_any_length_is_taken_apart() -> None:
    tag = "x" + "-a" * 200
    assert str(LanguageTag.parse(tag)) == tag
    with pytest.raises(StringError, match="255"):
        formatted(tag)


@pytest.mark.feature("I18N-04")
@given(tag=st.lists(SUBTAGS, min_size=1, max_size=6).map("-".join) | st.text("azAZ09-x\u00e9 ", max_size=12))
def test_the_pattern_and_the_parser_agree(tag: str) -> None:
    try:
        parts = LanguageTag.parse(tag)
    except StringError:
        assert not well_formed(tag)
        return
    assert well_formed(tag)
    assert str(parts).lower() == tag.lower()
    assert LanguageTag.parse(str(parts)) == parts
    assert re.fullmatch("[a-zA-Z0-9-]+", tag)


@pytest.mark.feature("I18N-04")
@pytest.mark.parametrize("tag", DATA["good"])
def test_every_good_tag_is_taken_apart(tag: str) -> None:
    assert str(LanguageTag.parse(tag.swapcase())) == str(LanguageTag.parse(tag)) == formatted(tag)
