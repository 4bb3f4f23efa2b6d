"""Addresses are values: written and read again they are the same, and no text makes anything but `JIDError`."""

from __future__ import annotations

import pickle
import sys
import unicodedata
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from xmpp_core.jid import JID, JIDError, Rules, disagreements, explain, is_address
from xmpp_core.strings.mappings import normal_form, segments
from xmpp_core.strings.precis import NICKNAME

AWKWARD = (
    "aZ0.-_@/[]:%x\\ n\u00df\u1e9e\u0130\u03a3\u03c2\u00ad\u00b7l\u0345\u05d0\u0627\u0661\u06f1\u30fb\u30a2\u200c\u200d"
    "\u094d\u1100\u1161\u11a8\uac00\u0301\u0316\u0323\u3002\uff0e\uff20\uff0f\u2100\ufdfa\u13ab\U0001f600\ud800\u0378"
)
TEXTS = st.one_of(
    st.text(max_size=30),
    st.text(st.sampled_from(AWKWARD), max_size=12),
    st.builds(
        "{}@{}/{}".format,
        st.text(st.sampled_from(AWKWARD), max_size=6),
        st.one_of(
            st.just("xn--bcher-kva.example"), st.text(st.sampled_from("aZ\u00fc.-\u3002\u05d0[:1]%25"), max_size=8)
        ),
        st.text(st.sampled_from(AWKWARD), max_size=6),
    ),
)


@pytest.mark.feature("JID-01", "JID-02")
@pytest.mark.parametrize("rules", Rules)
@given(text=TEXTS)
@example("\u2100@b")
@example("a@[fe80::1%25eth0]/x")
@example("\u13ab@\u13ab.example")
def test_an_address_reads_as_it_was_written(rules: Rules, text: str) -> None:
    try:
        jid = JID.parse(text, rules=rules)
    except JIDError as error:
        assert error.part in ("localpart", "domainpart", "resourcepart")
        assert error.position is None or 0 <= error.position < len(text)
        assert error.section.startswith("RFC ")
        assert any(one.error is not None for one in explain(text, rules=rules))
        return
    assert JID.parse(str(jid), rules=rules) == jid
    assert JID.of(jid.local, jid.domain, jid.resource, rules=rules) == jid
    assert pickle.loads(pickle.dumps(jid)) == jid
    assert jid.bare.bare == jid.bare
    assert jid.resource is None or jid.bare.with_resource(jid.resource) == jid
    assert all(len(part.encode()) <= 1023 for part in (jid.local, jid.domain, jid.resource) if part is not None)
    assert all(one.error is None for one in explain(text, rules=rules))


@pytest.mark.feature("JID-01")
@given(text=TEXTS)
def test_to_be_an_address_is_to_be_parsed(text: str) -> None:
    try:
        JID(text)
    except JIDError:
        assert not is_address(text)
    else:
        assert is_address(text)


@pytest.mark.feature("JID-04")
@given(texts=st.lists(TEXTS, max_size=6))
def test_a_report_never_fails(texts: list[str]) -> None:
    report = disagreements(texts)
    assert report.looked_at == len(set(texts))
    assert len(report.differing) <= report.looked_at


