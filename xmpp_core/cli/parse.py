"""`xmpp-core parse`: raw octets of one direction of a stream, item by item."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, TextIO
from xml.etree.ElementTree import Element

from ..limits import CLIENT_LIMITS
from ..namespaces import STREAM
from ..stream.context import Kind, Side
from ..stream.header import HeaderFault, judge_header
from ..stream.trace import without_secrets
from ..xml.names import pretty
from ..xml.parser import Failure, Item, RootEnd, RootStart, XMLStreamParser

__all__ = ["parse"]


def parse(name: str, out: TextIO, *, text: bool = False) -> int:
    """Print each item of the stream in file `name`; give the exit status."""
    try:
        octets = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        print(f"xmpp-core: cannot read {name}: {error.strerror}", file=sys.stderr)
        return 2
    status = 1
    for row in _rows(octets):
        out.write((_readable(row) if text else json.dumps(row, ensure_ascii=False)) + "\n")
        status = {"end": 0, "error": 1}.get(row["event"], status)
    return status


def _rows(octets: bytes) -> list[dict[str, Any]]:
    parser = XMLStreamParser(CLIENT_LIMITS.xml(authenticated=True))
    parser.receive(octets)
    rows = []
    ended = False
    while (item := parser.next()) is not None:
        rows.append(_row(item))
        if isinstance(item, RootStart):
            fault = _header_fault(item)
            if fault is not None:
                rows.append({"event": "error", "condition": fault.condition, "reason": fault.reason,
                             "section": fault.section, "position": 0})  # fmt: skip
                return rows
        ended = isinstance(item, Failure | RootEnd)
        if _restarts(item):
            parser.restart()
    if not ended:
        rows.append({"event": "incomplete", "reason": "the stream has no end", "unread": parser.unread})
    return rows


def _restarts(item: Item) -> bool:
    """After these elements a new stream follows (RFC 6120 sections 5.4.3.3 and 6.4.6)."""
    return isinstance(item, Element) and item.tag in (
        "{urn:ietf:params:xml:ns:xmpp-tls}proceed",
        "{urn:ietf:params:xml:ns:xmpp-tls}starttls",
        "{urn:ietf:params:xml:ns:xmpp-sasl}success",
    )


def _header_fault(root: RootStart) -> HeaderFault | None:
    faults = [judge_header(root, Side.RECEIVING, kind) for kind in Kind]
    bad = [fault for fault in faults if isinstance(fault, HeaderFault)]
    return bad[0] if len(bad) == len(faults) else None


def _row(item: Item) -> dict[str, Any]:
    if isinstance(item, RootStart):
        return {"event": "header", "element": item.tag, "attributes": item.attributes}
    if isinstance(item, RootEnd):
        return {"event": "end"}
    if isinstance(item, Failure):
        return {"event": "error", "condition": item.condition, "reason": item.reason,
                "section": item.section, "position": item.position}  # fmt: skip
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
    if event == "incomplete":
        return f"incomplete     {row['reason']}; {row['unread']} octets are left"
    return f"{'element':<15}{row['xml']}"
