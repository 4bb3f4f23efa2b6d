"""Every attack in every stage, with the stream error it earns."""

from __future__ import annotations

from dataclasses import dataclass

from stages import HEADERS_OPEN, scenario, stages

from xmpp_core.limits import Limits
from xmpp_core.testing.scenario import Receive, Scenario

__all__ = ["ATTACKS", "SCENARIOS", "Attack"]

# name -> (octets, stream error where the stream is a document already)
HOSTILE: dict[str, tuple[bytes, str]] = {
    "comment": (b"<!-- x -->", "restricted-xml"),
    "instruction": (b"<?x y?>", "restricted-xml"),
    "doctype": (b"<!DOCTYPE x [<!ENTITY a 'b'>]>", "restricted-xml"),
    "entity": (b"<message><body>&lol;</body></message>", "restricted-xml"),
    "bad UTF-8": (b"<message><body>\xff</body></message>", "unsupported-encoding"),
    "junk": (b"junk", "bad-format"),
    "mismatch": (b"<message></presence>", "not-well-formed"),
    "unbound": (b"<x:y/>", "not-well-formed"),
    "duplicate": (b"<a b='' b=''/>", "not-well-formed"),
    "control": (b"<a>\x00</a>", "not-well-formed"),
    "oversize": (b"<a>" + b"x" * 300_000, "policy-violation"),
    "depth": (b"<a>" * 100 + b"</a>" * 100, "policy-violation"),
    "unknown element": (b"<a xmlns='urn:x'/>", "unsupported-stanza-type"),
    "stream element": (b"<stream:x/>", "unsupported-stanza-type"),
    "server stanza": (b"<message xmlns='jabber:server'/>", "invalid-namespace"),
    "children": (b"<a>" + b"<b/>" * 10_001 + b"</a>", "policy-violation"),
    "nodes": (b"<a>" + b"<b c=''/>" * 5_001 + b"</a>", "policy-violation"),
    "attributes": (b"<a" + b"".join(b" a%d=''" % one for one in range(129)) + b"/>", "policy-violation"),
    "name": (b"<" + b"n" * 4097 + b"/>", "policy-violation"),
    "UTF-16": (b"\xfe\xff\x00<\x00a", "unsupported-encoding"),
    "byte order mark": (b"\xef\xbb\xbf", "bad-format"),
    "a second declaration": (b"<?xml version='1.0' encoding='utf-8'?>", "restricted-xml"),
    "CDATA between": (b"<![CDATA[x]]>", "bad-format"),
    "a second root": (b"<stream:stream xmlns:stream='http://etherx.jabber.org/streams'/>", "unsupported-stanza-type"),
}
"""What arrives, and the condition of the stream error where a stream is open already."""

_STREAM = b"<stream:stream xmlns:stream='http://etherx.jabber.org/streams' "
HEADERS: dict[str, tuple[bytes, str]] = {
    "UTF-16": (b"\xff\xfe<\x00", "unsupported-encoding"),
    "UTF-16, the other way": (b"\xfe\xff\x00<", "unsupported-encoding"),
    "byte order mark": (b"\xef\xbb\xbf<?xml version='1.0'?>", "not-well-formed"),
    "another encoding": (b"<?xml version='1.0' encoding='latin1'?><a>", "unsupported-encoding"),
    "XML 1.1": (b"<?xml version='1.1'?><a>", "bad-format"),
    "not standalone": (b"<?xml version='1.0' standalone='no'?><a>", "restricted-xml"),
    "comment": (b"<!-- -->", "restricted-xml"),
    "instruction": (b"<?x y?>", "restricted-xml"),
    "doctype": (b"<!DOCTYPE stream>", "restricted-xml"),
    "junk": (b"GET / HTTP/1.1\r\n", "not-well-formed"),
    "no namespace": (b"<stream:stream>", "bad-namespace-prefix"),
    "another namespace": (b"<stream:stream xmlns:stream='urn:x'>", "invalid-namespace"),
    "another prefix": (
        b"<x:stream xmlns:x='http://etherx.jabber.org/streams' xmlns='jabber:client'>",
        "bad-namespace-prefix",
    ),
    "another element": (b"<stream:x xmlns:stream='http://etherx.jabber.org/streams'>", "bad-format"),
    "another content": (_STREAM + b"xmlns='jabber:server'>", "invalid-namespace"),
    "no version": (_STREAM + b"xmlns='jabber:client' version='one'>", "unsupported-version"),
    "duplicate": (_STREAM + b"xmlns='jabber:client' to='a' to='a'>", "not-well-formed"),
    "unbound prefix": (_STREAM + b"xmlns='jabber:client' x:y=''>", "bad-namespace-prefix"),
    "bad UTF-8": (_STREAM + b"xmlns='jabber:client' id='\xff'>", "unsupported-encoding"),
    "entity": (_STREAM + b"xmlns='jabber:client' id='&x;'>", "restricted-xml"),
    "oversize": (_STREAM + b"id='" + b"x" * 9000, "policy-violation"),
    "a stanza": (b"<message xmlns='jabber:client'/>", "invalid-namespace"),
}
"""What arrives in place of a stream header, and the condition it earns."""


@dataclass(frozen=True)
class Attack:
    """One attack in one stage."""

    name: str
    stage: str
    scenario: Scenario
    condition: str


def _attacks() -> list[Attack]:
    found = []
    for stage in stages():
        for name, (octets, condition) in (HEADERS if stage.name in HEADERS_OPEN else HOSTILE).items():
            if name == "server stanza" and not stage.open and "features" not in stage.name:
                condition = "invalid-namespace"
            acts = (Receive(octets), Receive(b"<a/></stream:stream>"))
            found.append(Attack(name, stage.name, scenario(stage, *acts, name=name, limits=Limits()), condition))
    return found


ATTACKS = _attacks()
SCENARIOS = tuple(attack.scenario for attack in ATTACKS)
