"""The loop that admits many stanzas at once judges each as `check` does, whatever stood before it."""

from __future__ import annotations

from xml.etree.ElementTree import Element

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xmpp_core.jid import KNOWN_GOOD
from xmpp_core.stanza import Stanza
from xmpp_core.stanza.check import VIEWS, admit, check, ways_of

ADDRESSES = st.sampled_from(
    [None, None, "juliet@example.com", "romeo@example.net/orchard", "@", "", "a@b/", "JULIET@example.com"]
)
TAGS = st.sampled_from(
    ["{jabber:client}message", "{jabber:client}presence", "{jabber:client}iq", "{jabber:server}message", "{urn:x}nonza"]
)


@st.composite
def elements(draw: st.DrawFn) -> Element:
    element = Element(draw(TAGS))
    for name, values in (
        ("from", ADDRESSES),
        ("to", ADDRESSES),
        ("type", st.sampled_from([None, "get", "set", "result", "error", "chat", "subscribe", "nonsense"])),
        ("id", st.sampled_from([None, "", "1"])),
    ):
        value = draw(values)
        if value is not None:
            element.set(name, value)
    for name in draw(st.lists(st.sampled_from(["{urn:x}query", "{jabber:client}error"]), max_size=2)):
        element.append(Element(name))
    return element


@pytest.mark.feature("STZ-01")
@given(items=st.lists(elements(), max_size=12))
def test_many_are_admitted_as_one_by_one(items: list[Element]) -> None:
    ways = ways_of("jabber:client")
    good = 0
    for element in items:
        if element.tag not in ways or check(element) is not None:
            break
        good += 1
    KNOWN_GOOD.forget()
    for _ in range(2):  # with addresses that are new, then with those that are known
        found: list[Stanza] = []
        assert admit(items, ways, found) == good
        assert [type(stanza) for stanza in found] == [VIEWS[element.tag] for element in items[:good]]
        assert [stanza.element for stanza in found] == items[:good]
        for stanza, element in zip(found, items[:good], strict=True):
            assert (stanza.to is None) == ("to" not in element.attrib)
