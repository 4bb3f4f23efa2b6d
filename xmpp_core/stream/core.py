"""What a connection is made of, and how it ends: state, time, addresses, goodbyes.

`Engine` carries out what is received on top of this; `Connection` is the face for the host.
"""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import Any
from xml.etree.ElementTree import Element

from ..entropy import token
from ..jid import JID
from ..stanza import Stanza
from ..xml.parser import Item
from .announced import PeerLimits
from .conditions import CONDITIONS, StreamError
from .context import Milestone, Side, StreamContext, TlsInfo
from .events import (
    Cause,
    Closed,
    Event,
    Question,
    Retry,
    StreamFailed,
)
from .extension import Installed
from .feature import StreamFeature
from .gate import Gate
from .header import OUR_VERSION, Header, agreed_version
from .outgoing import Outgoing
from .session import ResumableSession
from .setup import Ack, StreamSetup
from .state import StreamState, Turn, next_state
from .timers import Timer, Timers
from .trace import TraceRecord
from .words import agreed_lang

__all__ = ["Core"]


class Core:
    """The state of one connection, and its end."""

    def __init__(self, setup: StreamSetup) -> None:
        self._setup = setup
        self._state = StreamState.UNSTARTED
        self._running = False
        """Whether the stream was started and has not ended."""
        self._parser = setup.framing.parser(setup.limits.xml(authenticated=False))
        self._out = Outgoing(setup.framing, setup.kind, setup.trace)
        self._most_unsent = setup.limits.unsent
        self._gate = Gate(setup.side, setup.kind)
        self._plain = self._gate.plain and setup.trace is None
        """Whether stanzas of the open stream need no look at one another: many may be taken at once."""
        self._timers = Timers()
        self._ready: deque[Event | Stanza] = deque()
        """Events made and not yet asked for."""
        self._batch: deque[Item] = deque()
        """Items the parser gave and nobody has looked at."""
        self._now = 0.0
        self._heard = 0.0
        self._spoken = 0.0
        self._asked_for_life = False
        self._end_of_data = False
        self._unlooked = False
        """Whether the parser may hold what `take` has not given: one call gives all."""
        self._was_open = False
        self._waiting: Question[Any] | None = None
        self._withdrawn: Question[Any] | None = None
        self._exclusive = False
        self._active: StreamFeature | None = None
        self._states: dict[str, object] = {}
        self._negotiated: set[str] = set()
        self._announced: Element | None = None
        self._peer_limits = PeerLimits()
        self._milestones = Milestone.NONE
        self._left: tuple[Milestone | None, list[StreamFeature]] = None, []
        """The features that may still take a stanza of the open stream, and with which milestones that was found."""
        self._tls: TlsInfo | None = None
        self._domain: JID | None = setup.domain
        self._local: JID | None = None
        self._peer: JID | None = None
        self._peer_header: Header | None = None
        self._resume: ResumableSession | None = None
        self._resumed = False
        self._installed: list[Installed] = []
        self._counting = False
        """Whether an installed extension counts stanzas."""
        self._numbering = setup.ack is Ack.EXPLICIT
        """Whether each stanza delivered is numbered: somebody will say that it was handled."""
        self._delivered = 0
        """How many stanzas were numbered: the last one's number."""
        self._handled = 0
        """The number of the last one that counts as handled."""

    # What a feature may see.

    def _context(self) -> StreamContext:
        return StreamContext(
            side=self._setup.side,
            kind=self._setup.kind,
            milestones=self._milestones,
            tls=self._tls,
            domain=self._domain,
            local=self._local or self._setup.account,
            peer=self._peer,
            header=self._out.header,
            peer_header=self._peer_header,
            limits=self._setup.limits,
            entropy=self._setup.entropy,
            now=self._now,
            resume=self._resume,
        )

    def _turn(self, turn: Turn) -> None:
        state = next_state(self._state, turn)
        if state is None:
            raise AssertionError(f"no transition from {self._state} by {turn}")
        if self._setup.trace is not None:
            self._setup.trace(TraceRecord("state", f"{self._state.value} -> {state.value} ({turn.value})"))
        self._enter(state)

    def _enter(self, state: StreamState) -> None:
        self._state = state
        self._running = state is not StreamState.UNSTARTED and state is not StreamState.ENDED

    def _send_response_header(self) -> None:
        peer = self._peer_header
        self._out.open(
            Header(
                to=peer.from_ if peer is not None else None,
                from_=self._domain,
                id=token(self._setup.entropy),
                version=agreed_version(peer.version) if peer is not None else OUR_VERSION,
                lang=agreed_lang(None if peer is None else peer.lang, self._setup.words, self._setup.lang),
            )
        )

    def _send_initial_header(self) -> None:
        self._out.open(
            Header(
                to=self._domain,
                from_=self._setup.account if Milestone.SECURE in self._milestones else None,
                version=OUR_VERSION,
                lang=self._setup.lang,
            )
        )

    # Ends.

    @property
    def _other_side(self) -> Side:
        return Side.RECEIVING if self._setup.side is Side.INITIATING else Side.INITIATING

    def _fail(
        self,
        cause: Cause,
        detail: str,
        condition: str | None = None,
        section: str | None = None,
        *,
        error: StreamError | None = None,
        silent: bool = False,
        local: bool = True,
        retry: Retry | None = None,
        position: int | None = None,
        text: str | None = None,
    ) -> None:
        """Say goodbye as RFC 6120 section 4.9.1 asks, then end. `silent`: not one more octet."""
        if condition is not None and error is None:
            text_for_people, lang = self._words(condition)
            error = StreamError(condition, text_for_people, lang)
        if silent:
            if cause is not Cause.END_OF_DATA:
                self._out.drop()
            self._out.closed = True
        elif not self._out.closed:
            if error is not None:
                if self._out.header is None:
                    # Section 4.9.1.2: an error during setup still needs our opening tag. Who initiates sent it first.
                    self._name_a_host()
                    self._send_response_header()
                self._out.element(error.element())
            self._out.close()
        if retry is None:
            retry = CONDITIONS[error.condition].retry if error is not None else Retry.LATER
        self._end(
            StreamFailed(
                cause,
                detail,
                condition=error.condition if error is not None else None,
                local=local,
                section=section,
                retry=retry,
                position=position,
                text=text,
            )
        )

    def _words(self, condition: str) -> tuple[str | None, str | None]:
        """What people are told, with its language where that is not the stream's own."""
        words, header = self._setup.words, self._out.header
        if words is None or self._setup.side is Side.INITIATING:
            return None, None
        peer = None if self._peer_header is None else self._peer_header.lang
        lang = header.lang if header is not None and header.lang else agreed_lang(peer, words, self._setup.lang)
        text = words.text(condition, lang)
        return text, None if text is None else lang

    def _name_a_host(self) -> None:
        """Section 4.9.1.3: `from` is a host of ours, whatever was asked for."""
        if self._domain is None and self._setup.domains:
            self._domain = min(self._setup.domains)

    def _withdraw(self) -> None:
        """Take the question back that waits; a host that was not asked yet never hears of it."""
        question = self._waiting
        if question is None:
            return
        self._withdrawn, self._waiting = question, None
        self._timers.set(Timer.QUESTION, None)
        if question in self._ready:
            self._ready.remove(question)

    def _end(self, event: Closed | StreamFailed) -> None:
        self._turn(Turn.END)
        self._withdraw()
        self._exclusive = False
        self._timers.clear()
        self._batch.clear()
        self._parser.discard()
        if self._installed:
            context = self._context()
            left = tuple(
                element
                for installed in self._installed
                if installed.extension.detach(installed.state, context) is None  # else the session owns them
                for element in installed.extension.unacknowledged(installed.state)
            )
            event = replace(event, unacknowledged=left)
        self._ready.append(event)
