"""XEP-0084: user avatars."""

from __future__ import annotations

import pytest
from payload_shapes import both_ways, element, refused

from xmpp_core.stanza.payload import decode
from xmpp_core.stanza.payloads.avatar import (
    AvatarData,
    AvatarInfo,
    AvatarMetadata,
    AvatarPointer,
    avatar_id,
    no_avatar,
    publish_avatar,
)
from xmpp_core.stanza.payloads.pubsub import Publish

ID = "111f4b3c50d7b0df729d299bc6f8e9ef9066971f"
INFO = f"<info bytes='12345' id='{ID}' height='64' type='image/png' width='64'/>"
START = "<metadata xmlns='urn:xmpp:avatar:metadata'>"


@pytest.mark.feature("X-0084")
def test_what_is_said_of_a_picture() -> None:
    """Sections 3.2 and 5.1: examples 3 and 10, shortened."""
    png = AvatarInfo(ID, 12345, "image/png", 64, 64)
    both_ways(f"{START}{INFO}</metadata>", AvatarMetadata((png,)))
    gif = AvatarInfo(
        "357a8123a30844a3aa99861b6349264ba67a5694", 23456, "image/gif", 64, 64, "http://avatars.example.org/happy.gif"
    )
    read = both_ways(
        f"""{START}
          <info bytes='23456' height='64' id='357a8123a30844a3aa99861b6349264ba67a5694' type='image/gif'
                url='http://avatars.example.org/happy.gif' width='64'/>
          {INFO}
        </metadata>""",
        AvatarMetadata((gif, png)),
    )
    assert read.published == png
    assert AvatarMetadata((gif,)).published is None
    both_ways(f"{START}</metadata>", AvatarMetadata())  # section 3.5: there is none


@pytest.mark.feature("X-0084")
def test_a_picture_elsewhere() -> None:
    """Section 5.2, example 11."""
    inside = "<x xmlns='http://example.com/virtualworlds'><game>Ancapistan</game></x>"
    both_ways(
        f"{START}{INFO}<pointer>{inside}</pointer></metadata>",
        AvatarMetadata((AvatarInfo(ID, 12345, "image/png", 64, 64),), (AvatarPointer(element(inside)),)),
    )
    refused(AvatarMetadata, f"{START}<pointer>{inside}</pointer></metadata>", "metadata/info")


@pytest.mark.parametrize(
    ("attributes", "path"),
    [
        ("bytes='1' type='image/png'", "@id"),
        ("id='a' type='image/png'", "@bytes"),
        ("id='a' bytes='1'", "@type"),
        ("id='a' bytes='-1' type='image/png'", "@bytes"),
        ("id='a' bytes='1' type='text/html'", "@type"),
        ("id='a' bytes='1' type='image/png' width='65536'", "@width"),
        ("id='a' bytes='1' type='image/png' url='happy.png'", "@url"),
    ],
)
def test_what_must_be_said(attributes: str, path: str) -> None:
    """Sections 4.2.1 and 11.2."""
    refused(AvatarMetadata, f"{START}<info {attributes}/></metadata>", f"metadata/info/{path}")


@pytest.mark.feature("X-0084")
def test_the_picture_is_held_to_its_hash() -> None:
    """Section 3.1; the SHA-1 of "abc" is of RFC 3174 section 7.3."""
    known = "a9993e364706816aba3e25717850c26c9cd0d89d"
    assert avatar_id(b"abc") == known
    data = both_ways("<data xmlns='urn:xmpp:avatar:data'>YWJj</data>", AvatarData(b"abc"))
    assert data.is_of(known)
    assert data.is_of(known.upper())
    assert not data.is_of(ID)
    # Line feeds are accepted (section 4.1).
    assert decode(AvatarData, element("<data xmlns='urn:xmpp:avatar:data'>\n YW\n Jj\n</data>")) == data
    refused(AvatarData, "<data xmlns='urn:xmpp:avatar:data'>YWJj!</data>", "data/text()")


@pytest.mark.feature("X-0084")
def test_publishing() -> None:
    """Sections 3.1, 3.2 and 3.5: examples 1, 3 and 8."""
    data, metadata = publish_avatar(b"abc", width=64, height=64)
    both_ways(
        """<pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='urn:xmpp:avatar:data'>
          <item id='a9993e364706816aba3e25717850c26c9cd0d89d'><data xmlns='urn:xmpp:avatar:data'>YWJj</data></item>
        </publish></pubsub>""",
        data,
    )
    assert isinstance(metadata.action, Publish)
    (item,) = metadata.action.items
    said = item.read(AvatarMetadata)
    assert said is not None
    assert said.infos == (AvatarInfo("a9993e364706816aba3e25717850c26c9cd0d89d", 3, "image/png", 64, 64),)
    assert item.id == said.infos[0].id
    both_ways(
        """<pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='urn:xmpp:avatar:metadata'>
          <item><metadata xmlns='urn:xmpp:avatar:metadata'/></item>
        </publish></pubsub>""",
        no_avatar(),
    )
