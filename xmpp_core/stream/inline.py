"""Features that ride inside another exchange, and the one loop that runs them.

A host feature (an authentication that takes requests along, a binding that does) keeps an
`InlineProgress` in its own state and calls `begin`, `answered` and `resumed` here. An inline feature
may be a host itself, so loops nest. Requests and responses are matched by namespace.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol
from xml.etree.ElementTree import Element

from ..jid import JID
from ..xml.names import split
from .context import Milestone, StreamContext
from .events import Event, Question
from .extension import StreamExtension
from .step import Ask, Done, Refused, Step

__all__ = ["InlineFeature", "InlineProgress", "advertise", "answered", "begin", "requests", "responses", "resumed"]


class InlineFeature(Protocol):
    """A feature negotiated inside another one. Stateless, as stream features are."""

    @property
    def namespace(self) -> str:
        """The namespace of its announcement, request and response."""
        ...

    @property
    def requires(self) -> Milestone:
        """Milestones that must have been reached, those granted earlier in this exchange included."""
        ...

    @property
    def forbids(self) -> Milestone:
        """Milestones that must not have been reached: binding does nothing after a resumption."""
        ...

    def advertise(self, context: StreamContext) -> tuple[Element, ...]:
        """Receiving: what goes into the host's inline announcement."""
        ...

    def request(self, announced: Element, context: StreamContext) -> Element | None:
        """Initiating: the request to send along, None to leave it."""
        ...

    def receive(self, state: Any, element: Element, context: StreamContext) -> Step:
        """Receiving: take the request; `Done(send=...)` holds the response elements.

        `state` is None, or after a snapshot what the `Ask` kept that was not answered: ask again.
        """
        ...

    def answered(self, state: Any, question: Question[Any], value: Any, context: StreamContext) -> Step:
        """Receiving: take the host's answer."""
        ...

    def response(self, element: Element, context: StreamContext) -> Step:
        """Initiating: take the response to our request."""
        ...


@dataclass(frozen=True, slots=True)
class InlineProgress:
    """How far the loop is. Part of the host feature's state; plain data."""

    waiting: tuple[Element, ...] = ()
    """Requests not yet looked at, the one being asked about first."""
    asking: bool = False
    state: object = None
    """State of the inline feature that asked."""
    responses: tuple[Element, ...] = ()
    grants: Milestone = Milestone.NONE
    install: tuple[StreamExtension, ...] = ()
    events: tuple[Event, ...] = ()
    local: JID | None = None
    peer: JID | None = None
    resumed: bool = False
    receiving: bool = True
    """Whether the elements are requests (receiving entity) or responses (initiating entity)."""


def advertise(features: Sequence[InlineFeature], context: StreamContext) -> tuple[Element, ...]:
    """Receiving: gather the announcements for the host's own element."""
    return tuple(element for feature in features for element in feature.advertise(context))


def requests(
    features: Sequence[InlineFeature], announced: Iterable[Element], context: StreamContext
) -> tuple[Element, ...]:
    """Initiating: gather the requests for what the peer announced, in our order."""
    offered = {split(element.tag)[0]: element for element in announced}
    wanted = []
    for feature in features:
        element = offered.get(feature.namespace)
        if element is not None:
            request = feature.request(element, context)
            if request is not None:
                wanted.append(request)
    return tuple(wanted)


def begin(features: Sequence[InlineFeature], elements: Iterable[Element], context: StreamContext) -> Step:
    """Receiving: run the requested features in our order, pausing where one asks.

    Requests of nobody are left alone: the host's specification says whether that matters. Gives
    `Done` when all ran, `Ask` with an `InlineProgress` as state, or the `Refused` of the first that
    failed for good. A refusal with `again` only leaves its responses (a failure element) behind.
    """
    return _run(features, InlineProgress(waiting=_ordered(features, elements)), context)


def responses(features: Sequence[InlineFeature], elements: Iterable[Element], context: StreamContext) -> Step:
    """Initiating: hand each response to its feature, in our order."""
    return _run(features, InlineProgress(waiting=_ordered(features, elements), receiving=False), context)


def answered(
    features: Sequence[InlineFeature],
    progress: InlineProgress,
    question: Question[Any],
    value: Any,
    context: StreamContext,
) -> Step:
    """Go on with the feature that asked, then with the rest."""
    feature = _owner(features, progress.waiting[0])
    step = feature.answered(progress.state, question, value, _as_granted(context, progress))
    return _take(features, progress, step, context)


def resumed(features: Sequence[InlineFeature], progress: InlineProgress, context: StreamContext) -> Step:
    """Go on after a snapshot: the feature that was asking takes its request again, with what it kept."""
    return _run(features, replace(progress, asking=False), context)


def _ordered(features: Sequence[InlineFeature], elements: Iterable[Element]) -> tuple[Element, ...]:
    given = {split(element.tag)[0]: element for element in elements}
    return tuple(given[feature.namespace] for feature in features if feature.namespace in given)


def _owner(features: Sequence[InlineFeature], element: Element) -> InlineFeature:
    namespace = split(element.tag)[0]
    return next(feature for feature in features if feature.namespace == namespace)


def _as_granted(context: StreamContext, progress: InlineProgress) -> StreamContext:
    return replace(
        context,
        milestones=context.milestones | progress.grants,
        local=progress.local or context.local,
        peer=progress.peer or context.peer,
    )


def _run(features: Sequence[InlineFeature], progress: InlineProgress, context: StreamContext) -> Step:
    while progress.waiting:
        element = progress.waiting[0]
        feature = _owner(features, element)
        seen = _as_granted(context, progress)
        if (feature.requires & seen.milestones) != feature.requires or feature.forbids & seen.milestones:
            progress = replace(progress, waiting=progress.waiting[1:])
            continue
        step = feature.receive(progress.state, element, seen) if progress.receiving else feature.response(element, seen)
        outcome = _apply(progress, step)
        if not isinstance(outcome, InlineProgress):
            return outcome
        progress = outcome
    return Done(
        grants=progress.grants,
        install=progress.install,
        send=progress.responses,
        events=progress.events,
        local=progress.local,
        peer=progress.peer,
        resumed=progress.resumed,
    )


def _take(features: Sequence[InlineFeature], progress: InlineProgress, step: Step, context: StreamContext) -> Step:
    outcome = _apply(progress, step)
    return _run(features, outcome, context) if isinstance(outcome, InlineProgress) else outcome


def _apply(progress: InlineProgress, step: Step) -> InlineProgress | Ask | Refused:
    events, sent = progress.events + step.events, progress.responses + step.send
    if isinstance(step, Ask):
        kept = replace(progress, asking=True, state=step.state, responses=sent, events=())
        return Ask(step.question, kept, events=events)
    if isinstance(step, Refused) and not step.again:
        return replace(step, send=sent, events=events)
    progress = replace(progress, waiting=progress.waiting[1:], asking=False, state=None, responses=sent, events=events)
    if isinstance(step, Done):
        progress = replace(
            progress,
            grants=progress.grants | step.grants,
            install=progress.install + step.install,
            local=step.local or progress.local,
            peer=step.peer or progress.peer,
            resumed=progress.resumed or step.resumed,
        )
    return progress
