"""Tokens of FAST in the file of the accounts (XEP-0484 section 5.1)."""

from __future__ import annotations

import sqlite3

from ..features.fast import TokenDenied, TokenIssue, TokenKept, TokenUsed
from ..jid import JID
from ..sasl.logins import StoredTokens
from .sqlite_store import SqliteAccounts
from .tokens import NO_TOKENS, IssuedToken, Slots, TokenPolicy, Used

__all__ = ["SqliteTokens"]


class SqliteTokens:
    """Tokens beside the accounts of `accounts`, which stays open as long as this is used.

    A use is one transaction, so that of two at once with the same count one is refused. Removing an account
    and changing its password remove its tokens.
    """

    def __init__(self, accounts: SqliteAccounts, policy: TokenPolicy | None = None) -> None:
        self._accounts = accounts
        self._policy = policy or TokenPolicy()

    def __repr__(self) -> str:
        return f"<SqliteTokens of {self._accounts!r}>"

    def tokens(self, account: JID, client: str, mechanism: str, now: float) -> StoredTokens:
        """See `Tokens.tokens`."""
        with self._accounts.reading() as database:
            return _slots(database, account, client).stored(mechanism, now)

    def issue_token(self, question: TokenIssue, now: float) -> TokenKept | TokenDenied:
        """See `Tokens.issue_token`."""
        with self._accounts.changing() as database:
            slots = _slots(database, question.account, question.client)
            slots, kept = slots.issued(question.token, question.mechanism, now, self._policy)
            if not _keep(database, question.account, question.client, slots):
                return TokenDenied()
            _make_room(database, question.account, question.client, now, self._policy.clients)
            return kept

    def use_token(self, question: TokenUsed, now: float) -> Used:
        """See `Tokens.use_token`."""
        client = question.proof.client
        with self._accounts.changing() as database:
            slots, answer = _slots(database, question.account, client).used(question, now, self._policy)
            return answer if _keep(database, question.account, client, slots) else TokenDenied()

    def forget_tokens(self, account: JID, client: str | None = None) -> None:
        """See `Tokens.forget_tokens`."""
        with self._accounts.changing() as database:
            database.execute(
                f"DELETE FROM fast_token WHERE account = {_ACCOUNT} AND (? IS NULL OR client = ?)",
                (*_names(account), client, client),
            )


_ACCOUNT = "(SELECT id FROM account WHERE domain = ? AND localpart = ?)"


def _names(account: JID) -> tuple[str, str]:
    return account.domain, account.local or ""


def _slots(database: sqlite3.Connection, account: JID, client: str) -> Slots:
    rows = database.execute(
        f"SELECT slot, token, mechanism, expiry, count FROM fast_token WHERE account = {_ACCOUNT} AND client = ?",
        (*_names(account), client),
    ).fetchall()
    found = {row[0]: IssuedToken(*row[1:]) for row in rows}
    return Slots(found.get("new"), found.get("current")) if found else NO_TOKENS


def _keep(database: sqlite3.Connection, account: JID, client: str, slots: Slots) -> bool:
    """Write both slots; False where there is no such account any more."""
    row = database.execute("SELECT id FROM account WHERE domain = ? AND localpart = ?", _names(account)).fetchone()
    if row is None:
        return False
    database.execute("DELETE FROM fast_token WHERE account = ? AND client = ?", (row[0], client))
    database.executemany(
        "INSERT INTO fast_token (account, client, slot, token, mechanism, expiry, count) VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (row[0], client, slot, one.token, one.mechanism, one.expiry, one.count)
            for slot, one in (("new", slots.new), ("current", slots.current))
            if one is not None
        ],
    )
    return True


def _make_room(database: sqlite3.Connection, account: JID, client: str, now: float, most: int) -> None:
    """Leave the account what has not expired, of this client and of those others whose tokens end last."""
    database.execute(f"DELETE FROM fast_token WHERE account = {_ACCOUNT} AND expiry <= ?", (*_names(account), now))
    database.execute(
        f"DELETE FROM fast_token WHERE account = {_ACCOUNT} AND client IN ("
        f"SELECT client FROM fast_token WHERE account = {_ACCOUNT} AND client != ? "
        "GROUP BY client ORDER BY max(expiry) DESC, client LIMIT -1 OFFSET ?)",
        (*_names(account), *_names(account), client, most - 1),
    )
