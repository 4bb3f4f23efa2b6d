"""SASL, both sides: the profile of RFC 6120 section 6 around the mechanisms of `xmpp_core.sasl`."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Final
from xml.etree.ElementTree import Element, SubElement

from ..jid import JID, JIDError
from ..namespaces import SASL, SASL_CHANNEL_BINDING
from ..sasl import catalogue, choice
from ..sasl import mechanism as sasl
from ..sasl.conditions import SaslCondition
from ..sasl.credentials import (
    ClientKeys,
    CredentialsAnswer,
    Disabled,
    Keys,
    NoSuchUser,
    Password,
    StoredKeys,
    Unavailable,
)
from ..sasl.derivation import HASHES
from ..sasl.end_point import server_end_point
from ..sasl.nonce import NonceSource, fresh_nonce
from ..sasl.scram_client import ScramClient
from ..sasl.scram_server import ScramServer
from ..stream.context import Milestone, StreamContext
from ..stream.events import Cause, Event, NegotiationFailed, Question, Retry
from ..stream.feature import Declined, Offer
from ..stream.step import Ask, Continue, Done, Refused, Restart, Step

__all__ = ["Authenticated", "AuthorizeAs", "CredentialsLookup", "DeriveKey", "Sasl"]

_MECHANISMS: Final = f"{{{SASL}}}mechanisms"
_MECHANISM: Final = f"{{{SASL}}}mechanism"
_BINDINGS: Final = f"{{{SASL_CHANNEL_BINDING}}}sasl-channel-binding"
_BINDING: Final = f"{{{SASL_CHANNEL_BINDING}}}channel-binding"
_NAME: Final = re.compile(r"[A-Z0-9_-]{1,20}")
_FROM_CLIENT: Final = frozenset(f"{{{SASL}}}{name}" for name in ("auth", "response", "abort"))
_FROM_SERVER: Final = frozenset(f"{{{SASL}}}{name}" for name in ("challenge", "success", "failure"))
_MOST_MECHANISMS: Final = 64
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
_TRY_LATER: Final = frozenset({SaslCondition.TEMPORARY_AUTH_FAILURE})


@dataclass(frozen=True, slots=True)
class Authenticated(Event):
    """Authentication succeeded (RFC 6120 section 6.4.6).

    On a client `keys` may be kept for the next login (`Password(...).having(keys)`): the derivation is
    then not needed. They are as good as the password.
    """

    jid: JID
    mechanism: str
    keys: ClientKeys | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, eq=False)
class CredentialsLookup(Question[CredentialsAnswer]):
    """What is stored of this user? `NoSuchUser` and a wrong password look the same to the peer."""

    username: str
    mechanism: str
    answers: ClassVar[tuple[type, ...]] = (StoredKeys, NoSuchUser, Disabled, Unavailable)


@dataclass(frozen=True, slots=True, eq=False)
class DeriveKey(Question[bytes]):
    """Make the SaltedPassword: `answer(question, question.derive())`, perhaps in another thread.

    Asked only with `ask_for_derivations`; otherwise the engine computes it on the spot.
    """

    request: sasl.KeyDerivation = field(repr=False)
    answers: ClassVar[tuple[type, ...]] = (bytes,)

    def fault_of(self, value: bytes) -> str | None:
        """A SaltedPassword has the size of its hash (RFC 5802 section 2.2)."""
        return None if len(value) == HASHES[self.request.hash].octets else "a SaltedPassword has the size of its hash"

    def derive(self) -> bytes:
        """Compute the answer; some milliseconds at the usual number of iterations."""
        return self.request.derive()


@dataclass(frozen=True, slots=True, eq=False)
class AuthorizeAs(Question[bool]):
    """May `authcid`, who proved that name, act as `authzid`? (RFC 6120 section 6.3.8)."""

    authcid: str
    authzid: str
    answers: ClassVar[tuple[type, ...]] = (bool,)


@dataclass(frozen=True, slots=True)
class _Client:
    """The initiating side of an exchange."""

    offered: tuple[str, ...]
    types: tuple[str, ...] | None
    failed: tuple[str, ...] = ()
    number: int = 0
    """Index of the mechanism among those we have."""
    state: object = None
    begun: bool = False
    claimed: bool = False
    """Whether the server has said success."""
    aborting: str | None = None
    """Why we sent `<abort/>`, in words for the local user."""
    another: bool = False


@dataclass(frozen=True, slots=True)
class _Server:
    """The receiving side: an exchange, and the attempts before it."""

    attempts: int = 0
    name: str | None = None
    state: object = None


@dataclass(frozen=True, slots=True)
class Sasl:
    """The feature. As initiating entity `account` and `credentials` say who we are.

    `mechanisms` restricts the names used or offered. `secret` keeps invented salts stable on a
    server. `insecure_plaintext_authentication` goes on without TLS.
    """

    account: JID | None = None
    credentials: Password | Keys | None = field(default=None, repr=False)
    mechanisms: tuple[str, ...] | None = None
    secret: bytes = field(default=b"", repr=False)
    ask_for_derivations: bool = False
    ask_for_authorization: bool = False
    insecure_plaintext_authentication: bool = False
    nonce: NonceSource = field(default=fresh_nonce, repr=False)
    """Replaced only to replay a published exchange."""

    name: ClassVar[str] = _MECHANISMS
    requires: ClassVar[Milestone] = Milestone.NONE
    forbids: ClassVar[Milestone] = Milestone.AUTHENTICATED

    # Both sides.

    @property
    def _policy(self) -> choice.ChoicePolicy:
        return choice.ChoicePolicy(insecure_plaintext_authentication=self.insecure_plaintext_authentication)

    def _sasl_context(
        self, context: StreamContext, offered: tuple[str, ...], types: tuple[str, ...] | None = None
    ) -> sasl.SaslContext:
        tls = context.tls
        return sasl.SaslContext(
            secure=context.secure,
            tls_version=tls.version if tls is not None else None,
            extended_master_secret=tls.extended_master_secret if tls is not None else None,
            channel_bindings=_bindings(context),
            peer_binding_types=types,
            offered=offered,
            entropy=context.entropy,
            least_iterations=context.limits.least_iterations,
            most_iterations=context.limits.most_iterations,
            secret=self.secret,
        )

    def accepts(self, element: Element, context: StreamContext) -> bool:
        """Take the elements that the other side may send."""
        return element.tag in (_FROM_SERVER if context.initiating else _FROM_CLIENT)

    def receive(self, state: Any, element: Element, context: StreamContext) -> Step:
        """Take the peer's part of the exchange."""
        name = element.tag.rpartition("}")[2]
        if context.initiating:
            if state is None:
                return Continue(None)
            return self._client_receives(state, name, element, context)
        return self._server_receives(state or _Server(), name, element, context)

    def answered(self, state: Any, question: Question[Any], value: Any, context: StreamContext) -> Step:
        """Hand the host's answer to the mechanism."""
        if isinstance(state, _Client):
            mechanism = self._client_mechanisms()[state.number]
            outcome = mechanism.answered(state.state, value, self._sasl_context(context, state.offered, state.types))
            return self._client_goes_on(state, outcome, context)
        server, seen = self._server_mechanism(state.name, context)
        return self._server_goes_on(state, server.answered(state.state, value, seen), context)

    def resumed(self, state: Any, context: StreamContext) -> Step:
        """Ask again what an interrupted exchange was asking."""
        if isinstance(state, _Client):
            mechanism = self._client_mechanisms()[state.number]
            seen = self._sasl_context(context, state.offered, state.types)
            outcome = None if state.aborting is not None else mechanism.resumed(state.state, seen)
            return Continue(state) if outcome is None else self._client_goes_on(state, outcome, context)
        if isinstance(state, _Server) and state.name is not None:
            server, seen = self._server_mechanism(state.name, context)
            asked = server.resumed(state.state, seen)
            return Continue(state) if asked is None else self._server_goes_on(state, asked, context)
        return Continue(state)

    # Initiating entity.

    def _client_mechanisms(self) -> tuple[sasl.ClientMechanism, ...]:
        account, credentials = self.account, self.credentials
        assert account is not None
        assert credentials is not None
        found = catalogue.client_mechanisms(account.local or "", credentials)
        return tuple(
            replace(one, nonce=self.nonce) if isinstance(one, ScramClient) else one
            for one in found
            if self.mechanisms is None or one.name in self.mechanisms
        )

    def offer(self, element: Element | None, context: StreamContext) -> Offer | Declined | None:
        """Authentication is mandatory (section 6.3.1), and nothing is proved without TLS (section 13.8.3)."""
        if element is None:
            return Declined("the peer offers no SASL authentication")
        if not context.secure and not self.insecure_plaintext_authentication:
            return Declined("no credentials are sent without TLS")
        return Offer(mandatory=True, detail=element)

    def begin(self, offer: Offer, features: Element | None, context: StreamContext) -> Step:
        """Choose a mechanism and send `<auth/>` (section 6.4.2)."""
        offered, types = [], None
        for one in features if features is not None else ():
            if one.tag == _MECHANISMS:
                names = [(child.text or "").strip() for child in one.iterfind(_MECHANISM)][:_MOST_MECHANISMS]
                offered += [name for name in names if _NAME.fullmatch(name)]
            elif one.tag == _BINDINGS:
                types = tuple(child.get("type", "") for child in one.iterfind(_BINDING))[:_MOST_MECHANISMS]
        return self._try_next(_Client(tuple(offered), types), context)

    def _try_next(self, state: _Client, context: StreamContext, *, events: tuple[Event, ...] = ()) -> Step:
        mechanisms = self._client_mechanisms()
        seen = self._sasl_context(context, state.offered, state.types)
        chosen = choice.choose(mechanisms, seen, self._policy, state.failed)
        if isinstance(chosen, sasl.Refusal):
            return Refused(
                chosen.reason.value,
                chosen.text,
                Cause.AUTHENTICATION_FAILED,
                events=events,
                state=state,
                retry=Retry.NEVER,
            )
        state = replace(state, number=mechanisms.index(chosen), state=None, begun=False, aborting=None, another=False)
        step = self._client_goes_on(state, chosen.start(seen), context)
        return replace(step, events=events + step.events)

    def _client_goes_on(self, state: _Client, outcome: sasl.ClientOutcome, context: StreamContext) -> Step:
        mechanism = self._client_mechanisms()[state.number]
        seen = self._sasl_context(context, state.offered, state.types)
        while isinstance(outcome, sasl.Need):
            request = outcome.request
            if not isinstance(request, sasl.KeyDerivation) or self.ask_for_derivations:
                return Ask(_question(request), state=replace(state, state=outcome.state))
            outcome = mechanism.answered(outcome.state, request.derive(), seen)
        if isinstance(outcome, sasl.Verified):
            account = self.account
            assert account is not None
            return Done(
                grants=Milestone.AUTHENTICATED,
                restart=Restart.STREAM,
                events=(Authenticated(account.bare, mechanism.name, outcome.keys),),
            )
        if isinstance(outcome, sasl.Failed):
            if state.claimed or not state.begun:
                return Refused(
                    outcome.condition.value,
                    outcome.reason,
                    Cause.AUTHENTICATION_FAILED,
                    state=state,
                    retry=Retry.NEVER,
                )
            kept = replace(state, state=None, aborting=outcome.reason, another=outcome.try_another)
            return Continue(kept, send=(Element(f"{{{SASL}}}abort"),))
        name = "response" if state.begun else "auth"
        element = Element(f"{{{SASL}}}{name}")
        if not state.begun:
            element.set("mechanism", mechanism.name)
        if outcome.data is not None:
            element.text = _encoded(outcome.data, empty="" if state.begun else "=")
        return Continue(replace(state, begun=True, state=outcome.state), send=(element,))

    def _client_receives(self, state: _Client, name: str, element: Element, context: StreamContext) -> Step:
        if name == "failure":
            return self._client_failed(state, element, context)
        if state.aborting is not None:
            # What the server sent before it saw our abort; success after it is no success.
            return Continue(state) if name == "challenge" else self._client_lost(state, state.aborting)
        mechanism = self._client_mechanisms()[state.number]
        seen = self._sasl_context(context, state.offered, state.types)
        try:
            data = _decoded(element.text)
        except ValueError:
            claimed = name == "success"
            outcome: sasl.ClientOutcome = sasl.Failed(SaslCondition.INCORRECT_ENCODING, "the server sent no base64")
            return self._client_goes_on(replace(state, claimed=claimed), outcome, context)
        if name == "challenge":
            outcome = mechanism.challenged(state.state, data or b"", seen)
            return self._client_goes_on(state, outcome, context)
        state = replace(state, claimed=True)
        return self._client_goes_on(state, mechanism.succeeded(state.state, data, seen), context)

    def _client_lost(self, state: _Client, reason: str) -> Step:
        return Refused("aborted", reason, Cause.AUTHENTICATION_FAILED, state=state, retry=Retry.NEVER)

    def _client_failed(self, state: _Client, element: Element, context: StreamContext) -> Step:
        """Another mechanism where that helps, the next form of the password, else the end (section 6.4.5)."""
        found = next((child for child in element if child.tag != f"{{{SASL}}}text"), None)
        name = found.tag.rpartition("}")[2] if found is not None else ""
        condition = SaslCondition.named(name)
        text = element.findtext(f"{{{SASL}}}text")
        mechanisms = self._client_mechanisms()
        tried = mechanisms[state.number].name
        failed = (*state.failed, tried)
        forms_left = failed.count(tried) < sum(one.name == tried for one in mechanisms)
        if state.aborting is not None:
            again = state.another
        else:
            # Where no binding types were announced ours was a guess, and who ends TLS may be another than who
            # authenticates. Otherwise the password is wrong, and trying it elsewhere only locks the account.
            guessed = mechanisms[state.number].binds and state.types is None
            retried = condition is SaslCondition.NOT_AUTHORIZED and (forms_left or guessed)
            again = condition in _TRY_ANOTHER or retried
        event = NegotiationFailed(self.name, condition.value, text)
        if again:
            return self._try_next(replace(state, failed=failed), context, events=(event,))
        return Refused(
            condition.value,
            state.aborting or f"the server refused {tried}: {condition.value}",
            Cause.AUTHENTICATION_FAILED,
            events=(event,),
            state=state,
            local=state.aborting is not None,
            retry=Retry.LATER if condition in _TRY_LATER else Retry.NEVER,
            text=text,
        )

    # Receiving entity.

    def _server_mechanisms(self) -> tuple[sasl.ServerMechanism, ...]:
        found = catalogue.server_mechanisms()
        return tuple(
            replace(one, nonce=self.nonce) if isinstance(one, ScramServer) else one
            for one in found
            if self.mechanisms is None or one.name in self.mechanisms
        )

    def _server_context(self, context: StreamContext) -> sasl.SaslContext:
        seen = self._sasl_context(context, ())
        return replace(seen, offered=choice.offer(self._server_mechanisms(), seen, self._policy))

    def _server_mechanism(
        self, name: str | None, context: StreamContext
    ) -> tuple[sasl.ServerMechanism, sasl.SaslContext]:
        mechanism = next(one for one in self._server_mechanisms() if one.name == name)
        return mechanism, self._server_context(context)

    def advertise(self, state: object, context: StreamContext) -> tuple[Element, ...]:
        """Announce mechanisms (section 6.3.3) and channel-binding types (XEP-0440)."""
        seen = self._server_context(context)
        if not seen.offered:
            return ()
        mechanisms = Element(_MECHANISMS)
        for name in seen.offered:
            SubElement(mechanisms, _MECHANISM).text = name
        types = choice.announced_types(self._server_mechanisms(), seen, self._policy)
        if not types:
            return (mechanisms,)
        bindings = Element(_BINDINGS)
        for one in types:
            SubElement(bindings, _BINDING, {"type": one})
        return mechanisms, bindings

    def _server_receives(self, state: _Server, name: str, element: Element, context: StreamContext) -> Step:
        if name == "abort":
            return self._server_refuses(state, sasl.Failed(SaslCondition.ABORTED, "the client aborted"), context)
        try:
            data = _decoded(element.text)
        except ValueError:
            failed = sasl.Failed(SaslCondition.INCORRECT_ENCODING, "the client sent no base64")
            return self._server_refuses(state, failed, context)
        if name == "response":
            if state.name is None:
                failed = sasl.Failed(SaslCondition.MALFORMED_REQUEST, "a response without an exchange")
                return self._server_refuses(state, failed, context)
            mechanism, seen = self._server_mechanism(state.name, context)
            return self._server_goes_on(state, mechanism.responded(state.state, data or b"", seen), context)
        # A new <auth/> discards the exchange before it (section 6.4.2).
        state = _Server(state.attempts)
        seen = self._server_context(context)
        chosen = choice.select(self._server_mechanisms(), element.get("mechanism", ""), seen, self._policy)
        if isinstance(chosen, sasl.Failed):
            return self._server_refuses(state, chosen, context)
        return self._server_goes_on(replace(state, name=chosen.name), chosen.start(data, seen), context)

    def _server_goes_on(self, state: _Server, outcome: sasl.ServerOutcome, context: StreamContext) -> Step:
        mechanism, seen = self._server_mechanism(state.name, context)
        while isinstance(outcome, sasl.Need):
            request = outcome.request
            if isinstance(request, sasl.KeyDerivation) and not self.ask_for_derivations:
                outcome = mechanism.answered(outcome.state, request.derive(), seen)
            elif isinstance(request, sasl.AuthorizationRequest) and not self.ask_for_authorization:
                outcome = mechanism.answered(outcome.state, _same_account(request, context), seen)
            else:
                return Ask(_question(request), state=replace(state, state=outcome.state))
        if isinstance(outcome, sasl.Respond):
            challenge = Element(f"{{{SASL}}}challenge")
            challenge.text = _encoded(outcome.data or b"", empty="") or None
            return Continue(replace(state, state=outcome.state), send=(challenge,))
        if isinstance(outcome, sasl.Failed):
            return self._server_refuses(state, outcome, context)
        return self._server_accepts(state, outcome, context)

    def _server_accepts(self, state: _Server, outcome: sasl.Authenticated, context: StreamContext) -> Step:
        try:
            peer = _account(outcome, context)
        except JIDError:
            failed = sasl.Failed(SaslCondition.INVALID_AUTHZID, "no address can be made of the name")
            return self._server_refuses(state, failed, context)
        header = context.peer_header
        if header is not None and header.from_ is not None and header.from_.bare != peer:
            failed = sasl.Failed(SaslCondition.INVALID_AUTHZID, "the stream was opened for another account")
            return self._server_refuses(state, failed, context)
        success = Element(f"{{{SASL}}}success")
        if outcome.data is not None:
            success.text = _encoded(outcome.data, empty="=")
        return Done(
            grants=Milestone.AUTHENTICATED,
            restart=Restart.STREAM,
            send=(success,),
            events=(Authenticated(peer, state.name or ""),),
            peer=peer,
        )

    def _server_refuses(self, state: _Server, failed: sasl.Failed, context: StreamContext) -> Step:
        """Send `<failure/>` and count the attempt (sections 6.4.5 and 6.5)."""
        attempts = state.attempts + 1
        last = attempts >= context.limits.authentication_attempts
        failure = Element(f"{{{SASL}}}failure")
        SubElement(failure, f"{{{SASL}}}{failed.condition.value}")
        return Refused(
            failed.condition.value,
            "authentication failed too often" if last else failed.reason,
            Cause.AUTHENTICATION_FAILED,
            send=(failure,),
            events=(NegotiationFailed(self.name, failed.condition.value),),
            state=_Server(attempts),
            again=not last,
            stream_error="policy-violation" if last else None,
        )


