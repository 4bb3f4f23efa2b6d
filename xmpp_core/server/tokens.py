"""Tokens of FAST as a server keeps them: two slots for each client of an account (XEP-0484 section 5.1).

A token is the key of an HMAC on both sides, so it is kept as it is and not as a hash: whoever reads the
store can log in with it until it expires. The file of `SqliteAccounts` is for its owner alone.
"""

from __future__ import annotations

import datetime
import hmac
import threading
from dataclasses import dataclass, field, replace
from typing import Final, Protocol, TypeAlias

from ..errors import LocalProtocolError
from ..features.fast import TokenDenied, TokenIssue, TokenKept, TokenProof, TokenStays, TokenUsed
from ..jid import JID
from ..sasl.conditions import SaslCondition
from ..sasl.logins import StoredTokens

__all__ = ["NO_TOKENS", "IssuedToken", "MemoryTokens", "Slots", "TokenPolicy", "Tokens", "Used"]

Used: TypeAlias = TokenKept | TokenStays | TokenDenied
_DAY: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class TokenPolicy:
    """How long tokens live, in seconds, and how long before its end one in use is replaced."""

    lifetime: float = 21 * _DAY
    rotate_before: float = 20 * _DAY
    clients: int = 32
    """How many clients of an account hold tokens. One more takes the place of the one whose tokens end first."""

    def __post_init__(self) -> None:
        if not 0 < self.rotate_before <= self.lifetime:
            raise LocalProtocolError("a token is replaced before its end, within its lifetime")
        if self.clients < 1:
            raise LocalProtocolError("an account needs room for the tokens of at least one client")


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """One token: for this mechanism alone, until `expiry` in seconds since 1970, used `count` times (section 3.4)."""

    token: str = field(repr=False)
    mechanism: str
    expiry: float
    count: int = 0


@dataclass(frozen=True, slots=True)
class Slots:
    """The tokens of one client. `new` was issued and not used yet."""

    new: IssuedToken | None = None
    current: IssuedToken | None = None

    @property
    def expiry(self) -> float:
        """When the last of them ends."""
        return max((one.expiry for one in (self.new, self.current) if one is not None), default=0.0)

    def living(self, now: float) -> Slots:
        """Leave out what has expired."""
        new, current = (None if one is None or one.expiry <= now else one for one in (self.new, self.current))
        return Slots(new, current)

    def stored(self, mechanism: str, now: float) -> StoredTokens:
        """Answer `TokenLookup`: a token of another mechanism is none (section 3.4)."""
        fitting = [one for one in (self.new, self.current) if one is not None and one.mechanism == mechanism]
        return StoredTokens(
            tuple(one.token for one in fitting if one.expiry > now),
            tuple(one.token for one in fitting if one.expiry <= now),
        )

    def issued(self, token: str, mechanism: str, now: float, policy: TokenPolicy) -> tuple[Slots, TokenKept]:
        """Answer `TokenIssue`: what was issued before and never used is forgotten (section 3.5)."""
        expiry = float(int(now + policy.lifetime))
        kept = TokenKept(datetime.datetime.fromtimestamp(expiry, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
        return replace(self, new=IssuedToken(token, mechanism, expiry)), kept

    def used(self, question: TokenUsed, now: float, policy: TokenPolicy) -> tuple[Slots, Used]:
        """Answer `TokenUsed` (sections 3.4 to 3.6)."""
        proof = question.proof
        found = next((one for one in (self.new, self.current) if one is not None and _is(one, proof)), None)
        if found is None or found.expiry <= now:
            return self, TokenDenied()
        if proof.count is not None:
            if proof.count <= found.count:
                return self, TokenDenied(SaslCondition.NOT_AUTHORIZED)
            found = replace(found, count=proof.count)
        # Used, it replaces the one before it; a newer one that was never used stays until it is.
        is_new = self.new is not None and _is(self.new, proof)
        slots = Slots(None if is_new else self.new, None if proof.invalidate else found)
        if proof.invalidate or question.requested or found.expiry - now > policy.rotate_before:
            return slots, TokenStays()
        return slots.issued(question.fresh, found.mechanism, now, policy)


def _is(one: IssuedToken, proof: TokenProof) -> bool:
    same = hmac.compare_digest(one.token.encode(), (proof.token or "").encode())
    return same and one.mechanism == proof.mechanism


NO_TOKENS: Final = Slots()


class Tokens(Protocol):
    """Where tokens are kept. `now` is in seconds since 1970; methods may block, and raise `StoreError`.

    A token is as good as the password and knows nothing of it. Whoever changes the password of an account
    or removes it has to call `forget_tokens` too, or the old clients, and those of a namesake, still get in:
    `Running.end_sessions` does. `SqliteTokens` alone goes with its `SqliteAccounts` by itself, whichever
    process changes them.
    """

    def tokens(self, account: JID, client: str, mechanism: str, now: float) -> StoredTokens:
        """Answer `TokenLookup`; nobody's account has no tokens."""

    def issue_token(self, question: TokenIssue, now: float) -> TokenKept | TokenDenied:
        """Answer `TokenIssue`, keeping its token.

        The client chose its `id`: what an account holds has to be bounded (`TokenPolicy.clients`).
        """

    def use_token(self, question: TokenUsed, now: float) -> Used:
        """Answer `TokenUsed`, noting it down. Two uses at once are one after the other."""

    def forget_tokens(self, account: JID, client: str | None = None) -> None:
        """Forget the tokens of one client, or of all of the account: after a change of its password, or its removal."""


class MemoryTokens:
    """Tokens that are gone with the process: for tests and demonstrations."""

    def __init__(self, policy: TokenPolicy | None = None) -> None:
        self._policy = policy or TokenPolicy()
        self._lock = threading.Lock()
        self._kept: dict[JID, dict[str, Slots]] = {}

    def __repr__(self) -> str:
        return f"<MemoryTokens of {sum(map(len, self._kept.values()))} clients>"

    def tokens(self, account: JID, client: str, mechanism: str, now: float) -> StoredTokens:
        """See `Tokens.tokens`."""
        with self._lock:
            return self._slots(account, client).stored(mechanism, now)

    def issue_token(self, question: TokenIssue, now: float) -> TokenKept | TokenDenied:
        """See `Tokens.issue_token`."""
        account, client = question.account, question.client
        with self._lock:
            slots, kept = self._slots(account, client).issued(question.token, question.mechanism, now, self._policy)
            living = {name: one.living(now) for name, one in self._kept.get(account, {}).items() if name != client}
            others = sorted((-one.expiry, name) for name, one in living.items() if one != NO_TOKENS)
            staying = {name: living[name] for _, name in others[: self._policy.clients - 1]}
            self._kept[account] = {**staying, client: slots.living(now)}
        return kept

    def use_token(self, question: TokenUsed, now: float) -> Used:
        """See `Tokens.use_token`."""
        account, client = question.account, question.proof.client
        with self._lock:
            slots, answer = self._slots(account, client).used(question, now, self._policy)
            if slots == NO_TOKENS:
                self._forget(account, client)
            else:
                self._kept[account][client] = slots
        return answer

    def forget_tokens(self, account: JID, client: str | None = None) -> None:
        """See `Tokens.forget_tokens`."""
        with self._lock:
            self._forget(account, client)

    def _slots(self, account: JID, client: str) -> Slots:
        return self._kept.get(account, {}).get(client, NO_TOKENS)

    def _forget(self, account: JID, client: str | None) -> None:
        clients = self._kept.get(account, {})
        if client is not None:
            clients.pop(client, None)
        if client is None or not clients:
            self._kept.pop(account, None)
