"""Frozen values that are quick to make: an exchange of SCRAM with kept keys makes a dozen, and little else."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from typing import Any, TypeVar

__all__ = ["quickly_made"]

_Value = TypeVar("_Value")


def quickly_made(cls: type[_Value]) -> type[_Value]:
    """Give a frozen, slotted dataclass a constructor that does the same in about half the time.

    The one `dataclass` writes goes through `object.__setattr__`, which looks every field up by its name. This one
    calls what the slots themselves are filled with. For positional fields without a `default_factory`.
    """
    fields = dataclasses.fields(cls)  # type: ignore[arg-type]
    if not all(one.init and not one.kw_only and one.default_factory is dataclasses.MISSING for one in fields):
        raise TypeError("only for positional fields without a default_factory")
    given: Callable[..., None] = cls.__init__
    names = [one.name for one in fields]
    lines = [f"def __init__(self, {', '.join(names)}):"]
    lines += [f"    _set_{name}(self, {name})" for name in names]
    if hasattr(cls, "__post_init__"):
        lines.append("    self.__post_init__()")
    setters: dict[str, Any] = {f"_set_{name}": getattr(cls, name).__set__ for name in names}
    # Only names of fields are in this source; defaults, annotations and the signature are those of `given`.
    exec(compile("\n".join(lines), f"<quickly made {cls.__qualname__}>", "exec"), setters)
    made = functools.wraps(given)(setters["__init__"])
    made.__defaults__ = given.__defaults__  # type: ignore[attr-defined]
    type.__setattr__(cls, "__init__", made)
    return cls
