"""XEP-0047: in-band bytestreams."""

from __future__ import annotations

from payload_shapes import both_ways, refused

from xmpp_core.stanza.payloads.bytestreams_in_band import Carrier, IbbClose, IbbData, IbbOpen, chunks, following

NS = "http://jabber.org/protocol/ibb"


def test_opened_used_and_closed() -> None:
    """Sections 2.1 to 2.3, examples 1, 6 and 8."""
    both_ways(
        f"<open xmlns='{NS}' block-size='4096' sid='i781hf64' stanza='iq'/>",
        IbbOpen("i781hf64", 4096),
        written=f"<open xmlns='{NS}' block-size='4096' sid='i781hf64'/>",
    )
    both_ways(f"<open xmlns='{NS}' block-size='1' sid='a' stanza='message'/>", IbbOpen("a", 1, Carrier.MESSAGE))
    both_ways(
        f"<data xmlns='{NS}' seq='0' sid='i781hf64'>\n  qANQR1DBwU4D\n  X7jmYQ==\n</data>",
        IbbData("i781hf64", 0, bytes.fromhex("a803504750c1c14e035fb8e661")),
        written=f"<data xmlns='{NS}' seq='0' sid='i781hf64'>qANQR1DBwU4DX7jmYQ==</data>",
    )
    both_ways(f"<close xmlns='{NS}' sid='i781hf64'/>", IbbClose("i781hf64"))
    for wrong, path in (
        ("block-size='0' sid='a'", "open/@block-size"),
        ("block-size='65536' sid='a'", "open/@block-size"),
        ("block-size='1' sid='a b'", "open/@sid"),
    ):
        refused(IbbOpen, f"<open xmlns='{NS}' {wrong}/>", path)
    refused(IbbData, f"<data xmlns='{NS}' seq='65536' sid='a'/>", "data/@seq")
    refused(IbbData, f"<data xmlns='{NS}' seq='0' sid='a'>a=bc</data>", "data/text()")


def test_cut_into_pieces() -> None:
    """Section 2.2: no piece is larger than agreed, and after 65535 comes 0."""
    pieces = list(chunks(IbbOpen("a", 4), b"0123456789", 65534))
    assert [(one.seq, one.data) for one in pieces] == [(65534, b"0123"), (65535, b"4567"), (0, b"89")]
    assert list(chunks(IbbOpen("a", 4), b"")) == []
    assert following(0) == 1
