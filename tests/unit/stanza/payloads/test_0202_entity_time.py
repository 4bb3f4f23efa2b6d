"""XEP-0202: what time it is at another entity."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from payload_shapes import both_ways, refused

from xmpp_core import PayloadError
from xmpp_core.stanza.payloads.entity_time import EntityTime

ANSWER = "<time xmlns='urn:xmpp:time'><tzo>-06:00</tzo><utc>2006-12-19T17:58:35Z</utc></time>"


@pytest.mark.feature("X-0202")
def test_section_3_asked_and_answered() -> None:
    """Examples 1 and 2."""
    both_ways("<time xmlns='urn:xmpp:time'/>", EntityTime())
    moment = datetime(2006, 12, 19, 11, 58, 35, tzinfo=timezone(timedelta(hours=-6)))
    read = both_ways(ANSWER, EntityTime.of(moment))
    assert read.utc == datetime(2006, 12, 19, 17, 58, 35, tzinfo=UTC)
    assert read.tzo == timedelta(hours=-6)
    assert read.local is not None
    assert read.local.isoformat() == "2006-12-19T11:58:35-06:00"
    assert EntityTime().local is None


@pytest.mark.feature("X-0202")
def test_section_2_both_or_neither() -> None:
    refused(EntityTime, "<time xmlns='urn:xmpp:time'><tzo>-06:00</tzo></time>", "time/utc")
    refused(EntityTime, "<time xmlns='urn:xmpp:time'><utc>2006-12-19T17:58:35Z</utc></time>", "time/tzo")
    refused(EntityTime, ANSWER.replace("-06:00", "CST"), "time/tzo")
    refused(EntityTime, ANSWER.replace("35Z", "35"), "time/utc")
    with pytest.raises(ValueError, match="zone"):
        EntityTime.of(datetime(2006, 12, 19))
    with pytest.raises(PayloadError):
        EntityTime.of(datetime(2006, 12, 19, tzinfo=timezone(timedelta(seconds=1))))


@pytest.mark.feature("X-0202")
@given(
    st.datetimes(datetime(1970, 1, 2), datetime(9990, 1, 1)),
    st.integers(-840, 840).map(lambda minutes: timezone(timedelta(minutes=minutes))),
)
def test_the_local_time_comes_back(moment: datetime, zone: timezone) -> None:
    given_ = moment.replace(tzinfo=zone)
    local = EntityTime.of(given_).local
    assert local is not None
    assert (local, local.utcoffset()) == (given_, given_.utcoffset())
