"""`xmpp-core serve`: the embedded server, in the foreground."""

from __future__ import annotations

import asyncio
import signal
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Awaitable, Callable
from importlib.metadata import version
from typing import Final

from ..adapters.shell import Shell
from ..adapters.tls import ServerTls
from ..adapters.tls_pem import TlsSettingsError
from ..errors import LocalProtocolError
from ..jid import JIDError
from ..server.answers import Software
from ..server.hub import Conflict, HubConfig
from ..server.runner import Listen, Server, running
from ..server.store import Accounts
from .command import Command, CommandError, Status
from .household import Household, add_data_argument, household
from .login import place

__all__ = ["COMMAND"]

_HOST: Final = "127.0.0.1"
_CONFLICTS: Final = {one.name.lower(): one for one in Conflict}


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--domain", metavar="D", action="append", required=True, help="a domain to serve; may be given again"
    )
    parser.add_argument(
        "--listen", metavar="HOST:PORT", action="append", help=f"for STARTTLS; {_HOST}:5222 if no place is given"
    )
    parser.add_argument(
        "--tls-listen", metavar="HOST:PORT", action="append", help="for direct TLS (XEP-0368); also if not given"
    )
    add_data_argument(parser)
    parser.add_argument("--cert", metavar="PEM", help="certificate, then those between it and its authority")
    parser.add_argument("--key", metavar="PEM", help="its private key, unless it stands with the certificate")
    parser.add_argument(
        "--conflict", choices=sorted(_CONFLICTS), default="rename",
        help="when a resource is in use: rename the new session, refuse it, or replace the old one",
    )  # fmt: skip
    parser.add_argument("--loop", choices=("asyncio", "trio"), default="asyncio", help="asyncio if not given")


def _run(args: Namespace) -> int:
    if args.key and not args.cert:
        raise CommandError("--key goes with --cert")
    own = household(args.data)
    shell, run = _loop(args.loop)
    with own.accounts() as accounts:
        server = _server(args, own, accounts)
        listening = False

        async def work() -> None:
            nonlocal listening
            stopping, portal = shell.signal(), shell.portal()
            async with running(shell, server) as found:
                listening = True
                # Ended from outside is how a server ends: its clients are told.
                for number in (signal.SIGINT, signal.SIGTERM):
                    signal.signal(number, lambda *_: portal(stopping.set))
                _announce(args, own, found.addresses, server)
                await stopping.wait()
                print("ending the sessions", file=sys.stderr)

        try:
            run(work)
        except OSError as error:
            if listening:
                raise
            raise CommandError(
                f"cannot listen: {error.strerror or error}; choose another place with --listen and --tls-listen"
            ) from None
    return Status.DONE


def _loop(name: str) -> tuple[Shell, Callable[[Callable[[], Awaitable[None]]], None]]:
    if name == "asyncio":
        from ..adapters import asyncio as adapter

        async def whole(work: Callable[[], Awaitable[None]]) -> None:
            await work()

        return adapter.shell, lambda work: asyncio.run(whole(work))
    try:
        import trio
    except ImportError:
        raise CommandError("--loop trio needs trio: pip install 'xmpp_core[trio]'") from None
    from ..adapters import trio as trio_adapter

    return trio_adapter.shell, trio.run


def _server(args: Namespace, own: Household, accounts: Accounts) -> Server:
    listen = args.listen or []
    direct = args.tls_listen or []
    if not listen and not direct:
        listen, direct = [f"{_HOST}:5222"], [f"{_HOST}:5223"]
    try:
        hub = HubConfig(
            domains=args.domain,
            conflict=_CONFLICTS[args.conflict],
            software=Software("xmpp-core serve", version("xmpp_core")),
        )
        certificate, key = (args.cert, args.key) if args.cert else own.certificate(args.domain)
        tls = ServerTls(certificate=certificate, key=key)
        tls.build()
    except (JIDError, LocalProtocolError) as error:
        raise CommandError(f"--domain: {error}") from None
    except TlsSettingsError as error:
        raise CommandError(str(error)) from None
    return Server(
        hub=hub,
        accounts=accounts,
        listen=(*(_place(one, 5222) for one in listen), *(_place(one, 5223, direct_tls=True) for one in direct)),
        tls=tls,
        secret=own.secret(),
    )


def _place(text: str, port: int, *, direct_tls: bool = False) -> Listen:
    host, given = place(text)
    return Listen(host, port if given is None else given, direct_tls)


def _announce(args: Namespace, own: Household, addresses: tuple[tuple[str, int], ...], server: Server) -> None:
    for (host, port), listen in zip(addresses, server.listen, strict=True):
        shown = f"[{host}]" if ":" in host else host
        print(f"listening on {shown}:{port} ({'direct TLS' if listen.direct_tls else 'STARTTLS'})")
    print(f"serving {', '.join(args.domain)}, accounts in {own.data}: {len(server.accounts.list())}")
    if not args.cert:
        print(f"clients trust this server with: --ca {own.ca}")
    print("ready; Ctrl-C ends it", flush=True)


COMMAND = Command(
    description="""\
Serve one or more domains: log in, presence, messages and requests between the clients connected here, service
discovery, ping, version, time. There are no rosters, no messages for those who are away, and no streams to other
domains yet.

Without --cert a certificate is made at each start, by an authority that is made once and kept beside the accounts.""",
    arguments=_arguments,
    run=_run,
    statuses=(Status.DONE, Status.MISUSE),
)
