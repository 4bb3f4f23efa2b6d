"""Personal eventing: every account is a publish-subscribe service, and who wants to hear says so in its capabilities.

XEP-0163, version 1.2.2, Draft; sections 2, 4 and 6.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from ..payload import Spec
from .disco import DiscoInfo

__all__ = ["NOTIFY", "SPEC", "has_pep", "notify", "wanted_nodes", "wants"]

SPEC: Final = Spec(163, "1.2.2", "Draft", "Personal Eventing Protocol")
NOTIFY: Final = "+notify"


def notify(node: str) -> str:
    """Give the feature that asks for the events of a node (section 4.2, XEP-0060 section 9.2)."""
    return node + NOTIFY


def wanted_nodes(features: Iterable[str]) -> frozenset[str]:
    """Give the nodes whose events an entity of these features asks for (section 4.2)."""
    return frozenset(one.removesuffix(NOTIFY) for one in features if one.endswith(NOTIFY) and one != NOTIFY)


def wants(info: DiscoInfo, node: str) -> bool:
    """Whether an entity asks for the events of a node."""
    return info.has(notify(node))


def has_pep(info: DiscoInfo) -> bool:
    """Whether an account, asked at its bare address, is a service of personal events (section 6.1)."""
    return info.is_a("pubsub", "pep")
