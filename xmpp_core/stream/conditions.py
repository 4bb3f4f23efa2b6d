"""The stream errors of RFC 6120 section 4.9: building, reading, and what each means for a retry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from xml.etree.ElementTree import Element, SubElement

from ..jid import JID, JIDError
from ..namespaces import STREAM, STREAM_ERRORS, XML_LANG
from .events import Redirect, Retry

__all__ = ["CONDITIONS", "Condition", "StreamError", "redirect_of"]


@dataclass(frozen=True, slots=True)
class Condition:
    """One row of RFC 6120 section 4.9.3, with what it means for a new attempt."""

    name: str
    section: str
    retry: Retry


_ROWS: Final = (
    ("bad-format", 1, Retry.NEVER),
    ("bad-namespace-prefix", 2, Retry.NEVER),
    ("conflict", 3, Retry.NEVER),
    ("connection-timeout", 4, Retry.NOW),
    ("host-gone", 5, Retry.NEVER),
    ("host-unknown", 6, Retry.NEVER),
    ("improper-addressing", 7, Retry.NEVER),
    ("internal-server-error", 8, Retry.LATER),
    ("invalid-from", 9, Retry.NEVER),
    ("invalid-namespace", 10, Retry.NEVER),
    ("invalid-xml", 11, Retry.NEVER),
    ("not-authorized", 12, Retry.NEVER),
    ("not-well-formed", 13, Retry.LATER),
    ("policy-violation", 14, Retry.LATER),
    ("remote-connection-failed", 15, Retry.LATER),
    ("reset", 16, Retry.NOW),
    ("resource-constraint", 17, Retry.LATER),
    ("restricted-xml", 18, Retry.NEVER),
    ("see-other-host", 19, Retry.NOW),
    ("system-shutdown", 20, Retry.LATER),
    ("undefined-condition", 21, Retry.LATER),
    ("unsupported-encoding", 22, Retry.NEVER),
    ("unsupported-feature", 23, Retry.NEVER),
    ("unsupported-stanza-type", 24, Retry.NEVER),
    ("unsupported-version", 25, Retry.NEVER),
)

CONDITIONS: Final[dict[str, Condition]] = {
    name: Condition(name, f"RFC 6120 section 4.9.3.{number}", retry) for name, number, retry in _ROWS
}

# RFC 3920 section 4.7.3 names that are read and never sent.
_OLD_NAMES: Final = {"xml-not-well-formed": "not-well-formed", "invalid-id": "undefined-condition"}


@dataclass(frozen=True, slots=True)
class StreamError:
    """A stream error to send with `Connection.close(error)`, or one that was read.

    Raises `ValueError` for a condition that RFC 6120 does not define: name your own in `application`,
    an element in a namespace of yours (section 4.9.4). `other_host` belongs to `see-other-host`
    alone and is `host`, `host:port` or `[IPv6]:port`.
    """

    condition: str
    text: str | None = None
    lang: str | None = None
    application: Element | None = None
    other_host: str | None = None

    def __post_init__(self) -> None:
        if self.condition not in CONDITIONS:
            raise ValueError("not a stream error condition of RFC 6120 section 4.9.3")
        if (self.other_host is not None) != (self.condition == "see-other-host"):
            raise ValueError("other_host belongs to see-other-host (RFC 6120 section 4.9.3.19)")
        if self.other_host is not None and _host_and_port(self.other_host) is None:
            raise ValueError("other_host is not a domainpart with an optional port (RFC 6120 section 4.9.3.19)")
        if self.application is not None and self.application.tag.startswith((f"{{{STREAM_ERRORS}}}", f"{{{STREAM}}}")):
            raise ValueError("an application-specific condition needs a namespace of its own (RFC 6120 section 4.9.4)")

    def element(self) -> Element:
        """Give the `<stream:error/>` element (RFC 6120 section 4.9.2)."""
        error = Element(f"{{{STREAM}}}error")
        condition = SubElement(error, f"{{{STREAM_ERRORS}}}{self.condition}")
        condition.text = self.other_host
        if self.text is not None:
            text = SubElement(error, f"{{{STREAM_ERRORS}}}text")
            text.text = self.text
            if self.lang is not None:
                text.set(XML_LANG, self.lang)
        if self.application is not None:
            error.append(self.application)
        return error

    @classmethod
    def read(cls, element: Element) -> StreamError:
        """Read a received `<stream:error/>`; never raises.

        An unknown or missing condition counts as `undefined-condition` (section 4.9.2), as does a
        redirect without a usable host. The names of RFC 3920 are understood.
        """
        condition, text, lang, application, other = "", None, None, None, None
        for child in element:
            namespace, _, name = child.tag[1:].rpartition("}")
            if namespace != STREAM_ERRORS:
                # What is no condition of its own kind (section 4.9.4) is nothing.
                application = child if application is None and namespace != STREAM else application
            elif name == "text":
                text, lang = child.text, child.get(XML_LANG)
            elif not condition:
                condition = _OLD_NAMES.get(name, name)
                other = child.text
        if condition not in CONDITIONS:
            condition = "undefined-condition"
            if text is None and not len(element):
                text = element.text  # servers older than RFC 3920 put words alone
        if condition != "see-other-host":
            other = None
        elif other is None or _host_and_port(other.strip()) is None:
            condition, other = "undefined-condition", None
        else:
            other = other.strip()
        return cls(condition, text, lang, application, other)


def redirect_of(error: StreamError) -> Redirect | None:
    """Give where a `see-other-host` points, None for any other error."""
    if error.other_host is None:
        return None
    found = _host_and_port(error.other_host)
    return None if found is None else Redirect(*found)


def _host_and_port(text: str) -> tuple[str, int | None] | None:
    host, port = text, None
    if not text.endswith("]"):
        before, colon, after = text.rpartition(":")
        if colon and "]" not in after:
            if not (after.isascii() and after.isdecimal() and len(after) <= 5 and 0 < int(after) < 65536):
                return None
            host, port = before, int(after)
    try:
        address = JID(host)
    except JIDError:
        return None
    if address.local is not None or address.resource is not None:
        return None
    return address.domain.strip("[]"), port
