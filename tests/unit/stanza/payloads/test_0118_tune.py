"""XEP-0118: tune."""

from __future__ import annotations

import pytest
from payload_shapes import both_ways, refused

from xmpp_core.stanza.payloads.tune import Tune

URI = "http://www.yesworld.com/lyrics/Fragile.html#9"


@pytest.mark.feature("X-0118")
def test_section_2_a_tune() -> None:
    """Examples 1 and 3."""
    both_ways(
        f"""
        <tune xmlns='http://jabber.org/protocol/tune'>
          <artist>Yes</artist>
          <length>686</length>
          <rating>8</rating>
          <source>Yessongs</source>
          <title>Heart of the Sunrise</title>
          <track>3</track>
          <uri>{URI}</uri>
        </tune>
        """,
        Tune("Yes", length=686, rating=8, source="Yessongs", title="Heart of the Sunrise", track="3", uri=URI),
    )
    both_ways("<tune xmlns='http://jabber.org/protocol/tune'/>", Tune())


@pytest.mark.feature("X-0118")
def test_section_2_1_all_of_its_parts() -> None:
    both_ways(
        """
        <tune xmlns='http://jabber.org/protocol/tune'>
          <composer>Shostakovich</composer><date>2003-02-15</date><genre>Opera</genre><language>rus</language>
          <lyricist>William Shakespeare</lyricist><performer>Elena Zhidkova</performer>
        </tune>
        """,
        Tune(
            composer="Shostakovich",
            date="2003-02-15",
            genre="Opera",
            language="rus",
            lyricist="William Shakespeare",
            performer="Elena Zhidkova",
        ),
    )
    for name, text in (("rating", "0"), ("rating", "11"), ("length", "65536"), ("length", "long"), ("uri", "here")):
        refused(Tune, f"<tune xmlns='http://jabber.org/protocol/tune'><{name}>{text}</{name}></tune>", f"tune/{name}")
