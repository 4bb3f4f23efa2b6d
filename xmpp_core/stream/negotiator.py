"""The rules of stream negotiation, as pure functions (RFC 6120 section 4.3).

As receiving entity: which features are announced. As initiating entity: the first of our ordered
features that the peer offers and we can begin.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from ..namespaces import STREAM
from .context import Milestone, StreamContext
from .feature import Declined, Offer, StreamFeature

__all__ = ["Begin", "Complete", "Stuck", "announcement", "choose", "eligible", "owner_of"]

FEATURES = f"{{{STREAM}}}features"


@dataclass(frozen=True, slots=True)
class Begin:
    """Negotiate this feature next."""

    feature: StreamFeature
    offer: Offer


@dataclass(frozen=True, slots=True)
class Complete:
    """Only voluntary features are left: stanzas may flow (RFC 6120 section 4.3.5)."""


@dataclass(frozen=True, slots=True)
class Stuck:
    """Nothing can be begun, yet the stream is not ready. `reasons` are words of our own."""

    reasons: tuple[str, ...]
    unsupported: bool
    """Whether the peer insists on a feature we do not have (RFC 6120 section 4.9.3.23)."""


def eligible(feature: StreamFeature, milestones: Milestone) -> bool:
    """Whether the milestones reached allow the feature."""
    return (feature.requires & milestones) == feature.requires and not (feature.forbids & milestones)


def announcement(features: Sequence[StreamFeature], states: Mapping[str, object], context: StreamContext) -> Element:
    """Receiving: build `<stream:features/>`; empty when nothing is left (RFC 6120 section 4.3.2)."""
    element = Element(FEATURES)
    for feature in features:
        if eligible(feature, context.milestones):
            element.extend(feature.advertise(states.get(feature.name), context))
    return element


def owner_of(features: Sequence[StreamFeature], element: Element, context: StreamContext) -> StreamFeature | None:
    """Give the feature that takes a received element outside a running exchange, None if nobody does."""
    for feature in features:
        if eligible(feature, context.milestones) and feature.accepts(element, context):
            return feature
    return None


def choose(
    features: Sequence[StreamFeature],
    announced: Element | None,
    negotiated: Collection[str],
    context: StreamContext,
    ready: Milestone,
) -> Begin | Complete | Stuck:
    """Initiating: what to do with the announcement (RFC 6120 section 4.3.5).

    `announced` is None for a peer from before XMPP 1.0. `negotiated` holds the names of features
    done on this stream. `ready` are the milestones without which no stanza may flow.
    """
    offers = {} if announced is None else {element.tag: element for element in reversed(announced)}
    reached = (ready & context.milestones) == ready
    reasons: list[str] = []
    for feature in features:
        if feature.name in negotiated or not eligible(feature, context.milestones):
            continue
        verdict = feature.offer(offers.get(feature.name), context)
        if isinstance(verdict, Declined):
            reasons.append(verdict.reason)
        elif verdict is not None and (verdict.mandatory or not reached):
            return Begin(feature, verdict)
    known = {feature.name for feature in features}
    insisted = any(tag not in known and _insists(element) for tag, element in offers.items())
    if insisted:
        reasons.append("the peer insists on a stream feature that is not supported")
    if reached and not insisted:
        return Complete()
    return Stuck(tuple(reasons), insisted)


def _insists(element: Element) -> bool:
    return any(child.tag.rpartition("}")[2] == "required" for child in element)
