"""Advanced message processing: a sender says what servers do with a message that they cannot deliver as it was meant.

XEP-0079, version 1.2, Draft; sections 2 to 6 and 8.

Nothing is done here: `Amp.refusal` judges the rules as section 2.2.1 asks, `Amp.met` finds the one that decides, and
the server acts. It should tell no sender what he may not see in presence (section 9).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Final

from ...jid import JID
from ..conditions import StanzaError
from ..payload import (
    SOME_TEXT,
    XMPP_DATETIME,
    Spec,
    attribute,
    children,
    datetime,
    element_name,
    enum,
    payload,
    timedelta,
)
from .disco import DiscoInfo

__all__ = [
    "ACTIONS",
    "CONDITIONS",
    "ERRORS",
    "FEATURE",
    "NAMESPACE",
    "SPEC",
    "Amp",
    "AmpAction",
    "AmpCondition",
    "AmpFault",
    "AmpFeature",
    "AmpRefusal",
    "Delivery",
    "FailedRule",
    "FailedRules",
    "ResourceMatch",
    "Rule",
    "Situation",
    "failed",
    "features",
    "told",
]

SPEC: Final = Spec(79, "1.2", "Draft", "Advanced Message Processing")
NAMESPACE: Final = "http://jabber.org/protocol/amp"
"""Also the feature of a server, and the node that is asked for the rules it knows (section 2.1.1)."""
ERRORS: Final = "http://jabber.org/protocol/amp#errors"
FEATURE: Final = "http://jabber.org/features/amp"


class AmpAction(Enum):
    """What becomes of the message when the condition is met (section 3.4). The registrar may define others."""

    ALERT = "alert"
    """It is dropped, and its sender told."""
    DROP = "drop"
    ERROR = "error"
    """It is dropped, and answered with an error."""
    NOTIFY = "notify"
    """It is delivered as ever, and its sender told."""


class AmpCondition(Enum):
    """What a rule looks at (section 3.3). The registrar may define others."""

    DELIVER = "deliver"
    """Its value is one of `Delivery`."""
    EXPIRE_AT = "expire-at"
    """Its value is a moment, in UTC."""
    MATCH_RESOURCE = "match-resource"
    """Its value is one of `ResourceMatch`."""


ACTIONS: Final = frozenset(one.value for one in AmpAction)
CONDITIONS: Final = frozenset(one.value for one in AmpCondition)


class Delivery(Enum):
    """What would become of a message without any rules (section 3.3.1)."""

    DIRECT = "direct"
    FORWARD = "forward"
    GATEWAY = "gateway"
    NONE = "none"
    STORED = "stored"


class ResourceMatch(Enum):
    """How the resource it would go to compares with the one it was sent to (section 3.3.3)."""

    ANY = "any"
    EXACT = "exact"
    OTHER = "other"


class AmpFault(Enum):
    """What is wrong with rules (section 6.1)."""

    INVALID = "invalid-rules"
    UNSUPPORTED_ACTIONS = "unsupported-actions"
    UNSUPPORTED_CONDITIONS = "unsupported-conditions"


@dataclass(frozen=True, slots=True)
class Situation:
    """What a server would do with a message if it had no rules (section 2.2.2)."""

    delivery: Delivery
    intended: JID
    """Whom it was sent to."""
    actual: JID | None = None
    """Where it would go: a full address, or a bare one as for a room or storage; None: nowhere."""
    at: datetime | None = None
    """When it would be delivered, with a zone; None: nobody can tell, as when it is stored."""


@payload()
class _Said:
    """What a rule says (section 4.2)."""

    condition: str = attribute(codec=SOME_TEXT)
    action: str = attribute(codec=SOME_TEXT)
    value: str = attribute(codec=SOME_TEXT)


@payload(NAMESPACE, "rule")
class Rule(_Said):
    """Do this if that is so (section 4.2)."""

    @property
    def well_formed(self) -> bool:
        """Whether the value is one that its condition has, as far as we know the condition (section 3.3)."""
        if self.condition == AmpCondition.EXPIRE_AT.value:
            return self._moment() is not None
        known = {AmpCondition.DELIVER.value: Delivery, AmpCondition.MATCH_RESOURCE.value: ResourceMatch}
        members = known.get(self.condition)
        return members is None or self.value in {one.value for one in members}

    def met(self, situation: Situation) -> bool:
        """Whether the condition is met; one that is not defined here is not."""
        if self.condition == AmpCondition.DELIVER.value:
            return self.value == situation.delivery.value
        if self.condition == AmpCondition.EXPIRE_AT.value:
            moment = self._moment()
            return moment is not None and situation.at is not None and situation.at >= moment
        if self.condition == AmpCondition.MATCH_RESOURCE.value and situation.actual is not None:
            # An address without a resource is exactly another that has none (section 3.3.3).
            exact = situation.actual.resource == situation.intended.resource
            return self.value == "any" or self.value == ("exact" if exact else "other")
        return False

    def _moment(self) -> datetime | None:
        try:
            moment = XMPP_DATETIME.read(self.value)
        except ValueError:
            return None
        return moment if moment.utcoffset() == timedelta() else None  # section 3.3.2: the zone is UTC


@payload(NAMESPACE, "amp")
class Amp:
    """The rules of a message, or with a status, what came of them (section 4.1)."""

    rules: tuple[Rule, ...] = children(Rule)
    status: str | None = attribute(codec=SOME_TEXT, default=None, kw_only=True)
    """The action that was done; None: these are to be processed."""
    from_: JID | None = attribute("from", default=None, kw_only=True)
    """Who sent the message, as a server says."""
    to: JID | None = attribute(default=None, kw_only=True)
    """Whom it was meant for, as a server says."""
    per_hop: bool = attribute(default=False, kw_only=True)
    """Each server on the way processes the rules, not the first and the last alone."""

    def refusal(
        self,
        actions: Collection[str] = ACTIONS,
        conditions: Collection[str] = CONDITIONS,
        *,
        invalid: Iterable[Rule] = (),
    ) -> StanzaError | None:
        """Give the error for rules that a server does not take (sections 2.2.1 and 6.1); None: it takes them.

        Of several faults the first of these is told: an action that is not among those given, a condition that is
        not, a value that cannot be. `invalid` are those that the server does not take for reasons of its own.
        """
        refused = tuple(invalid)
        for fault, rules in (
            (AmpFault.UNSUPPORTED_ACTIONS, [one for one in self.rules if one.action not in actions]),
            (AmpFault.UNSUPPORTED_CONDITIONS, [one for one in self.rules if one.condition not in conditions]),
            (AmpFault.INVALID, [one for one in self.rules if not one.well_formed or one in refused]),
        ):
            if rules:
                condition = "not-acceptable" if fault is AmpFault.INVALID else "bad-request"
                return StanzaError(condition, "modify", application=AmpRefusal(fault, tuple(rules)))
        return None

    def met(self, situation: Situation) -> Rule | None:
        """Give the first rule whose condition is met: it decides (section 2.2.3). None: what is ever done is done.

        No action that is defined here has the rules after it looked at: `notify` has done what is ever done.
        """
        for one in self.rules:
            # Each server on the way knows nothing of the resources of the last (section 3.3.3).
            ignored = self.per_hop and one.condition == AmpCondition.MATCH_RESOURCE.value
            if not ignored and one.met(situation):
                return one
        return None


@payload(NAMESPACE, tuple(one.value for one in AmpFault))
class AmpRefusal:
    """The application-specific condition of an error for rules that a server does not take (section 6.1)."""

    fault: AmpFault = element_name(codec=enum(AmpFault))
    rules: tuple[Rule, ...] = children(Rule)


@payload(ERRORS, "rule")
class FailedRule(_Said):
    """A rule as an error tells of it: in the namespace of the errors (section 12.2)."""


@payload(ERRORS, "failed-rules")
class FailedRules:
    """The application-specific condition of the error that a rule asked for (section 3.4.3)."""

    rules: tuple[FailedRule, ...] = children(FailedRule)


@payload(FEATURE, "amp")
class AmpFeature:
    """The stream feature (section 8)."""


def features(actions: Iterable[str] = ACTIONS, conditions: Iterable[str] = CONDITIONS) -> DiscoInfo:
    """Give the answer for the node: which actions and conditions are known (section 2.1.1)."""
    named = [f"{NAMESPACE}?action={one}" for one in sorted(actions)]
    named += [f"{NAMESPACE}?condition={one}" for one in sorted(conditions)]
    return DiscoInfo(NAMESPACE, features=(NAMESPACE, *named))


def failed(rule: Rule) -> StanzaError:
    """Give the error that a rule asked for (section 3.4.3); `told` goes beside it in the answer."""
    named = FailedRule(rule.condition, rule.action, rule.value)
    return StanzaError("undefined-condition", "modify", application=FailedRules((named,)))


def told(rule: Rule, sender: JID, recipient: JID) -> Amp:
    """Give what is sent to the sender of a message when a rule was met (sections 2.2.5 and 4.1)."""
    return Amp((rule,), status=rule.action, from_=sender, to=recipient)
