"""A hub with named sessions; what it wants delivered is read back from the octets that would leave."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element, fromstring

from xmpp_core.jid import JID
from xmpp_core.namespaces import CLIENT
from xmpp_core.server import BindDecision, Close, Deliver, Effect, Hub, HubConfig
from xmpp_core.stanza import IQ, VIEWS, Message, Presence, Stanza, StanzaError
from xmpp_core.stream.conditions import StreamError
from xmpp_core.stream.prepared import Prepared
from xmpp_core.testing.entropy import CountedEntropy
from xmpp_core.xml.writer import write

NOW = 1166550995.0  # 2006-12-19T17:56:35Z
DOMAIN = "example.com"


def element(xml: str) -> Element:
    return fromstring(f"<s xmlns='{CLIENT}'>{xml}</s>")[0]


def stanza(xml: str) -> Stanza:
    found = element(xml)
    view = VIEWS[found.tag].view(found)
    assert isinstance(view, Message | Presence | IQ)
    return view


@dataclass
class Got:
    """One effect: `session`, and what it gets."""

    session: str
    element: Element | None = None
    error: StreamError | None = None
    condition: str | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        if self.element is not None and self.element.get("type") == "error":
            found = StanzaError.read(self.element)
            assert found is not None
            self.condition = found.condition

    def __getattr__(self, name: str) -> Any:
        if name in ("to", "from_", "id", "type"):
            assert self.element is not None
            return self.element.get(name.rstrip("_"))
        raise AttributeError(name)

    def text(self, name: str) -> str | None:
        assert self.element is not None
        return self.element.findtext(f"{{{CLIENT}}}{name}")


def seen(effects: Iterable[Effect]) -> list[Got]:
    found = []
    for effect in effects:
        if isinstance(effect, Close):
            found.append(Got(str(effect.session), error=effect.error))
            continue
        assert isinstance(effect, Deliver)
        if isinstance(effect.stanza, Prepared):
            octets = effect.stanza.octets_for(CLIENT)
        else:
            octets = write(effect.stanza.element, CLIENT)
        found.append(Got(str(effect.session), element(octets.decode())))
    return found


class Stage:
    """Sessions are named by what the test calls them; `enter` binds and opens one."""

    def __init__(self, **config: Any) -> None:
        self.entropy = CountedEntropy("hub")
        self.hub = Hub(HubConfig(**{"domains": {DOMAIN}, "entropy": self.entropy, **config}))

    def bind(self, name: str, account: str, resource: str | None) -> BindDecision:
        return self.hub.bind(name, JID(f"{account}@{DOMAIN}"), resource)

    def enter(self, name: str, account: str, resource: str | None = None, presence: str | None = None) -> list[Got]:
        decision = self.bind(name, account, resource or name)
        assert decision.jid is not None
        assert not seen(self.hub.opened(name))
        told = seen(decision.effects)
        return told if presence is None else told + self.send(name, presence)

    def available(self, name: str, account: str, priority: int = 0) -> None:
        self.enter(name, account, presence=f"<presence><priority>{priority}</priority></presence>")

    def send(self, name: str, xml: str) -> list[Got]:
        one = stanza(xml)
        jid = self.hub.address_of(name)
        one.element.set("from", str(jid))
        before = write(one.element, CLIENT)
        found = seen(self.hub.received(name, one, NOW))
        assert write(one.element, CLIENT) == before, "a received stanza was changed"
        return found

    def leave(self, name: str) -> list[Got]:
        return seen(self.hub.ended(name))
