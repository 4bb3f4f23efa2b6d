"""Entropy that repeats, and counts what was drawn from it."""

from __future__ import annotations

import hashlib

__all__ = ["CountedEntropy"]


class CountedEntropy:
    """Give the same octets in every run with the same seed. Never for anything but tests."""

    def __init__(self, seed: str | bytes = b"") -> None:
        self._seed = seed.encode() if isinstance(seed, str) else seed
        self.calls = 0
        self.octets = 0

    def __call__(self, octets: int) -> bytes:
        """Give the next `octets` octets."""
        self.calls += 1
        self.octets += octets
        return hashlib.shake_256(self._seed + self.calls.to_bytes(8, "big")).digest(octets)
