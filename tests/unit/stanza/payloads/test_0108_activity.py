"""XEP-0108: activity."""

from __future__ import annotations

from xml.etree.ElementTree import fromstring

import pytest
from payload_shapes import both_ways, refused

from xmpp_core.stanza.payloads.activity import Activity, Doing, General, Specific, SpecificDoing


@pytest.mark.feature("X-0108")
def test_section_2_1_an_activity() -> None:
    both_ways(
        """
        <activity xmlns='http://jabber.org/protocol/activity'>
          <relaxing><partying/></relaxing>
          <text xml:lang='en'>My nurse&apos;s birthday!</text>
        </activity>
        """,
        Activity(Doing(General.RELAXING, SpecificDoing(Specific.PARTYING)), {"en": "My nurse's birthday!"}),
    )
    both_ways(
        "<activity xmlns='http://jabber.org/protocol/activity'><working><coding/></working><text>x</text></activity>",
        Activity.of(General.WORKING, Specific.CODING, "x"),
    )
    both_ways("<activity xmlns='http://jabber.org/protocol/activity'><eating/></activity>", Activity.of(General.EATING))
    both_ways("<activity xmlns='http://jabber.org/protocol/activity'/>", Activity())


@pytest.mark.feature("X-0108")
def test_section_2_1_activities_of_others() -> None:
    both_ways(
        """
        <activity xmlns='http://jabber.org/protocol/activity'>
          <relaxing><tanning xmlns='http://www.ilovetanning.info'/></relaxing>
        </activity>
        """,
        Activity(Doing(General.RELAXING, special=fromstring("<tanning xmlns='http://www.ilovetanning.info'/>"))),
    )
    states = "<hibernating xmlns='http://www.ursus.info/states'/>"
    sleeping = SpecificDoing(Specific.SLEEPING, fromstring(states))
    both_ways(
        f"""
        <activity xmlns='http://jabber.org/protocol/activity'>
          <inactive><sleeping>{states}</sleeping></inactive>
        </activity>
        """,
        Activity(Doing(General.INACTIVE, sleeping)),
    )
    refused(
        Doing,
        f"<inactive xmlns='http://jabber.org/protocol/activity'><sleeping/>{states}</inactive>",
        "inactive/*",
    )


@pytest.mark.feature("X-0108")
@pytest.mark.parametrize("general", General)
def test_section_3_any_activity_is_of_any_kind(general: General) -> None:
    for specific in Specific:
        text = f"<{general.value} xmlns='http://jabber.org/protocol/activity'><{specific.value}/></{general.value}>"
        both_ways(text, Doing(general, SpecificDoing(specific)))
