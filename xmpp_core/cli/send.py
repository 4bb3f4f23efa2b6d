"""`xmpp-core send`: log in, send one message, learn whether it was refused, log out."""

from __future__ import annotations

import secrets
import sys
from argparse import ArgumentParser, Namespace
from contextlib import suppress
from xml.etree.ElementTree import Element

from ..adapters.errors import RequestRefused, RequestTimedOut
from ..adapters.session import Session
from ..errors import WriteError
from ..jid import JID
from ..namespaces import PING
from ..stanza import Message
from ..stream.announced import StanzaTooLarge
from .command import Command, CommandError, Status
from .login import add_login_arguments, address, logged_in, run, words_of

__all__ = ["COMMAND"]


def _arguments(parser: ArgumentParser) -> None:
    add_login_arguments(parser)
    parser.add_argument("--to", metavar="JID", required=True, help="who gets it")
    parser.add_argument("--type", choices=("chat", "headline", "normal"), default="chat", help="chat if not given")
    parser.add_argument("--subject", metavar="TEXT")
    parser.add_argument("text", metavar="TEXT", help="what it says; - for standard input")


def _run(args: Namespace) -> int:
    to = address(args.to, "--to")
    try:
        text = sys.stdin.read() if args.text == "-" else args.text
    except UnicodeDecodeError:
        raise CommandError("standard input is no text in the encoding of this terminal") from None

    async def work() -> Status:
        async with logged_in(args) as session:
            return await _send(session, args, to, text)

    return run(work)


async def _send(session: Session, args: Namespace, to: JID, text: str) -> Status:
    message = Message(to=to, type=args.type, id=secrets.token_hex(8), body=text, subject=args.subject)
    try:
        await session.send(message)
    except WriteError:
        raise CommandError("the text holds a character that XML cannot carry (XML 1.0 section 2.2)") from None
    except StanzaTooLarge as error:
        raise CommandError(str(error)) from None
    # A server works in order (RFC 6120 section 10.1): when it answers this, it has dealt with the message.
    with suppress(RequestRefused, RequestTimedOut):
        await session.request(Element(f"{{{PING}}}ping"), timeout=args.timeout)
    await session.close()
    async for event in session:
        if isinstance(event, Message) and event.is_error and event.id == message.id:
            reason = event.error
            words = "no reason was given" if reason is None else words_of(reason)
            raise CommandError(f"the message was refused: {words}", Status.FAULT)
    return Status.DONE


COMMAND = Command(
    description="""\
Log in, send one message, and log out. The password is asked for, or taken from XMPP_PASSWORD. Ends with an error when
the server, or the recipient's, refuses the message at once; that it was read is not known.""",
    arguments=_arguments,
    run=_run,
    statuses=(Status.DONE, Status.FAULT, Status.MISUSE, Status.REFUSED, Status.UNREACHED),
)
