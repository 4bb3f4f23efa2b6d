"""Service discovery extensions: what more an entity says of itself, in forms beside its features.

XEP-0128, version 1.0.1, Active; sections 2 and 3.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ..payload import Spec
from .disco import DiscoInfo
from .form_types import form_type, typed_form
from .forms import Form, FormType, Given

__all__ = ["SERVER_INFO", "SOFTWARE_INFO", "SPEC", "extended", "extension", "extensions"]

SPEC: Final = Spec(128, "1.0.1", "Active", "Service Discovery Extensions")
SERVER_INFO: Final = "http://jabber.org/network/serverinfo"
"""FORM_TYPE of what a server says of itself (section 3.1, XEP-0157)."""
SOFTWARE_INFO: Final = "urn:xmpp:dataforms:softwareinfo"
"""FORM_TYPE of what a client says of its software (XEP-0115 section 5.3)."""


def extensions(info: DiscoInfo) -> dict[str, Form]:
    """Give the forms by their FORM_TYPE; one without says nothing that is agreed on, and of several the first counts.

    Whether several may stand there is another matter: `caps.flaw` says so of what is to be kept.
    """
    found: dict[str, Form] = {}
    for one in info.forms:
        kind = form_type(one)
        if kind is not None and one.type is FormType.RESULT:
            found.setdefault(kind, one)
    return found


def extension(info: DiscoInfo, namespace: str) -> Form | None:
    """Give the form of this FORM_TYPE, None if there is none."""
    return extensions(info).get(namespace)


def extended(info: DiscoInfo, namespace: str, given: Mapping[str, Given]) -> DiscoInfo:
    """Give the answer with a form of this FORM_TYPE, in place of one it may have."""
    others = tuple(one for one in info.forms if form_type(one) != namespace)
    form = typed_form(namespace, given, FormType.RESULT)
    return DiscoInfo(info.node, info.identities, info.features, (*others, form))
