"""What happens inside a connection: received items and steps of features become state, octets, events.

Nothing here is called by a host; `Connection` is the face. The rules live in the tables beside this
file (`state`, `violations`, `negotiator`, `gate`): this module only carries them out, in order.
"""

from __future__ import annotations

from typing import Any, Final
from xml.etree.ElementTree import Element

from ..namespaces import CLIENT, COMPONENT, SERVER, STREAM
from ..stanza import Refusal, admit, refusal_answer
from ..xml.names import split
from ..xml.parser import Failure, Item, RootEnd, RootStart
from .announced import PeerLimits, peer_limits
from .conditions import CONDITIONS, StreamError, redirect_of
from .context import Kind, Milestone, Side, TlsInfo
from .events import (
    Cause,
    Closed,
    FeaturesOffered,
    Host,
    HostSelected,
    HostUnknown,
    Question,
    Retry,
    SessionReady,
    StanzaRejected,
    StreamClosing,
    StreamFailed,
    StreamOpened,
)
from .extension import Installed
from .feature import EarlyFeature, ExclusiveFeature, StreamFeature, WaryFeature
from .gate import Offence
from .header import OUR_VERSION, Header, HeaderFault, judge_header
from .hosting import Hosting
from .negotiator import Begin, Complete, announcement, choose, eligible, owner_of
from .state import StreamState, Turn
from .step import Ask, Done, Refused, Restart, Step
from .timers import Timer
from .trace import TraceRecord, text_of
from .violations import Earns, Input, verdict_on

__all__ = ["Engine"]

_FEATURES = f"{{{STREAM}}}features"
_ERROR = f"{{{STREAM}}}error"
_STANZA_NAMES = frozenset({"message", "presence", "iq"})
_OPEN: Final = StreamState.OPEN
_PEER_CLOSED: Final = StreamState.PEER_CLOSED
_CONTENT_NAMESPACES = frozenset({CLIENT, SERVER, COMPONENT})


