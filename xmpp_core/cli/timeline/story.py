"""What was said, explained: rows with meaning, section and the state that is reached, warnings, a summary."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final
from xml.etree.ElementTree import Element

from ...namespaces import SASL, SESSION, STREAM, TLS
from ...stream.context import Side
from ...stream.trace import without_secrets
from ...xml.names import pretty, split
from ...xml.parser import Failure, RootEnd, RootStart
from ..meanings import HEADER, STREAM_END, Meaning, meaning_of
from . import stanzas
from .direction import Encrypted, header_fault
from .notes import ENDS, note
from .row import NAMES, Level, Row, Summary
from .sources import Noted, Source, Spoken

__all__ = ["Story"]

_SASL2: Final = "urn:xmpp:sasl:2"
_BEGINNINGS: Final = frozenset({f"{{{SASL}}}auth", f"{{{_SASL2}}}authenticate"})
_SUCCESSES: Final = frozenset({f"{{{SASL}}}success", f"{{{_SASL2}}}success"})
_REFUSALS: Final = frozenset({f"{{{SASL}}}failure", f"{{{_SASL2}}}failure"})
_SCRAM_STEPS: Final = frozenset({f"{{{SASL}}}challenge", f"{{{SASL}}}response"})
_OTHER: Final = {Side.INITIATING: Side.RECEIVING, Side.RECEIVING: Side.INITIATING}
# Requests that are remembered until they are answered; a record may hold any number.
_MOST_REQUESTS: Final = 10_000


class Story:
    """Goes through what happened once; `rows` tells it and fills `summary`."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.summary = Summary(recorded_by=source.recorded_by)
        self._secure = False
        self._upgrading = False
        self._offered: list[str] = []
        self._mechanism = ""
        self._requests: dict[tuple[Side, str], tuple[float | None, Meaning]] = {}
        self._headers = 0
        self._closed: list[Side] = []
        self._told = False
        """Whether the record itself told how it ended."""

    def rows(self) -> Iterator[Row]:
        """Tell it."""
        summary = self.summary
        for happened in self._source.happened:
            at = happened.at
            if at is not None:
                summary.began = at if summary.began is None else summary.began
                summary.ended = at
            for row in self._spoken(happened) if isinstance(happened, Spoken) else self._noted(happened):
                summary.warnings += row.level is Level.WARNING
                summary.errors += row.level is Level.ERROR
                if row.state:
                    summary.states.append(row.state)
                yield row
        for side in sorted(self._source.sides, key=list(Side).index):
            direction = self._source.directions[side]
            summary.octets[side] = direction.octets
            if direction.unread and not direction.ended:
                yield self._rest(side, direction.unread)
        if len(self._source.sides) > 1:
            summary.unanswered = len(self._requests)
        self._conclude()

    def _rest(self, side: Side, unread: int) -> Row:
        self.summary.errors += 1
        words = f"the record ends within something: {unread} octets are left"
        return Row(self.summary.ended, side, words, level=Level.ERROR)

    def _conclude(self) -> None:
        summary, names, heard = self.summary, self.summary.names, self._source.sides
        if summary.errors:
            summary.good = False
        if self._told:
            return
        if summary.errors:
            summary.end = "ended by an error" if self._closed else "broken off"
        elif heard <= set(self._closed):
            summary.end = "closed by both sides" if len(heard) > 1 else f"closed by the {names[self._closed[0]]}"
            summary.good = True
        elif self._closed:
            other = names[_OTHER[self._closed[0]]]
            summary.end = f"closed by the {names[self._closed[0]]}; the closing tag of the {other} is not on record"

    # What else is on record.

    def _noted(self, noted: Noted) -> Iterator[Row]:
        if noted.what == "start with TLS":
            self._secure = True
        row = note(noted)
        if row is None:
            return
        if noted.what in ENDS:
            self._told = True
            self.summary.end = row.words
            self.summary.good = noted.what == "Closed" and bool(noted.data.get("clean", True))
        yield row

    # What was said.

    def _spoken(self, spoken: Spoken) -> Iterator[Row]:
        said = spoken.said
        row = Row(spoken.at, spoken.side, "")
        if isinstance(said, RootStart):
            yield from self._header(row, said, spoken.base)
        elif isinstance(said, RootEnd):
            self._closed.append(spoken.side)
            state = "closing" if len(self._closed) < len(self._source.sides) else "closed"
            yield replace(row, words=STREAM_END.words, section=STREAM_END.section, text="</stream:stream>", state=state)
        elif isinstance(said, Failure):
            yield replace(
                row,
                words=f"breaks a rule, which earns <{said.condition}/>: {said.reason}",
                section=said.section,
                level=Level.ERROR,
                position=spoken.base + said.position,
            )
        elif isinstance(said, Encrypted):
            self.summary.end = "encrypted before its end"
            self._told = True
            words = f"speaks TLS from here on: {said.octets} octets cannot be read; record inside TLS to see more"
            yield replace(row, words=words, section="RFC 6120 section 5.4.3", state="TLS in place")
        elif stanzas.is_stanza(said.tag):
            yield from self._stanza(replace(row, text=shown(said), element=said.tag), said)
        else:
            yield from self._negotiation(replace(row, text=shown(said), element=said.tag), said)

    def _header(self, row: Row, root: RootStart, base: int) -> Iterator[Row]:
        attributes, state = root.attributes, ""
        if not self._headers:
            self.summary.names = NAMES.get(root.namespaces.get(None, ""), self.summary.names)
        self._headers += 1
        if self._upgrading:
            self._upgrading, self._secure, state = False, True, "TLS in place"
        whom = f" to {attributes['to']}" if row.side is Side.INITIATING and "to" in attributes else ""
        text = "<stream:stream " + " ".join(f"{name}={value!r}" for name, value in attributes.items()) + ">"
        yield replace(row, words=HEADER.words + whom, section=HEADER.section, text=text, state=state, element=root.tag)
        fault = header_fault(root)
        if fault is not None:
            words = f"the header earns <{fault.condition}/>: {fault.reason}"
            yield replace(row, words=words, section=fault.section, level=Level.ERROR, position=base)
        elif "version" not in attributes:
            words = "no version: a peer from before XMPP 1.0, with neither features nor SASL"
            yield warning(row, words, "RFC 6120 section 4.7.5")

    def _negotiation(self, row: Row, element: Element) -> Iterator[Row]:
        meaning = meaning_of(element.tag) or Meaning(f"says {element.tag}, which is not known here", "")
        words, section, state, level = meaning.words, meaning.section, "", Level.PLAIN
        tag = element.tag
        if tag == f"{{{STREAM}}}features":
            words = f"offers {stanzas.features(element)}"
            self._offered = stanzas.mechanisms(element) or self._offered
        elif tag == f"{{{STREAM}}}error":
            fault = stanzas.stream_error(element)
            words, section, level = f"{words}: {fault.words}", fault.section, Level.ERROR
        elif tag == f"{{{TLS}}}proceed":
            self._upgrading = True
        elif tag in _BEGINNINGS:
            self._mechanism = element.get("mechanism", "")
            words += f" by {self._mechanism}"
        elif tag in _SCRAM_STEPS and self._mechanism.startswith("SCRAM-"):
            section += ", RFC 5802"
        elif tag in _SUCCESSES:
            level, state = Level.GOOD, f"authenticated by {self._mechanism}" if self._mechanism else "authenticated"
        elif tag in _REFUSALS:
            conditions = [split(child.tag)[1] for child in element if split(child.tag)[1] != "text"]
            words, level = f"{words}: <{' '.join(conditions) or 'no condition'}/>", Level.WARNING
        elif split(tag)[1] in ("enabled", "resumed") and "urn:xmpp:sm:" in tag:
            state = "stream management" if split(tag)[1] == "enabled" else "session resumed"
        yield replace(row, words=words, section=section, state=state, level=level)
        if tag in _BEGINNINGS:
            yield from self._weaknesses(row)
        if tag == f"{{{STREAM}}}features" and self._is_legacy(element):
            words = "the old session request is demanded of every client; newer servers mark it optional"
            yield warning(row, words, "RFC 6121 Appendix E")

    @staticmethod
    def _is_legacy(element: Element) -> bool:
        session = element.find(f"{{{SESSION}}}session")
        return session is not None and session.find(f"{{{SESSION}}}optional") is None

    def _weaknesses(self, row: Row) -> Iterator[Row]:
        """What is weak about the way of authentication."""
        name = self._mechanism
        if not self._secure:
            words = "no TLS on record: unless it was there from the start, all this could be read and changed"
            yield warning(row, words, "RFC 6120 section 13.8.4" if name == "EXTERNAL" else "RFC 6120 section 13.8.3")
        if name in ("PLAIN", "LOGIN"):
            more = "; SCRAM was offered" if any(one.startswith("SCRAM-") for one in self._offered) else ""
            yield warning(row, f"{name} gives the password itself to the server{more}", "RFC 6120 section 13.8.3")
        elif name.startswith("SCRAM-") and not name.endswith("-PLUS") and f"{name}-PLUS" in self._offered:
            yield warning(row, f"{name}-PLUS was offered: it would bind the login to TLS", "RFC 6120 section 13.9.4")
        elif name in ("DIGEST-MD5", "CRAM-MD5"):
            yield warning(
                row, f"{name} is historic and weak", "RFC 6331" if name == "DIGEST-MD5" else "RFC 6120 section 13.8"
            )

    def _stanza(self, row: Row, element: Element) -> Iterator[Row]:
        side, kind = row.side, split(element.tag)[1]
        assert side is not None
        meaning, error, state = stanzas.stanza(element), stanzas.stanza_error(element), ""
        self.summary.stanzas[side][kind] += 1
        self.summary.payloads.update(stanzas.counted_as(one) for one in stanzas.payloads(element))
        if kind == "iq":
            meaning, state = self._iq(row, element, meaning)
        level = Level.GOOD if state else Level.PLAIN
        if error is not None:
            meaning = Meaning(f"{meaning.words}: <{error.words}/>", error.section)
            level = Level.WARNING
        yield replace(row, words=meaning.words, section=meaning.section, state=state, level=level)
        for one in stanzas.payloads(element):
            if one.section == "XEP-0078" and element.get("type") == "set":
                yield warning(row, "the login of before XMPP 1.0; SASL replaced it", "XEP-0078")

    def _iq(self, row: Row, element: Element, meaning: Meaning) -> tuple[Meaning, str]:
        """Remember a request; join an answer to its request."""
        side, id = row.side, element.get("id", "")
        assert side is not None
        if element.get("type") in ("get", "set"):
            if len(self._requests) < _MOST_REQUESTS:
                self._requests[side, id] = row.at, meaning
            return meaning, ""
        asked = self._requests.pop((_OTHER[side], id), None)
        if asked is not None:
            at, request = asked
            after = "" if at is None or row.at is None else f", after {row.at - at:.3f} s"
            subject = request.words.partition(": ")[2] or request.words
            meaning = Meaning(f"iq {element.get('type')}: answer to {subject}{after}", request.section)
        jid = stanzas.bound(element)
        return meaning, f"bound as {jid}" if jid else ""


def warning(row: Row, words: str, section: str) -> Row:
    """Give a row that warns, at the time of another."""
    return Row(row.at, None, words, section, level=Level.WARNING)


def shown(element: Element) -> str:
    """Give an element as one line of text, secrets cut."""
    return pretty(without_secrets(element))
