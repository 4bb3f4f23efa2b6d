"""Entity time: what time it is at another entity.

XEP-0202, version 2.0, Final; section 2.
"""

from __future__ import annotations

from typing import Final

from ...errors import PayloadError
from ...namespaces import TIME
from ..payload import OFFSET, XMPP_DATETIME, Spec, child_text, datetime, payload, timedelta

__all__ = ["SPEC", "TIME", "EntityTime"]

SPEC: Final = Spec(202, "2.0", "Final", "Entity Time")


def _at(moment: datetime, offset: timedelta) -> datetime:
    return moment.astimezone(datetime.fromisoformat(f"2000-01-01T00:00:00{OFFSET.write(offset)}").tzinfo)


@payload(TIME, "time")
class EntityTime:
    """A question (an empty one), or the answer: the moment, and how far the local time is from UTC (section 2)."""

    tzo: timedelta | None = child_text(codec=OFFSET, default=None)
    utc: datetime | None = child_text(codec=XMPP_DATETIME, default=None)
    """Written in UTC, whatever its zone."""

    def validate(self) -> None:
        """Ask for both, or for none."""
        if (self.tzo is None) is not (self.utc is None):
            raise PayloadError("utc" if self.utc is None else "tzo", "both or neither (XEP-0202 section 2)")

    @classmethod
    def of(cls, moment: datetime) -> EntityTime:
        """Give the answer that it is this moment, in the zone it has.

        Raises `ValueError` for one without a zone, and `PayloadError` for a zone that is not of whole minutes.
        """
        offset = moment.utcoffset()
        if offset is None:
            raise ValueError("a moment with its zone is asked for")
        return cls(offset, moment)

    @property
    def local(self) -> datetime | None:
        """The moment in the zone of the entity; None in a question."""
        return None if self.utc is None or self.tzo is None else _at(self.utc, self.tzo)
