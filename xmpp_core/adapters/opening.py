"""`connect`, `accept` and `serve`: what an application calls, the same over every event loop."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace

from ..errors import LocalProtocolError
from ..features.logins import DeriveKey
from ..jid import JID
from ..profiles import ClientConfig, ServerConfig
from ..sasl.credentials import Credentials
from ..stanza import IqRouter
from ..stream.connection import Connection
from ..stream.context import Kind
from ..stream.events import SessionReady
from .driver import Answers
from .errors import ConnectTimedOut, error_of
from .finding import Where
from .inbox import InboxLimits
from .pump import Pump
from .reaching import Engine, Reaching, Role, Start, ready, without_starttls
from .serving import Handler, Serving, listening
from .session import Session, SessionOptions
from .shell import Shell, Wire
from .tls import ClientTls, ServerTls

__all__ = ["Adapter"]


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
        engine: Engine = Connection,
    ) -> AbstractAsyncContextManager[Session]:
        """Log in, and give the session for the length of an `async with` block; leaving it closes the stream.

        Say who you are with `jid` and `password` (or `credentials`), or with a whole `config`. Without
        `host` the domain's SRV records lead to its servers when dnspython is installed (XEP-0368 with
        `direct_tls` None: both kinds; True or False: that kind alone), else the domain itself at its
        usual port; with `host` just that one is tried. `wire` takes a byte stream of your own in place
        of all that. The certificate is always checked against the domain of the address. `timeout`
        seconds are for everything until the session is ready.

        `router` answers requests by itself; `answers` maps classes of questions to functions, plain or
        `async`; `inbox` bounds what waits for an application that is slow. `engine` makes the connection:
        `xmpp_core.testing.transcript.Recorder` keeps a record, to be had from `session.connection`.

        Raises `ConnectError`: `HostNotFound`, `HostUnreachable`, `TlsNotEstablished`,
        `AuthenticationFailed`, `NotEstablished` or `ConnectTimedOut`; `LocalProtocolError` and
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
        reaching = Reaching(self._shell, config, Where(host, port, direct_tls), wire, tls, options, engine)

        async def opened(start: Start) -> Session:
            try:
                return await self._shell.within(timeout, lambda: reaching.session(start))
            except TimeoutError:
                raise ConnectTimedOut(
                    f"no session within {timeout:g} s: {reaching.step}; try again, or give it more time"
                ) from None

        return self._lasting(opened)

    def _answers(self) -> Answers:
        # Asked only where a configuration says so: then it is meant for a thread.
        shell = self._shell
        return {DeriveKey: lambda question: shell.in_thread(question.derive)}

    @asynccontextmanager
    async def _lasting(self, opened: Callable[[Start], Awaitable[Session]]) -> AsyncIterator[Session]:
        """Keep a session for the length of the block, and leave it in good order."""
        async with self._shell.tasks() as tasks:
            session = await opened(tasks.start)
            try:
                yield session
            except Exception:
                await _leave(session)
                raise
            # After a cancellation nothing is waited for: the end of the block says the last words.
            await _leave(session)
        if session.crash is not None:
            raise session.crash

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
        engine: Engine = Connection,
    ) -> AbstractAsyncContextManager[Session]:
        """Be the receiving entity on a byte stream of your own, for the length of an `async with` block.

        Gives the session once it is ready; the arguments are those of `serve`. Raises `ConnectError`, and
        at once `TlsSettingsError` and `LocalProtocolError` for settings that cannot be used.
        """
        session = self._receiving(config, tls, direct_tls, answers, router, inbox, engine)(wire)

        async def opened(start: Start) -> Session:
            outcome = await ready(session, start)
            if isinstance(outcome, SessionReady):
                return session
            raise error_of(outcome)

        return self._lasting(opened)

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
        engine: Engine = Connection,
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
        make = self._receiving(config, tls, direct_tls, answers, router, inbox, engine)
        return listening(self._shell, make, handler, host, port, most_connections, grace)

    def _receiving(
        self,
        config: ServerConfig,
        tls: ServerTls | None,
        direct_tls: bool,
        answers: Answers | None,
        router: IqRouter | None,
        inbox: InboxLimits | None,
        engine: Engine,
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
            setup = config.setup()
            role = Role.of(setup if tls is not None else without_starttls(setup))
            pump = Pump(engine(role), make_layer, direct=direct_tls, handshake_seconds=config.timeouts.negotiation)
            return Session(self._shell, wire, pump, role.described, options)

        return session_of


async def _leave(session: Session) -> None:
    await session.close()
    await session.gone()
