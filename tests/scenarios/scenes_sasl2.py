"""SASL2 on both sides, what it carries and what breaks it: heard in any pieces, the same comes of it."""

from __future__ import annotations

from functools import partial
from typing import Any

from sasl2_stages import (
    CLIENT_TLS,
    HEADER,
    HT,
    NS,
    SERVER_HEADER,
    SERVER_TLS,
    client_config,
    flights,
    plain,
    server_answers,
    server_config,
)

from xmpp_core.features.fast import Fast
from xmpp_core.testing.scenario import Eof, Receive, Scenario

__all__ = ["SCENARIOS"]

_CLIENT: dict[str, Any] = {"fast": Fast(), "bind_tag": "tag"}
_SERVER: dict[str, Any] = {"fast": HT, "pipelining": True}
_END = Receive(b"</stream:stream>")
_REQUEST = f"<request-token xmlns='urn:xmpp:fast:0' mechanism='{HT[1]}'/>"
_BIND = "<bind xmlns='urn:xmpp:bind:0'><tag>tag</tag></bind>"


def _client(name: str, *acts: Any) -> Scenario:
    return Scenario(f"client, SASL2: {name}", partial(client_config, **_CLIENT), acts, tls=CLIENT_TLS)


def _server(name: str, *elements: str | Eof) -> Scenario:
    acts = tuple(Receive(one.encode()) if isinstance(one, str) else one for one in elements)
    given = server_answers()
    return Scenario(
        f"server, SASL2: {name}", partial(server_config, **_SERVER), (Receive(HEADER), *acts), given, tls=SERVER_TLS
    )


def _scenes() -> list[Scenario]:
    who, what = flights(client_config(**_CLIENT), server_config(**_SERVER), server_answers())
    said = [Receive(octets) for name, octets in zip(who, what, strict=True) if name == "server"]
    heard = [octets.decode() for name, octets in zip(who, what, strict=True) if name == "client"]
    features = said[0]
    message = Receive(b"<message><body>after</body></message>")
    found = [
        _client("a whole login", *said, message, _END),
        _client("in one go", Receive(b"".join(one.data for one in said) + message.data)),
        _client("cut off amid success", *said[:-1], Receive(said[-1].data[:-40]), Eof()),
        _client("white space in the data", features, Receive(f"<challenge {NS}>\n YQ== \n</challenge>".encode()), _END),
        _client("features in place of success", features, features, _END),
        _client("a restart that is none", *said[:-1], Receive(SERVER_HEADER), _END),
        _server("a whole login", *heard[1:], "<message to='a@b'/>", "</stream:stream>"),
        _server(
            "header and password in one flight", plain(_BIND, _REQUEST) + "<iq type='get' id='1'><a xmlns='b'/></iq>"
        ),
        _server("an abort", heard[1] + f"<abort {NS}/>" + plain(_BIND), "</stream:stream>"),
        _server("another element amid the exchange", heard[1], "<x xmlns='y'/>"),
        _server("a second authentication amid the exchange", heard[1], plain()),
        _server("the transport ends amid the exchange", heard[1], Eof()),
    ]
    for condition in ("not-authorized", "temporary-auth-failure", "mechanism-too-weak"):
        failure = f"<failure {NS}><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/><text>no</text></failure>"
        found.append(_client(f"a failure, {condition}", features, Receive(failure.encode()), _END))
    return found


SCENARIOS = tuple(_scenes())
