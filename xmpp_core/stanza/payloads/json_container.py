"""JSON containers: JSON where a protocol has a place for it.

XEP-0335, version 0.1.1, Deferred; sections 3 to 6.
"""

from __future__ import annotations

import json
from typing import Any, Final

from ...errors import PayloadError
from ..payload import SOME_TEXT, Spec, payload, text

__all__ = ["NAMESPACE", "SPEC", "JsonContainer"]

SPEC: Final = Spec(335, "0.1.1", "Deferred", "JSON Containers")
NAMESPACE: Final = "urn:xmpp:json:0"


@payload(NAMESPACE, "json")
class JsonContainer:
    """A text that is JSON, inside an element that says what it is (section 4). It is not checked until it is read."""

    text: str = text(codec=SOME_TEXT)

    @classmethod
    def of(cls, value: object) -> JsonContainer:
        """Write a value; raises `TypeError` or `ValueError` for what JSON cannot hold."""
        return cls(json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")))

    def value(self) -> Any:
        """Read the text; raises `PayloadError` for what is no JSON, or nested too deeply."""
        try:
            return json.loads(self.text, parse_constant=_refuse)
        except (ValueError, RecursionError):
            raise PayloadError("json", "JSON as in RFC 4627 (XEP-0335 section 4)") from None


def _refuse(name: str) -> None:
    raise ValueError(name)  # NaN and the infinities are none of JSON's
