"""A bot that says what is said to it, and connects again when the connection breaks."""

from __future__ import annotations

from typing import Any

import xmpp_core as xmpp
from xmpp_core.adapters.asyncio import NotEstablished, Session, connect


def answer_to(message: xmpp.Message) -> xmpp.Message | None:
    """Give the answer to a message, None to what is none or says nothing (RFC 6121 section 5.2.2)."""
    if message.type not in ("chat", "normal") or message.body is None:
        return None
    return message.reply(message.body)


async def attend(session: Session) -> bool:
    """Answer until the session ends; gives whether somebody said goodbye."""
    await session.send(xmpp.Presence())
    async for event in session:
        if isinstance(event, xmpp.Message):
            answer = answer_to(event)
            if answer is not None:
                await session.send(answer)
            if event.body == "goodbye":
                return True
        elif isinstance(event, xmpp.IQ) and event.is_request:
            await session.send(event.error_answer("service-unavailable"))
    return False


async def run(jid: str, password: str, *, attempts: int = 3, **where: Any) -> int:
    """Run until somebody says goodbye; gives how many sessions it took.

    Raises the last error when `attempts` of them failed, and at once what another attempt does not mend.
    """
    for number in range(1, attempts + 1):
        try:
            async with connect(jid, password=password, **where) as session:
                if await attend(session):
                    return number
        except NotEstablished as error:
            failure = error.failure
            lasting = isinstance(failure, xmpp.StreamFailed) and failure.retry is xmpp.Retry.NEVER
            if lasting or number == attempts:
                raise
    raise ConnectionError(f"{attempts} sessions ended, and nobody said goodbye")
