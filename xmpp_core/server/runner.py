"""The server on the network: connections of one event loop, the hub between them, the accounts behind.

from xmpp_core.adapters.asyncio import shell        # or xmpp_core.adapters.trio

async with running(shell, Server(hub=HubConfig(domains={"example.com"}), accounts=accounts, tls=tls)) as server:
    ...
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final
from xml.etree.ElementTree import Element

from ..adapters.accepting import Place, accepting
from ..adapters.driver import Answers, Driver
from ..adapters.pump import Pump
from ..adapters.reaching import Role, without_starttls
from ..adapters.shell import Listener, Shell, Wire
from ..adapters.tls import ServerTls
from ..entropy import Entropy, system
from ..features.bind import BindRefused, BindRequested, Bound
from ..features.certificates import by_certificate
from ..features.fast import TokenDenied, TokenIssue, TokenUsed
from ..features.logins import CertificateLogin, CredentialsLookup, DeriveKey, TokenLookup
from ..jid import JID
from ..limits import Limits, Timeouts
from ..namespaces import PING
from ..profiles import ServerConfig
from ..sasl.catalogue import server_mechanisms
from ..sasl.conditions import SaslCondition
from ..sasl.credentials import CredentialsAnswer, Disabled, NoSuchUser, StoredKeys, Unavailable
from ..sasl.ht import ht_names
from ..sasl.logins import Authorized, Denied
from ..stanza import IQ, Stanza
from ..stream.conditions import StreamError
from ..stream.connection import Connection
from ..stream.context import Kind
from ..stream.events import Closed, Event, PeerSilent, SessionReady, StreamClosing, StreamFailed
from ..stream.trace import TraceRecord
from .effects import Close, Effect, SessionId
from .hub import Hub, HubConfig
from .store import Accounts, Found, MemoryAccounts, StoreError, login_address
from .tokens import MemoryTokens, Tokens

__all__ = ["Listen", "Running", "Server", "running"]

_LOG: Final = logging.getLogger("xmpp_core.server")
_QUICK: Final = (MemoryAccounts, MemoryTokens)
"""Stores that answer at once: a worker thread would cost more than the answer."""
_DENIED: Final = TokenDenied(SaslCondition.TEMPORARY_AUTH_FAILURE)


@dataclass(frozen=True, slots=True)
class Listen:
    """An address to listen on. An empty host is every interface; port 0 is any that is free."""

    host: str = ""
    port: int = 5222
    direct_tls: bool = False
    """Whether TLS comes first (XEP-0368), in place of STARTTLS."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """What a server is told once."""

    hub: HubConfig
    accounts: Accounts
    listen: tuple[Listen, ...] = (Listen(),)
    tls: ServerTls | None = None
    """The certificate; None is for `insecure_plaintext_authentication` alone."""
    mechanisms: tuple[str, ...] | None = None
    """Names of the SASL mechanisms to offer; None: EXTERNAL, PLAIN, and SCRAM with the `hashes` of the accounts.

    Where the accounts name none, those of `ServerConfig`.
    """
    sasl2: bool = True
    """Offer XEP-0388 with Bind 2 beside the profile of RFC 6120 (`ServerConfig.sasl2`)."""
    tokens: Tokens | None = None
    """Where tokens of FAST are kept (XEP-0484): `MemoryTokens`, `SqliteTokens`; None: none are issued."""
    token_mechanisms: tuple[str, ...] = ht_names(("SHA-256",))
    """The mechanisms that tokens are issued for; offered as far as a connection can bind to its channel."""
    secret: bytes = field(default=b"", repr=False)
    """Keeps the made-up salts of unknown users stable (`ServerConfig.secret`); empty: drawn at each start."""
    limits: Limits = field(default_factory=Limits)
    timeouts: Timeouts = field(default_factory=lambda: Timeouts(silence=600.0))
    most_connections: int = 10_000
    most_unsent: int = 4_194_304
    """Octets that may wait for a client that does not read; above it the client is cut off (`resource-constraint`)."""
    grace: float = 5.0
    """Seconds that connections get to end when the server does."""
    entropy: Entropy = system
    calendar: Callable[[], float] = time.time
    """Seconds since 1970 (UTC), for what the server says of the time."""
    trace: Callable[[TraceRecord], None] | None = None
    insecure_plaintext_authentication: bool = False
    """Let clients log in without TLS. For tests on one machine alone."""

    def config(self, secret: bytes) -> ServerConfig:
        """Give the engine's share."""
        return ServerConfig(
            domains=self.hub.domains,
            secret=secret,
            mechanisms=self._offered(),
            sasl2=self.sasl2,
            fast=() if self.tokens is None else self.token_mechanisms,
            limits=self.limits,
            timeouts=self.timeouts,
            entropy=self.entropy,
            trace=self.trace,
            ask_for_derivations=True,
            ask_for_certificates=True,
            insecure_plaintext_authentication=self.insecure_plaintext_authentication,
        )

    def _offered(self) -> tuple[str, ...] | None:
        # A client takes the strongest it is offered: one that nobody has keys for would let nobody in.
        hashes = getattr(self.accounts, "hashes", None)
        if self.mechanisms is not None or hashes is None:
            return self.mechanisms
        return tuple(one.name for one in server_mechanisms(hashes))


