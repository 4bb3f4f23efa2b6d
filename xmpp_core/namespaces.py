"""Namespace names of the core specifications."""

from __future__ import annotations

from typing import Final

STREAM: Final = "http://etherx.jabber.org/streams"
CLIENT: Final = "jabber:client"
SERVER: Final = "jabber:server"
COMPONENT: Final = "jabber:component:accept"
STREAM_ERRORS: Final = "urn:ietf:params:xml:ns:xmpp-streams"
TLS: Final = "urn:ietf:params:xml:ns:xmpp-tls"
SASL: Final = "urn:ietf:params:xml:ns:xmpp-sasl"
SASL_CHANNEL_BINDING: Final = "urn:xmpp:sasl-cb:0"
BIND: Final = "urn:ietf:params:xml:ns:xmpp-bind"
SESSION: Final = "urn:ietf:params:xml:ns:xmpp-session"
STANZA_ERRORS: Final = "urn:ietf:params:xml:ns:xmpp-stanzas"
STREAM_LIMITS: Final = "urn:xmpp:stream-limits:0"
PING: Final = "urn:xmpp:ping"
XML: Final = "http://www.w3.org/XML/1998/namespace"
XML_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"
ROSTER: Final = "jabber:iq:roster"
DISCO_INFO: Final = "http://jabber.org/protocol/disco#info"
DISCO_ITEMS: Final = "http://jabber.org/protocol/disco#items"
VERSION: Final = "jabber:iq:version"
TIME: Final = "urn:xmpp:time"
