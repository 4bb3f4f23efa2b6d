"""Schema-level validation on demand: which rule is broken, and where."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement, fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xmpp_core import IQ, Message, Presence, StanzaError
from xmpp_core.stanza.schema import RULES, STREAM_CONDITIONS
from xmpp_core.stanza.validation import violations
from xmpp_core.stream.conditions import CONDITIONS as STREAM_ERRORS

GOOD = [
    "<message to='a@b' from='c@d/e' type='chat' id='x' xml:lang='en'><body>x</body><body xml:lang='de'>y</body>"
    "<subject>s</subject><thread parent='p'>t</thread><x xmlns='urn:x'>any<y/>thing</x></message>",
    "<message type='error'><body/><error type='wait' by='b'><conflict xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
    "<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas' xml:lang='en'>x</text><a xmlns='urn:app'/></error></message>",
    "<presence/>",
    "<presence type='unavailable'><show>xa</show><status>x</status><priority>-5</priority></presence>",
    "<iq type='get' id='1'><query xmlns='jabber:iq:roster' ver=''/></iq>",
    "<iq type='result' id='1'/>",
    "<iq type='result' id='1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>a@b/c</jid></bind></iq>",
    "<iq type='set' id='1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>",
    "<iq type='result' id='1'><query xmlns='jabber:iq:roster'><item jid='a@b' name='' subscription='both' "
    "approved='true' ask='subscribe'><group>g</group><group>h</group></item></query></iq>",
    "<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-authorized/><text>x</text></failure>",
    "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>SCRAM-SHA-1-PLUS</mechanism></mechanisms>",
    "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGp1bGlldAA=</auth>",
    "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls>",
    "<error xmlns='http://etherx.jabber.org/streams'><see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>h"
    "</see-other-host><x xmlns='urn:app'/></error>",
    "<stream xmlns='http://etherx.jabber.org/streams' to='b' version='1.0' xml:lang='en'/>",
    "<features xmlns='http://etherx.jabber.org/streams'><x xmlns='urn:x'/></features>",
]

# Element, path, words of the rule, section, and whether the schema alone says so.
BAD = [
    ("<message to='@'/>", "message/@to", "an address", "8.1.1", False),
    ("<message><body xml:lang='x_y'/></message>", "message/body/@xml:lang", "a language tag", "5.2.3", False),
    ("<message><body/><body/></message>", "message/body", "more than one in one language", "5.2.3", False),
    ("<message><body>x<b/></body></message>", "message/body", "elements where", "5.2.3", False),
    ("<message><thread/><thread/></message>", "message/thread", "more than one", "5.2.5", False),
    ("<message>text<body/></message>", "message", "a text between elements", "A.5", False),
    ("<message type='other'/>", "message/@type", "one of chat", "5.2.2", True),
    ("<message id='a b'/>", "message/@id", "a name token", "A.5", True),
    ("<message odd=''/>", "message/@*", "an attribute", "A.5", True),
    ("<message><odd/></message>", "message/*", "a child", "A.5", True),
    ("<message><error type='wait'><gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error><body/></message>",
     "message/error", "at the end", "A.5", True),
    ("<message><error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>",
     "message/error/@type", "missing", "8.3.2", False),
    ("<message><error type='wait'/></message>", "message/error/*", "missing", "8.3.2", False),
    ("<message><error type='wait'><conflict xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>x</conflict></error></message>",
     "message/error/conflict/text()", "nothing", "A.8", False),
    ("<presence type='available'/>", "presence/@type", "one of error", "4.7.1", False),
    ("<presence><show>busy</show></presence>", "presence/show/text()", "one of away", "4.7.2.1", False),
    ("<presence><show>xa</show><show>xa</show></presence>", "presence/show", "more than one", "4.7.2.1", False),
    ("<presence><priority>128</priority></presence>", "presence/priority/text()", "-128 to 127", "4.7.2.3", False),
    ("<presence><status/></presence>", "presence/status/text()", "1 to 1024", "4.7.2.2", False),
    ("<iq type='get'><x xmlns='urn:x'/></iq>", "iq/@id", "missing", "8.2.3", False),
    ("<iq id='1'><x xmlns='urn:x'/></iq>", "iq/@type", "missing", "8.2.3", False),
    ("<iq id='1' type='ask'/>", "iq/@type", "one of error", "8.2.3", False),
    ("<iq id='1' type='get'/>", "iq", "exactly one payload", "8.2.3", False),
    ("<iq id='1' type='result'><x xmlns='urn:x'/><y xmlns='urn:x'/></iq>", "iq", "more than 1", "A.5", False),
    ("<iq id='1' type='error'/>", "iq/error", "missing", "8.3.1", False),
    ("<iq id='1' type='set'><query xmlns='jabber:iq:roster'><item/></query></iq>", "iq/query/item/@jid", "missing",
     "2.1.2.3", False),
    ("<iq id='1' type='set'><query xmlns='jabber:iq:roster'><item jid='a'/><item jid='a' subscription='all'/></query>"
     "</iq>", "iq/query/item[2]/@subscription", "one of both", "2.1.2.5", False),
    ("<iq id='1' type='set'><query xmlns='jabber:iq:roster'><item jid='a'><group/></item></query></iq>",
     "iq/query/item/group/text()", "not empty", "2.1.2.6", False),
    ("<message xmlns='jabber:server' to='a'/>", "message/@from", "missing", "8.1.2", False),
    ("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>", "auth/@mechanism", "missing", "6.4.2", False),
    ("<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>", "mechanisms/mechanism", "missing", "6.4.1", False),
    ("<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><aborted/><aborted/></failure>", "failure/*", "more than one",
     "6.5", False),
    ("<error xmlns='http://etherx.jabber.org/streams'/>", "error/*", "missing", "4.9.2", False),
    ("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'>x</proceed>", "proceed/text()", "nothing", "A.3", False),
]  # fmt: skip


def parsed(text: str) -> Element:
    return fromstring(f"<s xmlns='jabber:client'>{text}</s>")[0]


@pytest.mark.feature("STZ-06")
@pytest.mark.parametrize("text", GOOD)
def test_what_is_right_breaks_nothing(text: str) -> None:
    assert violations(parsed(text), strict=True) == []


@pytest.mark.feature("STZ-06")
@pytest.mark.parametrize(("text", "path", "rule", "section", "strict"), BAD)
def test_what_is_wrong_is_reported(text: str, path: str, rule: str, section: str, strict: bool) -> None:
    (found,) = violations(parsed(text), strict=True)
    assert found.path == path
    assert rule in found.rule
    assert found.section.endswith(section)
    assert found.strict is strict
    assert violations(parsed(text)) == ([] if strict else [found])


def test_what_we_write_is_right() -> None:
    stanzas = [
        Message(to="a@b", from_="c@d", type="chat", id="x", body={None: "x", "de": "y"}, thread="t"),
        Message(from_="a@b").error_answer(StanzaError("gone", address="xmpp:x@y", texts={"en": "x"})),
        Presence(show="xa", status="x", priority=-1),
        IQ(type="set", id="x", payload=Element("{urn:x}y")).reply(),
    ]
    for stanza in stanzas:
        assert violations(stanza.element, strict=True) == []


def test_the_conditions_are_those_the_engine_knows() -> None:
    assert set(STREAM_ERRORS) | {"invalid-id"} == STREAM_CONDITIONS
    table = json.loads((Path(__file__).parents[2] / "data" / "errors_rfc6120.json").read_text())
    for name, _ in table["stanza"]:
        assert f"{{urn:ietf:params:xml:ns:xmpp-stanzas}}{name}" in RULES


def test_other_namespaces_are_not_looked_into() -> None:
    with pytest.raises(ValueError):
        violations(Element("{urn:x}y"))


def test_nesting_is_followed_only_so_far() -> None:
    root = top = Element("{jabber:client}message")
    for _ in range(5000):
        top = SubElement(SubElement(top, "{urn:x}y"), "{jabber:client}message")
    assert violations(root) == []
    deep = Element("{jabber:server}error")
    for _ in range(5000):
        deep, inner = Element("{jabber:server}error"), deep
        deep.append(inner)
    assert violations(deep, strict=True)


@given(
    st.recursive(
        st.builds(lambda tag, text: (tag, text, ()), st.sampled_from(sorted(RULES)), st.text(max_size=3)),
        lambda inner: st.tuples(st.sampled_from(sorted(RULES)), st.text(max_size=3), st.lists(inner, max_size=4)),
        max_leaves=12,
    )
)
def test_it_never_raises(tree: object) -> None:
    def build(node: object) -> Element:
        assert isinstance(node, tuple)
        tag, words, inside = node
        made = Element(tag, {"type": words, "{http://www.w3.org/XML/1998/namespace}lang": words})
        made.text = words
        made.extend([build(one) for one in inside])
        return made

    root = build(tree)
    lenient, strict = violations(root), violations(root, strict=True)
    assert [one for one in strict if not one.strict] == lenient
    assert all(one.section and one.rule and one.path for one in strict)
