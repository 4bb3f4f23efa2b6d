"""What happens in streams that are open, or on the way: traffic, faults of stanzas, ends of every kind."""

from __future__ import annotations

from stages import scenario, stages

import xmpp_core as xmpp
from xmpp_core.stream.conditions import CONDITIONS
from xmpp_core.testing.scenario import Call, Eof, Receive, Scenario, Wait

__all__ = ["SCENARIOS"]

_STAGES = {stage.name: stage for stage in stages()}
_TRAFFIC = Receive(
    b"<message from='juliet@example.com/balcony' to='romeo@example.net' type='chat' id='1'><body>a &lt; b</body>"
    b"<x xmlns='urn:x'><message/>tail</x></message> \n"
    b"<presence/><presence type='unavailable'><show>away</show></presence>"
    b"<iq type='get' id='2' to='example.com'><ping xmlns='urn:xmpp:ping'/></iq><iq type='result' id='3'/>"
    b"<iq type='error' id='4'><error type='cancel'><gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
    b"<message xml:lang='en'><body>\xe4\xbd\xa0\xf0\x9f\x98\x80</body><![CDATA[</message>]]></message>"
)
_FAULTY = Receive(
    b"<iq type='get'><q xmlns='u'/></iq><iq type='get' id='1'/><iq id='1'/><iq type='set' id='1'><a/><b/></iq>"
    b"<message to='@'/><presence type='x'/><message type='error'/><iq type='result' id='1'><a/><b/></iq><message/>"
)


def _error(condition: str) -> Receive:
    return Receive(
        f"<stream:error><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
        "<text xmlns='urn:ietf:params:xml:ns:xmpp-streams' xml:lang='en'>words</text>"
        "<app xmlns='urn:app'/></stream:error></stream:stream>".encode()
    )


def _sessions() -> list[Scenario]:
    close = Call(lambda conn: conn.close())
    end = Receive(b"</stream:stream>")
    found = []
    for name in ("client, open", "server, open"):
        stage = _STAGES[name]
        for what, acts in {
            "traffic": (_TRAFFIC,),
            "traffic and the peer closes": (_TRAFFIC, end, Receive(b"<message/>")),
            "we close amid traffic": (close, _TRAFFIC, end),
            "faulty stanzas": (_FAULTY,),
            "faulty stanzas after we closed": (close, _FAULTY, end),
            "keepalives": (Receive(b" \n\t "), Wait(700.0), Receive(b" "), _TRAFFIC),
            "end of the transport": (_TRAFFIC, Eof()),
            "cut short": (Receive(_TRAFFIC.data[:-30]), Eof()),
            "violation after we closed": (close, Receive(b"<!-- -->"), end),
            "we send between": (
                _TRAFFIC,
                Call(lambda conn: conn.send(xmpp.Message(to="romeo@example.net", body="x"))),
                _TRAFFIC,
                end,
            ),
        }.items():
            found.append(scenario(stage, *acts, name=what))
    for condition in sorted(set(CONDITIONS) - {"see-other-host"}):
        found.append(scenario(_STAGES["client, open"], _error(condition), name=f"the peer sends {condition}"))
    for stage in stages():
        found.append(scenario(stage, Eof(), name="the transport ends"))
        found.append(scenario(stage, Wait(1000.0), name="silence"))
    return found


SCENARIOS = tuple(_sessions())
