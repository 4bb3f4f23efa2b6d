"""SASL: mechanisms as pure functions over octets (RFC 4422). Knows no XML and no stream."""

from __future__ import annotations

from .catalogue import client_mechanisms, server_mechanisms
from .choice import ChoicePolicy, announced_types, choose, offer, select
from .conditions import SaslCondition
from .credentials import ClientKeys, Disabled, Keys, NoSuchUser, Password, ScramVerifier, StoredKeys, Unavailable
from .derivation import derive
from .mechanism import (
    Authenticated,
    AuthorizationRequest,
    ClientMechanism,
    CredentialsRequest,
    Failed,
    KeyDerivation,
    Need,
    Refusal,
    RefusalReason,
    Respond,
    SaslContext,
    ServerMechanism,
    Strength,
    Verified,
)
from .preparation import PreparationError

__all__ = [
    "Authenticated",
    "AuthorizationRequest",
    "ChoicePolicy",
    "ClientKeys",
    "ClientMechanism",
    "CredentialsRequest",
    "Disabled",
    "Failed",
    "KeyDerivation",
    "Keys",
    "Need",
    "NoSuchUser",
    "Password",
    "PreparationError",
    "Refusal",
    "RefusalReason",
    "Respond",
    "SaslCondition",
    "SaslContext",
    "ScramVerifier",
    "ServerMechanism",
    "StoredKeys",
    "Strength",
    "Unavailable",
    "Verified",
    "announced_types",
    "choose",
    "client_mechanisms",
    "derive",
    "offer",
    "select",
    "server_mechanisms",
]
