"""XEP-0167: RTP sessions of Jingle."""

from __future__ import annotations

import pytest
from payload_shapes import both_ways, element, refused

from xmpp_core.stanza.payload import decode, encode
from xmpp_core.stanza.payloads.jingle import Jingle, JingleReason, Party, Reason
from xmpp_core.stanza.payloads.jingle_rtp import (
    RtpBandwidth,
    RtpCondition,
    RtpCrypto,
    RtpDescription,
    RtpEncryption,
    RtpError,
    RtpInfo,
    RtpMute,
    RtpMuteState,
    RtpParameter,
    RtpPayloadType,
    RtpState,
    features,
)

NS = "urn:xmpp:jingle:apps:rtp:1"
INFO = "urn:xmpp:jingle:apps:rtp:info:1"
ERRORS = "urn:xmpp:jingle:apps:rtp:errors:1"


def test_encodings() -> None:
    """Section 4, the example of the format."""
    read = both_ways(
        f"""<description xmlns='{NS}' media='audio'>
        <payload-type id='96' name='speex' clockrate='16000'/><payload-type id='18' name='G729'/>
        <payload-type id='103' name='L16' clockrate='16000' channels='2'/><payload-type id='13'/></description>""",
        RtpDescription(
            "audio",
            (
                RtpPayloadType(96, "speex", 16000),
                RtpPayloadType(18, "G729"),
                RtpPayloadType(103, "L16", 16000, 2),
                RtpPayloadType(13),
            ),
        ),
    )
    assert [one.is_dynamic for one in read.payload_types] == [True, False, True, False]
    assert read.profile == "RTP/AVP"


def test_parameters_and_bandwidth() -> None:
    """Sections 6 and 11.4, the examples of Speex and Theora; `rtcp-mux` is of a later version."""
    both_ways(
        f"""<description xmlns='{NS}' media='audio'><payload-type id='96' name='speex' clockrate='16000' ptime='40'>
        <parameter name='vbr' value='on'/><parameter name='cng' value='on'/></payload-type></description>""",
        RtpDescription(
            "audio",
            (
                RtpPayloadType(
                    96, "speex", 16000, ptime=40, parameters=(RtpParameter("vbr", "on"), RtpParameter("cng", "on"))
                ),
            ),
        ),
    )
    both_ways(
        f"""<description xmlns='{NS}' media='video'><payload-type id='32' name='MPV' clockrate='90000'/>
        <bandwidth type='AS'>128</bandwidth><rtcp-mux/></description>""",
        RtpDescription(
            "video", (RtpPayloadType(32, "MPV", 90000),), bandwidth=RtpBandwidth("AS", "128"), rtcp_mux=True
        ),
    )


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("<description/>", "description/@media"),
        ("<description media='audio'><payload-type id='256'/></description>", "description/payload-type/@id"),
        ("<description media='audio'><payload-type id='96'/></description>", "description/payload-type/@name"),
        (
            "<description media='audio'><payload-type id='0' clockrate='-1'/></description>",
            "description/payload-type/@clockrate",
        ),
        (
            "<description media='audio'><payload-type id='0'><parameter name='a'/></payload-type></description>",
            "description/payload-type/parameter/@value",
        ),
    ],
)
def test_what_is_no_description(text: str, path: str) -> None:
    """Sections 4 and 16.1."""
    refused(
        RtpDescription,
        text.replace(" ", f" xmlns='{NS}' ", 1).replace("<description/>", f"<description xmlns='{NS}'/>"),
        path,
    )


def test_encryption() -> None:
    """Section 7."""
    crypto = RtpCrypto(
        "AES_CM_128_HMAC_SHA1_80",
        "inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz|2^20|1:32",
        "1",
        "KDR=1 UNENCRYPTED_SRTCP",
    )
    encryption = both_ways(
        f"""<encryption xmlns='{NS}' required='1'><crypto crypto-suite='AES_CM_128_HMAC_SHA1_80'
        key-params='inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz|2^20|1:32'
        session-params='KDR=1 UNENCRYPTED_SRTCP' tag='1'/></encryption>""",
        RtpEncryption((crypto,), required=True),
    )
    assert RtpDescription("audio", encryption=encryption).profile == "RTP/SAVP"
    refused(RtpCrypto, f"<crypto xmlns='{NS}' crypto-suite='a' tag='1'/>", "crypto/@key-params")


@pytest.mark.parametrize("condition", list(RtpCondition))
def test_a_session_ends_over_its_encryption(condition: RtpCondition) -> None:
    """Section 7, examples 4 and 5: the condition stands among the details of the reason."""
    error = both_ways(f"<{condition.value} xmlns='{ERRORS}'/>", RtpError(condition))
    reason = JingleReason(Reason.SECURITY_ERROR, details=(encode(error),))
    read = decode(
        JingleReason,
        element(f"<reason xmlns='urn:xmpp:jingle:1'><security-error/><{condition.value} xmlns='{ERRORS}'/></reason>"),
    )
    assert read == reason
    assert decode(RtpError, read.details[0]) == error


@pytest.mark.parametrize("state", list(RtpState))
def test_what_a_party_tells(state: RtpState) -> None:
    """Sections 8.1, 8.2 and 8.4."""
    told = both_ways(f"<{state.value} xmlns='{INFO}'/>", RtpInfo(state))
    read = decode(
        Jingle,
        element(
            f"<jingle xmlns='urn:xmpp:jingle:1' action='session-info' sid='a'><{state.value} xmlns='{INFO}'/></jingle>"
        ),
    )
    assert decode(RtpInfo, read.payloads[0]) == told


@pytest.mark.parametrize("state", list(RtpMuteState))
def test_a_party_sends_no_media_or_does_again(state: RtpMuteState) -> None:
    """Section 8.3: of one content, or of all."""
    both_ways(
        f"<{state.value} xmlns='{INFO}' creator='responder' name='voice'/>", RtpMute(state, "voice", Party.RESPONDER)
    )
    both_ways(f"<{state.value} xmlns='{INFO}'/>", RtpMute(state))
    refused(RtpMute, f"<{state.value} xmlns='{INFO}' creator='somebody'/>", f"{state.value}/@creator")


def test_features() -> None:
    """Section 10."""
    assert features() == (NS, "urn:xmpp:jingle:apps:rtp:audio", "urn:xmpp:jingle:apps:rtp:video")
