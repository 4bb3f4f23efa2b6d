"""XEP-0390: entity capabilities 2.0."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from payload_shapes import both_ways, element, refused

from xmpp_core import PayloadError
from xmpp_core.stanza.payload import decode
from xmpp_core.stanza.payloads.capability_hashes import CapabilityHashes, hash_input, hash_node, read_node
from xmpp_core.stanza.payloads.disco import DiscoInfo, Identity
from xmpp_core.stanza.payloads.form_types import typed_form
from xmpp_core.stanza.payloads.forms import FieldType, Form, FormField, FormItem, FormType, Reported
from xmpp_core.stanza.payloads.hashes import Hash

EXAMPLES = json.loads((Path(__file__).parents[3] / "data" / "caps2_xep0390.json").read_text())["examples"]
FORM = typed_form("urn:xmpp:dataforms:softwareinfo", {"os": "Windows", "ip_version": ("ipv6", "ipv4")}, FormType.RESULT)


def told(example: dict[str, Any]) -> CapabilityHashes:
    return decode(
        CapabilityHashes,
        element(
            f"""<c xmlns='urn:xmpp:caps'>
              <hash xmlns='urn:xmpp:hashes:2' algo='sha-256'>{example["sha-256"]}</hash>
              <hash xmlns='urn:xmpp:hashes:2' algo='sha3-256'>{example["sha3-256"]}</hash></c>"""
        ),
    )


@pytest.mark.feature("X-0390", "EXT-04")
@pytest.mark.parametrize("example", EXAMPLES, ids=["simple", "complex"])
def test_the_examples(example: dict[str, Any]) -> None:
    """Section 4.5, with the length of the input."""
    info = decode(DiscoInfo, element(example["query"]))
    assert len(hash_input(info)) == example["octets"]
    assert CapabilityHashes.of(info) == told(example)
    assert told(example).stands_for(info) is True
    other = DiscoInfo(None, info.identities, (*info.features, "urn:xmpp:caps"), info.forms)
    assert told(example).stands_for(other) is False


@pytest.mark.feature("X-0390")
def test_the_element() -> None:
    """Section 5.4, example 6."""
    both_ways(
        """<c xmlns='urn:xmpp:caps'>
        <hash xmlns='urn:xmpp:hashes:2' algo='sha-1'>4wCVQQLbL+rg3KDjPzPF3gDUx9s=</hash></c>""",
        CapabilityHashes((Hash("sha-1", bytes.fromhex("e300954102db2feae0dca0e33f33c5de00d4c7db")),)),
    )
    refused(CapabilityHashes, "<c xmlns='urn:xmpp:caps'/>", "c/hash")


@pytest.mark.feature("X-0390")
def test_the_parts_of_the_input() -> None:
    """Section 4.1: each part sorted as octets and closed by what XML cannot hold."""
    info = DiscoInfo(None, (Identity("client", "pc", "B", "ru"), Identity("client", "pc", "A")), ("b", "a"), (FORM,))
    assert hash_input(info) == (
        b"a\x1fb\x1f\x1c"
        b"client\x1fpc\x1f\x1fA\x1f\x1eclient\x1fpc\x1fru\x1fB\x1f\x1e\x1c"
        b"FORM_TYPE\x1furn:xmpp:dataforms:softwareinfo\x1f\x1e"
        b"ip_version\x1fipv4\x1fipv6\x1f\x1eos\x1fWindows\x1f\x1e\x1d\x1c"
    )
    # The language in force around the answer counts where an identity has none of its own.
    assert b"client\x1fpc\x1fen\x1fA\x1f\x1eclient\x1fpc\x1fru" in hash_input(info, "en")
    assert CapabilityHashes.of(info, lang="en").stands_for(info) is False
    assert hash_input(DiscoInfo()) == b"\x1c\x1c\x1c"


@pytest.mark.feature("X-0390", "EXT-04")
@pytest.mark.parametrize(
    "info",
    [
        decode(
            DiscoInfo,
            element("<query xmlns='http://jabber.org/protocol/disco#info'><a xmlns='urn:example:foreign'/></query>"),
        ),
        DiscoInfo(None, forms=(Form(FormType.RESULT, fields=FORM.fields, reported=Reported((FormField("a"),))),)),
        DiscoInfo(None, forms=(Form(FormType.RESULT, fields=FORM.fields, items=(FormItem((FormField("a"),)),)),)),
        DiscoInfo(None, forms=(Form(FormType.RESULT),)),
        DiscoInfo(None, forms=(Form(FormType.RESULT, fields=(FormField("FORM_TYPE", None, ("a",)),)),)),
        DiscoInfo(None, forms=(Form(FormType.RESULT, fields=(FormField("FORM_TYPE", FieldType.HIDDEN, ("a", "b")),)),)),
    ],
    ids=["another element", "the head of a table", "a row", "no FORM_TYPE", "one not hidden", "two values"],
)
def test_what_has_no_input(info: DiscoInfo) -> None:
    """Section 4.1, steps 1 to 3."""
    with pytest.raises(PayloadError):
        hash_input(info)
    assert told(EXAMPLES[0]).stands_for(info) is False


@pytest.mark.feature("X-0390", "EXT-04")
def test_what_the_old_hash_takes_for_the_same_is_not() -> None:
    """Section 8.2: a form and features that read alike one after the other (XEP-0115)."""
    form = DiscoInfo(None, features=("a",), forms=(typed_form("b", {"c": "d"}, FormType.RESULT),))
    flat = DiscoInfo(None, features=("a", "b", "c", "d"))
    assert CapabilityHashes.of(form).stands_for(flat) is False


@pytest.mark.feature("X-0390")
def test_nodes() -> None:
    """Section 4.3, and 6.2 for functions with a dot."""
    best = told(EXAMPLES[1]).hashes[0]
    node = "urn:xmpp:caps#sha-256.u79ZroNJbdSWhdSp311mddz44oHHPsEBntQ5b1jqBSY="
    assert hash_node(best) == node
    assert read_node(node) == best
    dotted = Hash("x.y-256", b"abc")
    assert read_node(hash_node(dotted)) == dotted
    for other in (
        "",
        "http://psi-im.org#q07IKJEyjvHSyhy//CH0CxmKi8w=",
        "urn:xmpp:caps#sha-256",
        "urn:xmpp:caps#sha-256.u79Z\n",
        "urn:xmpp:caps#sha-256.Ψ",
        "urn:xmpp:caps#.u79Z",
        "sha-256.u79ZroNJbdSWhdSp311mddz44oHHPsEBntQ5b1jqBSY=",
    ):
        assert read_node(other) is None
    assert told(EXAMPLES[1]).node == hash_node(told(EXAMPLES[1]).hashes[1])
    unknown = CapabilityHashes((dotted,))
    assert unknown.node is None
    assert unknown.stands_for(DiscoInfo()) is None
