"""What a server answers itself: discovery, ping, version, time (XEP-0030, XEP-0199, XEP-0092, XEP-0202)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple
from xml.etree.ElementTree import Element, SubElement

from ..jid import JID
from ..namespaces import DISCO_INFO, DISCO_ITEMS, PING, TIME, VERSION
from ..stanza import IQ, IqRefused, IqRouter
from ..xml.names import split

__all__ = [
    "Answer",
    "Answers",
    "Asked",
    "Identity",
    "Software",
    "ping",
    "standard",
    "time_answer",
    "utc_text",
    "version_answer",
]


class Asked(NamedTuple):
    """Who asks whom, and when."""

    asker: JID
    """The full address of the session that asks."""
    target: JID
    """The domain, or the account on whose behalf the server answers."""
    now: float
    """Calendar time: seconds since 1970-01-01T00:00:00Z."""


Answer = Callable[[IQ, Asked], Element | None]
"""Gives the payload of the result, None for an empty one, or raises `IqRefused`. It neither waits nor blocks."""


class Identity(NamedTuple):
    """What an entity is (XEP-0030 section 3.1)."""

    category: str
    type: str
    name: str | None = None


class Software(NamedTuple):
    """What `jabber:iq:version` tells (XEP-0092 section 2). The operating system is nobody's business."""

    name: str
    version: str


class Answers:
    """All that one kind of entity answers. The features it lists are the namespaces it answers, no more and no less.

    Raises `LocalProtocolError` for two answers to one payload; discovery is always among them.
    """

    def __init__(
        self,
        identity: Identity,
        table: Mapping[tuple[str, str], Answer],
        items: Callable[[JID], Iterable[JID]],
    ) -> None:
        info, listing = f"{{{DISCO_INFO}}}query", f"{{{DISCO_ITEMS}}}query"
        self._identity = identity
        self._items = items
        self._router = IqRouter(table)
        self._router.add("get", info, self._info)
        self._router.add("get", listing, self._list)
        self.features = tuple(sorted({split(tag)[0] or "" for _, tag in (*table, ("get", info), ("get", listing))}))
        """What a discovery of this entity lists."""

    def reply(self, iq: IQ, asked: Asked) -> IQ:
        """Give the one answer to a request (RFC 6120 section 10.3.3)."""
        return self._router.reply(iq, asked)

    def _info(self, iq: IQ, asked: Asked) -> Element:
        result = _listing(iq)
        identity = {"category": self._identity.category, "type": self._identity.type}
        if self._identity.name is not None:
            identity["name"] = self._identity.name
        SubElement(result, f"{{{DISCO_INFO}}}identity", identity)
        for feature in self.features:
            SubElement(result, f"{{{DISCO_INFO}}}feature", {"var": feature})
        return result

    def _list(self, iq: IQ, asked: Asked) -> Element:
        result = _listing(iq)
        for one in self._items(asked.target):
            SubElement(result, f"{{{DISCO_ITEMS}}}item", {"jid": str(one)})
        return result


def _listing(iq: IQ) -> Element:
    """Start the result; there are no nodes (XEP-0030 section 7)."""
    payload = iq.payload
    assert payload is not None
    if payload.get("node"):
        raise IqRefused("item-not-found")
    return Element(payload.tag)


def ping(iq: IQ, asked: Asked) -> None:
    """Answer a ping with an empty result (XEP-0199 section 4)."""


def version_answer(software: Software) -> Answer:
    """Make the answer that tells the version."""

    def version(iq: IQ, asked: Asked) -> Element:
        result = Element(f"{{{VERSION}}}query")
        SubElement(result, f"{{{VERSION}}}name").text = software.name
        SubElement(result, f"{{{VERSION}}}version").text = software.version
        return result

    return version


def time_answer(iq: IQ, asked: Asked) -> Element:
    """Tell the time, in UTC (XEP-0202 section 2)."""
    result = Element(f"{{{TIME}}}time")
    SubElement(result, f"{{{TIME}}}tzo").text = "+00:00"
    SubElement(result, f"{{{TIME}}}utc").text = utc_text(asked.now)
    return result


def standard(software: Software | None) -> dict[tuple[str, str], Answer]:
    """Give the answers that domains and accounts have in common."""
    table: dict[tuple[str, str], Answer] = {("get", f"{{{PING}}}ping"): ping, ("get", f"{{{TIME}}}time"): time_answer}
    if software is not None:
        table["get", f"{{{VERSION}}}query"] = version_answer(software)
    return table


def utc_text(seconds: float) -> str:
    """Give a time since 1970 as XEP-0082 writes it: `1969-07-21T02:56:15Z`. Fractions are cut off."""
    days, rest = divmod(int(seconds // 1), 86400)
    # Years that begin in March have their leap day at the end; eras of 400 years are all alike.
    era, day = divmod(days + 719468, 146097)
    year = (day - day // 1460 + day // 36524 - day // 146096) // 365
    day -= 365 * year + year // 4 - year // 100
    month = (5 * day + 2) // 153
    day -= (153 * month + 2) // 5
    month, year = (month + 3, year) if month < 10 else (month - 9, year + 1)
    hours, rest = divmod(rest, 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{era * 400 + year:04}-{month:02}-{day + 1:02}T{hours:02}:{minutes:02}:{seconds:02}Z"
