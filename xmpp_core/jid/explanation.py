"""An address taken apart for a person: each part, each step of its preparation, or what is refused and why."""

from __future__ import annotations

from dataclasses import dataclass

from ..strings.profile import Step
from .errors import JIDError
from .rules import RFC7622, Rules, part_steps

__all__ = ["Explained", "explain"]


@dataclass(frozen=True, slots=True)
class Explained:
    """One part of an address.

    `part` is "localpart", "domainpart" or "resourcepart", `text` the part as given and `offset` where it
    begins in the whole; `steps` what was done to it, with positions in `text`; `prepared` what came out,
    None when the part was refused, which `error` then says with a position in the whole.
    """

    part: str
    text: str
    offset: int
    steps: tuple[Step, ...]
    prepared: str | None
    error: JIDError | None


def explain(text: str, *, rules: Rules = RFC7622) -> tuple[Explained, ...]:
    """Explain how a text is, or is not, an address; never raises for any str.

    The parts come in their order in the text. They are cut as RFC 7622 section 3.2 says, first at the first
    "/", then at the first "@", before anything is mapped. All parts are explained, even behind a bad one.
    """
    left, slash, resource = text.partition("/")
    local, at, domain = left.partition("@")
    if not at:
        local, domain = "", left
    parts = []
    if at:
        parts.append(_explained("localpart", local, 0, rules))
    parts.append(_explained("domainpart", domain, len(local) + len(at), rules))
    if slash:
        parts.append(_explained("resourcepart", resource, len(left) + 1, rules))
    return tuple(parts)


def _explained(part: str, text: str, offset: int, rules: Rules) -> Explained:
    steps = tuple(part_steps(part, text, rules))
    error = steps[-1].error
    refused = None if error is None else JIDError.of(part, error, offset)
    return Explained(part, text, offset, steps, steps[-1].after, refused)
