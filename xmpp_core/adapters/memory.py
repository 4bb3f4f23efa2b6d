"""Two wires in memory, each the other's end: for tests, and for engines in one process."""

from __future__ import annotations

from typing import Final

from .shell import Shell, Signal

__all__ = ["memory_wires"]

_ROOM: Final = 65_536


class _Way:
    """One direction: octets on their way, bounded like a socket's buffers."""

    def __init__(self, shell: Shell, room: int) -> None:
        self.octets = bytearray()
        self.room = room
        self.ended = self.broken = False
        self.filled: Signal = shell.signal()
        self.emptied: Signal = shell.signal()

    def end(self, *, broken: bool) -> None:
        self.ended = True
        self.broken = self.broken or broken
        self.filled.set()
        self.emptied.set()


class MemoryWire:
    """One end."""

    def __init__(self, incoming: _Way, outgoing: _Way, peer: str) -> None:
        self._incoming = incoming
        self._outgoing = outgoing
        self.peer = peer
        self.aborted = False

    async def read(self) -> bytes:
        """Wait for octets; none at all is the end."""
        way = self._incoming
        while not way.octets and not way.ended:
            await way.filled.wait()
        if way.broken:
            return b""
        octets = bytes(way.octets)
        way.octets.clear()
        way.emptied.set()
        return octets

    async def write(self, octets: bytes) -> None:
        """Hand over octets, waiting while there is no room; raises `BrokenPipeError` once an end is cut."""
        way, view = self._outgoing, memoryview(octets)
        while view:
            if way.ended:
                raise BrokenPipeError("the other end is closed")
            free = way.room - len(way.octets)
            if free > 0:
                way.octets += view[:free]
                view = view[free:]
                way.filled.set()
            else:
                await way.emptied.wait()

    async def finish(self) -> None:
        """Say that nothing more comes."""
        self._outgoing.end(broken=False)

    async def abort(self) -> None:
        """Cut both directions."""
        self.cut()

    def cut(self) -> None:
        """Cut both directions, from anywhere: what is on its way is lost."""
        self.aborted = True
        self._incoming.end(broken=True)
        # What was written before still arrives, as it does with a socket that was closed in good order.
        self._outgoing.end(broken=False)


def memory_wires(shell: Shell, *, room: int = _ROOM) -> tuple[MemoryWire, MemoryWire]:
    """Give the two ends of a connection in memory with `room` octets of buffer each way."""
    there, back = _Way(shell, room), _Way(shell, room)
    return MemoryWire(back, there, "memory"), MemoryWire(there, back, "memory")
