"""`xmpp-core demo`: what the package does, played and explained."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from typing import TextIO

from .command import Command, Status
from .scenes.memory import in_memory

__all__ = ["COMMAND", "demo"]


def demo(out: TextIO, *, network: bool = True) -> Status:
    """Play both scenes, or the one in memory alone; `DONE` when everything went as the specifications say."""
    good = in_memory(out)
    if network:
        from .scenes.loopback import over_loopback

        out.write("\nThe same over real TCP and TLS on this machine: a server, and two clients of two event loops.\n")
        good = over_loopback(out) and good
    return Status.DONE if good else Status.FAULT


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--no-network", action="store_true", help="the engines in memory alone: no socket is opened")


def _run(args: Namespace) -> int:
    return demo(sys.stdout, network=not args.no_network)


COMMAND = Command(
    description="""\
Show the package at work. First two engines in memory log in, talk, and answer a violation, every line with the section
that defines it. Then the embedded server listens on loopback with a throw-away certificate, and two clients, one of
asyncio and one of trio (if it is installed), talk over it. Ends by itself within seconds.""",
    arguments=_arguments,
    run=_run,
    statuses=(Status.DONE, Status.FAULT),
)
