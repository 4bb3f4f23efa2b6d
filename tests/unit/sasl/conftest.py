"""A client and a server mechanism talking, with every answer and every tampering in the test's hands."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from xmpp_core.sasl.credentials import CredentialsAnswer, StoredKeys
from xmpp_core.sasl.logins import AnonymousRequest, BearerRequest, CertificateRequest, TokensRequest
from xmpp_core.sasl.mechanism import (
    Authenticated,
    AuthorizationRequest,
    ClientMechanism,
    CredentialsRequest,
    Failed,
    KeyDerivation,
    Need,
    Respond,
    SaslContext,
    ServerMechanism,
    Verified,
)


def _kept(state: object) -> object:
    """Give a state as it comes out of a snapshot: what is marked secret is None."""
    if not dataclasses.is_dataclass(state) or isinstance(state, type):
        return state
    changes = {
        one.name: None if one.metadata.get("secret") else _kept(getattr(state, one.name))
        for one in dataclasses.fields(state)
    }
    return dataclasses.replace(state, **changes)


@dataclass
class Conversation:
    """Runs one exchange to its end and remembers everything that was seen."""

    client: ClientMechanism
    server: ServerMechanism
    client_context: SaslContext
    server_context: SaslContext
    stored: CredentialsAnswer | Any
    authorize: bool = False
    tamper: Callable[[int, bytes], bytes] = lambda _, data: data
    """Given the number of the message, from 0, and its octets."""
    early_signature: bool = False
    """Whether the server sends its last message as a challenge, and success after it without data."""
    messages: list[bytes] = field(default_factory=list)
    requests: list[object] = field(default_factory=list)
    outcomes: list[object] = field(default_factory=list)
    verified: Verified | None = None
    authenticated: Authenticated | None = None
    client_failure: Failed | None = None
    server_failure: Failed | None = None

    def run(self) -> Conversation:
        """Play until somebody stops."""
        turn = self._client(self.client.start(self.client_context))
        if turn is None:
            return self
        # A mechanism that the server begins has no initial response.
        initial = None if turn.data is None else self._carried(turn.data)
        answer = self._server(self.server.start(initial, self.server_context))
        while True:
            if isinstance(answer, Respond):
                assert answer.data is not None
                turn = self._client(self.client.challenged(turn.state, self._carried(answer.data), self.client_context))
                if turn is None:
                    return self
                answer = self._server(
                    self.server.responded(answer.state, self._carried(turn.data), self.server_context)
                )
            elif isinstance(answer, Authenticated):
                self.authenticated = answer
                data = self._carry(answer.data)
                if self.early_signature and data is not None:
                    turn = self._client(self.client.challenged(turn.state, data, self.client_context))
                    if turn is None:
                        return self
                    assert turn.data == b""
                    data = None
                final = self._settle(self.client, self.client.succeeded(turn.state, data, self.client_context))
                self.verified = final if isinstance(final, Verified) else None
                self.client_failure = final if isinstance(final, Failed) else None
                return self
            else:
                assert isinstance(answer, Failed)
                self.server_failure = answer
                return self

    def _client(self, outcome: Any) -> Respond | None:
        outcome = self._settle(self.client, outcome)
        if isinstance(outcome, Failed):
            self.client_failure = outcome
            return None
        assert isinstance(outcome, Respond)
        return outcome

    def _server(self, outcome: Any) -> Any:
        return self._settle(self.server, outcome)

    def _settle(self, mechanism: Any, outcome: Any) -> Any:
        context = self.client_context if mechanism is self.client else self.server_context
        while isinstance(outcome, Need):
            self.outcomes.append(outcome)
            self.requests.append(outcome.request)
            outcome = mechanism.answered(outcome.state, self._answer(outcome.request), context)
        self.outcomes.append(outcome)
        return outcome

    def _answer(self, request: object) -> object:
        match request:
            case KeyDerivation():
                return request.derive()
            case CredentialsRequest():
                return self.stored
            case AuthorizationRequest():
                return self.authorize
            case CertificateRequest() | AnonymousRequest() | BearerRequest() | TokensRequest():
                return self.stored
        raise AssertionError(request)

    def _carry(self, data: bytes | None) -> bytes | None:
        return None if data is None else self._carried(data)

    def _carried(self, data: bytes | None) -> bytes:
        assert data is not None
        carried = self.tamper(len(self.messages), data)
        self.messages.append(carried)
        return carried


@pytest.fixture
def converse() -> type[Conversation]:
    """The class that plays an exchange."""
    return Conversation


@pytest.fixture
def kept() -> Callable[[object], object]:
    """What a state looks like after a snapshot."""
    return _kept


@pytest.fixture(scope="session")
def pencil() -> StoredKeys:
    """What a server stores of the password `pencil`."""
    return StoredKeys.derive("pencil", ("SHA-1", "SHA-256", "SHA-512", "SHA3-512"), iterations=4096)
