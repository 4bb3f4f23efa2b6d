"""The command line: `xmpp-core`, also `python -m xmpp_core`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from .demo import demo
from .parse import parse

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and give its exit status: 0 done, 1 the input was at fault, 2 misuse."""
    parser = argparse.ArgumentParser(prog="xmpp-core", description="Tools around the XMPP protocol engine.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("demo", help="a whole session between two engines in memory, explained")
    reading = commands.add_parser(
        "parse",
        help="read one direction of a raw stream and print what it holds",
        epilog="Exit status: 0 the stream is good, 1 it breaks a rule or ends early, 2 the file cannot be read.",
    )
    reading.add_argument("file", help="a file with the octets of a stream, or - for standard input")
    reading.add_argument("--text", action="store_true", help="readable text in place of JSON lines")
    args = parser.parse_args(argv)
    if args.command == "demo":
        return demo(sys.stdout)
    return parse(args.file, sys.stdout, text=args.text)


if __name__ == "__main__":
    sys.exit(main())
