"""What a host may not do with stanzas, and what it may leave out (RFC 6120 section 8, RFC 6121 sections 4 and 5)."""

from __future__ import annotations

from xml.etree.ElementTree import Element, fromstring

import pytest

import xmpp_core as xmpp
from xmpp_core.stream.prepared import in_namespace, prepare

CLIENT, SERVER = "jabber:client", "jabber:server"


def message(inside: str = "", attributes: str = "") -> xmpp.Message:
    return xmpp.Message.view(fromstring(f"<message xmlns='jabber:client' {attributes}>{inside}</message>"))


@pytest.mark.feature("STZ-04")
def test_an_error_is_never_answered() -> None:
    error = message("<error type='cancel'/>", "type='error' from='a@b'")
    with pytest.raises(xmpp.LocalProtocolError, match=r"section 8\.3\.1"):
        error.reply(body="x")
    answer = xmpp.IQ.view(Element(f"{{{CLIENT}}}iq", {"type": "result", "id": "1"}))
    with pytest.raises(xmpp.LocalProtocolError, match=r"section 8\.2\.3"):
        answer.reply()


@pytest.mark.feature("STZ-03")
def test_a_result_may_be_empty_or_hold_one_child() -> None:
    request = xmpp.IQ.view(Element(f"{{{CLIENT}}}iq", {"type": "get", "id": "1", "from": "a@b"}))
    assert list(request.reply().element) == []
    assert [child.tag for child in request.reply(Element("{urn:q}q")).element] == ["{urn:q}q"]


@pytest.mark.feature("I18N-01")
def test_the_body_without_a_language_is_the_body() -> None:
    assert message("<body xml:lang='de'>d</body><body>e</body>").body == "e"
    assert message("<body xml:lang='de'>d</body><body xml:lang='fr'>f</body>").body == "d"
    assert message("<body xml:lang='de'/>").body == ""
    assert message("<thread>t</thread>").body is None


def test_stanzas_are_equal_when_they_say_the_same() -> None:
    assert message("<body>x</body>", "id='1'") == message("<body>x</body>", "id='1'")
    assert message("<body>x</body>", "id='1'") != message("<body>y</body>", "id='1'")
    assert (message() == "message") is False


@pytest.mark.feature("STZ-02")
def test_the_content_namespace_is_that_of_the_stream_it_is_sent_on() -> None:
    element = message("<body>x</body><x xmlns='urn:x'><message xmlns='jabber:client'/></x>", "id='1'").element
    moved = in_namespace(element, SERVER)
    assert [one.tag for one in moved.iter()] == [
        f"{{{SERVER}}}message",
        f"{{{SERVER}}}body",
        "{urn:x}x",
        f"{{{CLIENT}}}message",
    ]
    assert element.tag == f"{{{CLIENT}}}message"
    assert in_namespace(element, CLIENT) is element


def test_a_prepared_stanza_fits_one_content_namespace() -> None:
    prepared = prepare(message("<body>x</body>"), SERVER).to(None)
    assert prepared.octets_for(SERVER) == b"<message><body>x</body></message>"
    with pytest.raises(xmpp.LocalProtocolError, match="another content namespace"):
        prepared.octets_for(CLIENT)
    with pytest.raises(xmpp.LocalProtocolError, match="RFC 6120 section 8"):
        prepare(xmpp.IQ.view(Element(f"{{{CLIENT}}}iq", {"type": "get"})))
