"""The command line: `xmpp-core`, also `python -m xmpp_core`. Commands plug in here, one line each."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any, Final

from .command import Command, CommandError, Status, statuses
from .terminal import visible

__all__ = ["COMMANDS", "main"]

# Name, which is that of its module, and what the list of commands says of it.
COMMANDS: Final = {
    "demo": "the engines, the server and clients at work, explained; needs no network but loopback",
    "parse": "read one direction of a raw stream and print what it holds",
    "inspect": "explain a recorded connection line by line, or draw it",
    "explain": "say what an address, a URI or a certificate means, part by part, or what is wrong with it",
    "serve": "run the embedded server",
    "user": "manage the accounts of the embedded server",
    "send": "log in and send one message",
    "listen": "log in and print what arrives",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and give its exit status, one of `Status`. Misspelling raises `SystemExit`, as argparse does."""
    words = sys.argv[1:] if argv is None else list(argv)
    _stand_in()
    name = next((word for word in words if not word.startswith("-")), "")
    command = _loaded(name) if name in COMMANDS else None
    parser = _arguments(name, command)
    try:
        args = parser.parse_args(words)
        assert command is not None
        status = command.run(args)
        sys.stdout.flush()
    except CommandError as error:
        return _said(str(error), error.status)
    except KeyboardInterrupt:
        return _said("interrupted", Status.INTERRUPTED)
    except BrokenPipeError:
        _forsake()
        return Status.MISUSE
    except OSError as error:
        _forsake()
        return _said(f"cannot go on: {error.strerror or error}", Status.MISUSE)
    return status


def _stand_in() -> None:
    """Have every standard stream there, and an output that shows what its encoding lacks as escapes."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115  # as long as the process
        elif mode == "w" and hasattr(stream, "reconfigure") and not stream.encoding.lower().startswith("utf"):
            stream.reconfigure(errors="backslashreplace")


def _loaded(name: str) -> Command:
    command = import_module(f".{name}", __package__).COMMAND
    assert isinstance(command, Command)
    return command


def _said(message: str, status: Status) -> Status:
    print(f"xmpp-core: {visible(message)}", file=sys.stderr)
    return status


def _forsake() -> None:
    """Let go of an output that takes no more: the interpreter flushes it again when it exits, and would complain."""
    try:
        descriptor = sys.stdout.fileno()
    except OSError:
        return
    os.dup2(os.open(os.devnull, os.O_WRONLY), descriptor)


class _Version(argparse.Action):
    """Looks the version up when it is asked for, not at every start."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        from importlib.metadata import version

        print(f"xmpp-core {version('xmpp_core')}")
        parser.exit()


def _arguments(name: str, command: Command | None) -> argparse.ArgumentParser:
    """Give the parser; only the command that was named brings its own arguments."""
    parser = argparse.ArgumentParser(
        prog="xmpp-core",
        description="Tools around the XMPP protocol engine.",
        epilog="`xmpp-core COMMAND --help` tells more of a command.\n\n" + statuses(tuple(Status)),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version and end")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for each, about in COMMANDS.items():
        if each != name or command is None:
            commands.add_parser(each, help=about)
            continue
        own = commands.add_parser(
            each,
            help=about,
            description=command.description,
            epilog=statuses((*command.statuses, Status.INTERRUPTED)),
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.arguments(own)
    return parser


if __name__ == "__main__":
    sys.exit(main())
