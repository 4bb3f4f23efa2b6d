"""Ways to cut octets into pieces, as networks do."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator

__all__ = ["Chunker", "by_octet", "chunkers", "in_two", "sized", "whole"]

Chunker = Callable[[bytes], list[bytes]]
"""Cuts octets into pieces that join to the same octets; no piece is empty."""


def whole(data: bytes) -> list[bytes]:
    """Leave the octets in one piece."""
    return [data] if data else []


def by_octet(data: bytes) -> list[bytes]:
    """Cut after every octet."""
    return [data[place : place + 1] for place in range(len(data))]


def sized(octets: int) -> Chunker:
    """Cut into pieces of this size, as a network with that segment size would."""

    def cut(data: bytes) -> list[bytes]:
        return [data[place : place + octets] for place in range(0, len(data), octets)]

    return cut


def in_two(place: int) -> Chunker:
    """Cut once, at `place` octets counted over everything this chunker is given."""
    left = place

    def cut(data: bytes) -> list[bytes]:
        nonlocal left
        here, left = left, left - len(data)
        if 0 < here < len(data):
            return [data[:here], data[here:]]
        return whole(data)

    return cut


def at_random(seed: int) -> Chunker:
    """Cut at places that look random and repeat with the seed; pieces of one octet and of many."""
    drawn = _numbers(seed)

    def cut(data: bytes) -> list[bytes]:
        pieces, place = [], 0
        while place < len(data):
            size = 1 + next(drawn) % (1, 3, 17, 200, 1500)[next(drawn) % 5]
            pieces.append(data[place : place + size])
            place += size
        return pieces

    return cut


def chunkers(octets: int, *, random: int = 50, splits: int | None = None) -> Iterator[tuple[str, Chunker]]:
    """Give the chunkings every scenario goes through: whole, by octet, every split, `random` ways.

    `octets` is the length of all that will be cut. `splits` bounds how many two-way splits are
    taken (evenly spread); None takes every one.
    """
    yield "whole", whole
    yield "by octet", by_octet
    step = 1 if splits is None or octets <= splits else -(-octets // splits)
    for place in range(1, octets, step):
        yield f"split at {place}", in_two(place)
    for seed in range(random):
        yield f"random {seed}", at_random(seed)


def _numbers(seed: int) -> Iterator[int]:
    counter = 0
    while True:
        block = hashlib.sha256(f"{seed}:{counter}".encode()).digest()
        counter += 1
        for place in range(0, 32, 2):
            yield int.from_bytes(block[place : place + 2], "big")
