"""The same four stanzas read and made with slixmpp's plug-ins and with aioxmpp's elements."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any
from xml.etree.ElementTree import Element

from slixmpp.plugins.xep_0030.stanza.info import DiscoInfo
from slixmpp.plugins.xep_0085 import stanza as states
from slixmpp.plugins.xep_0115.stanza import Capabilities
from slixmpp.plugins.xep_0184.stanza import Request
from slixmpp.plugins.xep_0203.stanza import Delay
from slixmpp.plugins.xep_0297.stanza import Forwarded
from slixmpp.plugins.xep_0313.stanza import Result
from slixmpp.stanza import Iq, Message, Presence
from slixmpp.xmlstream import register_stanza_plugin, tostring

Run = Callable[[Element], Element]
# The library has no types.
NewMessage: Any = Message
NewPresence: Any = Presence
NewIq: Any = Iq

for holder, plugin in (
    (Message, Delay),
    (Message, Request),
    (Message, states.Active),
    (Message, Result),
    (Result, Forwarded),
    (Forwarded, Delay),
    (Presence, Capabilities),
    (Iq, DiscoInfo),
):
    register_stanza_plugin(holder, plugin)
register_stanza_plugin(Forwarded, Message, iterable=True)


def slixmpp_write(element: Element) -> bytes:
    text: str = tostring(element, xmlns="jabber:client")
    return text.encode()


def _message(element: Element) -> Element:
    stanza = NewMessage(xml=element)
    made = NewMessage()
    made["to"] = stanza["from"]
    made["type"], made["id"], made["body"] = stanza["type"], stanza["id"], stanza["body"]
    made["chat_state"] = stanza["chat_state"]
    made["request_receipt"] = stanza["request_receipt"]
    delay, other = stanza["delay"], made["delay"]
    other["stamp"], other["from"], other["text"] = delay["stamp"], delay["from"], delay["text"]
    found: Element = made.xml
    return found


def _presence(element: Element) -> Element:
    stanza = NewPresence(xml=element)
    made = NewPresence()
    made["to"], made["show"], made["priority"] = stanza["from"], stanza["show"], stanza["priority"]
    caps, other = stanza["caps"], made["caps"]
    other["hash"], other["node"], other["ver"] = caps["hash"], caps["node"], caps["ver"]
    found: Element = made.xml
    return found


def _disco(element: Element) -> Element:
    stanza = NewIq(xml=element)
    made = NewIq()
    made["to"], made["id"], made["type"] = stanza["from"], stanza["id"], "result"
    info, other = stanza["disco_info"], made["disco_info"]
    other["identities"], other["features"] = info["identities"], info["features"]
    found: Element = made.xml
    return found


def _archive(element: Element) -> Element:
    stanza = NewMessage(xml=element)
    result = stanza["mam_result"]
    forwarded = result["forwarded"]
    inner = forwarded["stanza"]
    made, message = NewMessage(), NewMessage()
    made["to"] = stanza["to"]
    other = made["mam_result"]
    other["id"], other["queryid"] = result["id"], result["queryid"]
    message["to"], message["from"], message["type"] = inner["to"], inner["from"], inner["type"]
    message["id"], message["body"] = inner["id"], inner["body"]
    other["forwarded"]["delay"]["stamp"] = forwarded["delay"]["stamp"]
    other["forwarded"]["stanza"] = message
    found: Element = made.xml
    return found


SLIXMPP: dict[str, Run] = {"message": _message, "presence": _presence, "disco": _disco, "archive": _archive}


def aioxmpp_run(kind: str) -> Callable[[bytes], bytes] | None:
    """What reads octets and writes them again with aioxmpp; None if it is not installed."""
    try:
        import aioxmpp
        import aioxmpp.chatstates
        import aioxmpp.disco.xso
        import aioxmpp.entitycaps.xso
        import aioxmpp.mdr.xso
        import aioxmpp.misc
        import aioxmpp.xml
        from aioxmpp import xso
    except ImportError:
        return None
    kinds = {"message": aioxmpp.Message, "presence": aioxmpp.Presence, "archive": aioxmpp.Message}
    stanza_class: Any = kinds.get(kind, aioxmpp.IQ)
    if kind == "archive" and not hasattr(aioxmpp.Message, "archive_result"):

        class ArchiveResult(xso.XSO):  # type: ignore[misc]
            TAG = ("urn:xmpp:mam:2", "result")
            id_ = xso.Attr("id")
            queryid = xso.Attr("queryid", default=None)
            forwarded = xso.Child([aioxmpp.misc.Forwarded])

        aioxmpp.Message.archive_result = xso.Child([ArchiveResult])

    def run(octets: bytes) -> bytes:
        stanza = aioxmpp.xml.read_single_xso(io.BytesIO(octets), stanza_class)
        written: bytes = aioxmpp.xml.serialize_single_xso(stanza).encode()
        return written

    return run