# Long runs that each rule has to look at: what is quadratic shows.
HOSTILE: dict[str, Callable[[int], str]] = {
    "letters": lambda n: "x" * n + "@b",
    "capitals": lambda n: "\u0416" * n + "@b",
    "refused at the end": lambda n: "\u0436" * n + "\u2163@b",
    "marks": lambda n: "a" + "\u0301\u0316" * (n // 2) + "@b",
    "marks in a resource": lambda n: "b/a" + "\u0301\u0316\u0323" * (n // 3),
    "marks, refused": lambda n: "a" + "\u0301\u0316" * (n // 2) + "\u0378@b",
    "jamo": lambda n: "\u1100\u1161\u11a8" * (n // 3) + "@b",
    "vowels of no syllable": lambda n: "b/" + "\u1161" * n,
    "non-joiners": lambda n: "\u0628" + "\u200c\u0628" * (n // 2) + "@b",
    "transparent between non-joiners": lambda n: "\u0628" + "\u064b" * (n // 2) + "\u200c" + "\u064b" * (n // 2) + "@b",
    "middle dots": lambda n: "l" + "\u00b7l" * (n // 2) + "@b",
    "katakana middle dots": lambda n: "\u30fb" * n + "@b",
    "Arabic digits": lambda n: "\u0627" + "\u0661" * n + "@b",
    "digits of two kinds": lambda n: "b/" + "\u0661" * (n // 2) + "\u06f1" * (n // 2),
    "right to left": lambda n: "\u05d0" * n + "@b",
    "neutral at the end": lambda n: "\u05d0" + "\u05b0" * n + "-@b",
    "spaces": lambda n: "b/x" + "\u3000" * n,
    "wide forms": lambda n: "\uff21" * n + "@b",
    "labels": lambda n: "\u00fc." * (n // 2),
    "a label": lambda n: "\u00fc" * n,
    "an A-label": lambda n: "xn--" + "a" * n,
    "an address of an IP network": lambda n: "[" + "1:" * (n // 2) + "]",
    "signs": lambda n: "@" * n,
    "slashes": lambda n: "/" * n,
    "soft hyphens": lambda n: "a" + "\u00ad" * n + "@b",
    "surrogates": lambda n: "\ud800" * n,
}


def work(action: Callable[[], object]) -> int:
    """Calls made, in Python and in C, and lines run."""
    count = 0

    def watch(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal count
        count += 1
        return watch

    sys.setprofile(watch)
    sys.settrace(watch)
    try:
        action()
    except (JIDError, ValueError):
        pass
    finally:
        sys.settrace(None)
        sys.setprofile(None)
    return count


@pytest.mark.feature("JID-01", "SEC-02")
@pytest.mark.heavy
@pytest.mark.parametrize("rules", [Rules.RFC7622, Rules.RFC6122], ids=lambda rules: rules.name)
@pytest.mark.parametrize("name", HOSTILE)
def test_twice_the_text_is_twice_the_work(name: str, rules: Rules) -> None:
    text = HOSTILE[name]
    for size in (3000, 6000):  # what is kept by code point is kept now
        work(lambda size=size: JID.parse(text(size), rules=rules))  # type: ignore[misc]
    once, twice = (work(lambda size=size: JID.parse(text(size), rules=rules)) for size in (3000, 6000))  # type: ignore[misc]
    assert twice <= 2.3 * once + 50


@pytest.mark.feature("SEC-02")
@pytest.mark.heavy
@pytest.mark.parametrize("name", HOSTILE)
def test_nicknames_and_explanations_too(name: str) -> None:
    text = HOSTILE[name]
    for action in (NICKNAME.enforce, explain):
        work(lambda action=action: action(text(4000)))  # type: ignore[misc]
        once, twice = (work(lambda size=size, action=action: action(text(size))) for size in (2000, 4000))  # type: ignore[misc]
        assert twice <= 2.3 * once + 50, action


MARKS = st.text(
    st.sampled_from(
        "ae\u00e9\u0301\u0316\u0323\u0345\u0344\u0f73\uff9e\u3099\u1100\u1161\u11a8\uac00\u09c7\u09be\ufdfa\u1e9b\u212b"
    ),
    max_size=60,
)


@pytest.mark.feature("JID-03")
@pytest.mark.parametrize("form", ["NFC", "NFKC"])
@pytest.mark.parametrize("data", [unicodedata, unicodedata.ucd_3_2_0], ids=["now", "3.2"])
@given(text=MARKS)
def test_marks_that_were_sorted_first_give_the_same_form(data: object, form: str, text: str) -> None:
    whole = text * (1 + 300 // max(1, len(text)))
    normalize = normal_form(form, data)  # type: ignore[arg-type]
    assert normalize(whole) == data.normalize(form, whole)  # type: ignore[attr-defined]
    assert "".join(piece for _, piece in segments(form, data)(text)) == data.normalize(form, text)  # type: ignore[arg-type, attr-defined]
    origins = [origin for origin, _ in segments(form, data)(text)]  # type: ignore[arg-type]
    assert origins == sorted(origins)
