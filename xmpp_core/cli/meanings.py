"""What elements mean and where that is written: one table for everything that explains traffic."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from ..namespaces import (
    BIND,
    CLIENT,
    COMPONENT,
    PING,
    SASL,
    SASL_CHANNEL_BINDING,
    SERVER,
    SESSION,
    STREAM,
    STREAM_LIMITS,
    TLS,
)
from ..xml.names import split

__all__ = ["ELEMENTS", "HEADER", "PAYLOADS", "STREAM_END", "Meaning", "meaning_of", "meaning_of_text", "payload_of"]


@dataclass(frozen=True, slots=True)
class Meaning:
    """What something says, in words, and the section or XEP that defines it."""

    words: str
    section: str


HEADER: Final = Meaning("opens a stream", "RFC 6120 section 4.2")
STREAM_END: Final = Meaning("closes the stream", "RFC 6120 section 4.4")

_SASL2: Final = "urn:xmpp:sasl:2"
_SM: Final = "urn:xmpp:sm:3"
_COMPRESS: Final = "http://jabber.org/protocol/compress"
_DIALBACK: Final = "jabber:server:dialback"
_CSI: Final = "urn:xmpp:csi:0"

# Namespace, local name, words, section.
_ROWS: Final = (
    (STREAM, "features", "offers stream features", "RFC 6120 section 4.3.2"),
    (STREAM, "error", "ends the stream with an error", "RFC 6120 section 4.9"),
    (TLS, "starttls", "asks for TLS", "RFC 6120 section 5.4.2.1"),
    (TLS, "proceed", "agrees to TLS", "RFC 6120 section 5.4.2.3"),
    (TLS, "failure", "refuses TLS", "RFC 6120 section 5.4.2.2"),
    (SASL, "auth", "begins authentication", "RFC 6120 section 6.4.2"),
    (SASL, "challenge", "challenges", "RFC 6120 section 6.4.3"),
    (SASL, "response", "responds to the challenge", "RFC 6120 section 6.4.3"),
    (SASL, "abort", "gives authentication up", "RFC 6120 section 6.4.4"),
    (SASL, "failure", "refuses authentication", "RFC 6120 section 6.4.5"),
    (SASL, "success", "accepts authentication", "RFC 6120 section 6.4.6"),
    (_SASL2, "authenticate", "begins authentication", "XEP-0388"),
    (_SASL2, "challenge", "challenges", "XEP-0388"),
    (_SASL2, "response", "responds to the challenge", "XEP-0388"),
    (_SASL2, "abort", "gives authentication up", "XEP-0388"),
    (_SASL2, "next", "chooses a further task", "XEP-0388"),
    (_SASL2, "continue", "asks for a further task", "XEP-0388"),
    (_SASL2, "failure", "refuses authentication", "XEP-0388"),
    (_SASL2, "success", "accepts authentication", "XEP-0388"),
    (CLIENT, "message", "message", "RFC 6121 section 5"),
    (CLIENT, "presence", "presence", "RFC 6121 section 4"),
    (CLIENT, "iq", "iq", "RFC 6120 section 8.2.3"),
    (_SM, "enable", "asks for stream management", "XEP-0198"),
    (_SM, "enabled", "begins stream management", "XEP-0198"),
    (_SM, "resume", "asks to resume a session", "XEP-0198"),
    (_SM, "resumed", "resumes the session", "XEP-0198"),
    (_SM, "failed", "refuses stream management", "XEP-0198"),
    (_SM, "r", "asks what has arrived", "XEP-0198"),
    (_SM, "a", "tells what has arrived", "XEP-0198"),
    (_CSI, "active", "is in use", "XEP-0352"),
    (_CSI, "inactive", "is not in use", "XEP-0352"),
    (_COMPRESS, "compress", "asks for compression", "XEP-0138"),
    (_COMPRESS, "compressed", "agrees to compression", "XEP-0138"),
    (_COMPRESS, "failure", "refuses compression", "XEP-0138"),
    (_DIALBACK, "result", "proves a domain by dialback, or hears the outcome", "XEP-0220"),
    (_DIALBACK, "verify", "checks a dialback key", "XEP-0220"),
    (COMPONENT, "handshake", "proves the component, or is accepted", "XEP-0114"),
    ("urn:xmpp:bidi", "bidi", "will take stanzas in both directions", "XEP-0288"),
)

ELEMENTS: Final = {f"{{{namespace}}}{name}": Meaning(words, section) for namespace, name, words, section in _ROWS}
"""By Clark name: what stands directly below the stream."""

PAYLOADS: Final = {
    namespace: Meaning(words, section)
    for namespace, words, section in (
        (BIND, "resource binding", "RFC 6120 section 7"),
        (TLS, "STARTTLS", "RFC 6120 section 5"),
        (SASL, "SASL", "RFC 6120 section 6"),
        (SESSION, "session establishment", "RFC 6121 Appendix E"),
        ("jabber:iq:roster", "roster", "RFC 6121 section 2"),
        ("urn:xmpp:features:pre-approval", "subscription pre-approval", "RFC 6121 section 3.4"),
        ("urn:xmpp:features:rosterver", "roster versioning", "RFC 6121 section 2.6"),
        ("jabber:x:data", "Data Forms", "XEP-0004"),
        ("jabber:iq:last", "Last Activity", "XEP-0012"),
        ("jabber:iq:privacy", "Privacy Lists", "XEP-0016"),
        ("http://jabber.org/protocol/disco#info", "Service Discovery", "XEP-0030"),
        ("http://jabber.org/protocol/disco#items", "Service Discovery", "XEP-0030"),
        ("http://jabber.org/protocol/address", "Extended Stanza Addressing", "XEP-0033"),
        ("http://jabber.org/protocol/muc", "Multi-User Chat", "XEP-0045"),
        ("http://jabber.org/protocol/ibb", "In-Band Bytestreams", "XEP-0047"),
        ("storage:bookmarks", "Bookmarks", "XEP-0048"),
        ("jabber:iq:private", "Private XML Storage", "XEP-0049"),
        ("http://jabber.org/protocol/commands", "Ad-Hoc Commands", "XEP-0050"),
        ("vcard-temp", "vcard-temp", "XEP-0054"),
        ("jabber:iq:search", "Jabber Search", "XEP-0055"),
        ("http://jabber.org/protocol/rsm", "Result Set Management", "XEP-0059"),
        ("http://jabber.org/protocol/pubsub", "Publish-Subscribe", "XEP-0060"),
        ("http://jabber.org/protocol/bytestreams", "SOCKS5 Bytestreams", "XEP-0065"),
        ("jabber:x:oob", "Out of Band Data", "XEP-0066"),
        ("jabber:iq:oob", "Out of Band Data", "XEP-0066"),
        ("http://jabber.org/protocol/xhtml-im", "XHTML-IM", "XEP-0071"),
        ("jabber:iq:register", "In-Band Registration", "XEP-0077"),
        ("http://jabber.org/features/iq-register", "In-Band Registration", "XEP-0077"),
        ("jabber:iq:auth", "Non-SASL Authentication", "XEP-0078"),
        ("http://jabber.org/features/iq-auth", "Non-SASL Authentication", "XEP-0078"),
        ("http://jabber.org/protocol/amp", "Advanced Message Processing", "XEP-0079"),
        ("http://jabber.org/features/amp", "Advanced Message Processing", "XEP-0079"),
        ("http://jabber.org/protocol/geoloc", "User Location", "XEP-0080"),
        ("urn:xmpp:avatar:data", "User Avatar", "XEP-0084"),
        ("urn:xmpp:avatar:metadata", "User Avatar", "XEP-0084"),
        ("http://jabber.org/protocol/chatstates", "Chat State Notifications", "XEP-0085"),
        ("jabber:x:delay", "Legacy Delayed Delivery", "XEP-0091"),
        ("jabber:iq:version", "Software Version", "XEP-0092"),
        ("http://jabber.org/protocol/si", "Stream Initiation", "XEP-0095"),
        ("http://jabber.org/protocol/mood", "User Mood", "XEP-0107"),
        ("http://jabber.org/protocol/activity", "User Activity", "XEP-0108"),
        ("http://jabber.org/protocol/caps", "Entity Capabilities", "XEP-0115"),
        ("http://jabber.org/protocol/tune", "User Tune", "XEP-0118"),
        ("http://jabber.org/protocol/shim", "Stanza Headers and Internet Metadata", "XEP-0131"),
        ("http://jabber.org/features/compress", "Stream Compression", "XEP-0138"),
        ("http://jabber.org/protocol/rosterx", "Roster Item Exchange", "XEP-0144"),
        ("vcard-temp:x:update", "vCard-Based Avatars", "XEP-0153"),
        ("urn:xmpp:captcha", "CAPTCHA Forms", "XEP-0158"),
        ("urn:xmpp:jingle:1", "Jingle", "XEP-0166"),
        ("http://jabber.org/protocol/nick", "User Nickname", "XEP-0172"),
        ("urn:xmpp:receipts", "Message Delivery Receipts", "XEP-0184"),
        ("urn:xmpp:blocking", "Blocking Command", "XEP-0191"),
        (_SM, "Stream Management", "XEP-0198"),
        (PING, "XMPP Ping", "XEP-0199"),
        ("urn:xmpp:time", "Entity Time", "XEP-0202"),
        ("urn:xmpp:delay", "Delayed Delivery", "XEP-0203"),
        ("urn:xmpp:extdisco:2", "External Service Discovery", "XEP-0215"),
        ("urn:xmpp:features:dialback", "Server Dialback", "XEP-0220"),
        ("urn:xmpp:attention:0", "Attention", "XEP-0224"),
        ("urn:xmpp:bob", "Bits of Binary", "XEP-0231"),
        ("urn:xmpp:jingle:apps:file-transfer:5", "Jingle File Transfer", "XEP-0234"),
        ("jabber:x:conference", "Direct MUC Invitations", "XEP-0249"),
        ("urn:xmpp:carbons:2", "Message Carbons", "XEP-0280"),
        ("urn:xmpp:features:bidi", "Bidirectional Server-to-Server Connections", "XEP-0288"),
        ("urn:xmpp:forward:0", "Stanza Forwarding", "XEP-0297"),
        ("urn:xmpp:rtt:0", "In-Band Real Time Text", "XEP-0301"),
        ("urn:xmpp:message-correct:0", "Last Message Correction", "XEP-0308"),
        ("urn:xmpp:mam:2", "Message Archive Management", "XEP-0313"),
        ("urn:xmpp:hats:0", "Hats", "XEP-0317"),
        ("urn:xmpp:idle:1", "Last User Interaction in Presence", "XEP-0319"),
        ("urn:xmpp:chat-markers:0", "Displayed Markers", "XEP-0333"),
        ("urn:xmpp:hints", "Message Processing Hints", "XEP-0334"),
        ("urn:xmpp:json:0", "JSON Containers", "XEP-0335"),
        (_CSI, "Client State Indication", "XEP-0352"),
        ("urn:xmpp:jingle-message:0", "Jingle Message Initiation", "XEP-0353"),
        ("urn:xmpp:push:0", "Push Notifications", "XEP-0357"),
        ("urn:xmpp:sid:0", "Unique and Stable Stanza IDs", "XEP-0359"),
        ("urn:xmpp:http:upload:0", "HTTP File Upload", "XEP-0363"),
        ("urn:xmpp:mix:core:1", "Mediated Information eXchange (MIX)", "XEP-0369"),
        ("urn:xmpp:reference:0", "References", "XEP-0372"),
        ("urn:xmpp:openpgp:0", "OpenPGP for XMPP", "XEP-0373"),
        ("urn:xmpp:eme:0", "Explicit Message Encryption", "XEP-0380"),
        ("urn:xmpp:spoiler:0", "Spoiler messages", "XEP-0382"),
        ("urn:xmpp:omemo:2", "OMEMO Encryption", "XEP-0384"),
        ("urn:xmpp:bind:0", "Bind 2", "XEP-0386"),
        (_SASL2, "Extensible SASL Profile", "XEP-0388"),
        ("urn:xmpp:markup:0", "Message Markup", "XEP-0394"),
        ("urn:xmpp:bookmarks:1", "PEP Native Bookmarks", "XEP-0402"),
        ("urn:xmpp:mix:pam:2", "Mediated Information eXchange (MIX): Participant Server Requirements", "XEP-0405"),
        ("urn:xmpp:sce:1", "Stanza Content Encryption", "XEP-0420"),
        ("urn:xmpp:occupant-id:0", "Occupant identifiers for semi-anonymous MUCs", "XEP-0421"),
        ("urn:xmpp:fasten:0", "Message Fastening", "XEP-0422"),
        ("urn:xmpp:message-retract:1", "Message Retraction", "XEP-0424"),
        ("urn:xmpp:message-moderate:1", "Moderated Message Retraction", "XEP-0425"),
        ("urn:xmpp:fallback:0", "Fallback Indication", "XEP-0428"),
        ("urn:xmpp:inbox:1", "Inbox", "XEP-0430"),
        ("urn:xmpp:tm:1", "Trust Messages (TM)", "XEP-0434"),
        ("urn:xmpp:rai:0", "Room Activity Indicators", "XEP-0437"),
        (SASL_CHANNEL_BINDING, "SASL Channel-Binding Type Capability", "XEP-0440"),
        ("urn:xmpp:reactions:0", "Message Reactions", "XEP-0444"),
        ("urn:xmpp:file:metadata:0", "File metadata element", "XEP-0446"),
        ("urn:xmpp:sfs:0", "Stateless file sharing", "XEP-0447"),
        ("urn:xmpp:stickers:0", "Stickers", "XEP-0449"),
        ("urn:xmpp:reply:0", "Message Replies", "XEP-0461"),
        (STREAM_LIMITS, "Stream Limits Advertisement", "XEP-0478"),
        ("urn:xmpp:sasl:upgrade:0", "SASL Upgrade Tasks", "XEP-0480"),
        ("urn:xmpp:fast:0", "Fast Authentication Streamlining Tokens", "XEP-0484"),
        ("urn:xmpp:mds:displayed:0", "Message Displayed Synchronization", "XEP-0490"),
    )
}
"""By namespace: what stanzas carry and features announce. XEPs by their titles."""

_VERSION: Final = re.compile(r":\d+$")
_STEMS: Final = {_VERSION.sub("", name): meaning for name, meaning in PAYLOADS.items() if _VERSION.search(name)}
_NAMED: Final = re.compile(r"<([A-Za-z]+)(?: xmlns='([^']*)')?")


def meaning_of(tag: str) -> Meaning | None:
    """Give what an element directly below the stream means, by its Clark name; stanzas of any content namespace."""
    namespace, name = split(tag)
    return ELEMENTS.get(f"{{{CLIENT}}}{name}" if namespace in (SERVER, COMPONENT) and tag not in ELEMENTS else tag)


def payload_of(tag: str) -> Meaning | None:
    """Give what a payload or feature is, by its Clark name; another version of a known namespace counts too."""
    namespace = split(tag)[0] or ""
    stem = namespace.partition("#")[0]
    return PAYLOADS.get(namespace) or PAYLOADS.get(stem) or _STEMS.get(_VERSION.sub("", stem))


def meaning_of_text(text: str) -> Meaning:
    """Give what one line of a trace means: an element as text, a stream header or its end."""
    if text.startswith("</"):
        return STREAM_END
    if text.startswith(("<?xml", "<stream:stream")):
        return HEADER
    names = [f"{{{found[2]}}}{found[1]}" for found in _NAMED.finditer(text) if found[2]]
    if len(names) > 1 and names[1].startswith(f"{{{BIND}}}") and names[0].endswith("}iq"):
        return PAYLOADS[BIND]
    return (meaning_of(names[0]) if names else None) or Meaning("", "")
