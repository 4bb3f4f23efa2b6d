"""XEP-0363: HTTP file upload."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from payload_shapes import both_ways, refused

from xmpp_core.stanza.application_conditions import APPLICATION_CONDITIONS
from xmpp_core.stanza.payloads.disco import DiscoInfo
from xmpp_core.stanza.payloads.disco_extensions import extended
from xmpp_core.stanza.payloads.upload import (
    NAMESPACE,
    PURPOSES,
    FileTooLarge,
    Purpose,
    UploadHeader,
    UploadPurpose,
    UploadPut,
    UploadRequest,
    UploadRetry,
    UploadSlot,
    max_file_size,
    purposes,
)

PUT = "https://upload.montague.tld/4a771ac1-f0b2-4a4a-9700-f2a26fa2bb67/tr%C3%A8s%20cool.jpg"
GET = "https://download.montague.tld/4a771ac1-f0b2-4a4a-9700-f2a26fa2bb67/tr%C3%A8s%20cool.jpg"


@pytest.mark.feature("X-0363")
def test_a_slot() -> None:
    """Section 4, examples 5 and 6."""
    both_ways(
        """<request xmlns='urn:xmpp:http:upload:0' filename='très cool.jpg' size='23456'
        content-type='image/jpeg'/>""",
        UploadRequest("très cool.jpg", 23456, "image/jpeg"),
    )
    slot = both_ways(
        f"""<slot xmlns='urn:xmpp:http:upload:0'><put url='{PUT}'>
          <header name='Authorization'>Basic Base64String==</header>
          <header name='Cookie'>foo=bar; user=romeo</header>
        </put><get url='{GET}'/></slot>""",
        UploadSlot(
            UploadPut(
                PUT,
                (
                    UploadHeader("Authorization", "Basic Base64String=="),
                    UploadHeader("Cookie", "foo=bar; user=romeo"),
                ),
            ),
            GET,
        ),
    )
    assert slot.secure
    assert not UploadSlot(UploadPut(PUT), "http://download.montague.tld/a").secure
    assert not UploadSlot(UploadPut("http://a.example/a"), GET).secure
    refused(UploadRequest, "<request xmlns='urn:xmpp:http:upload:0' filename='a' size='0'/>", "request/@size")
    refused(UploadSlot, f"<slot xmlns='urn:xmpp:http:upload:0'><put url='{PUT}'/></slot>", "slot/get")


@pytest.mark.feature("X-0363")
def test_no_other_headers_are_sent() -> None:
    """Section 4: three names in any case, their order kept, no line breaks with which another could be put in."""
    put = UploadPut(
        PUT,
        (
            UploadHeader("Host", "evil.example"),
            UploadHeader("cOOKIE", "a=b"),
            UploadHeader("Expires", "0\r\nHost: evil.example"),
            UploadHeader("Auth\norization", "Basic\n x"),
            UploadHeader("Cookie", "c=d"),
            UploadHeader("Cookie: a=b\r\nHost", "x"),
            UploadHeader(" Cookie", "x"),
            UploadHeader("Content-Type", "text/html"),
        ),
    )
    assert put.allowed == (
        ("cOOKIE", "a=b"),
        ("Expires", "0Host: evil.example"),
        ("Authorization", "Basic x"),
        ("Cookie", "c=d"),
    )


@pytest.mark.feature("X-0363")
def test_what_a_file_is_for() -> None:
    """Section 5, examples 7 to 10."""
    both_ways(
        """<request xmlns='urn:xmpp:http:upload:0' filename='eiffel-tower-status-picture.jpg' size='100'
        content-type='image/jpeg'><ephemeral xmlns='urn:xmpp:http:upload:purpose:0'
        expire-before='2025-09-10T23:08:25Z'/></request>""",
        UploadRequest(
            "eiffel-tower-status-picture.jpg",
            100,
            "image/jpeg",
            UploadPurpose(Purpose.EPHEMERAL, datetime(2025, 9, 10, 23, 8, 25, tzinfo=UTC)),
        ),
    )
    for one in (Purpose.MESSAGE, Purpose.PROFILE, Purpose.PERMANENT):
        both_ways(f"<{one.value} xmlns='urn:xmpp:http:upload:purpose:0'/>", UploadPurpose(one))
    refused(UploadPurpose, "<ephemeral xmlns='urn:xmpp:http:upload:purpose:0'/>", "ephemeral/@expire-before")
    info = DiscoInfo(features=(f"{PURPOSES}#profile", f"{PURPOSES}#unheard-of"))
    assert purposes(info) == {Purpose.MESSAGE, Purpose.PROFILE}


@pytest.mark.feature("X-0363", "STZ-04")
def test_errors() -> None:
    """Section 6, examples 11 and 12."""
    both_ways(
        "<file-too-large xmlns='urn:xmpp:http:upload:0'><max-file-size>20000</max-file-size></file-too-large>",
        FileTooLarge(20000),
    )
    both_ways("<file-too-large xmlns='urn:xmpp:http:upload:0'/>", FileTooLarge())
    both_ways(
        "<retry xmlns='urn:xmpp:http:upload:0' stamp='2017-12-03T23:42:05Z'/>",
        UploadRetry(datetime(2017, 12, 3, 23, 42, 5, tzinfo=UTC)),
    )
    assert APPLICATION_CONDITIONS[NAMESPACE][0] == {"file-too-large", "retry"}


@pytest.mark.feature("X-0363", "X-0128")
def test_what_a_service_takes() -> None:
    """Section 3, example 4."""
    assert max_file_size(extended(DiscoInfo(), NAMESPACE, {"max-file-size": 5242880})) == 5242880
    for other in (DiscoInfo(), extended(DiscoInfo(), NAMESPACE, {"max-file-size": "much"})):
        assert max_file_size(other) is None
