"""Service administration: the commands that an administrator can expect of a service.

XEP-0133, version 1.3.1, Active; section 4.
"""

from __future__ import annotations

from enum import Enum
from typing import Final

from ..payload import Spec
from .commands import Action, Command
from .form_types import typed_form
from .forms import Given

__all__ = ["NAMESPACE", "SPEC", "AdminCommand", "asked", "submitted"]

SPEC: Final = Spec(133, "1.3.1", "Active", "Service Administration")
NAMESPACE: Final = "http://jabber.org/protocol/admin"
"""The FORM_TYPE of their forms; the nodes begin with it."""


class AdminCommand(Enum):
    """The commands by the end of their node (section 4)."""

    ADD_USER = "add-user"
    DELETE_USER = "delete-user"
    DISABLE_USER = "disable-user"
    REENABLE_USER = "reenable-user"
    END_USER_SESSION = "end-user-session"
    CHANGE_USER_PASSWORD = "change-user-password"
    GET_USER_ROSTER = "get-user-roster"
    GET_USER_LASTLOGIN = "get-user-lastlogin"
    USER_STATS = "user-stats"
    EDIT_BLACKLIST = "edit-blacklist"
    ADD_TO_BLACKLIST_IN = "add-to-blacklist-in"
    """What comes alone, as the next is what goes alone (section 4.11)."""
    ADD_TO_BLACKLIST_OUT = "add-to-blacklist-out"
    EDIT_WHITELIST = "edit-whitelist"
    """As the examples call it; the text of section 4.12 has the next."""
    ADD_TO_WHITELIST = "add-to-whitelist"
    ADD_TO_WHITELIST_IN = "add-to-whitelist-in"
    ADD_TO_WHITELIST_OUT = "add-to-whitelist-out"
    GET_REGISTERED_USERS_NUM = "get-registered-users-num"
    GET_DISABLED_USERS_NUM = "get-disabled-users-num"
    GET_ONLINE_USERS_NUM = "get-online-users-num"
    GET_ACTIVE_USERS_NUM = "get-active-users-num"
    GET_IDLE_USERS_NUM = "get-idle-users-num"
    GET_REGISTERED_USERS_LIST = "get-registered-users-list"
    GET_DISABLED_USERS_LIST = "get-disabled-users-list"
    GET_ONLINE_USERS_LIST = "get-online-users-list"
    GET_ACTIVE_USERS = "get-active-users"
    GET_IDLE_USERS = "get-idle-users"
    ANNOUNCE = "announce"
    SET_MOTD = "set-motd"
    EDIT_MOTD = "edit-motd"
    DELETE_MOTD = "delete-motd"
    SET_WELCOME = "set-welcome"
    DELETE_WELCOME = "delete-welcome"
    EDIT_ADMIN = "edit-admin"
    RESTART = "restart"
    SHUTDOWN = "shutdown"

    @property
    def node(self) -> str:
        """The node of the command."""
        return f"{NAMESPACE}#{self.value}"

    @classmethod
    def of(cls, node: str) -> AdminCommand | None:
        """Give the command of a node, None if it is none of these."""
        start, hash, name = node.partition("#")
        return next((one for one in cls if start == NAMESPACE and hash and one.value == name), None)


def asked(command: AdminCommand) -> Command:
    """Give the first request of a command; the answer mostly has a form to fill in."""
    return Command(command.node)


def submitted(answer: Command, given: dict[str, Given], *, lines: tuple[str, ...] = ()) -> Command:
    """Give the next request, with the fields of its form by their names (section 4); `lines` names those of lines."""
    return answer.following(Action.EXECUTE, typed_form(NAMESPACE, given, lines=lines))
