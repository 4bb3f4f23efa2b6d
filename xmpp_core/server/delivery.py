"""Where a message for a local account goes: the rules of RFC 6121 section 8.5 as a table.

Nothing is stored for later, so where the RFC says "store or return an error" (O/E in its Table 1)
an error is returned; where it says "ignore or return an error" (S/E) likewise. Chosen that way an
account that does not exist and one without an available resource have the same rows: nobody learns from
an answer which accounts there are (RFC 6120 section 13.11).
"""

from __future__ import annotations

import enum
from typing import Final, NamedTuple

__all__ = ["MESSAGE_RULES", "Addressed", "Row", "Rule", "Standing", "message_rule"]


class Addressed(enum.Enum):
    """How a local account was addressed."""

    BARE = "localpart@domainpart"
    MATCH = "localpart@domainpart/resourcepart of a connected resource"
    NO_MATCH = "localpart@domainpart/resourcepart of none"


class Standing(enum.Enum):
    """What can take messages sent to an account."""

    ABSENT = "no such account, or no available resource"
    NEGATIVE = "available resources, all of negative priority"
    PRESENT = "at least one available resource of non-negative priority"


class Rule(enum.Enum):
    """What is done with the message."""

    DELIVER = "to the resource addressed"
    MOST_AVAILABLE = "to the resources of the highest priority"
    ALL = "to every resource of non-negative priority"
    BOUNCE = "back to the sender, as the stanza error service-unavailable"
    IGNORE = "nowhere"


class Row(NamedTuple):
    """One row: a message of `type`, so `addressed`, to an account of this `standing`, meets `rule`."""

    type: str
    addressed: Addressed
    standing: Standing
    rule: Rule
    section: str


_A, _S, _R = Addressed, Standing, Rule
_CHATTY: Final = ("normal", "chat")
_TYPES: Final = (*_CHATTY, "groupchat", "headline", "error")


def _rows() -> list[Row]:
    rows: list[Row] = []

    def add(
        types: tuple[str, ...], addressed: Addressed, standings: tuple[Standing, ...], rule: Rule, section: str
    ) -> None:
        rows.extend(
            Row(kind, addressed, standing, rule, f"RFC 6121 section {section}")
            for kind in types
            for standing in standings
        )

    anyhow = tuple(Standing)
    nobody = (_S.ABSENT, _S.NEGATIVE)
    add(_CHATTY, _A.BARE, (_S.PRESENT,), _R.MOST_AVAILABLE, "8.5.2.1.1")
    add(_CHATTY, _A.BARE, nobody, _R.BOUNCE, "8.5.2.2.1")
    add(("groupchat",), _A.BARE, anyhow, _R.BOUNCE, "8.5.2.1.1")
    add(("headline",), _A.BARE, (_S.PRESENT,), _R.ALL, "8.5.2.1.1")
    add(("headline",), _A.BARE, nobody, _R.IGNORE, "8.5.2.2.1")
    add(("error",), _A.BARE, anyhow, _R.IGNORE, "8.5.2.1.1")
    # A connected resource is enough here, whatever its priority.
    add(_TYPES, _A.MATCH, anyhow, _R.DELIVER, "8.5.3.1")
    add(("chat",), _A.NO_MATCH, (_S.PRESENT,), _R.MOST_AVAILABLE, "8.5.3.2.1")
    add(("chat",), _A.NO_MATCH, nobody, _R.BOUNCE, "8.5.3.2.1")
    add(("normal", "groupchat", "headline"), _A.NO_MATCH, anyhow, _R.BOUNCE, "8.5.3.2.1")
    add(("error",), _A.NO_MATCH, anyhow, _R.IGNORE, "8.5.3.2.1")
    return rows


MESSAGE_RULES: Final = tuple(_rows())

_BY_CASE: Final = {(row.type, row.addressed, row.standing): row.rule for row in MESSAGE_RULES}


def message_rule(type: str, addressed: Addressed, standing: Standing) -> Rule:
    """Give the one rule for a message of this type, as `Message.type` gives it."""
    return _BY_CASE[type, addressed, standing]
