"""What a SASL mechanism must keep to, as one call that the tests of a mechanism of your own can make.

`check_mechanism` plays the exchange, plays it again with a snapshot after every step, changes every
message in every way it knows, asks at the wrong time and answers with the wrong thing. The first rule
that is broken raises `MechanismFault`, which says which and where.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from ..errors import LocalProtocolError
from ..sasl.conditions import SaslCondition
from ..sasl.mechanism import (
    Authenticated,
    ClientMechanism,
    Failed,
    Need,
    Refusal,
    Respond,
    SaslContext,
    ServerMechanism,
    Verified,
)

__all__ = ["MechanismFault", "MechanismReport", "check_mechanism"]

Answer = Callable[[object], object]
_NAME: Final = re.compile(r"[A-Z0-9_-]{1,20}", re.ASCII)
_MOST_STEPS: Final = 20
_CANARY: Final = b"canary-4711-of-the-peer"
_STRANGE: Final = (b"", b"\0", b"\xff\xfe", b"=", b",,,", b"\x01", _CANARY, b"n,,n=" + _CANARY, b"a" * 10_000)


class MechanismFault(AssertionError):
    """A mechanism breaks a rule; the message tells which, and at which step."""


@dataclass(frozen=True, slots=True)
class MechanismReport:
    """What was played: the messages of the good exchange, what was asked for, and the number of exchanges tried."""

    messages: tuple[bytes, ...]
    requests: tuple[object, ...]
    exchanges: int


@dataclass(slots=True)
class _Stranger:
    """A state that belongs to no mechanism."""


@dataclass(slots=True)
class _Play:
    """One exchange. `change` is given the number and the octets of each message, `kept` each state."""

    client: ClientMechanism
    server: ServerMechanism
    client_context: SaslContext
    server_context: SaslContext
    answer: Answer
    change: Callable[[int, bytes], bytes] = lambda _, data: data
    snapshots: bool = False
    watch: Callable[[object], None] = lambda _: None
    messages: list[bytes] = dataclasses.field(default_factory=list)
    senders: list[str] = dataclasses.field(default_factory=list)
    requests: list[object] = dataclasses.field(default_factory=list)
    client_states: list[object] = dataclasses.field(default_factory=list)
    server_states: list[object] = dataclasses.field(default_factory=list)
    verified: Verified | None = None
    authenticated: Authenticated | None = None
    failed: Failed | None = None

    def run(self) -> _Play:
        said = self._settle(self.client, self.client.start, self.client_context)
        initial = self._carry("client", said.data) if isinstance(said, Respond) and said.data is not None else None
        heard: Any = None
        if isinstance(said, Respond):
            heard = self._settle(self.server, self.server.start, initial, self.server_context)
        for _ in range(_MOST_STEPS):
            if self.failed is not None:
                return self
            state = self._renewed(self.client, said.state, self.client_context)
            if isinstance(heard, Authenticated):
                self.authenticated = heard
                data = None if heard.data is None else self._carry("server", heard.data)
                ended = self._settle(self.client, self.client.succeeded, state, data, self.client_context)
                self.verified = ended if isinstance(ended, Verified) else None
                return self
            challenge = self._carry("server", heard.data or b"")
            said = self._settle(self.client, self.client.challenged, state, challenge, self.client_context)
            if self.failed is not None:
                return self
            if not isinstance(said, Respond):
                raise MechanismFault("the client ends the exchange before the server has claimed success")
            response = self._carry("client", said.data or b"")
            waiting = self._renewed(self.server, heard.state, self.server_context)
            heard = self._settle(self.server, self.server.responded, waiting, response, self.server_context)
        raise MechanismFault(f"no end after {_MOST_STEPS} steps")

    def _settle(self, mechanism: Any, step: Callable[..., Any], *given: object) -> Any:
        """Take a step twice, answer what is asked, and give what comes of it."""
        context = self.client_context if mechanism is self.client else self.server_context
        outcome = _twice(step, *given)
        while isinstance(outcome, Need):
            self.watch(outcome)
            self.requests.append(outcome.request)
            if self.snapshots:
                again = mechanism.resumed(_kept(outcome.state), context)
                if isinstance(again, Failed):
                    self.failed = again
                    return again
                if again is None:
                    raise MechanismFault("what was being asked is not asked again after a snapshot")
                outcome = again
                if not isinstance(outcome, Need):
                    break
            value = self.answer(outcome.request)
            outcome = _twice(mechanism.answered, outcome.state, value, context)
        self.watch(outcome)
        ends = (Respond, Verified, Failed) if mechanism is self.client else (Respond, Authenticated, Failed)
        if not isinstance(outcome, ends):
            raise MechanismFault(f"{type(outcome).__name__} is no outcome for this side")
        if isinstance(outcome, Failed):
            if not isinstance(outcome.condition, SaslCondition) or _CANARY.decode() in outcome.reason:
                raise MechanismFault("a failure needs a condition of RFC 6120 section 6.5, and no octets of the peer")
            self.failed = outcome
        if isinstance(outcome, Respond):
            (self.client_states if mechanism is self.client else self.server_states).append(outcome.state)
        return outcome

    def _renewed(self, mechanism: Any, state: object, context: SaslContext) -> object:
        if not self.snapshots:
            return state
        state = _kept(state)
        asked = mechanism.resumed(state, context)
        if isinstance(asked, Failed):
            self.failed = asked
        return asked.state if isinstance(asked, Need) else state

    def _carry(self, sender: str, data: bytes) -> bytes:
        carried = self.change(len(self.messages), data)
        self.messages.append(carried)
        self.senders.append(sender)
        return carried


def check_mechanism(
    client: ClientMechanism,
    server: ServerMechanism,
    *,
    answer: Answer,
    client_context: SaslContext | None = None,
    server_context: SaslContext | None = None,
    secrets: Iterable[bytes] = (),
    signs_everything: bool = True,
) -> MechanismReport:
    """Check both sides of a mechanism against each other; raises `MechanismFault`.

    `client` and `server` must fit each other, so that with the contexts and with `answer`, which is given
    every request, they come to an end in success. `secrets` must be in no representation of anything.
    `signs_everything` False: only the last message of the server is proof of it, what came before may change.
    The entropy of the contexts is replaced by one that always gives the same, to see that a step which
    is made twice gives the same.
    """
    client_context = replace(client_context or SaslContext(secure=True), entropy=bytes)
    server_context = replace(server_context or SaslContext(secure=True, secret=bytes(16)), entropy=bytes)
    watch = _watcher(tuple(secrets))

    def play(**changes: Any) -> _Play:
        return _Play(client, server, client_context, server_context, answer, watch=watch, **changes).run()

    _check_what_is_said(client, server, client_context, server_context)
    for one in (client, server):
        watch(one)
    good = play()
    if good.verified is None or good.authenticated is None:
        raise MechanismFault(f"the good exchange fails: {good.failed and good.failed.reason}")
    count = 2
    kept = play(snapshots=True)
    if kept.failed is None and (kept.verified is None or kept.authenticated != good.authenticated):
        raise MechanismFault("with a snapshot after every step the exchange ends otherwise")
    for number, data in enumerate(good.messages):
        for changed in _changes(data):
            count += 1
            bad = play(change=lambda at, octets, n=number, c=changed: c if at == n else octets)
            signed = signs_everything or (
                good.senders[number] == "server" and "server" not in good.senders[number + 1 :]
            )
            if signed and bad.verified is not None and bad.verified.server_proved:
                raise MechanismFault(f"the client takes the server for proved although message {number} was changed")
    _check_misuse(client, server, good, client_context, server_context)
    return MechanismReport(tuple(good.messages), tuple(good.requests), count)


def _check_what_is_said(
    client: ClientMechanism, server: ServerMechanism, client_context: SaslContext, server_context: SaslContext
) -> None:
    if not _NAME.fullmatch(client.name) or client.name != server.name:
        raise MechanismFault("both sides have one name of 1 to 20 letters A-Z, digits, '-' and '_' (RFC 4422)")
    if (client.strength, client.binds) != (server.strength, server.binds):
        raise MechanismFault("both sides tell the same strength, and whether they bind")
    for refusal in (client.refusal(client_context), server.refusal(server_context)):
        if refusal is not None:
            raise MechanismFault(f"it refuses the contexts that were given: {refusal.text}")
    for refused in (client.refusal(SaslContext()), server.refusal(SaslContext())):
        if refused is not None and not (isinstance(refused, Refusal) and refused.text):
            raise MechanismFault("a refusal is a Refusal with a sentence")


def _check_misuse(
    client: ClientMechanism,
    server: ServerMechanism,
    good: _Play,
    client_context: SaslContext,
    server_context: SaslContext,
) -> None:
    """Wrong states and answers raise `LocalProtocolError`; strange octets at every step never raise."""
    stranger = _Stranger()
    misuses: tuple[tuple[Callable[..., Any], tuple[object, ...]], ...] = (
        (client.challenged, (stranger, b"", client_context)),
        (client.answered, (stranger, b"", client_context)),
        (client.succeeded, (stranger, b"", client_context)),
        (client.resumed, (stranger, client_context)),
        (server.responded, (stranger, b"", server_context)),
        (server.answered, (stranger, b"", server_context)),
        (server.resumed, (stranger, server_context)),
    )
    for step, given in misuses:
        try:
            step(*given)
        except LocalProtocolError:
            continue
        raise MechanismFault("a state of no mechanism does not raise LocalProtocolError")
    proves = good.verified is not None and good.verified.server_proved
    for data in _STRANGE:
        _must_not_raise(server.start, data, server_context)
        for state in good.server_states:
            _must_not_raise(server.responded, state, data, server_context)
        for state in good.client_states:
            _must_not_raise(client.challenged, state, data, client_context)
            claimed = _must_not_raise(client.succeeded, state, data, client_context)
            if proves and isinstance(claimed, Verified) and data:
                raise MechanismFault("a claim of success with strange data is taken for proof")


def _must_not_raise(step: Callable[..., Any], *given: object) -> Any:
    try:
        outcome = step(*given)
    except Exception as error:
        raise MechanismFault(f"octets of the peer raise {type(error).__name__}") from error
    if isinstance(outcome, Failed) and _CANARY.decode() in outcome.reason:
        raise MechanismFault("the reason of a failure holds no octets of the peer, and here it does")
    return outcome


def _twice(step: Callable[..., Any], *given: object) -> Any:
    first, second = _must_not_raise(step, *given), _must_not_raise(step, *given)
    if first != second:
        raise MechanismFault("a step that is made twice gives two outcomes: something was kept, or drawn elsewhere")
    return first


def _changes(data: bytes) -> Iterator[bytes]:
    """Every octet changed by one bit, every cut, and what has nothing to do with it."""
    for position in range(len(data)):
        yield data[:position] + bytes((data[position] ^ 1,)) + data[position + 1 :]
        yield data[:position]
    yield data + b"x"
    yield from (one for one in _STRANGE if one != data)


def _kept(state: object) -> object:
    """Give a state as it comes out of a snapshot: what is marked secret is None."""
    if not dataclasses.is_dataclass(state) or isinstance(state, type):
        return state
    changes = {
        one.name: None if one.metadata.get("secret") else _kept(getattr(state, one.name))
        for one in dataclasses.fields(state)
    }
    return replace(state, **changes)


def _watcher(secrets: tuple[bytes, ...]) -> Callable[[object], None]:
    forms = {form for one in secrets for form in (repr(one)[2:-1], one.hex())}

    def watch(value: object) -> None:
        state = getattr(value, "state", None)
        parameters = getattr(state, "__dataclass_params__", None)
        if state is not None and not (parameters is not None and parameters.frozen):
            raise MechanismFault("a state is no frozen dataclass")
        if any(form in repr(value) for form in forms):
            raise MechanismFault(f"a secret shows in the representation of {type(value).__name__}")

    return watch
