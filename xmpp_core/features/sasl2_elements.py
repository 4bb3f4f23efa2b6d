"""The elements of XEP-0388, those around them (XEP-0480, XEP-0509), and how octets are written in them."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from typing import Final
from xml.etree.ElementTree import Element, SubElement

from ..namespaces import PIPELINING, SASL, SASL2, SASL_UPGRADE
from ..sasl.conditions import SaslCondition
from ..xml.names import canonical, split
from .exchange import MOST_NAMES, decoded, encoded

__all__ = [
    "ABORT",
    "AUTHENTICATE",
    "AUTHENTICATION",
    "CHALLENGE",
    "CONFIG_VERSION",
    "CONTINUE",
    "FAILURE",
    "FROM_CLIENT",
    "FROM_SERVER",
    "IDENTIFIER",
    "INLINE",
    "MECHANISM",
    "NEXT",
    "RESPONSE",
    "SUCCESS",
    "TASK_DATA",
    "TEXT",
    "UPGRADE",
    "condition_of",
    "data_element",
    "data_in",
    "failure",
    "foreign",
    "is_mismatch",
    "names_in",
    "strip",
    "task_names",
    "tasks_element",
    "version_of",
]


def _name(local: str) -> str:
    return f"{{{SASL2}}}{local}"


AUTHENTICATION: Final = _name("authentication")
MECHANISM: Final = _name("mechanism")
INLINE: Final = _name("inline")
AUTHENTICATE: Final = _name("authenticate")
INITIAL: Final = _name("initial-response")
CHALLENGE: Final = _name("challenge")
RESPONSE: Final = _name("response")
ABORT: Final = _name("abort")
SUCCESS: Final = _name("success")
ADDITIONAL: Final = _name("additional-data")
IDENTIFIER: Final = _name("authorization-identifier")
FAILURE: Final = _name("failure")
CONTINUE: Final = _name("continue")
TASKS: Final = _name("tasks")
TASK: Final = _name("task")
NEXT: Final = _name("next")
TASK_DATA: Final = _name("task-data")
TEXT: Final = _name("text")
UPGRADE: Final = f"{{{SASL_UPGRADE}}}upgrade"
CONFIG_VERSION: Final = f"{{{PIPELINING}}}config-version"
MISMATCH: Final = f"{{{PIPELINING}}}config-version-mismatch"
FROM_CLIENT: Final = frozenset({AUTHENTICATE, RESPONSE, ABORT, NEXT, TASK_DATA})
FROM_SERVER: Final = frozenset({CHALLENGE, SUCCESS, CONTINUE, FAILURE, TASK_DATA})

_SPACE: Final = re.compile(r"[ \t\r\n]+")
_EDGES: Final = re.compile(r"^[ \t\r\n]+|[ \t\r\n]+$")


def data_in(element: Element | None) -> bytes | None:
    """Read the octets of an element; None: there is no element, an empty one holds no octets (section 2.2).

    White space should not be there, and the examples have it, as xs:base64Binary allows. Otherwise
    strict; raises `ValueError`.
    """
    if element is None:
        return None
    text = _SPACE.sub("", element.text or "")
    if len(element) or text == "=":
        raise ValueError("no base64")  # "=" means nothing here (section 5.1)
    return decoded(text) or b""


def data_element(name: str, data: bytes) -> Element:
    """Write octets (section 2.2)."""
    element = Element(name)
    element.text = encoded(data) or None
    return element


def strip(text: str | None) -> str:
    """Take white space off both ends: it is no part of a name."""
    return _EDGES.sub("", text or "")


def names_in(parent: Element | None, child: str) -> tuple[str, ...]:
    """Read the names in the children of this tag, so many at most."""
    found = parent.iterfind(child) if parent is not None else ()
    return tuple(name for one in found if (name := strip(one.text)))[:MOST_NAMES]


def foreign(element: Element) -> tuple[Element, ...]:
    """Give the children of other namespaces than SASL2's own: requests, results, payloads of tasks."""
    return tuple(child for child in element if split(child.tag)[0] != SASL2)


def failure(condition: SaslCondition, *, mismatch: bool = False) -> Element:
    """Write `<failure/>` (section 2.6.2); `mismatch` as XEP-0509 section 2.2 has it."""
    element = Element(FAILURE)
    SubElement(element, f"{{{SASL}}}{condition.value}")
    if mismatch:
        SubElement(element, MISMATCH)
    return element


def condition_of(element: Element) -> SaslCondition:
    """Read the condition of a `<failure/>`."""
    found = next((child for child in element if split(child.tag)[0] == SASL), None)
    return SaslCondition.named(split(found.tag)[1] if found is not None else "")


def is_mismatch(element: Element) -> bool:
    """Whether a `<failure/>` is without prejudice: the features have changed (XEP-0509 section 2.2)."""
    return element.find(MISMATCH) is not None


def tasks_element(names: Iterable[str], text: str | None, data: bytes | None) -> Element:
    """Write `<continue/>` (section 2.6.3)."""
    element = Element(CONTINUE)
    if data is not None:
        element.append(data_element(ADDITIONAL, data))
    tasks = SubElement(element, TASKS)
    for name in names:
        SubElement(tasks, TASK).text = name
    if text is not None:
        SubElement(element, TEXT).text = text
    return element


def task_names(element: Element) -> tuple[str, ...]:
    """Read which tasks a `<continue/>` offers."""
    return names_in(element.find(TASKS), TASK)


def version_of(announced: Iterable[Element]) -> str:
    """Make the value of `<config-version/>`: equal exactly if the announcement is (XEP-0509 section 2.3.1)."""
    digest = hashlib.sha256()
    for element in announced:
        digest.update(canonical(element))
    return base64.b64encode(digest.digest()[:18]).decode("ascii")
