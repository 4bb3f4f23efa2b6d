"""The /me command: a message that says what its sender does.

XEP-0245, version 1.0, Active; sections 2 and 4.
"""

from __future__ import annotations

from typing import Final

from ..payload import Spec

__all__ = ["ME", "SPEC", "action", "presented"]

SPEC: Final = Spec(245, "1.0", "Active", "The /me Command")
ME: Final = "/me "
"""What such a body begins with; it is sent as it was typed."""


def action(body: str) -> str | None:
    """Give what the sender does, "laughs" for "/me laughs"; None if the body is no such command (section 2)."""
    return body.removeprefix(ME) if body.startswith(ME) else None


def presented(body: str, name: str) -> str | None:
    """Give what is shown, "* Atlas laughs"; None if the body is no such command.

    `name` is what the reader calls the sender. What a room itself tells is to look otherwise: anybody can write
    "/me has left the room" (section 5).
    """
    done = action(body)
    return None if done is None else f"* {name} {done}"
