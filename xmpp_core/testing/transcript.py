"""A connection on record: what came, what was done, what it said and made of it; and playing it again.

A transcript is lines of text that people read and version control compares. What authenticates
somebody is cut out before anything is kept. The exchanges that need it are not played again: there
the connection goes on from a snapshot, which holds no secret either.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar
from xml.etree.ElementTree import Element

from ..errors import XMPPError
from ..features.logins import Authenticated
from ..limits import XMLLimits
from ..namespaces import CLIENT
from ..stanza import Stanza
from ..stanza.check import VIEWS
from ..stream.conditions import StreamError
from ..stream.connection import Connection
from ..stream.context import TlsInfo
from ..stream.events import Event, FeaturesOffered, Question, StanzaRejected
from ..stream.prepared import Prepared
from ..stream.session import ResumableSession
from ..stream.setup import Config, StreamSetup
from ..stream.trace import CUT, without_secrets
from ..xml.parser import XMLStreamParser
from ..xml.writer import write
from .description import describe

__all__ = ["Entry", "Recorder", "Transcript", "TranscriptError", "TranscriptMismatch", "replay"]

A = TypeVar("A")
_TITLE: Final = "xmpp transcript 1"
_INPUTS: Final = frozenset({"start", "received", "eof", "send", "answer", "close", "deadline", "resumed from"})
_KINDS: Final = _INPUTS | {"sent", "event"}
_HEADER: Final = b"<stream:stream xmlns:stream='http://etherx.jabber.org/streams' xmlns='jabber:client'>"
_BEGIN: Final = (
    rb"<(?:[\w.-]+:)?(?:auth|response|challenge|success|initial-response|additional-data|password|digest|hash|salt"
    rb"|secret|token|handshake)"
)
_BEGUN: Final = re.compile(_BEGIN + rb"[\s>]")
_SECRET: Final = re.compile(
    rb"(" + _BEGIN + rb"(?:\s(?:[^<>\"']|\"[^\"<]*\"|'[^'<]*')*)?>)([^<\s][^<]*)"
    rb"|(\stoken=)('[^'<]*'|\"[^\"<]*\")"
)


class TranscriptError(XMPPError, ValueError):
    """The text is no transcript, or it cannot be played again as asked."""


class TranscriptMismatch(XMPPError, AssertionError):
    """A connection does not do what the transcript says; the message tells the first difference."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing on record.

    `at` is in seconds. `what` is "start", "received", "eof", "send", "answer", "close", "deadline" or
    "resumed from" for what was done with the connection, "sent" or "event" for what it did.
    """

    at: float
    what: str
    text: str = ""

    def __str__(self) -> str:
        return f"{self.at:.3f} {self.what}" + (f": {self.text}" if self.text else "")

    @property
    def octets(self) -> bytes:
        """What `text` stands for in an entry that was "sent" or "received"."""
        return _octets(self.text)


@dataclass(frozen=True, slots=True)
class Transcript:
    """What happened to one connection, in order."""

    entries: tuple[Entry, ...]

    def dumps(self) -> str:
        """Give it as text, one line an entry; `loads` reads it back."""
        return "\n".join((_TITLE, *map(str, self.entries))) + "\n"

    @classmethod
    def loads(cls, text: str) -> Transcript:
        """Read a transcript; raises `TranscriptError` naming the line that is none."""
        title, *lines = text.splitlines() or [""]
        if title != _TITLE:
            raise TranscriptError(f"line 1: a transcript begins with {_TITLE!r}")
        entries = []
        for number, line in enumerate(lines, 2):
            if not line or line.startswith("#"):
                continue
            found = re.fullmatch(r"(\d+\.\d{3}) ([a-z ]+)(?:: (.*))?", line)
            if found is None or found[2] not in _KINDS:
                raise TranscriptError(f"line {number}: not 'SECONDS WHAT: TEXT'")
            entries.append(Entry(float(found[1]), found[2], found[3] or ""))
        return cls(tuple(entries))


def _escaped(octets: bytes) -> str:
    """Give octets as one line of text, so that reading it back gives the same octets."""
    text = octets.decode("utf-8", "surrogateescape").replace("\\", "\\\\")
    return "".join(
        f"\\x{ord(one) & 0xFF:02x}"
        if "\udc80" <= one <= "\udcff" or one < " "
        else f"\\u{ord(one):04x}"
        if one in "\x85\u2028\u2029\x7f" or "\x80" <= one < "\xa0"
        else one
        for one in text
    )


def _octets(text: str) -> bytes:
    parts = re.split(r"\\(\\|x[0-9a-f]{2}|u[0-9a-f]{4})", text)
    found = bytearray(parts[0].encode())
    for mark, rest in zip(parts[1::2], parts[2::2], strict=True):
        if mark == "\\":
            found += b"\\"
        else:
            found += (
                bytes([int(mark[1:], 16)])
                if mark[0] == "x"
                else chr(int(mark[1:], 16)).encode("utf-8", "surrogatepass")
            )
        found += rest.encode()
    return bytes(found)


class _Cutter:
    """Cuts secrets out of one direction; holds back what may become one."""

    def __init__(self, *, keep: bool = False) -> None:
        self._keep = keep
        self._held = b""

    def cut(self, octets: bytes) -> bytes:
        """Give what may be kept so far."""
        whole = self._held + octets
        end = len(whole)
        last = whole.rfind(b"<")
        if last >= 0 and (b">" not in whole[last:] or _BEGUN.match(whole, last)) and not whole.endswith(b"/>"):
            end = last
        self._held = whole[end:]
        return self._clean(whole[:end])

    @property
    def holds(self) -> bool:
        """Whether something is held back."""
        return bool(self._held)

    def rest(self) -> bytes:
        """Give what is left when nothing more comes."""
        whole, self._held = self._held, b""
        return self._clean(whole)

    def _clean(self, octets: bytes) -> bytes:
        if self._keep:
            return octets
        mark = CUT.encode()
        return _SECRET.sub(lambda found: found[1] + mark if found[1] else found[3] + b"'" + mark + b"'", octets)


class _Counted:
    """A configuration whose draws of entropy are counted, so that a replay makes the same; set up once."""

    def __init__(self, config: Config) -> None:
        self._setup: StreamSetup | None = None
        self._config = config
        self.drawn: list[int] = []

    def setup(self) -> StreamSetup:
        if self._setup is None:
            setup = self._config.setup()

            def entropy(octets: int) -> bytes:
                self.drawn.append(octets)
                return setup.entropy(octets)

            self._setup = replace(setup, entropy=entropy)
        return self._setup


class Recorder(Connection):
    """A connection that keeps a record of itself; `transcript` gives it at any time.

    Use it wherever a `Connection` is used. Commands of extensions are not recorded. With
    `insecure_keep_secrets` nothing is cut: for exchanges with made-up credentials, which then are
    played again too.
    """

    def __init__(self, config: Config, *, insecure_keep_secrets: bool = False) -> None:
        counted = _Counted(config)
        super().__init__(counted)
        self._drawn = counted.drawn
        self._entries: list[Entry] = []
        self._keep = insecure_keep_secrets
        self._resumable = False
        """Whether a snapshot is due: what was cut out before it will not be missed."""
        self._in, self._told = _Cutter(keep=self._keep), _Cutter(keep=self._keep)

    @property
    def transcript(self) -> Transcript:
        """What happened so far. A tag that is not whole yet is left out."""
        return Transcript(tuple(self._entries))

    def _note(self, what: str, text: str = "") -> None:
        self._entries.append(Entry(round(self._now, 3), what, text))

    def _note_octets(self, what: str, octets: bytes) -> None:
        if octets:
            self._note(what, _escaped(octets))

    def start(self, now: float, tls: TlsInfo | None = None, resume: ResumableSession | None = None) -> None:
        """As `Connection.start`."""
        super().start(now, tls, resume)
        self._note("start", "with TLS" if tls is not None else "")

    def receive_data(self, data: bytes, now: float) -> None:
        """As `Connection.receive_data`."""
        was_closed = self.closed
        super().receive_data(data, now)
        if data and not was_closed:
            self._note_octets("received", self._in.cut(data))

    def receive_eof(self, now: float) -> None:
        """As `Connection.receive_eof`."""
        super().receive_eof(now)
        self._note_octets("received", self._in.rest())
        self._note("eof")

    def next_event(self) -> Event | Stanza | None:
        """As `Connection.next_event`."""
        event = super().next_event()
        if event is not None:
            if self.closed:
                self._note_octets("received", self._in.rest())
            self._note("event", _shown(event))
            self._resumable = self._resumable or (isinstance(event, Authenticated) and not self._keep)
        else:
            self._note_snapshot()
        return event

    def _note_snapshot(self) -> None:
        """Keep a snapshot where one is due, and nothing is on its way that would be left out of it."""
        on_its_way = self._in.holds or self._parser.has_unread or self._out.proves
        if self._resumable and self._waiting is None and not on_its_way and not self._ready:
            self._resumable = False
            kept = {"drawn": self._drawn, "snapshot": base64.b64encode(self.snapshot()).decode()}
            self._note("resumed from", json.dumps(kept))

    def events(self) -> Iterator[Event | Stanza]:
        """As `Connection.events`."""
        while (event := self.next_event()) is not None:
            yield event

    def answer(self, question: Question[A], value: A) -> bool:
        """As `Connection.answer`."""
        taken = super().answer(question, value)
        self._note("answer", type(question).__name__)
        return taken

    def send(self, stanza: Stanza | Prepared) -> None:
        """As `Connection.send`."""
        super().send(stanza)
        octets = stanza.octets_for(CLIENT) if isinstance(stanza, Prepared) else write(stanza.element)
        self._note_octets("send", self._clean(octets))

    def close(self, error: StreamError | None = None) -> None:
        """As `Connection.close`."""
        super().close(error)
        self._note("close", "" if error is None else _escaped(write(error.element())))

    def handle_deadline(self, now: float) -> None:
        """As `Connection.handle_deadline`."""
        super().handle_deadline(now)
        self._note("deadline")

    def data_to_send(self, now: float) -> bytes:
        """As `Connection.data_to_send`."""
        octets = super().data_to_send(now)
        self._note_octets("sent", self._told.cut(octets))
        if self.closed:
            self._note_octets("sent", self._told.rest())
        self._note_snapshot()
        return octets

    def _clean(self, octets: bytes) -> bytes:
        cutter = _Cutter(keep=self._keep)
        return cutter.cut(octets) + cutter.rest()


def _shown(event: Event | Stanza) -> str:
    if isinstance(event, Stanza):
        event = event.view(without_secrets(event.element))
    elif isinstance(event, FeaturesOffered | StanzaRejected):
        event = replace(event, element=without_secrets(event.element))
    return json.dumps(describe(event), ensure_ascii=True, separators=(",", ":"))


def replay(
    transcript: Transcript,
    config: Config,
    *,
    answers: Mapping[type[Question[Any]], Callable[[Any], Any]] | None = None,
    tls: TlsInfo | None = None,
) -> Connection:
    """Play a transcript again on a new connection and give the connection at its end.

    `config` must draw the same entropy as the recorded one did; `answers` answer the questions that
    were answered; `tls` stands for TLS that was in place at the start. Events must come in the same
    order and say the same, and the same octets must leave. Raises `TranscriptMismatch` at the first
    difference, and `TranscriptError` for a transcript that cannot be played again: something was cut
    out of it and authentication never succeeded.
    """
    entries = list(transcript.entries)
    player = _Player(config, answers or {}, tls, cut=any(CUT in entry.text for entry in entries))
    while entries:
        entry = entries.pop(0)
        if entry.what == "received" and CUT in entry.text:
            later = next((number for number, one in enumerate(entries) if one.what == "resumed from"), None)
            if later is None and _SASL in entry.text:
                raise TranscriptError("what authenticates was cut out, and no authentication succeeded")
            if later is not None:
                entry = entries[later]
                del entries[: later + 1]
        player.play(entry)
    player.finish()
    return player.connection


_SASL: Final = "urn:ietf:params:xml:ns:xmpp-sasl"


class _Player:
    def __init__(
        self,
        config: Config,
        answers: Mapping[type[Question[Any]], Callable[[Any], Any]],
        tls: TlsInfo | None,
        *,
        cut: bool,
    ) -> None:
        self._config = _Counted(config)
        self._answers = answers
        self._tls = tls
        self.connection: Connection = Connection(self._config)
        self._asked: Question[Any] | None = None
        self._wanted: list[tuple[float, str]] = []
        self._given: list[str] = []
        self._wanted_octets = bytearray()
        self._octets = bytearray()
        self._cutter = _Cutter(keep=not cut)

    def play(self, entry: Entry) -> None:
        connection, now = self.connection, entry.at
        if entry.what == "event":
            self._wanted.append((entry.at, entry.text))
        elif entry.what == "sent":
            self._wanted_octets += _octets(entry.text)
        elif entry.what == "resumed from":
            self._compare()
            self._resume(entry)
            return
        elif entry.what == "start":
            connection.start(now, tls=self._tls if entry.text else None)
        elif entry.what == "received":
            if not connection.closed:
                connection.receive_data(_octets(entry.text), now)
        elif entry.what == "eof":
            connection.receive_eof(now)
        elif entry.what == "deadline":
            connection.handle_deadline(now)
        elif entry.what == "close":
            connection.close(StreamError.read(_element(entry)) if entry.text else None)
        elif entry.what == "send":
            element = _element(entry)
            connection.send(VIEWS[element.tag].view(element))
        else:
            self._answer(entry)
        self._pump(now)

    def _pump(self, now: float) -> None:
        for event in self.connection.events():
            if isinstance(event, Question):
                self._asked = event
            self._given.append(_shown(event))
        self._octets += self._cutter.cut(self.connection.data_to_send(now))

    def _answer(self, entry: Entry) -> None:
        question, self._asked = self._asked, None
        if question is None or type(question).__name__ != entry.text:
            raise TranscriptMismatch(f"at {entry.at:.3f}: {entry.text} was answered, and is not asked now")
        if type(question) not in self._answers:
            raise TranscriptError(f"{entry.text} was answered: its answer is needed")
        self.connection.answer(question, self._answers[type(question)](question))

    def _resume(self, entry: Entry) -> None:
        kept = json.loads(entry.text)
        self.connection = Connection.restore(self._config, base64.b64decode(kept["snapshot"]))
        for octets in kept["drawn"][len(self._config.drawn) :]:
            self._config.setup().entropy(octets)
        self._pump(entry.at)

    def finish(self) -> None:
        if self.connection.closed:
            self._octets += self._cutter.rest()
        self._compare()

    def _compare(self) -> None:
        for (at, wanted), given in zip(self._wanted, self._given, strict=False):
            if wanted != given:
                raise TranscriptMismatch(f"at {at:.3f}: another event:\n  {wanted}\nis on record, but now\n  {given}")
        if len(self._wanted) != len(self._given):
            more = self._wanted[len(self._given) :] or self._given[len(self._wanted) :]
            where = "on record only" if len(self._wanted) > len(self._given) else "not on record"
            raise TranscriptMismatch(f"events that are {where}: {more}")
        if self._wanted_octets != self._octets:
            pairs = zip(self._wanted_octets, self._octets, strict=False)
            same = next((place for place, (one, other) in enumerate(pairs) if one != other), None)
            place = min(len(self._wanted_octets), len(self._octets)) if same is None else same
            begin = max(0, place - 40)
            raise TranscriptMismatch(
                f"other octets from {place} on:\n  ...{bytes(self._wanted_octets[begin : place + 80])!r}\n"
                f"is on record, but now\n  ...{bytes(self._octets[begin : place + 80])!r}"
            )
        self._wanted.clear()
        self._given.clear()
        self._wanted_octets.clear()
        self._octets.clear()


def _element(entry: Entry) -> Element:
    parser = XMLStreamParser(XMLLimits(stanza_bytes=1 << 30, nodes=1 << 30, children=1 << 30))
    parser.receive(_HEADER + _octets(entry.text))
    parser.next()
    item = parser.next()
    if not isinstance(item, Element):
        raise TranscriptError(f"no stanza: {entry}")
    return item
