"""RFC 6122 beside RFC 7622: addresses by the older rules, where the two disagree, and what is done step by step."""

from __future__ import annotations

import copy
import pickle

import pytest

from xmpp_core.jid import (
    JID,
    RFC6122,
    RFC6122_QUERY,
    RFC7622,
    JIDError,
    Rules,
    disagreements,
    explain,
    part_steps,
)


@pytest.mark.feature("JID-02")
@pytest.mark.parametrize(
    ("text", "prepared"),
    [
        ("Juliet@Example.COM/Balcony", "juliet@example.com/Balcony"),
        ("fu\u00dfball@FU\u00dfBALL.example", "fussball@fussball.example"),
        ("\u03a3\u03c2@b", "\u03c3\u03c3@b"),
        ("henry\u2163@b", "henryiv@b"),
        ("a\u00adb@b\u00adc", "ab@bc"),
        ("a@b\u3002c.", "a@b.c"),
        ("a@xn--bcher-kva.example", "a@b\u00fccher.example"),
        ("a@xn--a.example", "a@xn--a.example"),
        ("a@[::0001]", "a@[::1]"),
        ("a@b/ foo", "a@b/ foo"),
        ("a@b/\u2163", "a@b/IV"),
        ("king\u265a@b", "king\u265a@b"),
    ],
    ids=ascii,
)
def test_rfc6122_section_2(text: str, prepared: str) -> None:
    jid = JID.parse(text, rules=RFC6122)
    assert str(jid) == prepared
    assert jid.rules is RFC6122
    assert JID.parse(prepared, rules=RFC6122) == jid
    assert str(JID.parse(text, rules=RFC6122_QUERY)) == prepared


@pytest.mark.feature("JID-02")
@pytest.mark.parametrize(
    ("text", "part", "section"),
    [
        ("@b", "localpart", "RFC 6122 section 2.3"),
        ("\u00ad@b", "localpart", "RFC 6122 section 2.3"),
        ("a@", "domainpart", "RFC 6122 section 2.2"),
        ("a@b/", "resourcepart", "RFC 6122 section 2.4"),
        ("a&b@c", "localpart", "RFC 6122 appendix A.5"),
        ("a\uff20b@c", "localpart", "RFC 6122 appendix A.5"),
        ("a_b@c_d", "domainpart", "RFC 3490 section 4.1, step 3"),
        ("a@-b", "domainpart", "RFC 3490 section 4.1, step 3"),
        ("a@" + "b" * 64, "domainpart", "RFC 3490 section 4.1, step 8"),
        ("a@" + ".".join(["b" * 50] * 6), "domainpart", "RFC 1034 section 3.1"),
        ("a@xn--\u00fc", "domainpart", "RFC 3490 section 4.1, step 5"),
        ("a@b..c", "domainpart", "RFC 6122 section 2.2"),
        ("a@\u0627b", "domainpart", "RFC 3491 section 6"),
        ("a@b/\u06271", "resourcepart", "RFC 6122 appendix B.6"),
        ("x" * 1024 + "@b", "localpart", "RFC 6122 section 2.3"),
        ("\u0221@b", "localpart", "RFC 6122 appendix A.2"),
    ],
    ids=lambda value: ascii(value)[:30],
)
def test_rfc6122_section_2_what_is_refused(text: str, part: str, section: str) -> None:
    with pytest.raises(JIDError) as caught:
        JID.parse(text, rules=RFC6122)
    found = "RFC 3454 section 6" if section.endswith((".6", "3491 section 6")) else section
    assert (caught.value.part, caught.value.section) == (part, found)


@pytest.mark.feature("JID-02")
def test_rfc3454_section_7_a_query_may_hold_what_came_later() -> None:
    assert str(JID.parse("\u0221@b/\u10fc", rules=RFC6122_QUERY)) == "\u0221@b/\u10fc"
    with pytest.raises(JIDError):
        JID.parse("\u0221@b", rules=RFC6122)


@pytest.mark.feature("JID-02", "JID-07")
def test_an_address_keeps_its_rules() -> None:
    jid = JID.parse("fu\u00dfball@b/\u2163", rules=RFC6122)
    assert jid.bare.rules is RFC6122
    assert jid.with_resource(" \u2163").resource == " IV"
    for other in (pickle.loads(pickle.dumps(jid)), copy.copy(jid), copy.deepcopy(jid)):
        assert (other, other.rules) == (jid, RFC6122)
    assert jid == JID("fussball@b/IV")
    assert hash(jid) == hash(JID("fussball@b/IV"))
    assert JID.of("FU\u00df", "b", rules=RFC6122).local == "fuss"
    spaced = JID.parse("a@b/ x", rules=RFC6122)
    assert pickle.loads(pickle.dumps(spaced)) == spaced


