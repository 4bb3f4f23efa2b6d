"""Through here every stanza passes on its way in: kind, addresses, and whose they may be.

RFC 6120 sections 8.1.2, 8.2.3 and 4.9.3. What passes is a view whose `to`, `from_`, `id` and
`type` never raise.
"""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree.ElementTree import Element

from ..jid import JID, is_address
from ..namespaces import XML_LANG
from ..stanza import VIEWS, Refusal, Stanza, check, ways_of
from .context import Kind, Side

__all__ = ["Gate", "Offence"]

_STANZAS = ("message", "presence", "iq")


@dataclass(frozen=True, slots=True)
class Offence:
    """A stanza that ends the stream: the stream error condition, words of our own, the section."""

    condition: str
    reason: str
    section: str


class Gate:
    """Judges stanzas for one stream, given who is at its ends."""

    __slots__ = ("_bare", "_domain", "_full", "_kind", "_own", "_peer", "_side", "lang", "views", "ways")

    def __init__(self, side: Side, kind: Kind) -> None:
        self._side = side
        self._kind = kind
        self.views: dict[str, type[Stanza]] = {
            f"{{{kind.value}}}{name}": VIEWS[f"{{{kind.value}}}{name}"] for name in _STANZAS
        }
        self.ways = ways_of(kind.value)
        self.lang: str | None = None
        """The language of the peer's header: that of its stanzas which name none."""
        self._peer: JID | None = None
        self._own: frozenset[str] = frozenset()
        self._full = ""
        self._bare: JID | None = None
        self._domain: str | None = None

    def admit_as(self, peer: JID | None) -> None:
        """From now on the peer is `peer`: the account with its resource, or a domain; None: nobody yet."""
        self._peer = peer
        self._bare = None if peer is None else peer.bare
        self._domain = None if peer is None else peer.domain
        self._full = "" if peer is None else str(peer)
        self._own = frozenset() if peer is None else frozenset({str(peer), str(peer.bare)})

    @property
    def plain(self) -> bool:
        """Whether a stanza need only be good in itself: no rule on whose addresses it bears."""
        return self._kind is Kind.C2S and self._side is Side.INITIATING

    def judge(self, element: Element) -> Offence | Refusal | None:
        """Judge a stanza; None lets it pass. A client's stanza is stamped with its address and language.

        RFC 6120 section 8.1.2.1: the server adds or overrides `from` with the full JID of the client,
        after checking that a given one is the client's own. Section 4.7.4: it adds the `xml:lang` of the
        client's stream header where the stanza has none.
        """
        if self._kind is not Kind.C2S:
            offence = self._judge_between_domains(element)
            if offence is not None:
                return offence
        elif self._side is Side.RECEIVING:
            sender = element.get("from")
            if sender is not None and sender not in self._own and not self._is_own(sender):
                return Offence(
                    "invalid-from", "the 'from' of a stanza is not the client's own", "RFC 6120 section 8.1.2.1"
                )
            if self._full:
                element.set("from", self._full)
            if self.lang is not None and element.get(XML_LANG) is None:
                element.set(XML_LANG, self.lang)
        return check(element)

    def _is_own(self, sender: str) -> bool:
        if not is_address(sender):
            return False
        address = JID(sender)
        return address in (self._peer, self._bare)

    def _judge_between_domains(self, element: Element) -> Offence | None:
        sender, target = element.get("from"), element.get("to")
        if sender is None or target is None or not (is_address(sender) and is_address(target)):
            if self._kind is Kind.COMPONENT and self._side is Side.INITIATING:
                return None
            return Offence(
                "improper-addressing",
                "a stanza between servers lacks a good 'to' or 'from'",
                "RFC 6120 section 8.1.2.2",
            )
        # Whoever proved no domain speaks for none.
        if self._side is Side.RECEIVING and JID(sender).domain != self._domain:
            return Offence(
                "invalid-from", "the 'from' of a stanza is not of the validated domain", "RFC 6120 section 4.9.3.9"
            )
        return None
