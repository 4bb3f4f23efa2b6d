"""Private data at the own account, by publish-subscribe: the options that keep them private.

XEP-0223, version 1.1.1, Active; sections 1 to 3.
"""

from __future__ import annotations

from enum import Enum
from typing import Final

from ..payload import Spec
from .forms import Given
from .pubsub import AccessModel, NodeItem, Publish, Pubsub, publish_options

__all__ = ["SPEC", "store"]

SPEC: Final = Spec(223, "1.1.1", "Active", "Persistent Storage of Private Data via PubSub")


def store(node: str, *items: NodeItem, **more: Given | Enum) -> Pubsub:
    """Publish items to a node that must be private and keep them (sections 2 and 3).

    `more` are further options: `max_items="max"`. Only a server that names the feature
    `http://jabber.org/protocol/pubsub#publish-options` holds the node to them; without it the data may be seen
    by contacts (section 3).
    """
    options = publish_options(persist_items=True, **more, access_model=AccessModel.WHITELIST)
    return Pubsub(Publish(node, items), publish_options=options)