@pytest.mark.feature("JID-04")
def test_a_report_on_a_roster() -> None:
    roster = [
        "juliet@example.com",
        "Juliet@example.com",
        "fu\u00dfball@example.com",
        "fussball@example.com",
        "\u03c2@example.com",
        "\u03c3@example.com",
        "henry\u2163@example.com",
        "a@b_c.example",
        "@nothing",
        "juliet@example.com",
    ]
    report = disagreements(roster)
    assert report.looked_at == 9
    found = {one.text: (one.new, one.old) for one in report.differing}
    assert set(found) == {"fu\u00dfball@example.com", "\u03c2@example.com", "henry\u2163@example.com", "a@b_c.example"}
    assert found["fu\u00dfball@example.com"] == (JID("fu\u00dfball@example.com"), JID("fussball@example.com"))
    refused = found["henry\u2163@example.com"][0]
    assert isinstance(refused, JIDError)
    assert refused.name == "ROMAN NUMERAL FOUR"
    assert found["henry\u2163@example.com"][1] == JID("henryiv@example.com")
    assert isinstance(found["a@b_c.example"][1], JIDError)
    assert {(one.rules, one.address, one.texts) for one in report.collisions} == {
        (RFC6122, JID("fussball@example.com"), ("fu\u00dfball@example.com", "fussball@example.com")),
        (RFC6122, JID("\u03c3@example.com"), ("\u03c2@example.com", "\u03c3@example.com")),
    }


@pytest.mark.feature("JID-04")
def test_rules_that_agree_report_nothing() -> None:
    assert disagreements(["a@b", "A@B", "b/c", "not an@address@"]).differing == ()
    assert disagreements([]).looked_at == 0
    report = disagreements(["a@b/\u0221", "a@b/x"], old=RFC6122_QUERY)
    assert (report.differing, report.collisions) == ((), ())


@pytest.mark.feature("JID-01")
def test_an_address_is_explained_part_by_part() -> None:
    parts = explain("\uff2auliet@B\u00dcCHER.example./\u00a0x")
    assert [(one.part, one.text, one.offset, one.prepared) for one in parts] == [
        ("localpart", "\uff2auliet", 0, "juliet"),
        ("domainpart", "B\u00dcCHER.example.", 7, "b\u00fccher.example"),
        ("resourcepart", "\u00a0x", 23, None),
    ]
    changed = [(step.name, step.before, step.after) for step in parts[0].steps if step.before != step.after]
    assert changed == [("width mapping", "\uff2auliet", "Juliet"), ("case mapping", "Juliet", "juliet")]
    error = parts[2].error
    assert error is not None
    assert (error.position, error.section) == (23, "RFC 7622 section 3.5, example 18")
    assert parts[2].steps[-1].error is not None
    assert parts[2].steps[-1].error.position == 0


@pytest.mark.feature("JID-01")
@pytest.mark.parametrize("rules", Rules)
@pytest.mark.parametrize(
    "text", ["", "@", "/", "a@b/c", "\u05d0a@[::1]/x", "A@xn--a", "\ud800@\ud800/\ud800", "a\u0387@b"], ids=ascii
)
def test_an_explanation_agrees_with_the_address(text: str, rules: Rules) -> None:
    parts = explain(text, rules=rules)
    errors = [one.error for one in parts if one.error is not None]
    try:
        jid = JID.parse(text, rules=rules)
    except JIDError as error:
        assert str(errors[0]) == str(error)
        assert errors[0].position == error.position
    else:
        assert not errors
        assert [one.prepared for one in parts] == [
            one for one in (jid.local, jid.domain, jid.resource) if one is not None
        ]
    for part in parts:
        assert [step.section for step in part.steps] == [
            step.section for step in part_steps(part.part, part.text, rules)
        ]
        assert all(one.after == other.before for one, other in zip(part.steps, part.steps[1:], strict=False))


def test_the_rules_are_the_same_for_what_both_agree_on() -> None:
    assert JID.parse("a@b/c", rules=RFC6122) == JID.parse("a@b/c", rules=RFC7622) == JID("a@b/c")
