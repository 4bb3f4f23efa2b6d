"""Values in attributes and texts: what is read, how it is written, what is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum
from typing import Any

import pytest

from xmpp_core import JID
from xmpp_core.stanza import payload as p
from xmpp_core.stanza.payload import Codec


class Colour(Enum):
    RED = "red"
    OTHER = "other"


COLOUR = p.enum(Colour)
TOLERANT = p.enum(Colour, unknown=Colour.OTHER)
NAME = p.pattern("[a-z]+", "small letters")
HOUSTON = timezone(timedelta(hours=-5))

READ: list[tuple[Codec[Any], str, object, str]] = [
    # XEP-0082 examples 1 to 4.
    (p.DATE, "1776-07-04", date(1776, 7, 4), "1776-07-04"),
    (p.XMPP_DATETIME, "1969-07-21T02:56:15Z", datetime(1969, 7, 21, 2, 56, 15, tzinfo=UTC), "1969-07-21T02:56:15Z"),
    (p.XMPP_DATETIME, "1969-07-20T21:56:15-05:00", datetime(1969, 7, 20, 21, 56, 15, tzinfo=HOUSTON),
     "1969-07-21T02:56:15Z"),
    (p.TIME, "16:00:00", time(16), "16:00:00"),
    # Fractions of any length; below the microsecond they may be ignored.
    (p.XMPP_DATETIME, "2002-09-10T23:08:25.5Z", datetime(2002, 9, 10, 23, 8, 25, 500000, tzinfo=UTC),
     "2002-09-10T23:08:25.500000Z"),
    (p.XMPP_DATETIME, "2002-09-10T23:08:25.123456789Z", datetime(2002, 9, 10, 23, 8, 25, 123456, tzinfo=UTC),
     "2002-09-10T23:08:25.123456Z"),
    # XML Schema part 2 section 3.2.7: the end of a day is the start of the next.
    (p.XMPP_DATETIME, "2002-12-31T24:00:00Z", datetime(2003, 1, 1, tzinfo=UTC), "2003-01-01T00:00:00Z"),
    (p.XMPP_DATETIME, "\n 2002-12-31T00:00:00+14:00 ", datetime(2002, 12, 30, 10, tzinfo=UTC), "2002-12-30T10:00:00Z"),
    (p.TIME, "16:00:00.25+05:45", time(16, 0, 0, 250000, timezone(timedelta(hours=5, minutes=45))),
     "16:00:00.250000+05:45"),
    (p.TIME, "16:00:00Z", time(16, tzinfo=UTC), "16:00:00Z"),
    (p.LEGACY_DATETIME, "20020910T23:08:25", datetime(2002, 9, 10, 23, 8, 25, tzinfo=UTC), "20020910T23:08:25"),
    (p.LEGACY_DATETIME, "2002-09-10T23:08:25Z", datetime(2002, 9, 10, 23, 8, 25, tzinfo=UTC), "20020910T23:08:25"),
    (p.OFFSET, "-06:00", timedelta(hours=-6), "-06:00"),
    (p.OFFSET, "-00:30", timedelta(minutes=-30), "-00:30"),
    (p.OFFSET, "Z", timedelta(0), "+00:00"),
    (p.BOOL, "true", True, "true"), (p.BOOL, "1", True, "true"), (p.BOOL, " 0\n", False, "false"),
    (p.BOOL_DIGIT, "false", False, "0"), (p.BOOL_DIGIT, "true", True, "1"),
    (p.UNSIGNED_BYTE, "255", 255, "255"), (p.UNSIGNED_BYTE, "007", 7, "7"), (p.BYTE, " -128 ", -128, "-128"),
    (p.BYTE, "+5", 5, "5"), (p.UNSIGNED_LONG, str(2**64 - 1), 2**64 - 1, str(2**64 - 1)),
    (p.DECIMAL, "-45.44000", Decimal("-45.44"), "-45.44000"), (p.DECIMAL, ".5", Decimal("0.5"), "0.5"),
    (p.BASE64, "Zm9vYg==", b"foob", "Zm9vYg=="), (p.BASE64, "", b"", ""),
    (p.BASE64_LINES, "\n Zm9v\r\n Yg==\t", b"foob", "Zm9vYg=="),
    (p.HEX, "00fF", b"\x00\xff", "00ff"),
    (p.URI, "xmpp:romeo@montague.net?message;body=a%20b", "xmpp:romeo@montague.net?message;body=a%20b",
     "xmpp:romeo@montague.net?message;body=a%20b"),
    (p.URI, "https://exämple.org/ü", "https://exämple.org/ü", "https://exämple.org/ü"),
    (p.LANGUAGE, "zh-Hant-TW", "zh-Hant-TW", "zh-Hant-TW"),
    (p.ADDRESS, "ROMEO@montague.net/Orchard", JID("romeo@montague.net/Orchard"), "romeo@montague.net/Orchard"),
    (COLOUR, "red", Colour.RED, "red"), (TOLERANT, "mauve", Colour.OTHER, "other"),
    (NAME, "abc", "abc", "abc"), (p.SOME_TEXT, " ", " ", " "), (p.TEXT, "", "", ""),
]  # fmt: skip

REFUSED: list[tuple[Codec[Any], tuple[str, ...]]] = [
    (p.DATE, ("", "1776-7-4", "1776-02-30", "17760704", "1776-07-04Z", "-1776-07-04", "１776-07-04")),
    (p.XMPP_DATETIME, (
        "", "1969-07-21", "1969-07-21T02:56:15", "1969-07-21 02:56:15Z", "1969-07-21T02:56Z", "1969-07-21T02:56:15z",
        "19690721T02:56:15Z", "1969-07-21T02:56:60Z", "1969-07-21T24:00:01Z", "1969-07-21T02:56:15.Z",
        "1969-07-21T02:56:15+14:01", "1969-07-21T02:56:15+0500", "1969-13-21T02:56:15Z", "0000-07-21T02:56:15Z",
        "12024-07-21T02:56:15Z", "1969-07-21T02:56:15Z\u00a0", "1969-W30-1T02:56:15Z", "9999-12-31T24:00:00Z",
        f"1969-07-21T02:56:15.{'0' * 60}Z")),
    (p.TIME, ("", "16:00", "4:00:00", "16:00:00+5", "25:00:00", "16:00:61")),
    (p.LEGACY_DATETIME, ("", "20021310T23:08:25", "20020910 23:08:25", "2002-09-10T23:08:25")),
    (p.OFFSET, ("", "6", "+6:00", "+14:30", "-15:00", "06:00")),
    (p.BOOL, ("", "TRUE", "yes", "2", "true false")),
    (p.UNSIGNED_BYTE, ("", "256", "-1", "1.0", "1e2", "٣", "0x1", "1 2", "9" * 5000)),
    (p.DECIMAL, ("", ".", "1e5", "NaN", "inf", "1,5", "9" * 65)),
    (p.BASE64, ("Zm9vYg", "Zm9vYg=", "Zm9v Yg==", "Zm9vYg==Zg==", "Zm9vYh==", "=", "Zm9v\n", "Zm-_", "é")),
    (p.BASE64_LINES, ("Zm9v=Yg==", "Zm9vYh==")),
    (p.HEX, ("0", "0g", "00 ff")),
    (p.URI, ("", "no-scheme", "//host", "a b:c", "http://a b", "http://a/%zz", "http://a/<", "1a:b", "x:\ue000")),
    (p.LANGUAGE, ("", "x", "en_GB", "a-very-long-subtag")),
    (p.ADDRESS, ("", "@a", "a@b@c", "a@b/")),
    (COLOUR, ("", "Red", "mauve")),
    (NAME, ("", "aB", "abc\n")), (p.SOME_TEXT, ("",)),
]  # fmt: skip

UNFIT: list[tuple[Codec[Any], tuple[object, ...]]] = [
    (p.XMPP_DATETIME, (None, "x", datetime(2000, 1, 1), date(2000, 1, 1),
                       datetime(2000, 1, 1, tzinfo=timezone(timedelta(seconds=30))),
                       datetime(2000, 1, 1, tzinfo=timezone(timedelta(hours=15))))),
    (p.DATE, (datetime(2000, 1, 1), "2000-01-01")),
    (p.TIME, ("16:00:00", time(1, tzinfo=timezone(timedelta(seconds=1))))),
    (p.LEGACY_DATETIME, (datetime(2000, 1, 1, 0, 0, 0, 1, tzinfo=UTC),)),
    (p.OFFSET, (timedelta(seconds=1), timedelta(hours=15), 0)),
    (p.BOOL, (1, 0, None, "true")), (p.UNSIGNED_BYTE, (True, 256, -1, 1.0, "1")),
    (p.DECIMAL, (1.5, Decimal("NaN"), Decimal("Infinity"), Decimal("1e100"))),
    (p.BASE64, ("Zm9v", bytearray(b"x"))), (p.URI, ("no scheme", b"x:y")), (p.LANGUAGE, ("", None)),
    (p.ADDRESS, ("romeo@montague.net",)), (COLOUR, ("red",)), (NAME, ("A", 1)), (p.TEXT, (b"x", None)),
    (p.SOME_TEXT, ("",)),
]  # fmt: skip


@pytest.mark.feature("STZ-07", "X-0082")
@pytest.mark.parametrize(("codec", "text", "value", "written"), READ)
def test_a_text_is_read_and_written(codec: Codec[Any], text: str, value: object, written: str) -> None:
    read = codec.read(text)
    assert read == value
    assert type(read) is type(value)
    assert codec.accepts(read)
    assert codec.write(read) == written
    assert codec.read(written) == value


@pytest.mark.feature("X-0082")
@pytest.mark.parametrize(("codec", "text"), [(codec, text) for codec, texts in REFUSED for text in texts])
def test_what_is_none_is_refused(codec: Codec[Any], text: str) -> None:
    with pytest.raises(ValueError):
        codec.read(text)
    assert codec.rule


@pytest.mark.parametrize(("codec", "value"), [(codec, value) for codec, values in UNFIT for value in values])
def test_what_cannot_be_written_is_not_accepted(codec: Codec[Any], value: object) -> None:
    assert not codec.accepts(value)


def test_a_moment_at_the_edge_of_the_calendar_is_written_in_its_own_zone() -> None:
    edge = datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))
    assert p.XMPP_DATETIME.write(edge) == "0001-01-01T00:00:00+14:00"
    assert p.XMPP_DATETIME.read(p.XMPP_DATETIME.write(edge)) == edge


def test_an_enumeration_has_texts() -> None:
    class Numbers(Enum):
        ONE = 1

    with pytest.raises(TypeError):
        p.enum(Numbers)
