"""Two hundred sessions in one process."""

from __future__ import annotations

import pytest
from networks import Net, Post, message

import xmpp_core as xmpp
from xmpp_core.adapters.session import Session

SESSIONS = 200


@pytest.mark.heavy
@pytest.mark.feature("ADP-01", "ADP-02")
async def test_two_hundred_sessions_send_to_one_another(loopback: Net) -> None:
    """Each sends to the next one in a ring through the server, which routes by full address."""
    sessions: dict[xmpp.JID, Session] = {}

    async def route(session: Session) -> None:
        assert session.jid is not None
        sessions[session.jid] = session
        async for event in session:
            if isinstance(event, xmpp.Message) and event.to is not None:
                await sessions[event.to].send(xmpp.Message(to=event.to, from_=session.jid, body=event.body))

    ready, go, done = Post(loopback), [Post(loopback) for _ in range(SESSIONS)], Post(loopback)
    async with loopback.serve(route) as serving, loopback.shell.tasks() as tasks:

        async def client(number: int) -> None:
            async with loopback.login(serving.port, jid=f"juliet@example.com/{number}") as session:
                ready.put()
                await go[number].get()
                for turn in range(5):
                    target = f"juliet@example.com/{(number + 1) % SESSIONS}"
                    await session.send(xmpp.Message(to=target, body=str(turn)))
                bodies = []
                for _ in range(5):
                    event = await message(session)
                    assert event.from_ == xmpp.JID(f"juliet@example.com/{(number - 1) % SESSIONS}")
                    bodies.append(event.body)
                done.put(bodies)
                await go[number].get()

        for number in range(SESSIONS):
            tasks.start(client, number)
        for _ in range(SESSIONS):
            await ready.get()
        assert len(serving.sessions) == SESSIONS
        for one in go:
            one.put()
        for _ in range(SESSIONS):
            assert await done.get() == list("01234")
        for one in go:
            one.put()
        await loopback.shell.quiet()
        assert len(serving.sessions) == 0
