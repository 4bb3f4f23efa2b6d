"""Application-specific error conditions that specifications define (XEP-0182, version 1.1, Active; section 2.1).

The registrar's list by namespace. What is not here may be sent and read all the same: `StanzaError.application`.
"""

from __future__ import annotations

from typing import Final
from xml.etree.ElementTree import Element

from ..xml.names import clark, split
from .conditions import StanzaError

__all__ = ["APPLICATION_CONDITIONS", "application_condition", "with_application"]

_PUBSUB: Final = """
    closed-node configuration-required invalid-jid invalid-options invalid-payload invalid-subid item-forbidden
    item-required jid-required max-items-exceeded max-nodes-exceeded node-full nodeid-required not-in-roster-group
    not-subscribed payload-required payload-too-big pending-subscription precondition-not-met
    presence-subscription-required subid-required too-many-subscriptions unsupported unsupported-access-model
"""

APPLICATION_CONDITIONS: Final[dict[str, tuple[frozenset[str], str]]] = {
    namespace: (frozenset(names.split()), section)
    for namespace, names, section in (
        (
            "urn:xmpp:errors",
            "resource-limit-exceeded stanza-too-big too-many-stanzas",
            "XEP-0205 section 4",
        ),
        ("http://jabber.org/protocol/pubsub#errors", _PUBSUB, "XEP-0060 section 17.2"),
        (
            "http://jabber.org/protocol/commands",
            "bad-action bad-locale bad-payload bad-sessionid malformed-action session-expired",
            "XEP-0050 section 4.4",
        ),
        ("http://jabber.org/protocol/amp#errors", "failed-rules", "XEP-0079 section 6.1"),
        (
            "http://jabber.org/protocol/amp",
            "invalid-rules unsupported-actions unsupported-conditions",
            "XEP-0079 section 6.2",
        ),
        ("http://jabber.org/protocol/si", "bad-profile no-valid-streams", "XEP-0095 section 4.2"),
        (
            "urn:xmpp:jingle:errors:1",
            "out-of-order security-required tie-break unknown-session unsupported-info",
            "XEP-0166 section 10",
        ),
        ("urn:xmpp:blocking:errors", "blocked", "XEP-0191 section 10.2"),
        ("urn:xmpp:http:upload:0", "file-too-large retry", "XEP-0363 section 6"),
    )
}
"""By namespace: the names of the conditions, and where they are defined."""


def application_condition(error: StanzaError) -> tuple[str, str] | None:
    """Give namespace and name of the application-specific condition, if it is one that is defined here."""
    if not isinstance(error.application, Element):
        return None
    namespace, name = split(error.application.tag)
    names, _ = APPLICATION_CONDITIONS.get(namespace or "", (frozenset(), ""))
    return (namespace or "", name) if name in names else None


def with_application(condition: str, namespace: str, name: str, *, type: str = "") -> StanzaError:
    """Make a stanza error with an application-specific condition that is defined here.

    Raises `ValueError` for one that is not, which is most likely misspelt; any element may be given to
    `StanzaError(application=...)` instead.
    """
    if name not in APPLICATION_CONDITIONS.get(namespace, (frozenset[str](), ""))[0]:
        raise ValueError("no application-specific condition that a specification defines")
    return StanzaError(condition, type, application=Element(clark(namespace, name)))
