"""Accounts: both stores through the same tests, then what only a file can do."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from xmpp_core.errors import LocalProtocolError
from xmpp_core.jid import JID, JIDError
from xmpp_core.sasl import Disabled, NoSuchUser, PreparationError, ScramVerifier, StoredKeys
from xmpp_core.sasl.derivation import derivations_made
from xmpp_core.server import (
    Account,
    AccountExists,
    Accounts,
    MemoryAccounts,
    NoSuchAccount,
    SqliteAccounts,
    StoreError,
    StoreTooNew,
)
from xmpp_core.server.sqlite_store import MIGRATIONS
from xmpp_core.testing.entropy import CountedEntropy

PASSWORD = "canary-pencil-7"
JULIET = JID("juliet@example.com")
QUICK = 7  # iterations: enough to tell them from the default


def in_memory(directory: Path) -> Accounts:
    return MemoryAccounts(iterations=QUICK, entropy=CountedEntropy())


def in_file(directory: Path) -> Accounts:
    return SqliteAccounts(directory / "accounts.sqlite", iterations=QUICK, entropy=CountedEntropy())


@pytest.fixture(params=[in_memory, in_file])
def accounts(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Accounts]:
    make: Callable[[Path], Accounts] = request.param
    store = make(tmp_path)
    yield store
    if isinstance(store, SqliteAccounts):
        store.close()


def opens_with(keys: object, password: str) -> bool:
    """Whether each of the keys is that of the password: derived anew, not compared with what the store derived."""
    assert isinstance(keys, StoredKeys)
    assert [one.hash for one in keys.entries] == ["SHA-1", "SHA-256", "SHA-512"]
    return all(one == ScramVerifier.of(password, one.hash, one.salt, one.iterations) for one in keys.entries)


def test_an_account_is_added_and_found(accounts: Accounts) -> None:
    assert not accounts.exists(JULIET)
    accounts.add("juliet@example.com", PASSWORD)
    assert accounts.exists(JULIET)
    assert accounts.exists("Juliet@EXAMPLE.com")
    for found in (
        accounts.credentials(JULIET),
        accounts.credentials("juliet@example.com"),
        accounts.credentials("juliet", "example.com"),
        accounts.credentials("JULIET", "Example.COM"),
    ):
        assert opens_with(found, PASSWORD)
        assert not opens_with(found, PASSWORD + "x")


def test_each_hash_and_account_has_a_salt_of_its_own(accounts: Accounts) -> None:
    accounts.add(JULIET, PASSWORD)
    accounts.add("romeo@example.com", PASSWORD)
    salts = set()
    for name in ("juliet", "romeo"):
        found = accounts.credentials(name, "example.com")
        assert isinstance(found, StoredKeys)
        salts |= {one.salt for one in found.entries}
        assert {one.iterations for one in found.entries} == {QUICK}
    assert len(salts) == 6


def test_a_password_is_prepared_as_the_client_prepares_it(accounts: Accounts) -> None:
    # RFC 8265 section 4.2: spaces other than the ASCII one are mapped.
    accounts.add(JULIET, "correct\u00a0horse")
    assert opens_with(accounts.credentials(JULIET), "correct horse")


def test_nothing_is_added_twice(accounts: Accounts) -> None:
    accounts.add(JULIET, PASSWORD)
    with pytest.raises(AccountExists):
        accounts.add("JULIET@example.com", "another")
    assert opens_with(accounts.credentials(JULIET), PASSWORD)
    accounts.add("juliet@example.org", "another")
    assert opens_with(accounts.credentials("juliet", "example.org"), "another")


def test_a_password_is_changed(accounts: Accounts) -> None:
    accounts.add(JULIET, PASSWORD)
    accounts.set_password(JULIET, "new")
    assert opens_with(accounts.credentials(JULIET), "new")
    accounts.disable(JULIET)
    accounts.set_password(JULIET, "newer")
    found = accounts.credentials(JULIET)
    assert isinstance(found, Disabled)
    assert opens_with(found.keys, "newer")


def test_an_account_is_disabled_and_enabled(accounts: Accounts) -> None:
    accounts.add(JULIET, PASSWORD)
    for _ in range(2):
        accounts.disable(JULIET)
    found = accounts.credentials(JULIET)
    assert isinstance(found, Disabled)
    assert opens_with(found.keys, PASSWORD)
    assert accounts.exists(JULIET)
    assert accounts.list() == (Account(JULIET, enabled=False),)
    accounts.enable(JULIET)
    assert opens_with(accounts.credentials(JULIET), PASSWORD)


def test_an_account_is_removed_with_its_keys(accounts: Accounts) -> None:
    accounts.add(JULIET, PASSWORD)
    accounts.remove(JULIET)
    assert not accounts.exists(JULIET)
    assert isinstance(accounts.credentials(JULIET), NoSuchUser)
    accounts.add(JULIET, "second")
    assert opens_with(accounts.credentials(JULIET), "second")


def test_accounts_are_listed_in_order(accounts: Accounts) -> None:
    for name in ("romeo@example.org", "nurse@example.com", "juliet@example.com"):
        accounts.add(name, PASSWORD)
    accounts.disable("nurse@example.com")
    listed = [(str(one.jid), one.enabled) for one in accounts.list()]
    assert listed == [("juliet@example.com", True), ("nurse@example.com", False), ("romeo@example.org", True)]
    assert [str(one.jid) for one in accounts.list("EXAMPLE.org")] == ["romeo@example.org"]


@pytest.mark.parametrize("change", ["set_password", "remove", "disable", "enable"])
def test_what_is_not_there_cannot_be_changed(accounts: Accounts, change: str) -> None:
    arguments = ("x",) if change == "set_password" else ()
    with pytest.raises(NoSuchAccount):
        getattr(accounts, change)(JULIET, *arguments)
    assert accounts.list() == ()


@pytest.mark.parametrize("name", ["example.com", "juliet@example.com/balcony"])
def test_what_is_no_account_is_refused(accounts: Accounts, name: str) -> None:
    for call in (accounts.exists, accounts.remove, accounts.disable, accounts.enable):
        with pytest.raises(LocalProtocolError):
            call(name)
    with pytest.raises(LocalProtocolError):
        accounts.add(name, PASSWORD)
    with pytest.raises(JIDError):
        accounts.add("@example.com", PASSWORD)


def test_a_password_that_cannot_be_prepared_is_refused_and_not_repeated(accounts: Accounts) -> None:
    for password in ("", "canary\u0007\U000e0001"):
        with pytest.raises(PreparationError) as caught:
            accounts.add(JULIET, password)
        assert "canary" not in str(caught.value)
    assert not accounts.exists(JULIET)


@pytest.mark.parametrize("name", ["nobody", "", "a@b", "with space", "\u0007", "x" * 2000])
def test_a_peer_may_ask_for_any_name(accounts: Accounts, name: str) -> None:
    # RFC 6120 section 6.5.10: what is invented for it looks like what is stored for others.
    assert accounts.credentials(name, "example.com") == NoSuchUser(QUICK)
    assert isinstance(accounts.credentials("nobody@example.com"), NoSuchUser)
    assert isinstance(accounts.credentials("example.com"), NoSuchUser)


def test_looking_up_derives_nothing(accounts: Accounts) -> None:
    accounts.add(JULIET, PASSWORD)
    before = derivations_made()
    accounts.credentials(JULIET)
    accounts.credentials("nobody", "example.com")
    assert derivations_made() == before


@pytest.mark.feature("SEC-04")
def test_no_representation_holds_a_secret(accounts: Accounts) -> None:
    accounts.add(JULIET, PASSWORD)
    keys = accounts.credentials(JULIET)
    accounts.disable(JULIET)
    shown = "".join(repr(one) for one in (accounts, keys, accounts.credentials(JULIET), accounts.list()))
    assert isinstance(keys, StoredKeys)
    assert PASSWORD not in shown
    for entry in keys.entries:
        for secret in (entry.salt, entry.stored_key, entry.server_key):
            assert repr(secret)[2:-1] not in shown
            assert secret.hex() not in shown


def test_many_threads_use_one_store(accounts: Accounts) -> None:
    outcomes: list[object] = []

    def work(number: int) -> None:
        for turn in range(5):
            try:
                accounts.add(f"user{turn}@example.com", PASSWORD)
            except AccountExists as error:
                outcomes.append(error)
            else:
                outcomes.append(turn)
            accounts.set_password(f"user{turn}@example.com", f"{number}")
            assert isinstance(accounts.credentials(f"user{turn}", "example.com"), StoredKeys)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == 30
    assert sorted(one for one in outcomes if isinstance(one, int)) == [0, 1, 2, 3, 4]
    assert len(accounts.list()) == 5


# The file.


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "accounts.sqlite"


def opened(path: Path, **more: float) -> SqliteAccounts:
    return SqliteAccounts(path, iterations=QUICK, **more)  # type: ignore[arg-type]


def test_accounts_are_there_when_the_file_is_opened_again(path: Path) -> None:
    with opened(path) as store:
        store.add(JULIET, PASSWORD)
        store.add("nurse@example.com", PASSWORD)
        store.disable("nurse@example.com")
    with opened(path) as store:
        assert opens_with(store.credentials(JULIET), PASSWORD)
        assert isinstance(store.credentials("nurse@example.com"), Disabled)


@pytest.mark.feature("SEC-04")
def test_the_password_is_nowhere_in_the_files(path: Path) -> None:
    with opened(path) as store:
        store.add(JULIET, PASSWORD)
        files = list(path.parent.iterdir())
        assert {one.name for one in files} == {path.name, f"{path.name}-wal", f"{path.name}-shm"}
        octets = b"".join(one.read_bytes() for one in files)
        assert b"juliet" in octets
        for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
            assert PASSWORD.encode(encoding) not in octets
        assert PASSWORD.encode().hex().encode() not in octets


def test_keys_that_were_removed_are_overwritten(path: Path) -> None:
    with opened(path) as store:
        store.add(JULIET, PASSWORD)
        found = store.credentials(JULIET)
        assert isinstance(found, StoredKeys)
    assert all(one.stored_key in path.read_bytes() for one in found.entries)
    with opened(path) as store:
        store.remove(JULIET)
    left = b"".join(one.read_bytes() for one in path.parent.iterdir())
    for one in found.entries:
        assert one.stored_key not in left
        assert one.server_key not in left


@pytest.mark.skipif(os.name != "posix", reason="modes are those of POSIX")
def test_nobody_else_can_read_the_files(path: Path) -> None:
    old = os.umask(0)
    try:
        with opened(path) as store:
            store.add(JULIET, PASSWORD)
            assert {stat.S_IMODE(one.stat().st_mode) for one in path.parent.iterdir()} == {0o600}
        path.chmod(0o644)
        with opened(path) as store:
            store.disable(JULIET)
            assert {stat.S_IMODE(one.stat().st_mode) for one in path.parent.iterdir()} == {0o600}
    finally:
        os.umask(old)


def test_the_file_says_whose_and_how_old_it_is(path: Path) -> None:
    opened(path).close()
    with sqlite3.connect(path) as database:
        assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert database.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
        assert database.execute("PRAGMA application_id").fetchone() == (0x584D5050,)
    database.close()


def test_a_file_of_a_later_schema_is_left_alone(path: Path) -> None:
    opened(path).close()
    database = sqlite3.connect(path)
    database.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 3}")
    database.close()
    before = path.read_bytes()
    with pytest.raises(StoreTooNew) as caught:
        opened(path)
    assert (caught.value.found, caught.value.known) == (len(MIGRATIONS) + 3, len(MIGRATIONS))
    assert path.read_bytes() == before


def test_a_file_of_something_else_is_left_alone(path: Path) -> None:
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE theirs (x)")
    database.close()
    path.chmod(0o644)
    before = path.read_bytes()
    with pytest.raises(StoreError, match="something else"):
        opened(path)
    assert path.read_bytes() == before
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    path.write_bytes(b"no database at all, and longer than a header " * 40)
    before = path.read_bytes()
    with pytest.raises(StoreError):
        opened(path)
    assert path.read_bytes() == before


def test_a_place_where_no_file_can_be_is_a_store_error(tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "no" / "such" / "directory"):
        with pytest.raises(StoreError):
            opened(place)


@pytest.mark.parametrize("name", ["", ":memory:", "./:memory:", Path(":memory:")], ids=repr)
def test_what_is_no_file_is_refused_and_nothing_is_made(
    name: str | Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(StoreError, match="MemoryAccounts is for"):
        SqliteAccounts(name)
    assert list(tmp_path.iterdir()) == []


def test_a_file_whose_name_is_much_like_that_is_one(tmp_path: Path) -> None:
    opened(tmp_path / ":memory:").close()
    assert (tmp_path / ":memory:").stat().st_size > 0


def test_a_later_migration_keeps_the_accounts(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(path) as store:
        store.add(JULIET, PASSWORD)
        store.add("romeo@example.com", PASSWORD)
    later = "CREATE TABLE contact (account INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE, jid TEXT)"
    monkeypatch.setattr("xmpp_core.server.sqlite_store.MIGRATIONS", (*MIGRATIONS, (later,)))
    with opened(path) as store:
        assert opens_with(store.credentials(JULIET), PASSWORD)
        database = sqlite3.connect(path)
        with database:
            database.execute("INSERT INTO contact SELECT id, 'nurse@example.com' FROM account")
        store.remove(JULIET)
        # What refers to an account goes with it.
        assert database.execute("SELECT count(*) FROM contact").fetchone() == (1,)
        database.close()
    monkeypatch.undo()
    with pytest.raises(StoreTooNew):
        opened(path)


def test_a_migration_that_fails_changes_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(path) as store:
        store.add(JULIET, PASSWORD)
    monkeypatch.setattr(
        "xmpp_core.server.sqlite_store.MIGRATIONS", (*MIGRATIONS, ("CREATE TABLE half (x)", "CREATE TABLE account (x)"))
    )
    with pytest.raises(StoreError):
        opened(path)
    monkeypatch.undo()
    with opened(path) as store:
        assert opens_with(store.credentials(JULIET), PASSWORD)
    database = sqlite3.connect(path)
    assert database.execute("SELECT count(*) FROM sqlite_master WHERE name = 'half'").fetchone() == (0,)
    database.close()


def test_a_closed_store_says_so(path: Path) -> None:
    store = opened(path)
    store.close()
    store.close()
    for call in (lambda: store.exists(JULIET), lambda: store.add(JULIET, PASSWORD), store.list):
        with pytest.raises(StoreError):
            call()


def test_a_locked_file_is_waited_for_and_then_a_store_error(path: Path) -> None:
    with opened(path, patience=0.0) as store:
        store.add(JULIET, PASSWORD)
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="locked"):
            store.disable(JULIET)
        # Reading goes on.
        assert opens_with(store.credentials(JULIET), PASSWORD)
        other.execute("ROLLBACK")
        other.close()
        store.disable(JULIET)
        assert isinstance(store.credentials(JULIET), Disabled)


def test_who_reads_waits_for_no_change(path: Path) -> None:
    with SqliteAccounts(path, iterations=4096, hashes=("SHA-256",)) as accounts:
        accounts.add("juliet@example.com", "first")
        before = accounts.credentials("juliet@example.com")
        with accounts.changing() as database:
            database.execute("DELETE FROM account")
            # From here, as from any thread: what was there before the change is still what is there.
            assert accounts.credentials("juliet@example.com") == before
            assert accounts.exists("juliet@example.com")
        assert not accounts.exists("juliet@example.com")
        with pytest.raises(StoreError, match="readonly"), accounts.reading() as database:
            database.execute("DELETE FROM account")


def test_a_file_that_another_is_just_making_is_waited_for_and_then_a_store_error(path: Path) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="locked"):
        opened(path, patience=0.0)
    other.execute("ROLLBACK")
    other.close()
    with opened(path) as store:
        assert store.list() == ()


def test_a_change_that_fails_leaves_nothing_behind(path: Path) -> None:
    with opened(path) as store:
        database = sqlite3.connect(path)
        database.execute(
            "CREATE TRIGGER full BEFORE INSERT ON scram_key WHEN NEW.hash = 'SHA-512' "
            "BEGIN SELECT RAISE(ABORT, 'disk is full'); END"
        )
        database.commit()
        database.close()
        with pytest.raises(StoreError):
            store.add(JULIET, PASSWORD)
        assert not store.exists(JULIET)


def test_keys_that_were_tampered_with_are_a_store_error(path: Path) -> None:
    with opened(path) as store:
        store.add(JULIET, PASSWORD)
        database = sqlite3.connect(path)
        with database:
            database.execute("UPDATE scram_key SET stored_key = x'00'")
        database.close()
        with pytest.raises(StoreError):
            store.credentials(JULIET)


WORK = """
import sys
from xmpp_core.server import AccountExists, SqliteAccounts
path, own = sys.argv[1:]
sys.stdin.readline()
made = 0
with SqliteAccounts(path, iterations=7, patience=30) as store:
    for number in range(25):
        store.add(f"{own}{number}@example.com", "x")
        try:
            store.add(f"both{number}@example.com", own)
            made += 1
        except AccountExists:
            store.set_password(f"both{number}@example.com", own)
        store.credentials(f"both{number}", "example.com")
print(made)
"""


def test_two_processes_use_one_file(path: Path) -> None:
    """Both make the file, migrate it and write to it at once; no change is lost and none made twice."""
    both = [
        subprocess.Popen(
            [sys.executable, "-c", WORK, str(path), name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for name in ("a", "b")
    ]
    for one in both:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()
    outputs = [one.communicate(timeout=120)[0] for one in both]
    assert [one.returncode for one in both] == [0, 0]
    assert sum(int(output) for output in outputs) == 25
    with opened(path) as store:
        names = {str(one.jid) for one in store.list()}
        assert names == {f"{who}{number}@example.com" for who in ("a", "b", "both") for number in range(25)}
        for number in range(25):
            found = store.credentials(f"both{number}", "example.com")
            assert opens_with(found, "a") or opens_with(found, "b")
