"""The receiving side of SASL2 (XEP-0388): exchange, token, tasks, inline features, success, in this order."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field, replace
from typing import Any, Final
from xml.etree.ElementTree import Element, SubElement

from ..errors import LocalProtocolError
from ..sasl import mechanism as sasl
from ..sasl.conditions import SaslCondition
from ..sasl.logins import StoredTokens
from ..stream import inline
from ..stream.context import Milestone, StreamContext
from ..stream.events import Cause, Event, NegotiationFailed, Question
from ..stream.inline import InlineFeature, InlineProgress
from ..stream.proofs import was_left_out
from ..stream.step import Ask, Continue, Done, Refused, Step
from . import sasl2_elements as xml
from .exchange import Accepted, Put, Say, Turn, binding_types_element, not_kept
from .fast import (
    FAST_ELEMENT,
    FastTokens,
    TokenDenied,
    TokenKept,
    TokenProof,
    TokenUsed,
    is_request,
    new_token,
    token_element,
    use_of,
)
from .logins import Authenticated, TokenLookup
from .reception import Exchange, Reception
from .sasl2_context import Sasl2Context
from .sasl2_tasks import NoTasks, Task, TasksDue, TasksWanted, task_named
from .user_agent import USER_AGENT, UserAgent

__all__ = ["Admission", "Sasl2Server", "Stage"]


class Stage(enum.Enum):
    """How far a client is."""

    IDLE = "nothing is going on"
    EXCHANGE = "the exchange of a mechanism"
    TOKEN = "the host is told of a token that was used"
    JUDGED = "the host is asked for tasks"
    OFFERED = "the client is to choose a task"
    TASK = "a task is going on"
    INLINE = "the features requested along are run"


@dataclass(frozen=True, slots=True)
class Admission:
    """A client on its way in. The state of the feature; plain data, what is secret cut from snapshots."""

    attempts: int = 0
    """Failures so far (RFC 6120 section 6.4.5)."""
    mismatched: bool = False
    """Whether the client was told already that the features have changed."""
    stage: Stage = Stage.IDLE
    agent: UserAgent | None = None
    requests: tuple[Element, ...] = ()
    upgrades: tuple[str, ...] = ()
    """Upgrade tasks the client wants, still to be done (XEP-0480)."""
    by_token: bool = False
    count: int | None = None
    invalidate: bool = False
    exchange: Exchange | None = None
    accepted: Accepted | None = None
    said: bool = False
    """Whether the mechanism's last data has been sent, with a `<continue/>`."""
    proof: TokenProof | None = None
    results: tuple[Element, ...] | None = field(default=None, repr=False, metadata={"secret": True})
    """A token that replaces the one that was used."""
    cleared: bool = False
    """Whether the host wants no more tasks."""
    offered: tuple[str, ...] = ()
    task: str = ""
    task_state: object = None
    done: tuple[str, ...] = ()
    payload: tuple[Element, ...] = ()
    """What the task that ended has to say."""
    progress: InlineProgress | None = None


