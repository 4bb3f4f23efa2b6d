"""Contact addresses of a service: whom to write to about abuse, security and so on.

XEP-0157, version 1.1.1, Active; sections 2 and 7.1.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

from ..payload import Spec
from .disco import DiscoInfo
from .disco_extensions import SERVER_INFO, extended, extension

__all__ = ["SPEC", "ContactAddresses", "contact_addresses"]

SPEC: Final = Spec(157, "1.1.1", "Active", "Contact Addresses for XMPP Services")


@dataclass(frozen=True, slots=True)
class ContactAddresses:
    """Addresses by what they are for, as URIs: `xmpp:`, `mailto:`, `https:` (section 2)."""

    abuse: tuple[str, ...] = ()
    admin: tuple[str, ...] = ()
    feedback: tuple[str, ...] = ()
    sales: tuple[str, ...] = ()
    security: tuple[str, ...] = ()
    status: tuple[str, ...] = ()
    """Where to see whether the service works."""
    support: tuple[str, ...] = ()

    def added_to(self, info: DiscoInfo) -> DiscoInfo:
        """Give what a server says of itself with these addresses in its form, whose other fields stay."""
        form = extension(info, SERVER_INFO)
        given = (
            {} if form is None else {one.var: one.values for one in form.fields if one.var not in (None, "FORM_TYPE")}
        )
        for one in fields(self):
            given.pop(f"{one.name}-addresses", None)
            if getattr(self, one.name):
                given[f"{one.name}-addresses"] = getattr(self, one.name)
        return extended(info, SERVER_INFO, {var: values for var, values in given.items() if var is not None})


def contact_addresses(info: DiscoInfo) -> ContactAddresses:
    """Read the addresses that a server tells; empty where it tells none. They need not be valid URIs (section 2)."""
    form = extension(info, SERVER_INFO)
    if form is None:
        return ContactAddresses()
    return ContactAddresses(**{one.name: form.values(f"{one.name}-addresses") for one in fields(ContactAddresses)})
