"""Extensions of an open stream: steps carried out, deadlines armed, stanzas counted, the last word before closing."""

from __future__ import annotations

from .core import Core
from .extension import Installed
from .setup import Ack
from .state import StreamState
from .step import Done, Refused, Step
from .timers import Timer

__all__ = ["Hosting"]


class Hosting(Core):
    """A connection with extensions installed, in their order."""

    def _note_installed(self) -> None:
        self._counting = any(installed.extension.counts_stanzas for installed in self._installed)
        self._numbering = self._counting or self._setup.ack is Ack.EXPLICIT
        self._arm_extensions()

    def _arm_extensions(self, after: float = float("-inf")) -> None:
        """Arm the earliest deadline of all; one that was reached and left as it is does not come again."""
        if self._state is StreamState.ENDED:
            return
        deadlines = [installed.extension.deadline(installed.state) for installed in self._installed]
        left = (when for when in deadlines if when is not None and when > after)
        self._timers.set(Timer.EXTENSION, min(left, default=None))

    def _apply_installed(self, installed: Installed, step: Step | None) -> None:
        if step is None:
            return
        if not isinstance(step, Refused) or step.state is not None:
            installed.state = step.state
        if self._state is StreamState.ENDED:
            return  # what was handled late still counts for who resumes; nothing leaves, nothing is told
        if not self._out.closed:
            for element in step.send:
                self._out.element(element)
        self._ready.extend(step.events)
        if isinstance(step, Done):
            self._installed.remove(installed)
            self._note_installed()
        elif isinstance(step, Refused) and not step.again:
            self._refused(step)
            return
        self._arm_extensions()

    def _count_handled(self, count: int) -> None:
        """Count the next `count` numbered stanzas as handled; an extension hears of those it was there for."""
        before = self._handled
        self._handled += count
        if not self._counting:
            return
        context = self._context()
        for installed in list(self._installed):
            fresh = self._handled - max(before, installed.since)
            if fresh > 0 and installed.extension.counts_stanzas:
                self._apply_installed(installed, installed.extension.stanza_received(installed.state, fresh, context))

    def _say_goodbye(self) -> None:
        """Queue our closing tag, behind what extensions have to say before it."""
        context = self._context()
        for installed in list(self._installed):
            self._apply_installed(installed, installed.extension.closing(installed.state, context))
        self._out.close()

    def _refused(self, step: Refused) -> None:
        if step.again:
            return
        self._fail(
            step.cause,
            step.detail,
            condition=step.stream_error,
            section=None,
            silent=step.silent,
            local=step.local,
            retry=step.retry,
            text=step.text,
        )
