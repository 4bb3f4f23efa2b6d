"""Where features meet the engine: one frozen configuration a role."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from .entropy import Entropy, system
from .errors import LocalProtocolError
from .features.bind import Bind
from .features.bind2 import Bind2
from .features.certificates import by_certificate
from .features.fast import Fast
from .features.legacy_session import LegacySession
from .features.login import Login
from .features.logins import CertificateLogin
from .features.reception import Reception
from .features.sasl import Sasl
from .features.sasl2 import Sasl2
from .features.sasl2_client import Sasl2Client
from .features.sasl2_pipelining import KnownServer
from .features.sasl2_server import Sasl2Server
from .features.sasl2_tasks import Task
from .features.sasl2_upgrade import ScramUpgrade
from .features.starttls import StartTls
from .features.stream_limits import StreamLimits
from .features.user_agent import UserAgent
from .jid import JID
from .limits import CLIENT_LIMITS, Limits, Timeouts
from .sasl.choice import ChoicePolicy
from .sasl.credentials import Anonymous, Credentials, Password, Token
from .sasl.ht import split_name
from .sasl.logins import Authorized, Denied
from .sasl.mechanism import ClientMechanism, ServerMechanism
from .stream.context import Kind, Milestone, Side
from .stream.feature import StreamFeature
from .stream.inline import InlineFeature
from .stream.setup import Ack, StreamSetup
from .stream.trace import TraceRecord
from .stream.words import Words

__all__ = ["ClientConfig", "ServerConfig"]

_READY = Milestone.AUTHENTICATED | Milestone.BOUND


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientConfig:
    """A client's end of a client-to-server stream.

    Raises `JIDError` for a bad address and `LocalProtocolError` for contradictory settings.
    """

    jid: JID | str
    """The account, with a resourcepart if a certain one is wanted."""
    password: str | None = field(default=None, repr=False)
    """Short for `credentials=Password(...)`."""
    credentials: Credentials | None = field(default=None, repr=False)
    """What proves who we are: `Password`, `Keys`, `Certificate`, `Token` or `Anonymous`."""
    mechanisms: tuple[str, ...] | None = None
    """Names of the SASL mechanisms that may be used; None: all built in, DIGEST-MD5 apart."""
    extra_mechanisms: tuple[ClientMechanism, ...] = ()
    """SASL mechanisms of your own, GSSAPI say."""
    least_strength: int = 0
    """The weakest mechanism to log in with, see `xmpp_core.sasl.Strength`."""
    pin: int = 0
    """`Authenticated.pin` of an earlier login: nothing weaker is used (XEP-0474 section 7)."""
    extra_features: tuple[StreamFeature, ...] = ()
    """Stream features of your own, negotiated after those built in."""
    limits: Limits = CLIENT_LIMITS
    timeouts: Timeouts = field(default_factory=Timeouts)
    entropy: Entropy = system
    ack: Ack = Ack.ON_NEXT_EVENT
    lang: str | None = None
    """`xml:lang` of the stream: the language of our words (RFC 6120 section 4.7.4)."""
    trace: Callable[[TraceRecord], None] | None = None
    """Takes records of what passes, secrets cut."""
    sasl2: bool = True
    """Authenticate by XEP-0388 where the server offers it; else, and without TLS, by RFC 6120 section 6."""
    user_agent: UserAgent | None = None
    """What the server is told of this installation; tokens need its `id` (XEP-0388 section 2.3)."""
    fast: Fast | None = None
    """Log in by a token, and ask for one (XEP-0484). `credentials=Token(...)` logs in by that one alone."""
    bind_tag: str | None = None
    """Name of the software for others to see, the beginning of the resource (XEP-0386). Used where `jid` has none."""
    inline: tuple[InlineFeature, ...] = ()
    """Features of your own inside the authentication, before the binding of a resource."""
    bind_inline: tuple[InlineFeature, ...] = ()
    """Features of your own that a session begins with (XEP-0386)."""
    tasks: tuple[Task, ...] = ()
    """What a server may want done before it lets us in (XEP-0388 section 2.6.3)."""
    upgrade_hashes: tuple[str, ...] = ()
    """Hashes of SCRAM for which a server may have keys made of our password if it lacks them (XEP-0480)."""
    pipelining: KnownServer | None = None
    """Send the authentication with the stream header, from `ServerKnown` of an earlier stream (XEP-0509)."""
    insecure_plaintext_authentication: bool = False
    """Go on without TLS and even send credentials in the clear. For tests on one machine alone."""
    ask_for_derivations: bool = False
    """Ask `DeriveKey` instead of deriving keys on the spot: the host may use a thread."""
    insecure_unverified_certificate: bool = False
    """Go on over TLS although the host did not verify the certificate. For tests alone."""

    def __post_init__(self) -> None:
        if (self.password is None) == (self.credentials is None):
            raise LocalProtocolError("give either a password or credentials")
        jid = self.jid if isinstance(self.jid, JID) else JID(self.jid)
        if isinstance(self.credentials, Anonymous) is not (jid.local is None):
            raise LocalProtocolError("a client's address needs a localpart, and an anonymous client has none")
        token = self._token or (self.fast is not None and self.fast.token)
        if token and (self.user_agent is None or not self.user_agent.lasting or not self.sasl2):
            raise LocalProtocolError(
                "a token of FAST needs SASL2 and a user agent with a UUID v4 (XEP-0484 section 4.1)"
            )
        object.__setattr__(self, "jid", jid)

    def setup(self) -> StreamSetup:
        """Describe the role to the engine; features in the order of XEP-0170."""
        jid = self.jid
        assert isinstance(jid, JID)
        return StreamSetup(
            side=Side.INITIATING,
            kind=Kind.C2S,
            insecure_unverified_certificate=self.insecure_unverified_certificate,
            features=(
                StartTls(
                    required=not self.insecure_plaintext_authentication,
                    insecure_unverified_certificate=self.insecure_unverified_certificate,
                ),
                *self._authentication(jid),
                Bind(jid.resource),
                LegacySession(),
                *self.extra_features,
            ),
            ready=_READY,
            domain=JID(jid.domain),
            account=None if jid.local is None else jid.bare,
            limits=self.limits,
            timeouts=self.timeouts,
            entropy=self.entropy,
            ack=self.ack,
            lang=self.lang,
            trace=self.trace,
        )

    @property
    def _token(self) -> Token | None:
        """The token of FAST, given either way. To a server that does not know us by an `id` it is a mechanism's."""
        given = self.credentials
        if isinstance(given, Token) and split_name(given.mechanism) is not None and self.sasl2 and self.user_agent:
            return given
        return self.fast.token if self.fast is not None else None

    def _authentication(self, account: JID) -> tuple[StreamFeature, ...]:
        token, credentials = self._token, self.credentials
        if self.password is not None:
            credentials = Password(self.password)
        assert credentials is not None
        login = None if credentials is token else self._login(account, credentials)
        profile = () if login is None else (Sasl(login=login),)
        if not self.sasl2:
            return profile
        fast = self.fast or (None if token is None else Fast(token))
        tokens = None
        if token is not None:
            policy = ChoicePolicy(pinned=self.pin)
            tokens = Login(account=account, credentials=token, policy=policy, types_must_be_announced=True)
        binding = () if account.resource is not None else (Bind2(self.bind_tag, self.bind_inline),)
        upgrades = tuple(ScramUpgrade(one, _secret(credentials)) for one in self.upgrade_hashes)
        client = Sasl2Client(
            feature=Sasl2.name,
            account=account,
            login=login and replace(login, types_must_be_announced=True),
            tokens=tokens,
            fast=fast and replace(fast, token=token),
            user_agent=self.user_agent,
            inline=(*self.inline, *binding),
            tasks=(*self.tasks, *upgrades),
            upgrades=tuple(one.name for one in upgrades),
            pipelining=self.pipelining,
            insecure_unverified_certificate=self.insecure_unverified_certificate,
        )
        return Sasl2(client=client), *profile

    def _login(self, account: JID, credentials: Credentials) -> Login:
        return Login(
            account=account,
            credentials=credentials,
            mechanisms=self.mechanisms,
            extra_mechanisms=self.extra_mechanisms,
            policy=ChoicePolicy(
                minimum=self.least_strength,
                pinned=self.pin,
                insecure_plaintext_authentication=self.insecure_plaintext_authentication,
            ),
            ask_for_derivations=self.ask_for_derivations,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerConfig:
    """A server's end of a client-to-server stream."""

    domains: Iterable[JID | str] | None
    """The hosts served here; None: `HostSelected` is asked for each header."""
    secret: bytes = field(default=b"", repr=False)
    """Keeps the made-up salt of unknown users stable; at least 16 octets, or one is drawn for each connection."""
    mechanisms: tuple[str, ...] | None = None
    """Names of the SASL mechanisms to offer; None: SCRAM and PLAIN, and EXTERNAL with `judge_certificate`."""
    extra_mechanisms: tuple[ServerMechanism, ...] = ()
    """SASL mechanisms of your own, GSSAPI say."""
    least_strength: int = 0
    """The weakest mechanism to offer, see `xmpp_core.sasl.Strength`."""
    judge_certificate: Callable[[CertificateLogin], Authorized | Denied] | None = by_certificate
    """Answers `CertificateLogin` on the spot, by the rules of XEP-0178 unless told otherwise.

    None: it is asked, where EXTERNAL is named. EXTERNAL is offered to whom TLS verified a certificate of.
    """
    ask_for_certificates: bool = False
    """Ask `CertificateLogin` instead of judging on the spot: where looking an account up takes time."""
    downgrade_protection: bool = True
    """Whether SCRAM tells a client what was offered, and over which version of TLS (XEP-0474, XEP-0515)."""
    extra_features: tuple[StreamFeature, ...] = ()
    """Stream features of your own."""
    limits: Limits = field(default_factory=Limits)
    timeouts: Timeouts = field(default_factory=Timeouts)
    entropy: Entropy = system
    ack: Ack = Ack.ON_NEXT_EVENT
    lang: str | None = None
    """Our default language, `en` if None (RFC 6120 section 4.7.4)."""
    words: Words | None = None
    """What people are told with stream and stanza errors, in their language: a `Catalogue`, for one."""
    trace: Callable[[TraceRecord], None] | None = None
    insecure_plaintext_authentication: bool = False
    """Offer authentication without TLS. For tests on one machine alone."""
    ask_for_derivations: bool = False
    """Ask `DeriveKey` where PLAIN needs a derivation, instead of making it on the spot."""
    ask_for_authorization: bool = False
    """Ask `AuthorizeAs` of a client that wants to act as another; otherwise that is refused."""
    sasl2: bool = True
    """Offer XEP-0388 over TLS beside the profile of RFC 6120, with Bind 2 inside it (XEP-0386)."""
    fast: tuple[str, ...] = ()
    """Names of HT mechanisms that tokens are for (XEP-0484): `TokenLookup`, `TokenIssue`, `TokenUsed` are asked."""
    inline: tuple[InlineFeature, ...] = ()
    """Features of your own inside the authentication, before the binding of a resource."""
    bind_inline: tuple[InlineFeature, ...] = ()
    """Features of your own that a session begins with (XEP-0386)."""
    tasks: tuple[Task, ...] = ()
    """What can be wanted of a client before it is let in (XEP-0388 section 2.6.3), see `ask_for_tasks`."""
    ask_for_tasks: bool = False
    """Ask `TasksWanted` of every client that did not log in by a token."""
    upgrade_hashes: tuple[str, ...] = ()
    """Hashes of SCRAM for which clients may make keys (XEP-0480): `KeysUpgraded` is asked."""
    pipelining: bool = False
    """Let clients send the authentication with the stream header (XEP-0509)."""
    announce_limits: bool = True
    """Whether clients are told `limits.stanza_bytes` and `timeouts.silence` (XEP-0478)."""

    def __post_init__(self) -> None:
        if self.secret and len(self.secret) < 16:
            raise LocalProtocolError("a secret needs at least 16 octets")
        if self.domains is not None:
            hosts = frozenset(one if isinstance(one, JID) else JID(one) for one in self.domains)
            if not hosts or any(one.local is not None or one.resource is not None for one in hosts):
                raise LocalProtocolError("domains are one or more domainparts")
            object.__setattr__(self, "domains", hosts)

    def setup(self) -> StreamSetup:
        """Describe the role to the engine."""
        domains = self.domains
        assert domains is None or isinstance(domains, frozenset)
        silence = self.timeouts.silence
        announced = (StreamLimits(None if silence is None else int(silence)),) if self.announce_limits else ()
        return StreamSetup(
            side=Side.RECEIVING,
            kind=Kind.C2S,
            features=(
                StartTls(required=not self.insecure_plaintext_authentication),
                *self._authentication(),
                Bind(),
                LegacySession(),
                *announced,
                *self.extra_features,
            ),
            ready=_READY,
            domains=domains,
            limits=self.limits,
            timeouts=self.timeouts,
            entropy=self.entropy,
            ack=self.ack,
            lang=self.lang,
            words=self.words,
            trace=self.trace,
        )

    def _authentication(self) -> tuple[StreamFeature, ...]:
        reception = self._reception()
        profile = Sasl(reception=reception)
        if not self.sasl2:
            return (profile,)
        upgrades = tuple(ScramUpgrade(one) for one in self.upgrade_hashes)
        server = Sasl2Server(
            feature=Sasl2.name,
            reception=reception,
            tokens=replace(reception, mechanisms=self.fast, extra_mechanisms=()) if self.fast else None,
            inline=(*self.inline, Bind2(inline=self.bind_inline, secret=self.secret)),
            tasks=(*self.tasks, *upgrades),
            upgrades=tuple(one.name for one in upgrades),
            ask_for_tasks=self.ask_for_tasks,
            announce_types=False,
            pipelining=self.pipelining,
        )
        return Sasl2(server=server), profile

    def _reception(self) -> Reception:
        return Reception(
            mechanisms=self.mechanisms,
            extra_mechanisms=self.extra_mechanisms,
            secret=self.secret or self.entropy(32),
            policy=ChoicePolicy(
                minimum=self.least_strength,
                insecure_plaintext_authentication=self.insecure_plaintext_authentication,
            ),
            judge=self.judge_certificate,
            ask_for_certificates=self.ask_for_certificates,
            ask_for_derivations=self.ask_for_derivations,
            ask_for_authorization=self.ask_for_authorization,
            downgrade_protection=self.downgrade_protection,
        )


def _secret(credentials: Credentials) -> str:
    """Give the password that keys of another hash are made of."""
    if not isinstance(credentials, Password):
        raise LocalProtocolError("keys of another hash are made of a password (XEP-0480)")
    return credentials.password
