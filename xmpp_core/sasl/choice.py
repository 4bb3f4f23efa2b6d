"""Which mechanism to use, and which to offer (RFC 6120 sections 6.3.3 and 13.9.4).

A client takes the strongest mechanism both sides have. Where binding to the TLS channel is possible,
nothing weaker than that is used, not even after it failed: else whoever makes it fail gets the rest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from .binding import usable
from .conditions import SaslCondition
from .mechanism import ClientMechanism, Failed, Refusal, RefusalReason, SaslContext, ServerMechanism

__all__ = ["ChoicePolicy", "announced_types", "choose", "offer", "select"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoicePolicy:
    """What is acceptable at all."""

    minimum: int = 0
    """The least strength, see `Strength`."""
    pinned: int = 0
    """The strength that was reached before (XEP-0474 section 7). Nothing weaker is used: a peer that offers less
    now may not be the one that was there then."""
    insecure_plaintext_authentication: bool = False
    """Authenticate without TLS. Everything but SCRAM gives the password to whoever listens, and nothing
    keeps such a listener out of the session afterwards (RFC 6120 section 13.9.4)."""


_DEFAULT: Final = ChoicePolicy()


def choose(
    clients: Sequence[ClientMechanism],
    context: SaslContext,
    policy: ChoicePolicy = _DEFAULT,
    failed: Iterable[str] = (),
) -> ClientMechanism | Refusal:
    """Give the mechanism to start next, or why there is none.

    `clients` are those the user has credentials for; equal strengths are tried in this order. Names in
    `failed` were tried on this stream: a name given n times stands for the first n of that name, which
    is how a password with two prepared forms gets two tries.
    """
    if not context.secure and not policy.insecure_plaintext_authentication:
        return Refusal(RefusalReason.NOT_SECURE, "without TLS nothing is authenticated (RFC 6120 section 13.9.4)")
    common = sorted((one for one in clients if one.name in context.offered), key=lambda one: -one.strength)
    if not common:
        return Refusal(RefusalReason.NOTHING_IN_COMMON, "the server offers no mechanism we have")
    refusals = [(one, one.refusal(context)) for one in common]
    possible = [one for one, refusal in refusals if refusal is None]
    if not possible:
        # A tampered offer is the news that matters; otherwise what was wrong with the strongest.
        texts = [refusal for _, refusal in refusals if refusal is not None]
        return next((one for one in texts if one.reason is RefusalReason.BINDINGS_TAMPERED), texts[0])
    acceptable = [one for one in possible if one.strength >= _floor(possible, context, policy)]
    if acceptable and all(one.strength < policy.pinned for one in acceptable):
        return Refusal(
            RefusalReason.DOWNGRADED,
            "every mechanism that can be used now is weaker than the one used before: the server was changed, or"
            " somebody stands between (XEP-0474 section 7)",
        )
    acceptable = [one for one in acceptable if one.strength >= policy.pinned]
    if not acceptable:
        return Refusal(RefusalReason.TOO_WEAK, "every common mechanism is weaker than the least we accept")
    tried = Counter(failed)
    for one in acceptable:
        if tried[one.name] == 0:
            return one
        tried[one.name] -= 1
    return Refusal(RefusalReason.ALL_FAILED, "every acceptable mechanism has failed")


def offer(servers: Iterable[ServerMechanism], context: SaslContext, policy: ChoicePolicy = _DEFAULT) -> tuple[str, ...]:
    """Give the names a server offers now, the strongest first (RFC 6120 section 6.3.3); none without TLS."""
    if not context.secure and not policy.insecure_plaintext_authentication:
        return ()
    fit = (one for one in servers if one.strength >= policy.minimum and one.refusal(context) is None)
    return tuple(dict.fromkeys(one.name for one in sorted(fit, key=lambda one: -one.strength)))


def announced_types(
    servers: Iterable[ServerMechanism], context: SaslContext, policy: ChoicePolicy = _DEFAULT
) -> tuple[str, ...]:
    """Give the channel-binding types a server announces (XEP-0440 section 2); none if it offers nothing that binds."""
    servers = tuple(servers)
    names = offer(servers, context, policy)
    return usable(context) if any(one.binds and one.name in names for one in servers) else ()


def select(
    servers: Sequence[ServerMechanism], name: str, context: SaslContext, policy: ChoicePolicy = _DEFAULT
) -> ServerMechanism | Failed:
    """Give the mechanism a client asks for by name, or the failure to send (RFC 6120 section 6.5)."""
    found = next((one for one in servers if one.name == name), None)
    if found is None:
        return Failed(SaslCondition.INVALID_MECHANISM, "no such mechanism here")
    if not context.secure and not policy.insecure_plaintext_authentication:
        return Failed(SaslCondition.ENCRYPTION_REQUIRED, "without TLS nothing is authenticated")
    if found.strength < policy.minimum:
        return Failed(SaslCondition.MECHANISM_TOO_WEAK, "the mechanism is weaker than the least we accept")
    refusal = found.refusal(context)
    if refusal is not None:
        return Failed(SaslCondition.INVALID_MECHANISM, refusal.text)
    return found


def _floor(possible: list[ClientMechanism], context: SaslContext, policy: ChoicePolicy) -> int:
    """Give the least strength to accept: the policy's, or that of the weakest binding that is possible.

    Where no types were announced the type is a guess, and its failure says nothing.
    """
    bound = [one.strength for one in possible if one.binds]
    if context.binding_types is None or not bound:
        return policy.minimum
    return max(policy.minimum, min(bound))
