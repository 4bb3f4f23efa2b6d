from __future__ import annotations

import copy
import pickle
from xml.etree.ElementTree import Element, SubElement, fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xmpp_core import WriteError
from xmpp_core.xml.names import canonical, clark, equal, language_of, pretty, split
from xmpp_core.xml.names import copy as copy_of
from xmpp_core.xml.record import child_in, element_of, kind_of, size_of
from xmpp_core.xml.writer import write

NAMES = st.sampled_from(["a", "b", "c-d", "é", "{urn:x}a", "{urn:y}b", "{jabber:client}body"])
TEXTS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="".join(map(chr, range(32))) + "\ufffe\uffff")
)
WHITE = st.sampled_from(["", "\t", "\n", "\r", "\r\n", " ]]> ", "&<>'\"", "\u2028"])


@st.composite
def trees(draw: st.DrawFn, depth: int = 3) -> Element:
    element = Element(draw(NAMES))
    for name in draw(st.sets(st.sampled_from(["p", "q", "{urn:x}r", "{http://www.w3.org/XML/1998/namespace}lang"]))):
        element.set(name, draw(TEXTS) + draw(WHITE))
    element.text = draw(TEXTS) + draw(WHITE)
    if depth:
        for child in draw(st.lists(trees(depth - 1), max_size=3)):
            child.tail = draw(TEXTS) + draw(WHITE)
            element.append(child)
    return element


@pytest.mark.feature("XML-04", "XML-05")
@given(trees())
def test_what_is_written_reads_as_it_was(tree: Element) -> None:
    octets = write(tree)
    read = fromstring(octets)
    assert equal(read, tree)
    assert canonical(read) == canonical(tree)
    assert write(read) == octets
    inside = fromstring(b"<s xmlns='jabber:client'>" + write(tree, "jabber:client") + b"</s>")
    assert equal(inside[0], tree)


@pytest.mark.feature("XML-05")
@given(trees())
def test_copies_are_equal_and_apart(tree: Element) -> None:
    twin = copy_of(tree)
    assert equal(twin, tree)
    assert equal(pickle.loads(pickle.dumps(tree)), tree)
    twin.set("new", "")
    assert not equal(twin, tree)
    assert canonical(twin) != canonical(tree)
    assert equal(copy.deepcopy(tree), tree)
    assert pretty(tree).startswith("<")


@pytest.mark.feature("XML-04")
@pytest.mark.parametrize("bad", ["\x00", "\x0b", "\ufffe", "\uffff", "\ud800", "\x1f"])
def test_characters_that_xml_forbids_are_refused(bad: str) -> None:
    text, attribute, tail = Element("a"), Element("a"), Element("a")
    text.text = bad
    attribute.set("b", bad)
    SubElement(tail, "b").tail = bad
    for element in (text, attribute, tail):
        with pytest.raises(WriteError):
            write(element)


@pytest.mark.feature("XML-04")
@pytest.mark.parametrize("name", ["", "a b", "1", "a:b", "<", "{u}", "{u}a b", "a>", "{a}b}c", "xmlns'"])
def test_names_that_xml_forbids_are_refused(name: str) -> None:
    with pytest.raises(WriteError):
        write(Element(name))
    with pytest.raises(WriteError):
        write(Element("a", {name: "x"}))


def test_what_is_no_string_is_refused() -> None:
    number = Element("a")
    number.text = 5  # type: ignore[assignment]  # what is tried
    with pytest.raises(WriteError):
        write(number)
    with pytest.raises(WriteError):
        write(Element("a", {"xmlns": "u"}))
    deep = root = Element("a")
    for _ in range(600):
        deep = SubElement(deep, "a")
    with pytest.raises(WriteError):
        write(root)


@pytest.mark.feature("STR-09")
def test_the_content_namespace_is_never_prefixed() -> None:
    message = Element("{jabber:client}message")
    SubElement(message, "{jabber:client}body").text = "x"
    SubElement(message, "{u}y")
    assert write(message, "jabber:client") == b"<message><body>x</body><y xmlns='u'/></message>"
    error = Element("{s}error")
    SubElement(error, "{e}reset")
    assert write(error, "jabber:client", prefixes={"s": "stream"}) == b"<stream:error><reset xmlns='e'/></stream:error>"


def test_records_are_read_through_the_seam() -> None:
    element = fromstring("<message xmlns='jabber:client'><x xmlns='u'/></message>")
    assert kind_of(element) == "message"
    found = child_in(element, "u")
    assert found is not None
    assert child_in(element, "v") is None
    assert element_of(element) is element
    assert size_of(element) == len(write(element))
    assert split(clark("u", "x")) == ("u", "x")
    assert split(clark(None, "x")) == (None, "x")
    assert language_of(Element("a"), "en") == "en"
