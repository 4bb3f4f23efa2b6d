"""Stanzas to measure with, the same in every run."""

from __future__ import annotations

import random

HEADER = (
    b"<?xml version='1.0'?><stream:stream from='example.com' id='x' version='1.0' xmlns='jabber:client' "
    b"xmlns:stream='http://etherx.jabber.org/streams'>"
)

_WORDS = ["thou", "art", "not", "romeo", "and", "a", "montague", "neither", "fair", "saint", "if", "either"]


def _senders(count: int) -> list[str]:
    return [f"user{number}@host{number % 37}.example.com/res{number % 11}" for number in range(count)]


def chat(count: int = 1000) -> list[bytes]:
    """Chat messages with a chat state and a request for a receipt, from as many senders."""
    drawn = random.Random(1)
    return [
        (
            f"<message from='{sender}' to='juliet@example.com/balcony' type='chat' id='m{number}'>"
            f"<body>{' '.join(drawn.choices(_WORDS, k=9))}</body><active xmlns='http://jabber.org/protocol/chatstates'/>"
            "<request xmlns='urn:xmpp:receipts'/></message>"
        ).encode()
        for number, sender in enumerate(_senders(count))
    ]


def presence(count: int = 1000) -> list[bytes]:
    """Presence with entity capabilities."""
    return [
        (
            f"<presence from='{sender}' to='juliet@example.com'><show>away</show><priority>5</priority>"
            "<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='https://example.org/client' "
            f"ver='QgayPKawpkPSDYmwT/WM94uA{number:04d}='/></presence>"
        ).encode()
        for number, sender in enumerate(_senders(count))
    ]


def disco(count: int = 1000) -> list[bytes]:
    """Results of service discovery."""
    features = "".join(f"<feature var='urn:xmpp:feature:{number}'/>" for number in range(16))
    return [
        (
            f"<iq from='{sender}' to='juliet@example.com/balcony' type='result' id='d{number}'>"
            "<query xmlns='http://jabber.org/protocol/disco#info'><identity category='client' type='pc' name='x'/>"
            f"{features}</query></iq>"
        ).encode()
        for number, sender in enumerate(_senders(count))
    ]


def mixed(count: int = 1000) -> list[bytes]:
    """Mostly presence and messages, some discovery."""
    drawn = random.Random(2)
    kinds = [chat(count), presence(count), disco(count)]
    return [drawn.choices(kinds, weights=(5, 6, 1))[0][number] for number in range(count)]


CORPORA = {"chat": chat, "presence": presence, "disco": disco, "mixed": mixed}


def pieces(stanzas: list[bytes], size: int = 1448) -> list[bytes]:
    """Cut a stream as a network with this segment size would."""
    data = b"".join(stanzas)
    return [data[place : place + size] for place in range(0, len(data), size)]