def _bindings(context: StreamContext) -> Mapping[str, bytes]:
    """What the host gave, and the end-point binding that follows from the server's certificate."""
    tls = context.tls
    if tls is None:
        return {}
    bindings = dict(tls.channel_bindings)
    certificate = (tls.peer_certificates or (None,))[0] if context.initiating else tls.local_certificate
    if certificate is not None and "tls-server-end-point" not in bindings:
        computed = server_end_point(certificate)
        if computed is not None:
            bindings["tls-server-end-point"] = computed
    return bindings


def _question(request: object) -> Question[Any]:
    if isinstance(request, sasl.KeyDerivation):
        return DeriveKey(request)
    if isinstance(request, sasl.CredentialsRequest):
        return CredentialsLookup(request.username, request.mechanism)
    if isinstance(request, sasl.AuthorizationRequest):
        return AuthorizeAs(request.authcid, request.authzid)
    raise TypeError("a mechanism asks what nobody can answer")


def _same_account(request: sasl.AuthorizationRequest, context: StreamContext) -> bool:
    """Only the own account (section 6.3.8): `authzid` is its bare address."""
    assert context.domain is not None
    try:
        return JID(request.authzid) == JID.of(request.authcid, context.domain.domain)
    except JIDError:
        return False


def _account(outcome: sasl.Authenticated, context: StreamContext) -> JID:
    if outcome.authzid:
        return JID(outcome.authzid).bare
    assert context.domain is not None
    return JID.of(outcome.authcid, context.domain.domain)


def _encoded(data: bytes, *, empty: str) -> str:
    return base64.b64encode(data).decode("ascii") if data else empty


def _decoded(text: str | None) -> bytes | None:
    """Strict base64 (section 6.4.2 and RFC 4648): no white space; "=" is empty data, no text is no data."""
    if not text:
        return None
    if text == "=":
        return b""
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error:
        raise ValueError("no base64") from None
    if base64.b64encode(data).decode("ascii") != text:
        raise ValueError("base64 that is not canonical")
    return data
