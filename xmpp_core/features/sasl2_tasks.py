"""Tasks: what remains to be done after a SASL exchange and before success (XEP-0388 section 2.6.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Protocol
from xml.etree.ElementTree import Element

from ..errors import LocalProtocolError
from ..jid import JID
from ..stream.events import Question
from ..stream.step import Step
from .sasl2_context import Sasl2Context
from .user_agent import UserAgent

__all__ = ["NoTasks", "Task", "TasksDue", "TasksWanted", "task_named"]


class Task(Protocol):
    """One task, both sides of it: a stateless value, as a stream feature is.

    A step is `Continue(state, send=...)`, whose elements travel in `<next/>` or `<task-data/>`; `Ask`;
    `Done(send=...)` when it is over, whose elements travel in `<success/>` or the next `<continue/>`; or
    `Refused`, whose condition is one of RFC 6120 section 6.5. A task never changes who is logged in.
    """

    @property
    def name(self) -> str:
        """What it is called in `<task/>`, 1 to 20 characters."""
        ...

    def begin(self, context: Sasl2Context) -> Step:
        """Initiating: start; what is sent travels in `<next/>`."""
        ...

    def told(self, state: Any, payload: tuple[Element, ...], context: Sasl2Context) -> Step:
        """Initiating: take a `<task-data/>` of the server."""
        ...

    def over(self, state: Any, payload: tuple[Element, ...], context: Sasl2Context) -> Step:
        """Initiating: the server says that the task is done. `Done`, or `Refused` where it had to prove something."""
        ...

    def begun(self, payload: tuple[Element, ...], context: Sasl2Context) -> Step:
        """Receiving: take `<next/>`."""
        ...

    def received(self, state: Any, payload: tuple[Element, ...], context: Sasl2Context) -> Step:
        """Receiving: take a `<task-data/>` of the client."""
        ...

    def answered(self, state: Any, question: Question[Any], value: Any, context: Sasl2Context) -> Step:
        """Take the host's answer."""
        ...

    def resumed(self, state: Any, context: Sasl2Context) -> Step:
        """Go on after a snapshot: `Continue(state)`, ask again, or `Refused` when what it needs is gone."""
        ...


@dataclass(frozen=True, slots=True)
class TasksDue:
    """Answer to `TasksWanted`: one of these must be done; the client chooses which (section 2.6.3)."""

    names: tuple[str, ...]
    text: str | None = None
    """For the user: why."""

    def __post_init__(self) -> None:
        if not self.names or not all(1 <= len(name) <= 20 for name in self.names):
            raise LocalProtocolError("at least one task, each with a name of 1 to 20 characters (XEP-0388 section 8)")


@dataclass(frozen=True, slots=True)
class NoTasks:
    """Answer to `TasksWanted`: nothing is left to do."""


@dataclass(frozen=True, slots=True, eq=False)
class TasksWanted(Question[TasksDue | NoTasks]):
    """`account` proved who it is. Is that enough? Asked again after each task that was done.

    Asked with `ask_for_tasks`, and never of a client that logged in by a token (XEP-0484 section 4.2).
    """

    account: JID
    mechanism: str
    user_agent: UserAgent | None
    done: tuple[str, ...]
    """The names of the tasks done since the exchange."""
    known: tuple[str, ...]
    """The names of the tasks that can be asked for."""
    answers: ClassVar[tuple[type, ...]] = (TasksDue, NoTasks)

    def fault_of(self, value: TasksDue | NoTasks) -> str | None:
        """Only a task that is there can be due."""
        if isinstance(value, TasksDue) and not set(value.names) <= set(self.known):
            return "a task is due that nobody can carry out"
        return None


def task_named(tasks: tuple[Task, ...], name: str) -> Task | None:
    """Give the task of this name, None if there is none."""
    return next((task for task in tasks if task.name == name), None)
