"""XEP-0220: the elements of server dialback."""

from __future__ import annotations

import pytest
from payload_shapes import both_ways, element, refused

from xmpp_core import JID
from xmpp_core.stanza.payload import decode
from xmpp_core.stanza.payloads.dialback import (
    DialbackFeature,
    DialbackResult,
    DialbackVerify,
    Validity,
    dialback_key,
)

NS = "jabber:server:dialback"
KEY = "b4835385f37fe2895af6c196b59097b16862406db80559900d96bf6fa7d23df3"
CAPULET, MONTAGUE = JID("capulet.example"), JID("montague.example")
ERROR = """<error xmlns='jabber:server' type='cancel'>
  <item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"""


@pytest.mark.feature("S2S-02")
def test_the_key_and_what_becomes_of_it() -> None:
    """Section 2.1.1, examples 1 to 4."""
    both_ways(
        f"<result xmlns='{NS}' from='capulet.example' to='montague.example'>{KEY}</result>",
        DialbackResult(CAPULET, MONTAGUE, key=KEY),
    )
    for type in (Validity.VALID, Validity.INVALID):
        both_ways(
            f"<result xmlns='{NS}' from='montague.example' to='capulet.example' type='{type.value}'/>",
            DialbackResult(MONTAGUE, CAPULET, type),
        )
    error = both_ways(
        f"<result xmlns='{NS}' from='montague.example' to='capulet.example' type='error'>{ERROR}</result>",
        DialbackResult(MONTAGUE, CAPULET, Validity.ERROR, errors=(element(ERROR),)),
    )
    assert error.condition == "item-not-found"
    assert DialbackResult(MONTAGUE, CAPULET, Validity.ERROR).condition is None
    refused(DialbackResult, f"<result xmlns='{NS}' from='a.example' to='b.example'> </result>", "result")


@pytest.mark.feature("S2S-02")
def test_the_question_and_its_answer() -> None:
    """Section 2.1.2, examples 5 to 8."""
    both_ways(
        f"<verify xmlns='{NS}' from='capulet.example' id='417GAF25' to='montague.example'>{KEY}</verify>",
        DialbackVerify(CAPULET, MONTAGUE, "417GAF25", key=KEY),
    )
    error = decode(
        DialbackVerify,
        element(f"<verify xmlns='{NS}' from='a.example' id='1' to='b.example' type='error'>{ERROR}</verify>"),
    )
    assert (error.type, error.condition) == (Validity.ERROR, "item-not-found")
    refused(DialbackVerify, f"<verify xmlns='{NS}' from='a.example' to='b.example'>a</verify>", "verify/@id")
    refused(DialbackVerify, f"<verify xmlns='{NS}' from='a.example' id='1' to='b.example'/>", "verify")


@pytest.mark.feature("S2S-02")
def test_how_a_key_is_made() -> None:
    """Section 2.1.1 after example 1 (XEP-0185)."""
    assert dialback_key("s3cr3tf0rd14lb4ck", "montague.example", "capulet.example", "D60000229F") == KEY


@pytest.mark.feature("S2S-02")
def test_the_stream_feature() -> None:
    """Section 2.4.2, example 18."""
    both_ways("<dialback xmlns='urn:xmpp:features:dialback'><errors/></dialback>", DialbackFeature(errors=True))
    both_ways("<dialback xmlns='urn:xmpp:features:dialback'/>", DialbackFeature())