class _Link:
    """One connection, by the name the hub knows it by."""

    __slots__ = ("connection", "driver", "id", "keys", "login")

    def __init__(self, id: int) -> None:
        self.id = id
        self.login: JID | None = None
        """Whom its last login is for, by password, token or certificate."""
        self.keys: StoredKeys | None = None
        """What was kept of that account when this login was begun."""
        self.connection: Connection
        self.driver: Driver


def _is_of(link: _Link, account: JID) -> bool:
    """Whether a connection is an account's, or would be if its login succeeds."""
    peer = link.connection.peer_jid
    return account in (link.login, None if peer is None else peer.bare)


class Running:
    """A server that runs. Everything here is for the event loop it runs in."""

    def __init__(self, shell: Shell, server: Server) -> None:
        self.hub = Hub(server.hub)
        self._shell = shell
        self._server = server
        setup = server.config(server.secret or server.entropy(32)).setup()
        # One description for all connections: what changes is kept by them.
        self._role = Role(setup if server.tls is not None else without_starttls(setup))
        self._links: dict[SessionId, _Link] = {}
        self._wanted: deque[Effect] = deque()
        """What the hub wants done, while it is being done."""
        self._number = 0
        self._listeners: tuple[Listener, ...] = ()

    @property
    def addresses(self) -> tuple[tuple[str, int], ...]:
        """Where it listens, in the order of `Server.listen`; a port 0 is the one that was given."""
        return tuple(address[:2] for listener in self._listeners for address in listener.addresses[:1])

    @property
    def connections(self) -> int:
        """How many clients are connected, logged in or not."""
        return len(self._links)

    def end_sessions(self, account: JID, condition: str = "reset") -> None:
        """End the sessions of an account, as after a change of its password or its removal, and forget its tokens.

        Call it when the accounts are changed. Ended are also connections that logged in and bound nothing
        yet, or are just logging in: they may have begun with what is not valid any more. The tokens go last,
        in this thread, for as long as `Tokens.forget_tokens` takes; `StoreError` says that they stayed.
        """
        account, error = account.bare, StreamError(condition)
        unbound = [one for one in self._links.values() if one.id not in self.hub and _is_of(one, account)]
        self.carry_out(self.hub.close(error, account))
        for link in unbound:
            link.driver.close(error)
        if self._server.tokens is not None:
            self._server.tokens.forget_tokens(account)

    def shut(self) -> None:
        """Tell every client that the server ends (RFC 6120 section 4.9.3.20)."""
        self.carry_out(self.hub.close(StreamError("system-shutdown")))
        for link in list(self._links.values()):
            link.driver.close(StreamError("system-shutdown"))

    async def attend(self, listen: Listen, wire: Wire) -> None:
        """Run one connection to its end."""
        server, shell = self._server, self._shell
        self._number += 1
        link = _Link(self._number)
        connection = link.connection = Connection(self._role)
        tls = server.tls
        pump = Pump(
            connection,
            None if tls is None else lambda _: tls.layer(direct=listen.direct_tls, kind=Kind.C2S),
            direct=listen.direct_tls,
            handshake_seconds=server.timeouts.negotiation,
        )
        driver = link.driver = Driver(shell, wire, pump, partial(self._take, link), answers=self._answers(link))
        self._links[link.id] = link
        try:
            await driver.run()
        finally:
            del self._links[link.id]
            # However it ended, even by an exception: the hub must not send there any more.
            self.carry_out(self.hub.ended(link.id))
        if driver.crash is not None:
            raise driver.crash

    def _answers(self, link: _Link) -> Answers:
        shell = self._shell
        quick = isinstance(self._server.accounts, _QUICK)

        def lookup(question: CredentialsLookup) -> object:
            domain = self._begun(link, question)

            def find() -> CredentialsAnswer:
                try:
                    return self._kept(link, question.username, domain)
                except StoreError:
                    _LOG.exception("the accounts cannot be read")
                    return Unavailable()

            return find() if quick else shell.in_thread(find)

        def judge(question: CertificateLogin) -> object:
            """Log in whom a certificate names (XEP-0178), if there is such an account and it is enabled."""
            found = by_certificate(question)
            # Noted down before the store is asked: a change of the account may come before its answer.
            link.login, link.keys = (found.jid.bare if isinstance(found, Authorized) else None), None
            if isinstance(found, Denied):
                return found

            def decided() -> Authorized | Denied:
                try:
                    known = self._kept(link, str(found.jid))
                except StoreError:
                    _LOG.exception("the accounts cannot be read")
                    return Denied(SaslCondition.TEMPORARY_AUTH_FAILURE, "the accounts cannot be read")
                if isinstance(known, Disabled):
                    return Denied(known.condition, "the account is disabled")
                return Denied(reason="there is no such account") if isinstance(known, NoSuchUser) else found

            return decided() if quick else shell.in_thread(decided)

        def objection() -> BindRefused | None:
            try:
                return BindRefused("not-allowed") if self._overtaken(link) else None
            except StoreError:
                _LOG.exception("the accounts cannot be read")
                return BindRefused("resource-constraint")

        def decide(question: BindRequested, refused: BindRefused | None) -> Bound | BindRefused:
            if refused is not None:
                return refused
            decision = self.hub.bind(link.id, question.account, question.resource)
            self.carry_out(decision.effects)
            return decision.answer

        async def bind(question: BindRequested) -> Bound | BindRefused:
            refused = await shell.in_thread(objection)
            if link.connection.waiting_for is not question:
                return BindRefused("not-allowed")  # it ended meanwhile: nobody hears this, and nothing may be bound
            return decide(question, refused)

        return {
            **self._token_answers(link),
            CredentialsLookup: lookup,
            CertificateLogin: judge,
            BindRequested: (lambda question: decide(question, objection())) if quick else bind,
            DeriveKey: lambda question: shell.in_thread(question.derive),
        }

    def _begun(self, link: _Link, question: CredentialsLookup | TokenLookup) -> str:
        """Note down whom a login is for, before anything is read; give the domain it is at."""
        host = link.connection.local_jid
        assert host is not None
        link.login, link.keys = login_address(question.username, host.domain), None
        return host.domain

    def _kept(self, link: _Link, account: str, domain: str | None = None) -> Found:
        known = self._server.accounts.credentials(account, domain)
        link.keys = known if isinstance(known, StoredKeys) else None
        return known

    def _overtaken(self, link: _Link) -> bool:
        """Whether the keys of the account were changed or withdrawn since this login was begun."""
        if link.login is None or link.keys is None:
            return False
        return self._server.accounts.credentials(link.login) != link.keys

    def _token_answers(self, link: _Link) -> Answers:
        tokens, server = self._server.tokens, self._server
        if tokens is None:
            return {}

        def answering(ask: Callable[[Tokens, Any], object], failed: object) -> Callable[[Any], object]:
            def found(question: Any) -> object:
                try:
                    return ask(tokens, question)
                except StoreError:
                    _LOG.exception("the tokens cannot be read or written")
                    return failed

            quick = isinstance(tokens, _QUICK) and isinstance(server.accounts, _QUICK)
            return found if quick else lambda question: self._shell.in_thread(partial(found, question))

        def lookup(question: TokenLookup) -> object:
            domain, account = self._begun(link, question), link.login

            def find(tokens: Tokens, question: TokenLookup) -> object:
                if account is None or question.client is None:
                    return NoSuchUser()
                # Both are asked for everybody: the time that takes must not tell who exists.
                kept = tokens.tokens(account, question.client, question.mechanism, server.calendar())
                known = self._kept(link, question.username, domain)
                if isinstance(known, NoSuchUser):
                    return NoSuchUser()
                return Disabled(condition=known.condition, tokens=kept) if isinstance(known, Disabled) else kept

            return answering(find, Unavailable())(question)

        def issue(tokens: Tokens, question: TokenIssue) -> object:
            kept = tokens.issue_token(question, server.calendar())
            return withdrawn(tokens, question.account, question.client) or kept

        def use(tokens: Tokens, question: TokenUsed) -> object:
            answer = tokens.use_token(question, server.calendar())
            return withdrawn(tokens, question.account, question.proof.client) or answer

        def withdrawn(tokens: Tokens, account: JID, client: str) -> TokenDenied | None:
            # Looked at afterwards: a change that comes later still finds the token and takes it away.
            if not self._overtaken(link):
                return None
            tokens.forget_tokens(account, client)
            return TokenDenied()

        return {
            TokenLookup: lookup,
            TokenIssue: answering(issue, _DENIED),
            TokenUsed: answering(use, _DENIED),
        }

    def _take(self, link: _Link, event: Event | Stanza) -> None:
        if isinstance(event, Stanza):
            self.carry_out(self.hub.received(link.id, event, self._server.calendar()))
        elif isinstance(event, SessionReady):
            self.carry_out(self.hub.opened(link.id))
        elif isinstance(event, StreamClosing | Closed | StreamFailed):
            # Nothing more reaches a client that said goodbye: the rest is answered as if it were away.
            self.carry_out(self.hub.ended(link.id))
        elif isinstance(event, PeerSilent) and link.connection.can_send:
            self._number += 1
            ping = IQ(
                type="get",
                id=f"alive-{self._number}",
                from_=link.connection.local_jid,
                to=link.connection.peer_jid,
                payload=Element(f"{{{PING}}}ping"),
            )
            link.connection.send(ping)

    def carry_out(self, effects: Iterable[Effect]) -> None:
        """Do what the hub wants done: also for a host that calls the hub itself."""
        # A client that is cut off ends its session, of which others hear, who may be cut off for it: what follows
        # from an effect is done after it, not inside it, however long the chain.
        busy = bool(self._wanted)
        self._wanted.extend(effects)
        if busy:
            return
        try:
            while self._wanted:
                self._do(self._wanted[0])
                self._wanted.popleft()
        finally:
            self._wanted.clear()

    def _do(self, effect: Effect) -> None:
        link = self._links.get(effect.session)
        if link is None:
            return
        if isinstance(effect, Close):
            link.driver.close(effect.error)
            return
        connection = link.connection
        if not connection.can_send:
            return
        connection.send(effect.stanza)
        if connection.unsent_bytes > self._server.most_unsent:
            link.driver.close(StreamError("resource-constraint"))
        else:
            link.driver.wake()


@asynccontextmanager
async def running(shell: Shell, server: Server) -> AsyncIterator[Running]:
    """Run a server for the length of the block, in the event loop whose shell is given.

    Leaving the block ends every session with `system-shutdown`. Raises `OSError` when an address
    cannot be listened on.
    """
    found = Running(shell, server)
    places = [Place(one.host, one.port, partial(found.attend, one)) for one in server.listen]
    async with accepting(
        shell, places, most=server.most_connections, shut=found.shut, grace=server.grace
    ) as found._listeners:
        yield found
