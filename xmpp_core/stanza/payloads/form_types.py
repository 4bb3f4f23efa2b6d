"""Field standardization for data forms: FORM_TYPE, which says whose names the names of the fields are.

XEP-0068, version 1.3.0, Active; sections 3 to 5.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from ..payload import Spec
from .forms import FieldType, Form, FormField, FormType, Given, written

__all__ = ["FORM_TYPE", "SPEC", "form_type", "is_extension", "typed_form"]

SPEC: Final = Spec(68, "1.3.0", "Active", "Field Standardization for Data Forms")
FORM_TYPE: Final = "FORM_TYPE"


def form_type(form: Form) -> str | None:
    """Give the FORM_TYPE, None if there is none that counts.

    In a form or result it counts when it is hidden (section 4.3), in a submission also without a type
    (section 5).
    """
    found = form.field(FORM_TYPE)
    if found is None:
        return None
    implied = found.type is None and form.type in (FormType.SUBMIT, FormType.CANCEL)
    return found.value if found.type is FieldType.HIDDEN or implied else None


def typed_form(
    namespace: str,
    given: Mapping[str, Given],
    type: FormType = FormType.SUBMIT,
    *,
    lines: Collection[str] = (),
) -> Form:
    """Make a form whose FORM_TYPE is `namespace`, its fields without types: a submission or a result of known fields.

    `lines` names the fields that are text-multi: each line of what is given is a value.
    """
    fields = [FormField(FORM_TYPE, FieldType.HIDDEN, (namespace,))]
    fields += [
        FormField(var, None, written(value, FieldType.TEXT_MULTI if var in lines else None))
        for var, value in given.items()
    ]
    return Form(type, fields=tuple(fields))


def is_extension(var: str) -> bool:
    """Whether a field is of somebody else than the FORM_TYPE is: its name is in Clark notation (section 3.4)."""
    return var.startswith("{") and "}" in var
