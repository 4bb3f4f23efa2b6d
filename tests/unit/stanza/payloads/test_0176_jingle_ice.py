"""XEP-0176: ICE-UDP as a transport of Jingle."""

from __future__ import annotations

import pytest
from payload_shapes import both_ways, element, refused

from xmpp_core.stanza.payload import decode
from xmpp_core.stanza.payloads.jingle import JingleContent
from xmpp_core.stanza.payloads.jingle_ice import CandidateType, IceCandidate, IceTransport, RemoteCandidate

NS = "urn:xmpp:jingle:transports:ice-udp:1"
SECRETS = "pwd='asd88fgpdd777uzjYhagZg' ufrag='8hhy'"
CANDIDATE = "component='1' foundation='1' ip='10.0.1.1' port='8998' priority='2130706431' protocol='udp' type='host'"


def transport(*candidates: IceCandidate, remote: RemoteCandidate | None = None) -> IceTransport:
    return IceTransport(candidates, pwd="asd88fgpdd777uzjYhagZg", ufrag="8hhy", remote=remote)


def test_candidates() -> None:
    """Section 5.2, example 1."""
    text = f"""<transport xmlns='{NS}' {SECRETS}>
        <candidate {CANDIDATE} generation='0' id='el0747fg11' network='1'/>
        <candidate component='1' foundation='2' generation='0' id='y3s2b30v3r' ip='192.0.2.3' network='1' port='45664'
          priority='1694498815' protocol='udp' rel-addr='10.0.1.1' rel-port='8998' type='srflx'/></transport>"""
    value = transport(
        IceCandidate(
            1, "1", "10.0.1.1", 8998, 2130706431, CandidateType.HOST, generation=0, id="el0747fg11", network=1
        ),
        IceCandidate(
            1, "2", "192.0.2.3", 45664, 1694498815, CandidateType.SERVER_REFLEXIVE, generation=0, id="y3s2b30v3r",
            network=1, rel_addr="10.0.1.1", rel_port=8998,
        ),
    )  # fmt: skip
    both_ways(text, value)
    content = decode(
        JingleContent, element(f"<content xmlns='urn:xmpp:jingle:1' creator='initiator' name='a'>{text}</content>")
    )
    part = content.part("transport")
    assert part is not None
    assert decode(IceTransport, part) == value


def test_the_candidate_that_is_used() -> None:
    """Section 5.7."""
    both_ways(
        f"""<transport xmlns='{NS}' {SECRETS}>
        <remote-candidate component='1' ip='10.0.1.2' port='9001'/></transport>""",
        transport(remote=RemoteCandidate(1, "10.0.1.2", 9001)),
    )


def test_what_may_be_left_out() -> None:
    """Sections 5.2 and 5.3: the candidates may follow, and of one the interface need not be told."""
    both_ways(f"<transport xmlns='{NS}'/>", IceTransport())
    both_ways(
        f"<candidate xmlns='{NS}' {CANDIDATE}/>",
        IceCandidate(1, "1", "10.0.1.1", 8998, 2130706431, CandidateType.HOST),
    )


@pytest.mark.parametrize(
    ("attributes", "inside", "path"),
    [
        ("pwd=''", f"<candidate {CANDIDATE}/>", "transport/@pwd"),
        (SECRETS, f"<candidate {CANDIDATE.replace('host', 'guest')}/>", "transport/candidate/@type"),
        (SECRETS, f"<candidate {CANDIDATE.replace('8998', '65536')}/>", "transport/candidate/@port"),
        (SECRETS, f"<candidate {CANDIDATE.replace('2130706431', '0')}/>", "transport/candidate/@priority"),
        (
            SECRETS,
            f"<candidate {CANDIDATE}/><remote-candidate component='1' ip='10.0.1.2' port='9001'/>",
            "transport/remote-candidate",
        ),
    ],
)
def test_what_is_no_transport(attributes: str, inside: str, path: str) -> None:
    """Section 5.3, and the schema."""
    refused(IceTransport, f"<transport xmlns='{NS}' {attributes}>{inside}</transport>", path)
