"""The initiating side of authentication, whichever profile of SASL carries it: choice and exchange."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

from ..errors import LocalProtocolError
from ..jid import JID
from ..sasl import catalogue, choice
from ..sasl import mechanism as sasl
from ..sasl.conditions import SaslCondition
from ..sasl.credentials import Anonymous, Certificate, Credentials, Token
from ..sasl.nonce import NonceSource, fresh_nonce
from ..sasl.oauthbearer import Explained
from ..sasl.scram_client import ScramClient
from ..stream.context import StreamContext
from .exchange import LoggedIn, Put, Say, Turn, sasl_context
from .logins import question_for

__all__ = ["Attempt", "Login"]

# After these another mechanism may do better; after the others nothing changes by trying.
_TRY_ANOTHER: Final = frozenset(
    {
        SaslCondition.ABORTED,
        SaslCondition.INCORRECT_ENCODING,
        SaslCondition.INVALID_MECHANISM,
        SaslCondition.MALFORMED_REQUEST,
        SaslCondition.MECHANISM_TOO_WEAK,
    }
)


@dataclass(frozen=True, slots=True)
class Attempt:
    """The initiating side of the exchanges on one stream, so far. A profile keeps it as its state."""

    offered: tuple[str, ...]
    """The mechanisms the server announced to this profile, as it announced them."""
    types: tuple[str, ...] | None
    """The channel-binding types it announced; None: none."""
    failed: tuple[str, ...] = ()
    """The names tried before, each as often as it was."""
    number: int = 0
    """Index of the mechanism in use among those we have."""
    state: object = None
    """What that mechanism keeps."""
    begun: bool = False
    """Whether anything was sent of this exchange."""
    claimed: bool = False
    """Whether the server has said success."""
    aborting: str | None = None
    """Why we aborted, in words for the local user."""
    another: bool = False
    """Whether after our abort another mechanism may do better."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """Who logs in, how, and what is acceptable. A value; what changes is in the `Attempt`.

    Each step gives a `Turn`: `Say` what to send, `Put` a question, `LoggedIn`, or `Failed`. A `Failed`
    before anything was sent, or after the server claimed success, ends the stream; any other is
    answered by the profile's abort (`aborted` says what to keep).
    """

    account: JID
    """The account; a domain alone for ANONYMOUS."""
    credentials: Credentials = field(repr=False)
    mechanisms: tuple[str, ...] | None = None
    """Names of the mechanisms that may be used; None: all that are on by default."""
    extra_mechanisms: tuple[sasl.ClientMechanism, ...] = ()
    """Mechanisms of your own, before those built in where strengths are equal."""
    policy: choice.ChoicePolicy = field(default_factory=choice.ChoicePolicy)
    types_must_be_announced: bool = False
    """Whether the profile is that of XEP-0388, where binding without announced types is refused (XEP-0440 rule 4)."""
    ask_for_derivations: bool = False
    nonce: NonceSource = field(default=fresh_nonce, repr=False)
    """Replaced only to replay a published exchange."""

    def candidates(self) -> tuple[sasl.ClientMechanism, ...]:
        """Give the mechanisms there are credentials for, the strongest first."""
        authzid = None
        named = isinstance(self.credentials, Certificate) and self.credentials.name_account
        # A bearer token may be good for several accounts (RFC 7628 section 3.1).
        if named or isinstance(self.credentials, Token):
            authzid = str(self.account.bare)
        local = self.account.local or ""
        found = catalogue.client_mechanisms(local, self.credentials, authzid, named=self.mechanisms)
        return (
            *(one for one in self.extra_mechanisms if self.mechanisms is None or one.name in self.mechanisms),
            *(replace(one, nonce=self.nonce) if isinstance(one, ScramClient) else one for one in found),
        )

    @property
    def _by_issued_token(self) -> bool:
        """Whether the server itself issued what we log in with (XEP-0484).

        It proves that it did, after a login that was strong enough: such a one neither needs nor makes a pin.
        """
        return isinstance(self.credentials, Token) and self.credentials.mechanism.startswith("HT-")

    def seen(self, attempt: Attempt, context: StreamContext) -> sasl.SaslContext:
        """Show the mechanisms what they may see.

        Where none of ours binds, channel binding is not supported (XEP-0440 rule 2), and its data are not shown.
        """
        seen = sasl_context(
            context, attempt.offered, attempt.types, types_must_be_announced=self.types_must_be_announced
        )
        return seen if any(one.binds for one in self.candidates()) else replace(seen, channel_bindings={})

    def choose(self, attempt: Attempt, context: StreamContext) -> Attempt | sasl.Refusal:
        """Choose the mechanism to try next, or say why there is none; `start` begins it."""
        found = self.candidates()
        policy = replace(self.policy, pinned=0) if self._by_issued_token else self.policy
        chosen = choice.choose(found, self.seen(attempt, context), policy, attempt.failed)
        if isinstance(chosen, sasl.Refusal):
            return chosen
        return replace(
            attempt, number=found.index(chosen), state=None, begun=False, claimed=False, aborting=None, another=False
        )

    def mechanism(self, attempt: Attempt) -> sasl.ClientMechanism:
        """Give the mechanism in use. Raises `LocalProtocolError` if there is none: the configuration was changed."""
        found = self.candidates()
        if attempt.number >= len(found):
            raise LocalProtocolError("the mechanism of this exchange is not configured any more")
        return found[attempt.number]

    def start(self, attempt: Attempt, context: StreamContext) -> Turn:
        """Begin the mechanism that was chosen."""
        outcome = self.mechanism(attempt).start(self.seen(attempt, context))
        return self._turn(attempt, outcome, context)

    def challenged(self, attempt: Attempt, data: bytes, context: StreamContext) -> Turn:
        """Take a challenge."""
        outcome = self.mechanism(attempt).challenged(attempt.state, data, self.seen(attempt, context))
        return self._turn(attempt, outcome, context)

    def succeeded(self, attempt: Attempt, data: bytes | None, context: StreamContext) -> Turn:
        """Take the server's claim of success, or of success so far (XEP-0388 section 2.6.3)."""
        attempt = replace(attempt, claimed=True)
        outcome = self.mechanism(attempt).succeeded(attempt.state, data, self.seen(attempt, context))
        return self._turn(attempt, outcome, context)

    def answered(self, attempt: Attempt, value: object, context: StreamContext) -> Turn:
        """Take the host's answer to what was put to it."""
        outcome = self.mechanism(attempt).answered(attempt.state, value, self.seen(attempt, context))
        return self._turn(attempt, outcome, context)

    def resumed(self, attempt: Attempt, context: StreamContext) -> Turn | None:
        """Go on after a snapshot; None: wait for the server."""
        if attempt.aborting is not None:
            return None
        outcome = self.mechanism(attempt).resumed(attempt.state, self.seen(attempt, context))
        return None if outcome is None else self._turn(attempt, outcome, context)

    def aborted(self, attempt: Attempt, failed: sasl.Failed) -> Attempt:
        """Give what to keep after the profile's abort was sent because of `failed`."""
        return replace(attempt, state=None, aborting=failed.reason, another=failed.try_another)

    def explained(self, attempt: Attempt) -> str | None:
        """Give the reason the server told within the exchange, before its failure (RFC 7628 section 3.2.2)."""
        return attempt.state.reason if isinstance(attempt.state, Explained) else None

    def refused(self, attempt: Attempt, condition: SaslCondition) -> Attempt | None:
        """Take the server's failure: give what to go on with (`choose` again), None if nothing changes by trying.

        Another mechanism where that helps, the next form of the password, else the end (RFC 6120 section 6.4.5).
        """
        found = self.candidates()
        tried = found[attempt.number]
        failed = (*attempt.failed, tried.name)
        if attempt.aborting is not None:
            again = attempt.another
        else:
            # Where no binding types were announced ours was a guess, and who ends TLS may be another than who
            # authenticates. Otherwise the password is wrong, and trying it elsewhere only locks the account.
            guessed = tried.binds and attempt.types is None
            forms_left = failed.count(tried.name) < sum(one.name == tried.name for one in found)
            retried = condition is SaslCondition.NOT_AUTHORIZED and (forms_left or guessed)
            again = condition in _TRY_ANOTHER or retried
        return replace(attempt, failed=failed) if again else None

    def _turn(self, attempt: Attempt, outcome: sasl.ClientOutcome, context: StreamContext) -> Turn:
        mechanism = self.mechanism(attempt)
        while isinstance(outcome, sasl.Need):
            request = outcome.request
            if not isinstance(request, sasl.KeyDerivation) or self.ask_for_derivations:
                return Put(question_for(request, mechanism.name, context), replace(attempt, state=outcome.state))
            outcome = mechanism.answered(outcome.state, request.derive(), self.seen(attempt, context))
        if isinstance(outcome, sasl.Respond):
            return Say(outcome.data, replace(attempt, begun=True, state=outcome.state))
        if isinstance(outcome, sasl.Failed):
            return outcome
        jid = JID(self.account.domain) if isinstance(self.credentials, Anonymous) else self.account.bare
        pin = self.policy.pinned if self._by_issued_token else max(self.policy.pinned, mechanism.strength)
        return LoggedIn(jid, mechanism.name, outcome.keys, pin)
