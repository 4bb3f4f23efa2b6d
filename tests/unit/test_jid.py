from __future__ import annotations

import copy
import inspect
import json
import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xmpp_core import JID, JIDError
from xmpp_core.jid import RFC6122, RFC7622, is_address

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


@pytest.mark.feature("JID-01")
@pytest.mark.parametrize(
    ("text", "part", "position", "code_point", "name", "section"),
    [
        ("henry\u2163@b", "localpart", 5, "\u2163", "ROMAN NUMERAL FOUR", "RFC 8264 section 8"),
        ("foo bar@b", "localpart", 3, " ", "SPACE", "RFC 8264 section 8"),
        ('"juliet"@b', "localpart", 0, '"', "QUOTATION MARK", "RFC 7622 section 3.3.1"),
        ("a\uff06b@c", "localpart", 1, "&", "AMPERSAND", "RFC 7622 section 3.3.1"),
        ("e\u0301\uff21\u2163@b", "localpart", 3, "\u2163", "ROMAN NUMERAL FOUR", "RFC 8264 section 8"),
        ("a@ex ample.com", "domainpart", 4, " ", "SPACE", "RFC 7622 section 3.2"),
        ("\u00df@\u00fc.I\u2665NY", "domainpart", 5, "\u2665", "BLACK HEART SUIT", "RFC 5892 section 2"),
        ("a@b/ foo", "resourcepart", 4, " ", "SPACE", "RFC 7622 section 3.5, example 18"),
        ("a@b/x\u0007", "resourcepart", 5, "\u0007", "<control-0007>", "RFC 8264 section 8"),
        ("a@b/x\ud800", "resourcepart", 5, "\ud800", "<surrogate-D800>", "RFC 8264 section 8"),
        ("a@b/x\ufdd0", "resourcepart", 5, "\ufdd0", "<noncharacter-FDD0>", "RFC 8264 section 8"),
        ("a@b/e\u0301\u0387", "resourcepart", 6, "\u00b7", "MIDDLE DOT", "RFC 5892 appendix A.3"),
        ("\u05d0a@c", "localpart", 1, "a", "LATIN SMALL LETTER A", "RFC 5893 section 2, condition 2"),
        ("juliet@", "domainpart", None, None, None, "RFC 7622 section 3.2"),
        ("@b", "localpart", None, None, None, "RFC 8265 section 3.3.3"),
        ("b/", "resourcepart", None, None, None, "RFC 8265 section 4.2.2"),
        ("x" * 1024 + "@b", "localpart", None, None, None, "RFC 7622 section 3.3"),
        ("a@b/" + "\u00e9" * 512, "resourcepart", None, None, None, "RFC 7622 section 3.4"),
    ],
    ids=lambda value: ascii(value)[:30],
)
def test_an_error_says_which_code_point_breaks_which_rule_where(
    text: str, part: str, position: int | None, code_point: str | None, name: str | None, section: str
) -> None:
    with pytest.raises(JIDError) as caught:
        JID(text)
    error = caught.value
    assert (error.part, error.position, error.code_point) == (part, position, code_point)
    assert (error.name, error.section) == (name, section)
    assert section in str(error)
    assert code_point is None or f"U+{ord(code_point):04X} {name} at index {position}" in str(error)
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.part, again.position, again.name) == (str(error), part, position, name)


@pytest.mark.feature("JID-01")
def test_an_error_of_one_part_has_its_place_in_that_part() -> None:
    with pytest.raises(JIDError) as caught:
        JID.of("ab", "c.d", "x\u0007")
    assert caught.value.position == 1
    with pytest.raises(JIDError) as caught:
        JID("ab@c.d").with_resource("xy\u0007")
    assert (caught.value.part, caught.value.position) == ("resourcepart", 2)
    assert str(JIDError(None, "a rule", "a section")) == "the address holds a rule (a section)"
    assert JIDError(None, "a rule", "a section").name is None


@pytest.mark.parametrize("value", [5, None, b"a@b", JID("a@b"), ["a"]])
def test_an_address_is_made_from_a_str(value: object) -> None:
    with pytest.raises(TypeError):
        JID(value)  # type: ignore[arg-type]
    for rules in (RFC7622, RFC6122):
        with pytest.raises(TypeError):
            JID.parse(value, rules=rules)  # type: ignore[arg-type]


@pytest.mark.feature("JID-01")
@pytest.mark.parametrize("part", ["local", "resource"])
def test_1023_octets_and_no_more(part: str) -> None:
    for one in ("x", "\u00e9", "\u65e5", "\U00020000"):
        size = len(one.encode())
        most = one * (1023 // size)
        parts = {"local": None, "domain": "b.c", "resource": None}
        assert getattr(JID.of(**(parts | {part: most})), part) == most  # type: ignore[arg-type]
        with pytest.raises(JIDError, match="more than 1023 octets"):
            JID.of(**(parts | {part: most + one}))  # type: ignore[arg-type]


@pytest.mark.feature("JID-07")
def test_an_address_is_written_where_a_text_is() -> None:
    jid = JID("a@b/c")
    assert f"{jid}" == "a@b/c"
    assert f"{jid:>7}" == "  a@b/c"
    assert str(inspect.signature(JID)) == "(text: 'str', /) -> 'None'"
    assert "%s" % jid == "a@b/c"  # noqa: UP031
    bare = jid.bare
    assert bare.bare is bare
    assert jid.rules is RFC7622
    assert JID("b").bare.local is None
    with pytest.raises(TypeError):
        jid < "a@b"  # noqa: B015


@pytest.mark.feature("JID-07")
def test_addresses_are_ordered_by_domain_local_resource() -> None:
    texts = ["a", "a/x", "a@a", "a@a/x", "b@a", "a@b", "b@b/a", "b@b/b"]
    assert [str(one) for one in sorted(map(JID, reversed(texts)))] == texts
    assert JID("a@b") <= JID("A@B")
    assert JID("a@b") > JID("b@a")


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
