"""Reaching a peer as the initiating entity: candidate after candidate, until a stream is negotiated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from ..discovery import Candidate
from ..features.starttls import StartTls
from ..jid import JID
from ..profiles import ClientConfig
from ..stream.connection import Connection
from ..stream.context import Kind
from ..stream.events import Cause, Closed, SessionReady, StreamFailed
from ..stream.setup import Ack, Config, StreamSetup
from .errors import ConnectError, HostNotFound, HostUnreachable, NotEstablished, TlsNotEstablished, error_of
from .finding import Where, candidates_for, elsewhere, reach
from .pump import Pump
from .session import Session, SessionOptions
from .shell import Shell, Wire
from .tls import ClientTls

__all__ = ["Engine", "Reaching", "Role", "Start", "ready", "without_starttls"]

Engine = Callable[[Config], Connection]
"""Makes the connection of a session: `Connection` itself, or a subclass that watches it."""

Start = Callable[..., None]
"""Runs a function in a task of its own: `Tasks.start`."""

_REDIRECTS: Final = 1
"""How often a `see-other-host` is followed (RFC 6120 section 4.9.3.19)."""


@dataclass(frozen=True, slots=True)
class Role:
    """A configuration as it is run here: the session counts what is handled."""

    described: StreamSetup

    @classmethod
    def of(cls, setup: StreamSetup) -> Role:
        """Take over what a configuration says."""
        return cls(replace(setup, ack=Ack.EXPLICIT))

    def setup(self) -> StreamSetup:
        """Give the role."""
        return self.described


def without_starttls(setup: StreamSetup) -> StreamSetup:
    """Leave STARTTLS out where there is no certificate: what cannot be done is not offered, a client would take it."""
    return replace(setup, features=tuple(one for one in setup.features if not isinstance(one, StartTls)))


async def ready(session: Session, start: Start) -> SessionReady | StreamFailed | Closed:
    """Run a session until it is ready, or has ended and its transport is cut.

    Raises what code of the host raised meanwhile.
    """
    start(session.run)
    outcome = await session.opened()
    if not isinstance(outcome, SessionReady):
        await session.gone()
        if session.crash is not None:
            raise session.crash
    return outcome


@dataclass(slots=True)
class Reaching:
    """One call of `connect`. `step` says what is being done, for the words of a time-out."""

    shell: Shell
    config: ClientConfig
    where: Where
    wire: Wire | None
    tls: ClientTls
    options: SessionOptions
    engine: Engine = Connection
    step: str = "looking up the host"

    @property
    def domain(self) -> JID:
        """Whom the certificate must be for, wherever the connection leads."""
        domain = self.config.setup().domain
        assert domain is not None
        return domain

    async def session(self, start: Start) -> Session:
        """Give a session that is ready; raises `ConnectError`."""
        if self.wire is not None:
            place = Candidate(self.wire.peer, 0, bool(self.where.direct_tls))
            session, outcome = await self._try(self.wire, place, start)
            if isinstance(outcome, SessionReady):
                return session
            raise error_of(outcome)
        return await self._first(start)

    async def _first(self, start: Start) -> Session:
        """Try candidates until one gives a session; follow a redirection."""
        name, entropy = self.domain.domain, self.config.entropy
        found, note = await candidates_for(name, self.where, entropy)
        candidates = list(found)
        redirects = 0
        failures: list[ConnectError] = []
        while candidates:
            candidate = candidates.pop(0)
            self.step = f"connecting to {candidate.host} port {candidate.port}"
            try:
                wire = await reach(self.shell, candidate)
            except ConnectError as error:
                failures.append(error)
                continue
            session, outcome = await self._try(wire, candidate, start)
            if isinstance(outcome, SessionReady):
                return session
            redirect = outcome.redirect if isinstance(outcome, StreamFailed) else None
            if redirect is not None and redirects < _REDIRECTS:
                redirects += 1
                self.step = "looking up where the server points"
                failures.append(error_of(outcome))
                try:
                    candidates[:0] = await elsewhere(redirect, candidate, name, self.where, entropy)
                except ConnectError as error:  # it points nowhere; others of the domain may be left
                    failures.append(error)
            elif _worth_another(outcome):
                failures.append(error_of(outcome))
            else:
                raise error_of(outcome)
        raise _all_failed(failures, note)

    async def _try(
        self, wire: Wire, candidate: Candidate, start: Start
    ) -> tuple[Session, SessionReady | StreamFailed | Closed]:
        self.step = f"waiting for {wire.peer or 'the peer'} to negotiate the stream"
        name, direct, tls = self.domain.domain, candidate.direct_tls, self.tls
        role = Role.of(self.config.setup())
        pump = Pump(
            self.engine(role),
            lambda hostname: tls.layer(hostname or name, direct=direct, kind=Kind.C2S),
            direct=direct,
            server_hostname=name,
            handshake_seconds=self.config.timeouts.negotiation,
        )
        session = Session(self.shell, wire, pump, role.described, self.options)
        return session, await ready(session, start)


def _worth_another(outcome: StreamFailed | Closed) -> bool:
    """Whether another server of the domain may do better: this one never got as far as a stream, or proved nothing.

    Each has to show a good certificate, so that one whose certificate is bad leads to none that is worse.
    """
    return not isinstance(outcome, StreamFailed) or outcome.cause in (
        Cause.END_OF_DATA,
        Cause.DEADLINE,
        Cause.TLS_FAILED,
    )


def _all_failed(failures: list[ConnectError], note: str | None) -> ConnectError:
    # Who pointed elsewhere did its part: what counts is what became of those it pointed at.
    met = [one for one in failures if not _points_elsewhere(one)] or failures
    told = _most_telling(met)
    if told is not None:
        others = [str(other) for other in failures if other is not told]
        if others:
            told.add_note("; ".join(["other servers of the domain", *others]))
        if note is not None:
            told.add_note(note)
        return told
    if len(failures) == 1 and note is None:
        return failures[0]
    kind = HostNotFound if all(isinstance(one, HostNotFound) for one in met) else HostUnreachable
    return kind("; ".join([*map(str, failures), *([note] if note else [])]))


def _most_telling(failures: list[ConnectError]) -> ConnectError | None:
    """Give the failure that says more than that nobody took a connection; None if there is no such."""
    for one in failures:
        if isinstance(one, TlsNotEstablished):
            # That a server cannot be trusted says more than how others ended.
            return one
    return next((one for one in reversed(failures) if not isinstance(one, HostNotFound | HostUnreachable)), None)


def _points_elsewhere(error: ConnectError) -> bool:
    return (
        isinstance(error, NotEstablished)
        and isinstance(error.failure, StreamFailed)
        and error.failure.redirect is not None
    )
