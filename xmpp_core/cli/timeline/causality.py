"""Two directions recorded apart, put in an order in which they can have been said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final
from xml.etree.ElementTree import Element

from ...namespaces import CLIENT, COMPONENT, SERVER, STREAM
from ...stream.context import Side
from ...xml.names import split
from ...xml.parser import Failure, RootEnd, RootStart
from .direction import Said

__all__ = ["interleaved"]

_OPENING: Final = frozenset({"auth", "authenticate", "response", "abort", "next"})
_REPLIES: Final = frozenset({"challenge", "success", "failure", "continue"})
_STANZA_NAMESPACES: Final = frozenset({CLIENT, SERVER, COMPONENT})
_FEATURES: Final = f"{{{STREAM}}}features"
_ANSWERS: Final = {"proceed": "starttls", "enabled": "enable", "resumed": "resume", "compressed": "compress"}


class _Speaker:
    """One side: what it will say, and what it has said."""

    def __init__(self, side: Side, items: Sequence[tuple[Said, int]]) -> None:
        self.side = side
        self._items = items
        self._at = 0
        self.said: Counter[str] = Counter()
        self.requests: set[str] = set()
        self.will_ask = {asked for item, _ in items if (asked := _request(item)) is not None}
        """The ids of its requests, from first to last."""

    @property
    def left(self) -> int:
        """Items not said yet."""
        return len(self._items) - self._at

    @property
    def head(self) -> Said | None:
        """What comes next."""
        return self._items[self._at][0] if self.left else None

    def say(self) -> tuple[Said, int]:
        """Take what comes next."""
        item = self._items[self._at]
        self._at += 1
        name = _name(item[0])
        self.said[name] += 1
        if name in _OPENING:
            self.said["opening"] += 1
        if name in _REPLIES:
            self.said["reply"] += 1
        asked = _request(item[0])
        if asked is not None:
            self.requests.add(asked)
        return item


def interleaved(heard: Mapping[Side, Sequence[tuple[Said, int]]]) -> Iterator[tuple[Side, tuple[Said, int]]]:
    """Give the items of both sides in one order, each side's own kept.

    What answers something comes after it and before anything else. Where nothing tells, the
    initiating entity speaks first. Records that contradict each other are told side by side.
    """
    initiating, receiving = (_Speaker(side, heard[side]) for side in Side)
    last = receiving
    while initiating.left or receiving.left:
        ready = [
            one
            for one, other in ((initiating, receiving), (receiving, initiating))
            if one.left and _may_speak(one, other)
        ]
        if not ready:
            ready = [one for one in (initiating, receiving) if one.left]
        speaker = next((one for one in ready if one is not last and _is_answer(one.head)), ready[0])
        if last in ready and last.said["error"]:
            speaker = last
        yield speaker.side, speaker.say()
        last = speaker


def _may_speak(one: _Speaker, other: _Speaker) -> bool:
    """Whether all that must have been said before has been."""
    head, name = one.head, _name(one.head)
    if isinstance(head, RootEnd) or name == "error":
        return other.left == 0 or (other.left == 1 and not isinstance(other.head, Failure))
    answered = _answer(head)
    if answered is not None and answered not in other.requests and answered in other.will_ask:
        return False
    if one.side is Side.RECEIVING:
        if name == "header":
            return other.said["header"] > one.said["header"]
        if name in _REPLIES:
            return other.said["opening"] + other.said["starttls"] > one.said["reply"] + one.said["proceed"]
        return name not in _ANSWERS or other.said[_ANSWERS[name]] > one.said[name]
    if name == "header":
        return one.said["header"] <= other.said["proceed"] + other.said["success"]
    if name in _OPENING and one.said["opening"] > other.said["reply"]:
        return False
    return other.said["features"] >= one.said["header"]


def _is_answer(item: Said | None) -> bool:
    return _answer(item) is not None or _name(item) in _ANSWERS or _name(item) in ("a", "failed")


def _name(item: Said | None) -> str:
    if isinstance(item, RootStart):
        return "header"
    return split(item.tag)[1] if isinstance(item, Element) else ""


def _request(item: Said | None) -> str | None:
    """The id of a request."""
    return _iq(item, ("get", "set"))


def _answer(item: Said | None) -> str | None:
    """The id that an answer repeats."""
    return _iq(item, ("result", "error"))


def _iq(item: Said | None, types: tuple[str, str]) -> str | None:
    if isinstance(item, Element) and split(item.tag)[1] == "iq" and split(item.tag)[0] in _STANZA_NAMESPACES:
        return item.get("id") if item.get("type") in types else None
    return None
