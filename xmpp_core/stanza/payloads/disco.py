"""Service discovery: what an entity is and does, and what belongs to it.

XEP-0030, version 2.5.0, Final; sections 3 and 4.
"""

from __future__ import annotations

from typing import Final

from ...jid import JID
from ...namespaces import DISCO_INFO, DISCO_ITEMS, XML_LANG
from ..payload import LANGUAGE, SOME_TEXT, Spec, attribute, child_attributes, children, payload
from .forms import Form

__all__ = ["DISCO_INFO", "DISCO_ITEMS", "SPEC", "DiscoInfo", "DiscoItem", "DiscoItems", "Identity"]

SPEC: Final = Spec(30, "2.5.0", "Final", "Service Discovery")


@payload(DISCO_INFO, "identity")
class Identity:
    """What an entity is: a category and type of the registrar's (section 3.1)."""

    category: str = attribute(codec=SOME_TEXT)
    type: str = attribute(codec=SOME_TEXT)
    name: str | None = attribute(default=None)
    """For people."""
    lang: str | None = attribute(XML_LANG, codec=LANGUAGE, default=None)


@payload(DISCO_INFO, "query")
class DiscoInfo:
    """A question what an entity is and does (an empty one), or the answer (section 3.1).

    An answer has an identity at least and names `http://jabber.org/protocol/disco#info` among its features;
    what is built is not held to that, as the question is the same element.
    """

    node: str | None = attribute(default=None)
    identities: tuple[Identity, ...] = children(Identity, default=())
    features: tuple[str, ...] = child_attributes("var", "feature", default=())
    forms: tuple[Form, ...] = children(Form, default=())
    """What more it says: XEP-0128."""

    def has(self, *features: str) -> bool:
        """Whether all of these features are named."""
        return all(one in self.features for one in features)

    def is_a(self, category: str, type: str | None = None) -> bool:
        """Whether an identity is of this category, and type if one is asked for."""
        return any(one.category == category and type in (None, one.type) for one in self.identities)


@payload(DISCO_ITEMS, "item")
class DiscoItem:
    """Something that belongs to an entity: an address, and a node if it has no address of its own (section 4.1)."""

    jid: JID = attribute()
    node: str | None = attribute(default=None)
    name: str | None = attribute(default=None)
    """For people."""


@payload(DISCO_ITEMS, "query")
class DiscoItems:
    """A question what belongs to an entity, or the answer, which may be empty (section 4.1)."""

    node: str | None = attribute(default=None)
    items: tuple[DiscoItem, ...] = children(DiscoItem, default=())
