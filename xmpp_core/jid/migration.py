"""Where RFC 7622 and RFC 6122 disagree: what an operator looks at before rules are changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .address import JID
from .errors import JIDError
from .rules import RFC6122, RFC7622, Rules

__all__ = ["Collision", "Disagreement", "Disagreements", "disagreements"]


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One text that the two documents do not prepare to the same address: each gives one, or its error."""

    text: str
    new: JID | JIDError
    old: JID | JIDError


@dataclass(frozen=True, slots=True)
class Collision:
    """Several texts that are one address by one document and different ones by the other."""

    rules: Rules
    address: JID
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Disagreements:
    """The report: single texts that come out differently, and texts that fall together in one way only."""

    looked_at: int
    differing: tuple[Disagreement, ...]
    collisions: tuple[Collision, ...]


def disagreements(addresses: Iterable[str], *, old: Rules = RFC6122) -> Disagreements:
    """Prepare each text by RFC 7622 and by `old`, and report where the answers differ.

    Feed it a roster, or all accounts of a server. A collision under RFC 6122 that RFC 7622 takes apart
    (fussball and one with a sharp s) means two accounts where there was one; one the other way round means
    two accounts that would become one. Never raises for any str.
    """
    looked_at = 0
    differing = []
    together: dict[Rules, dict[JID, dict[str, JID | JIDError]]] = {RFC7622: {}, old: {}}
    for text in dict.fromkeys(addresses):
        looked_at += 1
        new, former = _outcome(text, RFC7622), _outcome(text, old)
        if isinstance(new, JIDError) or isinstance(former, JIDError):
            if isinstance(new, JID) or isinstance(former, JID):
                differing.append(Disagreement(text, new, former))
        elif new != former:
            differing.append(Disagreement(text, new, former))
        if isinstance(new, JID):
            together[RFC7622].setdefault(new, {})[text] = former
        if isinstance(former, JID):
            together[old].setdefault(former, {})[text] = new
    collisions = [
        Collision(rules, address, tuple(texts))
        for rules, groups in together.items()
        for address, texts in groups.items()
        if len({other for other in texts.values() if isinstance(other, JID)}) > 1
    ]
    return Disagreements(looked_at, tuple(differing), tuple(collisions))


def _outcome(text: str, rules: Rules) -> JID | JIDError:
    try:
        return JID.parse(text, rules=rules)
    except JIDError as error:
        return error
