"""Preparation of passwords and usernames before they are compared or hashed.

The order, on both sides: printable ASCII is what it is under every profile; then the OpaqueString
profile of PRECIS (RFC 8265 section 4.2); then, where PRECIS refuses the text, SASLprep (RFC 4013) as a
query string, which RFC 5802 and RFC 4616 name. Where both accept a password and disagree, a peer
may have stored either: `forms` gives both, PRECIS first, and the second is tried when the first fails.
"""

from __future__ import annotations

import contextlib

from ..errors import LocalProtocolError

__all__ = ["PreparationError", "forms", "prepare"]


class PreparationError(LocalProtocolError, ValueError):
    """The text cannot be a password or username: empty, or refused by PRECIS and SASLprep alike."""


def forms(text: str) -> tuple[str, ...]:
    """Give the one or two prepared forms of `text`, the one to try first at the front.

    Raises `PreparationError` if there is none. Its message never holds the text.
    """
    if not text:
        raise PreparationError("an empty text cannot be prepared (RFC 8265 section 4.2.2)")
    if text.isascii() and text.isprintable():
        return (text,)
    # Imported here: the tables of the text rules are of no use to the many who never leave ASCII.
    from ..strings.errors import StringError
    from ..strings.precis import opaque_string
    from ..strings.stringprep import saslprep

    found: list[str] = []
    with contextlib.suppress(StringError):
        found.append(opaque_string(text))
    with contextlib.suppress(StringError):
        found.append(saslprep(text, allow_unassigned=True))
    usable = tuple(form for form in dict.fromkeys(found) if form)
    if not usable:
        raise PreparationError("refused by PRECIS (RFC 8265 section 4.2) and SASLprep (RFC 4013)")
    return usable


def prepare(text: str) -> str:
    """Give the first of `forms(text)`."""
    if text.isascii() and text.isprintable() and text:
        return text  # what `forms` says of it, without the tuple
    return forms(text)[0]
