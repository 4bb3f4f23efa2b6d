"""Data forms: questions with fields to fill in, the answers, and tables of results.

XEP-0004, version 2.13.2, Final; sections 3 and 4.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any, Final, TypeAlias

from ...errors import LocalProtocolError, PayloadError
from ...jid import JID
from ..payload import (
    ADDRESS,
    BOOL,
    BOOL_DIGIT,
    TEXT,
    Codec,
    Spec,
    attribute,
    child,
    child_text,
    child_texts,
    children,
    enum,
    flag,
    payload,
)
from .form_layout import Page
from .form_media import Media
from .form_validation import Validation

__all__ = [
    "NAMESPACE",
    "SPEC",
    "FieldType",
    "Form",
    "FormField",
    "FormItem",
    "FormOption",
    "FormType",
    "Given",
    "Reported",
    "written",
]

SPEC: Final = Spec(4, "2.13.2", "Final", "Data Forms")
NAMESPACE: Final = "jabber:x:data"

Given: TypeAlias = str | bool | int | JID | Iterable[str | JID]
"""What an application gives as the value of a field."""


class FormType(Enum):
    """What a form is in an exchange (section 3.1)."""

    FORM = "form"
    SUBMIT = "submit"
    CANCEL = "cancel"
    RESULT = "result"


class FieldType(Enum):
    """What a field holds (section 3.3)."""

    BOOLEAN = "boolean"
    FIXED = "fixed"
    HIDDEN = "hidden"
    JID_MULTI = "jid-multi"
    JID_SINGLE = "jid-single"
    LIST_MULTI = "list-multi"
    LIST_SINGLE = "list-single"
    TEXT_MULTI = "text-multi"
    TEXT_PRIVATE = "text-private"
    TEXT_SINGLE = "text-single"


_LISTS: Final = frozenset({FieldType.LIST_MULTI, FieldType.LIST_SINGLE})
_CODECS: Final[dict[FieldType, Codec[Any]]] = {
    FieldType.BOOLEAN: BOOL,
    FieldType.JID_SINGLE: ADDRESS,
    FieldType.JID_MULTI: ADDRESS,
}
_SEVERAL: Final = frozenset({FieldType.HIDDEN, FieldType.JID_MULTI, FieldType.LIST_MULTI, FieldType.TEXT_MULTI})


@payload(NAMESPACE, "option")
class FormOption:
    """One of the values a list offers (section 3.2)."""

    value: str = child_text()
    label: str | None = attribute(default=None)
    """For people."""


@payload(NAMESPACE, "field")
class FormField:
    """One field: a question, its answer, or a column (section 3.2).

    Types that are not known are read as `text-single` (section 3.3).
    """

    var: str | None = attribute(default=None)
    """The name; only a fixed text may have none."""
    type: FieldType | None = attribute(codec=enum(FieldType, unknown=FieldType.TEXT_SINGLE), default=None)
    """None: `text-single` in a form to be filled in, else what that form said."""
    label: str | None = attribute(default=None, kw_only=True)
    """The name for people."""
    desc: str | None = child_text(default=None, kw_only=True)
    required: bool = flag(default=False, kw_only=True)
    values: tuple[str, ...] = child_texts("value", default=())
    options: tuple[FormOption, ...] = children(FormOption, default=())
    validation: Validation | None = child(Validation, default=None, kw_only=True)
    """XEP-0122."""
    media: Media | None = child(Media, default=None, kw_only=True)
    """XEP-0221."""

    def validate(self) -> None:
        """Hold the field to what its type asks; text-single is what unknown types are read as, so it asks nothing."""
        if self.var is None and self.type is not FieldType.FIXED:
            raise PayloadError("@var", "a name for a field that is not fixed (XEP-0004 section 3.2)")
        if self.type is None or self.type is FieldType.TEXT_SINGLE:
            return
        if len(self.values) > 1 and self.type not in _SEVERAL:
            raise PayloadError("value", "one value at most in a field of this type (XEP-0004 section 3.2)")
        if self.options and self.type not in _LISTS:
            raise PayloadError("option", "options in a list alone (XEP-0004 section 3.2)")

    @property
    def value(self) -> str | None:
        """The first value, None if there is none."""
        return self.values[0] if self.values else None

    @property
    def text(self) -> str:
        """The values as lines of one text (section 3.3 on text-multi)."""
        return "\n".join(self.values)

    @property
    def truth(self) -> bool:
        """The value of a boolean field, False if there is none (section 3.3).

        Raises `PayloadError` for what is no boolean.
        """
        if not self.values:
            return False
        try:
            return BOOL.read(self.values[0])
        except ValueError:
            raise PayloadError("field/value", BOOL.rule, "not-acceptable") from None

    @property
    def addresses(self) -> tuple[JID, ...]:
        """The values as addresses, each once (section 3.3 on jid-multi).

        Raises `PayloadError` for what is no address.
        """
        try:
            return tuple(dict.fromkeys(ADDRESS.read(value) for value in self.values))
        except ValueError:
            raise PayloadError("field/value", ADDRESS.rule, "not-acceptable") from None

    def fault(self, values: tuple[str, ...]) -> str | None:
        """Say which rule of this field of a form these values break, None if none (section 3.3, XEP-0122)."""
        kind = self.type or FieldType.TEXT_SINGLE
        if self.required and not any(values):
            return "a value, as it is required (XEP-0004 section 3.2)"
        if len(values) > 1 and kind not in _SEVERAL:
            return "one value at most in a field of this type (XEP-0004 section 3.2)"
        values = tuple(value for value in values if value)  # empty and absent may mean the same (section 3.6)
        codec = _CODECS.get(kind, TEXT)
        try:
            for value in values:
                codec.read(value)
        except ValueError:
            return codec.rule
        rules = self.validation
        if kind in _LISTS and not (rules is not None and rules.allows_other_values()):
            offered = {option.value for option in self.options}
            if not offered.issuperset(values):
                return "what the list offers (XEP-0004 section 3.3)"
        if rules is None:
            return None
        if not all(map(rules.accepts, values)):
            return "the datatype and range of the field (XEP-0122 section 3)"
        bounds = rules.list_range if kind is FieldType.LIST_MULTI else None
        if bounds is not None and not (bounds.min or 0) <= len(values) <= (
            len(values) if bounds.max is None else bounds.max
        ):
            return "as many values as may be chosen (XEP-0122 section 3.3)"
        return None


@payload(NAMESPACE, "reported")
class Reported:
    """The head of a table of results (section 3.4)."""

    fields: tuple[FormField, ...] = children(FormField)


@payload(NAMESPACE, "item")
class FormItem:
    """A row of a table of results (section 3.4)."""

    fields: tuple[FormField, ...] = children(FormField)


@payload(NAMESPACE, "x")
class Form:
    """A form (section 3). What its fields are in a protocol is told by its FORM_TYPE: `form_types`."""

    type: FormType = attribute()
    title: str | None = child_text(default=None, kw_only=True)
    instructions: tuple[str, ...] = child_texts(default=(), kw_only=True)
    fields: tuple[FormField, ...] = children(FormField, default=(), kw_only=True)
    pages: tuple[Page, ...] = children(Page, default=(), kw_only=True)
    """XEP-0141."""
    reported: Reported | None = child(Reported, default=None, kw_only=True)
    items: tuple[FormItem, ...] = children(FormItem, default=(), kw_only=True)

    def field(self, var: str) -> FormField | None:
        """Give the field of this name."""
        return next((one for one in self.fields if one.var == var), None)

    def value(self, var: str) -> str | None:
        """Give the first value of a field; None without the field or a value."""
        found = self.field(var)
        return None if found is None else found.value

    def values(self, var: str) -> tuple[str, ...]:
        """Give all the values of a field."""
        found = self.field(var)
        return () if found is None else found.values

    def rows(self) -> list[dict[str, tuple[str, ...]]]:
        """Give the table of results: in each row the values by the name of the field (section 3.4)."""
        return [{one.var: one.values for one in item.fields if one.var is not None} for item in self.items]

    def cancelled(self) -> Form:
        """Give the answer that there will be none (section 3.1)."""
        return Form(FormType.CANCEL)

    def answer(self, given: Mapping[str, Given]) -> Form:
        """Fill in this form: the values given, the form's own for other fields, hidden ones as they are.

        Raises `LocalProtocolError` for a form that is no question, a field it does not have, and a value that its
        field does not take.
        """
        if self.type is not FormType.FORM:
            raise LocalProtocolError("only a form of type `form` is filled in (XEP-0004 section 3.1)")
        missing = given.keys() - {one.var for one in self.fields}
        if missing:
            raise LocalProtocolError(f"the form has no field {min(missing)}")
        filled = []
        for one in self.fields:
            if one.var is None or one.type is FieldType.FIXED:
                continue
            values = written(given[one.var], one.type) if one.var in given else one.values
            if one.type is FieldType.LIST_MULTI:  # their order is the form's (section 3.3)
                order = {option.value: place for place, option in enumerate(one.options)}
                values = tuple(sorted(values, key=lambda value: order.get(value, len(order))))
            fault = one.fault(values)
            if fault is not None:
                raise LocalProtocolError(f"the field {one.var} takes {fault}")
            if values or one.var in given:
                filled.append(FormField(one.var, one.type, values))
        return Form(FormType.SUBMIT, fields=tuple(filled))

    def faults(self, answer: Form) -> dict[str, str]:
        """Say of each field of an answer to this form which rule it breaks (section 4): `not-acceptable`.

        Fields that this form does not have are ignored (section 3.1); of those it has only what is
        required must be there (section 3.5).
        """
        found = {}
        for one in self.fields:
            if one.var is None or one.type is FieldType.FIXED:
                continue
            submitted = answer.field(one.var)
            if submitted is None and not one.required:
                continue
            fault = one.fault(() if submitted is None else submitted.values)
            if fault is not None:
                found[one.var] = fault
        return found


def written(given: Given, type: FieldType | None = None) -> tuple[str, ...]:
    """Give what an application says as the texts of a field; a text-multi is split at its lines (section 3.3)."""
    if isinstance(given, bool):
        return (BOOL_DIGIT.write(given),)
    if isinstance(given, str):
        return tuple(given.splitlines()) if type is FieldType.TEXT_MULTI else (given,)
    if isinstance(given, int | JID):
        return (str(given),)
    return tuple(map(str, given))
