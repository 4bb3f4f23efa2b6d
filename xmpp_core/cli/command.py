"""What a command is, how it ends, and how it says what went wrong."""

from __future__ import annotations

import enum
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

__all__ = ["Command", "CommandError", "Status", "statuses"]


class Status(enum.IntEnum):
    """The exit statuses of every command; there are no others."""

    DONE = 0
    FAULT = 1
    MISUSE = 2
    REFUSED = 3
    UNREACHED = 4
    INTERRUPTED = 130


MEANINGS: Final = {
    Status.DONE: "done; what was read is good to its end",
    Status.FAULT: "the input or the peer breaks a rule, reports an error, or ends early",
    Status.MISUSE: "a command is misspelt, a file cannot be read or written, or nobody reads the output",
    Status.REFUSED: "authentication failed",
    Status.UNREACHED: "no connection: no such host, refused, not trusted, or no answer in time",
    Status.INTERRUPTED: "interrupted from the keyboard",
}


class CommandError(Exception):
    """Ends a command: one line for a person, who reads what is wrong and what to do, and the status."""

    def __init__(self, message: str, status: Status = Status.MISUSE) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class Command:
    """A command, kept as `COMMAND` by the module of its name in this folder.

    `arguments` adds to the parser of the command what it takes; `run` does it and gives the exit
    status, writing to `sys.stdout`, or raises `CommandError`. The module is imported only when the command
    is asked for, and may import what it likes.
    """

    description: str
    arguments: Callable[[ArgumentParser], None]
    run: Callable[[Namespace], int]
    statuses: tuple[Status, ...] = (Status.DONE, Status.FAULT, Status.MISUSE)
    """How it may end, beside `INTERRUPTED`."""


def statuses(of: tuple[Status, ...]) -> str:
    """Give the table of exit statuses for a help text."""
    return "exit status:\n" + "\n".join(f"{one.value:>3}  {MEANINGS[one]}" for one in of)
