"""The table of meanings against the texts it cites."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import pytest

from xmpp_core.cli.meanings import ELEMENTS, HEADER, PAYLOADS, STREAM_END, meaning_of, meaning_of_text, payload_of
from xmpp_core.cli.timeline.notes import _NOTES
from xmpp_core.cli.timeline.stanzas import _PRESENCE


@cache
def headings(rfc: Path) -> set[str]:
    """The numbers of the sections of an RFC."""
    return {
        found.rstrip(".")
        for found in re.findall(r"^ {0,3}(?:Appendix )?([A-Z0-9][0-9.]*)\.? +\S", rfc.read_text(), re.M)
    }


def check(section: str, specs: Path) -> None:
    for part in section.split(", "):
        found = re.fullmatch(r"RFC (\d+)(?: (?:section|Appendix) ([A-Z0-9.]+))?", part)
        if found is None:
            assert re.fullmatch(r"XEP-\d{4}", part), part
            continue
        (rfc,) = (specs / "rfc").glob(f"rfc{found[1]}*.txt")
        assert found[2] is None or found[2] in headings(rfc), part


def test_every_section_cited_exists(shared: Path) -> None:
    specs = shared / "specs"
    meanings = [*ELEMENTS.values(), *PAYLOADS.values(), *_PRESENCE.values(), HEADER, STREAM_END]
    for section in {*(one.section for one in meanings), *(section for _, section, _ in _NOTES.values() if section)}:
        check(section, specs)


def test_the_warnings_cite_sections_that_exist(shared: Path) -> None:
    text = (Path(__file__).parents[3] / "xmpp_core" / "cli" / "timeline" / "story.py").read_text()
    cited = set(re.findall(r"\"(RFC \d+(?: (?:section|Appendix) [A-Z0-9.]+)?|XEP-\d{4})\"", text))
    assert len(cited) >= 6
    for section in cited:
        check(section, shared / "specs")


def test_xeps_are_named_by_their_titles_and_have_the_namespace(shared: Path) -> None:
    users = json.loads((shared / "specs" / "tables" / "xep-namespaces.json").read_text())
    checked = 0
    for namespace, meaning in PAYLOADS.items():
        if not meaning.section.startswith("XEP-"):
            continue
        text = (shared / "specs" / "xep" / f"xep-{meaning.section[4:]}.txt").read_text()
        title = text.splitlines()[0].removeprefix(f"{meaning.section}: ")
        assert meaning.words == title, namespace
        assert namespace in text or meaning.section[4:] in users.get(namespace, ()), namespace
        checked += 1
    assert checked > 80


def test_a_stanza_means_the_same_in_every_content_namespace() -> None:
    assert meaning_of("{jabber:server}message") == meaning_of("{jabber:client}message")
    assert meaning_of("{jabber:component:accept}iq") == meaning_of("{jabber:client}iq")
    own = meaning_of("{jabber:component:accept}handshake")
    assert own is not None
    assert own.section == "XEP-0114"
    assert meaning_of("{urn:none}message") is None


def test_another_version_of_a_namespace_is_known_too() -> None:
    for tag in ("{urn:xmpp:mam:1}query", "{urn:xmpp:mam:2#extended}x"):
        found = payload_of(tag)
        assert found is not None
        assert found.section == "XEP-0313"
    assert payload_of("{urn:none:1}x") is None
    assert payload_of("x") is None


@pytest.mark.parametrize(
    ("text", "section"),
    [
        ("</stream:stream>", "RFC 6120 section 4.4"),
        ("<?xml version='1.0'?><stream:stream>", "RFC 6120 section 4.2"),
        ("<iq xmlns='jabber:client'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>", "RFC 6120 section 7"),
        ("<message xmlns='jabber:client'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>", "RFC 6121 section 5"),
        ("<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>", "RFC 6120 section 5.4.2.2"),
        ("<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>", "RFC 6120 section 6.4.5"),
        ("<x/>", ""),
        ("", ""),
    ],
)
def test_a_line_of_a_trace_has_its_section(text: str, section: str) -> None:
    assert meaning_of_text(text).section == section
