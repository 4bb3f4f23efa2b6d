"""XEP-0447, XEP-0446 and XEP-0264: files in messages, what is said of them, and small pictures of them."""

from __future__ import annotations

from base64 import b64decode
from datetime import datetime
from pathlib import PurePosixPath, PureWindowsPath
from xml.etree.ElementTree import fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st
from payload_shapes import both_ways, refused

from xmpp_core import Message
from xmpp_core.stanza.payloads.fallback import without_fallback
from xmpp_core.stanza.payloads.file_metadata import FileMetadata, safe_name
from xmpp_core.stanza.payloads.file_sharing import (
    NAMESPACE,
    Disposition,
    FileSharing,
    Sources,
    UrlData,
    link,
    usable_urls,
)
from xmpp_core.stanza.payloads.hashes import Hash, digests
from xmpp_core.stanza.payloads.oob import OobLink
from xmpp_core.stanza.payloads.thumbnails import Thumbnail

URL = "https://download.montague.lit/4a771ac1-f0b2-4a4a-9700-f2a26fa2bb67/summit.jpg"
CID = "cid:sha1+ffd7c8d28e9c5e82afea41f97108c6b4@bob.xmpp.org"
SHA3, BLAKE2 = "2XarmwTlNxDAMkvymloX3S5+VbylNrJt/l5QyPa+YoU=", "2AfMGH8O7UNPTvUVAM9aK13mpCY="
JINGLE = (
    "<jinglepub xmlns='urn:xmpp:jinglepub:1' from='romeo@montague.lit/resource' id='9559976B'>"
    "<description xmlns='urn:xmpp:jingle:apps:file-transfer:5'/></jinglepub>"
)
FILE = f"""
<file xmlns='urn:xmpp:file:metadata:0'>
  <media-type>image/jpeg</media-type>
  <name>summit.jpg</name>
  <size>3032449</size>
  <hash xmlns='urn:xmpp:hashes:2' algo='sha3-256'>{SHA3}</hash>
  <hash xmlns='urn:xmpp:hashes:2' algo='id-blake2b256'>{BLAKE2}</hash>
  <desc>Photo from the summit.</desc>
  <width>4096</width>
  <height>2160</height>
  <thumbnail xmlns='urn:xmpp:thumbs:1' uri='{CID}' media-type='image/png' width='128' height='96'/>
</file>
"""
SUMMIT = FileMetadata(
    "image/jpeg",
    "summit.jpg",
    size=3032449,
    hashes=(Hash("sha3-256", b64decode(SHA3)), Hash("id-blake2b256", b64decode(BLAKE2))),
    descriptions={None: "Photo from the summit."},
    width=4096,
    height=2160,
    thumbnails=(Thumbnail(CID, "image/png", 128, 96),),
)


@pytest.mark.feature("X-0446", "X-0264")
def test_xep_0446_section_2_a_file() -> None:
    both_ways(FILE, SUMMIT)
    both_ways(
        """
        <file xmlns='urn:xmpp:file:metadata:0'>
          <media-type>text/plain</media-type>
          <name>test.txt</name>
          <date>2015-07-26T21:46:00+01:00</date>
          <size>6144</size>
          <hash xmlns='urn:xmpp:hashes:2' algo='sha-1'>w0mcJylzCn+AfvuGdqkty2+KP48=</hash>
        </file>
        """,
        FileMetadata(
            "text/plain",
            "test.txt",
            datetime.fromisoformat("2015-07-26T21:46:00+01:00"),
            6144,
            (Hash("sha-1", b64decode("w0mcJylzCn+AfvuGdqkty2+KP48=")),),
        ),
        written="""
        <file xmlns='urn:xmpp:file:metadata:0'>
          <media-type>text/plain</media-type>
          <name>test.txt</name>
          <date>2015-07-26T20:46:00Z</date>
          <size>6144</size>
          <hash xmlns='urn:xmpp:hashes:2' algo='sha-1'>w0mcJylzCn+AfvuGdqkty2+KP48=</hash>
        </file>
        """,
    )
    both_ways(
        """
        <file xmlns='urn:xmpp:file:metadata:0'>
          <desc>A song</desc><desc xml:lang='de'>Ein Lied</desc><length>63000</length>
        </file>
        """,
        FileMetadata(descriptions={None: "A song", "de": "Ein Lied"}, length=63000),
    )
    both_ways("<file xmlns='urn:xmpp:file:metadata:0'/>", FileMetadata())


@pytest.mark.parametrize("bad", ["<size>-1</size>", "<width>wide</width>", "<date>yesterday</date>", "<length/>"])
def test_what_is_wrong_is_named(bad: str) -> None:
    name = bad[1:].partition(">")[0].removesuffix("/")
    refused(FileMetadata, f"<file xmlns='urn:xmpp:file:metadata:0'>{bad}</file>", f"file/{name}")
    refused(Thumbnail, "<thumbnail xmlns='urn:xmpp:thumbs:1'/>", "thumbnail/@uri")


