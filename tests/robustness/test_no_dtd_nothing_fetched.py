"""A DTD is refused at its first octets, nothing is expanded, no file or socket is opened."""

from __future__ import annotations

import subprocess
import sys

import defusedxml
import defusedxml.ElementTree
import pytest

from xmpp_core.limits import XMLLimits
from xmpp_core.xml.parser import Failure, Item, XMLStreamParser

HEADER = b"<stream:stream xmlns:stream='http://etherx.jabber.org/streams' xmlns='jabber:client'>"
LAUGHS = b"".join(b"<!ENTITY l%d '%s'>" % (one + 1, b"&l%d;" % one * 10) for one in range(9))
DOCUMENTS = {
    "empty DTD": b"<!DOCTYPE a>",
    "internal subset": b"<!DOCTYPE a [<!ELEMENT a ANY>]>",
    "billion laughs": b"<!DOCTYPE a [<!ENTITY l0 'lol'>" + LAUGHS + b"]>",
    "quadratic blow-up": b"<!DOCTYPE a [<!ENTITY x '" + b"x" * 4000 + b"'>]>",
    "external entity": b"<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/hostname'>]>",
    "external subset": b"<!DOCTYPE a SYSTEM 'http://127.0.0.1:9/a.dtd'>",
    "parameter entity": b"<!DOCTYPE a [<!ENTITY % x SYSTEM 'file:///etc/hostname'> %x;]>",
    "public identifier": b"<!DOCTYPE a PUBLIC '-//X' 'http://127.0.0.1:9/a.dtd'>",
}


def first_item(data: bytes, size: int) -> tuple[Item | None, int]:
    """What comes first, and how many octets were given until then."""
    parser = XMLStreamParser(XMLLimits())
    for place in range(0, len(data), size):
        parser.receive(data[place : place + size])
        item = parser.next()
        if item is not None:
            return item, place + size
    return None, len(data)


@pytest.mark.feature("XML-01", "SEC-02")
@pytest.mark.parametrize("name", DOCUMENTS)
def test_it_is_refused_before_one_declaration_is_read(name: str) -> None:
    item, given = first_item(DOCUMENTS[name] + b"<a>&x;&l9;</a>", 1)
    assert isinstance(item, Failure)
    assert (item.condition, item.position) == ("restricted-xml", 0)
    assert given <= len(b"<!DOCTYPE ")
    parser = XMLStreamParser(XMLLimits())
    parser.receive(HEADER + b"<a>" + DOCUMENTS[name] + b"&x;</a>")
    _, *items = parser.take(), parser.take()
    (failure,) = items[-1]
    assert isinstance(failure, Failure)
    assert (failure.condition, failure.position) == ("restricted-xml", len(HEADER) + 3)


@pytest.mark.feature("XML-01", "SEC-02")
@pytest.mark.parametrize("name", DOCUMENTS)
def test_what_a_guarded_parser_refuses_is_refused(name: str) -> None:
    """`defusedxml` told to take no DTD, no entity and nothing external refuses all of these, and so do we."""
    document = DOCUMENTS[name] + b"<a/>"
    with pytest.raises(defusedxml.DefusedXmlException):
        defusedxml.ElementTree.fromstring(document, forbid_dtd=True)
    assert isinstance(first_item(document, len(document))[0], Failure)


@pytest.mark.feature("ENG-01", "SEC-02")
def test_no_file_and_no_socket_is_opened() -> None:
    script = f"""
import sys
from xmpp_core.limits import XMLLimits
from xmpp_core.xml.parser import Failure, XMLStreamParser
XMLStreamParser(XMLLimits()).receive(b"")
seen = []
watched = ("open", "socket.", "urllib.", "os.", "subprocess.", "ftplib.", "http.")
sys.addaudithook(lambda event, _: seen.append(event) if event.startswith(watched) else None)
for document in {list(DOCUMENTS.values())!r}:
    for data in (document + b"<a>&x;</a>", {HEADER!r} + document, {HEADER!r} + b"<a>&x;&l9;%x;</a>"):
        parser = XMLStreamParser(XMLLimits())
        parser.receive(data)
        items = parser.take() + parser.take()
        assert isinstance(items[-1], Failure), data
assert not seen, seen
open(sys.executable).close()
assert seen, "the hook sees nothing"
"""
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
