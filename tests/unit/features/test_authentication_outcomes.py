"""Client by server by channel by attacker: what comes of each is written down in `sasl_outcomes.txt`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from xmpp_core.features.exchange import Accepted, LoggedIn, Put, Say
from xmpp_core.features.login import Attempt, Login
from xmpp_core.features.reception import Reception
from xmpp_core.jid import JID
from xmpp_core.limits import Limits
from xmpp_core.sasl import ChoicePolicy, Failed, Password, Refusal, RefusalReason, StoredKeys, Strength
from xmpp_core.stream.context import Kind, Milestone, Side, StreamContext, TlsInfo
from xmpp_core.testing.entropy import CountedEntropy

DATA = Path(__file__).parents[2] / "data" / "sasl_outcomes.txt"
NAMES = {
    "full": ("SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "PLAIN"),
    "unbound": ("SCRAM-SHA-256", "PLAIN"),
    "plain": ("PLAIN",),
}
TYPES = {"E": "tls-server-end-point", "X": "tls-exporter", "U": "tls-unique"}
ENDS = ("-", "E", "XE", "UE")
VERSIONS = ("TLSv1.2", "TLSv1.3")
ATTACKERS = (
    "nobody",
    "relay",
    "stole",
    "no-plus",
    "no-types",
    "neither",
    "only-plain",
    "only-end",
    "invents",
    "adds",
    "tls",
)
JULIET = JID("juliet@example.com")
KEYS = StoredKeys.derive("pencil", ("SHA-256",), iterations=4096, salt=b"salt of juliet")


@dataclass(frozen=True)
class Row:
    client: str
    server: str
    ours: str
    theirs: str
    attacker: str
    signs: str
    outcome: str

    def fits(self, *given: str) -> bool:
        mine = (self.client, self.server, self.ours, self.theirs, self.attacker, self.signs)
        return all(
            one in ("*", other) or (one == "any" and other != "-") for one, other in zip(mine, given, strict=True)
        )


def rows() -> list[Row]:
    lines = (line.split() for line in DATA.read_text().splitlines())
    return [Row(*words) for words in lines if words and not words[0].startswith("#")]


def usable(types: str, version: str) -> str:
    """What RFC 9266 section 3 leaves of the types: `tls-unique` does not exist under TLS 1.3."""
    return types.replace("U", "") if version == "TLSv1.3" else types


@dataclass(frozen=True)
class Case:
    """One combination, and the two ends of it."""

    client: str
    server: str
    ours: str
    theirs: str
    version: str
    attacker: str
    signs: bool

    @property
    def versions(self) -> tuple[str, str]:
        other = VERSIONS[1 - VERSIONS.index(self.version)]
        return self.version, other if self.attacker == "tls" else self.version

    @property
    def row(self) -> tuple[str, ...]:
        """As the table has it."""
        here, there = usable(self.ours, self.versions[0]), usable(self.theirs, self.versions[1])
        server = "unbound" if self.server == "full" and there == "-" else self.server
        return self.client, server, here, there, self.attacker, "yes" if self.signs else "no"

    def context(self, side: Side) -> StreamContext:
        initiating = side is Side.INITIATING
        types = self.ours if initiating else self.theirs
        end = b"" if self.attacker == "nobody" else b"client" if initiating else b"server"
        data = {TYPES[one]: TYPES[one].encode() + end for one in types if one != "-"}
        if "E" in types and self.attacker != "relay":
            data[TYPES["E"]] = b"the server's certificate"
        version = self.versions[0 if initiating else 1]
        return StreamContext(
            side=side,
            kind=Kind.C2S,
            milestones=Milestone.SECURE,
            tls=TlsInfo(version=version, verified=True, channel_bindings=data, extended_master_secret=True),
            domain=JID("example.com"),
            local=JULIET if initiating else None,
            peer=None,
            header=None,
            peer_header=None,
            limits=Limits(),
            entropy=CountedEntropy(side.value),
            now=0.0,
        )

    def tampered(self, names: tuple[str, ...], types: tuple[str, ...] | None) -> Attempt:
        attacker = self.attacker
        if attacker in ("no-plus", "neither"):
            names = tuple(one for one in names if not one.endswith("-PLUS"))
        if attacker in ("no-types", "neither", "only-plain"):
            types = None
        if attacker == "only-plain":
            names = ("PLAIN",)
        if attacker == "only-end" and types is not None:
            types = (TYPES["E"],)
        if attacker == "invents":
            types = ("tls-invented",)
        if attacker == "adds" and types is None:
            names, types = ("SCRAM-SHA-256-PLUS", *names), (TYPES["E"],)
        return Attempt(names, types)

    def play(self, policy: ChoicePolicy | None = None) -> str | RefusalReason:
        here, there = self.context(Side.INITIATING), self.context(Side.RECEIVING)
        login = Login(
            account=JULIET,
            credentials=Password("pencil"),
            mechanisms=NAMES[self.client],
            policy=policy or ChoicePolicy(),
        )
        reception = Reception(mechanisms=NAMES[self.server], secret=bytes(16), downgrade_protection=self.signs)
        announced = reception.seen(there)
        attempt = login.choose(self.tampered(announced.offered, announced.binding_types), here)
        if isinstance(attempt, Refusal):
            return "client" if policy is None else attempt.reason
        name = login.mechanism(attempt).name
        said = login.start(attempt, here)
        assert isinstance(said, Say)
        header = said.data or b""
        heard = self.answered(reception, reception.begin(name, said.data, there), there)
        while isinstance(heard, Say):
            said = login.challenged(said.state, heard.data or b"", here)
            if isinstance(said, Failed):
                return "client"
            assert isinstance(said, Say)
            heard = self.answered(reception, reception.responded(heard.state, said.data or b"", there), there)
        if isinstance(heard, Failed):
            return "server"
        assert isinstance(heard, Accepted)
        ended = login.succeeded(said.state, heard.data, here)
        assert isinstance(ended, LoggedIn)
        assert (heard.jid, ended.jid) == (JULIET, JULIET)
        if name.endswith("-PLUS"):
            return next(letter for letter, type in TYPES.items() if header.startswith(f"p={type},".encode()))
        return "plain" if name == "PLAIN" else "unbound"

    def answered(self, reception: Reception, turn: Any, context: StreamContext) -> Any:
        while isinstance(turn, Put):
            turn = reception.answered(turn.state, KEYS, context)
        return turn


def cases() -> Iterator[Case]:
    return (Case(*one) for one in product(NAMES, NAMES, ENDS, ENDS, VERSIONS, ATTACKERS, (False, True)))


@pytest.mark.feature("SASL-07", "SASL-08", "SASL-10")
def test_every_combination_is_decided_by_one_row_and_no_row_is_idle() -> None:
    table, used = rows(), Counter[Row]()
    count = 0
    for case in cases():
        fitting = [row for row in table if row.fits(*case.row)]
        assert len(fitting) == 1, (case, fitting)
        used[fitting[0]] += 1
        count += 1
    assert count == 3 * 3 * 4 * 4 * 2 * 11 * 2
    assert [row for row in table if not used[row]] == []


@pytest.mark.heavy
@pytest.mark.feature("SASL-07", "SASL-09", "SASL-10")
@pytest.mark.parametrize("client", NAMES)
@pytest.mark.parametrize("server", NAMES)
def test_what_comes_of_it(client: str, server: str) -> None:
    table = rows()
    seen: dict[tuple[str, ...], str] = {}
    for case in cases():
        if (case.client, case.server) != (client, server):
            continue
        wanted = next(row.outcome for row in table if row.fits(*case.row))
        # Only what the table tells apart is played twice: the version counts by the types it leaves.
        key = (*case.row, case.version if case.attacker == "tls" else "")
        if key not in seen:
            seen[key] = str(case.play())
        assert seen[key] == wanted, case
    assert len(seen) > 100


@pytest.mark.feature("SASL-03", "MTI-02")
def test_what_was_reached_before_is_not_undercut() -> None:
    """The row of the table in which nobody else helps: the attacker leaves PLAIN alone."""
    case = Case("full", "full", "XE", "XE", "TLSv1.3", "only-plain", True)
    assert case.play() == "plain"
    assert case.play(ChoicePolicy(pinned=Strength.SCRAM_SHA_256)) is RefusalReason.DOWNGRADED
    assert case.play(ChoicePolicy(minimum=Strength.SCRAM_SHA_1)) is RefusalReason.TOO_WEAK
    for attacker in ("nobody", "neither", "no-types"):
        other = replace(case, attacker=attacker)
        pinned = other.play(ChoicePolicy(pinned=Strength.SCRAM_SHA_256_PLUS))
        assert pinned == ("X" if attacker == "nobody" else RefusalReason.DOWNGRADED), attacker
