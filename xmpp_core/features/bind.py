"""Resource binding, both sides (RFC 6120 section 7)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final
from xml.etree.ElementTree import Element, SubElement

from ..entropy import token
from ..jid import JID, JIDError
from ..namespaces import BIND, CLIENT
from ..stanza import IQ, StanzaError
from ..stream.context import Milestone, StreamContext
from ..stream.events import Cause, NegotiationFailed, Question, Retry
from ..stream.feature import Declined, Offer
from ..stream.step import Ask, Continue, Done, Refused, Step
from .user_agent import UserAgent

__all__ = ["Bind", "BindRefused", "BindRequested", "Bound"]

_BIND: Final = f"{{{BIND}}}bind"
_JID: Final = f"{{{BIND}}}jid"
_RESOURCE: Final = f"{{{BIND}}}resource"
_IQ: Final = f"{{{CLIENT}}}iq"
_CONDITIONS: Final = frozenset({"bad-request", "conflict", "not-allowed", "resource-constraint"})


@dataclass(frozen=True, slots=True)
class Bound:
    """Answer to `BindRequested`: the full address now bound. Its bare part is the account's.

    `told` is what a client that came by Bind 2 is told beside it: `<metadata/>` of its archive, say
    (XEP-0386 section 3.2.1).
    """

    jid: JID
    told: tuple[Element, ...] = ()

    def __post_init__(self) -> None:
        if self.jid.resource is None:
            raise ValueError("what is bound is a full address (RFC 6120 section 7.1)")


@dataclass(frozen=True, slots=True)
class BindRefused:
    """Answer to `BindRequested`: why not (RFC 6120 sections 7.6.2 and 7.7.2).

    `condition` is `conflict`, `not-allowed`, `resource-constraint` or `bad-request`.
    """

    condition: str = "conflict"

    def __post_init__(self) -> None:
        if self.condition not in _CONDITIONS:
            raise ValueError("not a condition that refuses a resource (RFC 6120 section 7.7.2)")


@dataclass(frozen=True, slots=True, eq=False)
class BindRequested(Question[Bound | BindRefused]):
    """The client wants a resource: bind one, the one asked for or another.

    `resource` is None when the server is to choose (RFC 6120 section 7.6). What becomes of an
    older session with the same resource is the host's policy (section 7.7.2.2).

    A client that comes by Bind 2 (XEP-0386) gives a `tag` alone, its name for people: `resource` is then
    our proposal, made of it. `user_agent` says which installation it is; an older session of the same one
    should end.
    """

    account: JID
    resource: str | None
    tag: str | None = None
    user_agent: UserAgent | None = None
    answers: ClassVar[tuple[type, ...]] = (Bound, BindRefused)

    def fault_of(self, value: Bound | BindRefused) -> str | None:
        """Only a full address of the account that authenticated can be bound."""
        if isinstance(value, Bound) and (value.jid.resource is None or value.jid.bare != self.account):
            return "what is bound is a full address of the account (RFC 6120 section 7.1)"
        return None


@dataclass(frozen=True, slots=True)
class _Binding:
    id: str
    attempts: int = 0
    resource: str | None = None
    asking: bool = False


@dataclass(frozen=True, slots=True)
class Bind:
    """The feature. `resource` is the resourcepart a client asks for, None to be given one."""

    resource: str | None = None

    name: ClassVar[str] = _BIND
    requires: ClassVar[Milestone] = Milestone.AUTHENTICATED
    forbids: ClassVar[Milestone] = Milestone.BOUND

    def advertise(self, state: object, context: StreamContext) -> tuple[Element, ...]:
        """Announce `<bind/>` (section 7.4)."""
        return (Element(_BIND),)

    def offer(self, element: Element | None, context: StreamContext) -> Offer | Declined | None:
        """Binding is mandatory wherever it is offered (section 7.3.1)."""
        return Declined("the peer offers no resource binding") if element is None else Offer(mandatory=True)

    def begin(self, offer: Offer, features: Element | None, context: StreamContext) -> Step:
        """Ask for a resource (sections 7.6.1 and 7.7.1)."""
        return self._request(0, self.resource, context)

    def _request(self, attempts: int, resource: str | None, context: StreamContext) -> Step:
        identifier = token(context.entropy, 6)
        iq = Element(_IQ, {"type": "set", "id": identifier})
        bind = SubElement(iq, _BIND)
        if resource is not None:
            SubElement(bind, _RESOURCE).text = resource
        return Continue(_Binding(identifier, attempts, resource), send=(iq,))

    def accepts(self, element: Element, context: StreamContext) -> bool:
        """Take the request, or any answer: the one with our id, as nothing else was asked."""
        if element.tag != _IQ:
            return False
        if context.initiating:
            return element.get("type") in ("result", "error")
        return element.get("type") in ("get", "set") and element.find(_BIND) is not None

    def receive(self, state: _Binding | None, element: Element, context: StreamContext) -> Step:
        """Judge the request, or the answer to ours."""
        return self._answer(state, element, context) if context.initiating else self._asked(state, element, context)

    def _asked(self, state: _Binding | None, element: Element, context: StreamContext) -> Step:
        attempts = state.attempts if state is not None else 0
        identifier = element.get("id") or ""
        bind = element.find(_BIND)
        assert bind is not None
        requested = bind.find(_RESOURCE)
        resource = requested.text if requested is not None else None
        asked = _Binding(identifier, attempts, resource or None, asking=True)
        account = context.peer
        assert account is not None
        if element.get("type") != "set" or not identifier or len(element) != 1:
            return self._refuse(asked, "bad-request", context)
        if resource:
            try:
                account.with_resource(resource)
            except JIDError:
                return self._refuse(asked, "bad-request", context)
        return Ask(BindRequested(account.bare, resource or None), state=asked)

    def _refuse(self, state: _Binding, condition: str, context: StreamContext) -> Step:
        attempts = state.attempts + 1
        request = Element(_IQ, {"type": "set", "id": state.id})
        SubElement(request, _BIND)
        # The examples of section 7.7.2.2 have 'modify': the client is to choose another resource.
        kind = "modify" if condition == "conflict" else None
        answer = IQ.view(request).error_answer(condition, type=kind).element
        if not state.id:
            answer.attrib.pop("id", None)
        last = attempts >= context.limits.bind_attempts
        return Refused(
            condition,
            "resource binding was refused too often" if last else "resource binding was refused",
            Cause.BIND_FAILED,
            send=(answer,),
            events=(NegotiationFailed(self.name, condition),),
            state=_Binding("", attempts),
            again=not last,
            stream_error="policy-violation" if last else None,
        )

    def answered(
        self, state: _Binding, question: Question[object], value: Bound | BindRefused, context: StreamContext
    ) -> Step:
        """Tell the client what was decided (sections 7.6.1, 7.7.1 and 7.7.2)."""
        if isinstance(value, BindRefused):
            return self._refuse(state, value.condition, context)
        result = Element(_IQ, {"type": "result", "id": state.id})
        SubElement(SubElement(result, _BIND), _JID).text = str(value.jid)
        return Done(grants=Milestone.BOUND, send=(result,), peer=value.jid)

    def _answer(self, state: _Binding | None, element: Element, context: StreamContext) -> Step:
        if state is None or element.get("id") != state.id:
            return Continue(state)
        if element.get("type") == "error":
            return self._refused(state, element, context)
        bound = element.find(f"{_BIND}/{_JID}")
        try:
            jid = JID(bound.text or "") if bound is not None else None
        except JIDError:
            jid = None
        if jid is None or jid.resource is None:
            return Refused(
                "bad-format",
                "the server bound no full address",
                Cause.BIND_FAILED,
                stream_error="bad-format",
                retry=Retry.LATER,
            )
        return Done(grants=Milestone.BOUND, local=jid)

    def _refused(self, state: _Binding, element: Element, context: StreamContext) -> Step:
        error = StanzaError.read(element)
        condition = error.condition if error is not None else "undefined-condition"
        if state.resource is not None and condition in ("bad-request", "conflict", "not-allowed"):
            # Sections 7.7.2.1 and 7.7.2.2: another resource, the server's choice, may be had.
            step = self._request(state.attempts + 1, None, context)
            assert isinstance(step, Continue)
            return Continue(step.state, step.send, (NegotiationFailed(self.name, condition),))
        return Refused(
            condition,
            f"the server bound no resource: {condition}",
            Cause.BIND_FAILED,
            local=False,
            retry=Retry.LATER if condition == "resource-constraint" else Retry.NEVER,
        )

    def resumed(self, state: _Binding | None, context: StreamContext) -> Step:
        """Ask the host again if it was being asked."""
        if state is not None and state.asking and context.peer is not None:
            return Ask(BindRequested(context.peer.bare, state.resource), state=state)
        return Continue(state)
