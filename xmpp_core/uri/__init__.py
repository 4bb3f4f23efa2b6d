"""URIs and IRIs that name XMPP addresses: `xmpp:` (RFC 5122), `im:` and `pres:` (RFC 3860, 3859)."""

from __future__ import annotations

from .actions import QUERY_TYPES, Action
from .errors import URIError
from .im_pres import CommonProfileURI
from .percent import iri_to_uri, uri_to_iri
from .query import Query
from .xmpp import XmppURI

__all__ = ["QUERY_TYPES", "Action", "CommonProfileURI", "Query", "URIError", "XmppURI", "iri_to_uri", "uri_to_iri"]
