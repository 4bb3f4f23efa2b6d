"""A small server: who is connected and where stanzas go, and where accounts are kept.

`Hub` is pure: commands in, effects out. The stores are not, and block.
"""

from __future__ import annotations

from .answers import Answer, Asked, Software
from .contacts import Contacts, NoContacts
from .effects import Close, Deliver, Effect, SessionId
from .hub import BindDecision, Conflict, Hub, HubConfig
from .sqlite_store import SqliteAccounts
from .store import Account, AccountExists, Accounts, MemoryAccounts, NoSuchAccount, StoreError, StoreTooNew

__all__ = [
    "Account",
    "AccountExists",
    "Accounts",
    "Answer",
    "Asked",
    "BindDecision",
    "Close",
    "Conflict",
    "Contacts",
    "Deliver",
    "Effect",
    "Hub",
    "HubConfig",
    "MemoryAccounts",
    "NoContacts",
    "NoSuchAccount",
    "SessionId",
    "Software",
    "SqliteAccounts",
    "StoreError",
    "StoreTooNew",
]