@pytest.mark.feature("X-0446")
@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("test.txt", "test.txt"),
        ("/etc/passwd", "%2Fetc%2Fpasswd"),
        ("../../private.txt", "..%2F..%2Fprivate.txt"),
        ("..\\private.txt", "..%5Cprivate.txt"),
        ("..", "%2E%2E"),
        (".", "%2E"),
        ("C:\\autoexec.bat", "C%3A%5Cautoexec.bat"),
        ("100%", "100%25"),
        ("a\0b", "a%00b"),
        ("r\u00e9sum\u00e9 1.pdf", "r\u00e9sum\u00e9 1.pdf"),
        ("", ""),
    ],
)
def test_xep_0446_section_3_a_name_stays_in_its_folder(name: str, safe: str) -> None:
    assert safe_name(name) == safe
    assert FileMetadata(name=name).safe_name == safe


@pytest.mark.feature("X-0446")
@given(st.text(min_size=1), st.text(min_size=1))
def test_every_name_stays_in_its_folder_and_stays_its_own(name: str, other: str) -> None:
    safe = safe_name(name)
    for kind in (PurePosixPath, PureWindowsPath):
        assert kind(safe).name == safe
        assert not kind(safe).is_absolute()
        assert safe not in (".", "..")
    assert (safe == safe_name(other)) is (name == other)


@pytest.mark.feature("X-0446", "X-0300")
def test_whether_data_is_the_file() -> None:
    assert FileMetadata(hashes=digests(b"data")).describes([b"da", b"ta"]) is True
    assert FileMetadata(hashes=digests(b"data")).describes(b"other") is False
    assert FileMetadata().describes(b"data") is None
    assert FileMetadata().safe_name is None


@pytest.mark.feature("X-0447")
def test_section_3_1_a_shared_file() -> None:
    """Example 1."""
    both_ways(
        f"""
        <file-sharing xmlns='urn:xmpp:sfs:0' disposition='inline'>
          {FILE}
          <sources>
            <url-data xmlns='http://jabber.org/protocol/url-data' target='{URL}'/>
            {JINGLE}
          </sources>
        </file-sharing>
        """,
        FileSharing(SUMMIT, Sources((UrlData(URL),), (fromstring(JINGLE),)), Disposition.INLINE),
    )
    refused(FileSharing, "<file-sharing xmlns='urn:xmpp:sfs:0'/>", "file-sharing/file")
    refused(
        FileSharing,
        "<file-sharing xmlns='urn:xmpp:sfs:0' disposition='x'><file xmlns='urn:xmpp:file:metadata:0'/></file-sharing>",
        "file-sharing/@disposition",
    )


@pytest.mark.feature("X-0447")
def test_sections_3_3_and_4_2_sources_that_come_later() -> None:
    """Examples 5 and 7."""
    both_ways(
        f"""
        <sources xmlns='urn:xmpp:sfs:0' id='photo1.jpg'>
          <url-data xmlns='http://jabber.org/protocol/url-data' target='{URL}'/>
        </sources>
        """,
        Sources((UrlData(URL),), id="photo1.jpg"),
    )
    both_ways(
        """
        <file-sharing xmlns='urn:xmpp:sfs:0' disposition='inline' id='photo1.jpg'>
          <file xmlns='urn:xmpp:file:metadata:0'><name>photo1.jpg</name></file>
        </file-sharing>
        """,
        FileSharing(FileMetadata(name="photo1.jpg"), disposition=Disposition.INLINE, id="photo1.jpg"),
    )


@pytest.mark.feature("X-0447")
def test_section_3_2_how_it_is_shown() -> None:
    picture, unknown = FileMetadata("image/png"), FileMetadata("application/octet-stream")
    for file, disposition, inline, waits in (
        (picture, Disposition.INLINE, True, False),
        (picture, Disposition.ATTACHMENT, False, True),
        (picture, None, None, False),
        (unknown, Disposition.INLINE, False, False),
        (FileMetadata(), None, False, False),
    ):
        shared = FileSharing(file, disposition=disposition)
        assert (shared.inline, shared.waits_for_the_user) == (inline, waits)


@pytest.mark.feature("X-0447")
def test_section_6_which_sources_may_be_used() -> None:
    plain, safe, others = "http://a.example/f", "https://b.example/f", "https://c.example/f"
    own = Sources((UrlData(plain), UrlData(safe)))
    attached = [(Sources((UrlData(others), UrlData(safe))), False)]
    proven = FileMetadata(hashes=digests(b"x"))
    assert usable_urls(FileSharing(proven, own), attached) == (plain, safe, others)
    for file in (FileMetadata(), FileMetadata(hashes=(Hash("whirlpool", b"x"),))):
        assert usable_urls(FileSharing(file, own), attached) == (safe,)
        assert usable_urls(FileSharing(file), [(own, True)]) == (safe,)
    other_file = [(Sources((UrlData(others),), id="2"), True)]
    assert usable_urls(FileSharing(proven, own, id="1"), other_file) == (plain, safe)
    assert usable_urls(FileSharing(proven, id="2"), other_file) == (others,)


@pytest.mark.feature("X-0447", "X-0066", "X-0428")
def test_section_3_1_the_fallback() -> None:
    """Example 2."""
    body, fallback, oob = link(URL)
    assert oob == OobLink(URL)
    message = Message(body=body, payloads=[FileSharing(SUMMIT), fallback, oob])
    assert message.body == URL
    assert without_fallback(message, {NAMESPACE}).body is None
