"""What a client says of itself when it logs in (XEP-0388 section 2.3): for the account's owner, never for others."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Self
from xml.etree.ElementTree import Element, SubElement

from ..errors import LocalProtocolError
from ..namespaces import SASL2

__all__ = ["USER_AGENT", "UserAgent"]

USER_AGENT: Final = f"{{{SASL2}}}user-agent"
_SOFTWARE: Final = f"{{{SASL2}}}software"
_DEVICE: Final = f"{{{SASL2}}}device"
# The schema takes any UUID (section 8); what we say of ourselves is version 4 (section 2.3).
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_VERSION_4: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class UserAgent:
    """A client installation. `id` is a UUID v4 that stays the same for it, and only for it.

    Keep the `id` beside the account's other settings: tokens are issued to it (XEP-0484 section 4.1).
    `software` and `device` are text for the owner of the account. Raises `LocalProtocolError` for an
    `id` that is no UUID.
    """

    id: str | None = None
    software: str | None = None
    device: str | None = None

    def __post_init__(self) -> None:
        if self.id is not None and not _UUID.fullmatch(self.id):
            raise LocalProtocolError("the id of a user agent is a UUID")

    @classmethod
    def fresh(cls, entropy: Callable[[int], bytes], software: str | None = None, device: str | None = None) -> Self:
        """Give one with a new `id`, for an installation that has none yet."""
        octets = bytearray(entropy(16))
        octets[6], octets[8] = octets[6] & 0x0F | 0x40, octets[8] & 0x3F | 0x80
        digits = octets.hex()
        parts = (digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:])
        return cls("-".join(parts), software, device)

    @property
    def lasting(self) -> bool:
        """Whether `id` is what XEP-0388 asks of it, a UUID v4."""
        return self.id is not None and _VERSION_4.fullmatch(self.id) is not None

    @classmethod
    def read(cls, element: Element) -> Self:
        """Read `<user-agent/>`; raises `LocalProtocolError` for an `id` that is no UUID."""
        return cls(element.get("id"), element.findtext(_SOFTWARE), element.findtext(_DEVICE))

    def element(self) -> Element:
        """Write `<user-agent/>`."""
        found = Element(USER_AGENT, {} if self.id is None else {"id": self.id})
        for name, text in ((_SOFTWARE, self.software), (_DEVICE, self.device)):
            if text is not None:
                SubElement(found, name).text = text
        return found
