"""The command line: `xmpp-core`, also `python -m xmpp_core`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from .demo import demo
from .parse import parse

__all__ = ["main"]

_STATUSES = """\
exit status:
  0  done: the stream is good to its end
  1  the stream breaks a rule, or ends early
  2  the file cannot be read, nobody reads the output, or the command is misspelt
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and give its exit status: 0 done, 1 the input was at fault, 2 misuse."""
    args = _arguments().parse_args(argv)
    try:
        status = demo(sys.stdout) if args.command == "demo" else parse(args.file, sys.stdout, text=args.text)
        sys.stdout.flush()
    except BrokenPipeError:
        # The interpreter flushes once more when it exits, and would complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 2
    return status


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="xmpp-core",
        description="Tools around the XMPP protocol engine.",
        epilog="`xmpp-core COMMAND --help` tells more of a command.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    about = "a whole session between two engines in memory, explained; needs no network"
    commands.add_parser("demo", help=about, description=f"Show {about}.")
    about = "read one direction of a raw stream and print what it holds"
    reading = commands.add_parser(
        "parse",
        help=about,
        description=f"{about.capitalize()}, one item a line. Passwords and SASL data are cut out. "
        "An error names its stream error condition, the octet and the section of the rule.",
        epilog=_STATUSES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    reading.add_argument("file", metavar="FILE", help="octets as they came from the network, or - for standard input")
    reading.add_argument("--text", action="store_true", help="text for people in place of JSON lines")
    return parser


if __name__ == "__main__":
    sys.exit(main())
