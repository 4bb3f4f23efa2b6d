"""Dates and times as XMPP writes them (XEP-0082). A calendar, no clock: nothing here knows what time it is."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from .payload_codecs import WHITE, Codec

__all__ = ["DATE", "LEGACY_DATETIME", "OFFSET", "TIME", "XMPP_DATETIME", "date", "datetime", "time", "timedelta"]

_ZONE: Final = r"(?:Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)"
_CLOCK: Final = r"(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?|24:00:00(?:\.0+)?)"
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DATETIME: Final = re.compile(rf"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T{_CLOCK}{_ZONE}")
_TIME: Final = re.compile(rf"{_CLOCK}{_ZONE}?")
_OLD: Final = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})T([0-9]{2}:[0-9]{2}:[0-9]{2})Z?")
_OFFSET: Final = re.compile(r"([+-])(0[0-9]|1[0-3]|14):([0-5][0-9])")
_FRACTION: Final = re.compile(r"(\.[0-9]{6})[0-9]+")
_LONGEST: Final = 64


def _read_datetime(text: str) -> datetime:
    if not _DATETIME.fullmatch(text):
        text = text.strip(WHITE)
        if not _DATETIME.fullmatch(text):
            raise ValueError
    if len(text) > _LONGEST:
        raise ValueError
    # Fractions below the microsecond may be ignored (section 3.2); the end of a day is the start of the next.
    if len(text) > 27:
        text = _FRACTION.sub(r"\1", text)
    if text[11:13] == "24":
        try:
            return datetime.fromisoformat(f"{text[:11]}00{text[13:]}") + timedelta(days=1)
        except OverflowError:
            raise ValueError from None
    return datetime.fromisoformat(text)


def _write_datetime(value: datetime) -> str:
    # Section 6 advises UTC: an offset tells where somebody is.
    if value.tzinfo is not UTC:
        try:
            value = value.astimezone(UTC)
        except OverflowError:
            return value.isoformat()
    return value.isoformat()[:-6] + "Z"


def _is_moment(value: object) -> bool:
    if not isinstance(value, datetime):
        return False
    if value.tzinfo is UTC:
        return True
    offset = value.utcoffset()
    # An offset of seconds cannot be written, and has to be where UTC is out of range.
    return offset is not None and abs(offset) <= timedelta(hours=14) and not offset.seconds % 60


XMPP_DATETIME: Final[Codec[datetime]] = Codec(
    "a date and time with its zone (XEP-0082 section 3.2)", _read_datetime, _write_datetime, _is_moment, "datetime"
)
"""A moment: `datetime` with a zone. Written in UTC."""


def _read_date(text: str) -> date:
    text = text.strip(WHITE)
    if not _DATE.fullmatch(text):
        raise ValueError
    return date.fromisoformat(text)


def _is_date(value: object) -> bool:
    return isinstance(value, date) and not isinstance(value, datetime)


DATE: Final[Codec[date]] = Codec("a date (XEP-0082 section 3.1)", _read_date, date.isoformat, _is_date, "date")
"""A day of the calendar."""


def _read_time(text: str) -> time:
    text = text.strip(WHITE)
    if len(text) > _LONGEST or not _TIME.fullmatch(text):
        raise ValueError
    text = _FRACTION.sub(r"\1", text)
    return time.fromisoformat(f"00{text[2:]}" if text[:2] == "24" else text)


def _write_time(value: time) -> str:
    text = value.isoformat()
    return f"{text[:-6]}Z" if text.endswith("+00:00") else text


def _is_time(value: object) -> bool:
    if not isinstance(value, time):
        return False
    offset = value.utcoffset()
    return value.tzinfo is None or (
        offset is not None and abs(offset) <= timedelta(hours=14) and not offset.seconds % 60
    )


TIME: Final[Codec[time]] = Codec("a time of day (XEP-0082 section 3.3)", _read_time, _write_time, _is_time, "time")
"""A time of day, with a zone or without."""


def _read_legacy(text: str) -> datetime:
    text = text.strip(WHITE)
    found = _OLD.fullmatch(text)
    if found is None:
        return _read_datetime(text)
    year, month, day, clock = found.groups()
    return datetime.fromisoformat(f"{year}-{month}-{day}T{clock}+00:00")


def _write_legacy(value: datetime) -> str:
    return value.astimezone(UTC).strftime("%Y%m%dT%H:%M:%S").rjust(17, "0")


def _is_legacy(value: object) -> bool:
    return _is_moment(value) and isinstance(value, datetime) and not value.microsecond and 1 < value.year < 9999


LEGACY_DATETIME: Final[Codec[datetime]] = Codec(
    "a date and time in UTC (XEP-0082 section 4)", _read_legacy, _write_legacy, _is_legacy, "legacy-datetime"
)
"""The form of XEP-0091 and XEP-0090, in UTC without saying so; the present form is read as well. Whole seconds."""


def _read_offset(text: str) -> timedelta:
    text = text.strip(WHITE)
    if text == "Z":
        return timedelta(0)
    found = _OFFSET.fullmatch(text)
    if found is None:
        raise ValueError
    minutes = int(found[2]) * 60 + int(found[3])
    if minutes > 14 * 60:
        raise ValueError
    return timedelta(minutes=-minutes if found[1] == "-" else minutes)


def _write_offset(value: timedelta) -> str:
    minutes = round(value.total_seconds() / 60)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def _is_offset(value: object) -> bool:
    return isinstance(value, timedelta) and abs(value) <= timedelta(hours=14) and not value % timedelta(minutes=1)


OFFSET: Final[Codec[timedelta]] = Codec(
    "an offset from UTC (XEP-0082 section 2.1)", _read_offset, _write_offset, _is_offset, "offset"
)
"""A time zone as its offset alone: `Z` or `-06:00`. Written with digits."""
