"""`xmpp-core inspect`: a recorded connection, explained line by line or drawn."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace

from ..testing.transcript import TranscriptError
from .command import Command, CommandError, Status
from .parse import octets_of
from .terminal import Printer
from .timeline.drawing import drawn
from .timeline.listing import listing, summing_up
from .timeline.mermaid import mermaid
from .timeline.sources import Source, from_both, from_one, from_transcript, is_transcript
from .timeline.story import Story
from .timeline.svg import svg

__all__ = ["COMMAND", "inspect", "source_of"]


def inspect(source: Source, *, form: str = "text", colour: str = "auto") -> Status:
    """Explain what happened on standard output; `form` is "text", "json", "mermaid" or "svg"."""
    story, out = Story(source), sys.stdout
    if form == "json":
        for row in story.rows():
            out.write(json.dumps(row.json(story.summary.names)) + "\n")
        out.write(json.dumps(story.summary.json()) + "\n")
    elif form == "mermaid":
        for drawing in mermaid(drawn(story.rows(), story.summary), story.summary):
            out.write(drawing + "\n")
    elif form == "svg":
        out.write(svg(drawn(story.rows(), story.summary), story.summary))
    else:
        printer = Printer(out, colour)
        for row in story.rows():
            for line in listing(row, story.summary):
                printer.line(line)
        for line in summing_up(story.summary):
            printer.line(line)
    return Status.DONE if story.summary.good else Status.FAULT


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "file", metavar="FILE", nargs="?", help="a transcript, or one direction of a raw stream; - for standard input"
    )
    parser.add_argument("--client", metavar="FILE", help="raw octets of the initiating entity, with --server")
    parser.add_argument("--server", metavar="FILE", help="raw octets of the receiving entity, with --client")
    parser.add_argument(
        "--color",
        choices=("auto", "always", "never"),
        default="auto",
        help="auto: on a terminal, unless NO_COLOR is set; needs the extra `cli`",
    )
    form = parser.add_mutually_exclusive_group()
    for name, about in (
        ("json", "one JSON object a line, the summary last"),
        ("mermaid", "a Mermaid sequence diagram"),
        ("svg", "an SVG sequence diagram"),
    ):
        form.add_argument(f"--{name}", dest="form", action="store_const", const=name, help=about)
    parser.set_defaults(form="text")


def _run(args: Namespace) -> int:
    return inspect(_source(args), form=args.form, colour=args.color)


def _source(args: Namespace) -> Source:
    both = (args.client, args.server)
    if (args.file is None) == (None in both) or any(both) != all(both):
        raise CommandError("inspect takes either one FILE, or --client FILE and --server FILE together")
    if args.file is None:
        if both == ("-", "-"):
            raise CommandError("only one of --client and --server can be standard input")
        return from_both(octets_of(args.client), octets_of(args.server))
    return source_of(args.file)


def source_of(file: str) -> Source:
    """Read a transcript or one direction of a raw stream; raises `CommandError`."""
    octets = octets_of(file)
    if not is_transcript(octets):
        return from_one(octets)
    try:
        return from_transcript(octets)
    except TranscriptError as error:
        raise CommandError(f"{file}: {error}; record it again with this version", Status.FAULT) from None


COMMAND = Command(
    description="""\
Explain a recorded connection: who said what and when, what it means, the section that defines it, the state that is
reached, errors with their place, what is weak about it, and a summary. Passwords, tokens and SASL data are cut out.

FILE is a transcript of xmpp_core.testing.transcript, or the octets of one direction as they came from the network.
Two directions that were recorded apart carry no times: they are put in an order in which they can have been said.""",
    arguments=_arguments,
    run=_run,
)
