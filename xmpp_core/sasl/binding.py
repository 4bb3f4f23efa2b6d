"""Which channel binding to use, and what to say when none is (RFC 5056, 5802, 5929, 9266, XEP-0440)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from .mechanism import Refusal, RefusalReason, SaslContext

__all__ = [
    "SERVER_END_POINT",
    "TLS_EXPORTER",
    "TLS_UNIQUE",
    "UNBOUND",
    "UNOFFERED",
    "Flag",
    "binds",
    "client_flag",
    "tampered",
    "unconfirmed",
    "usable",
]

TLS_EXPORTER: Final = "tls-exporter"
TLS_UNIQUE: Final = "tls-unique"
SERVER_END_POINT: Final = "tls-server-end-point"

_BEFORE_TLS_1_3: Final = frozenset({"TLSv1", "TLSv1.0", "TLSv1.1", "TLSv1.2"})


@dataclass(frozen=True, slots=True)
class Flag:
    """The gs2-cbind-flag (RFC 5802 section 7): `n`, `y`, or `p` with a type."""

    letter: str
    type: str | None = None

    def __str__(self) -> str:
        return self.letter if self.type is None else f"{self.letter}={self.type}"


UNBOUND: Final = Flag("n")
"""The client does not bind."""
UNOFFERED: Final = Flag("y")
"""The client would bind, and thinks that the server cannot."""

_NONE_IN_COMMON: Final = Refusal(RefusalReason.NO_BINDING, "no channel-binding type that both sides can use")


def binds(name: str) -> bool:
    """Whether the mechanism of this name supports channel binding: -PLUS, or HT with a binding."""
    return name.endswith("-PLUS") or (name.startswith("HT-") and not name.endswith("-NONE"))


def usable(context: SaslContext) -> tuple[str, ...]:
    """Give the types we have data for and may use on this channel, the preferred one first.

    `tls-exporter` needs TLS 1.3, or the extended master secret before it (RFC 9266 sections 2 and 4.2).
    `tls-unique` is not defined for TLS 1.3 (RFC 9266 section 3), and is worth nothing where the
    extended master secret is known to be missing (RFC 7627 section 6.1). Where the host cannot tell,
    it comes last. `tls-server-end-point` goes with every version.
    """
    if not context.secure or not context.channel_bindings:
        return ()
    legacy = context.tls_version in _BEFORE_TLS_1_3
    unique_secrets = context.extended_master_secret
    order: list[str] = []
    if unique_secrets is True or (context.tls_version is not None and not legacy):
        order.append(TLS_EXPORTER)
    if legacy and unique_secrets is True:
        order.append(TLS_UNIQUE)
    order.append(SERVER_END_POINT)
    if legacy and unique_secrets is None:
        order.append(TLS_UNIQUE)
    return tuple(one for one in order if context.channel_bindings.get(one))


def tampered(context: SaslContext, *, confirmable: bool = False) -> Refusal | None:
    """Say why what the server offered cannot be what it sent (XEP-0440 section 3, rules 4 to 6).

    Without a usable binding of our own there is nothing to compare, and None is given (rule 2). With
    `confirmable` the mechanism will see to rule 6, see `unconfirmed`.
    """
    ours = usable(context)
    return _forged(ours, context, confirmable=confirmable) if ours else None


def _forged(ours: tuple[str, ...], context: SaslContext, *, confirmable: bool) -> Refusal | None:
    announced = context.binding_types
    if not any(binds(name) for name in context.offered):
        if announced:
            return _tampered("binding types are announced and no mechanism that binds is offered (rule 5)")
        return None
    if announced is None:
        if context.types_must_be_announced:
            return _tampered("mechanisms that bind are offered and no binding types are announced (rule 4)")
        return None
    if not confirmable and _unlike(ours, announced):
        return _tampered("no announced binding type is ours and tls-server-end-point is missing (rule 6)")
    return None


def unconfirmed(context: SaslContext) -> bool:
    """Whether the types announced may be forged: none is ours, and the one every server has is missing.

    A server with XEP-0474 can say that it sent them so, before anything is proved (its section 7, rule 6).
    """
    announced = context.binding_types
    if announced is None or not any(binds(name) for name in context.offered):
        return False
    ours = usable(context)
    return bool(ours) and _unlike(ours, announced)


def _unlike(ours: tuple[str, ...], announced: tuple[str, ...]) -> bool:
    return not set(ours) & set(announced) and SERVER_END_POINT not in announced


def client_flag(context: SaslContext, name: str) -> Flag | Refusal:
    """Give the flag the client sends with mechanism `name`, or why it must not use that mechanism."""
    ours = usable(context)
    plus = name.endswith("-PLUS")
    if not ours:
        return _NONE_IN_COMMON if plus else UNBOUND
    refusal = _forged(ours, context, confirmable=name.startswith("SCRAM-") and not plus)
    if refusal is not None:
        return refusal
    announced = context.binding_types
    if plus:
        return _bound(ours, announced)
    if not any(binds(one) for one in context.offered):
        return UNOFFERED
    if announced is not None and set(ours) & set(announced) and f"{name}-PLUS" in context.offered:
        return Refusal(
            RefusalReason.BINDING_POSSIBLE,
            "the -PLUS variant is offered with a binding type we have, and must be used (RFC 5802 section 6)",
        )
    return UNBOUND


def _bound(ours: tuple[str, ...], announced: tuple[str, ...] | None) -> Flag | Refusal:
    if announced is None:
        # RFC 5802 section 6.1: the default type. Under TLS 1.3 it does not exist, and guessing another
        # one fails with servers that have only that.
        common = [one for one in ours if one == TLS_UNIQUE]
    else:
        common = [one for one in ours if one in announced]
    if not common:
        return _NONE_IN_COMMON
    return Flag("p", common[0])


def _tampered(text: str) -> Refusal:
    return Refusal(RefusalReason.BINDINGS_TAMPERED, f"the server's offer was changed on its way: {text}")
