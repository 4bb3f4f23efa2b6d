"""Accounts in one SQLite file."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from ..entropy import Entropy, system
from ..errors import LocalProtocolError
from ..jid import JID
from ..sasl import Disabled, NoSuchUser, ScramVerifier, StoredKeys
from ..sasl.credentials import DEFAULT_ITERATIONS
from .store import (
    HASHES,
    Account,
    AccountExists,
    Found,
    NoSuchAccount,
    StoreError,
    StoreTooNew,
    account_address,
    login_address,
)

__all__ = ["MIGRATIONS", "SqliteAccounts"]

_APPLICATION: Final = 0x584D5050
"""`application_id` of our files: "XMPP"."""

MIGRATIONS: Final[tuple[tuple[str, ...], ...]] = (
    (
        """CREATE TABLE account (
            id INTEGER PRIMARY KEY,
            domain TEXT NOT NULL,
            localpart TEXT NOT NULL,
            enabled INTEGER NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)),
            UNIQUE (domain, localpart)
        )""",
        """CREATE TABLE scram_key (
            account INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
            hash TEXT NOT NULL,
            salt BLOB NOT NULL,
            iterations INTEGER NOT NULL CHECK (iterations > 0),
            stored_key BLOB NOT NULL,
            server_key BLOB NOT NULL,
            PRIMARY KEY (account, hash)
        ) WITHOUT ROWID""",
    ),
    (
        """CREATE TABLE fast_token (
            account INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
            client TEXT NOT NULL,
            slot TEXT NOT NULL CHECK (slot IN ('new', 'current')),
            token TEXT NOT NULL,
            mechanism TEXT NOT NULL,
            expiry REAL NOT NULL,
            count INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (account, client, slot)
        ) WITHOUT ROWID""",
    ),
)
"""What takes a file from schema n to n + 1, for each n. Never changed once released: what comes later
(rosters, offline messages) is appended, its tables referring to `account (id) ON DELETE CASCADE`."""


class SqliteAccounts:
    """Accounts kept in the file `path`, made with mode 0600 if it is not there.

    Any thread may call any method, and several processes may have the file open: changes are
    transactions, and whoever finds it locked waits up to `patience` seconds before `StoreError`. Keys are
    derived before a transaction begins. Deleted keys are overwritten (`secure_delete`). Close it, or use
    it in a `with` statement. Do not take an open one across a fork.

    `iterations` is the work factor of new keys, and what is invented for unknown names: after a change of
    it, accounts whose password is older can be told from names that do not exist.

    Raises `StoreTooNew` for a file of a later schema, `StoreError` for one that is none of ours or
    cannot be opened; neither changes it. `":memory:"` and an empty path are a `StoreError` too: what is
    kept in memory is for `MemoryAccounts`.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        iterations: int = DEFAULT_ITERATIONS,
        hashes: Iterable[str] = HASHES,
        entropy: Entropy = system,
        patience: float = 5.0,
    ) -> None:
        self._path = Path(path)
        # SQLite makes a database in memory of that name, one for each connection; an empty one names no file.
        if os.fspath(path) == "" or str(self._path) == ":memory:":
            raise StoreError("a file is needed: MemoryAccounts is for accounts that are kept in memory")
        self._iterations = iterations
        self.hashes = tuple(hashes)
        """Those that new keys are kept of: a server offers SCRAM with no others."""
        self._entropy = entropy
        _create(self._path)
        self._lock = threading.Lock()
        self._database = self._connected(patience)
        # Who only reads waits for no change: neither here nor, by the journal, in another process.
        self._reading = threading.Lock()
        self._reader: sqlite3.Connection | None = None
        try:
            self._prepare(patience)
            self._reader = self._connected(patience)
            self._reader.execute("PRAGMA query_only = ON")
        except (sqlite3.Error, OSError) as error:
            self.close()
            raise StoreError(f"the store cannot be used: {error}") from error
        except BaseException:
            self.close()
            raise

    def _connected(self, patience: float) -> sqlite3.Connection:
        try:
            return sqlite3.connect(self._path, timeout=patience, isolation_level=None, check_same_thread=False)
        except sqlite3.Error as error:
            raise StoreError(f"the store cannot be opened: {error}") from error

    def __repr__(self) -> str:
        return f"<SqliteAccounts {str(self._path)!r}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file. Further calls raise `StoreError`; closing again does nothing."""
        with self._lock, self._reading:
            if self._reader is not None:
                self._reader.close()
            self._database.close()

    def _prepare(self, patience: float) -> None:
        execute = self._database.execute
        # First of all, and without writing: whose file is it, and how old?
        self._version()
        _make_private(self._path)
        execute("PRAGMA foreign_keys = ON")
        execute("PRAGMA secure_delete = ON")
        self._use_wal(time.monotonic() + patience)
        with self._transaction():
            version = self._version()
            for step in MIGRATIONS[version:]:
                for statement in step:
                    execute(statement)
            if version < len(MIGRATIONS):
                execute(f"PRAGMA application_id = {_APPLICATION}")
                execute(f"PRAGMA user_version = {len(MIGRATIONS)}")

    def _version(self) -> int:
        application = self._number("PRAGMA application_id")
        version = self._number("PRAGMA user_version")
        if application != _APPLICATION:
            if application or version or self._number("SELECT count(*) FROM sqlite_master"):
                raise StoreError("the file is a database of something else")
            return 0
        if version > len(MIGRATIONS):
            raise StoreTooNew(version, len(MIGRATIONS))
        return version

    def _number(self, statement: str) -> int:
        row = self._database.execute(statement).fetchone()
        return int(row[0])

    def _use_wal(self, deadline: float) -> None:
        """Switch the journal; SQLite does not wait by itself when another process is just doing the same."""
        while True:
            try:
                self._database.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                    raise
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)
            else:
                return

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """One change, whole or not at all. The write lock is taken at once, so that waiting for it comes first."""
        database = self._database
        database.execute("BEGIN IMMEDIATE")
        try:
            yield database
            database.execute("COMMIT")
        except BaseException:
            if database.in_transaction:  # SQLite may have rolled back already
                database.execute("ROLLBACK")
            raise

    @contextlib.contextmanager
    def changing(self) -> Iterator[sqlite3.Connection]:
        """Give the file for one change, whole or not at all: for what is kept beside the accounts."""
        with self._lock, _explained(), self._transaction() as database:
            yield database

    @contextlib.contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Give the file to read; what SQLite says against it is a `StoreError`."""
        with self._reading, _explained():
            assert self._reader is not None
            yield self._reader

    # Accounts.

    def add(self, account: JID | str, password: str) -> None:
        """See `Accounts.add`."""
        jid = account_address(account)
        keys = self._derive(password)
        with self.changing() as database:
            if _find(database, jid) is not None:
                raise AccountExists("there is such an account already")
            found = database.execute("INSERT INTO account (domain, localpart) VALUES (?, ?)", _names(jid))
            assert found.lastrowid is not None
            _put(database, found.lastrowid, keys)

    def set_password(self, account: JID | str, password: str) -> None:
        """See `Accounts.set_password`."""
        jid = account_address(account)
        keys = self._derive(password)
        with self.changing() as database:
            number = _known(database, jid)
            database.execute("DELETE FROM scram_key WHERE account = ?", (number,))
            database.execute("DELETE FROM fast_token WHERE account = ?", (number,))
            _put(database, number, keys)

    def remove(self, account: JID | str) -> None:
        """See `Accounts.remove`."""
        jid = account_address(account)
        with self.changing() as database:
            database.execute("DELETE FROM account WHERE id = ?", (_known(database, jid),))

    def disable(self, account: JID | str) -> None:
        """See `Accounts.disable`."""
        self._allow(account_address(account), False)

    def enable(self, account: JID | str) -> None:
        """See `Accounts.enable`."""
        self._allow(account_address(account), True)

    def exists(self, account: JID | str) -> bool:
        """See `Accounts.exists`."""
        jid = account_address(account)
        with self.reading() as database:
            return _find(database, jid) is not None

    def list(self, domain: str | None = None) -> tuple[Account, ...]:
        """See `Accounts.list`."""
        wanted = None if domain is None else JID(domain).domain
        with self.reading() as database:
            rows = database.execute("SELECT localpart, domain, enabled FROM account").fetchall()
        accounts = (Account(JID.of(local, host), bool(enabled)) for local, host, enabled in rows)
        return tuple(sorted((one for one in accounts if wanted in (None, one.jid.domain)), key=lambda one: one.jid))

    def credentials(self, account: JID | str, domain: str | None = None) -> Found:
        """See `Accounts.credentials`."""
        jid = login_address(account, domain)
        if jid is None:
            return NoSuchUser(self._iterations)
        with self.reading() as database:
            # One statement is one state of the file, whatever another process does meanwhile.
            rows = database.execute(
                "SELECT enabled, hash, salt, iterations, stored_key, server_key FROM account "
                "JOIN scram_key ON scram_key.account = account.id WHERE domain = ? AND localpart = ? ORDER BY hash",
                _names(jid),
            ).fetchall()
        if not rows:
            return NoSuchUser(self._iterations)
        try:
            keys = StoredKeys(tuple(ScramVerifier(*row[1:]) for row in rows))
        except LocalProtocolError as error:
            raise StoreError(f"the store holds keys that are none: {error}") from error
        return keys if rows[0][0] else Disabled(keys)

    def _derive(self, password: str) -> StoredKeys:
        return StoredKeys.derive(password, self.hashes, iterations=self._iterations, entropy=self._entropy)

    def _allow(self, jid: JID, enabled: bool) -> None:
        with self.changing() as database:
            database.execute("UPDATE account SET enabled = ? WHERE id = ?", (int(enabled), _known(database, jid)))


@contextlib.contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise StoreError(f"the store cannot be used: {error}") from error


def _create(path: Path) -> None:
    """Make the file before SQLite does, so that nobody else can open it for a moment; its journals get its mode.

    One that is there is not opened: closing it would drop the locks this process holds on it.
    """
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        pass
    except OSError as error:
        raise StoreError(f"the store cannot be made: {error.strerror}") from error


def _make_private(path: Path) -> None:
    """Take a file that others may open away from them, with the journals that SQLite made after its mode."""
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
        one = path.with_name(name)
        if os.name == "posix" and one.exists() and stat.S_IMODE(one.stat().st_mode) & 0o077:
            one.chmod(0o600)


def _names(jid: JID) -> tuple[str, str]:
    return jid.domain, jid.local or ""


def _find(database: sqlite3.Connection, jid: JID) -> int | None:
    row = database.execute("SELECT id FROM account WHERE domain = ? AND localpart = ?", _names(jid)).fetchone()
    return None if row is None else int(row[0])


def _known(database: sqlite3.Connection, jid: JID) -> int:
    number = _find(database, jid)
    if number is None:
        raise NoSuchAccount("there is no such account")
    return number


def _put(database: sqlite3.Connection, number: int, keys: StoredKeys) -> None:
    database.executemany(
        "INSERT INTO scram_key (account, hash, salt, iterations, stored_key, server_key) VALUES (?, ?, ?, ?, ?, ?)",
        [(number, one.hash, one.salt, one.iterations, one.stored_key, one.server_key) for one in keys.entries],
    )
