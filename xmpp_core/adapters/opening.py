"""From an address to a session: where to connect, in which order, until when."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Final

from ..discovery import Candidate
from ..errors import LocalProtocolError
from ..features.logins import DeriveKey
from ..features.starttls import StartTls
from ..jid import JID
from ..profiles import ClientConfig, ServerConfig
from ..sasl.credentials import Credentials
from ..stanza import IqRouter
from ..stream.connection import Connection
from ..stream.context import Kind
from ..stream.events import Cause, Closed, SessionReady, StreamFailed
from ..stream.setup import Ack, StreamSetup
from .driver import Answers
from .errors import ConnectError, ConnectTimedOut, HostNotFound, HostUnreachable, error_of
from .finding import Where, candidates_for, elsewhere, reach
from .inbox import InboxLimits
from .pump import Pump
from .serving import Handler, Serving, listening
from .session import Session, SessionOptions
from .shell import Shell, Wire
from .tls import ClientTls, ServerTls

__all__ = ["Adapter"]

_REDIRECTS: Final = 1
"""How often a `see-other-host` is followed (RFC 6120 section 4.9.3.19)."""


@dataclass(slots=True)
class _Progress:
    """What is being done, for the words of a time-out."""

    step: str = "looking up the host"


@dataclass(frozen=True, slots=True)
class _Role:
    """A configuration as it is run here."""

    described: StreamSetup

    def setup(self) -> StreamSetup:
        return self.described


class Adapter:
    """`connect` and `serve` over one shell."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell

    def connect(
        self,
        jid: JID | str | None = None,
        *,
        password: str | None = None,
        credentials: Credentials | None = None,
        config: ClientConfig | None = None,
        host: str | None = None,
        port: int | None = None,
        direct_tls: bool | None = None,
        tls: ClientTls | None = None,
        wire: Wire | None = None,
        timeout: float = 60.0,
        router: IqRouter | None = None,
        inbox: InboxLimits | None = None,
        answers: Answers | None = None,
        lenient_own_server: bool = False,
    ) -> AbstractAsyncContextManager[Session]:
        """Log in, and give the session for the length of an `async with` block; leaving it closes the stream.

        Say who you are with `jid` and `password` (or `credentials`), or with a whole `config`. Without
        `host` the domain's SRV records lead to its servers when dnspython is installed (XEP-0368 with
        `direct_tls` None: both kinds; True or False: that kind alone), else the domain itself at its
        usual port; with `host` just that one is tried. `wire` takes a byte stream of your own in place
        of all that. The certificate is always checked against the domain of the address. `timeout`
        seconds are for everything until the session is ready.

        `router` answers requests by itself; `answers` maps classes of questions to functions, plain or
        `async`; `inbox` bounds what waits for an application that is slow.

        Raises `ConnectError`: `HostNotFound`, `HostUnreachable`, `TlsNotEstablished`,
        `AuthenticationFailed`, `NegotiationFailed` or `ConnectTimedOut`; `LocalProtocolError` and
        `JIDError` for arguments that make no sense.
        """
        if config is None:
            if jid is None:
                raise LocalProtocolError("give a jid or a config")
            config = ClientConfig(jid=jid, password=password, credentials=credentials)
        elif jid is not None or password is not None or credentials is not None:
            raise LocalProtocolError("with a config, the address and the credentials are in it")
        if wire is not None and (host is not None or port is not None):
            raise LocalProtocolError("give a wire, or a host and port")
        tls = tls or ClientTls()
        if tls.insecure_accept_any_certificate:
            config = replace(config, insecure_unverified_certificate=True)
        options = SessionOptions(
            ack=config.ack,
            router=router,
            inbox=inbox or InboxLimits(),
            answers={**self._answers(), **(answers or {})},
            lenient_own_server=lenient_own_server,
        )
        where = Where(host, port, direct_tls)
        return self._connected(config, where, wire, tls, options, timeout)

    def _answers(self) -> Answers:
        # Asked only where a configuration says so: then it is meant for a thread.
        shell = self._shell
        return {DeriveKey: lambda question: shell.in_thread(question.derive)}

    @asynccontextmanager
    async def _connected(
        self,
        config: ClientConfig,
        where: Where,
        wire: Wire | None,
        tls: ClientTls,
        options: SessionOptions,
        timeout: float,
    ) -> AsyncIterator[Session]:
        shell, progress = self._shell, _Progress()
        async with shell.tasks() as tasks:

            async def open_one() -> Session:
                return await self._first(config, where, wire, tls, options, tasks.start, progress)

            try:
                session = await shell.within(timeout, open_one)
            except TimeoutError:
                raise ConnectTimedOut(
                    f"no session within {timeout:g} s: {progress.step}; try again, or give it more time"
                ) from None
            try:
                yield session
            except Exception:
                await _leave(session)
                raise
            # After a cancellation nothing is waited for: the end of the block says the last words.
            await _leave(session)
        if session.crash is not None:
            raise session.crash

    async def _first(
        self,
        config: ClientConfig,
        where: Where,
        wire: Wire | None,
        tls: ClientTls,
        options: SessionOptions,
        start: Callable[..., None],
        progress: _Progress,
    ) -> Session:
        """Try candidates until one gives a session; follow a redirection."""
        shell = self._shell
        domain = config.setup().domain
        assert domain is not None
        if wire is not None:
            session = self._session(wire, Candidate(wire.peer, 0, bool(where.direct_tls)), config, domain, tls, options)
            return await self._open(session, start, progress)
        found, note = await candidates_for(domain.domain, where, config.entropy)
        candidates = list(found)
        redirects = 0
        failures: list[ConnectError] = []
        while candidates:
            candidate = candidates.pop(0)
            progress.step = f"connecting to {candidate.host} port {candidate.port}"
            try:
                reached = await reach(shell, candidate)
            except ConnectError as error:
                failures.append(error)
                continue
            session = self._session(reached, candidate, config, domain, tls, options)
            outcome = await self._try(session, start, progress)
            if isinstance(outcome, SessionReady):
                return session
            redirect = outcome.redirect if isinstance(outcome, StreamFailed) else None
            if redirect is not None and redirects < _REDIRECTS:
                redirects += 1
                progress.step = "looking up where the server points"
                failures.append(error_of(outcome))
                candidates[:0] = await elsewhere(redirect, candidate, domain.domain, where, config.entropy)
            elif _worth_another(outcome) and candidates:
                failures.append(error_of(outcome))
            else:
                raise error_of(outcome)
        raise _all_failed(failures, note)

    async def _open(self, session: Session, start: Callable[..., None], progress: _Progress) -> Session:
        outcome = await self._try(session, start, progress)
        if isinstance(outcome, SessionReady):
            return session
        raise error_of(outcome)

    async def _try(
        self, session: Session, start: Callable[..., None], progress: _Progress
    ) -> SessionReady | StreamFailed | Closed:
        progress.step = f"waiting for {session.peer or 'the peer'} to negotiate the stream"
        start(session.run)
        outcome = await session.opened()
        if not isinstance(outcome, SessionReady):
            await session.gone()
            if session.crash is not None:
                raise session.crash
        return outcome

    def _session(
        self,
        wire: Wire,
        candidate: Candidate,
        config: ClientConfig,
        domain: JID,
        tls: ClientTls,
        options: SessionOptions,
    ) -> Session:
        direct = candidate.direct_tls
        role = _Role(replace(config.setup(), ack=Ack.EXPLICIT))
        connection = Connection(role)
        pump = Pump(
            connection,
            lambda hostname: tls.layer(hostname or domain.domain, direct=direct, kind=Kind.C2S),
            direct=direct,
            server_hostname=domain.domain,
            handshake_seconds=config.timeouts.negotiation,
        )
        return Session(self._shell, wire, pump, role.described, options)

    def accept(
        self,
        wire: Wire,
        config: ServerConfig,
        *,
        tls: ServerTls | None = None,
        direct_tls: bool = False,
        answers: Answers | None = None,
        router: IqRouter | None = None,
        inbox: InboxLimits | None = None,
    ) -> AbstractAsyncContextManager[Session]:
        """Be the receiving entity on a byte stream of your own, for the length of an `async with` block.

        Gives the session once it is ready; the arguments are those of `serve`. Raises `ConnectError`, and
        at once `TlsSettingsError` and `LocalProtocolError` for settings that cannot be used.
        """
        make = self._receiving(config, tls, direct_tls, answers, router, inbox)
        return self._accepted(make(wire))

    @asynccontextmanager
    async def _accepted(self, session: Session) -> AsyncIterator[Session]:
        async with self._shell.tasks() as tasks:
            await self._open(session, tasks.start, _Progress())
            try:
                yield session
            except Exception:
                await _leave(session)
                raise
            await _leave(session)
        if session.crash is not None:
            raise session.crash

    def serve(
        self,
        config: ServerConfig,
        handler: Handler,
        *,
        host: str = "",
        port: int = 5222,
        tls: ServerTls | None = None,
        direct_tls: bool = False,
        answers: Answers | None = None,
        router: IqRouter | None = None,
        inbox: InboxLimits | None = None,
        most_connections: int = 10_000,
        grace: float = 5.0,
    ) -> AbstractAsyncContextManager[Serving]:
        """Accept clients for the length of an `async with` block, and run `await handler(session)` for each.

        A handler begins when the client's session is ready; the stream is closed when it returns, and
        with `internal-server-error` when it raises (the exception is logged, unless it says that the session
        ended while the handler was at work). `answers` must answer
        what the server is asked: `CredentialsLookup`, `BindRequested` and the rest of
        `docs/reference/events.md`, with functions plain or `async`. `tls` has the certificate;
        `direct_tls` says that TLS comes first on this port (XEP-0368). More than `most_connections` at
        once are cut off. Leaving the block accepts nothing more, ends the sessions with
        `system-shutdown` and waits `grace` seconds for handlers and clients.

        Raises `OSError` when the address cannot be listened on; at once `TlsSettingsError` for a
        certificate that cannot be used and `LocalProtocolError` where there is none and the
        configuration does not say `insecure_plaintext_authentication`.
        """
        make = self._receiving(config, tls, direct_tls, answers, router, inbox)
        return listening(self._shell, make, handler, host, port, most_connections, grace)

    def _receiving(
        self,
        config: ServerConfig,
        tls: ServerTls | None,
        direct_tls: bool,
        answers: Answers | None,
        router: IqRouter | None,
        inbox: InboxLimits | None,
    ) -> Callable[[Wire], Session]:
        options = SessionOptions(
            ack=config.ack,
            router=router,
            inbox=inbox or InboxLimits(),
            answers={**self._answers(), **(answers or {})},
        )
        if tls is None and (direct_tls or not config.insecure_plaintext_authentication):
            raise LocalProtocolError("without `tls` nobody could log in: give a certificate")
        if tls is not None:
            tls.build()
        make_layer = None if tls is None else lambda _: tls.layer(direct=direct_tls, kind=Kind.C2S)

        def session_of(wire: Wire) -> Session:
            setup = replace(config.setup(), ack=Ack.EXPLICIT)
            if tls is None:
                # What cannot be done is not offered: a client would take it.
                setup = replace(setup, features=tuple(one for one in setup.features if not isinstance(one, StartTls)))
            connection = Connection(_Role(setup))
            pump = Pump(connection, make_layer, direct=direct_tls, handshake_seconds=config.timeouts.negotiation)
            return Session(self._shell, wire, pump, setup, options)

        return session_of


async def _leave(session: Session) -> None:
    await session.close()
    await session.gone()


def _worth_another(outcome: StreamFailed | Closed) -> bool:
    """Whether another server of the domain may do better: this one never got as far as a stream."""
    return not isinstance(outcome, StreamFailed) or outcome.cause in (Cause.END_OF_DATA, Cause.DEADLINE)


def _all_failed(failures: list[ConnectError], note: str | None) -> ConnectError:
    if len(failures) == 1 and note is None:
        return failures[0]
    kind = HostNotFound if all(isinstance(one, HostNotFound) for one in failures) else HostUnreachable
    return kind("; ".join([*map(str, failures), *([note] if note else [])]))
