"""Where the embedded server of the command line keeps its things: accounts, certificates, a secret."""

from __future__ import annotations

import os
import secrets
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ..server.authority import Authority
from ..server.sqlite_store import SqliteAccounts
from ..server.store import StoreError
from .command import CommandError

__all__ = ["Household", "add_data_argument", "household"]


def add_data_argument(parser: ArgumentParser) -> None:
    """Add the option that names the file of accounts."""
    parser.add_argument(
        "--data",
        metavar="FILE",
        help="the accounts, an SQLite file; certificates are kept beside it. "
        "If not given: xmpp-core/accounts.sqlite in XDG_DATA_HOME, or in .local/share at home",
    )


class Household:
    """One folder. What is missing is made when it is first wanted, readable by its owner alone."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.folder = data.parent

    @property
    def ca(self) -> Path:
        """The certificate that clients are to trust."""
        return self.folder / "ca.pem"

    @contextmanager
    def accounts(self, *, make: bool = True) -> Iterator[SqliteAccounts]:
        """Open the accounts for the length of the block; without `make` they must be there."""
        if not make and not self.data.exists():
            raise CommandError(f"there are no accounts in {self.data}; `xmpp-core user add` makes the first")
        self._make()
        try:
            accounts = SqliteAccounts(self.data)
        except StoreError as error:
            raise CommandError(f"{self.data}: {error}") from None
        try:
            yield accounts
        finally:
            accounts.close()

    def secret(self) -> bytes:
        """Give the secret that made-up salts come from: the same at every start."""
        self._make()
        path = self.folder / "secret"
        try:
            # Made here or not touched at all: the folder may hold other things of the same name.
            with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                fresh = secrets.token_bytes(32)
                file.write(fresh)
                return fresh
        except FileExistsError:
            found = path.read_bytes()
        if len(found) != 32:
            raise CommandError(f"{path} is no secret of this server: move it away, or keep --data in another folder")
        return found

    def certificate(self, domains: Sequence[str]) -> tuple[str, str]:
        """Give certificate and key for the domains, issued anew at each start by an authority that stays."""
        self._make()
        key = self.folder / "ca.key"
        advice = "keep --data in a folder of its own, or give --cert"
        try:
            if self.ca.exists() and key.exists():
                authority = Authority.read(self.ca, key)
            elif self.ca.exists() or key.exists():
                # Whose it is nobody knows, and clients may trust it: nothing is written over it.
                there, gone = (self.ca, key) if self.ca.exists() else (key, self.ca)
                raise CommandError(f"{there} is there without {gone}: {advice}")
            else:
                authority = Authority.create("xmpp-core serve", days=3650)
                authority.write(self.ca, key)
        except ValueError as error:
            raise CommandError(f"{self.ca}: {error}; {advice}") from None
        issued = authority.issue(domains, days=365)
        return issued.certificate, issued.key

    def _make(self) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def household(data: str | None) -> Household:
    """Give the folder that `--data` names, or the usual one."""
    if data is not None:
        return Household(Path(data))
    home = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Household(Path(home) / "xmpp-core" / "accounts.sqlite")