class Engine(Hosting):
    """The inside of a `Connection`: what received things and the steps of features do."""

    # Taking items, one by one.

    def _advance(self) -> bool:
        """Look at what was received until there is an event; False when there is none to be had now."""
        ready = self._ready
        while not ready:
            if (
                not self._running
                or (self._waiting is not None and not self._only_its_end_is_left())
                or len(self._out.octets) > self._most_unsent
            ):
                return False
            if self._plain and self._unlooked and self._state is _OPEN and not self._batch:
                # The shortest way: from the parser to the host without a stop. What ends a batch has no way.
                self._unlooked = False
                items = self._parser.take()
                admitted = admit(items, self._gate.ways, ready)
                if admitted != len(items):
                    self._batch.extend(items[admitted:])
            elif not self._interpret():
                return False
        return True

    def _only_its_end_is_left(self) -> bool:
        """Whether of what the transport brought only its end was not interpreted: no question holds that up."""
        return self._end_of_data and not (self._parser.has_unread or self._batch)

    def _interpret(self) -> bool:
        """Look at one more item; False when there is nothing to look at."""
        if self._state is _PEER_CLOSED:
            self._say_goodbye()
            if self._state is _PEER_CLOSED:
                self._end(Closed(self._other_side, local=False))
            return True
        if not self._batch:
            if not self._was_open:
                item = self._parser.next()
                if item is not None:
                    self._batch.append(item)
            elif self._unlooked:
                self._unlooked = False
                self._batch.extend(self._parser.take())
        if self._batch:
            if self._was_open and self._admit_plain():
                return True
            self._take(self._batch.popleft())
            return True
        if self._end_of_data:
            self._take_end_of_data()
            return True
        return False

    def _admit_plain(self) -> bool:
        """Deliver the stanzas at the head of the batch that need no second look; False if there are none.

        This is the way nearly everything comes, so the checks are bound to locals. It stops before
        whatever might send something: what a host sends between two events keeps its place then.
        """
        if self._setup.trace is not None:
            return False
        batch, ready, views, judge = self._batch, self._ready, self._gate.views, self._gate.judge
        if self._plain:
            admitted = admit(batch, self._gate.ways, ready)
            for _ in range(admitted):
                batch.popleft()
            return admitted > 0
        found = False
        context = self._context()
        takers = [one for one in self._voluntary_left() if one.name not in self._negotiated]
        while batch:
            item = batch[0]
            view = views.get(item.tag)
            if view is None or not isinstance(item, Element):
                break
            if any(taker.accepts(item, context) for taker in takers) or judge(item) is not None:
                break
            ready.append(view.view(item))
            batch.popleft()
            found = True
        return found

    def _voluntary_left(self) -> list[StreamFeature]:
        """Give the features that may still take a stanza of the open stream (a receiving entity's session)."""
        if self._setup.side is Side.INITIATING:
            return []
        if self._left[0] is not self._milestones:
            self._left = self._milestones, [one for one in self._setup.features if eligible(one, self._milestones)]
        return self._left[1]

    def _take(self, item: Item) -> None:
        if isinstance(item, Element):
            self._take_element(item)
        elif isinstance(item, RootStart):
            self._take_header(item)
        elif isinstance(item, RootEnd):
            self._take_closing_tag()
        else:
            self._take_failure(item)

    def _take_failure(self, failure: Failure) -> None:
        if verdict_on(self._setup.side, self._state, Input.BROKEN_XML).earns is Earns.END:
            self._end(Closed(self._setup.side, clean=False))
            return
        self._fail(
            Cause.VIOLATION,
            failure.reason,
            condition=failure.condition,
            section=failure.section,
            position=failure.position,
        )

    def _take_end_of_data(self) -> None:
        if self._state is StreamState.CLOSING:
            self._end(Closed(self._setup.side, clean=False))
        else:
            self._fail(
                Cause.END_OF_DATA,
                "the transport ended without a closing tag",
                section="RFC 6120 section 4.6.1",
                silent=True,
                local=False,
                retry=Retry.NOW if self._was_open else Retry.LATER,
            )

    def _take_closing_tag(self) -> None:
        if self._setup.trace is not None:
            self._setup.trace(TraceRecord("received", "</stream:stream>"))
        if self._state is StreamState.CLOSING:
            self._end(Closed(self._setup.side))
        else:
            self._turn(Turn.PEER_CLOSE)
            self._ready.append(StreamClosing())

    # Headers and features.

    def _take_header(self, root: RootStart) -> None:
        if self._setup.trace is not None:
            self._setup.trace(TraceRecord("received", root.source.decode(errors="replace")))
        if self._state is StreamState.CLOSING:
            return
        header = judge_header(root, self._setup.side, self._setup.kind)
        if isinstance(header, HeaderFault):
            self._fail(Cause.VIOLATION, header.reason, condition=header.condition, section=header.section)
            return
        self._peer_header = header
        self._gate.lang = header.lang
        if self._setup.side is Side.INITIATING:
            old = header.version < OUR_VERSION
            self._turn(Turn.OLD_HEADER_OF_RECEIVING if old else Turn.HEADER_OF_RECEIVING)
            self._ready.append(StreamOpened(header))
            if old:
                self._negotiate()
            return
        if self._peer is not None and header.from_ is not None and header.from_.bare != self._peer.bare:
            self._fail(
                Cause.VIOLATION,
                "the 'from' of the header is not who authenticated",
                condition="invalid-from",
                section="RFC 6120 section 4.9.3.9",
            )
            return
        self._select_host(header)

    def _select_host(self, header: Header) -> None:
        domains = self._setup.domains
        if domains is None:
            self._ask(HostSelected(header.to, header.from_, self._setup.kind))
        elif header.to is None:
            default = self._setup.domain or (next(iter(domains)) if len(domains) == 1 else None)
            self._host_selected(HostUnknown() if default is None else Host(default))
        else:
            self._host_selected(Host(header.to) if header.to in domains else HostUnknown())

    def _host_selected(self, host: Host | HostUnknown) -> None:
        header = self._peer_header
        assert header is not None
        if isinstance(host, HostUnknown):
            condition = "host-gone" if host.moved else "host-unknown"
            self._fail(Cause.VIOLATION, "the host is not served here", condition, CONDITIONS[condition].section)
            return
        if Milestone.AUTHENTICATED in self._milestones and self._domain != host.domain:
            self._fail(
                Cause.VIOLATION,
                "the host is another than the one authenticated with",
                condition="not-authorized",
                section="RFC 6120 section 4.9.3.12",
            )
            return
        for feature in self._setup.features:
            if isinstance(feature, WaryFeature) and eligible(feature, self._milestones):
                fault = feature.objection(self._context())
                if fault is not None:
                    self._fail(Cause.VIOLATION, fault.reason, condition=fault.condition, section=fault.section)
                    return
        self._domain = host.domain
        self._turn(Turn.HEADER_OF_INITIATING)
        self._send_response_header()
        self._ready.append(StreamOpened(header))
        if header.version >= OUR_VERSION:
            self._announce()
        self._complete_if_ready()

    def _announce(self) -> None:
        self._out.element(announcement(self._setup.features, self._states, self._context()))

    def _open_stream(self) -> None:
        """Initiating: send the header, and what a feature has to send along with it."""
        self._send_initial_header()
        for feature in self._setup.features:
            if isinstance(feature, EarlyFeature) and eligible(feature, self._milestones):
                step = feature.early(self._context())
                if step is not None:
                    self._active = feature
                    self._apply(feature, step)
                    return

    def _take_features(self, element: Element) -> None:
        early = self._active if self._state is StreamState.AWAITING_FEATURES else None
        self._turn(Turn.FEATURES)
        self._announced = element
        self._peer_limits = peer_limits(element)
        self._ready.append(FeaturesOffered(element))
        if early is None:
            self._negotiate()
        else:
            self._apply(early, early.receive(self._states.get(early.name), element, self._context()))

    def _negotiate(self) -> None:
        """Initiating: begin the next feature, or find the stream complete, or give up."""
        context = self._context()
        choice = choose(self._setup.features, self._announced, self._negotiated, context, self._setup.ready)
        if isinstance(choice, Begin):
            self._active = choice.feature
            self._apply(choice.feature, choice.feature.begin(choice.offer, self._announced, context))
        elif isinstance(choice, Complete):
            self._complete()
        elif self._peer_header is not None and self._peer_header.version < OUR_VERSION and self._announced is None:
            self._fail(
                Cause.NEGOTIATION_FAILED,
                "; ".join(choice.reasons) or "the peer speaks a protocol from before XMPP 1.0",
                condition="unsupported-version",
                section="RFC 6120 section 4.7.5",
            )
        else:
            self._fail(
                Cause.NEGOTIATION_FAILED,
                "; ".join(choice.reasons) or "the peer offers no stream feature that leads on",
                condition="unsupported-feature" if choice.unsupported else None,
                section="RFC 6120 section 4.3.5",
                retry=Retry.NEVER,
            )

    def _complete_if_ready(self) -> None:
        if self._state is StreamState.NEGOTIATING and (self._setup.ready & self._milestones) == self._setup.ready:
            self._complete()

    def _complete(self) -> None:
        self._turn(Turn.COMPLETE)
        self._was_open = self._unlooked = True
        self._active = None
        self._timers.set(Timer.NEGOTIATION, None)
        self._listen_from(self._now)
        kind, initiating = self._setup.kind, self._setup.side is Side.INITIATING
        jid = (self._local if kind is Kind.C2S and initiating else self._peer) or self._domain
        assert jid is not None
        self._ready.append(SessionReady(jid, self._resumed))

    def _listen_from(self, now: float) -> None:
        timeouts = self._setup.timeouts
        self._spoken = self._heard = now
        if timeouts.keepalive is not None:
            self._timers.set(Timer.KEEPALIVE, now + timeouts.keepalive)
        if timeouts.silence is not None:
            self._timers.set(Timer.PROBE, now + max(timeouts.silence - timeouts.probe, 0.0))
            self._timers.set(Timer.SILENCE, now + timeouts.silence)

    # Elements.

    def _take_element(self, element: Element) -> None:
        if self._setup.trace is not None:
            self._setup.trace(TraceRecord("received", text_of(element)))
        given, owner = self._classify(element)
        row = verdict_on(self._setup.side, self._state, given)
        if row.earns is Earns.ACCEPT:
            if given is Input.FEATURES:
                self._take_features(element)
            elif given is Input.STREAM_ERROR:
                self._take_stream_error(element)
            elif given is Input.STANZA:
                if self._was_open:
                    self._deliver(element)
            elif isinstance(owner, Installed):
                self._apply_installed(owner, owner.extension.nonza_received(owner.state, element, self._context()))
            elif owner is not None:
                self._active = owner
                step = owner.receive(self._states.get(owner.name), element, self._context())
                self._apply(owner, step)
        elif row.earns is Earns.STANZA_ERROR:
            self._take_early_stanza(element)
        elif row.earns is Earns.STREAM_ERROR:
            self._fail(Cause.VIOLATION, f"{given.value} is out of place here", row.condition, row.section)

    def _classify(self, element: Element) -> tuple[Input, StreamFeature | Installed | None]:
        tag = element.tag
        if tag == _FEATURES:
            return Input.FEATURES, None
        if tag == _ERROR:
            return Input.STREAM_ERROR, None
        if tag in self._gate.views:
            owner = self._owner(element)
            return (Input.STANZA, None) if owner is None else (Input.FEATURE_ELEMENT, owner)
        namespace, name = split(tag)
        if namespace == STREAM:
            return Input.STREAM_ELEMENT, None
        if name in _STANZA_NAMES and namespace in _CONTENT_NAMESPACES:
            return Input.FOREIGN_STANZA, None
        for installed in self._installed:
            if tag in installed.extension.nonzas:
                return Input.FEATURE_ELEMENT, installed
        owner = self._owner(element)
        return (Input.UNKNOWN_ELEMENT, None) if owner is None else (Input.FEATURE_ELEMENT, owner)

    def _owner(self, element: Element) -> StreamFeature | None:
        active = self._active
        if self._setup.side is Side.INITIATING or (
            active is not None and isinstance(active, ExclusiveFeature) and active.busy(self._states.get(active.name))
        ):
            return active if active is not None and active.accepts(element, self._context()) else None
        return owner_of(self._setup.features, element, self._context())

    def _take_stream_error(self, element: Element) -> None:
        """RFC 6120 section 4.9.1.1: who receives a stream error closes, and answers with no error."""
        error = StreamError.read(element)
        self._out.close()
        self._end(
            StreamFailed(
                Cause.PEER_ERROR,
                f"the peer sent <{error.condition}/>",
                condition=error.condition,
                local=False,
                section=CONDITIONS[error.condition].section,
                text=error.text,
                lang=error.lang,
                application=error.application,
                retry=CONDITIONS[error.condition].retry,
                redirect=redirect_of(error),
            )
        )

    def _take_early_stanza(self, element: Element) -> None:
        """A stanza before negotiation is complete (RFC 6120 sections 4.3.5, 7.1 and 4.9.3.12)."""
        if (self._setup.ready & self._milestones) == self._setup.ready:
            self._deliver(element)
            return
        row = verdict_on(self._setup.side, self._state, Input.STANZA)
        target = element.get("to")
        own = {str(jid) for jid in (self._domain, self._peer) if jid is not None}
        receiving = self._setup.side is Side.RECEIVING
        if receiving and Milestone.AUTHENTICATED in self._milestones and (target is None or target in own):
            refusal = Refusal("unexpected-request", "no resource is bound yet", "RFC 6120 section 7.1", answerable=True)
            self._reject(element, refusal)
            return
        self._fail(Cause.VIOLATION, "a stanza came before the stream was ready", row.condition, row.section)

    def _deliver(self, element: Element) -> None:
        verdict = self._gate.judge(element)
        if isinstance(verdict, Offence):
            if self._state is StreamState.CLOSING:
                return
            self._fail(Cause.VIOLATION, verdict.reason, verdict.condition, verdict.section)
        elif verdict is not None:
            self._reject(element, verdict)
        else:
            self._ready.append(self._gate.views[element.tag].view(element))

    def _reject(self, element: Element, refusal: Refusal) -> None:
        answer = None
        if self._state is not StreamState.CLOSING:
            answer = refusal_answer(element, refusal, *self._words(refusal.condition))
        if answer is not None:
            self._out.element(answer)
        self._ready.append(
            StanzaRejected(element, refusal.condition, refusal.rule, refusal.section, answered=answer is not None)
        )

    # Steps.

    def _ask(self, question: Question[Any], *, exclusive: bool = False) -> None:
        self._waiting = question
        self._exclusive = exclusive
        self._ready.append(question)

    def _apply(self, feature: StreamFeature, step: Step) -> None:
        """Carry out what a feature says, in the order its `Step` promises."""
        for element in step.send:
            self._out.element(element)
        self._states[feature.name] = step.state
        if isinstance(step, Refused):
            self._ready.extend(step.events)
            self._refused(step)
            return
        if isinstance(step, Done):
            self._done(feature, step)
            return
        self._ready.extend(step.events)
        if isinstance(step, Ask):
            self._ask(step.question, exclusive=step.exclusive)

    def _done(self, feature: StreamFeature, step: Done) -> None:
        self._negotiated.add(feature.name)
        self._active = None
        if step.local is not None:
            self._local = step.local
        if step.peer is not None:
            self._peer = step.peer
            self._gate.admit_as(step.peer)
        self._milestones |= step.grants
        self._resumed = self._resumed or step.resumed
        if Milestone.AUTHENTICATED in step.grants:
            self._parser.limits = self._setup.limits.xml(authenticated=True)
        context = self._context()
        for extension in step.install:
            self._installed.append(Installed(extension, extension.installed(context), self._delivered))
        self._note_installed()
        self._ready.extend(step.events)
        if step.restart is not Restart.NONE:
            self._restart(step.restart, step.tls)
        elif self._state is StreamState.NEGOTIATING:
            self._go_on(step.announce)

    def _go_on(self, announce: bool) -> None:
        if self._setup.side is Side.RECEIVING:
            if announce:
                self._announce()
            self._complete_if_ready()
        elif announce:
            self._turn(Turn.RESENT_FEATURES)
        else:
            self._negotiate()

    def _restart(self, restart: Restart, tls: TlsInfo | None) -> None:
        """RFC 6120 sections 4.3.3 and 5.4.3.3: a new stream, and after TLS nothing learnt before."""
        self._turn(Turn.RESTART)
        if restart is Restart.TLS:
            self._parser.discard()
            self._parser.limits = self._setup.limits.xml(authenticated=False)
            self._milestones = Milestone.SECURE
            self._tls = tls
            self._local = self._peer = None
            self._gate.admit_as(None)
            if self._setup.side is Side.RECEIVING:
                self._domain = self._setup.domain
        else:
            self._parser.restart()
        self._out.restart()
        self._states.clear()
        self._negotiated.clear()
        self._announced = None
        self._peer_limits = PeerLimits()
        self._peer_header = None
        if self._setup.side is Side.INITIATING:
            self._open_stream()
