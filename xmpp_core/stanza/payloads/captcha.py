"""CAPTCHA forms: tasks for who sends, that a machine is to find hard.

XEP-0158, version 1.0.1, Draft; sections 3 and 4.
"""

from __future__ import annotations

from typing import Final

from ...errors import PayloadError
from ...jid import JID, JIDError
from ..payload import Spec, child, payload
from .form_types import FORM_TYPE
from .forms import FieldType, Form, FormField, FormType

__all__ = ["NAMESPACE", "SPEC", "Captcha"]

SPEC: Final = Spec(158, "1.0.1", "Draft", "CAPTCHA Forms")
NAMESPACE: Final = "urn:xmpp:captcha"
_HIDDEN: Final = frozenset({FORM_TYPE, "challenge", "from", "sid"})


@payload(NAMESPACE, "captcha")
class Captcha:
    """The tasks, in a message, or the answer, in an IQ (section 3.1)."""

    form: Form = child(Form)

    @property
    def challenge(self) -> str | None:
        """The id of the tasks: that of the message, repeated by the answer."""
        return self.form.value("challenge")

    @property
    def sid(self) -> str | None:
        """The id of the stanza that earned them, None if it had none."""
        return self.form.value("sid")

    @property
    def tasks(self) -> tuple[FormField, ...]:
        """The tasks, of which one may do (section 3.2); each perhaps with media (XEP-0221)."""
        hidden = (FieldType.HIDDEN, FieldType.FIXED)
        return tuple(one for one in self.form.fields if one.type not in hidden and one.var not in _HIDDEN)

    def genuine(self, sender: JID) -> bool:
        """Whether the tasks are from where a stanza was sent to (section 3.1.3); others are to be ignored.

        `sender` is who the message is from. That a stanza with the `sid` was sent there lately is for the caller
        to know: else somebody has his own tasks solved.
        """
        sent_to = self.form.value("from")
        if sent_to is None:
            return False
        try:
            claimed = JID(sent_to)
        except JIDError:
            return False
        return claimed.bare == sender.bare or str(sender) == claimed.domain

    def answer(self, given: dict[str, str]) -> Captcha:
        """Give the answer to some tasks, with what the form says to repeat.

        Raises `PayloadError` for tasks that the form does not have.
        """
        if not given.keys() <= {one.var for one in self.tasks}:
            raise PayloadError("captcha/x/field", "a task of the form (XEP-0158 section 3.1.3)", "not-acceptable")
        repeated = [FormField(one.var, None, one.values) for one in self.form.fields if one.var in _HIDDEN]
        repeated += [FormField(var, None, (value,)) for var, value in given.items()]
        return Captcha(Form(FormType.SUBMIT, fields=tuple(repeated)))
