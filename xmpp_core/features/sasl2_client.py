"""The initiating side of SASL2 (XEP-0388): a token first, then a password, with all that is requested along."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Final
from xml.etree.ElementTree import Element

from ..jid import JID, JIDError
from ..sasl import mechanism as sasl
from ..sasl.binding import binds
from ..sasl.conditions import SaslCondition
from ..sasl.credentials import Anonymous, ClientKeys
from ..stream import inline
from ..stream.context import Milestone, StreamContext
from ..stream.events import Cause, Event, NegotiationFailed, Question, Retry
from ..stream.inline import InlineFeature
from ..stream.step import Ask, Continue, Done, Refused, Step
from . import sasl2_elements as xml
from .exchange import LoggedIn, Put, Say, Turn, binding_types_in
from .fast import FAST_ELEMENT, Fast, FastTokens, TokenRejected, announced_names
from .login import Attempt, Login
from .logins import Authenticated
from .sasl2_context import Sasl2Context
from .sasl2_pipelining import KnownServer, ServerKnown, known_server
from .sasl2_tasks import Task, task_named
from .user_agent import UserAgent

__all__ = ["Authenticating", "Sasl2Client"]

_FEATURES: Final = "{http://etherx.jabber.org/streams}features"
_LATER: Final = frozenset({SaslCondition.TEMPORARY_AUTH_FAILURE})


@dataclass(frozen=True, slots=True)
class Proved:
    """What came of the mechanism, while tasks are left to do."""

    jid: JID
    mechanism: str
    keys: ClientKeys | None = field(repr=False, metadata={"secret": True})
    pin: int


@dataclass(frozen=True, slots=True)
class Authenticating:
    """A client on its way in. The state of the feature; plain data, what is secret cut from snapshots."""

    features: Element
    """The announcement that is acted upon."""
    attempt: Attempt
    by_token: bool = False
    token_failed: bool = False
    early: bool = False
    """Whether we did not wait for the announcement."""
    requests: tuple[Element, ...] = ()
    reply: Element | None = field(default=None, repr=False, metadata={"secret": True})
    """The `<success/>` or `<continue/>` that the mechanism is judging. There may be a token in it."""
    proved: Proved | None = None
    task: str = ""
    task_state: object = None
    aborting: str | None = None
    """Why we gave up amid the tasks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sasl2Client:
    """Who logs in, and what is requested along."""

    feature: str
    """Clark name of the stream feature, for events."""
    account: JID
    login: Login | None
    """By password, certificate, ...; None when there is a token alone."""
    tokens: Login | None = None
    """By the token of `fast`."""
    fast: Fast | None = None
    user_agent: UserAgent | None = None
    inline: tuple[InlineFeature, ...] = ()
    tasks: tuple[Task, ...] = ()
    upgrades: tuple[str, ...] = ()
    """Names of those tasks that are asked for where the server has them (XEP-0480)."""
    pipelining: KnownServer | None = None
    insecure_unverified_certificate: bool = False

    def _features(self) -> tuple[InlineFeature, ...]:
        return self.inline if self.fast is None else (*self.inline, FastTokens(self.fast))

    def has_name_in_common(self, announced: Element) -> bool:
        """Whether a mechanism is announced that could be ours; which, and whether it will do, `begin` finds out."""
        names = set(xml.names_in(announced, xml.MECHANISM))
        if self.login is not None and any(one.name in names for one in self.login.candidates()):
            return True
        return self.tokens is not None and bool(set(_token_names(announced)) & _names(self.tokens))

    # What is sent.

    def begin(self, features: Element, context: StreamContext) -> Step:
        """Choose a mechanism and send `<authenticate/>` (section 2.3)."""
        events: tuple[Event, ...] = ()
        if known_server(features) is not None:
            events = (ServerKnown(KnownServer(features)),)
        return _after(events, self._try(Authenticating(features, _attempt(features)), context))

    def early(self, context: StreamContext) -> Step | None:
        """Send `<authenticate/>` along with the header, as the announcement of an earlier stream allows (XEP-0509)."""
        known = self.pipelining
        if known is None:
            return None
        step = self._try(Authenticating(known.features, _attempt(known.features), early=True), context)
        # What cannot be begun from memory may be possible once the server has spoken.
        return step if isinstance(step, Continue) else None

    def _try(self, state: Authenticating, context: StreamContext, events: tuple[Event, ...] = ()) -> Step:
        step = None if state.token_failed else self._by_token(state, context)
        if step is None:
            step = self._by_login(replace(state, by_token=False), context)
        return _after(events, step)

    def _by_token(self, state: Authenticating, context: StreamContext) -> Step | None:
        """Log in by the token; None where that cannot be (XEP-0484 section 3.4)."""
        tls = context.tls
        trusted = tls is not None and (tls.verified or self.insecure_unverified_certificate)
        if self.tokens is None or not trusted:
            return None
        names = _token_names(state.features.find(xml.AUTHENTICATION))
        chosen = self.tokens.choose(Attempt(names, binding_types_in(state.features)), context)
        if isinstance(chosen, sasl.Refusal):
            return None
        return self._start(replace(state, attempt=chosen, by_token=True), self.tokens, context)

    def _by_login(self, state: Authenticating, context: StreamContext) -> Step:
        if self.login is None:
            return _lost(state, "the token cannot be used with this server", local=True)
        chosen = self.login.choose(state.attempt, context)
        if isinstance(chosen, sasl.Refusal):
            return _lost(state, chosen.text, chosen.reason.value, local=True)
        return self._start(replace(state, attempt=chosen), self.login, context)

    def _start(self, state: Authenticating, login: Login, context: StreamContext) -> Step:
        return self._turned(state, login.start(state.attempt, context), context)

    def _authenticate(self, state: Authenticating, data: bytes | None, context: StreamContext) -> Step:
        name = self._login(state).mechanism(state.attempt).name
        element = Element(xml.AUTHENTICATE, {"mechanism": name})
        if data is not None:
            element.append(xml.data_element(xml.INITIAL, data))
        if self.user_agent is not None:
            element.append(self.user_agent.element())
        announced = state.features.find(xml.AUTHENTICATION)
        assert announced is not None
        within = announced.find(xml.INLINE)
        seen = Sasl2Context.within(context, self.user_agent, name)
        requests = inline.requests(self._features(), within if within is not None else (), seen)
        element.extend(requests)
        offered = xml.names_in(announced, xml.UPGRADE)
        for wanted in self.upgrades if not state.by_token else ():
            if wanted in offered:
                upgrade = Element(xml.UPGRADE)
                upgrade.text = wanted
                element.append(upgrade)
        if state.early:
            assert self.pipelining is not None
            element.append(self.pipelining.version())
        return Continue(replace(state, requests=requests), send=(element,))

    def _login(self, state: Authenticating) -> Login:
        login = self.tokens if state.by_token else self.login
        assert login is not None
        return login

    def _turned(self, state: Authenticating, turn: Turn, context: StreamContext) -> Step:
        begun = state.attempt.begun
        match turn:
            case Say():
                state = replace(state, attempt=turn.state)
                if not begun:
                    return self._authenticate(state, turn.data, context)
                return Continue(state, send=(xml.data_element(xml.RESPONSE, turn.data or b""),))
            case Put():
                return Ask(turn.question, state=replace(state, attempt=turn.state))
            case LoggedIn():
                proved = Proved(turn.jid, turn.mechanism, turn.keys, turn.pin)
                return self._proved(replace(state, proved=proved), context)
            case sasl.Failed() if state.reply is not None or not begun:
                return _lost(state, turn.reason, turn.condition.value, local=True)
            case sasl.Failed():
                attempt = self._login(state).aborted(state.attempt, turn)
                return Continue(replace(state, attempt=attempt), send=(Element(xml.ABORT),))
        raise AssertionError(turn)

    # What the server sends.

    def receive(self, state: Authenticating, element: Element, context: StreamContext) -> Step:
        """Take an element of the server; the announcement itself where we did not wait for it."""
        if element.tag == _FEATURES:
            return self._announced(state, element)
        if element.tag == xml.FAILURE:
            return self._failed(state, element, context)
        aborting = state.attempt.aborting or state.aborting
        if aborting is not None:
            # What the server sent before it saw our abort; success after it is no success.
            crossed = element.tag in (xml.CHALLENGE, xml.TASK_DATA)
            return Continue(state) if crossed else _lost(state, aborting, "aborted", local=True)
        if element.tag in (xml.SUCCESS, xml.CONTINUE):
            return self._claimed(replace(state, reply=element), context)
        if element.tag == xml.CHALLENGE and state.proved is None:
            try:
                data = xml.data_in(element) or b""
            except ValueError:
                return self._turned(state, _encoding(), context)
            return self._turned(state, self._login(state).challenged(state.attempt, data, context), context)
        if element.tag == xml.TASK_DATA and state.task:
            step = self._task(state).told(state.task_state, xml.foreign(element), self._seen(state, context))
            return self._tasked(state, step, context)
        return Refused(
            "unexpected",
            "the server sent an element of authentication where none belongs",
            Cause.VIOLATION,
            state=state,
            stream_error="policy-violation",
        )

    def _announced(self, state: Authenticating, features: Element) -> Step:
        """Keep the announcement that came after our `<authenticate/>` for the next try (XEP-0509 section 3.3)."""
        if known_server(features) is None:
            return Continue(state if features.find(xml.AUTHENTICATION) is None else replace(state, features=features))
        return Continue(replace(state, features=features), events=(ServerKnown(KnownServer(features)),))

    def _claimed(self, state: Authenticating, context: StreamContext) -> Step:
        """Take the claim of success, or of success so far: the mechanism judges it first, then the task does."""
        reply = state.reply
        assert reply is not None
        if state.proved is None:
            try:
                data = xml.data_in(reply.find(xml.ADDITIONAL))
            except ValueError:
                return self._turned(state, _encoding(), context)
            return self._turned(state, self._login(state).succeeded(state.attempt, data, context), context)
        if state.task:
            step = self._task(state).over(state.task_state, xml.foreign(reply), self._seen(state, context))
            if not isinstance(step, Done):
                return self._tasked(state, step, context)
            return _after(step.events, self._proved(replace(state, task="", task_state=None), context))
        return self._proved(state, context)

    def _proved(self, state: Authenticating, context: StreamContext) -> Step:
        """Go on with the server's word, now that it can be believed."""
        reply = state.reply
        assert reply is not None
        state = replace(state, reply=None)
        if reply.tag == xml.SUCCESS:
            return self._succeeded(state, reply, context)
        offered = xml.task_names(reply)
        task = next((one for one in self.tasks if one.name in offered), None)
        if task is None:
            reason = "the server wants a task done that we do not know"
            return Continue(replace(state, aborting=reason), send=(Element(xml.ABORT),))
        state = replace(state, task=task.name, task_state=None)
        return self._tasked(state, task.begin(self._seen(state, context)), context, first=True)

    def _task(self, state: Authenticating) -> Task:
        task = task_named(self.tasks, state.task)
        assert task is not None
        return task

    def _tasked(self, state: Authenticating, step: Step, context: StreamContext, *, first: bool = False) -> Step:
        if isinstance(step, Refused):
            if state.reply is not None:
                return _after(step.events, _lost(state, step.detail, step.condition, local=True))
            return Continue(replace(state, aborting=step.detail), send=(Element(xml.ABORT),), events=step.events)
        assert isinstance(step, Ask | Continue)
        wrapped: tuple[Element, ...] = ()
        if first:
            wrapped = (Element(xml.NEXT, {"task": state.task}),)
        elif step.send:
            wrapped = (Element(xml.TASK_DATA),)
        for one in wrapped:
            one.extend(step.send)
        return replace(step, state=replace(state, task_state=step.state), send=wrapped)

    def _seen(self, state: Authenticating, context: StreamContext) -> Sasl2Context:
        proved = state.proved
        assert proved is not None
        return Sasl2Context.within(context, self.user_agent, proved.mechanism, state.requests)

    def _succeeded(self, state: Authenticating, success: Element, context: StreamContext) -> Step:
        """Take the address, and what the inline features have to say (section 2.6.1)."""
        proved = state.proved
        assert proved is not None
        try:
            jid = JID(xml.strip(success.findtext(xml.IDENTIFIER)))
        except JIDError:
            jid = None
        anonymous = self.login is not None and isinstance(self.login.credentials, Anonymous)
        if jid is None or (jid.domain != self.account.domain if anonymous else jid.bare != self.account.bare):
            return Refused(
                "invalid-authzid",
                "the server authenticated another account than ours",
                Cause.AUTHENTICATION_FAILED,
                state=state,
                stream_error="undefined-condition",
                retry=Retry.NEVER,
            )
        event = Authenticated(jid.bare, proved.mechanism, proved.keys, proved.pin, self.user_agent)
        seen = replace(self._seen(state, context), milestones=context.milestones | Milestone.AUTHENTICATED, local=jid)
        return self._over(state, jid, _after((event,), inline.responses(self._features(), xml.foreign(success), seen)))

    def _over(self, state: Authenticating, jid: JID, step: Step) -> Step:
        if not isinstance(step, Done):
            return replace(step, state=state)
        grants = step.grants | Milestone.AUTHENTICATED
        return replace(step, grants=grants, local=step.local or jid.bare, announce=True)

    def _failed(self, state: Authenticating, element: Element, context: StreamContext) -> Step:
        """Another try where that helps, else the end (section 2.6.2)."""
        condition, text = xml.condition_of(element), element.findtext(xml.TEXT)
        if xml.is_mismatch(element) and state.early:
            # Nothing was judged: what the server announces now decides (XEP-0509 section 2.2).
            event = NegotiationFailed(self.feature, "config-version-mismatch", text)
            fresh = Authenticating(state.features, _attempt(state.features), token_failed=state.token_failed)
            return self._try(fresh, context, (event,))
        events: tuple[Event, ...] = (NegotiationFailed(self.feature, condition.value, text),)
        reason = state.attempt.aborting or state.aborting
        if state.proved is None and state.by_token:
            name = self._login(state).mechanism(state.attempt).name
            if condition not in _LATER and reason is None:
                events = (*events, TokenRejected(name, condition.value))
            if self.login is not None and reason is None:
                fresh = Authenticating(state.features, _attempt(state.features), token_failed=True)
                return self._try(fresh, context, events)
        elif state.proved is None:
            another = self._login(state).refused(state.attempt, condition)
            if another is not None:
                fresh = Authenticating(state.features, another, token_failed=state.token_failed)
                return _after(events, self._by_login(fresh, context))
        tried = self._login(state).mechanism(state.attempt).name if state.proved is None else "the authentication"
        words = reason or f"the server refused {tried}: {condition.value}"
        return Refused(
            condition.value,
            words,
            Cause.AUTHENTICATION_FAILED,
            events=events,
            state=state,
            local=reason is not None,
            retry=Retry.LATER if condition in _LATER else Retry.NEVER,
            text=text,
        )

    # What the host says.

    def answered(self, state: Authenticating, question: Question[Any], value: Any, context: StreamContext) -> Step:
        """Take the host's answer to the mechanism or to the task."""
        if state.task:
            seen = self._seen(state, context)
            return self._tasked(state, self._task(state).answered(state.task_state, question, value, seen), context)
        return self._turned(state, self._login(state).answered(state.attempt, value, context), context)

    def resumed(self, state: Authenticating, context: StreamContext) -> Step:
        """Go on after a snapshot was restored."""
        if state.task and state.aborting is None:
            return self._tasked(state, self._task(state).resumed(state.task_state, self._seen(state, context)), context)
        if state.attempt.claimed and state.proved is None and state.reply is None:
            return _lost(state, "what the server said was not kept in the snapshot", local=True)
        turn = None if state.proved is not None else self._login(state).resumed(state.attempt, context)
        return Continue(state) if turn is None else self._turned(state, turn, context)


def _names(login: Login) -> set[str]:
    return {one.name for one in login.candidates()}


def _attempt(features: Element) -> Attempt:
    announced = features.find(xml.AUTHENTICATION)
    names, types = xml.names_in(announced, xml.MECHANISM), binding_types_in(features)
    if not any(binds(name) for name in names) and any(binds(name) for name in _token_names(announced)):
        # The types are those of the mechanisms for tokens (XEP-0440 rule 5): SCRAM says that it could have bound.
        types = None
    return Attempt(names, types)


def _token_names(announced: Element | None) -> tuple[str, ...]:
    """Give the mechanisms of FAST that are announced."""
    within = announced.find(xml.INLINE) if announced is not None else None
    return announced_names(within.find(FAST_ELEMENT) if within is not None else None)


def _after(events: tuple[Event, ...], step: Step) -> Step:
    return replace(step, events=events + step.events)


def _encoding() -> sasl.Failed:
    return sasl.Failed(SaslCondition.INCORRECT_ENCODING, "the server sent no base64")


def _lost(state: Authenticating, reason: str, condition: str = "aborted", *, local: bool) -> Step:
    return Refused(condition, reason, Cause.AUTHENTICATION_FAILED, state=state, local=local, retry=Retry.NEVER)
