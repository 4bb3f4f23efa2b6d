"""A real server for tests: its thread, its sockets, and what goes wrong on them. The rest of `testing` is pure."""

from __future__ import annotations

from .server import LoopbackServer, ServerOptions

__all__ = ["LoopbackServer", "ServerOptions"]
