"""The invisible command: to be there and not be seen, by order to the own server.

XEP-0186, version 0.14.0, Deferred; section 3.
"""

from __future__ import annotations

from typing import Final

from ..payload import Spec, attribute, payload

__all__ = ["NAMESPACE", "SPEC", "Invisible", "Visible"]

SPEC: Final = Spec(186, "0.14.0", "Deferred", "Invisible Command")
NAMESPACE: Final = "urn:xmpp:invisible:1"


@payload(NAMESPACE, "invisible")
class Invisible:
    """Be not seen from now on (section 3.1)."""

    probe: bool = attribute(default=False, always=True)
    """Whether the server asks for the presence of contacts, which they may notice. Always said (section 3.1)."""


@payload(NAMESPACE, "visible")
class Visible:
    """Be seen again; presence is to be sent anew (section 3.2)."""
