"""What the commands that log in have in common: who, with which password, where, and what went wrong."""

from __future__ import annotations

import asyncio
import getpass
import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from ..adapters import asyncio as xmpp_asyncio
from ..adapters.errors import (
    AuthenticationFailed,
    ConnectError,
    HostNotFound,
    HostUnreachable,
    SessionEnded,
    TlsNotEstablished,
)
from ..adapters.session import Session
from ..adapters.tls import ClientTls
from ..adapters.tls_pem import TlsSettingsError
from ..jid import JID, JIDError
from ..sasl.preparation import PreparationError
from ..stanza import IqRouter
from ..stanza.conditions import StanzaError
from .command import CommandError, Status

__all__ = ["add_login_arguments", "address", "logged_in", "password_for", "place", "run"]

PASSWORD = "XMPP_PASSWORD"


def add_login_arguments(parser: ArgumentParser) -> None:
    """Add what says who logs in, and where."""
    parser.add_argument("--as", dest="own", metavar="JID", required=True, help="who you are; a resource is optional")
    parser.add_argument("--connect", metavar="HOST[:PORT]", help="connect there, instead of looking the domain up")
    parser.add_argument("--direct-tls", action="store_true", help="TLS from the first octet (XEP-0368), no STARTTLS")
    parser.add_argument("--ca", metavar="PEM", help="trust the authorities in this file or folder, not the system's")
    parser.add_argument(
        "--timeout", metavar="SECONDS", type=float, default=30.0, help="for logging in; 30 if not given"
    )


def run(work: Callable[[], Awaitable[Status]]) -> Status:
    """Run the command's `async` part; every failure of a peer becomes one line."""

    async def whole() -> Status:
        return await work()

    return asyncio.run(whole())


@asynccontextmanager
async def logged_in(args: Namespace, router: IqRouter | None = None) -> AsyncIterator[Session]:
    """Log in as the arguments say, for the length of the block."""
    own = address(args.own, "--as", account=True)
    host, port = place(args.connect) if args.connect else (None, None)
    if not args.timeout > 0:
        raise CommandError("--timeout takes seconds above nought")
    if port == 0:
        raise CommandError("--connect takes a port above nought")
    if args.connect and port is None:
        port = 5223 if args.direct_tls else 5222
    password = password_for(own)
    try:
        async with xmpp_asyncio.connect(
            own,
            password=password,
            host=host,
            port=port,
            direct_tls=True if args.direct_tls else None,
            tls=ClientTls(ca=args.ca),
            timeout=args.timeout,
            router=router,
        ) as session:
            yield session
    except AuthenticationFailed as error:
        raise CommandError(f"{error}: check the address and {PASSWORD}", Status.REFUSED) from None
    except TlsNotEstablished as error:
        hint = "" if args.ca else "; here `ca` is --ca"
        raise CommandError(f"{error}{hint}", Status.UNREACHED) from None
    except (HostNotFound, HostUnreachable) as error:
        hint = "" if args.connect else "; name a server with --connect HOST:PORT"
        raise CommandError(f"{error}{hint}", Status.UNREACHED) from None
    except ConnectError as error:
        raise CommandError(str(error), Status.UNREACHED) from None
    except SessionEnded as error:
        raise CommandError(f"the session ended: {error}", Status.FAULT) from None
    except TlsSettingsError as error:
        raise CommandError(str(error)) from None
    except PreparationError as error:
        raise CommandError(f"the password cannot be used: {error}") from None


def address(text: str, option: str, *, account: bool = False) -> JID:
    """Read an address of the command line."""
    try:
        jid = JID(text)
    except JIDError as error:
        raise CommandError(f"{option}: {error}") from None
    if account and jid.local is None:
        raise CommandError(f"{option} takes an account, such as juliet@example.com")
    return jid


def password_for(jid: JID, *, twice: bool = False) -> str:
    """Give the password from the environment, or ask for it; it is never an argument, which others can see."""
    given = os.environ.get(PASSWORD)
    if given is not None:
        if not given:
            raise CommandError(f"{PASSWORD} is empty: set it to the password, or unset it to be asked")
        return given
    if not sys.stdin.isatty():
        raise CommandError(f"there is no terminal to ask for the password: set {PASSWORD}")
    try:
        password = getpass.getpass(f"Password of {jid.bare}: ")
        if not password:
            raise CommandError("an empty password is none")
        if twice and getpass.getpass("Once more: ") != password:
            raise CommandError("the two are not the same; nothing was changed")
    except EOFError:
        raise CommandError("no password was given") from None
    return password


def place(text: str) -> tuple[str, int | None]:
    """Read HOST, HOST:PORT, [IPv6] or [IPv6]:PORT."""
    host, colon, port = text.rpartition(":")
    if not colon or text.endswith("]"):
        host, port = text, ""
    if port and not (port.isascii() and port.isdecimal() and int(port) < 65536):
        raise CommandError(f"{text}: a port is a number below 65536")
    if ":" in host and not (host.startswith("[") and host.endswith("]")):
        raise CommandError(f"{text}: write an IPv6 address in brackets, such as [::1]:5222")
    return host.removeprefix("[").removesuffix("]"), int(port) if port else None


def words_of(error: StanzaError) -> str:
    """Give a stanza error as words for a person, the peer's own text included."""
    return f"{error.condition}: {error.text}" if error.text else error.condition
