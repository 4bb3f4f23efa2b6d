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
    def accounts(self) -> Iterator[SqliteAccounts]:
        """Open the accounts for the length of the block."""
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
            found = path.read_bytes()
            if len(found) >= 16:
                return found
        except FileNotFoundError:
            pass
        fresh = secrets.token_bytes(32)
        path.touch(mode=0o600)
        path.write_bytes(fresh)
        return fresh

    def certificate(self, domains: Sequence[str]) -> tuple[str, str]:
        """Give certificate and key for the domains, issued anew at each start by an authority that stays."""
        self._make()
        key = self.folder / "ca.key"
        try:
            if self.ca.exists() and key.exists():
                authority = Authority.read(self.ca, key)
            else:
                authority = Authority.create("xmpp-core serve", days=3650)
                authority.write(self.ca, key)
        except ValueError as error:
            raise CommandError(f"{self.ca}: {error}; remove it and {key} to have new ones made") from None
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
