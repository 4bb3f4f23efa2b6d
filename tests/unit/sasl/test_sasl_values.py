"""What is made quickly is what a dataclass would have made."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
from typing import Any

import pytest

from xmpp_core.errors import LocalProtocolError
from xmpp_core.sasl import mechanism, scram_client, scram_server
from xmpp_core.sasl.credentials import ScramVerifier
from xmpp_core.sasl.values import quickly_made

QUICK: list[Any] = [
    mechanism.Authenticated,
    mechanism.CredentialsRequest,
    mechanism.Need,
    mechanism.Respond,
    mechanism.Verified,
    scram_client.FinalSent,
    scram_client.FirstSent,
    scram_server.Challenged,
    scram_server.LookingUp,
]


@pytest.mark.parametrize("cls", QUICK, ids=lambda one: one.__name__)
def test_the_quick_constructor_does_what_the_other_does(cls: Any) -> None:
    names = [one.name for one in dataclasses.fields(cls)]
    given = {name: f"a {name}" for name in names}
    quick, named, slow = cls(*given.values()), cls(**given), object.__new__(cls)
    cls.__init__.__wrapped__(slow, *given.values())
    assert quick == named == slow
    assert repr(quick) == repr(slow)
    assert hash(quick) == hash(slow)
    assert copy.deepcopy(quick) == dataclasses.replace(slow) == pickle.loads(pickle.dumps(quick)) == quick
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(quick, names[0], "another")
    assert list(inspect.signature(cls).parameters) == names


@pytest.mark.parametrize("cls", QUICK, ids=lambda one: one.__name__)
def test_what_may_be_left_out_may_be_left_out(cls: Any) -> None:
    fields = dataclasses.fields(cls)
    needed = [one for one in fields if one.default is dataclasses.MISSING]
    made = cls(*range(len(needed)))
    assert [getattr(made, one.name) for one in fields[len(needed) :]] == [one.default for one in fields[len(needed) :]]
    for wrong in (range(len(fields) + 1), range(len(needed) - 1) if needed else None):
        with pytest.raises(TypeError):
            cls(*wrong) if wrong is not None else cls(unknown=1)


def test_what_is_checked_at_the_end_still_is() -> None:
    with pytest.raises(LocalProtocolError):
        ScramVerifier("SHA-1", b"salt", 4096, b"short", bytes(20))
    assert ScramVerifier("SHA-1", b"salt", 4096, bytes(20), bytes(20)).iterations == 4096


def test_only_plain_positional_fields_are_taken() -> None:
    @dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
    class ByName:
        one: int

    @dataclasses.dataclass(frozen=True, slots=True)
    class Filled:
        one: list[int] = dataclasses.field(default_factory=list)

    @dataclasses.dataclass(frozen=True, slots=True)
    class Hidden:
        one: int = dataclasses.field(init=False, default=1)

    for cls in (ByName, Filled, Hidden):
        with pytest.raises(TypeError):
            quickly_made(cls)
