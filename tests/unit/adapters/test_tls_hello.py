"""Whether the extended master secret (RFC 7627) was agreed on, read from what a TLS 1.2 server sends."""

from __future__ import annotations

import pytest

from xmpp_core.adapters.tls_hello import ServerHello
from xmpp_core.testing.chunking import by_octet, chunkers, whole

EMS = (23, b"")
OTHERS = ((65281, b"\0"), (11, b"\x03\0\x01\x02"))


def hello(*extensions: tuple[int, bytes], session: bytes = b"s" * 32, bare: bool = False) -> bytes:
    """A ServerHello message (RFC 5246 section 7.4.1.3)."""
    listed = b"".join(kind.to_bytes(2, "big") + len(data).to_bytes(2, "big") + data for kind, data in extensions)
    body = b"\x03\x03" + bytes(32) + bytes([len(session)]) + session + b"\xc0\x2b\0"
    body += b"" if bare else len(listed).to_bytes(2, "big") + listed
    return b"\x02" + len(body).to_bytes(3, "big") + body


def records(message: bytes, size: int = 16384) -> bytes:
    pieces = [message[place : place + size] for place in range(0, len(message), size)]
    return b"".join(b"\x16\x03\x03" + len(one).to_bytes(2, "big") + one for one in pieces)


@pytest.mark.feature("TLS-06")
@pytest.mark.parametrize(
    ("message", "found"),
    [
        (hello(EMS), True),
        (hello(*OTHERS, EMS), True),
        (hello(EMS, *OTHERS), True),
        (hello(*OTHERS), False),
        (hello((65281, b"\0\x17\0\0")), False),
        (hello(EMS, session=b""), True),
        (hello(bare=True), False),
        (hello(), False),
    ],
)
def test_the_extension_is_found_at_any_chunking(message: bytes, found: bool) -> None:
    for size in (16384, 50, 7, 1):
        octets = records(message, size) + records(b"\x0b\0\0\x03\0\0\0")
        for _, chunker in chunkers(len(octets), random=5, splits=20):
            reader = ServerHello()
            for piece in chunker(octets):
                reader.take(piece)
            assert reader.extended_master_secret is found


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        records(hello(EMS))[:-1],
        b"\x15\x03\x03\0\x02\x02\x28",
        b"<stream:stream>" * 5,
        records(b"\x0b" + hello(EMS)[1:]),
        records(b"\x02\0\0\x05" + bytes(5)),
        records(hello((23, b""), (11, b"abc"))[:-5] + b"\xff\xff\xff\xff\xff"),
        records(b"\x02\xff\xff\xff" + bytes(9000)),
    ],
)
@pytest.mark.parametrize("chunker", [whole, by_octet])
def test_what_cannot_be_read_tells_nothing(octets: bytes, chunker: object) -> None:
    reader = ServerHello()
    for piece in whole(octets) if chunker is whole else by_octet(octets):
        reader.take(piece)
    assert reader.extended_master_secret is None
    reader.take(b"\xff" * 10000)
    assert len(reader._octets) <= 2 * 4096
