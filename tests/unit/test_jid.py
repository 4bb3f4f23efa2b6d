from __future__ import annotations

import copy
import json
import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xmpp_core import JID, JIDError
from xmpp_core.jid import KNOWN_GOOD, is_address

EXAMPLES = json.loads((Path(__file__).parents[1] / "data" / "jid-examples-rfc7622.json").read_text())


@pytest.mark.feature("JID-01")
@pytest.mark.parametrize("row", EXAMPLES["legal"], ids=lambda row: f"example {row['n']}")
def test_rfc7622_section_3_5_legal(row: dict[str, str]) -> None:
    jid = JID(row["jid"])
    assert JID(str(jid)) == jid
    assert is_address(row["jid"])


@pytest.mark.feature("JID-01")
@pytest.mark.parametrize("row", EXAMPLES["illegal"], ids=lambda row: f"example {row['n']}")
def test_rfc7622_section_3_5_illegal(row: dict[str, str]) -> None:
    with pytest.raises(JIDError) as caught:
        JID(row["string"])
    assert caught.value.section.startswith("RFC ")
    assert not is_address(row["string"])


@pytest.mark.feature("JID-01", "JID-03")
@pytest.mark.parametrize(
    ("text", "prepared"),
    [
        ("Juliet@Example.COM/Balcony", "juliet@example.com/Balcony"),
        ("a@b.example.", "a@b.example"),
        ("a@xn--bcher-kva.example", "a@bücher.example"),
        ("a@BÜCHER.example", "a@bücher.example"),
        ("[0:0:0:0:0:0:0:1]", "[::1]"),
        ("192.0.2.1", "192.0.2.1"),
        ("ΣΑΣ@example.com", "σας@example.com"),
        ("example.com/a@b/c", "example.com/a@b/c"),
        ("ＡＢ@example.com", "ab@example.com"),
        ("a@b/x\u00a0y", "a@b/x y"),
    ],
)  # fmt: skip
def test_an_address_is_prepared(text: str, prepared: str) -> None:
    assert str(JID(text)) == prepared


@pytest.mark.feature("JID-01")
@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "domainpart"),
        ("@", "localpart"),
        ("a@", "domainpart"),
        ("@b", "localpart"),
        ("a@b/", "resourcepart"),
        ("a@@b", "domainpart"),
        ("a b@c", "localpart"),
        ("a@b c", "domainpart"),
        ("a@-b", "domainpart"),
        ("a@b..c", "domainpart"),
        ("a@" + "b" * 64, "domainpart"),
        ("x" * 1024 + "@b", "localpart"),
        ("a@b/" + "x" * 1024, "resourcepart"),
        ("a@b/\u0000", "resourcepart"),
        ("a@b/\ud800", "resourcepart"),
        ("\ud800@b", "localpart"),
        ("a@[::1", "domainpart"),
        ("a@[::g]", "domainpart"),
        ("a&b@c", "localpart"),
        ("\u0378@c", "localpart"),
        ("\u05d0a@c", "localpart"),
    ],
)
def test_what_is_no_address_is_refused(text: str, part: str) -> None:
    with pytest.raises(JIDError) as caught:
        JID(text)
    assert caught.value.part == part
    with pytest.raises(JIDError):
        JID(text)


def test_parts_of_a_length_of_1023_octets_are_good() -> None:
    assert JID("x" * 1023 + "@b/" + "y" * 1023).is_full


@pytest.mark.feature("JID-07")
def test_an_address_is_a_value() -> None:
    one, other = JID("a@b/c"), JID.of("A", "B", "c")
    assert one == other
    assert hash(one) == hash(other)
    assert len({one, other}) == 1
    assert one != "a@b/c"
    assert copy.deepcopy(one) is one
    assert pickle.loads(pickle.dumps(one)) == one
    assert one.bare == JID("a@b")
    assert one.bare.is_bare
    assert one.bare.with_resource("d") == JID("a@b/d")
    assert sorted([JID("b@b"), JID("a@b"), JID("z@a")]) == [JID("z@a"), JID("a@b"), JID("b@b")]
    for name in ("local", "domain", "_local", "x"):
        with pytest.raises(AttributeError):
            setattr(one, name, "x")
    with pytest.raises(AttributeError):
        delattr(one, "_local")
    assert repr(one) == "JID('a@b/c')"


def test_slash_comes_before_at() -> None:
    jid = JID("b/c@d/e@f")
    assert (jid.local, jid.domain, jid.resource) == (None, "b", "c@d/e@f")


@pytest.mark.feature("JID-01")
@given(st.text(max_size=60))
def test_any_text_is_an_address_that_stands_or_an_error(text: str) -> None:
    try:
        jid = JID(text)
    except JIDError as error:
        assert error.part in ("localpart", "domainpart", "resourcepart")
        assert not is_address(text)
    else:
        assert JID(str(jid)) == jid
        assert JID.of(jid.local, jid.domain, jid.resource) == jid


@given(
    st.text(st.characters(codec="ascii"), max_size=8),
    st.text(st.characters(codec="ascii"), max_size=8),
    st.text(st.characters(codec="ascii"), max_size=8),
)
def test_the_quick_way_gives_what_the_full_one_gives(local: str, domain: str, resource: str) -> None:
    from xmpp_core.strings.errors import StringError
    from xmpp_core.strings.precis import opaque_string, username_case_mapped

    try:
        full = username_case_mapped(local)
    except StringError:
        full = ""
    if any(one in "\"&'/:<>@" for one in full):
        full = ""
    try:
        quick = JID.of(local, "b").local or ""
    except JIDError:
        quick = ""
    assert quick == full
    try:
        whole = opaque_string(resource)
    except StringError:
        whole = ""
    if not whole.startswith(" "):
        try:
            assert (JID.of(None, "b", resource).resource or "") == whole
        except JIDError:
            assert whole == ""


@pytest.mark.feature("JID-07", "SEC-02")
def test_a_flood_of_addresses_does_not_grow_the_cache() -> None:
    for number in range(30_000):
        JID(f"flood{number}@example.com")
    assert len(KNOWN_GOOD) <= 8192
