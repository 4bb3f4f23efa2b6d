"""XEP-0065: SOCKS5 bytestreams."""

from __future__ import annotations

from payload_shapes import both_ways, refused

from xmpp_core import JID
from xmpp_core.stanza.payloads.bytestreams_socks5 import Bytestream, Mode, StreamHost, UdpSuccess, destination

NS = "http://jabber.org/protocol/bytestreams"
REQUESTER, TARGET = JID("requester@example.com/foo"), JID("room@conference.example.net/Tget")


def test_offered_used_and_activated() -> None:
    """Sections 4 to 8."""
    both_ways(f"<query xmlns='{NS}'/>", Bytestream())
    both_ways(
        f"""<query xmlns='{NS}' sid='vxf9n471bn46' mode='tcp'>
        <streamhost host='192.168.4.1' jid='requester@example.com/foo' port='5086'/>
        <streamhost host='24.24.24.1' jid='streamer.example.com'/></query>""",
        Bytestream(
            "vxf9n471bn46",
            hosts=(
                StreamHost(REQUESTER, "192.168.4.1", 5086),
                StreamHost(JID("streamer.example.com"), "24.24.24.1", 1080),
            ),
        ),
        written=f"""<query xmlns='{NS}' sid='vxf9n471bn46'>
        <streamhost host='192.168.4.1' jid='requester@example.com/foo' port='5086'/>
        <streamhost host='24.24.24.1' jid='streamer.example.com'/></query>""",
    )
    both_ways(
        f"<query xmlns='{NS}' sid='a'><streamhost-used jid='streamer.example.com'/></query>",
        Bytestream("a", used=JID("streamer.example.com")),
    )
    both_ways(
        f"<query xmlns='{NS}' sid='a' mode='udp'><activate>target@example.org/bar</activate></query>",
        Bytestream("a", Mode.UDP, activate=JID("target@example.org/bar")),
    )
    both_ways(f"<udpsuccess xmlns='{NS}' dstaddr='416781ed'/>", UdpSuccess("416781ed"))
    refused(
        Bytestream,
        f"<query xmlns='{NS}' sid='a'><streamhost-used jid='a.example'/><activate>b.example</activate></query>",
        "query",
    )
    refused(
        Bytestream, f"<query xmlns='{NS}'><streamhost jid='a.b' host='a' port='x'/></query>", "query/streamhost/@port"
    )


def test_the_destination() -> None:
    """Section 7, example 25: the hash is that of the example."""
    assert destination("yia72g3v49j7", REQUESTER, TARGET) == "416781edf1ae50bad01cb8509ba35b43952bc345"
    assert destination("yia72g3v49j7", TARGET, REQUESTER) != destination("yia72g3v49j7", REQUESTER, TARGET)
