"""`xmpp-core listen`: log in, become available, print what arrives."""

from __future__ import annotations

import json
import sys
import time
from argparse import ArgumentParser, Namespace
from typing import Any, Final
from xml.etree.ElementTree import Element, SubElement

from ..adapters.session import Session
from ..namespaces import PING
from ..stanza import IQ, IqRouter, Message, Presence, Stanza
from ..stream.events import StreamFailed
from ..xml.names import pretty
from .command import Command, CommandError, Status
from .login import add_login_arguments, logged_in, run
from .terminal import visible

__all__ = ["COMMAND"]

_INFO: Final = "{http://jabber.org/protocol/disco#info}"


def _arguments(parser: ArgumentParser) -> None:
    add_login_arguments(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object a line, everything in it")
    parser.add_argument("--all", action="store_true", help="presence too, not messages alone")
    parser.add_argument("--count", metavar="N", type=int, help="end after that many")


def _run(args: Namespace) -> int:
    if args.count is not None and args.count < 1:
        raise CommandError("--count takes a number above nought")

    async def work() -> Status:
        async with logged_in(args, _router()) as session:
            return await _listen(session, args)

    return run(work)


def _router() -> IqRouter:
    """What is answered by itself: XEP-0199, and what XEP-0030 asks of everybody."""

    def info(_: IQ) -> Element:
        answer = Element(f"{_INFO}query")
        SubElement(answer, f"{_INFO}identity", {"category": "client", "type": "console", "name": "xmpp-core listen"})
        for feature in ("http://jabber.org/protocol/disco#info", PING):
            SubElement(answer, f"{_INFO}feature", {"var": feature})
        return answer

    return IqRouter({("get", f"{{{PING}}}ping"): lambda _: None, ("get", f"{_INFO}query"): info})


async def _listen(session: Session, args: Namespace) -> Status:
    print(f"listening as {session.jid}", file=sys.stderr, flush=True)
    await session.send(Presence())
    count = 0
    async for event in session:
        if isinstance(event, StreamFailed):
            raise CommandError(event.explain(), Status.FAULT)
        if not isinstance(event, Message) and not (args.all and isinstance(event, Presence)):
            continue
        print(json.dumps(_row(event)) if args.json else _line(event), flush=True)
        count += 1
        if count == args.count:
            break
    return Status.DONE


def _line(event: Message | Presence) -> str:
    clock = time.strftime("%H:%M:%S")
    if isinstance(event, Presence):
        said = event.element.get("type") or event.show or "available"
        words = f"is {said}" + (f": {event.status}" if event.status else "")
    elif event.is_error:
        words = f"error: {event.error.condition if event.error else 'of no kind'}"
    else:
        subject = f"[{event.subject}] " if event.subject else ""
        words = subject + (event.body if event.body is not None else "(no body)")
    return visible(f"{clock} {event.from_ or 'the server'}: {words}")


def _row(event: Message | Presence) -> dict[str, Any]:
    row = _base(event)
    if isinstance(event, Message):
        row |= {"body": event.body, "subject": event.subject, "thread": event.thread}
        row["bodies"] = {lang or "": text for lang, text in event.bodies.items()}
    else:
        row |= {"show": event.show, "status": event.status, "priority": event.priority}
    if event.error is not None:
        row["error"] = {"condition": event.error.condition, "type": event.error.type, "text": event.error.text}
    return row


def _base(event: Stanza) -> dict[str, Any]:
    return {
        "event": type(event).__name__.lower(),
        "at": round(time.time(), 3),
        "from": None if event.from_ is None else str(event.from_),
        "to": None if event.to is None else str(event.to),
        "type": event.type,
        "id": event.id,
        "xml": pretty(event.element),
    }


COMMAND = Command(
    description="""\
Log in, become available, and print what arrives, a line each, until the session ends or Ctrl-C is pressed. The password
is asked for, or taken from XMPP_PASSWORD. Pings and service discovery are answered.""",
    arguments=_arguments,
    run=_run,
    statuses=(Status.DONE, Status.FAULT, Status.MISUSE, Status.REFUSED, Status.UNREACHED),
)
