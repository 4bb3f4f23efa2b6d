"""The server's hub and its connections, with a test looking on and having its say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from ...adapters.shell import Shell
from ...jid import JID
from ...server.effects import Close, Deliver, Effect, SessionId
from ...server.hub import BindDecision, Hub, HubConfig
from ...server.runner import Running, Server
from ...stanza import Stanza
from ...stream.conditions import StreamError
from ..faults import SeeOtherHost, SendStreamError
from .line import LINE, Line
from .records import Records

__all__ = ["WatchedHub", "WatchedRun"]


class WatchedHub(Hub):
    """Keeps a record of what passes, and lets faults take the place of stanzas."""

    def __init__(self, config: HubConfig, records: Records, failed: Callable[[BaseException], None]) -> None:
        super().__init__(config)
        self._records = records
        self._failed = failed
        self._lines: dict[SessionId, Line] = {}

    def bind(self, session: SessionId, account: JID, resource: str | None) -> BindDecision:
        """See `Hub.bind`; from here on the session's connection is known."""
        decision = super().bind(session, account, resource)
        if decision.jid is not None:
            self._lines[session] = LINE.get()
        return decision

    def opened(self, session: SessionId) -> tuple[Effect, ...]:
        """See `Hub.opened`."""
        effects = super().opened(session)
        jid, line = self.address_of(session), self._lines.get(session)
        if jid is not None and line is not None:
            line.jid = jid
            self._records.opened(jid)
        return effects

    def ended(self, session: SessionId) -> tuple[Effect, ...]:
        """See `Hub.ended`."""
        line = self._lines.pop(session, None)
        if line is not None and line.jid is not None:
            self._records.ended(line.jid)
        return super().ended(session)

    def received(self, session: SessionId, stanza: Stanza, now: float) -> Sequence[Effect]:
        """See `Hub.received`."""
        line = self._lines.get(session)
        if line is None or session not in self:
            return ()
        self._records.received(stanza)
        fault = line.stanza()
        if fault is None:
            try:
                return super().received(session, stanza, now)
            except Exception as error:
                # Told at once: a server that is stopped meanwhile takes it along.
                self._failed(error)
                raise
        if isinstance(fault, SendStreamError | SeeOtherHost):
            return self.dismiss([session], fault.error())
        line.act(fault)
        return ()

    # For the test.

    def sessions_of(self, jid: JID) -> list[SessionId]:
        """Give the sessions of a full address or of an account; raises `LookupError` when there is none."""
        found = [id for id, line in self._lines.items() if line.jid is not None and jid in (line.jid, line.jid.bare)]
        if not found:
            raise LookupError(f"{jid} has no session here")
        return found

    def line_of(self, session: SessionId) -> Line:
        """Give the connection of a session."""
        return self._lines[session]

    def dismiss(self, sessions: Iterable[SessionId], error: StreamError) -> list[Effect]:
        """End sessions with an error."""
        return [effect for one in sessions for effect in (Close(one, error), *self.ended(one))]

    def delivered(self, jid: JID, stanza: Stanza) -> list[Effect]:
        """Deliver a stanza to the sessions of an address, past all routing."""
        return [Deliver(one, stanza) for one in self.sessions_of(jid)]


class WatchedRun(Running):
    """A running server that does what a test wants."""

    def __init__(self, shell: Shell, server: Server, records: Records, failed: Callable[[BaseException], None]) -> None:
        super().__init__(shell, server)
        self.hub: WatchedHub = WatchedHub(server.hub, records, failed)

    def do(self, effects: Iterable[Effect]) -> None:
        """Carry out what the hub says."""
        self.carry_out(effects)
