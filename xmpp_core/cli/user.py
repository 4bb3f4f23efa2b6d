"""`xmpp-core user`: the accounts of `xmpp-core serve`."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import Final

from ..errors import LocalProtocolError
from ..jid import JID
from ..sasl.preparation import PreparationError
from ..server.sqlite_store import SqliteAccounts
from ..server.store import AccountExists, NoSuchAccount, StoreError
from .command import Command, CommandError, Status
from .household import add_data_argument, household
from .login import address, password_for

__all__ = ["COMMAND"]

_ACTIONS: Final = {
    "add": "make an account",
    "passwd": "give an account another password",
    "remove": "remove an account and all that is kept of it",
    "disable": "let nobody log in to an account, and keep it",
    "enable": "let its owner log in again",
    "list": "list the accounts",
}


def _arguments(parser: ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    for name, about in _ACTIONS.items():
        action = actions.add_parser(name, help=about, description=f"{about.capitalize()}.")
        if name != "list":
            action.add_argument("jid", metavar="JID", help="the account, such as juliet@example.com")
        add_data_argument(action)


def _run(args: Namespace) -> int:
    with household(args.data).accounts(make=args.action == "add") as accounts:
        if args.action == "list":
            for one in accounts.list():
                print(f"{one.jid}" + ("" if one.enabled else " (disabled)"))
            return Status.DONE
        jid = address(args.jid, "JID", account=True)
        try:
            _act(args.action, accounts, jid)
        except AccountExists:
            raise CommandError(f"{jid} exists already; `xmpp-core user passwd` changes its password") from None
        except NoSuchAccount:
            raise CommandError(f"there is no account {jid}; `xmpp-core user list` shows which there are") from None
        except PreparationError as error:
            raise CommandError(f"the password cannot be used: {error}") from None
        except (LocalProtocolError, StoreError) as error:
            raise CommandError(str(error)) from None
    return Status.DONE


def _act(action: str, accounts: SqliteAccounts, jid: JID) -> None:
    if action in ("add", "passwd"):
        if accounts.exists(jid) != (action == "passwd"):
            raise AccountExists if action == "add" else NoSuchAccount
        password = password_for(jid, twice=True)
        (accounts.add if action == "add" else accounts.set_password)(jid, password)
    else:
        {"remove": accounts.remove, "disable": accounts.disable, "enable": accounts.enable}[action](jid)


COMMAND = Command(
    description="""\
Manage the accounts of `xmpp-core serve`, also while it runs. Passwords are asked for, or taken from XMPP_PASSWORD; only
keys derived from them are kept (RFC 5802). What a running session may do does not change.""",
    arguments=_arguments,
    run=_run,
    statuses=(Status.DONE, Status.MISUSE),
)
