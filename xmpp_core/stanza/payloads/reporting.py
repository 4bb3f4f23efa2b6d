"""Reports of abuse: why somebody is blocked, for whoever looks into it.

XEP-0377, version 0.4.1, Proposed; sections 4 to 6 and 12.
"""

from __future__ import annotations

from typing import Final
from xml.etree.ElementTree import Element

from ..payload import SOME_TEXT, Spec, attribute, flag, localized, payload, rest

__all__ = ["ABUSE", "NAMESPACE", "SPAM", "SPEC", "Report"]

SPEC: Final = Spec(377, "0.4.1", "Proposed", "Blocking Command Reports")
NAMESPACE: Final = "urn:xmpp:reporting:1"
SPAM: Final = "urn:xmpp:reporting:spam"
ABUSE: Final = "urn:xmpp:reporting:abuse"


@payload(NAMESPACE, "report")
class Report:
    """What somebody who is to be blocked has done (section 4): part of an item of the order to block (section 6)."""

    reason: str = attribute(codec=SOME_TEXT)
    """`SPAM`, `ABUSE`, or another of the registry (section 11.3)."""
    texts: dict[str | None, str] = localized("text", default={})
    """In the words of who reports."""
    report_origin: bool = flag(default=False, kw_only=True)
    """It may be passed on to the server of who is reported (section 5)."""
    third_party: bool = flag(default=False, kw_only=True)
    """It may be passed on to whoever works on such reports (section 5)."""
    messages: tuple[Element, ...] = rest(default=(), kw_only=True)
    """Which messages it is about: copies of their `stanza-id` (XEP-0359) as the archive of the own server gave them."""
