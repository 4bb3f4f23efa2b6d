"""SASL, both sides: the profile of RFC 6120 section 6. The exchange itself is in `login` and `reception`."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final
from xml.etree.ElementTree import Element, SubElement

from ..namespaces import SASL
from ..sasl import mechanism as sasl
from ..sasl.conditions import SaslCondition
from ..stream.context import Milestone, StreamContext
from ..stream.events import Cause, Event, NegotiationFailed, Question, Retry
from ..stream.feature import Declined, Offer
from ..stream.proofs import was_left_out
from ..stream.step import Ask, Continue, Done, Refused, Restart, Step
from .exchange import (
    MOST_NAMES,
    Accepted,
    LoggedIn,
    Put,
    Say,
    Turn,
    binding_types_element,
    binding_types_in,
    decoded,
    encoded,
    not_kept,
)
from .login import Attempt, Login
from .logins import Authenticated
from .reception import Exchange, Reception

__all__ = ["Sasl"]

_MECHANISMS: Final = f"{{{SASL}}}mechanisms"
_MECHANISM: Final = f"{{{SASL}}}mechanism"
_TEXT: Final = f"{{{SASL}}}text"
_FROM_CLIENT: Final = frozenset(f"{{{SASL}}}{name}" for name in ("auth", "response", "abort"))
_FROM_SERVER: Final = frozenset(f"{{{SASL}}}{name}" for name in ("challenge", "success", "failure"))
_TRY_LATER: Final = frozenset({SaslCondition.TEMPORARY_AUTH_FAILURE})
# Where base64 may not be, white space around a mechanism's name is no part of it (RFC 6120 section 6.4.1).
_SPACE: Final = re.compile(r"^[ \t\r\n]+|[ \t\r\n]+$")


@dataclass(frozen=True, slots=True)
class _Received:
    """The receiving side: failed attempts so far, and the exchange that is going on."""

    attempts: int = 0
    exchange: Exchange | None = None


@dataclass(frozen=True, slots=True)
class Sasl:
    """The feature. An initiating entity gives `login`, a receiving entity `reception`."""

    login: Login | None = None
    reception: Reception | None = None
    announce_types: bool = True
    """Whether this feature announces the channel-binding types (XEP-0440); one feature of a stream does."""

    name: ClassVar[str] = _MECHANISMS
    requires: ClassVar[Milestone] = Milestone.NONE
    forbids: ClassVar[Milestone] = Milestone.AUTHENTICATED

    # Both sides.

    def accepts(self, element: Element, context: StreamContext) -> bool:
        """Take the elements that the other side may send."""
        return element.tag in (_FROM_SERVER if context.initiating else _FROM_CLIENT)

    def receive(self, state: Any, element: Element, context: StreamContext) -> Step:
        """Take the peer's part of the exchange."""
        name = element.tag.rpartition("}")[2]
        if context.initiating:
            return Continue(None) if state is None else self._client_receives(state, name, element, context)
        return self._server_receives(state or _Received(), name, element, context)

    def answered(self, state: Any, question: Question[Any], value: Any, context: StreamContext) -> Step:
        """Hand the host's answer to the mechanism."""
        if isinstance(state, Attempt):
            return self._client_goes_on(state, self._login.answered(state, value, context), context)
        assert isinstance(state, _Received)
        assert state.exchange is not None
        return self._server_goes_on(state, self._reception.answered(state.exchange, value, context), context)

    def resumed(self, state: Any, context: StreamContext) -> Step:
        """Ask again what an interrupted exchange was asking."""
        turn: Turn | None = None
        if isinstance(state, Attempt):
            turn = self._login.resumed(state, context)
            return Continue(state) if turn is None else self._client_goes_on(state, turn, context)
        if isinstance(state, _Received) and state.exchange is not None:
            turn = self._reception.resumed(state.exchange, context)
            return Continue(state) if turn is None else self._server_goes_on(state, turn, context)
        return Continue(state)

    # Initiating entity.

    @property
    def _login(self) -> Login:
        assert self.login is not None
        return self.login

    def offer(self, element: Element | None, context: StreamContext) -> Offer | Declined | None:
        """Authentication is mandatory (section 6.3.1), and nothing is proved without TLS (section 13.8.3)."""
        if element is None:
            return Declined("the peer offers no SASL authentication")
        if not context.secure and not self._login.policy.insecure_plaintext_authentication:
            return Declined("no credentials are sent without TLS")
        return Offer(mandatory=True, detail=element)

    def begin(self, offer: Offer, features: Element | None, context: StreamContext) -> Step:
        """Choose a mechanism and send `<auth/>` (section 6.4.2)."""
        offered: list[str] = []
        for one in features.iterfind(_MECHANISMS) if features is not None else ():
            offered += [_SPACE.sub("", child.text or "") for child in one.iterfind(_MECHANISM)]
        return self._try_next(Attempt(tuple(offered[:MOST_NAMES]), binding_types_in(features)), context)

    def _try_next(self, attempt: Attempt, context: StreamContext, *, events: tuple[Event, ...] = ()) -> Step:
        chosen = self._login.choose(attempt, context)
        if isinstance(chosen, sasl.Refusal):
            return Refused(
                chosen.reason.value,
                chosen.text,
                Cause.AUTHENTICATION_FAILED,
                events=events,
                state=attempt,
                retry=Retry.NEVER,
            )
        step = self._client_goes_on(chosen, self._login.start(chosen, context), context)
        return replace(step, events=events + step.events)

    def _client_goes_on(self, attempt: Attempt, turn: Turn, context: StreamContext) -> Step:
        match turn:
            case Say():
                element = Element(f"{{{SASL}}}{'response' if attempt.begun else 'auth'}")
                if not attempt.begun:
                    element.set("mechanism", self._login.mechanism(attempt).name)
                if turn.data is not None:
                    element.text = encoded(turn.data, empty="" if attempt.begun else "=")
                return Continue(turn.state, send=(element,))
            case Put():
                return Ask(turn.question, state=turn.state)
            case LoggedIn():
                return Done(
                    grants=Milestone.AUTHENTICATED,
                    restart=Restart.STREAM,
                    events=(Authenticated(turn.jid, turn.mechanism, turn.keys, turn.pin),),
                )
            case sasl.Failed() if attempt.claimed or not attempt.begun:
                return Refused(
                    turn.condition.value,
                    turn.reason,
                    Cause.AUTHENTICATION_FAILED,
                    state=attempt,
                    retry=Retry.NEVER,
                )
            case sasl.Failed():
                return Continue(self._login.aborted(attempt, turn), send=(Element(f"{{{SASL}}}abort"),))
        raise AssertionError(turn)

    def _client_receives(self, attempt: Attempt, name: str, element: Element, context: StreamContext) -> Step:
        if name == "failure":
            return self._client_failed(attempt, element, context)
        if attempt.aborting is not None:
            # What the server sent before it saw our abort; success after it is no success.
            return Continue(attempt) if name == "challenge" else self._client_lost(attempt, attempt.aborting)
        attempt = replace(attempt, claimed=name == "success")
        try:
            data = decoded(element.text)
        except ValueError:
            failed = sasl.Failed(SaslCondition.INCORRECT_ENCODING, "the server sent no base64")
            return self._client_goes_on(attempt, failed, context)
        if attempt.claimed:
            return self._client_goes_on(attempt, self._login.succeeded(attempt, data, context), context)
        return self._client_goes_on(attempt, self._login.challenged(attempt, data or b"", context), context)

    def _client_lost(self, attempt: Attempt, reason: str) -> Step:
        return Refused("aborted", reason, Cause.AUTHENTICATION_FAILED, state=attempt, retry=Retry.NEVER)

    def _client_failed(self, attempt: Attempt, element: Element, context: StreamContext) -> Step:
        """Another try where that helps, else the end (sections 6.4.5 and 6.5)."""
        found = next((child for child in element if child.tag != _TEXT), None)
        condition = SaslCondition.named(found.tag.rpartition("}")[2] if found is not None else "")
        text = element.findtext(_TEXT)
        event = NegotiationFailed(self.name, condition.value, text)
        another = self._login.refused(attempt, condition)
        if another is not None:
            return self._try_next(another, context, events=(event,))
        tried = self._login.mechanism(attempt).name
        explained = self._login.explained(attempt)
        return Refused(
            condition.value,
            attempt.aborting or explained or f"the server refused {tried}: {condition.value}",
            Cause.AUTHENTICATION_FAILED,
            events=(event,),
            state=attempt,
            local=attempt.aborting is not None,
            retry=Retry.LATER if condition in _TRY_LATER else Retry.NEVER,
            text=text,
        )

    # Receiving entity.

    @property
    def _reception(self) -> Reception:
        assert self.reception is not None
        return self.reception

    def advertise(self, state: object, context: StreamContext) -> tuple[Element, ...]:
        """Announce mechanisms (section 6.3.3) and channel-binding types (XEP-0440)."""
        seen = self._reception.seen(context)
        if not seen.offered:
            return ()
        mechanisms = Element(_MECHANISMS)
        for name in seen.offered:
            SubElement(mechanisms, _MECHANISM).text = name
        if not self.announce_types or not seen.binding_types:
            return (mechanisms,)
        return mechanisms, binding_types_element(seen.binding_types)

    def _server_receives(self, state: _Received, name: str, element: Element, context: StreamContext) -> Step:
        if name == "abort":
            return self._server_refuses(state, sasl.Failed(SaslCondition.ABORTED, "the client aborted"), context)
        if was_left_out(element):
            return self._server_refuses(state, not_kept(), context)
        try:
            data = decoded(element.text)
        except ValueError:
            failed = sasl.Failed(SaslCondition.INCORRECT_ENCODING, "the client sent no base64")
            return self._server_refuses(state, failed, context)
        if name == "auth":
            # It discards the exchange before it (section 6.4.2), which counts: it has cost what others cost.
            discarded = state.exchange is not None
            state = _Received(state.attempts + discarded)
            if state.attempts >= context.limits.authentication_attempts:
                failed = sasl.Failed(SaslCondition.ABORTED, "the exchange was begun anew too often")
                return self._server_refuses(_Received(state.attempts - 1), failed, context)
            turn = self._reception.begin(element.get("mechanism", ""), data, context)
        elif state.exchange is None:
            turn = sasl.Failed(SaslCondition.MALFORMED_REQUEST, "a response without an exchange")
        else:
            turn = self._reception.responded(state.exchange, data or b"", context)
        return self._server_goes_on(state, turn, context)

    def _server_goes_on(self, state: _Received, turn: Turn, context: StreamContext) -> Step:
        match turn:
            case Say():
                challenge = Element(f"{{{SASL}}}challenge")
                challenge.text = encoded(turn.data or b"") or None
                return Continue(replace(state, exchange=turn.state), send=(challenge,))
            case Put():
                return Ask(turn.question, state=replace(state, exchange=turn.state))
            case Accepted():
                success = Element(f"{{{SASL}}}success")
                if turn.data is not None:
                    success.text = encoded(turn.data, empty="=")
                return Done(
                    grants=Milestone.AUTHENTICATED,
                    restart=Restart.STREAM,
                    send=(success,),
                    events=(Authenticated(turn.jid, turn.mechanism),),
                    peer=turn.jid,
                )
            case sasl.Failed():
                return self._server_refuses(state, turn, context)
        raise AssertionError(turn)

    def _server_refuses(self, state: _Received, failed: sasl.Failed, context: StreamContext) -> Step:
        """Send `<failure/>` and count the attempt (sections 6.4.5 and 6.5)."""
        attempts = state.attempts + 1
        last = attempts >= context.limits.authentication_attempts
        failure = Element(f"{{{SASL}}}failure")
        SubElement(failure, f"{{{SASL}}}{failed.condition.value}")
        return Refused(
            failed.condition.value,
            "authentication failed too often" if last else failed.reason,
            Cause.AUTHENTICATION_FAILED,
            send=(failure,),
            events=(NegotiationFailed(self.name, failed.condition.value),),
            state=_Received(attempts),
            again=not last,
            stream_error="policy-violation" if last else None,
        )
