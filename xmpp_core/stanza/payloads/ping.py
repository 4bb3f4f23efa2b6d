"""Ping: whether an entity can be reached.

XEP-0199, version 2.0.1, Final; sections 3 and 4.
"""

from __future__ import annotations

from typing import Final

from ...namespaces import PING
from ..payload import Spec, payload

__all__ = ["PING", "SPEC", "Ping"]

SPEC: Final = Spec(199, "2.0.1", "Final", "XMPP Ping")


@payload(PING, "ping")
class Ping:
    """In an IQ `get`: answer it, with an empty result (section 3).

    Whatever comes back on the same stream shows that it lives, an error too (section 4).
    """