_OUT_OF_PLACE: Final = "an element of authentication where none belongs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sasl2Server:
    """What is offered inside `<authentication/>`, and who decides."""

    feature: str
    """Clark name of the stream feature, for events."""
    reception: Reception
    tokens: Reception | None = None
    """The mechanisms of FAST; None: no tokens."""
    inline: tuple[InlineFeature, ...] = ()
    tasks: tuple[Task, ...] = ()
    upgrades: tuple[str, ...] = ()
    """Names of those tasks that a client may ask for by itself (XEP-0480)."""
    ask_for_tasks: bool = False
    announce_types: bool = True
    pipelining: bool = False

    # What is announced.

    def advertise(self, context: StreamContext) -> tuple[Element, ...]:
        """Announce mechanisms and inline features (section 2.1); nothing where no mechanism is to be had."""
        seen = self.reception.seen(context)
        if not seen.offered:
            return ()
        authentication = Element(xml.AUTHENTICATION)
        for name in seen.offered:
            SubElement(authentication, xml.MECHANISM).text = name
        within = inline.advertise(self._features(), context)
        if within:
            SubElement(authentication, xml.INLINE).extend(within)
        for name in self.upgrades:
            SubElement(authentication, xml.UPGRADE).text = name
        types = (binding_types_element(seen.binding_types),) if seen.binding_types else ()
        announced = (authentication, *(types if self.announce_types else ()))
        if not self.pipelining:
            return announced
        value = xml.version_of((authentication, *types))
        return (*announced, Element(xml.CONFIG_VERSION, {"scheme": "opaque", "value": value}))

    def _features(self) -> tuple[InlineFeature, ...]:
        """Give the inline features; tokens last, when everything else is settled."""
        if self.tokens is None:
            return self.inline
        return (*self.inline, FastTokens(mechanisms=self.tokens.mechanisms or ()))

    # What a client sends.

    def receive(self, state: Admission, element: Element, context: StreamContext) -> Step:
        """Take an element of a client."""
        if element.tag == xml.ABORT:
            return self._refuse(state, sasl.Failed(SaslCondition.ABORTED, "the client aborted"), context)
        if element.tag == xml.AUTHENTICATE:
            # Also after `<continue/>` (section 4.8).
            return self._begin(state, element, context) if state.stage is Stage.IDLE else self._disconnect(state)
        if state.stage in _TAKING and was_left_out(element):
            return self._refuse(state, not_kept(), context)
        if element.tag == xml.RESPONSE and state.stage is Stage.EXCHANGE:
            assert state.exchange is not None
            try:
                data = xml.data_in(element) or b""
            except ValueError:
                return self._refuse(state, _encoding(), context)
            return self._turned(state, self._reception(state).responded(state.exchange, data, context), context)
        if element.tag == xml.NEXT and state.stage is Stage.OFFERED:
            task = task_named(self.tasks, element.get("task", ""))
            if task is None or task.name not in state.offered:
                failed = sasl.Failed(SaslCondition.MALFORMED_REQUEST, "a task was begun that was not offered")
                return self._refuse(state, failed, context)
            state = replace(state, stage=Stage.TASK, task=task.name, task_state=None, offered=())
            return self._tasked(state, task.begun(xml.foreign(element), self._seen(state, context)), context)
        if element.tag == xml.TASK_DATA and state.stage is Stage.TASK:
            step = self._task(state).received(state.task_state, xml.foreign(element), self._seen(state, context))
            return self._tasked(state, step, context)
        if state.stage is not Stage.IDLE:
            return self._disconnect(state)
        failed = sasl.Failed(SaslCondition.MALFORMED_REQUEST, "an answer without an exchange")
        return self._refuse(state, failed, context)

    def _begin(self, state: Admission, element: Element, context: StreamContext) -> Step:
        """Take `<authenticate/>` (section 2.3)."""
        version = element.find(xml.CONFIG_VERSION)
        if version is not None and not self._current(version, context):
            if state.mismatched:
                return self._refuse(state, sasl.Failed(SaslCondition.ABORTED, "the features are others"), context)
            # Without prejudice: it does not count (XEP-0509 section 2.2), once.
            event = NegotiationFailed(self.feature, "config-version-mismatch")
            sent = (xml.failure(SaslCondition.ABORTED, mismatch=True),)
            state = replace(state, mismatched=True)
            return Refused("aborted", "the features have changed", send=sent, events=(event,), state=state, again=True)
        if was_left_out(element.find(xml.INITIAL)):
            return self._refuse(state, not_kept(), context)
        name = element.get("mechanism", "")
        fast = element.find(FAST_ELEMENT)
        use = use_of(fast) if fast is not None else (None, False)
        described = element.find(USER_AGENT)
        try:
            agent = UserAgent.read(described) if described is not None else None
            initial = xml.data_in(element.find(xml.INITIAL))
        except LocalProtocolError:
            return self._refuse(state, _malformed("the id of the user agent is no UUID"), context)
        except ValueError:
            return self._refuse(state, _encoding(), context)
        if use is None:
            return self._refuse(state, _malformed("the count of a token's uses is no positive integer"), context)
        state = Admission(
            attempts=state.attempts,
            mismatched=state.mismatched,
            stage=Stage.EXCHANGE,
            agent=agent,
            requests=tuple(one for one in xml.foreign(element) if one.tag not in _NOT_INLINE),
            upgrades=tuple(one for one in dict.fromkeys(_texts(element, xml.UPGRADE)) if one in self.upgrades),
            by_token=fast is not None,
            count=use[0],
            invalidate=use[1],
        )
        if fast is not None and (self.tokens is None or agent is None or agent.id is None):
            # Tokens belong to a client, which says who it is (XEP-0484 section 4.1).
            return self._refuse(state, _malformed("a token without the id of a user agent"), context)
        # A token is for the mechanisms of FAST alone, and those are for tokens alone (XEP-0484 section 3.4).
        return self._turned(state, self._reception(state).begin(name, initial, context), context)

    def _current(self, version: Element, context: StreamContext) -> bool:
        """Whether the client knows what is announced now; who does not pipeline announces no version."""
        ours = next((one for one in self.advertise(context) if one.tag == xml.CONFIG_VERSION), None)
        return ours is None or ours.get("value") == version.get("value")

    # What the exchange comes to.

    def _reception(self, state: Admission) -> Reception:
        if not state.by_token:
            return self.reception
        assert self.tokens is not None
        return self.tokens

    def _turned(self, state: Admission, turn: Turn, context: StreamContext, answer: object = None) -> Step:
        match turn:
            case Say():
                challenge = xml.data_element(xml.CHALLENGE, turn.data or b"")
                return Continue(replace(state, exchange=turn.state), send=(challenge,))
            case Put():
                question = turn.question
                if isinstance(question, TokenLookup) and state.agent is not None and state.agent.id is not None:
                    question = replace(question, client=state.agent.id.lower())
                return Ask(question, state=replace(state, exchange=turn.state))
            case Accepted():
                state = replace(state, accepted=turn, exchange=None)
                return self._token_used(state, answer, context) if state.by_token else self._judge(state, context)
            case sasl.Failed():
                return self._refuse(state, turn, context)
        raise AssertionError(turn)

    def _token_used(self, state: Admission, answer: object, context: StreamContext) -> Step:
        """Tell the host which token was used, before the client is let in (XEP-0484 section 3.4)."""
        accepted, agent = state.accepted, state.agent
        assert accepted is not None
        assert agent is not None
        assert agent.id is not None
        known = answer.valid if isinstance(answer, StoredTokens) else ()
        used = known[accepted.token] if accepted.token is not None and accepted.token < len(known) else None
        proof = TokenProof(used, accepted.mechanism, agent.id.lower(), state.count, state.invalidate)
        requested = any(is_request(one) for one in state.requests)
        question = TokenUsed(accepted.jid, proof, new_token(context), requested)
        return Ask(question, state=replace(state, stage=Stage.TOKEN, proof=proof))

    def _judge(self, state: Admission, context: StreamContext) -> Step:
        """Ask the host for tasks, offer those the client wants, then go on (section 2.6.3; XEP-0480 section 2.2)."""
        accepted = state.accepted
        assert accepted is not None
        if self.ask_for_tasks and not state.cleared and not state.by_token:
            known = tuple(task.name for task in self.tasks)
            question = TasksWanted(accepted.jid, accepted.mechanism, state.agent, state.done, known)
            return Ask(question, state=replace(state, stage=Stage.JUDGED))
        if state.upgrades and not state.by_token:
            return self._due(replace(state, upgrades=state.upgrades[1:]), TasksDue(state.upgrades[:1]))
        state = replace(state, stage=Stage.INLINE)
        return self._over(state, inline.begin(self._features(), state.requests, self._seen(state, context)))

    def _due(self, state: Admission, due: TasksDue) -> Step:
        assert state.accepted is not None
        data = None if state.said else state.accepted.data
        element = xml.tasks_element(due.names, due.text, data)
        element.extend(state.payload)
        state = replace(state, stage=Stage.OFFERED, offered=due.names, said=True, payload=())
        return Continue(state, send=(element,))

    def _task(self, state: Admission) -> Task:
        task = task_named(self.tasks, state.task)
        assert task is not None
        return task

    def _tasked(self, state: Admission, step: Step, context: StreamContext) -> Step:
        if isinstance(step, Refused):
            failed = sasl.Failed(SaslCondition.named(step.condition), step.detail)
            return _after(step.events, self._refuse(state, failed, context))
        if isinstance(step, Done):
            done = (*state.done, state.task)
            return _after(step.events, self._judge(replace(state, done=done, payload=step.send), context))
        state = replace(state, task_state=step.state)
        wrapped: tuple[Element, ...] = ()
        if step.send:
            data = Element(xml.TASK_DATA)
            data.extend(step.send)
            wrapped = (data,)
        return replace(step, state=state, send=wrapped)

    def _seen(self, state: Admission, context: StreamContext) -> Sasl2Context:
        accepted = state.accepted
        assert accepted is not None
        known = replace(context, peer=accepted.jid)
        if state.stage is Stage.INLINE:
            known = replace(known, milestones=context.milestones | Milestone.AUTHENTICATED)
        return Sasl2Context.within(known, state.agent, accepted.mechanism)

    def _over(self, state: Admission, step: Step) -> Step:
        """Say success with what the inline features have to say (section 2.6.1)."""
        accepted = state.accepted
        assert accepted is not None
        if isinstance(step, Ask):
            assert isinstance(step.state, InlineProgress)
            return replace(step, state=replace(state, progress=step.state))
        if not isinstance(step, Done):
            return replace(step, send=(), state=Admission(state.attempts))
        success = Element(xml.SUCCESS)
        success.extend(state.payload)
        if accepted.data is not None and not state.said:
            success.append(xml.data_element(xml.ADDITIONAL, accepted.data))
        bound = Milestone.BOUND in step.grants and not step.resumed
        jid = step.peer if bound and step.peer is not None else accepted.jid
        SubElement(success, xml.IDENTIFIER).text = str(jid)
        success.extend(step.send)
        success.extend(state.results or ())
        event = Authenticated(accepted.jid, accepted.mechanism, user_agent=state.agent)
        return replace(
            step,
            grants=step.grants | Milestone.AUTHENTICATED,
            send=(success,),
            events=(event, *step.events),
            peer=step.peer or accepted.jid,
            announce=True,
        )

    # What the host says.

    def answered(self, state: Admission, question: Question[Any], value: Any, context: StreamContext) -> Step:
        """Take the host's answer to whoever asked."""
        match state.stage:
            case Stage.EXCHANGE:
                assert state.exchange is not None
                turn = self._reception(state).answered(state.exchange, value, context)
                return self._turned(state, turn, context, value)
            case Stage.TOKEN:
                if isinstance(value, TokenDenied):
                    return self._refuse(state, sasl.Failed(value.condition, "the token is not taken"), context)
                if isinstance(value, TokenKept):
                    assert isinstance(question, TokenUsed)
                    state = replace(state, results=(token_element(question.fresh, value.expiry),))
                return self._judge(replace(state, proof=None), context)
            case Stage.JUDGED:
                if isinstance(value, NoTasks):
                    return self._judge(replace(state, cleared=True), context)
                assert isinstance(value, TasksDue)
                return self._due(state, value)
            case Stage.TASK:
                seen = self._seen(state, context)
                step = self._task(state).answered(state.task_state, question, value, seen)
                return self._tasked(state, step, context)
        assert state.progress is not None
        seen = self._seen(state, context)
        return self._over(state, inline.answered(self._features(), state.progress, question, value, seen))

    def resumed(self, state: Admission, context: StreamContext) -> Step:
        """Go on after a snapshot was restored."""
        match state.stage:
            case Stage.EXCHANGE if state.exchange is not None:
                turn = self._reception(state).resumed(state.exchange, context)
                return Continue(state) if turn is None else self._turned(state, turn, context)
            case Stage.TOKEN:
                failed = sasl.Failed(SaslCondition.TEMPORARY_AUTH_FAILURE, "the token was not kept in the snapshot")
                return self._refuse(state, failed, context)
            case Stage.JUDGED:
                return self._judge(state, context)
            case Stage.TASK:
                step = self._task(state).resumed(state.task_state, self._seen(state, context))
                return self._tasked(state, step, context)
            case Stage.INLINE if state.progress is not None:
                step = inline.resumed(self._features(), state.progress, self._seen(state, context))
                return self._over(state, step)
        return Continue(state)

    # What goes wrong.

    def _refuse(self, state: Admission, failed: sasl.Failed, context: StreamContext) -> Step:
        """Send `<failure/>` and count the attempt (section 2.6.2; RFC 6120 sections 6.4.5 and 6.5)."""
        attempts = state.attempts + 1
        last = attempts >= context.limits.authentication_attempts
        return Refused(
            failed.condition.value,
            "authentication failed too often" if last else failed.reason,
            Cause.AUTHENTICATION_FAILED,
            send=(xml.failure(failed.condition),),
            events=(NegotiationFailed(self.feature, failed.condition.value),),
            state=Admission(attempts, state.mismatched),
            again=not last,
            stream_error="policy-violation" if last else None,
        )

    def _disconnect(self, state: Admission) -> Step:
        """End the stream: between `<authenticate/>` and its end nothing else may come (sections 2.4 and 4.8)."""
        return Refused(
            "policy-violation",
            _OUT_OF_PLACE,
            Cause.VIOLATION,
            state=Admission(state.attempts),
            stream_error="policy-violation",
        )


_TAKING: Final = frozenset({Stage.EXCHANGE, Stage.OFFERED, Stage.TASK})
_NOT_INLINE: Final = frozenset({FAST_ELEMENT, xml.UPGRADE, xml.CONFIG_VERSION})


def _texts(element: Element, name: str) -> tuple[str, ...]:
    return xml.names_in(element, name)


def _after(events: tuple[Event, ...], step: Step) -> Step:
    return replace(step, events=events + step.events)


def _malformed(reason: str) -> sasl.Failed:
    return sasl.Failed(SaslCondition.MALFORMED_REQUEST, reason)


def _encoding() -> sasl.Failed:
    return sasl.Failed(SaslCondition.INCORRECT_ENCODING, "the client sent no base64")
