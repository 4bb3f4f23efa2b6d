"""The receiving side of authentication, whichever profile of SASL carries it: offer and exchange."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from ..errors import LocalProtocolError
from ..jid import JID, JIDError
from ..sasl import catalogue, choice
from ..sasl import mechanism as sasl
from ..sasl.conditions import SaslCondition
from ..sasl.logins import Authorized, CertificateRequest, Denied
from ..sasl.nonce import NonceSource, fresh_nonce
from ..sasl.scram_server import ScramServer
from ..stream.context import Kind, StreamContext
from .exchange import Accepted, Put, Say, Turn, sasl_context
from .logins import CertificateLogin, question_for

__all__ = ["Exchange", "Reception"]


@dataclass(frozen=True, slots=True)
class Exchange:
    """The receiving side of an exchange, so far. A profile keeps it as its state."""

    mechanism: str
    state: object = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reception:
    """What is offered, and who decides. A value; what changes is in the `Exchange`.

    Each step gives a `Turn`: `Say` what to send, `Put` a question, `Accepted`, or `Failed`, whose condition is
    what the client is told.
    """

    mechanisms: tuple[str, ...] | None = None
    """Names of the mechanisms to offer; None: those that are on by default."""
    extra_mechanisms: tuple[sasl.ServerMechanism, ...] = ()
    """Mechanisms of your own, before those built in where strengths are equal."""
    secret: bytes = field(default=b"", repr=False)
    """What invented salts of unknown users come from, stable, at least 16 octets."""
    policy: choice.ChoicePolicy = field(default_factory=choice.ChoicePolicy)
    judge: Callable[[CertificateLogin], Authorized | Denied] | None = field(default=None, repr=False)
    """Answers `CertificateLogin` on the spot; None: the host is asked."""
    ask_for_certificates: bool = False
    ask_for_derivations: bool = False
    ask_for_authorization: bool = False
    downgrade_protection: bool = True
    """Whether SCRAM tells a client what was offered and over which TLS (XEP-0474, XEP-0515)."""
    nonce: NonceSource = field(default=fresh_nonce, repr=False)
    """Replaced only to replay a published exchange."""

    def candidates(self) -> tuple[sasl.ServerMechanism, ...]:
        """Give the mechanisms that may be offered, the strongest first."""
        found = catalogue.server_mechanisms(named=self.mechanisms)
        if self.mechanisms is None and self.judge is None and not self.ask_for_certificates:
            # Nobody has said that he can tell whose certificate it is.
            found = tuple(one for one in found if one.name != "EXTERNAL")
        return (
            *(one for one in self.extra_mechanisms if self.mechanisms is None or one.name in self.mechanisms),
            *(
                replace(one, nonce=self.nonce, downgrade_protection=self.downgrade_protection)
                if isinstance(one, ScramServer)
                else one
                for one in found
            ),
        )

    def seen(self, context: StreamContext) -> sasl.SaslContext:
        """Show the mechanisms what they may see: `offered` and `binding_types` are what is to be announced."""
        found = self.candidates()
        seen = sasl_context(context, (), None, secret=self.secret)
        seen = replace(seen, offered=choice.offer(found, seen, self.policy))
        types = choice.announced_types(found, seen, self.policy)
        return replace(seen, binding_types=types or None)

    def begin(self, name: str, initial: bytes | None, context: StreamContext) -> Turn:
        """Begin the mechanism a client asks for, with its initial response; None: it sent none."""
        seen = self.seen(context)
        chosen = choice.select(self.candidates(), name, seen, self.policy)
        if isinstance(chosen, sasl.Failed):
            return chosen
        return self._turn(chosen, chosen.start(initial, seen), seen, context)

    def responded(self, exchange: Exchange, data: bytes, context: StreamContext) -> Turn:
        """Take a response."""
        mechanism, seen = self._in_use(exchange, context)
        return self._turn(mechanism, mechanism.responded(exchange.state, data, seen), seen, context)

    def answered(self, exchange: Exchange, value: object, context: StreamContext) -> Turn:
        """Take the host's answer to what was put to it."""
        mechanism, seen = self._in_use(exchange, context)
        return self._turn(mechanism, mechanism.answered(exchange.state, value, seen), seen, context)

    def resumed(self, exchange: Exchange, context: StreamContext) -> Turn | None:
        """Go on after a snapshot; None: wait for the client."""
        mechanism, seen = self._in_use(exchange, context)
        asked = mechanism.resumed(exchange.state, seen)
        return None if asked is None else self._turn(mechanism, asked, seen, context)

    def _in_use(self, exchange: Exchange, context: StreamContext) -> tuple[sasl.ServerMechanism, sasl.SaslContext]:
        mechanism = next((one for one in self.candidates() if one.name == exchange.mechanism), None)
        if mechanism is None:
            raise LocalProtocolError("the mechanism of this exchange is not configured any more")
        return mechanism, self.seen(context)

    def _turn(
        self,
        mechanism: sasl.ServerMechanism,
        outcome: sasl.ServerOutcome,
        seen: sasl.SaslContext,
        context: StreamContext,
    ) -> Turn:
        while isinstance(outcome, sasl.Need):
            request = outcome.request
            if isinstance(request, sasl.KeyDerivation) and not self.ask_for_derivations:
                outcome = mechanism.answered(outcome.state, request.derive(), seen)
            elif isinstance(request, sasl.AuthorizationRequest) and not self.ask_for_authorization:
                outcome = mechanism.answered(outcome.state, _same_account(request, context), seen)
            else:
                question = question_for(request, mechanism.name, context)
                if not isinstance(request, CertificateRequest) or self.ask_for_certificates or self.judge is None:
                    return Put(question, Exchange(mechanism.name, outcome.state))
                assert isinstance(question, CertificateLogin)
                outcome = mechanism.answered(outcome.state, self.judge(question), seen)
        if isinstance(outcome, sasl.Respond):
            return Say(outcome.data or b"", Exchange(mechanism.name, outcome.state))
        if isinstance(outcome, sasl.Failed):
            return outcome
        return _accepted(mechanism.name, outcome, context)


def _accepted(name: str, outcome: sasl.Authenticated, context: StreamContext) -> Accepted | sasl.Failed:
    """Make the address, and compare it with the one the stream was opened for (RFC 6120 sections 4.7.1, 6.4.6)."""
    try:
        peer = _account(outcome, context)
    except JIDError:
        return sasl.Failed(SaslCondition.INVALID_AUTHZID, "no address can be made of the name")
    served = context.domain
    if context.kind is Kind.C2S and (peer.local is None or served is None or peer.domain != served.domain):
        return sasl.Failed(SaslCondition.INVALID_AUTHZID, "a client is an account of the domain it asked for")
    header = context.peer_header
    if header is not None and header.from_ is not None and header.from_.bare != peer:
        return sasl.Failed(SaslCondition.INVALID_AUTHZID, "the stream was opened for another account")
    return Accepted(peer, name, outcome.data, outcome.token)


def _account(outcome: sasl.Authenticated, context: StreamContext) -> JID:
    if outcome.authzid:
        return JID(outcome.authzid).bare
    assert context.domain is not None
    return JID.of(outcome.authcid, context.domain.domain)


def _same_account(request: sasl.AuthorizationRequest, context: StreamContext) -> bool:
    """Only the own account (RFC 6120 section 6.3.8): `authzid` is its bare address."""
    assert context.domain is not None
    try:
        return JID(request.authzid) == JID.of(request.authcid, context.domain.domain)
    except JIDError:
        return False
