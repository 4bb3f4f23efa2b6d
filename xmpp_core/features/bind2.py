"""Bind 2, both sides: resource binding inside SASL2, and a host of what a session begins with (XEP-0386)."""

from __future__ import annotations

import base64
import hmac
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Final
from xml.etree.ElementTree import Element, SubElement

from ..entropy import token
from ..errors import LocalProtocolError
from ..jid import JID, JIDError
from ..namespaces import BIND2
from ..stream import inline
from ..stream.context import Milestone, StreamContext
from ..stream.events import Cause, Event, NegotiationFailed, Question, Retry
from ..stream.inline import InlineFeature, InlineProgress
from ..stream.step import Ask, Done, Refused, Step
from .bind import BindRefused, BindRequested, Bound
from .sasl2_context import Sasl2Context

__all__ = ["Bind2", "BoundInline"]

_BIND: Final = f"{{{BIND2}}}bind"
_BOUND: Final = f"{{{BIND2}}}bound"
_INLINE: Final = f"{{{BIND2}}}inline"
_FEATURE: Final = f"{{{BIND2}}}feature"
_TAG: Final = f"{{{BIND2}}}tag"
_MOST_FEATURES: Final = 64


@dataclass(frozen=True, slots=True)
class BoundInline(Event):
    """A client's resource was bound by Bind 2. `element` is `<bound/>`: it may hold `<metadata/>` of the archive."""

    jid: JID
    element: Element


@dataclass(frozen=True, slots=True)
class _Binding:
    """The receiving side: what was asked for, then what was bound and how far its own inline features are."""

    element: Element
    bound: Bound | None = None
    progress: InlineProgress | None = None


@dataclass(frozen=True, slots=True)
class Bind2:
    """An inline feature of SASL2. Initiating, `tag` names the software for other people: no host name in it.

    `inline` are features that a session begins with (carbons, client state, stream management). As
    receiving entity `secret` makes the proposed resource the same for each login of one installation;
    without it, or for a client without an `id`, every login gets another. Nothing is bound twice: after
    a session was resumed this does nothing (section 3.2).
    """

    tag: str | None = None
    inline: tuple[InlineFeature, ...] = ()
    secret: bytes = field(default=b"", repr=False)

    namespace: ClassVar[str] = BIND2
    requires: ClassVar[Milestone] = Milestone.AUTHENTICATED
    forbids: ClassVar[Milestone] = Milestone.BOUND

    def __post_init__(self) -> None:
        if self.tag is not None:
            try:
                JID("localhost").with_resource(self.tag + "/0")
            except JIDError:
                raise LocalProtocolError(
                    "the tag of a client is part of a resourcepart (XEP-0386 section 3.2)"
                ) from None

    # Initiating entity.

    def request(self, announced: Element, context: StreamContext) -> Element | None:
        """Ask for a resource, and for what the session is to begin with (section 3.2)."""
        bind = Element(_BIND)
        if self.tag is not None:
            SubElement(bind, _TAG).text = self.tag
        known = [one.get("var", "") for one in announced.iterfind(f"{_INLINE}/{_FEATURE}")][:_MOST_FEATURES]
        # What is announced as a name here is announced as an element elsewhere.
        offered = [Element(f"{{{var}}}feature") for var in known if var]
        bind.extend(inline.requests(self.inline, offered, context))
        return bind

    def response(self, element: Element, context: StreamContext) -> Step:
        """Take `<bound/>`; the address came beside it (section 3.2.1)."""
        jid = context.local
        if element.tag != _BOUND:
            return Done()
        if jid is None or jid.resource is None:
            return Refused(
                "bad-format",
                "the server bound no full address",
                Cause.BIND_FAILED,
                stream_error="bad-format",
                retry=Retry.LATER,
            )
        seen = replace(context, milestones=context.milestones | Milestone.BOUND)
        step = inline.responses(self.inline, element, seen)
        if not isinstance(step, Done):
            return step
        event = BoundInline(jid, element)
        return replace(step, grants=step.grants | Milestone.BOUND, events=(event, *step.events), local=jid)

    # Receiving entity.

    def advertise(self, context: StreamContext) -> tuple[Element, ...]:
        """Announce `<bind/>` with the names of what a session may begin with (section 3.1)."""
        bind = Element(_BIND)
        names = [one.namespace for one in self.inline if one.advertise(context)]
        if names:
            holder = SubElement(bind, _INLINE)
            for name in names:
                SubElement(holder, _FEATURE, {"var": name})
        return (bind,)

    def receive(self, state: _Binding | None, element: Element, context: StreamContext) -> Step:
        """Ask the host for a resource (section 3.2)."""
        if state is not None and state.bound is not None and state.progress is not None:
            # After a snapshot: bound already, and a feature of the session was asking.
            step = inline.resumed(self.inline, state.progress, self._as_bound(state.bound, context))
            return self._over(state, step)
        account = context.peer
        assert account is not None
        agent = context.user_agent if isinstance(context, Sasl2Context) else None
        tag = element.findtext(_TAG) or None
        resource = self._proposed(account.bare, tag, agent.id if agent is not None else None, context)
        if resource is None:
            return self._refused("bad-request")
        return Ask(BindRequested(account.bare, resource, tag, agent), state=_Binding(element))

    def answered(self, state: _Binding, question: Question[Any], value: Any, context: StreamContext) -> Step:
        """Take the resource, then run what the session begins with."""
        if state.bound is None or state.progress is None:
            if isinstance(value, BindRefused):
                return self._refused(value.condition)
            assert isinstance(value, Bound)
            step = inline.begin(self.inline, state.element, self._as_bound(value, context))
            return self._over(replace(state, bound=value), step)
        seen = self._as_bound(state.bound, context)
        return self._over(state, inline.answered(self.inline, state.progress, question, value, seen))

    def _proposed(self, account: JID, tag: str | None, client: str | None, context: StreamContext) -> str | None:
        """Make a resource of the tag (section 3.2.1); None when none can be made of it."""
        if self.secret and client is not None:
            digest = hmac.digest(self.secret, f"{account}\0{client.lower()}\0{tag or ''}".encode(), "sha256")
            made = base64.urlsafe_b64encode(digest[:12]).decode("ascii")
        else:
            made = token(context.entropy, 12)
        resource = made if tag is None else f"{tag}/{made}"
        try:
            account.with_resource(resource)
        except JIDError:
            return None
        return resource

    def _as_bound(self, bound: Bound, context: StreamContext) -> StreamContext:
        return replace(context, milestones=context.milestones | Milestone.BOUND, peer=bound.jid)

    def _over(self, state: _Binding, step: Step) -> Step:
        bound = state.bound
        assert bound is not None
        if isinstance(step, Ask):
            assert isinstance(step.state, InlineProgress)
            return replace(step, state=replace(state, progress=step.state))
        if not isinstance(step, Done):
            return step
        element = Element(_BOUND)
        element.extend(bound.told)
        element.extend(step.send)
        return replace(step, grants=step.grants | Milestone.BOUND, send=(element,), peer=bound.jid)

    def _refused(self, condition: str) -> Step:
        """Say nothing of it in the success: the client may bind as RFC 6120 section 7 has it."""
        event = NegotiationFailed(_BIND, condition)
        return Refused(condition, "resource binding was refused", Cause.BIND_FAILED, events=(event,), again=True)
