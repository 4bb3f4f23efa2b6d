"""In-band registration: to get an account or membership, to change its password, to give it up.

XEP-0077, version 2.4, Final; sections 3 to 8.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any, Final
from xml.etree.ElementTree import Element

from ...errors import LocalProtocolError
from ..payload import Spec, child, child_text, flag, payload, raw
from .forms import Form, FormType

__all__ = [
    "CANCEL_FORM",
    "CHANGE_PASSWORD_FORM",
    "FEATURE",
    "FIELDS",
    "NAMESPACE",
    "SPEC",
    "RegisterFeature",
    "Registration",
    "Way",
]

SPEC: Final = Spec(77, "2.4", "Final", "In-Band Registration")
NAMESPACE: Final = "jabber:iq:register"
"""Also the FORM_TYPE of forms of registration."""
FEATURE: Final = "http://jabber.org/features/iq-register"
CANCEL_FORM: Final = "jabber:iq:register:cancel"
CHANGE_PASSWORD_FORM: Final = "jabber:iq:register:changepassword"
FIELDS: Final = (
    *("username", "nick", "password", "name", "first", "last", "email", "address"),
    *("city", "state", "zip", "phone", "url", "date", "misc", "text"),
)
"""The fields that a host may ask for; there are no others (section 4)."""
_OUT_OF_BAND: Final = "jabber:x:oob"


class Way(Enum):
    """What an applicant does with what a host asks (section 6)."""

    FORM = "form"
    """Fill in the form, and none of the fields."""
    FIELDS = "fields"
    """Fill in the fields."""
    REDIRECTION = "redirection"
    """Show the instructions and the address where registration is done elsewhere."""


@payload(FEATURE, "register")
class RegisterFeature:
    """A server says in its stream features that it registers (section 8)."""


@payload(NAMESPACE, "query")
class Registration:
    """A question what is asked for (an empty one), what is asked for (empty fields), or what is given (section 3).

    Texts are None where the element is absent and empty where it is there, as in what a host asks for. Its
    values are kept out of its `repr`: one of them is a password.
    """

    registered: bool = flag(default=False, kw_only=True)
    """Of a host: the applicant is registered, and these are his values."""
    instructions: str | None = child_text(default=None, kw_only=True)
    username: str | None = child_text(default=None, kw_only=True)
    nick: str | None = child_text(default=None, kw_only=True)
    password: str | None = child_text(default=None, kw_only=True)
    name: str | None = child_text(default=None, kw_only=True)
    first: str | None = child_text(default=None, kw_only=True)
    last: str | None = child_text(default=None, kw_only=True)
    email: str | None = child_text(default=None, kw_only=True)
    address: str | None = child_text(default=None, kw_only=True)
    city: str | None = child_text(default=None, kw_only=True)
    state: str | None = child_text(default=None, kw_only=True)
    zip: str | None = child_text(default=None, kw_only=True)
    phone: str | None = child_text(default=None, kw_only=True)
    url: str | None = child_text(default=None, kw_only=True)
    date: str | None = child_text(default=None, kw_only=True)
    misc: str | None = child_text(default=None, kw_only=True)
    text: str | None = child_text(default=None, kw_only=True)
    key: str | None = child_text(default=None, kw_only=True)
    """Obsolete: what the host gave is given back (section 7)."""
    remove: bool = flag(default=False, kw_only=True)
    """Of an applicant: give the registration up (section 3.2)."""
    form: Form | None = child(Form, default=None, kw_only=True)
    redirection: Element | None = raw("x", namespace=_OUT_OF_BAND, default=None, kw_only=True)
    """Where registration is done elsewhere (section 5): an address as in XEP-0066."""

    def __repr__(self) -> str:
        return f"Registration({', '.join(self.fields)})"

    @property
    def fields(self) -> tuple[str, ...]:
        """Which fields are there, asked for or given, in the order of the schema."""
        return tuple(one for one in FIELDS if getattr(self, one) is not None)

    @property
    def ways(self) -> tuple[Way, ...]:
        """What may be done with what a host asks, the preferred first (section 6); of one way only that."""
        found = []
        if self.form is not None and self.form.type is FormType.FORM:
            found.append(Way.FORM)
        if self.fields:
            found.append(Way.FIELDS)
        if self.redirection is not None or (self.instructions is not None and not self.fields):
            found.append(Way.REDIRECTION)
        return tuple(found)

    def answer(self, given: Mapping[str, str]) -> Registration:
        """Fill in the fields that are asked for (section 3.1); for a form there is `Form.answer`.

        Raises `LocalProtocolError` for a field that is not asked for, and for one that is and is not given.
        """
        asked = set(self.fields)
        if given.keys() != asked:
            wrong = min(given.keys() ^ asked)
            raise LocalProtocolError(f"a registration has exactly the fields that are asked for (XEP-0077): {wrong}")
        values: dict[str, Any] = dict(given)
        return Registration(key=self.key, **values)

    @property
    def new_password(self) -> str | None:
        """The password to change to; None for an empty one, which changes nothing (section 3.3)."""
        return self.password or None
