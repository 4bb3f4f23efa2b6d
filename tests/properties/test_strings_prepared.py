"""What was prepared once stays as it is, and what is refused is refused with its reason."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from xmpp_core.strings.errors import StringError
from xmpp_core.strings.idna import domainpart
from xmpp_core.strings.languages import lookup, well_formed
from xmpp_core.strings.precis import check_class, opaque_string, username_case_mapped, username_case_preserved
from xmpp_core.strings.stringprep import saslprep

PROFILES: dict[str, Callable[[str], str]] = {
    "UsernameCaseMapped": username_case_mapped,
    "UsernameCasePreserved": username_case_preserved,
    "OpaqueString": opaque_string,
    "SASLprep, stored": lambda text: saslprep(text, allow_unassigned=False),
    "SASLprep, query": lambda text: saslprep(text, allow_unassigned=True),
    "domainpart": domainpart,
}
AWKWARD = (
    "aA\u00df\u1e9e\u0130\u0131\u03a3\u03c2\u00aa\u2168\uff21\uff9e\uffe3\u0345\u00b7l\u0375\u03b1\u05d0\u05f3\u0627\u0661"
    "\u06f1\u30fb\u30a2\u200c\u200d\u094d\u0915\u1100\uac00\u212b\u0301\u0323\u1e69\u00ad\u00a0\u3000 1-.\u3002"
    "\U0001f600"
)
TEXTS = st.one_of(st.text(max_size=8), st.text(st.sampled_from(AWKWARD), max_size=6))


@pytest.mark.feature("JID-03", "SASL-17")
@pytest.mark.parametrize("name", PROFILES)
@given(text=TEXTS)
@example("\u1e9e")
@example("\u1fbf")
@example("A\u030a\uff21")
def test_preparation_is_idempotent(name: str, text: str) -> None:
    profile = PROFILES[name]
    try:
        once = profile(text)
    except StringError as error:
        assert error.section.startswith("RFC ")
        assert error.position is None or error.position >= 0
        return
    if once:
        assert profile(once) == once


@pytest.mark.feature("JID-03")
@given(text=TEXTS)
def test_a_prepared_name_is_of_its_class(text: str) -> None:
    try:
        name = username_case_mapped(text)
    except StringError:
        return
    check_class(name, freeform=False)
    check_class(name, freeform=True)
    assert unicodedata.is_normalized("NFC", name)
    assert opaque_string(name) == name


@pytest.mark.feature("JID-03")
@given(text=TEXTS)
def test_case_makes_no_two_names(text: str) -> None:
    try:
        preserved = username_case_preserved(text)
    except StringError:
        return
    try:
        mapped = username_case_mapped(text)
    except StringError:
        return
    assert username_case_mapped(preserved) == mapped


@pytest.mark.feature("I18N-04")
@given(parts=st.lists(st.from_regex(r"[A-Za-z0-9]{1,8}", fullmatch=True), min_size=1, max_size=6))
def test_a_tag_finds_itself_in_any_case(parts: list[str]) -> None:
    tag = "-".join(parts)
    assert lookup([tag.upper()], [tag.lower()]) == tag.lower()
    assert well_formed(tag) == well_formed(tag.swapcase())
