"""`xmpp-core parse`: raw octets of one direction of a stream, item by item."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from ..namespaces import STREAM
from ..stream.trace import without_secrets
from ..xml.names import pretty
from ..xml.parser import Failure, RootEnd, RootStart
from .command import Command, CommandError
from .terminal import visible
from .timeline.direction import Direction, Encrypted, Said, header_fault

__all__ = ["COMMAND", "octets_of", "parse"]

_STATUS = {"end": 0, "error": 1, "incomplete": 1, "tls": 1}


def parse(name: str, out: TextIO, *, text: bool = False) -> int:
    """Print each item of the stream in file `name`; give the exit status."""
    octets = octets_of(name)
    status = 0
    plain = (getattr(out, "encoding", None) or "utf-8").lower().replace("-", "") != "utf8"
    for row in _rows(octets):
        line = _readable(row) if text else json.dumps(row, ensure_ascii=plain)
        out.write((line.encode("ascii", "backslashreplace").decode() if plain else line) + "\n")
        status = _STATUS.get(row["event"], status)
    return status


def octets_of(name: str) -> bytes:
    """Read a file whole, standard input for `-`; raises `CommandError`."""
    try:
        return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise CommandError(f"cannot read {name}: {error.strerror}") from None


def _rows(octets: bytes) -> Iterator[dict[str, Any]]:
    direction = Direction()
    direction.receive(octets)
    for item, base in direction.items():
        yield _row(item, base)
        fault = header_fault(item) if isinstance(item, RootStart) else None
        if fault is not None:
            yield {"event": "error", "condition": fault.condition, "reason": fault.reason,
                   "section": fault.section, "position": base}  # fmt: skip
            return
    if not direction.ended:
        yield {"event": "incomplete", "reason": "the stream has no end", "unread": direction.unread}


def _row(item: Said, base: int) -> dict[str, Any]:
    if isinstance(item, RootStart):
        return {"event": "header", "element": item.tag, "attributes": item.attributes}
    if isinstance(item, RootEnd):
        return {"event": "end"}
    if isinstance(item, Failure):
        return {"event": "error", "condition": item.condition, "reason": item.reason,
                "section": item.section, "position": base + item.position}  # fmt: skip
    if isinstance(item, Encrypted):
        return {"event": "tls", "reason": "TLS begins: record inside it to see more", "unread": item.octets}
    kind = "stream" if item.tag.startswith(f"{{{STREAM}}}") else "element"
    return {"event": kind, "element": item.tag, "xml": pretty(without_secrets(item))}


def _readable(row: dict[str, Any]) -> str:
    event = row["event"]
    if event == "header":
        return "stream header  " + " ".join(f"{name}={value!r}" for name, value in row["attributes"].items())
    if event == "error":
        return f"error          <{row['condition']}/> at octet {row['position']}: {row['reason']} ({row['section']})"
    if event == "end":
        return "stream end"
    if event in ("incomplete", "tls"):
        return f"{event:<15}{row['reason']}; {row['unread']} octets are left"
    return f"{'element':<15}{visible(row['xml'])}"


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="octets as they came from the network, or - for standard input")
    parser.add_argument("--text", action="store_true", help="text for people in place of JSON lines")


def _run(args: Namespace) -> int:
    return parse(args.file, sys.stdout, text=args.text)


COMMAND = Command(
    description="Read one direction of a raw stream and print what it holds, one item a line. Passwords and SASL\n"
    "data are cut out. An error names its stream error condition, the octet and the section of the rule.",
    arguments=_arguments,
    run=_run,
)
