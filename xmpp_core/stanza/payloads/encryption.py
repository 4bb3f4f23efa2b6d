"""Explicit encryption: by which method a message is encrypted, for those who cannot read it.

XEP-0380, version 0.4.0, Deferred; sections 3 and 4.
"""

from __future__ import annotations

from typing import Final

from ..payload import Spec, attribute, payload

__all__ = ["METHODS", "NAMESPACE", "SPEC", "Encryption"]

SPEC: Final = Spec(380, "0.4.0", "Deferred", "Explicit Message Encryption")
NAMESPACE: Final = "urn:xmpp:eme:0"
METHODS: Final = {
    "urn:xmpp:otr:0": "OTR",
    "jabber:x:encrypted": "Legacy OpenPGP",
    "urn:xmpp:openpgp:0": "OpenPGP for XMPP",
    "eu.siacs.conversations.axolotl": "OMEMO",
    "urn:xmpp:omemo:1": "OMEMO 1",
    "urn:xmpp:omemo:2": "OMEMO 2",
}
"""The methods of section 3.2 by their namespaces."""


@payload(NAMESPACE, "encryption")
class Encryption:
    """Says that the message is encrypted, by the method of this namespace (section 3).

    Who cannot read it tells his user so, and ignores the body (sections 4 and 5).
    """

    namespace: str = attribute()
    name: str | None = attribute(default=None)
    """The name of the method for people, left out for those of section 3.2."""

    @property
    def method(self) -> str:
        """What to call the method: our name of it, else the sender's, else the namespace (section 4)."""
        return METHODS.get(self.namespace) or self.name or self.namespace
