"""Software version: which program an entity is.

XEP-0092, version 1.1, Draft; sections 2 and 5.
"""

from __future__ import annotations

from typing import Final

from ...errors import PayloadError
from ...namespaces import VERSION
from ..payload import Spec, child_text, payload

__all__ = ["SPEC", "VERSION", "SoftwareVersion"]

SPEC: Final = Spec(92, "1.1", "Draft", "Software Version")


@payload(VERSION, "query")
class SoftwareVersion:
    """A question (an empty one), or the answer (section 2)."""

    name: str | None = child_text(default=None)
    version: str | None = child_text(default=None)
    os: str | None = child_text(default=None)
    """The operating system: told only if the user has not forbidden it (section 5)."""

    def validate(self) -> None:
        """Ask for the name and the version in an answer."""
        if self.name is None and (self.version is not None or self.os is not None):
            raise PayloadError("name", "a name in an answer (XEP-0092 section 2)")
        if self.name is not None and self.version is None:
            raise PayloadError("version", "a version in an answer (XEP-0092 section 2)")
