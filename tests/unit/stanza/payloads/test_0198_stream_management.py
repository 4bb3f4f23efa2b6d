"""XEP-0198: the elements of stream management."""

from __future__ import annotations

import pytest
from payload_shapes import both_ways, element, refused

from xmpp_core.stanza.payload import decode
from xmpp_core.stanza.payloads.stream_management import (
    MODULUS,
    SmAnswer,
    SmEnable,
    SmEnabled,
    SmFailed,
    SmFeature,
    SmHandledTooMany,
    SmRequest,
    SmResume,
    SmResumed,
    newly_handled,
)


@pytest.mark.feature("SM-01", "SM-02")
def test_begun() -> None:
    """Sections 2, 3 and 5, examples 1 to 4, 8 to 11."""
    both_ways("<sm xmlns='urn:xmpp:sm:3'/>", SmFeature())
    both_ways("<enable xmlns='urn:xmpp:sm:3'/>", SmEnable())
    both_ways(
        "<enable xmlns='urn:xmpp:sm:3' resume='1' max='300'/>",
        SmEnable(resume=True, max=300),
        written="<enable xmlns='urn:xmpp:sm:3' resume='true' max='300'/>",
    )
    assert not both_ways("<enabled xmlns='urn:xmpp:sm:3'/>", SmEnabled()).resumable
    assert not both_ways(
        "<enabled xmlns='urn:xmpp:sm:3' id='some-long-sm-id'/>", SmEnabled(id="some-long-sm-id")
    ).resumable
    assert both_ways(
        """<enabled xmlns='urn:xmpp:sm:3' id='some-long-sm-id' location='[2001:41D0:1:A49b::1]:9222'
        resume='true' max='600'/>""",
        SmEnabled(True, "some-long-sm-id", 600, "[2001:41D0:1:A49b::1]:9222"),
    ).resumable
    assert not SmEnabled(resume=True).resumable
    refused(SmEnable, "<enable xmlns='urn:xmpp:sm:3' max='0'/>", "enable/@max")


@pytest.mark.feature("SM-01")
def test_asked_and_said() -> None:
    """Section 4, example 7."""
    both_ways("<r xmlns='urn:xmpp:sm:3'/>", SmRequest())
    both_ways("<a xmlns='urn:xmpp:sm:3' h='1'/>", SmAnswer(1))
    both_ways("<a xmlns='urn:xmpp:sm:3' h='4294967295'/>", SmAnswer(MODULUS - 1))
    for h in ("", " h='-1'", " h='4294967296'", " h='x'"):
        refused(SmAnswer, f"<a xmlns='urn:xmpp:sm:3'{h}/>", "a/@h")


@pytest.mark.feature("SM-02")
def test_resumed_or_not() -> None:
    """Sections 5 and 6, examples 5 and 12 to 17."""
    both_ways("<resume xmlns='urn:xmpp:sm:3' h='7' previd='some-long-sm-id'/>", SmResume("some-long-sm-id", 7))
    both_ways("<resumed xmlns='urn:xmpp:sm:3' h='7' previd='some-long-sm-id'/>", SmResumed("some-long-sm-id", 7))
    condition = "<item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
    failed = both_ways(f"<failed xmlns='urn:xmpp:sm:3' h='5'>{condition}</failed>", SmFailed.of("item-not-found", 5))
    assert failed.condition == "item-not-found"
    assert both_ways("<failed xmlns='urn:xmpp:sm:3'/>", SmFailed()).condition is None
    text = "<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>No.</text>"
    assert SmFailed(None, SmFailed.of("conflict").details).condition == "conflict"
    worded = decode(SmFailed, element(f"<failed xmlns='urn:xmpp:sm:3'>{text}{condition}</failed>"))
    assert worded.condition == "item-not-found"
    with pytest.raises(ValueError, match="condition"):
        SmFailed.of("no-such-thing")
    both_ways("<handled-count-too-high xmlns='urn:xmpp:sm:3' h='10' send-count='8'/>", SmHandledTooMany(10, 8))


@pytest.mark.feature("SM-01")
@pytest.mark.parametrize(
    ("h", "before", "waiting", "count"),
    [
        (3, 0, 5, 3),
        (5, 0, 5, 5),
        (6, 0, 5, None),  # more than was sent (section 6)
        (0, 0, 5, 0),
        (2, MODULUS - 3, 5, 5),  # past the end (section 4)
        (MODULUS - 1, MODULUS - 3, 5, 2),
        (4, 5, 5, None),  # less than before
        (0, MODULUS - 1, 0, None),
    ],
)
def test_how_many_are_handled_now(h: int, before: int, waiting: int, count: int | None) -> None:
    assert newly_handled(h, before, waiting) == count
