from __future__ import annotations

import copy
import gc
import pickle
import tracemalloc
from xml.etree.ElementTree import Element, SubElement, fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xmpp_core import WriteError
from xmpp_core.xml.names import canonical, clark, equal, language_of, pretty, split
from xmpp_core.xml.names import copy as copy_of
from xmpp_core.xml.record import child_in, element_of, kind_of, size_of
from xmpp_core.xml.writer import write

NAMES = st.sampled_from(
    ["a", "b", "{http://www.w3.org/XML/1998/namespace}e", "c-d", "é", "{urn:x}a", "{urn:y}b", "{jabber:client}body"]
)
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


# What a writer may stumble over: whatever is escaped somewhere, its neighbours, and plain words.
STUMBLES = st.one_of(
    st.sampled_from(
        ["", "", "a", "don't", "one\ntwo", "a\tb", "a&b", "<b>", "]]>", '"', "é", "\ufffd", "\ufeff", "\ue000"]
    ),
    st.sampled_from(["\U0001f600\ufe0f", "\x7f", "\x85", "\u2028", "'/>", "' x='", "\r\n", "&amp;"]),
    st.text(st.sampled_from("&<>'\"\r\n\t \x7faé\U0010ffff"), max_size=3),
)
FORBIDDEN = st.sampled_from(["\x00", "it's\x1f", "\ud800", "é\ufffe", "\uffff"])
XML = "http://www.w3.org/XML/1998/namespace"
ATTRIBUTES = st.sampled_from(["p", "q", "to", "{urn:x}r", "{urn:y}r", "{urn:a&b}r", f"{{{XML}}}lang"])
TAGS = st.sampled_from(["a", "é", f"{{{XML}}}a", "{urn:x}a", "{urn:x}b", "{urn:a'&<b}c", "{jabber:client}body"])


@st.composite
def stumbling(draw: st.DrawFn, depth: int = 3) -> Element:
    element = Element(draw(TAGS))
    for name in draw(st.lists(ATTRIBUTES, max_size=3)):
        element.set(name, draw(STUMBLES))
    element.text = draw(STUMBLES)
    if depth:
        for child in draw(st.lists(stumbling(depth - 1), max_size=3)):
            child.tail = draw(STUMBLES)
            element.append(child)
    return element


def piece_by_piece(element: Element, default: str | None) -> str:
    """What is written, each piece escaped for itself."""
    namespace, local = split(element.tag)
    if namespace == XML:
        namespace, local = default, f"xml:{local}"
    written = f"<{local}"
    if namespace != default:
        written += f" xmlns='{value(namespace or '')}'"
    fresh = 0
    for name, said in element.items():
        owner, plain = split(name)
        if owner == XML:
            plain = f"xml:{plain}"
        elif owner is not None:
            written += f" xmlns:ns{fresh}='{value(owner)}'"
            plain, fresh = f"ns{fresh}:{plain}", fresh + 1
        written += f" {plain}='{value(said)}'"
    if not len(element) and not element.text:
        return written + "/>"
    return f"{written}>{content(element, namespace)}</{local}>"


def content(element: Element, default: str | None) -> str:
    return words(element.text) + "".join(piece_by_piece(child, default) + words(child.tail) for child in element)


def words(said: str | None) -> str:
    return "".join({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}.get(one, one) for one in said or "")


def value(said: str) -> str:
    escapes = {"&": "&amp;", "<": "&lt;", "'": "&apos;", "\r": "&#13;", "\n": "&#10;", "\t": "&#9;"}
    return "".join(escapes.get(one, one) for one in said)


@pytest.mark.feature("XML-04", "XML-05")
@given(stumbling(), st.sampled_from([None, "urn:x", "jabber:client"]))
def test_all_looked_at_at_once_is_written_as_piece_by_piece(tree: Element, default: str | None) -> None:
    tree.tail = "neither written & nor looked at \x00"
    assert write(tree, default) == piece_by_piece(tree, default).encode()
    prefixed = Element("{urn:s}a", {"b": "'"})
    prefixed.text = tree.text
    prefixed.append(tree)
    tree.tail = "it's\nmore"
    expected = f"<s:a b='&apos;'>{content(prefixed, default)}</s:a>"
    assert write(prefixed, default, prefixes={"urn:s": "s"}) == expected.encode()


@pytest.mark.feature("XML-04")
@given(stumbling(), FORBIDDEN, st.sampled_from(["text", "tail", "value"]), st.data())
def test_what_is_forbidden_is_found_among_all_else(tree: Element, bad: str, place: str, data: st.DataObject) -> None:
    within = Element("{jabber:client}message")
    within.append(tree)
    chosen = data.draw(st.sampled_from(list(tree.iter())))
    if place == "value":
        chosen.set(data.draw(ATTRIBUTES), bad)
    else:
        setattr(chosen, place, data.draw(STUMBLES) + bad)
    with pytest.raises(WriteError):
        write(within, "jabber:client")


@pytest.mark.feature("XML-04")
@pytest.mark.parametrize("wrong", [5, 0, b"x", None, ["x"]])
def test_a_value_that_is_no_string_is_refused(wrong: object) -> None:
    element = Element("a")
    element.set("b", wrong)  # type: ignore[arg-type]  # what is tried
    with pytest.raises(WriteError):
        write(element)
    if wrong:
        text, tail = Element("a"), Element("a")
        text.text = wrong  # type: ignore[assignment]  # what is tried
        SubElement(tail, "b").tail = wrong  # type: ignore[assignment]  # what is tried
        for each in (text, tail):
            with pytest.raises(WriteError):
                write(each)


def test_nesting_ends_at_five_hundred() -> None:
    deep = root = Element("a")
    for _ in range(500):
        deep = SubElement(deep, "a")
    assert write(root).count(b"<a") == 501
    SubElement(deep, "a")
    with pytest.raises(WriteError):
        write(root)
    ring = Element("a")
    ring.append(ring)
    with pytest.raises(WriteError):
        write(ring)
    ring.clear()


@pytest.mark.feature("XML-05", "SEC-02")
def test_what_long_names_are_written_as_is_not_kept() -> None:
    def kept() -> int:
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    write(Element("{urn:x}a", {"p": ""}))
    tracemalloc.start()
    try:
        before = kept()
        for number in range(50):
            long = f"{number}" + "n" * 100_000
            element = Element(f"{{urn:{long}}}a", {f"a{long}": "", f"{{urn:{long}}}b": ""})
            SubElement(element, f"a{long}")
            write(element)
        del element, long
        assert kept() - before < 200_000
    finally:
        tracemalloc.stop()


@pytest.mark.feature("XML-04")
def test_an_attribute_in_no_namespace_has_no_braces() -> None:
    with pytest.raises(WriteError, match="without braces"):
        write(Element("a", {"{}b": "1", "b": "2"}))


def test_more_names_than_are_remembered_are_written_all_the_same() -> None:
    root = Element("r")
    for number in range(5000):
        child = SubElement(root, f"{{urn:n{number % 7}}}c{number}", {f"a{number}": "1", f"b{number}": "2"})
        child.text = "x"
    octets = write(root)
    assert equal(fromstring(octets), root)
    assert write(root) == octets
    assert write(Element("{urn:n1}c1", {"a1": "'"})) == b"<c1 xmlns='urn:n1' a1='&apos;'/>"
