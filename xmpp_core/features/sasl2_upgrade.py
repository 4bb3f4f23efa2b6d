"""The task that gives a server the keys of another SCRAM hash, without the password (XEP-0480 section 3)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final
from xml.etree.ElementTree import Element

from ..jid import JID
from ..namespaces import SCRAM_UPGRADE
from ..sasl.credentials import DEFAULT_ITERATIONS, ScramVerifier
from ..sasl.derivation import HASHES, client_key, server_key, stored_key
from ..sasl.mechanism import KeyDerivation
from ..sasl.preparation import prepare
from ..stream.events import Cause, Question
from ..stream.step import Ask, Continue, Done, Refused, Step
from . import sasl2_elements as xml
from .logins import DeriveKey
from .sasl2_context import Sasl2Context

__all__ = ["KeysUpgraded", "ScramUpgrade"]

_SALT: Final = f"{{{SCRAM_UPGRADE}}}salt"
_HASH: Final = f"{{{SCRAM_UPGRADE}}}hash"
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,9}")
_SALT_OCTETS: Final = 16
_MOST_SALT: Final = 1024


@dataclass(frozen=True, slots=True, eq=False)
class KeysUpgraded(Question[bool]):
    """A client that logged in made the keys of another hash: keep `verifier` beside the older ones, and say whether."""

    account: JID
    verifier: ScramVerifier = field(repr=False)
    answers: ClassVar[tuple[type, ...]] = (bool,)


@dataclass(frozen=True, slots=True)
class _Salted:
    """Receiving: the salt is out."""

    salt: bytes
    iterations: int


@dataclass(frozen=True, slots=True)
class _Keeping:
    """Receiving: the host is asked to keep the keys."""


@dataclass(frozen=True, slots=True)
class _Deriving:
    """Initiating: the host derives the key."""

    salt: bytes
    iterations: int


@dataclass(frozen=True, slots=True)
class ScramUpgrade:
    """`UPGR-SCRAM-` and the hash. A client gives `password`; a server says with how many `iterations`."""

    hash: str
    password: str | None = field(default=None, repr=False)
    iterations: int = DEFAULT_ITERATIONS
    ask_for_derivations: bool = False

    @property
    def name(self) -> str:
        """Without -PLUS: the keys are the same (XEP-0480 section 2.1)."""
        return f"UPGR-SCRAM-{self.hash}"

    # Initiating entity.

    def begin(self, context: Sasl2Context) -> Step:
        """Begin; there is nothing to say yet."""
        return Continue()

    def told(self, state: Any, payload: tuple[Element, ...], context: Sasl2Context) -> Step:
        """Take salt and iterations, and derive the SaltedPassword."""
        found = next((one for one in payload if one.tag == _SALT), None)
        try:
            salt = xml.data_in(found)
        except ValueError:
            salt = None
        text = found.get("iterations", "") if found is not None else ""
        iterations = int(text) if _NUMBER.fullmatch(text) else 0
        limits = context.limits
        if not salt or len(salt) > _MOST_SALT or not limits.least_iterations <= iterations <= limits.most_iterations:
            return _refused("malformed-request", "the server's salt or iterations are none that we accept")
        request = self._derivation(salt, iterations)
        if self.ask_for_derivations:
            return Ask(DeriveKey(request), state=_Deriving(salt, iterations))
        return self._derived(request.derive())

    def _derivation(self, salt: bytes, iterations: int) -> KeyDerivation:
        assert self.password is not None
        return KeyDerivation(prepare(self.password), salt, iterations, self.hash)

    def _derived(self, salted: bytes) -> Step:
        return Continue(send=(xml.data_element(_HASH, salted),))

    def over(self, state: Any, payload: tuple[Element, ...], context: Sasl2Context) -> Step:
        """The server has the keys."""
        return Done()

    # Receiving entity.

    def begun(self, payload: tuple[Element, ...], context: Sasl2Context) -> Step:
        """Give a salt and the iterations."""
        salt = context.entropy(_SALT_OCTETS)
        element = xml.data_element(_SALT, salt)
        element.set("iterations", str(self.iterations))
        return Continue(_Salted(salt, self.iterations), send=(element,))

    def received(self, state: Any, payload: tuple[Element, ...], context: Sasl2Context) -> Step:
        """Take the SaltedPassword: only what a login is checked with is made of it and kept."""
        found = next((one for one in payload if one.tag == _HASH), None)
        try:
            salted = xml.data_in(found) or b""
        except ValueError:
            salted = b""
        if not isinstance(state, _Salted) or len(salted) != HASHES[self.hash].octets:
            return _refused("malformed-request", "no SaltedPassword of this hash")
        stored = stored_key(self.hash, client_key(self.hash, salted))
        verifier = ScramVerifier(self.hash, state.salt, state.iterations, stored, server_key(self.hash, salted))
        assert context.peer is not None
        return Ask(KeysUpgraded(context.peer.bare, verifier), state=_Keeping())

    # Both.

    def answered(self, state: Any, question: Question[Any], value: Any, context: Sasl2Context) -> Step:
        """Take the key, or whether the keys were kept."""
        if isinstance(question, DeriveKey):
            return self._derived(value)
        return Done() if value else _refused("temporary-auth-failure", "the keys were not kept")

    def resumed(self, state: Any, context: Sasl2Context) -> Step:
        """Derive again; keys that were to be kept were not kept in the snapshot either."""
        if isinstance(state, _Deriving):
            return Ask(DeriveKey(self._derivation(state.salt, state.iterations)), state=state)
        if isinstance(state, _Keeping):
            return _refused("temporary-auth-failure", "the keys were not kept in the snapshot")
        return Continue(state)


def _refused(condition: str, reason: str) -> Step:
    return Refused(condition, reason, Cause.AUTHENTICATION_FAILED)
